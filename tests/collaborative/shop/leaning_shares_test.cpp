// SPDX-License-Identifier: MIT
#include <bodega/collaborative/shop/leaning_shares.hpp>

#include <cmath>
#include <vector>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("The rising factorial is the product that it says, for large and small numbers") {
  for (const double a : {0.01, 0.7, 3.0, 12.5, 4000.0}) {
    double product = 0;
    for (int n = 0; n < 30; ++n) {
      CHECK(detail::log_rising(a, n) == Approx(product).margin(1e-9));
      product += std::log(a + n);
    }
  }
}

TEST_CASE("The golden section finds the peak") {
  for (const double peak : {-3.0, 0.25, 6.9})
    CHECK(detail::golden_section(-4, 7, 1e-6, [&](double x) { return -std::pow(x - peak, 4); }) ==
          Approx(peak).margin(1e-3));
}

TEST_CASE("Counts lean on wider shares by how few they are") {
  Matrix<double> counts(3, 2);
  counts(0, 0) = 6;
  counts(0, 1) = 2;
  const std::vector<double> wider{0.25, 0.75};
  const detail::LeaningRows leaning = detail::lean(counts, 8);
  CHECK(leaning.shares(0, wider)[0] == Approx((6 + 8 * 0.25) / 16));
  CHECK(leaning.shares(1, wider) == wider);  // of no counts
  CHECK(detail::lean(counts, INFINITY).shares(0, wider) == wider);
}
