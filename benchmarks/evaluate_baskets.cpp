// SPDX-License-Identifier: MIT
// How well each model completes open baskets, how large it is and how fast: fits every model on the
// training baskets of a case folder (make_cases.py basket ...), tunes it on the valid cases alone,
// and measures it on the test cases.
//
//   evaluate_baskets --cases FOLDER [--models LIST] [--out FOLDER] [--max-bytes N] [--json FILE]
//
// The folder gives baskets in order of time without dates, so the number of a basket is its day
// here, and half-lives are shares of the training baskets.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/collaborative/basket_weights.hpp>
#include <bodega/collaborative/cooccurrence.hpp>
#include <bodega/collaborative/ease_trainer.hpp>
#include <bodega/collaborative/item_neighbours.hpp>
#include <bodega/collaborative/popularity.hpp>
#include <bodega/collaborative/repeat_purchase.hpp>
#include <bodega/collaborative/weighted_neighbours.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/hybrid/blend.hpp>

#include "evaluation.hpp"

namespace {

using namespace bodega;
using namespace bodega_benchmark;

constexpr std::size_t neighbours = 200;   // of the neighbour models
const std::vector<double> penalties = {10, 30, 100, 300, 1000};  // of EASE, in baskets
constexpr std::size_t weight_bytes = 3;   // of an INT8 weight and its column
constexpr std::size_t kept = 50;          // EASE weights an item, where no limit asks for fewer

template <Scorer Items>
using WithPopularity = Blend<const Items&, const Popularity&>;

class Program {
 public:
  Program(const Evaluation& evaluation, std::optional<std::size_t> max_bytes)
      : evaluation_(evaluation), baskets_(evaluation.baskets(Part::test)), max_bytes_(max_bytes) {
    for (std::size_t b = 0; b < baskets_.size(); ++b)
      lines_ += static_cast<double>(baskets_[b].size());
  }

