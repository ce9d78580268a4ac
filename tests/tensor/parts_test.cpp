// SPDX-License-Identifier: MIT
#include <bodega/tensor/parts.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
/// Rows x columns of the numbers 0, 1, 2, ...
Matrix<double> counted(std::size_t rows, std::size_t columns) {
  Matrix<double> a(rows, columns);
  for (std::size_t i = 0; i < a.size(); ++i) a.values()[i] = static_cast<double>(i);
  return a;
}
}  // namespace

TEST_CASE("A part of a matrix is the matrix's own numbers") {
  Matrix<double> a = counted(5, 4);
  const auto part = detail::part(a, 1, 2, 3, 2);
  CHECK(part.row(0)[0] == 6);
  CHECK(part.row(2)[1] == 15);
  part.row(2)[1] = -1;
  CHECK(a(3, 3) == -1);
}

TEST_CASE("Parts are copied, transposed and mirrored") {
  Matrix<double> a = counted(20, 33), copy(20, 33), turned(33, 20);
  detail::copy_part(detail::part(copy, 0, 0, 20, 33), detail::part(a, 0, 0, 20, 33));
  CHECK(copy == a);
  detail::copy_transposed(detail::part(turned, 0, 0, 33, 20), detail::part(a, 0, 0, 20, 33));
  for (std::size_t i = 0; i < 20; ++i)
    for (std::size_t j = 0; j < 33; ++j) REQUIRE(turned(j, i) == a(i, j));

  Matrix<double> up = counted(4, 4), down = up;
  detail::mirror_up(detail::part(up, 0, 0, 4, 4));
  detail::mirror_down(detail::part(down, 0, 0, 4, 4));
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < i; ++j) {
      CHECK(up(j, i) == up(i, j));
      CHECK(up(i, j) == static_cast<double>(4 * i + j));
      CHECK(down(i, j) == static_cast<double>(4 * j + i));
    }
}

TEST_CASE("A product is subtracted, for sizes that fill no tile") {
  for (const std::size_t n : {1u, 7u, 19u}) {
    Matrix<double> a = counted(n, 5), b = counted(n + 2, 5), c(n, n + 2, 1.0);
    detail::subtract(detail::part(c, 0, 0, n, n + 2), detail::constant(detail::part(a, 0, 0, n, 5)),
                     detail::constant(detail::part(b, 0, 0, n + 2, 5)));
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n + 2; ++j) {
        double sum = 1;
        for (std::size_t k = 0; k < 5; ++k) sum -= a(i, k) * b(j, k);
        REQUIRE(c(i, j) == Approx(sum));
      }
  }
}

TEST_CASE("Finite is what all numbers are") {
  std::vector<double> numbers{1, -2};
  CHECK(detail::all_finite(std::span<const double>(numbers)));
  numbers[1] = NAN;
  CHECK_FALSE(detail::all_finite(std::span<const double>(numbers)));
}
