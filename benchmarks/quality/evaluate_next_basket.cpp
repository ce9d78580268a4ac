// SPDX-License-Identifier: MIT
// How well each model foresees a known customer's next basket, how large it is and how fast: fits
// every model on the histories of a case folder (make_cases.py next ...), tunes it on the valid
// cases alone, and measures it on the test cases.
//
// The folder gives each customer's baskets in order without dates. Here the last one of every
// customer is of the same day and the others of the days before it.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/customer_items.hpp>
#include <bodega/collaborative/customers/customer_neighbours_trainer.hpp>
#include <bodega/collaborative/customers/forgetting.hpp>
#include <bodega/collaborative/customers/forgetting_weights.hpp>
#include <bodega/collaborative/customers/purchase_cycle_trainer.hpp>
#include <bodega/collaborative/customers/repeat_purchase.hpp>
#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/collaborative/customers/tifu_vectors.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/evaluate/next_basket.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/blend_trainer.hpp>
#include <bodega/metrics/tune.hpp>

#include "support/evaluate.hpp"
#include "support/grid.hpp"

namespace {

using namespace bodega;
using namespace bodega_benchmark;

/// Each customer's baskets on the days up to one day that all have in common.
Baskets dated_from_the_end(const Baskets& baskets) {
  std::vector<std::int32_t> left(baskets.customers(), 0);
  const auto of = [&](std::size_t b) -> std::int32_t& { return left[baskets.customer(b).value()]; };
  for (std::size_t b = 0; b < baskets.size(); ++b) ++of(b);
  const std::int32_t most = left.empty() ? 0 : *std::max_element(left.begin(), left.end());
  Baskets dated(baskets.items());
  for (std::size_t b = 0; b < baskets.size(); ++b)
    dated.add(Day(most - --of(b)), baskets.customer(b), baskets[b]);
  return dated;
}

/// The two in a blend that owns them.
template <Scorer A, Scorer B>
auto both(const Fitted<A>& a, double a_weight, const Fitted<B>& b, double b_weight) {
  auto blended = blend(A(a.scorer), a_weight, B(b.scorer), b_weight);
  return Fitted<decltype(blended)>{std::move(blended), a.settings + "; " + b.settings,
                                   a.bytes + (b_weight > 0 ? b.bytes : 0), a.seconds + b.seconds};
}

class Program {
 public:
  Program(const Evaluation& evaluation, std::optional<std::size_t> max_bytes)
      : evaluation_(evaluation),
        baskets_{dated_from_the_end(evaluation.baskets(Part::valid)),
                 dated_from_the_end(evaluation.baskets(Part::test))},
        max_bytes_(max_bytes) {}

  using Model = Row (Program::*)(std::string_view name);
  static std::vector<std::pair<std::string_view, Model>> models() {
    return {{"popularity", &Program::popularity},
            {"gp-topfreq", &Program::frequency},
            {"gp-decay", &Program::decay},
            {"gp+user-knn", &Program::frequency_and_neighbours},
            {"gp-decay+user-knn", &Program::decay_and_neighbours},
            {"tifu-knn", &Program::tifu},
            {"repeat-purchase", &Program::repeat_purchase},
            {"repeat-purchase+user-knn", &Program::repeat_purchase_and_neighbours},
            {"purchase-cycle", &Program::purchase_cycle},
            {"learnt-blend", &Program::learnt_blend},
            {"best", &Program::best}};
  }

 private:
  const Baskets& baskets(Part part) const { return baskets_[part == Part::valid ? 0 : 1]; }

  Row popularity(std::string_view name) {
    return evaluation_.measure(
        name, timed("", [&] { return Popularity(baskets(Part::test), {.half_life_days = 0}); }));
  }

  Row frequency(std::string_view name) {
    return evaluation_.measure(name, personal(Part::test, 1));
  }

