// SPDX-License-Identifier: MIT
// How well each model completes open baskets, how large it is and how fast: fits every model on the
// training baskets of a case folder (make_cases.py basket ...), tunes it on the valid cases alone,
// and measures it on the test cases.
//
// The folder gives baskets in order of time without dates, so the number of a basket is its day
// here, and half-lives are shares of the training baskets.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/customer_baskets_trainer.hpp>
#include <bodega/collaborative/factors/als_trainer.hpp>
#include <bodega/collaborative/items/association_rules_trainer.hpp>
#include <bodega/collaborative/items/complements_trainer.hpp>
#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/collaborative/items/weighted_neighbours_trainer.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/collaborative/sums/basket_weights.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/metrics/tune.hpp>

#include "support/evaluate.hpp"
#include "support/grid.hpp"

namespace {

using namespace bodega;
using namespace bodega_benchmark;

constexpr std::size_t neighbours = 200;                          // of the neighbour models
const std::vector<double> penalties = {10, 30, 100, 300, 1000};  // of EASE, in baskets
constexpr std::size_t kept = 50;  // EASE weights an item, where no limit says how many

template <Scorer Items>
using WithPopularity = Blend<const Items&, const Popularity&>;

using Table = ItemItem<QuantizedCsrMatrix>;

class Program {
 public:
  Program(const Evaluation& evaluation, std::optional<std::size_t> max_bytes)
      : evaluation_(evaluation), baskets_(evaluation.baskets(Part::test)), max_bytes_(max_bytes) {
    for (std::size_t b = 0; b < baskets_.size(); ++b)
      lines_ += static_cast<double>(baskets_[b].size());
  }

  using Model = Row (Program::*)(std::string_view name);
  static std::vector<std::pair<std::string_view, Model>> models() {
    return {{"popularity", &Program::popularity},
            {"cosine200", &Program::cosine},
            {"bm25", &Program::bm25},
            {"rp3beta", &Program::rp3beta},
            {"ials64", &Program::ials},
            {"association-rules", &Program::association_rules},
            {"complements", &Program::complements},
            {"ease", &Program::ease},
            {"ease50int8", &Program::ease_int8<50>},
            {"ease20int8", &Program::ease_int8<20>},
            {"ease+popularity", &Program::ease_and_popularity},
            {"best", &Program::best},
            {"best+customer", &Program::best_and_customer}};
  }

 private:
  Row popularity(std::string_view name) {
    return evaluation_.measure(name, timed("", [&] { return popular(0); }));
  }

  Row cosine(std::string_view name) {
    return evaluation_.measure(name, timed("", [&] {
                                 return fit_item_neighbours(Cooccurrence(baskets_),
                                                            {.neighbours = neighbours});
                               }));
  }

  Row bm25(std::string_view name) {
    const auto fit = [&](const std::pair<double, double>& s) {
      return timed("k1 " + number(s.first) + ", b " + number(s.second), [&] {
        return fit_bm25_neighbours(baskets_,
                                   {.k1 = s.first, .b = s.second, .neighbours = neighbours});
      });
    };
    return measure_best(name, {{1.2, 0.75}, {1.2, 0.3}, {100, 0.8}}, fit);
  }

  Row rp3beta(std::string_view name) {
    const auto fit = [&](const std::pair<double, double>& s) {
      return timed("alpha " + number(s.first) + ", beta " + number(s.second), [&] {
        return fit_rp3beta(baskets_,
                           {.alpha = s.first, .beta = s.second, .neighbours = neighbours});
      });
    };
    return measure_best(name, {{0.8, 0.4}, {0.8, 0.2}, {1, 0.6}}, fit);
  }

  Row ials(std::string_view name) {
    const CsrMatrix<float> bought = basket_items(baskets_);
    std::vector<std::pair<double, double>> settings;
    for (const double penalty : {0.003, 0.01, 0.03, 0.1})
      for (const double unobserved : {0.03, 0.1, 0.3, 1.0})
        settings.emplace_back(penalty, unobserved);
    return measure_best(name, settings, [&](const std::pair<double, double>& s) {
      return timed("l2 " + number(s.first) + ", unobserved " + number(s.second), [&] {
        return fit_als(bought, {.factors = 64,
                                .loss = {.unobserved = s.second, .l2 = s.first},
                                .progress = show_progress()});
      });
    });
  }

