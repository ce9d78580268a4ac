// SPDX-License-Identifier: MIT
#include <bodega/hybrid/any_scorer.hpp>

#include <memory>
#include <utility>
#include <vector>

#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/hybrid/blend.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "contract/scorer_contract.hpp"
#include "hybrid/toy_scorers.hpp"
#include "toy_shop.hpp"

using namespace bodega;

namespace {

std::vector<float> scores_of(const AnyScorer& scorer, const Query& query) {
  std::vector<float> scores(scorer.items(), 0.0f);
  scorer.add_scores(query, 1, scores);
  return scores;
}

}  // namespace

TEST_CASE("any scorer answers as the scorer it holds, shares or refers to") {
  const auto items = std::make_shared<const ItemItem<CsrMatrix<float>>>(
      fit_item_neighbours(Cooccurrence(bodega_test::toy_baskets())));
  const std::vector<ItemIndex> basket{ItemIndex(0), ItemIndex(5)};
  const Query query{.basket = basket};
  std::vector<float> expected(items->items(), 0.0f);
  items->add_scores(query, 1, expected);

  const AnyScorer owned(*items), shared(items), referring = AnyScorer::refer_to(*items);
  CHECK(items.use_count() == 2);
  for (const AnyScorer& any : {owned, shared, referring}) {
    CHECK(any);
    CHECK(any.items() == items->items());
    CHECK(scores_of(any, query) == expected);
    REQUIRE(any.get_if<ItemItem<CsrMatrix<float>>>() != nullptr);
    CHECK(any.get_if<ContentModel<CsrMatrix<float>>>() == nullptr);
  }
  CHECK(referring.get_if<ItemItem<CsrMatrix<float>>>() == items.get());
  CHECK(owned.get_if<ItemItem<CsrMatrix<float>>>() != items.get());
}

TEST_CASE("no scorer has nothing to say") {
  const AnyScorer nothing(3);
  CHECK_FALSE(nothing);
  CHECK(nothing.items() == 3);
  CHECK(scores_of(nothing, {}) == std::vector<float>(3, 0.0f));
  Reasons reasons;
  nothing.explain({}, 1, ItemIndex(0), reasons);
  CHECK(reasons.empty());
  CHECK(nothing.get_if<AnyScorer>() == nullptr);
}

TEST_CASE("referring, copying and answering allocate nothing") {
  const auto items = fit_item_neighbours(Cooccurrence(bodega_test::toy_baskets()));
  const std::vector<ItemIndex> basket{ItemIndex(0), ItemIndex(5)};
  std::vector<float> scores(items.items());
  CHECK(bodega_test::allocations_in([&] {
          const AnyScorer any = AnyScorer::refer_to(items);
          const AnyScorer copy = any;
          copy.add_scores({.basket = basket}, 1, scores);
        }) == 0);
}

TEST_CASE("any scorer keeps the scorer contract, and blends") {
  const auto items = fit_item_neighbours(Cooccurrence(bodega_test::toy_baskets()));
  AnyScorer content{fit_content_model(bodega_test::toy_catalog())};
  bodega_test::check_scorer_contract(AnyScorer(items), bodega_test::toy_items);
  bodega_test::check_scorer_contract(
      blend(AnyScorer(items), 0.7f, std::move(content), 0.3f, AnyScorer(items.items()), 5.0f),
      bodega_test::toy_items, {.explains_all = false});
}

TEST_CASE("any scorer uses what its scorer uses, all where that does not say, or nothing") {
  const auto items = fit_item_neighbours(Cooccurrence(bodega_test::toy_baskets()));
  CHECK(AnyScorer::refer_to(items).uses() == QueryParts::items());
  CHECK(AnyScorer(bodega_test::FixedScores({1, 2})).uses() == QueryParts::all());
  CHECK(AnyScorer(3).uses().empty());
}
