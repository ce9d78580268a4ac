// SPDX-License-Identifier: MIT
#include <bodega/core/exact_sum.hpp>

#include <cmath>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("amounts are exact: 10,000 times 0.1 are 1,000, and back") {
  float sum = 0, rest = 0;
  for (int i = 0; i < 10'000; ++i) add_exactly(sum, rest, 0.1, 0);
  CHECK(sum == 1000.0f);
  for (int i = 0; i < 10'000; ++i) add_exactly(sum, rest, -0.1, 0);
  CHECK(std::abs(sum) < 1e-9f);
  for (int i = 0; i < 1'000'000; ++i) add_exactly(sum, rest, 0.1, 0);
  CHECK(sum == 100'000.0f);
}

TEST_CASE("amounts are exact: sums stay between their bounds") {
  float sum = 1, rest = 0;
  add_exactly(sum, rest, -5, 0);
  CHECK(sum == 0);
  add_exactly(sum, rest, -5, -1e300);
  CHECK(sum == -5);
  add_exactly(sum, rest, 1e300, 0);
  CHECK(std::isfinite(sum));
}