  Row association_rules(std::string_view name) {
    return measure_best(
        name, {{0.01, 0.1}, {0.003, 0.1}, {0.001, 0.1}, {0.001, 0.02}, {0.0003, 0.02}},
        [&](const std::pair<double, double>& s) {
          FittedAssociationRules fitted;
          auto rules =
              timed("support " + number(s.first) + ", confidence " + number(s.second), [&] {
                fitted = fit_association_rules(
                    baskets_, {.itemsets = {.support = s.first}, .confidence = s.second});
                return quantize(fitted.model);
              });
          rules.settings += "; in the end support " + number(fitted.support) + ", " +
                            std::to_string(fitted.longest) + " items at most, " +
                            std::to_string(fitted.itemsets) + " itemsets, " +
                            std::to_string(fitted.rules) + " rules, " +
                            std::to_string(fitted.left_out) + " left out, " +
                            std::to_string(fitted.cut_baskets) + " baskets cut";
          return rules;
        });
  }

  Row complements(std::string_view name) {
    return measure_best<double>(name, {10, 100, 1000}, [&](double shrinkage) {
      return timed("shrinkage " + number(shrinkage), [&] {
        return quantize(fit_complements(Cooccurrence(baskets_), {.shrinkage = shrinkage}));
      });
    });
  }

  Row ease(std::string_view name) {
    return evaluation_.measure(name,
                               timed("l2 " + number(l2()), [&] { return plain_ease(l2(), 0); }));
  }

  template <std::size_t K>
  Row ease_int8(std::string_view name) {
    return evaluation_.measure(
        name, timed("l2 " + number(l2()), [&] { return quantize(plain_ease(l2(), K)); }));
  }

  Row ease_and_popularity(std::string_view name) {
    const auto sales = timed("", [&] { return popular(0); });
    const auto fit = [&](double penalty) {
      return timed("l2 " + number(penalty), [&] { return plain_ease(penalty, 0); });
    };
    std::map<double, std::pair<double, double>> share;  // of each penalty: the best and its NDCG
    const double penalty = best_of(penalties, [&](double of) {
      const auto items = fit(of);
      share[of].first = best_of<double>({0, 0.03, 0.1, 0.3, 1, 3}, [&](double beta) {
        const double ndcg = evaluation_.valid(with_popularity(items.scorer, sales.scorer, beta),
                                              items.settings + ", popularity " + number(beta));
        share[of].second = std::max(share[of].second, ndcg);
        return ndcg;
      });
      return share[of].second;
    });
    const double beta = share[penalty].first;
    const auto items = fit(penalty);
    return evaluation_.measure(name, Fitted<WithPopularity<ItemItem<>>>{
                                         with_popularity(items.scorer, sales.scorer, beta),
                                         items.settings + ", popularity " + number(beta),
                                         items.bytes + sales.bytes, items.seconds + sales.seconds});
  }

  Row best(std::string_view name) {
    const Best& parts = best_parts();
    return evaluation_.measure(name, blended(parts.items, parts.sales, parts.chosen.share));
  }

  // What is climbed on in `best`: the popularity, then the item-item table.
  enum { of_share, of_fashion, of_half_life, of_symmetry, of_l2, of_power, best_axes };
  using BestGrid = Grid<best_axes>;
  static const BestGrid& best_grid() {
    static const std::vector<double> half_lives = {0, 2, 1, 0.5, 0.25, 0.125, 0.0625, 0.03};
    static const BestGrid grid({{{0, 0.03, 0.1, 0.2, 0.3, 0.5, 1, 3, 10},
                                 half_lives,
                                 half_lives,
                                 {0, 0.125, 0.25, 0.375},
                                 {1, 3, 10, 30, 100, 300, 1000},
                                 {0, 0.25, 0.5, 0.75, 1}}});
    return grid;
  }

