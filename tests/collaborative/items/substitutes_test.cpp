// SPDX-License-Identifier: MIT
#include <vector>

#include <bodega/collaborative/items/substitutes.hpp>
#include <bodega/collaborative/items/substitutes_trainer.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("what could stand in for a query's items is added up") {
  const Substitutes<> model(CsrMatrix<float>(SparsePattern(3, {0, 2, 3, 3}, {1, 2, 2}), {1, 2, 4}));
  const std::vector basket{ItemIndex(0)};
  std::vector<float> scores(3, 0.0f);
  const Query query{.basket = basket, .viewed = ItemIndex(1)};
  model.add_scores(query, 0.5f, scores);
  CHECK(scores == std::vector<float>{0, 0.5f, 3});
  Reasons reasons;
  model.explain(query, 0.5f, ItemIndex(2), reasons);
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[0].kind == Reason::Kind::alike);
  CHECK(reasons[0].item == ItemIndex(1));
  CHECK(reasons[0].contribution == 2);
  CHECK(reasons[1].contribution == 1);
}

TEST_CASE("substitutes are of one catalogue") {
  CHECK_ERROR(Substitutes<>(CsrMatrix<float>({3, {0, 0, 0}, {}}, {})), ErrorCode::shape,
              "Substitutes");
}

TEST_CASE("substitutes keep the scorer contract") {
  const auto substitutes = fit_substitutes(
      Cooccurrence(toy_baskets()), {.complements = {.significance = 1}, .most_together = 1});
  CHECK(substitutes.weights().size() > 10);
  check_scorer_contract(substitutes, toy_items);
  check_scorer_contract(quantize(substitutes), toy_items);
  check_scorer_contract(prune(substitutes), toy_items);
}
