// SPDX-License-Identifier: MIT
#include <array>
#include <vector>

#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/evaluate/ranking.hpp>
#include <bodega/hybrid/two_stage.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "hybrid/toy_scorers.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::FixedScores;
using bodega_test::NextItem;

namespace {
static_assert(Recommender<TwoStage<FixedScores, const NextItem&>>);
static_assert(!Scorer<TwoStage<FixedScores, FixedScores>>);

std::vector<std::uint32_t> items_of(std::span<const Pick> picks) {
  std::vector<std::uint32_t> items;
  for (const Pick& pick : picks) items.push_back(pick.item.value());
  return items;
}
using Indices = std::vector<std::uint32_t>;
}  // namespace

TEST_CASE("the second stage orders what the first proposed, and nothing else") {
  const FixedScores proposer({5, 4, 3, 2, 1, 0}), ranker({1, 9, 1, 3, 99, 99});
  const auto stages = two_stage(proposer, ranker, 4);
  Workspace workspace(6);
  const ItemMask all(6);
  // 4 and 5 would lead but were not proposed; 0 and 2 rank alike, so the proposer's order decides.
  CHECK(items_of(select_slate(stages, {}, all, 6, workspace)) == Indices{4, 1, 3, 0, 2});
  CHECK(items_of(select_slate(stages, {}, all, 4, workspace)) == Indices{1, 3, 0, 2});
  CHECK(items_of(select_slate(stages, {}, all, 2, workspace)) == Indices{1, 3});
  CHECK(select_slate(stages, {}, all, 2, workspace)[0].score == 9);
  CHECK(select_slate(stages, {}, all, 0, workspace).empty());

  ItemMask some(6);
  some.forbid(ItemIndex(1));
  CHECK(items_of(select_slate(stages, {}, some, 2, workspace)) == Indices{4, 3});
  const std::array basket = {ItemIndex(3), ItemIndex(3)};
  CHECK(items_of(select_slate(stages, {.basket = basket}, all, 3, workspace)) == Indices{4, 1, 0});
  CHECK(items_of(select_slate(stages, {.basket = basket}, all, 3, workspace,
                              QueryItems::allowed)) == Indices{1, 3, 0});
  CHECK(select_slate(stages, {}, ItemMask(6, false), 3, workspace).empty());
  Workspace other(5);
  CHECK(select_slate(stages, {}, all, 3, other).empty());
}

TEST_CASE("each pick of two stages says why: the ranker, or else the proposer") {
  const auto stages = two_stage(FixedScores({3, 2, 1, 0}), NextItem(4), 3);
  Workspace workspace(4);
  const std::array basket = {ItemIndex(1)};
  const auto slate = select_slate(stages, {.basket = basket}, ItemMask(4), 3, workspace);
  REQUIRE(items_of(slate) == Indices{2, 0});
  REQUIRE(slate[0].because.size() == 1);
  CHECK(slate[0].because[0].kind == Reason::Kind::bought_together);
  CHECK(slate[0].because[0].item == ItemIndex(1));
  REQUIRE(slate[1].because.size() == 1);
  CHECK(slate[1].because[0].kind == Reason::Kind::popular);
  CHECK(slate[1].score == 0);
}

TEST_CASE("two stages answer without allocating, and an evaluation takes them") {
  using namespace bodega_test;
  const Baskets baskets = toy_baskets();
  const auto neighbours = fit_item_neighbours(Cooccurrence(baskets), {.neighbours = 10});
  const Popularity popularity(baskets);
  const auto by_neighbours = two_stage(popularity, neighbours, toy_items);
  Workspace workspace(toy_items);
  const std::array basket = {ItemIndex(1), ItemIndex(6)};
  const ItemMask all(toy_items);
  CHECK(allocations_in(
            [&] { select_slate(by_neighbours, {.basket = basket}, all, 10, workspace); }) == 0);

  // With room for the whole catalogue the second stage alone decides.
  const LeaveOneOut cases(baskets, all);
  const auto staged = evaluate_ranking(by_neighbours, cases);
  const auto alone = evaluate_ranking(neighbours, cases);
  CHECK(staged.hit_rate.mean == bodega_test::Approx(alone.hit_rate.mean).margin(0.01));  // ties
  CHECK(alone.hit_rate.mean > evaluate_ranking(popularity, cases).hit_rate.mean);
  // With room for ten the hits are those of the first stage.
  CHECK(evaluate_ranking(two_stage(popularity, neighbours, 10), cases).hit_rate.mean ==
        evaluate_ranking(popularity, cases).hit_rate.mean);
}

TEST_CASE("two stages need one catalogue and a proposal") {
  CHECK_ERROR(two_stage(NextItem(3), NextItem(4)), ErrorCode::shape, "TwoStage");
  CHECK_ERROR(two_stage(NextItem(3), NextItem(3), 0), ErrorCode::invalid_argument, "proposals");
}
