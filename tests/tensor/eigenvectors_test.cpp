// SPDX-License-Identifier: MIT
#include <bodega/tensor/eigenvectors.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"
#include "toy_models.hpp"

using namespace bodega;

namespace {

CsrMatrix<float> diagonal(const std::vector<float>& values) {
  CsrMatrix<float> m(values.size());
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    if (values[i] == 0)
      m.add_row({}, {});
    else
      m.add_row(std::vector{i}, std::vector{values[i]});
  }
  return m;
}

}  // namespace

TEST_CASE("leading eigenvectors are those of largest magnitude, scaled by its root") {
  const auto vectors = leading_eigenvectors(diagonal({1, -9, 0, 4, 2}), 2, 7);
  REQUIRE(vectors.rows() == 5);
  REQUIRE(vectors.columns() == 2);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(std::abs(vectors(i, 0)) == bodega_test::Approx(i == 1 ? 3.0 : 0.0).margin(1e-4));
    CHECK(std::abs(vectors(i, 1)) == bodega_test::Approx(i == 3 ? 2.0 : 0.0).margin(1e-4));
  }
}

TEST_CASE("a matrix of low rank is rebuilt from its leading eigenvectors") {
  const std::size_t n = 40, rank = 3;
  const auto factor = bodega_test::random_matrix(n, rank, 9);
  CsrMatrix<float> a(n);
  std::vector<std::uint32_t> all(n);
  for (std::uint32_t j = 0; j < n; ++j) all[j] = j;
  const auto product = [&](const Matrix<float>& f, std::size_t i, std::size_t j) {
    float sum = 0;
    for (std::size_t k = 0; k < f.columns(); ++k) sum += f(i, k) * f(j, k);
    return sum;
  };
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<float> row(n);
    for (std::size_t j = 0; j < n; ++j) row[j] = product(factor, i, j);
    a.add_row(all, row);
  }
  const auto vectors = leading_eigenvectors(a, rank, 1);
  double worst = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      worst = std::max(worst, double{std::abs(product(vectors, i, j) - product(factor, i, j))});
  CHECK(worst < 1e-4);
  CHECK(leading_eigenvectors(a, rank, 1) == vectors);  // the same seed, the same bytes
}

TEST_CASE("more vectors than rows are asked: the rest are zero") {
  const auto vectors = leading_eigenvectors(diagonal({4}), 3, 1);
  REQUIRE(vectors.columns() == 3);
  CHECK(std::abs(vectors(0, 0)) == bodega_test::Approx(2.0));
  CHECK(vectors(0, 1) == 0.0f);
  CHECK(vectors(0, 2) == 0.0f);
}

TEST_CASE("eigenvectors of a matrix that is not square are refused") {
  CHECK_ERROR(leading_eigenvectors(CsrMatrix<float>(3), 1, 1), ErrorCode::shape,
              "leading_eigenvectors");
}

TEST_CASE("principal axes keep the products of rows, in orthogonal columns, longest first") {
  const auto a = bodega_test::random_matrix(30, 5, 3);
  const auto b = principal_axes(a);
  const auto product = [](const Matrix<float>& m, std::size_t i, std::size_t j) {
    double sum = 0;
    for (std::size_t k = 0; k < m.columns(); ++k) sum += double{m(i, k)} * double{m(j, k)};
    return sum;
  };
  double worst = 0;
  for (std::size_t i = 0; i < 30; ++i)
    for (std::size_t j = 0; j < 30; ++j)
      worst = std::max(worst, std::abs(product(a, i, j) - product(b, i, j)));
  CHECK(worst < 1e-5);
  double before = INFINITY;
  for (std::size_t x = 0; x < 5; ++x)
    for (std::size_t y = 0; y <= x; ++y) {
      double sum = 0;
      for (std::size_t i = 0; i < 30; ++i) sum += double{b(i, x)} * double{b(i, y)};
      if (x != y) {
        CHECK(std::abs(sum) < 1e-5);
      } else {
        CHECK(sum <= before);
        before = sum;
      }
    }
}

TEST_CASE("principal axes of columns that repeat each other: what is left over is 0") {
  Matrix<float> a(4, 3);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 3; ++j) a(i, j) = static_cast<float>(i + 1);
  const auto b = principal_axes(a);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(std::abs(b(i, 0)) == bodega_test::Approx(std::sqrt(3.0) * static_cast<double>(i + 1)));
    CHECK(std::abs(b(i, 1)) < 1e-6f);
    CHECK(std::abs(b(i, 2)) < 1e-6f);
  }
}
