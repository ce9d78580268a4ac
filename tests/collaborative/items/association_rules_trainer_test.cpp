// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <bodega/collaborative/items/association_rules_trainer.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
using Items = std::vector<ItemIndex>;

Items items(std::initializer_list<std::uint32_t> list) {
  Items result;
  for (const std::uint32_t item : list) result.push_back(ItemIndex(item));
  return result;
}

/// 10 baskets: bread 0 in 5, butter 1 in 4, jam 2 in 4; 01 in 3, 02 in 3, 12 in 3, 012 in 3.
Baskets breakfast() {
  Baskets baskets(4);
  for (int b = 0; b < 3; ++b) baskets.add({}, {}, items({2, 1, 0, 1}));
  for (const std::uint32_t alone : {0u, 0u, 1u, 2u, 3u, 3u, 3u})
    baskets.add({}, {}, items({alone}));
  return baskets;
}

std::size_t together(const Baskets& baskets, const Items& set) {
  std::size_t count = 0;
  for (std::size_t b = 0; b < baskets.size(); ++b)
    count += std::all_of(set.begin(), set.end(), [&](ItemIndex item) {
      return std::find(baskets[b].begin(), baskets[b].end(), item) != baskets[b].end();
    });
  return count;
}
}  // namespace

TEST_CASE("rules by hand") {
  const auto fitted = fit_association_rules(breakfast(), {.itemsets = {.support = 0.3}});
  CHECK(fitted.support == Approx(0.3));
  CHECK(fitted.itemsets == 4 + 3 + 1);
  CHECK(fitted.rules == 9);
  const auto rules = fitted.model.rules();
  REQUIRE(rules.size() == 9);
  // Two of the three items ask for the third: all 3 of 3 have it.
  CHECK(rules[0].antecedent == items({0, 1}));
  CHECK(rules[0].consequent == ItemIndex(2));
  CHECK(rules[0].support == Approx(0.3));
  CHECK(rules[0].confidence == 1);
  CHECK(rules[0].lift == Approx(2.5));
  CHECK(rules[8].antecedent == items({2}));  // 3 of 4, over 5 of 10
  CHECK(rules[8].consequent == ItemIndex(0));
  CHECK(rules[8].confidence == Approx(0.75));
  CHECK(rules[8].lift == Approx(1.5));

  Catalog catalog;
  catalog.add({.id = "B", .description = "BREAD"});
  catalog.add({.id = "U"});
  CHECK(describe(rules[0], catalog) ==
        "BREAD, U -> 2: support 30.00 %, confidence 100.0 %, lift 2.50");
}

TEST_CASE("the numbers of every rule are those of its baskets") {
  const Baskets baskets = bodega_test::toy_baskets();
  const auto rules =
      fit_association_rules(baskets, {.itemsets = {.support = 0.01}, .confidence = 0.2})
          .model.rules();
  REQUIRE(rules.size() > 100);
  const auto all = static_cast<double>(baskets.size());
  for (const AssociationRule& rule : rules) {
    Items both = rule.antecedent;
    both.push_back(rule.consequent);
    const auto n_both = static_cast<double>(together(baskets, both)),
               n_first = static_cast<double>(together(baskets, rule.antecedent)),
               n_second = static_cast<double>(together(baskets, {rule.consequent}));
    REQUIRE(rule.support == Approx(n_both / all).epsilon(1e-5));
    REQUIRE(rule.confidence == Approx(n_both / n_first).epsilon(1e-5));
    REQUIRE(rule.lift == Approx(n_both * all / (n_first * n_second)).epsilon(1e-5));
    REQUIRE(rule.support >= 0.01 * (1 - 1e-6));
    REQUIRE(rule.confidence >= 0.2 * (1 - 1e-6));
    REQUIRE(rule.lift > 1);
  }
  CHECK(std::is_sorted(rules.begin(), rules.end(),
                       [](const auto& a, const auto& b) { return a.lift > b.lift; }));
}

