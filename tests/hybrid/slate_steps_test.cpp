// SPDX-License-Identifier: MIT
#include <array>
#include <atomic>
#include <cmath>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <bodega/hybrid/slate_steps.hpp>
#include <bodega/inventory/stock.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "hybrid/toy_scorers.hpp"

using namespace bodega;
using bodega_test::allocations_in;
using bodega_test::FixedScores;

namespace {

using Items = std::vector<std::uint32_t>;
Items items_of(std::span<const Pick> picks) {
  Items items;
  for (const Pick& pick : picks) items.push_back(pick.item.value());
  return items;
}

/// Items i0, i1, ... of the category and brand of their last digits.
Catalog shop(std::size_t items) {
  Catalog catalog;
  for (std::size_t i = 0; i < items; ++i)
    catalog.add({.id = "i" + std::to_string(i),
                 .attributes = {{"category", std::to_string(i % 3)},
                                {"brand", std::to_string(i % 5)},
                                {"margin", i % 2 == 0 ? "0.3" : "0.1"}}});
  return catalog;
}

FixedScores falling(std::size_t items) {
  std::vector<float> scores(items);
  for (std::size_t i = 0; i < items; ++i) scores[i] = 1 - 0.01f * static_cast<float>(i);
  return FixedScores(std::move(scores));
}

SlateRule rule(RuleAction action, const char* field, const char* value, double number) {
  SlateRule rule{.name = "r", .action = action, .value = number};
  if (*field) rule.items.wanted.push_back({field, {value}});
  return rule;
}

Substitutes<> substitutes(std::size_t items, std::initializer_list<std::array<float, 3>> entries) {
  CsrMatrix<float> table(items);
  for (std::size_t i = 0; i < items; ++i) {
    std::vector<std::uint32_t> columns;
    std::vector<float> weights;
    for (const auto& [from, to, weight] : entries)
      if (from == static_cast<float>(i)) {
        columns.push_back(static_cast<std::uint32_t>(to));
        weights.push_back(weight);
      }
    table.add_row(columns, weights);
  }
  return Substitutes<>(std::move(table));
}

struct Answer {
  Items items;
  FiredRules fired;
};
Answer answer(const std::vector<SlateRule>& rules, const ItemMask& shelf, std::size_t k,
              std::span<const ItemIndex> basket = {}) {
  std::vector<SlateRule> named = rules;
  for (std::size_t r = 0; r < named.size(); ++r) named[r].name = std::to_string(r);
  const CompiledRules compiled(RuleSet(named), shop(shelf.items()));
  StepsWorkspace room(shelf.items());
  const auto slate = select_slate(falling(shelf.items()), {.basket = basket}, {}, shelf, k,
                                  {.rules = &compiled}, room);
  return {items_of(slate.picks), slate.fired};
}

}  // namespace

TEST_CASE("Without steps the slate is the plain one") {
  const FixedScores scorer({1, 3, 2, 3, 1, 2});
  Workspace plain(6);
  StepsWorkspace room(6);
  const std::array<ItemIndex, 2> basket = {ItemIndex(3), ItemIndex(3)};
  const Query query{.basket = basket};
  const auto expected = select_slate(scorer, query, ItemMask(6), 4, plain);
  const auto slate = select_slate(scorer, query, {}, ItemMask(6), 4, {}, room);
  REQUIRE(items_of(slate.picks) == items_of(expected));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(slate.picks[i].score == expected[i].score);
    CHECK(slate.picks[i].because.size() == expected[i].because.size());
  }
  StepsWorkspace other(7);
  CHECK(select_slate(scorer, query, {}, ItemMask(6), 4, {}, other).picks.empty());
  CHECK(select_slate(scorer, query, {}, ItemMask(6), 0, {}, room).picks.empty());
}

