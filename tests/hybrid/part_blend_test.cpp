// SPDX-License-Identifier: MIT
#include <bodega/hybrid/part_blend.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/data/item_mask.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/slate.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "hybrid/toy_scorers.hpp"

using namespace bodega;
using bodega_test::FixedScores;
using bodega_test::NextItem;

namespace {
Matrix<float> same_in_all(const std::vector<float>& weights) {
  Matrix<float> table(Situation::count, weights.size());
  for (std::size_t s = 0; s < Situation::count; ++s)
    for (std::size_t p = 0; p < weights.size(); ++p) table(s, p) = weights[p];
  return table;
}
std::vector<float> scores_of(const PartBlend& blend, const Query& query) {
  std::vector<float> scores(blend.items());
  blend.add_scores(query, 1, scores);
  return scores;
}
const FixedScores fixed({0.5f, 0.25f, 0, 1});
const NextItem next(4);
PartBlend both(std::vector<float> weights) {
  return {4, {AnyScorer(next), AnyScorer(fixed)}, same_in_all(weights)};
}
const std::array basket{ItemIndex(0)};
}  // namespace

TEST_CASE("A blend of parts keeps the contract of a scorer, and scores as Blend does") {
  Popularity popularity(8);
  for (const std::uint32_t item : {1, 1, 4, 7}) popularity.add(ItemIndex(item), Day(19'000));
  bodega_test::check_scorer_contract(
      PartBlend(8, {AnyScorer(NextItem(8)), AnyScorer(popularity)}, same_in_all({2, 0.5f})), 8,
      {.sums_over_items = false});
  const auto known = blend(next, 2.0f, fixed, 0.5f);
  for (const Query& query : {Query{}, Query{.basket = basket}, Query{.viewed = ItemIndex(2)}}) {
    std::vector<float> expected(4);
    known.add_scores(query, 1, expected);
    CHECK(scores_of(both({2, 0.5f}), query) == expected);
  }
  CHECK(both({2, 0.5f}).parts() == 2);
  CHECK(both({2, 0.5f}).uses() == QueryParts::all());  // of scorers that do not say
  CHECK(both({0, 0}).uses().empty());
  CHECK(PartBlend(3).items() == 3);
  CHECK(scores_of(PartBlend(3), {}) == std::vector<float>(3));
}

TEST_CASE("Each situation has weights of its own") {
  Matrix<float> weights = same_in_all({0, 1});
  weights(Situation(true, false, false).index(), 0) = 1;
  weights(Situation(true, false, false).index(), 1) = 0;
  const PartBlend blend(4, {AnyScorer(next), AnyScorer(fixed)}, weights);
  CHECK(scores_of(blend, {}) == std::vector<float>{0.5f, 0.25f, 0, 1});
  CHECK(scores_of(blend, {.basket = basket}) == std::vector<float>{0, 1, 0, 0});
  CHECK(blend.weights(Situation())[1] == 1);
}

TEST_CASE("Reasons say which part they come from") {
  const PartBlend blend = both({0.5f, 1});
  Reasons reasons;
  blend.explain({.basket = basket}, 1, ItemIndex(1), reasons);
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[0].part == 0);
  CHECK(reasons[0].kind == Reason::Kind::bought_together);
  CHECK(reasons[1].part == 1);
  reasons.clear();
  reasons.offer({Reason::Kind::matches, ItemIndex::none(), 0, 1});  // of nobody again
  CHECK(reasons[0].part == Reason::no_part);

  Workspace workspace(4);
  const ItemMask all(4);
  for (const Pick& pick : select_slate(blend, {.basket = basket}, all, 3, workspace)) {
    Reasons alone;
    blend.explain({.basket = basket}, 1, pick.item, alone);
    REQUIRE(alone.size() == pick.because.size());
    for (std::size_t r = 0; r < alone.size(); ++r) CHECK(alone[r].part == pick.because[r].part);
  }
  const Query query{.basket = basket};
  CHECK(bodega_test::allocations_in([&] { select_slate(blend, query, all, 3, workspace); }) == 0);
}

TEST_CASE("A part of fewer items speaks for the first ones") {
  const PartBlend blend(5, {AnyScorer(fixed), AnyScorer(2)}, same_in_all({1, 1}));
  CHECK(scores_of(blend, {}) == std::vector<float>{0.5f, 0.25f, 0, 1, 0});
  CHECK_ERROR(PartBlend(3, {AnyScorer(fixed)}, same_in_all({1})), ErrorCode::shape, "PartBlend");
  CHECK_ERROR(PartBlend(4, {AnyScorer(fixed)}, same_in_all({1, 1})), ErrorCode::shape,
              "columns of weights");
  CHECK_ERROR(PartBlend(4, {AnyScorer(fixed)}, Matrix<float>(1, 1, 1.0f)), ErrorCode::shape,
              "rows of weights");
  CHECK_ERROR(
      PartBlend(4, {AnyScorer(fixed)}, same_in_all({std::numeric_limits<float>::infinity()})),
      ErrorCode::not_finite, "weights");
  CHECK_ERROR(PartBlend(4, std::vector<AnyScorer>(256, AnyScorer(4)),
                        same_in_all(std::vector<float>(256, 1))),
              ErrorCode::out_of_range, "PartBlend");
}
