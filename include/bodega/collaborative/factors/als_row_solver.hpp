// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <bodega/collaborative/factors/factor_model.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/solve.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/tile_solver.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {

/// Fits rows of one side to the other side's vectors, whose gram matrix is `gram`, both padded with
/// zeros to a multiple of 16 columns. One for each thread.
class AlsRowSolver {
 public:
  AlsRowSolver(const Matrix<float>& other, const Matrix<float>& gram, const ImplicitLoss& loss,
               std::size_t factors, std::size_t block, int steps);

  /// Brings the vector `x` of a row with these observations nearer to its least loss.
  void fit_by_blocks(const SparseRow<const float>& entries, std::span<float> x) {
    if (prepare(entries, x)) by_blocks(entries, x.data());
  }
  void fit_by_conjugate_gradients(const SparseRow<const float>& entries, std::span<float> x) {
    if (prepare(entries, x)) by_conjugate_gradients(entries, x.data());
  }

  /// Squared: how far the row's vector is from that of least loss, and how long that is.
  std::pair<double, double> distance(const SparseRow<const float>& entries,
                                     std::span<const float> x) const;

 private:
  static constexpr std::size_t tile_side = TileSolver::side;
  static constexpr std::size_t panel_rows = 256;  // gathered at a time

  /// Sets the row's penalty; false if nothing is known of it, and all that it can do is cost.
  bool prepare(const SparseRow<const float>& entries, std::span<float> x);

  void solve_in_doubles(const SparseRow<const float>& entries, float* x) const {
    const std::vector<double> best = in_doubles(entries);
    std::transform(best.begin(), best.end(), x, [](double b) { return static_cast<float>(b); });
  }

  /// Newton's step in each block of factors, exact because the loss is quadratic.
  void by_blocks(const SparseRow<const float>& entries, float* x);

  /// What the entries add to the block's matrix and gradient. Their vectors are gathered in
  /// panels of 16 factors, so that the matrix is a sum of small dense products.
  void add_entries(const SparseRow<const float>& entries, std::size_t begin, std::size_t end,
                   std::size_t first, std::size_t tiles, float* step) noexcept;

  /// The vector of least loss at once, for rows whose system floats cannot tell: where
  /// confidences are large beside the penalty.
  std::vector<double> in_doubles(const SparseRow<const float>& entries) const;

  void by_conjugate_gradients(const SparseRow<const float>& entries, float* x);

  /// image = the row's matrix times x.
  void multiply(const float* x) noexcept;

  const Matrix<float>& other_;
  const Matrix<float>& gram_;
  const ImplicitLoss& loss_;
  std::size_t real_factors_;  // without the padding
  int steps_;
  std::size_t factors_, block_;
  TileSolver solver_;
  float penalty_ = 0;
  std::vector<float> panels_, gradient_, direction_, image_, scores_, weights_, gathered_;
};

}  // namespace detail

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE AlsRowSolver::AlsRowSolver(const Matrix<float>& other, const Matrix<float>& gram,
                                         const ImplicitLoss& loss, std::size_t factors,
                                         std::size_t block, int steps)
    : other_(other),
      gram_(gram),
      loss_(loss),
      real_factors_(factors),
      steps_(steps),
      factors_(gram.rows()),
      block_(block == 0 ? factors_
                        : std::min(factors_, (block + tile_side - 1) / tile_side * tile_side)),
      solver_(block_ / tile_side),
      panels_(panel_rows * block_),
      gradient_(factors_),
      direction_(factors_),
      image_(factors_) {}

BODEGA_INLINE std::pair<double, double> AlsRowSolver::distance(
    const SparseRow<const float>& entries, std::span<const float> x) const {
  const std::vector<double> best = in_doubles(entries);
  double squares = 0, length = 0;
  for (std::size_t k = 0; k < best.size(); ++k) {
    squares += (double{x[k]} - best[k]) * (double{x[k]} - best[k]);
    length += best[k] * best[k];
  }
  return {squares, length};
}

BODEGA_INLINE bool AlsRowSolver::prepare(const SparseRow<const float>& entries,
                                         std::span<float> x) {
  penalty_ = static_cast<float>(
      loss_.penalty(static_cast<double>(entries.size()), static_cast<double>(other_.rows())));
  if (entries.size() == 0) std::fill(x.begin(), x.end(), 0.0f);
  return entries.size() > 0;
}

BODEGA_INLINE void AlsRowSolver::by_blocks(const SparseRow<const float>& entries, float* x) {
  const auto unobserved = static_cast<float>(loss_.unobserved);
  scores_.resize(entries.size());
  for (std::size_t e = 0; e < entries.size(); ++e)
    scores_[e] = simd::dot(other_.row(entries.columns[e]).data(), x, factors_);
  for (std::size_t first = 0; first < factors_; first += block_) {
    const std::size_t width = std::min(block_, factors_ - first), tiles = width / tile_side;
    float* step = gradient_.data();
    for (std::size_t k = 0; k < width; ++k)
      step[k] = -unobserved * simd::dot(gram_.row(first + k).data(), x, factors_) -
                penalty_ * x[first + k];
    for (std::size_t p = 0; p < tiles; ++p)
      for (std::size_t q = p; q < tiles; ++q)
        for (std::size_t r = 0; r < tile_side; ++r)
          for (std::size_t c = 0; c < tile_side; ++c)
            solver_.tile(p, q)[r * tile_side + c] =
                unobserved * gram_(first + p * tile_side + r, first + q * tile_side + c) +
                (p == q && r == c ? penalty_ : 0.0f);
    for (std::size_t begin = 0; begin < entries.size(); begin += panel_rows)
      add_entries(entries, begin, std::min(entries.size(), begin + panel_rows), first, tiles, step);
    if (!solver_.solve(tiles, step)) {
      solve_in_doubles(entries, x);
      return;
    }
    for (std::size_t k = 0; k < width; ++k) x[first + k] += step[k];
    if (width < factors_)
      for (std::size_t e = 0; e < entries.size(); ++e)
        scores_[e] += simd::dot(other_.row(entries.columns[e]).data() + first, step, width);
  }
}

