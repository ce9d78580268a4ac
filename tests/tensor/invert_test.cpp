// SPDX-License-Identifier: MIT
#include <bodega/tensor/invert.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "toy_models.hpp"

using namespace bodega;

namespace {

/// B B' + n I.
template <class T>
Matrix<T> positive_definite(std::size_t n) {
  const auto b = bodega_test::random_matrix(n, n, 1);
  Matrix<T> a(n, n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t k = 0; k < n; ++k)
        a(i, j) += static_cast<T>(b(i, k)) * static_cast<T>(b(j, k));
      if (i == j) a(i, j) += static_cast<T>(n);
    }
  return a;
}

template <class T>
double distance_from_identity(const Matrix<T>& a, const Matrix<T>& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.rows(); ++i)
    for (std::size_t j = 0; j < a.rows(); ++j) {
      double sum = i == j ? -1 : 0;
      for (std::size_t k = 0; k < a.rows(); ++k) sum += double{a(i, k)} * double{b(k, j)};
      worst = std::max(worst, std::abs(sum));
    }
  return worst;
}

}  // namespace

TEST_CASE("a positive definite matrix times its inverse is the identity") {
  for (const std::size_t n : {1, 2, 17, 60}) {
    const auto single = positive_definite<float>(n);
    auto single_inverse = single;
    invert_positive_definite(single_inverse);
    CHECK(distance_from_identity(single, single_inverse) < 1e-5);
    const auto twice = positive_definite<double>(n);
    auto double_inverse = twice;
    invert_positive_definite(double_inverse);
    CHECK(distance_from_identity(twice, double_inverse) < 1e-13);
  }
}

TEST_CASE("a matrix that has no such inverse is refused and stays as it was") {
  Matrix<float> indefinite(2, 2, std::vector<float>{1, 2, 2, 1});
  const auto before = indefinite;
  CHECK_ERROR(invert_positive_definite(indefinite), ErrorCode::out_of_range,
              "invert_positive_definite");
  CHECK(indefinite == before);
  Matrix<float> wide(1, 2);
  CHECK_ERROR(invert_positive_definite(wide), ErrorCode::shape, "invert_positive_definite");
  Matrix<float> nan(1, 1, std::nanf(""));
  CHECK_ERROR(invert_positive_definite(nan), ErrorCode::out_of_range, "invert_positive_definite");
}

TEST_CASE("an inverse of many tiles is right, the same at any number of threads, or refused") {
  const std::size_t n = 530;
  const CounterRandom random(3);
  Matrix<float> a(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) a(i, j) = a(j, i) = random.normal(i, j);
    a(i, i) = 3 * std::sqrt(static_cast<float>(n)) * (1 + random.uniform(i, i));
  }
  Matrix<float> inverse = a, by_three = a;
  invert_positive_definite(inverse, 1);
  invert_positive_definite(by_three, 3);
  CHECK(by_three == inverse);
  double worst = 0;
  for (std::size_t column : {std::size_t{0}, std::size_t{255}, std::size_t{300}, n - 1})
    for (std::size_t i = 0; i < n; ++i) {
      double sum = i == column ? -1 : 0;
      for (std::size_t k = 0; k < n; ++k) sum += double{a(i, k)} * double{inverse(k, column)};
      worst = std::max({worst, std::abs(sum),
                        std::abs(double{inverse(i, column)} - double{inverse(column, i)})});
    }
  CHECK(worst < 1e-5);
  a(n - 1, n - 1) = 0;
  Matrix<float> indefinite = a;
  CHECK_ERROR(invert_positive_definite(indefinite, 2), ErrorCode::out_of_range,
              "invert_positive_definite");
  CHECK(indefinite == a);
}
