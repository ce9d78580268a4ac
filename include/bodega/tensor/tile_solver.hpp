// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/simd.hpp>

namespace bodega::inline BODEGA_ABI::detail {

/// Symmetric positive definite systems of a few hundred rows, solved where they stand, in tiles of
/// 16 x 16 that stay in registers and cache.
class TileSolver {
 public:
  static constexpr std::size_t side = 16;

  /// Room for systems of `tiles` x 16 rows.
  explicit TileSolver(std::size_t tiles) : tiles_(tiles), a_(tiles * tiles * tile_size) {}

  /// The tile of rows p x 16 and columns q x 16, row-major; only p <= q count.
  float* tile(std::size_t p, std::size_t q) noexcept { return &a_[(p * tiles_ + q) * tile_size]; }

  /// b = inverse(A) b for the first `count` tiles. The matrix is used up. Returns
  /// false if floats cannot tell: a pivot is lost in the rounding of what it was before; b is then
  /// worth nothing.
  bool solve(std::size_t count, float* b) noexcept;

 private:
  static constexpr std::size_t tile_size = side * side;

  /// On the diagonal stand the inverses of U's entries: divisions are slow.
  static float inverse_root(const float* u, std::size_t k) noexcept { return u[k * side + k]; }

  /// A pivot below this part of A's diagonal is lost: the roundings of 512 rows may leave a
  /// hundredth of it.
  static constexpr float least_pivot = 3e-5f;

  static bool factor(float* u, const float* diagonal) noexcept;

  /// b = inverse(U') b.
  static void solve_transposed(const float* u, float* b) noexcept;

  std::size_t tiles_;
  std::vector<float> a_;
};

#if BODEGA_BODIES

BODEGA_INLINE bool TileSolver::solve(std::size_t count, float* b) noexcept {
  std::array<float, side> diagonal;          // of A
  for (std::size_t p = 0; p < count; ++p) {  // A = U'U, a row of tiles at a time
    for (std::size_t k = 0; k < side; ++k) diagonal[k] = tile(p, p)[k * side + k];
    for (std::size_t d = 0; d < p; ++d) {
      alignas(64) std::array<float, tile_size> minus;
      const float* above = tile(d, p);
      for (std::size_t i = 0; i < tile_size; ++i) minus[i] = -above[i];
      for (std::size_t q = p; q < count; ++q)
        simd::add_product(minus.data(), 1, side, tile(d, q), tile(p, q), side, side, side);
    }
    if (!factor(tile(p, p), diagonal.data())) return false;
    for (std::size_t q = p + 1; q < count; ++q) solve_transposed(tile(p, p), tile(p, q));
  }
  for (std::size_t p = 0; p < count; ++p) {  // U'y = b
    float* y = b + p * side;
    const float* u = tile(p, p);
    for (std::size_t k = 0; k < side; ++k) {
      y[k] *= inverse_root(u, k);
      for (std::size_t j = k + 1; j < side; ++j) y[j] -= u[k * side + j] * y[k];
    }
    for (std::size_t q = p + 1; q < count; ++q)
      for (std::size_t k = 0; k < side; ++k)
        for (std::size_t j = 0; j < side; ++j) b[q * side + j] -= tile(p, q)[k * side + j] * y[k];
  }
  for (std::size_t p = count; p-- > 0;) {  // Ux = y
    float* x = b + p * side;
    for (std::size_t q = p + 1; q < count; ++q)
      for (std::size_t k = 0; k < side; ++k)
        x[k] -= simd::dot(tile(p, q) + k * side, b + q * side, side);
    const float* u = tile(p, p);
    for (std::size_t k = side; k-- > 0;) {
      for (std::size_t j = k + 1; j < side; ++j) x[k] -= u[k * side + j] * x[j];
      x[k] *= inverse_root(u, k);
    }
  }
  for (std::size_t i = 0; i < count * side; ++i)
    if (!std::isfinite(b[i])) return false;
  return true;
}

BODEGA_INLINE bool TileSolver::factor(float* u, const float* diagonal) noexcept {
  for (std::size_t k = 0; k < side; ++k) {
    float* row = u + k * side;
    for (std::size_t d = 0; d < k; ++d) {
      const float* above = u + d * side;
      const float part = above[k];
      for (std::size_t j = k; j < side; ++j) row[j] -= part * above[j];
    }
    if (!(row[k] > least_pivot * diagonal[k]) || !std::isfinite(row[k])) return false;
    const float pivot = 1 / std::sqrt(row[k]);
    for (std::size_t j = k + 1; j < side; ++j) row[j] *= pivot;
    row[k] = pivot;
  }
  return true;
}

BODEGA_INLINE void TileSolver::solve_transposed(const float* u, float* b) noexcept {
  for (std::size_t k = 0; k < side; ++k) {
    float* row = b + k * side;
    for (std::size_t d = 0; d < k; ++d) {
      const float part = u[d * side + k];
      for (std::size_t j = 0; j < side; ++j) row[j] -= part * b[d * side + j];
    }
    for (std::size_t j = 0; j < side; ++j) row[j] *= u[k * side + k];
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI::detail
