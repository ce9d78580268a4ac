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
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/metrics/tune.hpp>

#include "support/basket_windows.hpp"
#include "support/best_basket_model.hpp"
#include "support/evaluate.hpp"
#include "support/grid.hpp"

namespace {

using namespace bodega;
using namespace bodega_benchmark;

constexpr std::size_t neighbours = 200;                          // of the neighbour models
const std::vector<double> penalties = {10, 30, 100, 300, 1000};  // of EASE, in baskets

using Table = BestBasketModel::Table;

class Program {
 public:
  Program(const Evaluation& evaluation, std::optional<std::size_t> max_bytes)
      : evaluation_(evaluation),
        baskets_(evaluation.baskets(Part::test)),
        best_(evaluation, baskets_, max_bytes) {}

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
        const double ndcg =
            evaluation_.valid(with_popularity(baskets_, items.scorer, sales.scorer, beta),
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
                  with_popularity(baskets_, items.scorer, sales.scorer, beta),
                  items.settings + ", popularity " + number(beta), items.bytes + sales.bytes,
                  items.seconds + sales.seconds});
  }

  Row best(std::string_view name) {
    const auto& parts = best_.parts();
    return evaluation_.measure(name, best_.blended(parts.items, parts.sales, parts.chosen.share));
  }

  // What is climbed on with the customer, beside `best`: how the baskets fade and are compared,
  // what they weigh, and how the table fades and what the popularity weighs then.
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
    auto anonymous = best_.blended(items, sales, customer_grid().value(at, c_share));
    auto known =
        blend(std::move(anonymous.scorer), 1, own.scorer, customer_grid().value(at, c_weight));
    return Fitted<decltype(known)>{std::move(known), anonymous.settings + "; " + own.settings,
                                   anonymous.bytes + own.bytes, anonymous.seconds + own.seconds};
  }

  static BestBasketModel::Settings table_with_customer(const BestBasketModel::Parts& best,
                                                       const CustomerGrid::Point& at) {
    BestBasketModel::Settings settings = best.chosen;
    settings.half_life = customer_grid().value(at, c_half_life);
    return settings;
  }

  /// Climbs on the valid cases, with models as old as those of `best` are for its choice.
  CustomerGrid::Point chosen_with_customer(const BestBasketModel::Parts& best) const {
    const BasketWindow older = basket_windows(baskets_, evaluation_.cases().valid, 1).front();
    const auto sales = best_.fit_sales(older.history, best.chosen);
    std::map<double, Fitted<Table>> items;  // by half-life
    GridSearch<customer_axes> search(customer_grid().sizes(), [&](const auto& at) {
      const auto settings = table_with_customer(best, at);
      if (items.count(settings.half_life) == 0)
        items.emplace(settings.half_life, best_.fit_items(older.history, settings));
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
    const auto& best = best_.parts();
    const CustomerGrid::Point top = chosen_with_customer(best);
    const auto items = best_.fit_items(baskets_, table_with_customer(best, top));
    const auto own = fit_customer(baskets_, top);
    return evaluation_.measure(name, with_customer(items, best.sales, own, top));
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

  Popularity popular(double half_life_days) const {
    return Popularity(baskets_, {.half_life_days = half_life_days});
  }

  ItemItem<> plain_ease(double penalty, std::size_t weights) const {
    return weighted_ease(baskets_, penalty, 0, 0, weights, EaseKeep::strongest, 0);
  }

  /// The penalty of plain EASE, chosen once for all models that use it.
  double l2() {
    if (!l2_)
      l2_ = best_of(penalties, [&](double penalty) {
        return evaluation_.valid(plain_ease(penalty, 0), "l2 " + number(penalty));
      });
    return *l2_;
  }

  const Evaluation& evaluation_;
  const Baskets baskets_;  // the protocol learns from the same ones for both parts
  BestBasketModel best_;
  std::optional<double> l2_;
};

}  // namespace

int main(int argc, char** argv) {
  return bodega_benchmark::evaluate<Program>(argc, argv,
                                             "How well models complete open baskets: fits and "
                                             "tunes them on the valid cases, measures the test.",
                                             "basket", {"NDCG@10"});
}