  Row decay(std::string_view name) {
    return measure_best<double>(
        name, decays, [&](Part part, double per_step) { return personal(part, per_step); });
  }

  Row frequency_and_neighbours(std::string_view name) {
    return with_neighbours(name, {1}, {0.5, 1, 2, 5});
  }
  Row decay_and_neighbours(std::string_view name) {
    return with_neighbours(name, decays, {0.2, 0.5, 1, 2, 5});
  }

  /// The customer's counts, and `share` times the mean of those of the customers most like it.
  Row with_neighbours(std::string_view name, const std::vector<double>& per_steps,
                      const std::vector<double>& shares) {
    using Setting = std::pair<double, double>;
    std::vector<Setting> settings;
    for (const double per_step : per_steps)
      for (const double share : shares) settings.push_back({per_step, share});
    return measure_best<Setting>(name, settings, [&](Part part, const Setting& at) {
      const auto own = timed("per step " + number(at.first),
                             [&] { return CustomerItems<>(counts(part, at.first)); });
      const auto alike = timed(number(at.second) + " of 100 neighbours", [&] {
        return fit_customer_neighbours(counts(part, at.first), {.neighbours = 100, .items = 0});
      });
      return both(own, 1, alike, at.second);
    });
  }

  Row tifu(std::string_view name) {
    using Setting = std::array<double, 4>;  // within, between, neighbours, own share
    std::vector<Setting> settings;
    for (const double within : {0.9, 1.0})
      for (const double between : {0.7, 0.9})
        for (const double alpha : {0.7, 0.9}) settings.push_back({within, between, 300, alpha});
    return measure_best<Setting>(name, settings, [&](Part part, const Setting& at) {
      const TifuOptions options{.groups = 7, .within_decay = at[0], .between_decay = at[1]};
      const auto own = timed("7 groups, within " + number(at[0]) + ", between " + number(at[1]),
                             [&] { return CustomerItems<>(tifu_vectors(baskets(part), options)); });
      const auto alike = timed(number(at[2]) + " neighbours, own " + number(at[3]), [&] {
        return fit_customer_neighbours(tifu_vectors(baskets(part), options),
                                       {.similarity = CustomerSimilarity::euclidean,
                                        .neighbours = static_cast<std::size_t>(at[2]),
                                        .items = 0});
      });
      return both(own, at[3], alike, 1 - at[3]);
    });
  }

  Row repeat_purchase(std::string_view name) {
    using Setting = std::pair<double, double>;
    std::vector<Setting> settings;
    for (const double per_step : {0.95, 0.99, 1.0})
      for (const double prior : {0.1, 0.3, 1.0, 2.0}) settings.push_back({per_step, prior});
    return measure_best<Setting>(name, settings, [&](Part part, const Setting& at) {
      return timed("per step " + number(at.first) + ", prior " + number(at.second), [&] {
        return fit_repeat_purchase(baskets(part),
                                   {.forgetting = {.per_step = at.first}, .prior = at.second});
      });
    });
  }

  /// Repeat purchase with its prior, and the mean share of baskets with the item among customers
  /// alike: they know best which items new to the customer come next.
  Row repeat_purchase_and_neighbours(std::string_view name) {
    using Setting = std::array<double, 3>;
    std::vector<Setting> settings;
    for (const double per_step : {0.95, 1.0})
      for (const double prior : {0.3, 1.0})
        for (const double share : {0.15, 0.3, 0.5}) settings.push_back({per_step, prior, share});
    return measure_best<Setting>(name, settings, [&](Part part, const Setting& at) {
      const Forgetting forgetting{.per_step = at[0]};
      const auto own = timed("per step " + number(at[0]) + ", prior " + number(at[1]), [&] {
        return quantize(
            fit_repeat_purchase(baskets(part), {.forgetting = forgetting, .prior = at[1]}));
      });
      return both(own, 1, alike(baskets(part), forgetting, at[2]), at[2]);
    });
  }

