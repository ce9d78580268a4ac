// SPDX-License-Identifier: MIT
// How well each model foresees a known customer's next basket, how large it is and how fast: fits
// every model on the histories of a case folder (make_cases.py next ...), tunes it on the valid
// cases alone, and measures it on the test cases.
//
//   evaluate_next_basket --cases FOLDER [--models LIST] [--out FOLDER] [--max-bytes N]
//                        [--json FILE]
//
// The folder gives each customer's baskets in order without dates. Here the last one of every
// customer is of the same day and the others of the days before it.

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

#include <bodega/collaborative/customer_items.hpp>
#include <bodega/collaborative/customer_neighbours.hpp>
#include <bodega/collaborative/forgetting.hpp>
#include <bodega/collaborative/popularity.hpp>
#include <bodega/collaborative/purchase_cycle.hpp>
#include <bodega/collaborative/repeat_purchase.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/hybrid/blend.hpp>

#include "evaluation.hpp"

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
                                   a.bytes + (b_weight > 0 ? b.bytes : 0),
                                   a.seconds + b.seconds};
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
            {"purchase-cycle", &Program::purchase_cycle},
            {"best", &Program::best}};
  }

 private:
  const Baskets& baskets(Part part) const { return baskets_[part == Part::valid ? 0 : 1]; }

  Row popularity(std::string_view name) {
    return evaluation_.measure(name, timed("", [&] {
      return Popularity(baskets(Part::test), {.half_life_days = 0});
    }));
  }

  Row frequency(std::string_view name) {
    return evaluation_.measure(name, personal(Part::test, 1));
  }

  Row decay(std::string_view name) {
    return measure_best<double>(name, decays, [&](Part part, double per_step) {
      return personal(part, per_step);
    });
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
      const auto own = timed("per step " + number(at.first), [&] {
        return CustomerItems<>(counts(part, at.first));
      });
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

  /// What is due, a visit counted as a day.
  Row purchase_cycle(std::string_view name) {
    return measure_best<std::size_t>(name, {2, 3, 5}, [&](Part part, std::size_t purchases) {
      return timed(number(static_cast<double>(purchases)) + " purchases or more", [&] {
        return quantize(fit_purchase_cycle(baskets(part), {.least_purchases = purchases}));
      });
    });
  }

  /// Repeat purchase in INT8 and what customers alike buy: how history fades, the prior and the
  /// neighbours climb on the valid cases, from a start where the prior does most and from one
  /// where the customer's own history does.
  Row best(std::string_view name) {
    static const std::vector<double> power = {0, 0.3, 0.7, 1, 1.3, 1.6};
    static const std::vector<double> scale = {3, 10, 30, 100};
    static const std::vector<double> size = {0, 0.25, 0.5, 0.75, 1};
    static const std::vector<double> prior = {0, 0.01, 0.1, 0.3, 0.5, 1, 2};
    static const std::vector<double> share = {0, 0.03, 0.1, 0.2, 0.3, 0.5, 1};
    static const std::vector<double> others = {30, 100, 300, 1000};
    using Point = std::array<std::size_t, 6>;
    enum { of_prior, of_share, of_power, of_scale, of_size, of_others };
    using NeighboursAt = std::array<std::size_t, 4>;
    std::map<NeighboursAt, Fitted<CustomerItems<QuantizedCsrMatrix>>> neighbours;  // for valid
    const auto fit = [&](Part part, const Point& at) {
      const Forgetting forgetting{.power = power[at[of_power]],
                                  .scale = scale[at[of_scale]],
                                  .size = size[at[of_size]]};
      const auto own = timed(
          "power " + number(forgetting.power) + ", scale " + number(forgetting.scale) + ", size " +
              number(forgetting.size) + ", prior " + number(prior[at[of_prior]]),
          [&] {
            return quantize(fit_repeat_purchase(
                baskets(part), {.forgetting = forgetting, .prior = prior[at[of_prior]]}));
          });
      const NeighboursAt key{at[of_power], at[of_scale], at[of_size], at[of_others]};
      auto alike = neighbours.find(key);
      if (part == Part::test || alike == neighbours.end())
        alike = neighbours.insert_or_assign(key, timed("", [&] {
          return quantize(fit_customer_neighbours(
              purchase_shares(baskets(part), forgetting),
              {.neighbours = static_cast<std::size_t>(others[at[of_others]])}));
        })).first;
      alike->second.settings =
          number(share[at[of_share]]) + " of " + number(others[at[of_others]]) + " neighbours";
      return both(own, 1, alike->second, share[at[of_share]]);
    };
    std::map<Point, double> known;
    const auto quality = [&](const Point& at) {
      if (const auto found = known.find(at); found != known.end()) return found->second;
      const auto model = fit(Part::valid, at);
      return known[at] = evaluation_.valid(model.scorer, model.settings);
    };
    const Point sizes{prior.size(), share.size(), power.size(),
                      scale.size(), size.size(),  others.size()};
    const Point top = best_of<Point>({climb({5, 4, 0, 1, 0, 2}, sizes, quality),
                                      climb({1, 2, 4, 1, 1, 1}, sizes, quality)}, quality);
    return evaluation_.measure(name, fit(Part::test, top));
  }

  /// The customer's share of baskets with the item, a basket of age a counted per_step^a times.
  Fitted<RepeatPurchase<>> personal(Part part, double per_step) const {
    return timed("per step " + number(per_step), [&] {
      return fit_repeat_purchase(baskets(part),
                                 {.forgetting = {.per_step = per_step}, .prior = 0});
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
  return bodega_benchmark::evaluate<Program>(argc, argv, "evaluate_next_basket", "next",
                                             {"R@10", "NDCG@10"});
}
