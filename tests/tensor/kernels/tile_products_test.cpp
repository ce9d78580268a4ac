// SPDX-License-Identifier: MIT
#include <bodega/tensor/kernels/tile_products.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"

using namespace bodega;

namespace {

template <class T>
std::vector<T> numbers(std::size_t count, std::uint64_t row) {
  const CounterRandom random(5);
  std::vector<T> result(count);
  for (std::size_t i = 0; i < count; ++i) result[i] = random.uniform(row, i) - 0.5f;
  return result;
}

/// Largest difference to the plain kernel for C of rows x columns, and what stands beside C.
template <class T>
double difference(std::size_t rows, std::size_t columns, std::size_t inner) {
  const std::size_t a_step = inner + 3, b_step = inner + 1, c_step = columns + 5;
  const auto a = numbers<T>(rows * a_step, 1), b = numbers<T>(columns * b_step, 2);
  auto c = numbers<T>(rows * c_step, 3), expected = c;
  const MatrixPart<const T> left{a.data(), rows, inner, a_step},
      right{b.data(), columns, inner, b_step};
  simd::subtract_products<T>({c.data(), rows, columns, c_step}, left, right);
  plain::subtract_products<T>({expected.data(), rows, columns, c_step}, left, right);
  double worst = 0;
  for (std::size_t i = 0; i < c.size(); ++i)
    worst = std::max(worst, std::abs(double{c[i]} - double{expected[i]}));
  return worst;
}

}  // namespace

TEST_CASE("products of rows are subtracted, whatever the sizes, and nothing beside them") {
  for (const std::size_t rows : {1, 3, 4, 11, 12, 13, 37})
    for (const std::size_t columns : {1, 7, 32, 45})
      for (const std::size_t inner : {0, 1, 5, 130, 300}) {
        CHECK(difference<float>(rows, columns, inner) < 2e-5);
        CHECK(difference<double>(rows, columns, inner) < 1e-13);
      }
}

TEST_CASE("a product of two rows agrees with the plain kernel") {
  for (std::size_t n = 0; n < 70; ++n) {
    const auto a = numbers<float>(n, 1), b = numbers<float>(n, 2);
    CHECK(std::abs(simd::row_product(a.data(), b.data(), n) -
                   plain::row_product(a.data(), b.data(), n)) < 1e-5f);
    const auto x = numbers<double>(n, 1), y = numbers<double>(n, 2);
    CHECK(std::abs(simd::row_product(x.data(), y.data(), n) -
                   plain::row_product(x.data(), y.data(), n)) < 1e-14);
  }
}