  // And beside it with the customer: how the baskets fade and are compared, what they weigh, and
  // how the table fades and what the popularity weighs then.
  enum { c_weight, c_power, c_scale, c_unlike, c_size, c_half_life, c_share, customer_axes };
  using CustomerGrid = Grid<customer_axes>;
  static const CustomerGrid& customer_grid() {
    static const CustomerGrid grid({{{0, 0.4, 0.7, 1, 1.3, 1.7, 2.5},
                                     {0.3, 0.5, 0.7, 1, 1.3, 1.6},
                                     {3, 10, 30, 100},
                                     {0.003, 0.01, 0.03, 0.1, 0.3, 1},
                                     {0, 0.25, 0.5, 0.75},
                                     {0, 1, 0.5, 0.25, 0.125, 0.0625},
                                     {0, 0.03, 0.1, 0.2, 0.3, 0.5}}});
    return grid;
  }

  /// What `best` is made of.
  struct Settings {
    double l2 = 0, half_life = 0, power = 0, symmetry = 0;  ///< of the item-item table
    std::size_t weights = kept;                             ///< of it for each item
    double share = 0, fashion = 0;                          ///< of the popularity
  };
  struct Best {
    Settings chosen;
    Fitted<Table> items;
    Fitted<Popularity> sales;
  };

  Fitted<Table> fit_items(const Baskets& baskets, const Settings& s) const {
    return timed("l2 " + number(s.l2) + ", half-life " + number(s.half_life) + ", size power " +
                     number(s.power) + ", symmetry " + number(s.symmetry) + ", " +
                     std::to_string(s.weights) + " weights an item",
                 [&] {
                   return quantize(weighted_ease(baskets, s.l2, s.half_life, s.power, s.weights,
                                                 EaseKeep::least_missed, s.symmetry));
                 });
  }
  Fitted<Popularity> fit_sales(const Baskets& baskets, const Settings& s) const {
    return timed("half-life " + number(s.fashion),
                 [&] { return Popularity(baskets, {.half_life_days = days(s.fashion)}); });
  }

  static Fitted<CustomerBaskets> fit_customer(const Baskets& baskets,
                                              const CustomerGrid::Point& at) {
    const auto value = [&](std::size_t axis) { return customer_grid().value(at, axis); };
    const CustomerBasketsOptions options{
        .forgetting = {.power = value(c_power), .scale = value(c_scale), .size = value(c_size)},
        .unlike = static_cast<float>(value(c_unlike))};
    return timed("customer's baskets " + number(value(c_weight)) + " of power " +
                     number(options.forgetting.power) + ", scale " +
                     number(options.forgetting.scale) + ", size " +
                     number(options.forgetting.size) + ", unlike " + number(double{options.unlike}),
                 [&] { return fit_customer_baskets(baskets, options); });
  }

  auto with_customer(const Fitted<Table>& items, const Fitted<Popularity>& sales,
                     const Fitted<CustomerBaskets>& own, const CustomerGrid::Point& at) const {
    auto anonymous = blended(items, sales, customer_grid().value(at, c_share));
    auto known =
        blend(std::move(anonymous.scorer), 1, own.scorer, customer_grid().value(at, c_weight));
    return Fitted<decltype(known)>{std::move(known), anonymous.settings + "; " + own.settings,
                                   anonymous.bytes + own.bytes, anonymous.seconds + own.seconds};
  }

  static Settings table_with_customer(const Best& best, const CustomerGrid::Point& at) {
    Settings settings = best.chosen;
    settings.half_life = customer_grid().value(at, c_half_life);
    return settings;
  }

