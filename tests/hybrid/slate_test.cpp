// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>
#include <set>

#include <bodega/core/random.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/slate.hpp>

#include "catch.hpp"
#include "hybrid/toy_scorers.hpp"

using namespace bodega;
using bodega_test::FixedScores;
using bodega_test::NextItem;

namespace {
std::vector<std::uint32_t> items_of(std::span<const Pick> picks) {
  std::vector<std::uint32_t> items;
  for (const Pick& pick : picks) items.push_back(pick.item.value());
  return items;
}
using Items = std::vector<std::uint32_t>;
constexpr float nan_score = std::numeric_limits<float>::quiet_NaN();
}  // namespace

TEST_CASE("A slate is ordered by score, equal scores by lower index") {
  const FixedScores scorer({1, 3, 2, 3, 1, 2});
  Workspace workspace(6);
  const auto picks = select_slate(scorer, {}, ItemMask(6), 4, workspace);
  CHECK(items_of(picks) == Items{1, 3, 2, 5});
  CHECK(picks[0].score == 3);
  CHECK(picks[3].score == 2);
  REQUIRE(picks[0].because.size() == 1);
  CHECK(picks[0].because[0].contribution == 3);
}

TEST_CASE("Neither basket nor viewed item is recommended, and a double counts once") {
  const auto scorer = blend(NextItem(8), 1.0f, FixedScores(std::vector<float>(8, 0.1f)), 1.0f);
  Workspace workspace(8);
  const ItemIndex basket[] = {ItemIndex(1), ItemIndex(1), ItemIndex(2), ItemIndex(1)};
  Query query;
  query.basket = basket;
  query.viewed = ItemIndex(5);
  const auto picks = select_slate(scorer, query, ItemMask(8), 10, workspace);
  CHECK(items_of(picks) == Items{3, 6, 0, 4, 7});
  CHECK(picks[0].score == 1.1f);
  REQUIRE(picks[0].because.size() == 2);
  CHECK(picks[0].because[0].item == ItemIndex(2));
  CHECK(picks[1].because[0].item == ItemIndex(5));

  query.viewed = ItemIndex(2);  // in the basket as well
  CHECK(select_slate(scorer, query, ItemMask(8), 1, workspace)[0].score == 1.1f);
}

TEST_CASE("A session is asked as it is: in order, with repeats, and its items may come again") {
  const auto scorer =
      blend(NextItem(8), 1.0f, FixedScores({.5f, .4f, .3f, .2f, .1f, 0, 0, 0}), 1.0f);
  Workspace workspace(8);
  const ItemIndex session[] = {ItemIndex(1), ItemIndex(2), ItemIndex(1), ItemIndex(9)};
  const auto picks =
      select_slate(scorer, {.basket = session}, ItemMask(8), 4, workspace, QueryItems::allowed);
  CHECK(items_of(picks) == Items{2, 3, 0, 1});
  CHECK(picks[0].score == Approx(2.3f));  // item 1 twice, and its own
  CHECK(select_slate(scorer, {.basket = session}, ItemMask(8, false), 4, workspace,
                     QueryItems::allowed)
            .empty());
}

TEST_CASE("Items outside the catalogue in a query are ignored") {
  const NextItem scorer(4);
  Workspace workspace(4);
  const ItemIndex basket[] = {ItemIndex(4), ItemIndex(1), ItemIndex::none(), ItemIndex(4'000'000)};
  Query query;
  query.basket = basket;
  query.viewed = ItemIndex(77);
  CHECK(items_of(select_slate(scorer, query, ItemMask(4), 4, workspace)) == Items{2});
}

TEST_CASE("Only items with evidence are shown") {
  const FixedScores scorer({0, -1, nan_score, 2, 0});
  Workspace workspace(5);
  CHECK(items_of(select_slate(scorer, {}, ItemMask(5), 5, workspace)) == Items{3});
  CHECK(select_slate(NextItem(5), {}, ItemMask(5), 5, workspace).empty());
}

TEST_CASE("k of 0, beyond the catalogue and beyond the workspace") {
  const FixedScores scorer({1, 2, 3});
  Workspace workspace(3);
  CHECK(select_slate(scorer, {}, ItemMask(3), 0, workspace).empty());
  CHECK(items_of(select_slate(scorer, {}, ItemMask(3), 1000, workspace)) == Items{2, 1, 0});
  CHECK(items_of(select_slate(scorer, {}, ItemMask(3), SIZE_MAX, workspace)) == Items{2, 1, 0});
  Workspace small(3, 2);
  CHECK(items_of(select_slate(scorer, {}, ItemMask(3), 3, small)) == Items{2, 1});
  Workspace none(3, 0);
  CHECK(select_slate(scorer, {}, ItemMask(3), 3, none).empty());
}

