// SPDX-License-Identifier: MIT
#include <bodega/tensor/half.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("every half survives the way to float and back") {
  std::size_t wrong = 0;
  for (std::uint32_t h = 0; h < 65'536; ++h) {
    const auto half = static_cast<std::uint16_t>(h);
    const float value = half_to_float(half);
    if (std::isnan(value))
      wrong += (h & 0x7C00u) != 0x7C00u || (h & 0x3FFu) == 0 || is_half(value);
    else
      wrong += float_to_half(value) != half || !is_half(value);
  }
  CHECK(wrong == 0);
  CHECK(half_to_float(0x3C00) == 1.0f);
  CHECK(half_to_float(0x0001) == 0x1p-24f);
  CHECK(half_to_float(0x7BFF) == largest_half);
  CHECK(half_to_float(0x0400) == smallest_normal_half);
  CHECK(std::signbit(half_to_float(0x8000)));
}

TEST_CASE("floats go to the nearest half, ties to even") {
  std::size_t wrong = 0;
  for (std::uint16_t h = 0; h < 0x7BFF; ++h) {  // between each two neighbours
    const double low = half_to_float(h), high = half_to_float(static_cast<std::uint16_t>(h + 1));
    const auto middle = static_cast<float>((low + high) / 2);
    wrong += float_to_half(middle) != h + h % 2;
    wrong += float_to_half(std::nextafter(middle, 0.0f)) != h;
    wrong += float_to_half(std::nextafter(middle, 1e9f)) != h + 1;
    wrong += float_to_half(-middle) != (0x8000 | (h + h % 2));
  }
  CHECK(wrong == 0);
  CHECK(std::isinf(round_to_half(65'520.0f)));
  CHECK(round_to_half(65'519.9f) == largest_half);
  CHECK(std::isinf(round_to_half(-INFINITY)));
  CHECK(std::isnan(round_to_half(std::nanf(""))));
  CHECK_FALSE(is_half(0.1f));
}

TEST_CASE("a scale is rounded up to a half") {
  for (const float value : {1.0f, 0.1f, 1.0f / 127, 6.2e-5f, 1000.1f, 65'503.0f}) {
    const float half = half_at_or_above(value);
    CHECK(is_half(half));
    CHECK(half >= value);
    CHECK(half <= value * (1 + 0x1p-10f));
  }
  for (const float as_it_is : {1e-6f, 1e-30f, 65'505.0f, 1e30f})
    CHECK(half_at_or_above(as_it_is) == as_it_is);
}