  /// Climbs on the valid cases, with models as old as those of `best` are for its choice.
  CustomerGrid::Point chosen_with_customer(const Best& best) const {
    const Window older = windows(1).front();
    const auto sales = fit_sales(older.history, best.chosen);
    std::map<double, Fitted<Table>> items;  // by half-life
    GridSearch<customer_axes> search(customer_grid().sizes(), [&](const auto& at) {
      const Settings settings = table_with_customer(best, at);
      if (items.count(settings.half_life) == 0)
        items.emplace(settings.half_life, fit_items(older.history, settings));
      const auto model =
          with_customer(items.at(settings.half_life), sales, fit_customer(older.history, at), at);
      const double reached = evaluation_.quality(model.scorer, older.cases, older.popular);
      evaluation_.show(model.settings, reached);
      return reached;
    });
    return search.climb({4, 3, 1, 2, 1, 3, 2});
  }

  /// The same, and what the customer bought in baskets like the open one. For cases that tell who
  /// is asking.
  Row best_and_customer(std::string_view name) {
    const Best& best = best_parts();
    const CustomerGrid::Point top = chosen_with_customer(best);
    const auto items = fit_items(baskets_, table_with_customer(best, top));
    const auto own = fit_customer(baskets_, top);
    return evaluation_.measure(name, with_customer(items, best.sales, own, top));
  }

  Fitted<WithPopularity<Table>> blended(const Fitted<Table>& items, const Fitted<Popularity>& sales,
                                        double share) const {
    return {with_popularity(items.scorer, sales.scorer, share),
            items.settings + "; popularity " + number(share) + " of " + sales.settings,
            items.bytes + (share > 0 ? sales.bytes : 0), items.seconds + sales.seconds};
  }

  /// Baskets to learn from, questions from baskets that come as long after them as those of the
  /// test come after all training baskets, and what sold best until then.
  struct Window {
    Baskets history;
    std::vector<Case> cases;
    Popularity popular;
  };

  /// The test cases are as old again as the valid ones beyond what is learnt from, and habits
  /// change meanwhile. So settings are chosen with models that learn without the newest eighth of
  /// the training baskets. Where the valid baskets are few, the eighth itself is asked for with
  /// models that learn without it and the one before it, and so on back, up to `most` windows.
  std::vector<Window> windows(std::size_t most) const {
    constexpr std::size_t enough = 5'000;  // baskets: their cases are not independent
    std::vector<Window> result;
    std::size_t asked = 0;
    for (std::size_t back = 1; back <= most && asked < enough; ++back) {
      Baskets history(baskets_.items());
      for (std::size_t b = 0; b < baskets_.size() * (8 - back) / 8; ++b)
        history.add(baskets_.when(b), baskets_.customer(b), baskets_[b]);
      std::vector<Case> cases = back == 1 ? evaluation_.cases().valid
                                          : hidden_in(baskets_.size() * (9 - back) / 8,
                                                      baskets_.size() * (10 - back) / 8);
      for (std::size_t i = 0; i < cases.size(); ++i)
        asked += i == 0 || cases[i].group() != cases[i - 1].group() ? 1 : 0;
      Popularity popular(history, {.half_life_days = 0});
      result.push_back({std::move(history), std::move(cases), std::move(popular)});
    }
    return result;
  }

  /// Each item of each training basket from `begin` to `end` hidden in turn, as the protocol hides
  /// those of the valid baskets.
  std::vector<Case> hidden_in(std::size_t begin, std::size_t end) const {
    constexpr std::size_t longest = 30;
    std::vector<Case> cases;
    for (std::size_t b = begin; b < end; ++b) {
      const auto items = baskets_[b].first(std::min(baskets_[b].size(), longest));
      for (std::size_t hidden = 0; items.size() > 1 && hidden < items.size(); ++hidden) {
        Case one;
        one.id = std::to_string(b) + "." + std::to_string(hidden);
        one.customer = baskets_.customer(b);
        one.query.assign(items.begin(), items.end());
        one.query.erase(one.query.begin() + static_cast<std::ptrdiff_t>(hidden));
        one.target = {items[hidden]};
        cases.push_back(std::move(one));
      }
    }
    return cases;
  }

