// SPDX-License-Identifier: MIT
#include <bodega/tensor/kernels/plain.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("plain products by hand") {
  const std::array<float, 4> a{1, 2, 3, 4}, b{5, 6, 7, 8};
  CHECK(plain::dot(a.data(), b.data(), 4) == 70);
  CHECK(plain::dot(a.data(), b.data(), 0) == 0);
  std::array<float, 4> y{1, 1, 1, 1};
  plain::axpy(2, a.data(), y.data(), 4);
  CHECK(y == std::array<float, 4>{3, 5, 7, 9});
  std::array<float, 2> product;
  plain::gemv(a.data(), 2, 2, b.data(), product.data());  // (1 2; 3 4) (5 6)'
  CHECK(product == std::array<float, 2>{17, 39});
}

TEST_CASE("the plain matrix product reads its left side in any layout") {
  const std::array<float, 4> a{1, 2, 3, 4}, b{5, 6, 7, 8};
  std::array<float, 4> c{1, 0, 0, 0}, of_transposed{};
  plain::add_product(a.data(), 2, 1, b.data(), c.data(), 2, 2, 2);
  CHECK(c == std::array<float, 4>{20, 22, 43, 50});
  plain::add_product(a.data(), 1, 2, b.data(), of_transposed.data(), 2, 2, 2);
  CHECK(of_transposed == std::array<float, 4>{26, 30, 38, 44});
}

TEST_CASE("plain INT8 products by hand") {
  const std::array<std::int8_t, 3> w{-128, 0, 127};
  const std::array<std::int16_t, 3> factors{100, 5, -32767};
  CHECK(plain::dot(w.data(), factors.data(), 3) == -12800 - 127 * 32767);
  std::array<float, 3> y{};
  plain::axpy_int8(0.5f, w.data(), 1, y.data(), 3);
  CHECK(y == std::array<float, 3>{-64.5f, -0.5f, 63});
  const std::array<float, 3> x{1, 2, 3};
  CHECK(plain::dot_int8(x.data(), w.data(), -1, 3) == -127 + 2 + 3 * 128);
}

TEST_CASE("the first number above a threshold, and none of NaN") {
  const std::array<float, 4> x{1, std::numeric_limits<float>::quiet_NaN(), 3, 4};
  CHECK(plain::find_above(x.data(), 4, 0) == 0);
  CHECK(plain::find_above(x.data(), 4, 1) == 2);
  CHECK(plain::find_above(x.data(), 4, 4) == 4);
}

TEST_CASE("plain tanh and sigmoid, one and many") {
  std::array<float, 5> x{-20, -1, 0, 0.5f, 20};
  for (const float v : x) {
    CHECK(plain::tanh(v) == Approx(std::tanh(v)).margin(4e-7));
    CHECK(plain::sigmoid(v) == Approx(1 / (1 + std::exp(-double{v}))).margin(4e-7));
  }
  std::array<float, 5> y = x;
  plain::tanh(y.data(), 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(y[i] == plain::tanh(x[i]));
  plain::sigmoid(x.data(), 5);
  CHECK(x[2] == 0.5f);
}
