// SPDX-License-Identifier: MIT
#include <limits>
#include <vector>

#include <bodega/collaborative/customers/customer_items.hpp>
#include <bodega/collaborative/customers/customer_neighbours_trainer.hpp>
#include <bodega/collaborative/customers/purchase_cycle_trainer.hpp>
#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/collaborative/customers/tifu_vectors.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "reload.hpp"
#include "toy_shop.hpp"

using namespace bodega;

namespace {
CsrMatrix<float> table() { return {SparsePattern(3, {0, 2, 2}, {0, 2}), {1.5f, -1}}; }
}  // namespace

TEST_CASE("A customer's row is added, and nothing for those outside the table") {
  const CustomerItems<> model(table());
  std::vector<float> scores(3, 1.0f);
  model.add_scores({.customer = CustomerIndex(0)}, 2, scores);
  CHECK(scores == std::vector<float>{4, 1, -1});
  for (const CustomerIndex other : {CustomerIndex(1), CustomerIndex(2), CustomerIndex::none()})
    model.add_scores({.customer = other}, 2, scores);
  CHECK(scores == std::vector<float>{4, 1, -1});
  CHECK(model.customers() == 2);
}

TEST_CASE("The reason says whose purchases the table is of") {
  const auto kind_of = [](const CustomerItems<>& model) {
    Reasons reasons;
    model.explain({.customer = CustomerIndex(0)}, 1, ItemIndex(0), reasons);
    REQUIRE(reasons.size() == 1);
    CHECK(reasons[0].contribution == 1.5f);
    return reasons[0].kind;
  };
  CHECK(kind_of(CustomerItems<>(table())) == Reason::Kind::bought_before);
  CHECK(kind_of(CustomerItems<>(table(), CustomerItemsOf::alike)) == Reason::Kind::bought_by_alike);
}

TEST_CASE("A table of customers refuses what is not a number, or not a table of either kind") {
  CsrMatrix<float> bad = table();
  bad.values()[0] = std::numeric_limits<float>::quiet_NaN();
  CHECK_ERROR(CustomerItems<>(bad), ErrorCode::not_finite, "weights");
  CHECK_ERROR(CustomerItems<>(table(), CustomerItemsOf(2)), ErrorCode::out_of_range, "of");
}

TEST_CASE("what is known of a customer keeps the scorer contract") {
  const bodega_test::ScorerPromises promises{.sums_over_items = false,
                                             .customers = bodega_test::toy_customers};
  const Baskets baskets = bodega_test::toy_customer_baskets();
  const auto check = [&](const auto& model) {
    bodega_test::check_scorer_contract(model, bodega_test::toy_items, promises);
    bodega_test::check_scorer_contract(quantize(model), bodega_test::toy_items, promises);
    bodega_test::check_scorer_contract(prune(model), bodega_test::toy_items, promises);
  };
  check(fit_repeat_purchase(baskets, {.forgetting = {.power = 1}, .prior = 1}));
  check(fit_repeat_purchase(baskets, {.prior = 0}));
  check(fit_purchase_cycle(baskets));
  check(CustomerItems<>(tifu_vectors(baskets)));
  check(fit_customer_neighbours(tifu_vectors(baskets), {.neighbours = 3, .items = 10}));
}
