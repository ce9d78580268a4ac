// SPDX-License-Identifier: MIT
#include "scorer_contract.hpp"

#include <bodega/collaborative/customer_neighbours.hpp>
#include <bodega/collaborative/als_trainer.hpp>
#include <bodega/collaborative/association_rules_trainer.hpp>
#include <bodega/collaborative/bpr_trainer.hpp>
#include <bodega/collaborative/ease_trainer.hpp>
#include <bodega/collaborative/item_neighbours.hpp>
#include <bodega/collaborative/popularity.hpp>
#include <bodega/collaborative/purchase_cycle.hpp>
#include <bodega/collaborative/relations.hpp>
#include <bodega/collaborative/repeat_purchase.hpp>
#include <bodega/collaborative/weighted_neighbours.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/content/content_model.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/embedding/item_vectors_trainer.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/session/sequential_rules.hpp>
#include <bodega/session/session_neighbours.hpp>

#include "toy_shop.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
const ScorerPromises whatever_is_in_the_basket{.sums_over_items = false};
// An INT8 scan rounds the query's vector as well, by up to 1/254 of its largest number.
const ScorerPromises rounded_query{
    .sums_over_items = false, .explains_all = false, .tolerance = 0.03f};
// A basket is folded in as a whole, and items of it may speak against others.
const ScorerPromises folded_in{.sums_over_items = false, .explains_all = false};
const Cooccurrence& counts() {
  static const Cooccurrence sums(toy_baskets());
  return sums;
}
}  // namespace

TEST_CASE("item neighbours keep the scorer contract") {
  for (const Similarity similarity :
       {Similarity::cosine, Similarity::conditional, Similarity::shrunk_lift, Similarity::jaccard,
        Similarity::ppmi, Similarity::log_likelihood}) {
    const auto model = fit_item_neighbours(counts(), {.similarity = similarity, .neighbours = 10});
    check_scorer_contract(model, toy_items);
    check_scorer_contract(quantize(model), toy_items);
  }
  check_scorer_contract(fit_tfidf_neighbours(toy_baskets(), {.neighbours = 10}), toy_items);
}

TEST_CASE("association rules keep the scorer contract") {
  const auto model = fit_association_rules(toy_baskets(), {.itemsets = {.support = 0.005}}).model;
  CHECK(model.rules().size() > 100);
  check_scorer_contract(model, toy_items, whatever_is_in_the_basket);
  check_scorer_contract(quantize(model), toy_items, whatever_is_in_the_basket);
  check_scorer_contract(prune(model), toy_items, whatever_is_in_the_basket);
}

TEST_CASE("complements and substitutes keep the scorer contract") {
  const auto complements = fit_complements(counts());
  const auto substitutes =
      fit_substitutes(counts(), {.complements = {.significance = 1}, .most_together = 1});
  CHECK(complements.weights().size() > 50);
  CHECK(substitutes.weights().size() > 10);
  check_scorer_contract(complements, toy_items);
  check_scorer_contract(substitutes, toy_items);
  check_scorer_contract(quantize(substitutes), toy_items);
  check_scorer_contract(prune(substitutes), toy_items);
}

TEST_CASE("EASE keeps the scorer contract") {
  const auto model = fit_ease(counts(), {.l2 = 20, .neighbours = 10});
  check_scorer_contract(model, toy_items);
  check_scorer_contract(quantize(model), toy_items);
}

TEST_CASE("factor models keep the scorer contract") {
  const CsrMatrix<float> rows = basket_items(toy_baskets());
  const auto als = fit_als(rows, {.factors = 12, .iterations = 4});
  check_scorer_contract(als, toy_items, folded_in);
  check_scorer_contract(quantize(als), toy_items, folded_in);
  const auto bpr = fit_bpr(rows, {.factors = 6, .epochs = 5});
  check_scorer_contract(bpr, toy_items, folded_in);
  check_scorer_contract(quantize(bpr), toy_items, folded_in);
}

TEST_CASE("popularity keeps the scorer contract") {
  check_scorer_contract(Popularity(toy_baskets()), toy_items, whatever_is_in_the_basket);
  check_scorer_contract(Popularity(toy_items), toy_items, whatever_is_in_the_basket);
}

TEST_CASE("what is known of a customer keeps the scorer contract") {
  const ScorerPromises promises{.sums_over_items = false, .customers = toy_customers};
  const Baskets baskets = toy_customer_baskets();
  const auto check = [&](const auto& model) {
    check_scorer_contract(model, toy_items, promises);
    check_scorer_contract(quantize(model), toy_items, promises);
    check_scorer_contract(prune(model), toy_items, promises);
  };
  check(fit_repeat_purchase(baskets, {.forgetting = {.power = 1}, .prior = 1}));
  check(fit_repeat_purchase(baskets, {.prior = 0}));
  check(fit_purchase_cycle(baskets));
  check(CustomerItems<>(tifu_vectors(baskets)));
  check(fit_customer_neighbours(tifu_vectors(baskets), {.neighbours = 3, .items = 10}));
}

TEST_CASE("the content model keeps the scorer contract") {
  const auto model = ContentModel(toy_catalog(), {.price_bands = 3});
  check_scorer_contract(model, toy_items);
  check_scorer_contract(quantize(model), toy_items);
}

TEST_CASE("item vectors keep the scorer contract") {
  const auto model = fit_item_vectors(counts().pairs(), {.dimensions = 8});
  check_scorer_contract(model, toy_items);
  check_scorer_contract(quantize(model), toy_items, rounded_query);
}

TEST_CASE("session neighbours, sequential rules and their blend keep the scorer contract") {
  const ScorerPromises in_order{.sums_over_items = false, .any_order = false};
  SessionWindow window(toy_items, {.sessions = 300});
  const Baskets baskets = toy_baskets();
  for (std::size_t b = 0; b < baskets.size(); ++b) window.append(baskets[b]);
  const SessionNeighbours plain(window, {.recent = 100, .neighbours = 30});
  check_scorer_contract(plain, toy_items, in_order);
  check_scorer_contract(SessionNeighbours(window, {.last_views = 9,
                                                   .view_decay = 0.3f,
                                                   .match_rarity = 2,
                                                   .half_life = 100,
                                                   .distance_decay = 0.2f,
                                                   .before = 0.5f,
                                                   .itself = 0.1f}),
                        toy_items, in_order);
  check_scorer_contract(SessionNeighbours(toy_items), toy_items, in_order);
  const auto rules = fit_sequential_rules(window, {.view_decay = 0.4f});
  check_scorer_contract(rules, toy_items, in_order);
  check_scorer_contract(quantize(rules), toy_items, in_order);
  check_scorer_contract(revisits(toy_items), toy_items, in_order);
  check_scorer_contract(blend(plain, 1.0f, rules, 0.3f), toy_items,
                        {.sums_over_items = false, .explains_all = false, .any_order = false});
}

TEST_CASE("a blend keeps the scorer contract") {
  const auto items = fit_item_neighbours(counts());
  const auto content = ContentModel(toy_catalog());
  check_scorer_contract(blend(items, 0.7f, content, 0.3f), toy_items, {.explains_all = false});
}