TEST_CASE("of too many rules the surest stay") {
  const Baskets baskets = bodega_test::toy_baskets();
  const AssociationRulesOptions all{.itemsets = {.support = 0.005}, .confidence = 0};
  AssociationRulesOptions few = all;
  few.max_rules = 40;
  const auto fitted = fit_association_rules(baskets, all),
             limited = fit_association_rules(baskets, few);
  CHECK(fitted.left_out == 0);
  CHECK(limited.rules == 40);
  CHECK(limited.left_out == fitted.rules - 40);
  std::vector<double> sure;
  for (const auto& rule : fitted.model.rules()) sure.push_back(rule.confidence);
  std::sort(sure.begin(), sure.end(), std::greater<>());
  for (const auto& rule : limited.model.rules()) CHECK(rule.confidence >= sure[39]);

  few.max_rules = 0;
  CHECK(fit_association_rules(baskets, few).model.rules().empty());
  few.itemsets.max_itemsets = 30;
  const auto narrow = fit_association_rules(baskets, few);
  CHECK(narrow.itemsets <= 30);
  CHECK(narrow.support > 0.005);
}

TEST_CASE("rules: bad options, no baskets") {
  const Baskets baskets = breakfast();
  CHECK_ERROR(fit_association_rules(baskets, {.itemsets = {.support = 1.5}}),
              ErrorCode::out_of_range, "support");
  for (const double confidence : {-0.1, 1.1, double{NAN}})
    CHECK_ERROR(fit_association_rules(baskets, {.confidence = confidence}), ErrorCode::out_of_range,
                "confidence");
  CHECK_ERROR(fit_association_rules(baskets, {.lift = -1}), ErrorCode::invalid_argument, "lift");
  CHECK(fit_association_rules(Baskets()).model.items() == 0);
  CHECK(fit_association_rules(Baskets(3)).model.rules().empty());
  CHECK(fit_association_rules(Baskets(3)).model.items() == 3);
}

TEST_CASE("association rules keep the scorer contract") {
  const auto model =
      fit_association_rules(bodega_test::toy_baskets(), {.itemsets = {.support = 0.005}}).model;
  const bodega_test::ScorerPromises promises{.sums_over_items = false};
  CHECK(model.rules().size() > 100);
  bodega_test::check_scorer_contract(model, bodega_test::toy_items, promises);
  bodega_test::check_scorer_contract(quantize(model), bodega_test::toy_items, promises);
  bodega_test::check_scorer_contract(prune(model), bodega_test::toy_items, promises);
}

TEST_CASE("ratios of whole numbers: a rule with 7 of 25 baskets has a confidence of 0.28") {
  // A in 25 baskets, B in 7 of them, of 100 baskets.
  for (const auto& [with_a, with_both] :
       {std::pair{25, 7}, {50, 7}, {100, 7}, {50, 29}, {10, 7}, {100, 57}, {100, 58}, {9, 5}}) {
    CAPTURE(with_a, with_both);
    Baskets baskets(3);
    for (int b = 0; b < 100; ++b)
      baskets.add({}, {}, b < with_both ? items({0, 1}) : b < with_a ? items({0}) : items({2}));
    const double confidence = static_cast<double>(with_both) / with_a;
    const auto rule_of = [&](double least) {
      for (const AssociationRule& rule :
           fit_association_rules(baskets, {.confidence = least, .lift = 0}).model.rules())
        if (rule.antecedent == items({0})) return rule;
      return AssociationRule{};
    };
    const AssociationRule kept = rule_of(confidence);
    CHECK(kept.consequent == ItemIndex(1));
    CHECK(kept.confidence == confidence);  // also as it comes back from the model
    CHECK(kept.support == with_both / 100.0);
    CHECK(kept.lift == 100.0 / with_a);
    CHECK(rule_of(std::nextafter(confidence, 2)).consequent == ItemIndex::none());
    // The lift must be above the one asked for.
    const double lift = 100.0 / with_a;
    CHECK(fit_association_rules(baskets, {.confidence = 0.01, .lift = lift}).rules == 0);
    CHECK(fit_association_rules(baskets, {.confidence = 0.01, .lift = std::nextafter(lift, 0)})
              .rules == 2);
    // And the support of both is reached by its very share.
    CHECK(find_frequent_itemsets(baskets, {.support = with_both / 100.0}).min_count ==
          static_cast<std::uint32_t>(with_both));
  }
}