  /// What is due, a visit counted as a day.
  Row purchase_cycle(std::string_view name) {
    return measure_best<std::size_t>(name, {2, 3, 5}, [&](Part part, std::size_t purchases) {
      return timed(number(static_cast<double>(purchases)) + " purchases or more", [&] {
        return quantize(fit_purchase_cycle(baskets(part), {.least_purchases = purchases}));
      });
    });
  }

  /// Repeat purchase, what is due, popularity and customers alike, blended by weights learnt from
  /// the valid cases; only the first has settings to choose, by what the blend reaches.
  Row learnt_blend(std::string_view name) {
    using Setting = std::pair<double, double>;
    const auto fit_parts = [&](const Baskets& baskets, const Setting& at) {
      const Forgetting forgetting{.per_step = at.first};
      return std::tuple(
          fit_repeat_purchase(baskets, {.forgetting = forgetting, .prior = at.second}),
          fit_purchase_cycle(baskets), Popularity(baskets, {.half_life_days = 30}),
          alike(baskets, forgetting, 1).scorer);
    };
    const Window valid = std::move(windows(1).front());
    Setting chosen;
    FittedBlend<4> learnt;
    for (const double per_step : {0.95, 0.98, 1.0})
      for (const double prior : {0.1, 0.3, 1.0}) {
        const auto found = std::apply(
            [&](const auto&... parts) {
              return fit_blend_weights(valid.cases, {.progress = show_progress()}, parts...);
            },
            fit_parts(valid.history, {per_step, prior}));
        tell("  per step " + number(per_step) + ", prior " + number(prior) + ": NDCG@10 " +
             fixed(found.ndcg, 4) + ", repeat purchase alone " + fixed(found.alone[0], 4));
        if (found.ndcg <= learnt.ndcg) continue;
        learnt = found;
        chosen = {per_step, prior};
      }
    std::string settings =
        "per step " + number(chosen.first) + ", prior " + number(chosen.second) + "; weights";
    for (const float weight : learnt.weights) settings += " " + number(double{weight});
    settings += " of repeat purchase, due, popularity, 400 customers alike; valid NDCG@10 " +
                fixed(learnt.ndcg, 4) + ", " + fixed(learnt.gain.mean, 4) + " +- " +
                fixed(learnt.gain.half_width, 4) + " above the best part";
    const auto start = std::chrono::steady_clock::now();
    const auto [own, due, sold, others] = fit_parts(baskets(Part::test), chosen);
    const std::size_t bytes = size_report(own).bytes + size_report(due).bytes +
                              size_report(sold).bytes + size_report(others).bytes;
    auto blended = blend(own, learnt.weights[0], due, learnt.weights[1], sold, learnt.weights[2],
                         others, learnt.weights[3]);
    return evaluation_.measure(
        name, Fitted<decltype(blended)>{std::move(blended), settings, bytes, seconds_since(start)});
  }

  // What is climbed on in `best`: the prior, how history fades, what the parts weigh.
  enum {
    of_prior,
    of_power,
    of_per_step,
    of_size,
    of_due,
    of_sold,
    of_half_life,
    of_others,
    best_axes
  };
  using BestGrid = Grid<best_axes>;
  static const BestGrid& best_grid() {
    static const BestGrid grid({{{0, 0.01, 0.1, 0.3, 0.5, 1, 2},
                                 {0, 0.5, 0.75, 1, 1.25, 1.5},
                                 {1, 0.998, 0.995, 0.99, 0.98, 0.97},
                                 {0, 0.25, 0.5, 0.75, 1},
                                 {0, 0.05, 0.1, 0.2, 0.3, 0.5},
                                 {0, 0.03, 0.07, 0.15, 0.3, 0.6, 1},
                                 {0, 100, 30, 10, 4},
                                 {0, 0.1, 0.2, 0.3, 0.45}}});
    return grid;
  }

