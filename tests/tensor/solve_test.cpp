// SPDX-License-Identifier: MIT
#include <bodega/tensor/solve.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <bodega/tensor/invert.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

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
