// SPDX-License-Identifier: MIT
#include <bodega/tensor/linalg.hpp>

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

TEST_CASE("a positive definite system is solved") {
  Matrix<double> a(3, 3, std::vector<double>{4, 1, 0, 1, 3, -1, 0, -1, 2});
  std::vector<double> b{6, 4, 4};  // a times {1, 2, 3}
  Matrix<double> inverse = a;
  invert_positive_definite(inverse);
  std::vector<double> diagonal(3);
  solve_positive_definite(a, std::span<double>(b), std::span<double>(diagonal));
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(b[i] == bodega_test::Approx(static_cast<double>(i + 1)));
    CHECK(diagonal[i] == bodega_test::Approx(inverse(i, i)));
  }
  Matrix<double> indefinite(2, 2, std::vector<double>{1, 2, 2, 1});
  std::vector<double> two(2, 1.0);
  CHECK_ERROR(solve_positive_definite(indefinite, std::span<double>(two)), ErrorCode::out_of_range,
              "solve_positive_definite");
  Matrix<double> unknown(1, 1, std::vector<double>{NAN});
  std::vector<double> one(1, 1.0);
  CHECK_ERROR(solve_positive_definite(unknown, std::span<double>(one)), ErrorCode::out_of_range,
              "solve_positive_definite");
  Matrix<double> wide(1, 2);
  CHECK_ERROR(solve_positive_definite(wide, std::span<double>(one)), ErrorCode::shape,
              "solve_positive_definite");
}

TEST_CASE(
    "linear algebra is guarded: systems of every scale are solved, floats by way of doubles") {
  // Rank 1 and a penalty that floats lose beside it.
  for (const double size : {1e-30, 1e-6, 1.0, 1e6, 1e30})
    for (const double penalty : {1e-2, 1e-5, 1e-7, 1e-9}) {
      CAPTURE(size, penalty);
      const std::size_t n = 20;
      Matrix<float> a(n, n);
      std::vector<float> b(n, static_cast<float>(size));
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
          a(i, j) = static_cast<float>(size * (1.0 + (i == j ? penalty : 0.0)));
      const double kept = double{a(0, 0)} / size - 1;  // the penalty as the float has it
      solve_positive_definite(a, std::span<float>(b));
      const double sum = [&] {
        double all = 0;
        for (const float x : b) all += double{x};
        return all;
      }();
      CHECK(sum == bodega_test::Approx(1 / (1 + kept / n)).epsilon(0.01));
      for (const float x : b) CHECK(std::abs(x) <= 1);
    }
}

TEST_CASE("linear algebra is guarded: a ridge that is said stands in for what is not there") {
  Matrix<double> a(2, 2, std::vector<double>{1e6, 1e6, 1e6, 1e6});
  std::vector<double> b{1e6, 1e6};
  CHECK(solve_positive_definite(a, std::span<double>(b)) > 0);
  CHECK(b[0] + b[1] == bodega_test::Approx(1));
  CHECK(b[0] == bodega_test::Approx(0.5).epsilon(0.01));
  Matrix<double> nothing(0, 0);
  CHECK(solve_positive_definite(nothing, std::span<double>()) == 0);
}
