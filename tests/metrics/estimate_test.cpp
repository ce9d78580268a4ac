// SPDX-License-Identifier: MIT
#include <bodega/metrics/estimate.hpp>

#include <cmath>
#include <vector>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("An interval takes the cases of a group as one, and leaves out what does not count") {
  const std::vector<double> values{1, 0, std::nan(""), 1, 1, 0};
  const std::vector<int> groups{3, 3, 3, 5, 5, 9};
  const Estimate found = estimate(
      values.size(), [&](std::size_t i) { return values[i]; },
      [&](std::size_t i) { return groups[i]; });
  CHECK(found.mean == Approx(0.6));
  CHECK(found.half_width == Approx(1.96 * std::sqrt(0.2 * 0.2 + 0.8 * 0.8 + 0.6 * 0.6) / 5));
  const Estimate none = estimate(
      3, [](std::size_t) { return std::nan(""); }, [](std::size_t) { return 0; });
  CHECK(none.mean == 0.0);
}
