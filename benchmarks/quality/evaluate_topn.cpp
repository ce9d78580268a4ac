// SPDX-License-Identifier: MIT
// How well each model finds the items that a user will like, how large it is and how fast: fits
// every model on the users of a case folder (make_cases.py topn ...), tunes it on the valid cases
// alone, and measures it on the test cases, for which it is fitted once more with the valid items.
//
// A user is one large basket here: all that is known of them.

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/collaborative/factors/als_trainer.hpp>
#include <bodega/collaborative/factors/bpr_trainer.hpp>
#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/collaborative/items/weighted_neighbours_trainer.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/metrics/tune.hpp>

#include "support/evaluate.hpp"

namespace {

using namespace bodega;
using namespace bodega_benchmark;

constexpr std::size_t neighbours = 200;                          // of the neighbour models
const std::vector<double> penalties = {10, 30, 100, 300, 1000};  // of EASE, in users

class Program {
 public:
  Program(const Evaluation& evaluation, std::optional<std::size_t> max_bytes)
      : evaluation_(evaluation),
        users_{users_known(Part::valid), users_known(Part::test)},
        max_bytes_(max_bytes) {}

  using Model = Row (Program::*)(std::string_view name);
  static std::vector<std::pair<std::string_view, Model>> models() {
    return {{"popularity", &Program::popularity},
            {"cosine200", &Program::cosine},
            {"bm25", &Program::bm25},
            {"rp3beta", &Program::rp3beta},
            {"ials64", &Program::ials},
            {"bpr64", &Program::bpr},
            {"ease", &Program::dense_ease},
            {"ease50int8", &Program::ease_int8<50>},
            {"ease20int8", &Program::ease_int8<20>},
            {"ease50refit", &Program::ease_refit<50>},
            {"ease20refit", &Program::ease_refit<20>},
            {"best", &Program::best}};
  }

 private:
  const Baskets& users(Part part) const { return users_[part == Part::valid ? 0 : 1]; }

  /// The folder tells a user's train and valid items apart; for the test cases they are one.
  Baskets users_known(Part part) const {
    std::map<CustomerIndex, std::vector<ItemIndex>> of;
    for (const History* history : evaluation_.histories(part)) {
      auto& items = of[history->customer];
      items.insert(items.end(), history->items.begin(), history->items.end());
    }
    Baskets result(evaluation_.items());
    for (const auto& [user, items] : of) result.add(Day(0), user, items);
    return result;
  }

  Row popularity(std::string_view name) {
    return evaluation_.measure(
        name, timed("", [&] { return Popularity(users(Part::test), {.half_life_days = 0}); }));
  }

  Row cosine(std::string_view name) {
    return evaluation_.measure(name, timed("", [&] {
                                 return fit_item_neighbours(counts(Part::test),
                                                            {.neighbours = neighbours});
                               }));
  }

  Row bm25(std::string_view name) {
    return tuned<std::pair<double, double>>(
        name, {{1.2, 0.75}, {1.2, 0.3}, {100, 0.8}}, [&](const auto& s, Part part) {
          return timed("k1 " + number(s.first) + ", b " + number(s.second), [&] {
            return fit_bm25_neighbours(users(part),
                                       {.k1 = s.first, .b = s.second, .neighbours = neighbours});
          });
        });
  }

  Row rp3beta(std::string_view name) {
    return tuned<std::pair<double, double>>(
        name, {{0.8, 0.4}, {0.8, 0.2}, {1, 0.6}}, [&](const auto& s, Part part) {
          return timed("alpha " + number(s.first) + ", beta " + number(s.second), [&] {
            return fit_rp3beta(users(part),
                               {.alpha = s.first, .beta = s.second, .neighbours = neighbours});
          });
        });
  }

  Row ials(std::string_view name) {
    const auto [l2, unobserved] = factors_of(64);
    return evaluation_.measure(name, als(64, l2, unobserved, Part::test));
  }