TEST_CASE("Rules: excluded, capped, boosted, pinned, and each that did something says so") {
  const ItemMask all(12);
  CHECK(answer({}, all, 3).items == Items{0, 1, 2});

  auto [items, fired] = answer(
      {rule(RuleAction::exclude, "category", "0", 0), rule(RuleAction::exclude, "item", "i11", 0)},
      all, 3);
  CHECK(items == Items{1, 2, 4});
  CHECK(fired.test(0));
  CHECK_FALSE(fired.test(1));  // i11 would not have been shown anyway

  SlateRule brand = rule(RuleAction::cap, "", "", 1);
  brand.items.each = "brand";
  CHECK(answer({brand}, all, 6).items == Items{0, 1, 2, 3, 4});
  CHECK(answer({rule(RuleAction::cap, "category", "0", 1)}, all, 5).items == Items{0, 1, 2, 4, 5});

  CHECK(answer({rule(RuleAction::boost, "item", "i7", 2)}, all, 2).items == Items{7, 0});
  CHECK(answer({rule(RuleAction::pin, "item", "i9", 2)}, all, 3).items == Items{0, 9, 1});
  CHECK(answer({rule(RuleAction::pin, "category", "2", 1)}, all, 2).items == Items{2, 0});
}

TEST_CASE("Precedence: excluded before the shelf, the shelf before caps, caps before pins") {
  ItemMask shelf(12);
  shelf.forbid(ItemIndex(9));
  // A sold-out pin yields its slot; one of several takes the next best.
  const auto yields = answer({rule(RuleAction::pin, "item", "i9", 1)}, shelf, 2);
  CHECK(yields.items == Items{0, 1});
  CHECK_FALSE(yields.fired.test(0));
  SlateRule either = rule(RuleAction::pin, "item", "i9", 1);
  either.items.wanted[0].values.push_back("i10");
  CHECK(answer({either}, shelf, 2).items == Items{10, 0});
  // Two pins under a cap of one: the first is served, the second yields.
  const auto capped =
      answer({rule(RuleAction::cap, "category", "0", 1), rule(RuleAction::pin, "item", "i3", 1),
              rule(RuleAction::pin, "item", "i6", 2)},
             shelf, 3);
  CHECK(capped.items == Items{3, 1, 2});
  CHECK(capped.fired.test(0));
  CHECK_FALSE(capped.fired.test(2));
  // A pin of what is excluded while the query does not say otherwise.
  SlateRule age = rule(RuleAction::require_age, "item", "i5", 18);
  CHECK(answer({age, rule(RuleAction::pin, "item", "i5", 1)}, shelf, 1).items == Items{0});
  // What the basket holds is not pinned.
  const std::array<ItemIndex, 1> basket = {ItemIndex(5)};
  CHECK(answer({rule(RuleAction::pin, "item", "i5", 1)}, shelf, 1, basket).items == Items{0});
  // A pin beyond the answer is left out; slots move up where fewer items are left.
  CHECK(answer({rule(RuleAction::pin, "item", "i5", 9)}, shelf, 3).items == Items{0, 1, 2});
  ItemMask two(12, false);
  two.allow(ItemIndex(4));
  two.allow(ItemIndex(5));
  CHECK(answer({rule(RuleAction::pin, "item", "i4", 8)}, two, 10).items == Items{5, 4});
}

TEST_CASE("A cap on nearly the whole catalogue still leaves a full slate") {
  std::vector<SlateRule> rules = {rule(RuleAction::cap, "", "", 2)};
  rules[0].items.wanted = {{"kind", {"common"}}};
  Catalog catalog;
  for (int i = 0; i < 300; ++i)
    catalog.add({.id = std::to_string(i), .attributes = {{"kind", i < 295 ? "common" : "rare"}}});
  rules[0].name = "few";
  const CompiledRules compiled(RuleSet(rules), catalog);
  StepsWorkspace room(300);
  std::vector<float> scores(300);
  for (std::size_t i = 0; i < 300; ++i) scores[i] = 301 - static_cast<float>(i);
  const auto slate =
      select_slate(FixedScores(scores), {}, {}, ItemMask(300), 6, {.rules = &compiled}, room);
  CHECK(items_of(slate.picks) == Items{0, 1, 295, 296, 297, 298});
}

