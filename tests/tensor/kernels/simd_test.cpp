// SPDX-License-Identifier: MIT
#include <bodega/tensor/kernels/simd.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"

// Each kernel against its plain twin, at lengths around every vector width and at unaligned starts.

using namespace bodega;

namespace {

constexpr std::size_t lengths[] = {0,  1,  3,  4,  7,  8,   15,  16,  17,
                                   31, 33, 63, 64, 65, 127, 130, 1000};

std::vector<float> floats(std::size_t n, std::uint64_t seed, float range = 1) {
  const CounterRandom random(seed);
  std::vector<float> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = range * (2 * random.uniform(i, n) - 1);
  return x;
}

/// Both ends of the range are frequent: that is where a kernel could overflow.
std::vector<std::int8_t> bytes(std::size_t n, std::uint64_t seed) {
  const CounterRandom random(seed);
  std::vector<std::int8_t> x(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto drawn = static_cast<int>(random.below(512, i, n));
    x[i] = static_cast<std::int8_t>(std::clamp(drawn - 256, -128, 127));
  }
  return x;
}

/// What sums of n products of numbers up to 1 may differ by in another order.
double tolerance(std::size_t n) { return 1.2e-7 * static_cast<double>(n + 1); }

void check_close(const std::vector<float>& found, const std::vector<float>& expected, double most) {
  REQUIRE(found.size() == expected.size());
  double worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i)
    worst = std::max(worst, std::abs(double{found[i]} - double{expected[i]}));
  CHECK(worst <= most);
}

}  // namespace

TEST_CASE("the instruction set has a name") {
  CHECK(std::string_view(simd::architecture()).size() > 2);
}

TEST_CASE("dot and axpy of floats agree with plain C++") {
  for (const std::size_t n : lengths)
    for (const std::size_t start : {0, 1}) {
      CAPTURE(n, start);
      const auto a = floats(n + start, 1), b = floats(n + start, 2);
      CHECK(std::abs(simd::dot(a.data() + start, b.data() + start, n) -
                     plain::dot(a.data() + start, b.data() + start, n)) <= tolerance(n));
      auto y = floats(n + start, 3), expected = y;
      simd::axpy(0.7f, a.data() + start, y.data() + start, n);
      plain::axpy(0.7f, a.data() + start, expected.data() + start, n);
      check_close(y, expected, 2e-7);
    }
}

TEST_CASE("gemv agrees with plain C++ for any number of rows") {
  for (const std::size_t rows : {1, 2, 3, 4, 5, 8, 11})
    for (const std::size_t columns : lengths) {
      CAPTURE(rows, columns);
      const auto w = floats(rows * columns, 4), x = floats(columns, 5);
      std::vector<float> y(rows, 9.0f), expected(rows);
      simd::gemv(w.data(), rows, columns, x.data(), y.data());
      plain::gemv(w.data(), rows, columns, x.data(), expected.data());
      check_close(y, expected, tolerance(columns));
    }
}

TEST_CASE("add_product agrees with plain C++, also with a transposed left side") {
  for (const std::size_t rows : {1, 2, 5, 9})
    for (const std::size_t inner : {0, 1, 6, 17})
      for (const std::size_t columns : lengths) {
        CAPTURE(rows, inner, columns);
        const auto a = floats(rows * inner, 6), b = floats(inner * columns, 7);
        for (const bool transposed : {false, true}) {
          const std::size_t row_step = transposed ? 1 : inner, column_step = transposed ? rows : 1;
          auto c = floats(rows * columns, 8), expected = c;
          simd::add_product(a.data(), row_step, column_step, b.data(), c.data(), rows, inner,
                            columns);
          plain::add_product(a.data(), row_step, column_step, b.data(), expected.data(), rows,
                             inner, columns);
          check_close(c, expected, tolerance(inner + 1));
        }
      }
}

TEST_CASE("INT8 kernels agree with plain C++ to the bit") {
  for (const std::size_t n : lengths)
    for (const std::size_t start : {0, 1}) {
      CAPTURE(n, start);
      const auto a = bytes(n + start, 1), c = bytes(n + start, 2);
      std::vector<std::int16_t> b(c.begin(), c.end());
      for (std::int16_t& x : b) x = static_cast<std::int16_t>(x * 200);
      CHECK(simd::dot(a.data() + start, b.data() + start, n) ==
            plain::dot(a.data() + start, b.data() + start, n));
      auto y = floats(n + start, 3), expected = y;
      simd::axpy_int8(0.01f, a.data() + start, -7, y.data() + start, n);
      plain::axpy_int8(0.01f, a.data() + start, -7, expected.data() + start, n);
      check_close(y, expected, 3e-7);
      const auto x = floats(n, 4);
      check_close(std::vector{simd::dot_int8(x.data(), a.data() + start, -7, n)},
                  std::vector{plain::dot_int8(x.data(), a.data() + start, -7, n)},
                  255 * tolerance(n));
    }
}

TEST_CASE("the dot of 512 of the largest INT8 and INT16 factors is exact") {
  for (const std::int16_t factor : {std::int16_t{32767}, std::int16_t{-32767}}) {
    const std::vector<std::int8_t> low(512, -128);
    const std::vector<std::int16_t> high(512, factor);
    CHECK(simd::dot(low.data(), high.data(), 512) == -512 * 128 * factor);
  }
}

TEST_CASE("find_above finds the first place, wherever it is") {
  for (const std::size_t n : lengths) {
    std::vector<float> x(n, 1.0f);
    CHECK(simd::find_above(x.data(), n, 1.0f) == n);
    for (std::size_t i = n; i-- > 0;) {
      x[i] = 2.0f;
      if (i + 1 < n && i % 3 == 0) x[i + 1] = std::nanf("");
      REQUIRE(simd::find_above(x.data(), n, 1.0f) == i);
    }
  }
}

TEST_CASE("tanh and sigmoid are within 4e-7 of the true ones, SIMD and plain") {
  std::vector<float> x;
  for (double v = -20; v <= 20; v += 0.001) x.push_back(static_cast<float>(v));
  for (const float extreme : {0.0f, -0.0f, 1e-30f, 1e30f, -1e30f, INFINITY, -INFINITY})
    x.push_back(extreme);
  std::vector<float> true_tanh, true_sigmoid;
  for (const double v : x) {
    true_tanh.push_back(static_cast<float>(std::tanh(v)));
    true_sigmoid.push_back(static_cast<float>(1 / (1 + std::exp(-v))));
  }
  const auto check = [&](auto function, const std::vector<float>& expected) {
    auto y = x;
    function(y.data(), y.size());
    check_close(y, expected, 4e-7);
    CHECK(std::all_of(y.begin(), y.end(), [](float v) { return std::abs(v) <= 1; }));
  };
  check([](float* v, std::size_t n) { simd::tanh(v, n); }, true_tanh);
  check([](float* v, std::size_t n) { plain::tanh(v, n); }, true_tanh);
  check([](float* v, std::size_t n) { simd::sigmoid(v, n); }, true_sigmoid);
  check([](float* v, std::size_t n) { plain::sigmoid(v, n); }, true_sigmoid);
}