  Row bpr(std::string_view name) {
    std::vector<std::array<double, 3>> settings;
    for (const double l2 : {0.005, 0.01, 0.02})
      for (const double epochs : {50, 100, 200})
        for (const double fold_in : {0.3, 1.0, 3.0}) settings.push_back({l2, epochs, fold_in});
    return tuned<std::array<double, 3>>(name, settings, [&](const auto& s, Part part) {
      return timed(
          "l2 " + number(s[0]) + ", epochs " + number(s[1]) + ", fold-in l2 " + number(s[2]), [&] {
            return fit_bpr(basket_items(users(part)), {.epochs = static_cast<int>(s[1]),
                                                       .l2 = s[0],
                                                       .fold_in = {.l2 = s[2]},
                                                       .progress = show_progress()});
          });
    });
  }

  Row dense_ease(std::string_view name) {
    return evaluation_.measure(name, plain_ease(l2(), 0, Part::test));
  }

  template <std::size_t K>
  Row ease_int8(std::string_view name) {
    return evaluation_.measure(name, timed("l2 " + number(l2()), [&] {
                                 return quantize(plain_ease(l2(), K, Part::test).scorer);
                               }));
  }

  /// The weights least well done without, fitted again.
  template <std::size_t K>
  Row ease_refit(std::string_view name) {
    std::vector<Refit> settings;
    for (const double candidates : {0, 100, 200})
      for (const double penalty : {200, 300, 500})
        for (const double again : {0.5, 1.0}) settings.push_back({penalty, again, candidates});
    return tuned<Refit>(name, settings,
                        [&](const Refit& s, Part part) { return refitted(s, K, part); });
  }