TEST_CASE("A mask that forbids everything gives an empty slate") {
  const FixedScores scorer({1, 2, 3});
  Workspace workspace(3);
  CHECK(select_slate(scorer, {}, ItemMask(3, false), 3, workspace).empty());
  CHECK(select_slate(scorer, {}, ItemMask(), 3, workspace).empty());
  CHECK(select_slate(FixedScores({}), {}, ItemMask(), 3, workspace).empty());
}

TEST_CASE("A workspace of another catalogue's size gets an empty slate") {
  const FixedScores scorer({1, 2, 3});
  Workspace smaller(2), larger(4);
  CHECK(select_slate(scorer, {}, ItemMask(3), 3, smaller).empty());
  CHECK(select_slate(scorer, {}, ItemMask(3), 3, larger).empty());
}

TEST_CASE("A workspace forgets its last answer") {
  Workspace workspace(4);
  CHECK(items_of(select_slate(FixedScores({9, 9, 0, 0}), {}, ItemMask(4), 4, workspace)) ==
        Items{0, 1});
  CHECK(items_of(select_slate(FixedScores({0, 0, 1, 0}), {}, ItemMask(4), 4, workspace)) ==
        Items{2});
  const ItemIndex basket[] = {ItemIndex(0)};
  Query query;
  query.basket = basket;
  CHECK(items_of(select_slate(NextItem(4), query, ItemMask(4), 4, workspace)) == Items{1});
  CHECK(items_of(select_slate(FixedScores({1, 1, 1, 1}), {}, ItemMask(4), 4, workspace)) ==
        Items{0, 1, 2, 3});
}

TEST_CASE("A slate is what sorting the allowed items would give, on random input") {
  const CounterRandom random(20110101);
  for (std::uint64_t round = 0; round < 300; ++round) {
    const std::size_t items = random.below(round % 3 ? 90 : 700, round, 0) + 1;
    const std::size_t k = random.below(20, round, 1);
    const float coarse = round % 2 ? 4.0f : 1000.0f;  // many ties, few ties
    std::vector<float> scores(items);
    ItemMask mask(items);
    for (std::uint32_t i = 0; i < items; ++i) {
      scores[i] = std::floor(random.normal(round, 10 + i) * coarse);
      if (random.below(50, round, 1'000'000 + i) == 0) scores[i] = nan_score;
      if (random.below(4, round, 2'000'000 + i) == 0) mask.forbid(ItemIndex(i));
    }
    std::vector<ItemIndex> basket;
    for (std::uint32_t i = 0; i < random.below(8, round, 2); ++i)
      basket.emplace_back(
          random.below(static_cast<std::uint32_t>(items + 3), round, 3'000'000 + i));
    Query query;
    query.basket = basket;
    if (round % 5 == 0)
      query.viewed = ItemIndex(random.below(static_cast<std::uint32_t>(items), round, 3));

    std::vector<ScoredIndex> expected;
    for (std::uint32_t i = 0; i < items; ++i)
      if (scores[i] > 0 && mask.allows(ItemIndex(i)) && query.viewed != ItemIndex(i) &&
          std::find(basket.begin(), basket.end(), ItemIndex(i)) == basket.end())
        expected.push_back({scores[i], i});
    std::sort(expected.begin(), expected.end(), ranks_before);
    expected.resize(std::min(expected.size(), k));

    Workspace workspace(items);
    const auto picks = select_slate(FixedScores(scores), query, mask, k, workspace);
    INFO("round " << round << ", " << items << " items, k " << k);
    REQUIRE(picks.size() == expected.size());
    for (std::size_t p = 0; p < picks.size(); ++p) {
      REQUIRE(picks[p].item.value() == expected[p].index);
      REQUIRE(picks[p].score == expected[p].score);
    }
    const Items shown = items_of(picks);
    REQUIRE(std::set<std::uint32_t>(shown.begin(), shown.end()).size() == shown.size());
  }
}

TEST_CASE("An item scanned twice is one of the distinct query, with all of its quantity") {
  const std::vector<ItemIndex> basket{ItemIndex(2), ItemIndex(9), ItemIndex(1), ItemIndex(2)};
  const std::vector quantities{Quantity::from_whole(1), Quantity::from_whole(5),
                               Quantity::from_whole(3), Quantity::from_whole(4)};
  Workspace workspace(4);
  const Query query = workspace.distinct({.basket = basket, .quantities = quantities});
  REQUIRE(query.basket.size() == 2);
  CHECK(query.basket[0] == ItemIndex(2));
  CHECK(query.quantity(0) == Quantity::from_whole(5));
  CHECK(query.quantity(1) == Quantity::from_whole(3));
  CHECK(workspace.distinct({.basket = basket}).quantities.empty());
}