TEST_CASE("A substitute stands in the place of what is sold out, and says for what") {
  ItemMask shelf(6);
  shelf.forbid(ItemIndex(0));
  shelf.forbid(ItemIndex(1));
  const auto table = substitutes(6, {{0, 1, 1.f}, {0, 4, .5f}, {0, 5, .9f}, {3, 2, 1.f}});
  StepsWorkspace room(6);
  SlateSteps steps{.substitutes = &table};
  const FixedScores scorer({.9f, .8f, .7f, .6f, .5f, .4f});
  auto slate = select_slate(scorer, {}, {}, shelf, 3, steps, room);
  REQUIRE(items_of(slate.picks) == Items{5, 2, 3});  // 5 for 0; 1 is sold out and has none
  CHECK(slate.picks[0].instead_of == ItemIndex(0));
  CHECK(slate.picks[0].score == .9f);
  CHECK(slate.picks[1].instead_of.is_none());

  shelf.forbid(ItemIndex(5));
  CHECK(items_of(select_slate(scorer, {}, {}, shelf, 3, steps, room).picks) == Items{4, 2, 3});
  const std::vector<SlateRule> rules = {rule(RuleAction::exclude, "item", "i4", 0)};
  const CompiledRules compiled(RuleSet(rules), shop(6));
  steps.rules = &compiled;
  CHECK(items_of(select_slate(scorer, {}, {}, shelf, 3, steps, room).picks) == Items{2, 3});
  shelf.allow(ItemIndex(0));
  CHECK(select_slate(scorer, {}, {}, shelf, 3, steps, room).picks[0].item == ItemIndex(0));
}

TEST_CASE("Picks say how likely they are, and a gate lets through only what is likely enough") {
  const Confidence confidence(ConfidenceEvent::bought, {0, 1, 0, 0, 0, 0},
                              {{-0.5f}, {1000, 1000}, {100, 800}}, {{0.5f}, {90, 90}, {9, 81}});
  const FixedScores scorer({.9f, .8f, .3f, .2f});
  StepsWorkspace room(4);
  const ItemMask all(4);
  auto slate = select_slate(scorer, {}, {}, all, 4, {.confidence = &confidence}, room);
  REQUIRE(slate.picks.size() == 4);
  CHECK(slate.picks[1].probability == .8f);
  CHECK(slate.picks[2].probability == .1f);
  CHECK(slate.any.probability == .9f);
  slate = select_slate(scorer, {}, {}, all, 4, {.confidence = &confidence, .at_least = .7f}, room);
  CHECK(items_of(slate.picks) == Items{0, 1});
  CHECK(slate.below_gate == 2);
  slate = select_slate(scorer, {}, {}, all, 4, {.confidence = &confidence, .at_least = .8f}, room);
  CHECK(slate.picks.empty());  // .8 is not sure to be .8
  CHECK(std::isnan(slate.any.probability));
  CHECK(select_slate(scorer, {}, {}, all, 4, {.at_least = .1f}, room).picks.empty());
}

TEST_CASE("Rules of another catalogue, larger or smaller, get an empty slate") {
  const std::vector<SlateRule> rules = {rule(RuleAction::boost, "", "", 2)};
  for (const std::size_t items : {3, 200}) {
    const CompiledRules compiled(RuleSet(rules), shop(items));
    StepsWorkspace room(6);
    CHECK(
        select_slate(falling(6), {}, {}, ItemMask(6), 4, {.rules = &compiled}, room).picks.empty());
  }
}

TEST_CASE("An answer with steps allocates nothing") {
  std::vector<SlateRule> rules = {rule(RuleAction::exclude, "category", "0", 0),
                                  rule(RuleAction::cap, "category", "1", 2),
                                  rule(RuleAction::pin, "item", "i50", 2)};
  for (std::size_t r = 0; r < rules.size(); ++r) rules[r].name = std::to_string(r);
  const CompiledRules compiled(RuleSet(rules), shop(200));
  const auto table = substitutes(200, {{1, 2, 1.f}});
  ItemMask shelf(200);
  shelf.forbid(ItemIndex(1));
  StepsWorkspace room(200);
  const FixedScores scorer = falling(200);
  const auto ask = [&] {
    return select_slate(scorer, {}, {}, shelf, 10, {&compiled, &table}, room).picks.size();
  };
  ask();
  CHECK(allocations_in([&] { CHECK(ask() == 10); }) == 0);
}

