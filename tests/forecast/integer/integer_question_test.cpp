// SPDX-License-Identifier: MIT
#include <bodega/forecast/integer/integer_question.hpp>

#include <array>
#include <cmath>
#include <limits>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("numbers are kept to 16 bits") {
  for (const float value : {1e-20f, 0.1f, 1.0f, 65'535.0f, 3e30f})
    CHECK(detail::to_real(detail::to_scaled(value)) == Approx(value).epsilon(1.0 / 32768));
  CHECK(detail::to_real({0, 0}) == 0);
  CHECK(detail::to_real({65'535, 200}) == std::numeric_limits<float>::max());
  CHECK(detail::to_real({1, -200}) == 0);
}

TEST_CASE("a question is no number's where a known sale or the level is none") {
  const IntegerParts parts;
  std::array<float, window_days> sales{2, 4, 3, 4, 2, 4, 2, 4, 2, 9, 2, 4, 2, 4};
  SalesWindow window(sales, Day(20'000));
  CHECK(IntegerQuestion(parts, window).valid());
  CHECK_FALSE(IntegerQuestion(parts, window).window().has_level);
  window.level = 2;
  CHECK(IntegerQuestion(parts, window).window().has_level);
  window.level = std::numeric_limits<float>::infinity();
  CHECK_FALSE(IntegerQuestion(parts, window).valid());
  window.level = std::nanf("");  // the window tells it
  CHECK(IntegerQuestion(parts, window).valid());
  sales[3] = std::nanf("");
  CHECK_FALSE(IntegerQuestion(parts, window).valid());
  window.known = static_cast<DayMask>(window.known & ~(1u << 3));
  CHECK(IntegerQuestion(parts, window).valid());
}
