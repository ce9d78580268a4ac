// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <vector>

#include <bodega/collaborative/customers/customer_baskets.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
std::vector<float> scores_of(const CustomerBaskets& model, const Query& query) {
  std::vector<float> scores(model.items(), 0.0f);
  model.add_scores(query, 1, scores);
  return scores;
}

/// Customer 0 bought {0, 1}, then {2, 3}, then {2}; customer 1 nothing.
CustomerBaskets three_baskets(const CustomerBasketsOptions& options) {
  return {SparsePattern(4, {0, 2, 4, 5}, {0, 1, 2, 3, 2}), {0, 3, 3}, options};
}
}  // namespace

TEST_CASE("Without a basket each one counts what its age leaves of it") {
  const auto model = three_baskets({.forgetting = {.per_step = 0.5}});
  const auto scores = scores_of(model, {.customer = CustomerIndex(0)});
  CHECK(scores[0] == Approx(0.25 / 1.75));
  CHECK(scores[2] == Approx(1.5 / 1.75));
  CHECK(scores_of(model, {.customer = CustomerIndex(1)}) == std::vector<float>(4, 0.0f));
  CHECK(scores_of(model, {.customer = CustomerIndex(2)}) == std::vector<float>(4, 0.0f));
}

TEST_CASE("A basket like the open one counts its cosine more") {
  const auto model = three_baskets({.forgetting = {}, .unlike = 0.1f});
  const std::vector basket{ItemIndex(0)};
  const Query query{.basket = basket, .customer = CustomerIndex(0)};
  // Items of one basket weigh ln(3 / 2), so that {0} has a cosine of 1 / sqrt(2) with {0, 1}.
  const double cosine = 1 / std::sqrt(2.0), all = 0.3 + cosine;
  CHECK(scores_of(model, query)[1] == Approx((0.1 + cosine) / all));
  CHECK(scores_of(model, query)[2] == Approx(0.2 / all));
  Reasons reasons;
  model.explain(query, 1, ItemIndex(1), reasons);
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].kind == Reason::Kind::bought_before);
  CHECK(reasons[0].contribution == Approx((0.1 + cosine) / all));
}

TEST_CASE("Customers share out the baskets") {
  CHECK_ERROR(CustomerBaskets(SparsePattern(3, {0, 1}, {2}), {0, 2}, {}), ErrorCode::shape,
              "begin");
  CHECK_ERROR(CustomerBaskets(SparsePattern(3, {0, 1}, {2}), {}, {}), ErrorCode::shape, "begin");
}
