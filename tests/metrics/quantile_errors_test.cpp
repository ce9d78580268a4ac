// SPDX-License-Identifier: MIT
#include <bodega/metrics/quantile_errors.hpp>

#include <array>
#include <cmath>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("Pinball losses by hand") {
  const std::array<float, 3> levels{0.1f, 0.5f, 0.9f};
  QuantileErrors errors(levels);
  for (const double empty : {errors.pinball(), errors.pinball(1), errors.coverage()})
    CHECK(std::isnan(empty));
  errors.add(10, std::array{5.0f, 10.0f, 20.0f});  // 0.1 x 5, 0, 0.1 x 10
  errors.add(30, std::array{5.0f, 10.0f, 20.0f});  // 0.1 x 25, 0.5 x 20, 0.9 x 10
  errors.add(std::nan(""), std::array{5.0f, 10.0f, 20.0f});
  CHECK(errors.count() == 2);
  CHECK(errors.pinball(0) == Approx((0.5 + 2.5) / 2));
  CHECK(errors.pinball(1) == Approx(5.0));
  CHECK(errors.pinball(2) == Approx((1.0 + 9.0) / 2));
  CHECK(errors.pinball() == Approx((1.5 + 5 + 5) / 3));
  CHECK(errors.coverage() == 0.5);
}