  static auto fit_best(const Baskets& baskets, const BestGrid::Point& at, float sparsity) {
    const auto value = [&](std::size_t axis) { return best_grid().value(at, axis); };
    const Forgetting forgetting{.power = value(of_power),
                                .scale = 10,
                                .per_step = value(of_per_step),
                                .size = value(of_size)};
    auto own = fit_own(baskets, forgetting, value(of_prior), sparsity);
    const Baskets none(baskets.items());
    auto cycle = timed("due " + number(value(of_due)), [&] {
      return quantize(fit_purchase_cycle(value(of_due) > 0 ? baskets : none));
    });
    auto sales = timed(
        "popularity " + number(value(of_sold)) + " of half-life " + number(value(of_half_life)),
        [&] { return Popularity(baskets, {.half_life_days = value(of_half_life)}); });
    auto others = alike(value(of_others) > 0 ? baskets : none, forgetting, value(of_others));
    auto blended = blend(std::move(own.scorer), 1, std::move(cycle.scorer), value(of_due),
                         std::move(sales.scorer), value(of_sold) * mean_basket(baskets),
                         std::move(others.scorer), value(of_others));
    return Fitted<decltype(blended)>{
        std::move(blended),
        own.settings + "; " + cycle.settings + "; " + sales.settings + "; " + others.settings,
        own.bytes + (value(of_due) > 0 ? cycle.bytes : 0) + (value(of_sold) > 0 ? sales.bytes : 0) +
            (value(of_others) > 0 ? others.bytes : 0),
        own.seconds + cycle.seconds + sales.seconds + others.seconds};
  }

  /// Repeat purchase in INT8.
  static Fitted<RepeatPurchase<QuantizedCsrMatrix>> fit_own(const Baskets& baskets,
                                                            const Forgetting& forgetting,
                                                            double prior, float sparsity) {
    const std::string pruned = sparsity > 0 ? ", pruned by " + number(double{sparsity}) : "";
    return timed("power " + number(forgetting.power) + " of scale 10, per step " +
                     number(forgetting.per_step) + ", size " + number(forgetting.size) +
                     ", prior " + number(prior) + pruned,
                 [&] {
                   return quantize(prune(
                       fit_repeat_purchase(baskets, {.forgetting = forgetting, .prior = prior}),
                       {.sparsity = sparsity}));
                 });
  }

  /// Lines a basket.
  static double mean_basket(const Baskets& baskets) {
    return lines_of(baskets) / static_cast<double>(std::max<std::size_t>(baskets.size(), 1));
  }

  /// The mean share of baskets with each item among the 400 customers most alike, in INT8.
  static Fitted<CustomerItems<QuantizedCsrMatrix>> alike(const Baskets& baskets,
                                                         const Forgetting& forgetting,
                                                         double share) {
    return timed(number(share) + " of 400 customers alike", [&] {
      return quantize(
          fit_customer_neighbours(purchase_shares(baskets, forgetting), {.neighbours = 400}));
    });
  }

  /// Repeat purchase, what is due and what customers alike buy, all in INT8, and what all buy these
  /// days. A limit of bytes prunes the histories of what was bought least.
  Row best(std::string_view name) {
    const BestGrid::Point top = chosen_for_best();
    for (float sparsity = 0; sparsity < 1; sparsity += 0.125f) {
      const auto model = fit_best(baskets(Part::test), top, sparsity);
      if (!max_bytes_ || model.bytes <= *max_bytes_) return evaluation_.measure(name, model);
    }
    throw Error(ErrorCode::out_of_range, "--max-bytes", "room for an eighth of the histories",
                std::to_string(*max_bytes_));
  }

