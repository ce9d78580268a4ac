// SPDX-License-Identifier: MIT
#include <limits>
#include <vector>

#include <bodega/collaborative/customers/repeat_purchase.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
std::vector<float> scores_of(const auto& model, CustomerIndex customer) {
  std::vector<float> scores(model.items(), 0.0f);
  model.add_scores({.customer = customer}, 1, scores);
  return scores;
}
}  // namespace

TEST_CASE("The score is the posterior mean of a Poisson rate with a gamma prior") {
  const RepeatPurchase<> model(CsrMatrix<float>(SparsePattern(2, {0, 1, 1}, {0}), {3.0f}), {6, 0},
                               {0.5f, 2.0f}, {2, 4});
  CHECK(scores_of(model, CustomerIndex(0))[0] == Approx(3.5 / 8));
  CHECK(scores_of(model, CustomerIndex(0))[1] == Approx(2.0 / 10));
  // no baskets, or not known: what customers buy on the whole
  CHECK(scores_of(model, CustomerIndex(1)) == std::vector<float>{0.25f, 0.5f});
  CHECK(scores_of(model, CustomerIndex(7)) == std::vector<float>{0.25f, 0.5f});
  Reasons reasons;
  model.explain({.customer = CustomerIndex(0)}, 1, ItemIndex(0), reasons);
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[0].kind == Reason::Kind::bought_before);
  CHECK(reasons[1].kind == Reason::Kind::popular);
  CHECK(reasons[0].contribution + reasons[1].contribution == Approx(3.5 / 8));
}

TEST_CASE("Repeat purchase refuses what would not be a share") {
  const auto history = [] { return CsrMatrix<float>(SparsePattern(2, {0, 1}, {0}), {1.0f}); };
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_ERROR(RepeatPurchase<>(history(), {1, 2}), ErrorCode::shape, "baskets");
  CHECK_ERROR(RepeatPurchase<>(history(), {-1}), ErrorCode::out_of_range, "baskets");
  CHECK_ERROR(RepeatPurchase<>(history(), {1}, {1, 1}, {1}), ErrorCode::shape, "prior_baskets");
  CHECK_ERROR(RepeatPurchase<>(history(), {1}, {1}, {1}), ErrorCode::shape, "prior");
  CHECK_ERROR(RepeatPurchase<>(history(), {1}, {1, nan}, {1, 1}), ErrorCode::not_finite, "prior");
  CHECK_ERROR(RepeatPurchase<>(history(), {1}, {1, 1}, {1, 0}), ErrorCode::out_of_range,
              "prior_baskets");
}
