// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent/adam.hpp>

#include <array>
#include <cmath>
#include <vector>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("The first step is the rate, whatever the gradient's size") {
  Adam adam(3);
  std::array<float, 3> numbers{1, 1, 1};
  adam.step(numbers, std::array{0.5f, -1e-3f, 0.0f}, 0.1f, 1e9f);
  CHECK(numbers[0] == Approx(0.9f));
  CHECK(numbers[1] == Approx(1.1f));
  CHECK(numbers[2] == 1.0f);
}

TEST_CASE("Two steps by hand") {
  Adam adam(1);
  std::array<float, 1> number{0};
  adam.step(number, std::array{1.0f}, 0.1f, 1e9f);
  adam.step(number, std::array{-2.0f}, 0.1f, 1e9f);
  const double mean = (0.9 * 0.1 - 0.1 * 2) / (1 - 0.81);
  const double square = (0.999 * 0.001 + 0.001 * 4) / (1 - 0.999 * 0.999);
  CHECK(number[0] == Approx(-0.1 - 0.1 * mean / std::sqrt(square)));
}

TEST_CASE("A gradient longer than the limit is shortened, so that what follows weighs more") {
  std::array<float, 2> clipped{0, 0}, plain{0, 0};
  Adam one(2), other(2);
  one.step(clipped, std::array{30.0f, 40.0f}, 0.1f, 5);
  other.step(plain, std::array{3.0f, 4.0f}, 0.1f, 1e9f);
  one.step(clipped, std::array{1.0f, -1.0f}, 0.1f, 5);
  other.step(plain, std::array{1.0f, -1.0f}, 0.1f, 1e9f);
  CHECK(clipped[0] == Approx(plain[0]));
  CHECK(clipped[1] == Approx(plain[1]));
}
