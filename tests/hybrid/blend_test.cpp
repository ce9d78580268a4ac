// SPDX-License-Identifier: MIT
#include <limits>

#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/hybrid/blend.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "hybrid/toy_scorers.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::FixedScores;
using bodega_test::NextItem;

namespace {
template <class S>
std::vector<float> scores_of(const S& scorer, const Query& query = {}, float weight = 1) {
  std::vector<float> scores(scorer.items(), 0.0f);
  scorer.add_scores(query, weight, scores);
  return scores;
}
const ItemIndex basket[] = {ItemIndex(0), ItemIndex(2)};
}  // namespace

TEST_CASE("A blend is the weighted sum of its scorers and a scorer itself") {
  const FixedScores popular({4, 3, 2, 1});
  const NextItem next(4);
  const auto mixed = blend(next, 0.5f, popular, 0.25f);
  STATIC_REQUIRE(Scorer<std::remove_cvref_t<decltype(mixed)>>);
  Query query;
  query.basket = basket;
  CHECK(scores_of(mixed, query) == std::vector<float>{1, 1.25f, 0.5f, 0.75f});
  CHECK(scores_of(mixed, query, 2) == std::vector<float>{2, 2.5f, 1, 1.5f});
  CHECK(scores_of(blend(mixed, 2.0f, popular, -0.5f), query) == std::vector<float>{0, 1, 0, 1});
}

TEST_CASE("A blend explains with its weights, strongest first") {
  const FixedScores popular({4, 3, 2, 1});
  const NextItem next(4);
  const auto mixed = blend(next, 0.5f, popular, 1.0f);
  Query query;
  query.basket = basket;
  Reasons reasons;
  mixed.explain(query, 2.0f, ItemIndex(1), reasons);
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[0].kind == Reason::Kind::popular);
  CHECK(reasons[0].contribution == 6.0f);
  CHECK(reasons[1].kind == Reason::Kind::bought_together);
  CHECK(reasons[1].item == ItemIndex(0));
  CHECK(reasons[1].contribution == 1.0f);
}

TEST_CASE("A named scorer is referred to, a temporary is owned") {
  FixedScores popular({1, 2});
  auto mixed = blend(popular, 1.0f, FixedScores({10, 20}), 1.0f);
  STATIC_REQUIRE(std::is_same_v<decltype(mixed), Blend<const FixedScores&, FixedScores>>);
  popular = FixedScores({5, 5});
  CHECK(scores_of(mixed) == std::vector<float>{15, 25});
  auto owned = blend(std::move(popular), 1.0f);
  STATIC_REQUIRE(std::is_same_v<decltype(owned), Blend<FixedScores>>);
  CHECK(scores_of(owned) == std::vector<float>{5, 5});
}

TEST_CASE("A weight of 0 leaves a scorer out, whatever it holds") {
  const FixedScores broken({std::numeric_limits<float>::quiet_NaN()});
  CHECK(scores_of(blend(broken, 0.0f, FixedScores({1}), 1)) == std::vector<float>{1});
}

TEST_CASE("A blend refuses weights that are no numbers and catalogues that differ") {
  const FixedScores two({1, 2}), three({1, 2, 3});
  CHECK_ERROR(blend(two, std::numeric_limits<float>::quiet_NaN()), ErrorCode::not_finite,
              "blend, weight 0");
  CHECK_ERROR(blend(two, 1.0f, two, std::numeric_limits<float>::infinity()), ErrorCode::not_finite,
              "blend, weight 1");
  CHECK_ERROR(blend(two, 1.0f, three, 1.0f), ErrorCode::shape, "blend");
}

TEST_CASE("a blend keeps the scorer contract") {
  const auto items = fit_item_neighbours(Cooccurrence(bodega_test::toy_baskets()));
  const auto content = fit_content_model(bodega_test::toy_catalog());
  bodega_test::check_scorer_contract(blend(items, 0.7f, content, 0.3f), bodega_test::toy_items,
                                     {.explains_all = false});
}

TEST_CASE("A blend uses what its parts use that have a weight") {
  const auto items = fit_item_neighbours(Cooccurrence(bodega_test::toy_baskets()));
  const FixedScores popular(std::vector<float>(bodega_test::toy_items, 1.0f));  // does not say
  CHECK(blend(items, 1.0f, popular, 0.5f).uses() == QueryParts::all());
  CHECK(blend(items, 1.0f, popular, 0.0f).uses() == QueryParts::items());
  CHECK(blend(items, 0.0f, popular, 0.0f).uses().empty());
}