  /// Climbs on the valid cases and, as those alone cannot tell settings apart that are nearly as
  /// good, on the baskets before them in the same way (`windows`); from a start where the prior
  /// does most and from one where the customer's own history does.
  BestGrid::Point chosen_for_best() const {
    const std::vector<Window> rounds = windows(4);
    GridSearch<best_axes> search(best_grid().sizes(), [&](const auto& at) {
      double sum = 0;
      std::string settings;
      for (const Window& round : rounds) {
        const auto model = fit_best(round.history, at, 0);
        settings = model.settings;
        const BasketReport report = evaluate_baskets(model.scorer, round.cases);
        sum += (report.recall.mean + report.ndcg.mean) / static_cast<double>(rounds.size());
      }
      tell("  " + settings + ": R@10 + NDCG@10 " + fixed(sum, 4));
      return sum;
    });
    const BestGrid::Point by_prior = search.climb({5, 0, 0, 2, 0, 0, 0, 3});
    return search.best_of({by_prior, search.climb({1, 3, 3, 1, 2, 2, 3, 0})});
  }

  /// Histories and what came after them.
  struct Window {
    Baskets history;
    BasketCases cases;
  };

  /// The valid cases, and the same of the baskets before them, always as many a customer: each
  /// window ends where the one before it begins. Customers who would have fewer baskets left are
  /// not asked for.
  std::vector<Window> windows(std::size_t count) const {
    std::vector<Window> result;
    Baskets history = baskets(Part::valid);
    std::vector<std::size_t> asked(history.customers(), 0);
    for (const auto& one : evaluation_.cases().valid)
      if (one.customer.value() < asked.size()) ++asked[one.customer.value()];
    BasketCases valid((ItemMask(history.items())));
    for (const auto& one : evaluation_.cases().valid)
      valid.add(one.customer, one.query, one.target, one.seen, one.customer.value());
    result.push_back({history, std::move(valid)});
    while (result.size() < count) {
      std::vector<std::size_t> left(asked.size(), 0);
      for (std::size_t b = 0; b < history.size(); ++b) ++left[history.customer(b).value()];
      for (std::size_t c = 0; c < asked.size(); ++c)
        if (left[c] < 2 * asked[c] + 1) asked[c] = 0;
      Baskets before(history.items()), after(history.items());
      for (std::size_t b = 0; b < history.size(); ++b) {
        const std::size_t c = history.customer(b).value();
        (left[c]-- <= asked[c] ? after : before)
            .add(history.when(b), history.customer(b), history[b]);
      }
      history = dated_from_the_end(before);
      result.push_back({history, BasketCases(after, history, ItemMask(history.items()))});
    }
    return result;
  }

  /// The customer's share of baskets with the item, a basket of age a counted per_step^a times.
  Fitted<RepeatPurchase<>> personal(Part part, double per_step) const {
    return timed("per step " + number(per_step), [&] {
      return fit_repeat_purchase(baskets(part), {.forgetting = {.per_step = per_step}, .prior = 0});
    });
  }

  CsrMatrix<float> counts(Part part, double per_step) const {
    return user_items(baskets(part), forgetting_weights(baskets(part), {.per_step = per_step}));
  }

  /// Fits at every setting, measures the one that does best on the valid cases.
  template <class Setting, class Fit>
  Row measure_best(std::string_view name, const std::vector<Setting>& settings, const Fit& fit) {
    const Setting chosen = best_of(settings, [&](const Setting& setting) {
      const auto model = fit(Part::valid, setting);
      return evaluation_.valid(model.scorer, model.settings);
    });
    return evaluation_.measure(name, fit(Part::test, chosen));
  }

  static inline const std::vector<double> decays = {0.9, 0.95, 0.98, 1};

  const Evaluation& evaluation_;
  const std::array<Baskets, 2> baskets_;  // by Part
  std::optional<std::size_t> max_bytes_;
};

}  // namespace

int main(int argc, char** argv) {
  return bodega_benchmark::evaluate<Program>(
      argc, argv, "How well models foresee a known customer's next basket.", "next",
      {"R@10", "NDCG@10"});
}