  /// EASE on sums that fade and in which large baskets are damped, plus what sells these days. As
  /// many weights an item are kept as the limit of bytes allows. Chosen once.
  const Best& best_parts() {
    if (best_) return *best_;
    const BestGrid::Point recent{4, 6, 4, 1, 4, 1};
    const std::size_t weights = weights_within_limit(settings_at(recent, kept));
    const BestGrid::Point top = chosen_for_best(recent, weights);
    const Settings chosen = settings_at(top, weights_within_limit(settings_at(top, weights)));
    auto items = fit_items(baskets_, chosen);
    return best_.emplace(Best{chosen, std::move(items), fit_sales(baskets_, chosen)});
  }

  /// Climbs on the windows from `recent` and from the best of a coarse grid far from it.
  BestGrid::Point chosen_for_best(const BestGrid::Point& recent, std::size_t weights) const {
    const std::vector<Window> asked = windows(4);
    std::vector<WindowParts> parts(asked.size());
    GridSearch<best_axes> search(best_grid().sizes(), [&](const auto& at) {
      const Settings settings = settings_at(at, weights);
      for (std::size_t w = 0; w < asked.size(); ++w)
        fit_what_changed(parts[w], asked[w].history, at, settings);
      return reached(asked, [&](std::size_t w) {
        return blended(*parts[w].items, *parts[w].sales, settings.share);
      });
    });
    const BestGrid::Point from_recent = search.climb(recent);
    return search.best_of({from_recent, search.climb(search.best_of(coarse_starts()))});
  }

  /// Far apart in what depends on each other most: the penalty and the popularity's share.
  static std::vector<BestGrid::Point> coarse_starts() {
    std::vector<BestGrid::Point> starts;
    for (const std::size_t l2 : {2u, 4u, 6u})
      for (std::size_t share = 0; share < best_grid().values(of_share).size(); share += 2)
        starts.push_back({share, 0, 0, 1, l2, 1});
    starts.push_back({2, 0, 0, 1, 3, 1});
    return starts;
  }

  static Settings settings_at(const BestGrid::Point& at, std::size_t weights) {
    const auto value = [&](std::size_t axis) { return best_grid().value(at, axis); };
    return {.l2 = value(of_l2),
            .half_life = value(of_half_life),
            .power = value(of_power),
            .symmetry = value(of_symmetry),
            .weights = weights,
            .share = value(of_share),
            .fashion = value(of_fashion)};
  }

  /// Of a window: the parts fitted last, and where on the grid.
  struct WindowParts {
    std::optional<Fitted<Table>> items;
    std::optional<Fitted<Popularity>> sales;
    BestGrid::Point at{};
  };

  void fit_what_changed(WindowParts& parts, const Baskets& history, const BestGrid::Point& at,
                        const Settings& settings) const {
    const auto changed = [&](std::initializer_list<std::size_t> axes) {
      return std::any_of(axes.begin(), axes.end(),
                         [&](std::size_t axis) { return parts.at[axis] != at[axis]; });
    };
    if (!parts.items || changed({of_half_life, of_symmetry, of_l2, of_power}))
      parts.items.emplace(fit_items(history, settings));
    if (!parts.sales || changed({of_fashion})) parts.sales.emplace(fit_sales(history, settings));
    parts.at = at;
  }

  /// The mean of the objective over all windows, with a model for each.
  template <class Model>
  double reached(const std::vector<Window>& asked, Model&& model) const {
    double sum = 0;
    std::string text;
    for (std::size_t w = 0; w < asked.size(); ++w) {
      const auto fitted = model(w);
      sum += evaluation_.quality(fitted.scorer, asked[w].cases, asked[w].popular);
      text = fitted.settings;
    }
    const double mean = sum / static_cast<double>(asked.size());
    evaluation_.show(text, mean);
    return mean;
  }

