// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>

#include <bodega/collaborative/customers/forgetting.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("What forgets nothing counts every basket once") {
  CHECK(Forgetting{}.weight(0, 1) == 1);
  CHECK(Forgetting{}.weight(1000, 7) == 1);
}

TEST_CASE("Age and size make a basket count less") {
  CHECK((Forgetting{.power = 2, .scale = 3}.weight(6, 1)) == Approx(1.0 / 9));
  CHECK((Forgetting{.per_step = 0.5}.weight(3, 1)) == Approx(0.125));
  CHECK((Forgetting{.size = 0.5}.weight(3, 4)) == Approx(0.5));
  CHECK((Forgetting{.power = 1, .scale = 1, .per_step = 0.5, .size = 1}.weight(1, 2)) ==
        Approx(0.125));
}

TEST_CASE("Forgetting names the option that makes no sense") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_NOTHROW(Forgetting{}.validate("test"));
  CHECK_ERROR((Forgetting{.power = -1}.validate("test")), ErrorCode::invalid_argument, "power");
  CHECK_ERROR((Forgetting{.scale = nan}.validate("test")), ErrorCode::invalid_argument, "scale");
  CHECK_ERROR((Forgetting{.per_step = 1.1}.validate("test")), ErrorCode::invalid_argument,
              "per_step");
  CHECK_ERROR((Forgetting{.size = -0.5}.validate("test")), ErrorCode::invalid_argument, "size");
}