  /// EASE fitted again and factors, both in INT8, blended: each is chosen alone, as large as the
  /// limit of bytes lets both be, then the share of the factors.
  Row best(std::string_view name) {
    const std::size_t limit = max_bytes_.value_or(std::size_t{220'000});
    using Factors = std::array<double, 3>;
    std::vector<Factors> sizes;
    for (const double factors : {16, 32, 64}) {
      const auto [l2, unobserved] = factors_of(static_cast<std::size_t>(factors));
      sizes.push_back({factors, l2, unobserved});
    }
    const auto small = [&](const Factors& s, Part part) {
      const auto model = als(static_cast<std::size_t>(s[0]), s[1], s[2], part);
      auto small_one = timed(model.settings, [&] { return quantize(model.scorer); });
      small_one.seconds += model.seconds;
      return small_one;
    };
    const Factors chosen = best_of(sizes, [&](const Factors& s) {
      const auto model = small(s, Part::valid);
      const double ndcg = evaluation_.valid(model.scorer, model.settings + ", INT8");
      return model.bytes > limit / 2 ? -1 : ndcg;
    });
    const auto factors = small(chosen, Part::valid);

    std::vector<std::pair<Refit, std::size_t>> tables;
    for (const std::size_t weights : {20, 50, 100})
      for (const double penalty : {200, 300, 500}) tables.push_back({{penalty, 1, 200}, weights});
    const auto table = best_of(tables, [&](const auto& s) {
      const auto model = refitted(s.first, s.second, Part::valid);
      const double ndcg = evaluation_.valid(model.scorer, model.settings);
      return model.bytes + factors.bytes > limit ? -1 : ndcg;
    });
    const auto items = refitted(table.first, table.second, Part::valid);

    const double share =
        best_of<double>({0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1}, [&](double of) {
          return evaluation_.valid(blend(items.scorer, static_cast<float>(1 - of), factors.scorer,
                                         static_cast<float>(of)),
                                   "factors " + number(of));
        });
    const auto items_known = refitted(table.first, table.second, Part::test);
    const auto factors_known = small(chosen, Part::test);
    const auto both = blend(items_known.scorer, static_cast<float>(1 - share), factors_known.scorer,
                            static_cast<float>(share));
    return evaluation_.measure(
        name,
        Fitted<std::remove_const_t<decltype(both)>>{
            both,
            number(1 - share) + " of " + items_known.settings + "; " + number(share) + " of " +
                factors_known.settings + ", INT8",
            items_known.bytes + factors_known.bytes, items_known.seconds + factors_known.seconds});
  }

  /// Fits at every setting, measures the one that does best on the valid cases.
  template <class Setting, class Fit>
  Row tuned(std::string_view name, const std::vector<Setting>& settings, const Fit& fit) {
    const Setting chosen = best_of(settings, [&](const Setting& setting) {
      const auto model = fit(setting, Part::valid);
      return evaluation_.valid(model.scorer, model.settings);
    });
    return evaluation_.measure(name, fit(chosen, Part::test));
  }

  struct Refit {
    double l2, again, candidates;
  };

  Fitted<ItemItem<QuantizedCsrMatrix>> refitted(const Refit& s, std::size_t weights,
                                                Part part) const {
    return timed("l2 " + number(s.l2) + ", again with " + number(s.again) + " of it, candidates " +
                     number(s.candidates) + ", " + std::to_string(weights) + " weights an item",
                 [&] {
                   return quantize(
                       fit_ease(counts(part), {.l2 = s.l2,
                                               .neighbours = weights,
                                               .keep = EaseKeep::least_missed,
                                               .refit_l2 = s.again * s.l2,
                                               .candidates = static_cast<std::size_t>(s.candidates),
                                               .single_precision = true,
                                               .progress = show_progress()}));
                 });
  }

  Fitted<FactorModel<>> als(std::size_t factors, double l2, double unobserved, Part part) const {
    return timed(std::to_string(factors) + " factors, l2 " + number(l2) + ", unobserved " +
                     number(unobserved),
                 [&] {
                   return fit_als(basket_items(users(part)),
                                  {.factors = factors,
                                   .loss = {.unobserved = unobserved, .l2 = l2},
                                   .progress = show_progress()});
                 });
  }

  /// l2 and the weight of what is not observed, chosen once for each number of factors.
  std::pair<double, double> factors_of(std::size_t factors) {
    auto& chosen = losses_[factors];
    if (!chosen) {
      std::vector<std::pair<double, double>> settings;
      for (const double penalty : {0.003, 0.01, 0.03, 0.1})
        for (const double unobserved : {0.03, 0.1, 0.3}) settings.emplace_back(penalty, unobserved);
      chosen = best_of(settings, [&](const auto& s) {
        const auto model = als(factors, s.first, s.second, Part::valid);
        return evaluation_.valid(model.scorer, model.settings);
      });
    }
    return *chosen;
  }

  Fitted<ItemItem<>> plain_ease(double penalty, std::size_t weights, Part part) const {
    return timed("l2 " + number(penalty), [&] {
      return fit_ease(counts(part), {.l2 = penalty,
                                     .neighbours = weights,
                                     .single_precision = true,
                                     .progress = show_progress()});
    });
  }

  Cooccurrence counts(Part part) const {
    return Cooccurrence(users(part), {.max_basket = std::max<std::size_t>(evaluation_.items(), 2)});
  }

  /// The penalty of plain EASE, chosen once for all models that use it.
  double l2() {
    if (!l2_)
      l2_ = best_of(penalties, [&](double penalty) {
        const auto model = plain_ease(penalty, 0, Part::valid);
        return evaluation_.valid(model.scorer, model.settings);
      });
    return *l2_;
  }

  const Evaluation& evaluation_;
  std::array<Baskets, 2> users_;  // by Part
  std::optional<std::size_t> max_bytes_;
  std::optional<double> l2_;
  std::map<std::size_t, std::optional<std::pair<double, double>>> losses_;  // by factors
};

}  // namespace

int main(int argc, char** argv) {
  return bodega_benchmark::evaluate<Program>(
      argc, argv, "How well models find the items that a user will like.", "topn", {"NDCG@20"});
}