  /// The largest number of weights an item of a table that keeps the limit together with a
  /// popularity, by what the file of such a table takes.
  std::size_t weights_within_limit(Settings settings) const {
    if (!max_bytes_) return settings.weights;
    const std::size_t sales = settings.share > 0 ? fit_sales(baskets_, settings).bytes : 0;
    const std::size_t limit = *max_bytes_ - std::min(*max_bytes_, sales);
    std::size_t fits = 0, beyond = std::max<std::size_t>(baskets_.items(), 2);
    for (settings.weights = std::clamp<std::size_t>(settings.weights, 1, beyond - 1);
         fits + 1 < beyond;) {
      const std::size_t bytes = fit_items(baskets_, settings).bytes;
      (bytes <= limit ? fits : beyond) = settings.weights;
      if (fits + 1 >= beyond) break;
      // Bytes grow a little slower than weights, so this comes close from either side.
      settings.weights = std::clamp(settings.weights * limit / std::max<std::size_t>(bytes, 1),
                                    fits + 1, beyond - 1);
    }
    if (fits == 0)
      throw Error(ErrorCode::out_of_range, "--max-bytes", "room for a weight an item",
                  std::to_string(*max_bytes_));
    return fits;
  }

  /// Fits at every setting, measures the one that does best on the valid cases.
  template <class Setting = std::pair<double, double>, class Fit>
  Row measure_best(std::string_view name, const std::vector<Setting>& settings, const Fit& fit) {
    const Setting chosen = best_of(settings, [&](const Setting& setting) {
      const auto model = fit(setting);
      return evaluation_.valid(model.scorer, model.settings);
    });
    return evaluation_.measure(name, fit(chosen));
  }

  Popularity popular(double half_life) const {
    return Popularity(baskets_, {.half_life_days = days(half_life)});
  }

  ItemItem<> plain_ease(double penalty, std::size_t weights) const {
    return weighted_ease(baskets_, penalty, 0, 0, weights, EaseKeep::strongest, 0);
  }

  /// The penalty is relative to the sums, which shrink when baskets are damped.
  ItemItem<> weighted_ease(const Baskets& baskets, double penalty, double half_life, double power,
                           std::size_t weights, EaseKeep keep, double symmetry) const {
    const Cooccurrence counts(baskets, {.half_life_days = days(half_life),
                                        .max_basket = std::max<std::size_t>(baskets.items(), 2),
                                        .weights = inverse_size_weights(baskets, power)});
    double sum = 0, lines = 0;
    for (std::uint32_t i = 0; i < counts.items(); ++i) sum += counts.count(ItemIndex(i));
    for (std::size_t b = 0; b < baskets.size(); ++b)
      lines += static_cast<double>(baskets[b].size());
    return fit_ease(counts, {.l2 = penalty * sum / std::max(lines, 1.0),
                             .neighbours = weights,
                             .keep = keep,
                             .symmetry = symmetry,
                             .single_precision = true,
                             .progress = show_progress()});
  }

  /// `share` of the chance that a basket holds the item, on top of what its items say.
  template <Scorer Items>
  WithPopularity<Items> with_popularity(const Items& items, const Popularity& sales,
                                        double share) const {
    return blend(items, 1.0f, sales, share * lines_ / static_cast<double>(baskets_.size()));
  }

  /// The penalty of plain EASE, chosen once for all models that use it.
  double l2() {
    if (!l2_)
      l2_ = best_of(penalties, [&](double penalty) {
        return evaluation_.valid(plain_ease(penalty, 0), "l2 " + number(penalty));
      });
    return *l2_;
  }

  /// A half-life in days (baskets) from one in shares of the training baskets.
  double days(double share) const noexcept {
    return share * static_cast<double>(evaluation_.cases().train.size());
  }

  const Evaluation& evaluation_;
  const Baskets baskets_;  // the protocol learns from the same ones for both parts
  double lines_ = 0;
  std::optional<std::size_t> max_bytes_;
  std::optional<double> l2_;
  std::optional<Best> best_;
};

}  // namespace

int main(int argc, char** argv) {
  return bodega_benchmark::evaluate<Program>(argc, argv,
                                             "How well models complete open baskets: fits and "
                                             "tunes them on the valid cases, measures the test.",
                                             "basket", {"NDCG@10"});
}