  using Model = Row (Program::*)(std::string_view name);
  static std::vector<std::pair<std::string_view, Model>> models() {
    return {
        {"popularity", &Program::popularity},
        {"cosine200", &Program::cosine},
        {"bm25", &Program::bm25},
        {"rp3beta", &Program::rp3beta},
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
      return fit_item_neighbours(Cooccurrence(baskets_), {.neighbours = neighbours});
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

  Row ease(std::string_view name) {
    return evaluation_.measure(
        name, timed("l2 " + number(l2()), [&] { return plain_ease(l2(), 0); }));
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
    return evaluation_.measure(
        name, Fitted<WithPopularity<ItemItem<>>>{
                  with_popularity(items.scorer, sales.scorer, beta),
                  items.settings + ", popularity " + number(beta), items.bytes + sales.bytes,
                  items.seconds + sales.seconds});
  }

  Row best(std::string_view name) {
    const Best& parts = best_parts();
    return evaluation_.measure(name, blended(parts.items, parts.sales, parts.share));
  }

  /// The same, and what the customer buys again: how the customer's history and the item-item
  /// table fade and what the history weighs climbs on the valid cases. The test cases are as old
  /// again as the valid ones beyond what is learnt from, and habits change: so for the choice the
  /// models learn without the newest eighth of the training baskets, and from all of them for the
  /// test. For cases that tell who is asking.
  Row best_and_customer(std::string_view name) {
    static const std::vector<double> weight = {0, 0.2, 0.4, 0.7, 1, 1.5, 2.5};
    static const std::vector<double> power = {0.3, 0.5, 0.7, 1, 1.3, 1.6};
    static const std::vector<double> scale = {3, 10, 30, 100, 300};
    static const std::vector<double> prior = {0, 0.01, 0.1, 0.3, 1};
    static const std::vector<double> size = {0, 0.25, 0.5, 0.75, 1};
    static const std::vector<double> half_life = {0, 1, 0.5, 0.25, 0.125, 0.0625};
    using Point = std::array<std::size_t, 6>;
    enum { of_weight, of_power, of_scale, of_prior, of_size, of_half_life };
    const Best& chosen = best_parts();
    const auto fit = [&](const Baskets& baskets, const Point& at) {
      const Forgetting forgetting{.power = power[at[of_power]],
                                  .scale = scale[at[of_scale]],
                                  .size = size[at[of_size]]};
      return timed("customer " + number(weight[at[of_weight]]) + " of power " +
                       number(forgetting.power) + ", scale " + number(forgetting.scale) +
                       ", prior " + number(prior[at[of_prior]]) + ", size " +
                       number(forgetting.size),
                   [&] {
                     return quantize(fit_repeat_purchase(
                         baskets, {.forgetting = forgetting, .prior = prior[at[of_prior]]}));
                   });
    };
    const auto with = [&](const auto& items, const auto& sales, const auto& own, const Point& at) {
      const auto anonymous = blended(items, sales, chosen.share);
      auto known = blend(anonymous.scorer, 1, own.scorer, weight[at[of_weight]]);
      return Fitted<decltype(known)>{std::move(known), anonymous.settings + "; " + own.settings,
                                     anonymous.bytes + own.bytes, anonymous.seconds + own.seconds};
    };
    Baskets older(baskets_.items());
    for (std::size_t b = 0; b < baskets_.size() * 7 / 8; ++b)
      older.add(baskets_.when(b), baskets_.customer(b), baskets_[b]);
    const Fitted<Popularity> older_sales = fit_sales(older, chosen);
    std::map<double, Fitted<ItemItem<QuantizedCsrMatrix>>> older_items;  // by half-life
    std::map<Point, double> ndcg;
    const Point top = climb(
        Point{4, 3, 1, 0, 0, 4},
        Point{weight.size(), power.size(), scale.size(), prior.size(), size.size(),
              half_life.size()},
        [&](const Point& at) {
          if (const auto found = ndcg.find(at); found != ndcg.end()) return found->second;
          const double fades = half_life[at[of_half_life]];
          if (older_items.count(fades) == 0)
            older_items.emplace(fades, fit_items(older, chosen, fades));
          const auto own = fit(older, at);
          const auto model = with(older_items.at(fades), older_sales, own, at);
          return ndcg[at] = evaluation_.valid(model.scorer, model.settings);
        });
    const auto items = fit_items(baskets_, chosen, half_life[top[of_half_life]]);
    const auto own = fit(baskets_, top);
    return evaluation_.measure(name, with(items, chosen.sales, own, top));
  }

  /// The parts of `best`.
  struct Best {
    double l2, half_life, power, symmetry, share, fashion;
    std::size_t weights;
    Fitted<ItemItem<QuantizedCsrMatrix>> items;
    Fitted<Popularity> sales;
  };

  Fitted<ItemItem<QuantizedCsrMatrix>> fit_items(const Baskets& baskets, const Best& best,
                                                 double half_life) const {
    return timed("l2 " + number(best.l2) + ", half-life " + number(half_life) + ", size power " +
                     number(best.power) + ", symmetry " + number(best.symmetry) + ", " +
                     std::to_string(best.weights) + " weights an item",
                 [&] {
                   return quantize(weighted_ease(baskets, best.l2, half_life, best.power,
                                                 best.weights, EaseKeep::least_missed,
                                                 best.symmetry));
                 });
  }
  Fitted<Popularity> fit_sales(const Baskets& baskets, const Best& best) const {
    return timed("half-life " + number(best.fashion),
                 [&] { return Popularity(baskets, {.half_life_days = days(best.fashion)}); });
  }

  Fitted<WithPopularity<ItemItem<QuantizedCsrMatrix>>> blended(
      const Fitted<ItemItem<QuantizedCsrMatrix>>& items, const Fitted<Popularity>& sales,
      double share) const {
    return {with_popularity(items.scorer, sales.scorer, share),
            items.settings + "; popularity " + number(share) + " of " + sales.settings,
            items.bytes + (share > 0 ? sales.bytes : 0), items.seconds + sales.seconds};
  }

  /// EASE in INT8 on sums that fade and in which large baskets are damped, plus what sells these
  /// days: every setting climbs on the valid cases, and as many weights an item are kept as the
  /// limit of bytes allows. Chosen once.
  const Best& best_parts() {
    if (best_) return *best_;
    static const std::vector<double> half_life = {0, 2, 1, 0.5, 0.25, 0.125, 0.0625, 0.03};
    static const std::vector<double> power = {0, 0.25, 0.5, 0.75, 1};
    static const std::vector<double> l2 = {1, 3, 10, 30, 100, 300, 1000};
    static const std::vector<double> share = {0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10};
    static const std::vector<double> symmetry = {0, 0.125, 0.25, 0.375};
    using Point = std::array<std::size_t, 6>;
    enum { of_share, of_fashion, of_half_life, of_symmetry, of_l2, of_power };

    Best best{};
    best.weights = weights_within_limit();
    std::array<std::size_t, 4> fitted_at{};
    std::optional<Fitted<ItemItem<QuantizedCsrMatrix>>> items;
    std::optional<std::size_t> fashion;
    std::optional<Fitted<Popularity>> sales;
    const auto at_point = [&](const Point& at) {
      const std::array<std::size_t, 4> fit_at{at[of_half_life], at[of_symmetry], at[of_l2],
                                              at[of_power]};
      if (!items || fitted_at != fit_at) {
        fitted_at = fit_at;
        best.l2 = l2[at[of_l2]];
        best.half_life = half_life[at[of_half_life]];
        best.power = power[at[of_power]];
        best.symmetry = symmetry[at[of_symmetry]];
        items.emplace(fit_items(baskets_, best, best.half_life));
      }
      if (fashion != at[of_fashion]) {
        fashion = at[of_fashion];
        best.fashion = half_life[*fashion];
        sales.emplace(fit_sales(baskets_, best));
      }
      return blended(*items, *sales, share[at[of_share]]);
    };
    std::map<Point, double> known;
    const auto ndcg = [&](const Point& at) {
      if (const auto found = known.find(at); found != known.end()) return found->second;
      const auto model = at_point(at);
      return known[at] = evaluation_.valid(model.scorer, model.settings);
    };
    std::vector<Point> starts;  // far apart in what depends on each other most
    for (const std::size_t at_l2 : {2, 4, 6})
      for (std::size_t at_share = 0; at_share < share.size(); at_share += 2)
        starts.push_back({at_share, 0, 0, 1, at_l2, 1});
    const Point sizes{share.size(),    half_life.size(), half_life.size(),
                      symmetry.size(), l2.size(),        power.size()};
    const Point top = best_of<Point>({climb({2, 0, 0, 1, 3, 1}, sizes, ndcg),
                                      climb(best_of(starts, ndcg), sizes, ndcg)}, ndcg);
    for (bool more = true; more && max_bytes_;) {  // the estimate is a careful one
      const std::size_t room = *max_bytes_ - std::min(*max_bytes_, at_point(top).bytes);
      const std::size_t fit = room / (weight_bytes * baskets_.items());
      more = fit > 0 && best.weights + fit < baskets_.items();
      if (more) {
        best.weights += fit;
        items.reset();
      }
    }
    at_point(top);
    best.share = share[top[of_share]];
    best.items = std::move(*items);
    best.sales = std::move(*sales);
    return best_.emplace(std::move(best));
  }

  /// How many INT8 weights an item fit the limit together with a popularity: found on a table of
  /// that shape.
  std::size_t weights_within_limit() const {
    const std::size_t items = baskets_.items();
    if (!max_bytes_) return kept;
    const std::size_t sales = size_report(popular(1)).bytes;
    const auto bytes = [&](std::size_t weights) {
      StrongestRows rows(items, 0);
      for (std::size_t i = 0; i < items; ++i) {
        for (std::size_t j = i == 0 ? 0 : items - weights; j < items; ++j)  // one row is long
          rows.offer(static_cast<std::uint32_t>(j), static_cast<float>(1 + j % 100));
        rows.end_row();
      }
      return sales + size_report(quantize(ItemItem<>(rows.take()))).bytes;
    };
    std::size_t fits = 0, beyond = std::max<std::size_t>(items, 1);
    while (fits + 1 < beyond) {
      const std::size_t middle = (fits + beyond) / 2;
      (bytes(middle) <= *max_bytes_ ? fits : beyond) = middle;
    }
    if (fits == 0)
      throw Error(ErrorCode::out_of_range, "--max-bytes",
                  "room for a weight an item: " + std::to_string(bytes(1)),
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
    const Cooccurrence counts(baskets,
                              {.half_life_days = days(half_life),
                               .max_basket = std::max<std::size_t>(baskets.items(), 2)},
                              {}, inverse_size_weights(baskets, power));
    double sum = 0, lines = 0;
    for (std::uint32_t i = 0; i < counts.items(); ++i) sum += counts.count(ItemIndex(i));
    for (std::size_t b = 0; b < baskets.size(); ++b) lines += static_cast<double>(baskets[b].size());
    return fit_ease(counts, {.l2 = penalty * sum / std::max(lines, 1.0),
                             .neighbours = weights,
                             .keep = keep,
                             .symmetry = symmetry,
                             .single_precision = true});
  }

  /// `share` of the chance that a basket holds the item, on top of what its items say.
  template <Scorer Items>
  WithPopularity<Items> with_popularity(const Items& items, const Popularity& sales,
                                        double share) const {
    return blend(items, 1.0f, sales,
                 share * lines_ / static_cast<double>(baskets_.size()));
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
  return bodega_benchmark::evaluate<Program>(argc, argv, "evaluate_baskets", "basket", {"NDCG@10"});
}
