// SPDX-License-Identifier: MIT
#include <vector>

#include <bodega/collaborative/shop/context_lift.hpp>
#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "reload.hpp"

using namespace bodega;

namespace {
ContextLift<> toy() {
  Matrix<float> moments(ContextCounts::moments, 3), checkouts(ContextCounts::checkouts, 3);
  moments(2, 0) = 0.5f;  // Monday, 6 to 9
  moments(2, 1) = -0.5f;
  checkouts(3, 0) = 0.25f;  // assisted, busy
  return {std::move(moments), std::move(checkouts)};
}
}  // namespace

static_assert(Scorer<ContextLift<>>);

TEST_CASE("The score is the lift of the moment and of the checkout, where the query knows them") {
  const ContextLift<> lift = toy();
  const auto scores = [&](const Context& context) {
    std::vector<float> all(3, 0.0f);
    lift.add_scores({.context = context}, 2, all);
    return all;
  };
  CHECK(scores({StoreId(), 0, 7}) == std::vector<float>{1, -1, 0});
  CHECK(scores({StoreId(), 0, 7, Channel::assisted, Rush::busy}) ==
        std::vector<float>{1.5f, -1, 0});
  CHECK(scores({}) == std::vector<float>{0, 0, 0});
  CHECK(scores({StoreId(), 1, 7}) == std::vector<float>{0, 0, 0});

  Reasons reasons;
  lift.explain({.context = {StoreId(), 0, 7}}, 2, ItemIndex(0), reasons);
  lift.explain({.context = {StoreId(), 0, 7}}, 2, ItemIndex(1), reasons);  // less: no reason
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].kind == Reason::Kind::now);
  CHECK(reasons[0].contribution == 1);
}

TEST_CASE("It goes through a file and to bytes, and tables of other sizes are refused") {
  const ContextLift<> lift = toy();
  CHECK(bodega_test::reload(lift) == lift);
  const auto bytes = quantize(lift);
  std::vector<float> all(3, 0.0f);
  bytes.add_scores({.context = {StoreId(), 0, 7}}, 1, all);
  CHECK(all[0] > 0.49f);
  CHECK(all[0] < 0.51f);
  CHECK(all[1] < -0.49f);
  CHECK_ERROR(ContextLift<>(Matrix<float>(3, 3), Matrix<float>(4, 3)), ErrorCode::shape,
              "rows of moments");
  CHECK_ERROR(ContextLift<>(Matrix<float>(ContextCounts::moments, 3), Matrix<float>(4, 2)),
              ErrorCode::shape, "columns of checkouts");
}

TEST_CASE("It keeps the contract of scorers, in floats and in bytes") {
  Matrix<float> moments(ContextCounts::moments, 12), checkouts(ContextCounts::checkouts, 12);
  for (std::size_t c = 0; c < moments.rows(); ++c)
    for (std::size_t i = 0; i < 12; ++i)
      moments(c, i) = static_cast<float>((c * 7 + i * 5) % 11) / 10 - 0.5f;
  for (std::size_t i = 0; i < 12; ++i) checkouts(1, i) = static_cast<float>(i) / 12 - 0.5f;
  const ContextLift<> lift(std::move(moments), std::move(checkouts));
  const bodega_test::ScorerPromises promises{.sums_over_items = false};
  bodega_test::check_scorer_contract(lift, 12, promises);
  bodega_test::check_scorer_contract(quantize(lift), 12, promises);
}
