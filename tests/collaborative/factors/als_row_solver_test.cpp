// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <bodega/collaborative/factors/als_row_solver.hpp>
#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "collaborative/factors/least_loss.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
/// 30 vectors of 16 factors, and their gram matrix.
struct Side {
  Matrix<float> vectors{30, 16}, gram{16, 16};
  Side() {
    const CounterRandom random(3);
    for (std::size_t i = 0; i < 30; ++i)
      for (std::size_t k = 0; k < 16; ++k) vectors(i, k) = 0.3f * random.normal(i, k);
    for (std::size_t i = 0; i < 30; ++i)
      for (std::size_t x = 0; x < 16; ++x)
        for (std::size_t y = 0; y < 16; ++y) gram(x, y) += vectors(i, x) * vectors(i, y);
  }
};
}  // namespace

TEST_CASE("a row is brought to its least loss, at once by blocks and soon by steps") {
  const Side other;
  const ImplicitLoss loss{.unobserved = 0.1, .l2 = 0.05};
  const CsrMatrix<float> row(SparsePattern(30, {0, 3}, {2, 11, 29}), {1, 2, 1});
  const std::vector<double> expected =
      least_loss(other.vectors, loss, {{2, 1.0}, {11, 2.0}, {29, 1.0}});
  const auto check = [&](std::span<const float> x) {
    for (std::size_t k = 0; k < 16; ++k) CHECK(double{x[k]} == Approx(expected[k]).margin(1e-4));
  };
  detail::AlsRowSolver solver(other.vectors, other.gram, loss, 16, 0, 40);
  std::vector<float> x(16, 0.0f);
  solver.fit_by_blocks(row.row(0), x);
  check(x);
  const auto [missed, length] = solver.distance(row.row(0), x);
  CHECK(missed < 1e-6 * length);
  x.assign(16, 1.0f);
  CHECK(solver.distance(row.row(0), x).first > 1);
  solver.fit_by_conjugate_gradients(row.row(0), x);
  check(x);
}

TEST_CASE("a row of which nothing is known is 0") {
  const Side other;
  const ImplicitLoss loss;
  detail::AlsRowSolver solver(other.vectors, other.gram, loss, 16, 0, 1);
  CsrMatrix<float> nothing(30);
  nothing.add_row({}, {});
  std::vector<float> x(16, 1.0f);
  solver.fit_by_blocks(std::as_const(nothing).row(0), x);
  CHECK(x == std::vector<float>(16, 0.0f));
}