TEST_CASE("No rule is ever broken, whatever is asked, while the stock flips") {
  constexpr std::size_t items = 120;
  std::mt19937_64 random(11);
  const auto draw = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const Catalog catalog = shop(items);
  Stock stock(items);
  std::atomic<bool> done = false;
  std::thread flips([&] {
    std::mt19937 other(5);
    while (!done.load())
      stock.set(ItemIndex(static_cast<std::uint32_t>(other() % items)),
                static_cast<double>(other() % 2));
  });
  const auto table = substitutes(items, {{0, 30, 1}, {3, 31, 1}, {3, 60, .5f}, {6, 1, 1}});
  StepsWorkspace room(items);
  std::size_t pinned = 0, replaced = 0;
  for (int set = 0; set < 200; ++set) {
    std::vector<SlateRule> rules;
    for (std::size_t r = 0; r < 1 + draw(8); ++r) {
      SlateRule one;
      const std::string category = std::to_string(draw(3)),
                        code = "i" + std::to_string(draw(items));
      switch (draw(7)) {
        case 0:
          one = rule(RuleAction::exclude, "item", code.c_str(), 0);
          break;
        case 1:
          one = rule(RuleAction::require_age, "category", category.c_str(), 18);
          break;
        case 2:
          one = rule(RuleAction::minimum_margin, "category", category.c_str(), 0.2);
          break;
        case 3:
          one = rule(RuleAction::not_again, "", "", 5);
          break;
        case 4:
          one = rule(RuleAction::cap, "", "", static_cast<double>(1 + draw(3)));
          if (draw(2) == 0) one.items.each = "brand";
          break;
        case 5:
          one = rule(RuleAction::boost, "category", category.c_str(), 3);
          break;
        default:
          one = rule(RuleAction::pin, "item", code.c_str(), static_cast<double>(r + 1));
      }
      one.name = std::to_string(r);
      rules.push_back(one);
    }
    std::optional<CompiledRules> compiled;
    try {
      compiled.emplace(RuleSet(rules), catalog);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::invalid_argument);  // a pin that can never be shown
      continue;
    }
    std::vector<float> scores(items);
    for (float& score : scores) score = static_cast<float>(draw(1000)) / 1000;
    const FixedScores scorer(scores);
    for (int asked = 0; asked < 500; ++asked) {
      std::array<ItemIndex, 3> basket;
      for (ItemIndex& item : basket) item = ItemIndex(static_cast<std::uint32_t>(draw(items)));
      const std::array<Purchase, 2> bought = {
          {{basket[0], Day(100)}, {ItemIndex(static_cast<std::uint32_t>(draw(items))), Day(97)}}};
      const Shopper shopper{
          .now = Moment(Day(101)), .verified_age = draw(2) == 0 ? 18 : 0, .purchases = bought};
      const Query query{.basket = basket};
      const auto slate = select_slate(scorer, query, shopper, stock, 8, {&*compiled, &table}, room);
      std::set<std::uint32_t> seen;
      bool good = slate.picks.size() <= 8;
      for (const Pick& pick : slate.picks) {
        const std::uint32_t item = pick.item.value();
        good &= seen.insert(item).second;
        for (const ItemIndex one : basket) good &= one != pick.item;
        replaced += !pick.instead_of.is_none();
      }
      for (const SlateRule& one : rules) {
        const auto chosen = [&](std::uint32_t item) {
          for (const auto& field : one.items.wanted) {
            if (field.name == "item" && field.values[0] != "i" + std::to_string(item)) return false;
            if (field.name == "category" && field.values[0] != std::to_string(item % 3))
              return false;
          }
          return true;
        };
        std::array<double, 5> of_brand{};
        double together = 0;
        for (const std::uint32_t item : seen) {
          if (!chosen(item)) continue;
          ++together;
          ++of_brand[item % 5];
          good &= one.action != RuleAction::exclude;
          good &= one.action != RuleAction::require_age || shopper.verified_age >= 18;
          good &= one.action != RuleAction::minimum_margin || item % 2 == 0;
          good &= one.action != RuleAction::not_again || item != bought[1].item.value();
          pinned += one.action == RuleAction::pin;
        }
        if (one.action == RuleAction::cap)
          for (const double count : of_brand)
            good &= (one.items.each.empty() ? together : count) <= one.value;
      }
      if (!good) FAIL_CHECK("set " << set << ", query " << asked);
    }
  }
  done = true;
  flips.join();
  CHECK(pinned > 1000);
  CHECK(replaced > 100);
}
