// SPDX-License-Identifier: MIT
#include <bodega/tensor/tile_solver.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("tiles solve a positive definite system of one to four of them") {
  constexpr std::size_t side = detail::TileSolver::side;
  const CounterRandom random(7);
  for (std::size_t tiles = 1; tiles <= 4; ++tiles) {
    const std::size_t n = tiles * side;
    // A = R R' + I, and b = A x for a known x.
    std::vector<double> r(n * n), a(n * n, 0.0), x(n);
    for (std::uint32_t i = 0; i < n; ++i) {
      x[i] = double{random.normal(tiles, i)};
      for (std::uint32_t j = 0; j < n; ++j) r[i * n + j] = double{random.normal(10 + i, j)};
    }
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t k = 0; k < n; ++k) a[i * n + j] += r[i * n + k] * r[j * n + k];
        if (i == j) a[i * n + j] += 1;
      }
    detail::TileSolver solver(4);  // room for more than is used
    std::vector<float> b(n, 0.0f);
    for (std::size_t i = 0; i < n; ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < n; ++j) sum += a[i * n + j] * x[j];
      b[i] = static_cast<float>(sum);
    }
    for (std::size_t p = 0; p < tiles; ++p)
      for (std::size_t q = p; q < tiles; ++q)
        for (std::size_t i = 0; i < side; ++i)
          for (std::size_t j = 0; j < side; ++j)
            solver.tile(p, q)[i * side + j] =
                static_cast<float>(a[(p * side + i) * n + q * side + j]);
    REQUIRE(solver.solve(tiles, b.data()));
    for (std::size_t i = 0; i < n; ++i) CHECK(double{b[i]} == Approx(x[i]).margin(2e-3));
  }
}

TEST_CASE("a system that floats cannot tell from a singular one is refused") {
  constexpr std::size_t side = detail::TileSolver::side;
  detail::TileSolver solver(1);
  std::vector<float> b(side, 1.0f);
  for (std::size_t i = 0; i < side * side; ++i) solver.tile(0, 0)[i] = 1;  // all rows the same
  CHECK_FALSE(solver.solve(1, b.data()));
  for (std::size_t i = 0; i < side; ++i)
    for (std::size_t j = 0; j < side; ++j) solver.tile(0, 0)[i * side + j] = i == j ? NAN : 0;
  CHECK_FALSE(solver.solve(1, b.data()));
}