BODEGA_INLINE void AlsRowSolver::add_entries(const SparseRow<const float>& entries,
                                             std::size_t begin, std::size_t end, std::size_t first,
                                             std::size_t tiles, float* step) noexcept {
  const std::size_t count = end - begin;
  const ImplicitLoss& loss = loss_;
  for (std::size_t e = begin; e < end; ++e) {
    const float* v = other_.row(entries.columns[e]).data() + first;
    const double weight = loss.weight(entries.values[e]);
    const auto root = static_cast<float>(std::sqrt(weight));
    const float error = entries.values[e] - static_cast<float>(weight) * scores_[e];
    simd::axpy(error, v, step, tiles * tile_side);
    for (std::size_t p = 0; p < tiles; ++p) {
      float* to = &panels_[(p * panel_rows + e - begin) * tile_side];
      for (std::size_t k = 0; k < tile_side; ++k) to[k] = root * v[p * tile_side + k];
    }
  }
  for (std::size_t p = 0; p < tiles; ++p)
    for (std::size_t q = p; q < tiles; ++q)
      simd::add_product(&panels_[p * panel_rows * tile_side], 1, tile_side,
                        &panels_[q * panel_rows * tile_side], solver_.tile(p, q), tile_side, count,
                        tile_side);
}

BODEGA_INLINE std::vector<double> AlsRowSolver::in_doubles(
    const SparseRow<const float>& entries) const {
  const ImplicitLoss& loss = loss_;
  const std::size_t f = real_factors_;  // what is beyond them is 0
  const double penalty =
      loss.penalty(static_cast<double>(entries.size()), static_cast<double>(other_.rows()));
  Matrix<double> a(f, f);
  std::vector<double> b(f, 0.0);
  for (std::size_t i = 0; i < f; ++i)
    for (std::size_t j = 0; j <= i; ++j)
      a(i, j) = loss.unobserved * double{gram_(i, j)} + (i == j ? penalty : 0.0);
  for (std::size_t e = 0; e < entries.size(); ++e) {
    const float* v = other_.row(entries.columns[e]).data();
    const double c = double{entries.values[e]}, weight = loss.weight(c);
    for (std::size_t i = 0; i < f; ++i) {
      const double share = weight * double{v[i]};
      b[i] += c * double{v[i]};
      for (std::size_t j = 0; j <= i; ++j) a(i, j) += share * double{v[j]};
    }
  }
  solve_positive_definite(a, std::span<double>(b));
  return b;
}

BODEGA_INLINE void AlsRowSolver::by_conjugate_gradients(const SparseRow<const float>& entries,
                                                        float* x) {
  gathered_.resize(std::max(gathered_.size(), entries.size() * factors_));  // cleared no more
  scores_.resize(entries.size());
  weights_.resize(entries.size());
  std::fill(gradient_.begin(), gradient_.end(), 0.0f);
  for (std::size_t e = 0; e < entries.size(); ++e) {
    const auto v = other_.row(entries.columns[e]);
    std::copy(v.begin(), v.end(), &gathered_[e * factors_]);
    weights_[e] = static_cast<float>(loss_.weight(entries.values[e]));
  }
  simd::add_product(entries.values.data(), 0, 1, gathered_.data(), gradient_.data(), 1,
                    entries.size(), factors_);
  const float pull = simd::dot(gradient_.data(), gradient_.data(), factors_);
  multiply(x);
  float* rest = gradient_.data();
  for (std::size_t k = 0; k < factors_; ++k) direction_[k] = rest[k] -= image_[k];
  float left = simd::dot(rest, rest, factors_);
  // Less is the rounding of what the entries pull, and steps along it lead anywhere.
  const float noise = std::max(1e-20f, 1e-12f * pull);
  for (int step = 0; step < steps_ && !(left <= noise); ++step) {
    multiply(direction_.data());
    const float curvature = simd::dot(direction_.data(), image_.data(), factors_);
    if (!(curvature > 0) || !std::isfinite(curvature) || !std::isfinite(left)) {
      solve_in_doubles(entries, x);
      return;
    }
    const float length = left / curvature;
    simd::axpy(length, direction_.data(), x, factors_);
    simd::axpy(-length, image_.data(), rest, factors_);
    const float next = simd::dot(rest, rest, factors_);
    for (std::size_t k = 0; k < factors_; ++k)
      direction_[k] = rest[k] + next / left * direction_[k];
    left = next;
  }
}

BODEGA_INLINE void AlsRowSolver::multiply(const float* x) noexcept {
  simd::gemv(gram_.data(), factors_, factors_, x, image_.data());
  for (std::size_t k = 0; k < factors_; ++k)
    image_[k] = static_cast<float>(loss_.unobserved) * image_[k] + penalty_ * x[k];
  simd::gemv(gathered_.data(), scores_.size(), factors_, x, scores_.data());
  for (std::size_t e = 0; e < scores_.size(); ++e) scores_[e] *= weights_[e];
  simd::add_product(scores_.data(), 0, 1, gathered_.data(), image_.data(), 1, scores_.size(),
                    factors_);
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
