// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parts.hpp>

/// The inverse of a large symmetric positive definite matrix, for training.
namespace bodega::inline BODEGA_ABI {

namespace detail {

/// A small symmetric matrix is replaced by the negative of its inverse; false where it is not
/// positive definite.
template <class T>
bool sweep(Matrix<T>& a) {
  const std::size_t n = a.rows();
  for (std::size_t k = 0; k < n; ++k) {
    const T pivot = a(k, k);
    if (!(pivot > 0)) return false;
    const T* const from = a.row(k).data();
    for (std::size_t i = 0; i < n; ++i) {
      if (i == k) continue;
      T* const to = a.row(i).data();
      const T share = to[k] / pivot;
      for (std::size_t j = 0; j < n; ++j) to[j] -= share * from[j];
      to[k] = share;
    }
    for (T& x : a.row(k)) x /= pivot;
    a(k, k) = -1 / pivot;
  }
  return all_finite(std::span<const T>(a.values()));
}

/// The same, a few rows at a time, so that nearly all of the work are products of tiles.
template <class T>
bool sweep_in_blocks(Matrix<T>& a) {
  constexpr std::size_t block = 32;
  const std::size_t n = a.rows();
  for (std::size_t k = 0; k < n; k += block) {
    const std::size_t width = std::min(block, n - k);
    Matrix<T> pivot(width, width), column(n, width), scaled(n, width);
    const MatrixPart<T> of_pivot = part(pivot, 0, 0, width, width);
    const MatrixPart<T> of_column = part(column, 0, 0, n, width);
    const MatrixPart<T> of_scaled = part(scaled, 0, 0, n, width);
    copy_part(of_pivot, part(a, k, k, width, width));
    if (!sweep(pivot)) return false;
    copy_part(of_column, part(a, 0, k, n, width));
    for (std::size_t i = k; i < k + width; ++i) std::fill_n(column.row(i).data(), width, T{0});
    subtract<T>(of_scaled, constant(of_column), constant(of_pivot));
    subtract<T>(part(a, 0, 0, n, n), constant(of_scaled), constant(of_column));
    copy_part(part(a, 0, k, n, width), of_scaled);
    copy_transposed(part(a, k, 0, width, n), of_scaled);
    copy_part(part(a, k, k, width, width), of_pivot);
  }
  return all_finite(std::span<const T>(a.values()));
}

}  // namespace detail

/// Replaces a symmetric positive definite matrix by its inverse. Of the matrix the lower half is
/// read. Error (shape) where it is not square, (out_of_range) where it is not positive definite, or
/// a number of it not finite; it is as it was then. What ends the pulse leaves anything in it.
/// Method: the sweep operator, a block of columns at a time. Half of the matrix is worked on, and
/// all but a few per cent of the work are products of tiles, which the threads (0 = all cores)
/// share out. The same bytes at any number of threads. Source: Beaton, "The use of special matrix
/// operators in statistical calculus", 1964; Goodnight, "A tutorial on the SWEEP operator", The
/// American Statistician 1979. Cost: n^3 / 2 multiply-adds for n rows. Memory: the matrix itself,
/// and 768 numbers a row.
template <class T>
void invert_positive_definite(Matrix<T>& a, std::size_t threads = 1,
                              ProgressPulse* pulse = nullptr) {
  if (a.rows() != a.columns())
    throw Error(ErrorCode::shape, "invert_positive_definite", "a square matrix",
                std::to_string(a.rows()) + " x " + std::to_string(a.columns()));
  const auto refuse = [] {
    throw Error(ErrorCode::out_of_range, "invert_positive_definite",
                "a positive definite matrix of finite numbers", "one that is not");
  };
  if (!detail::all_finite(std::span<const T>(a.values()))) refuse();
  constexpr std::size_t swept = 256, tile = 512;  // columns at once; rows and columns of a product
  const std::size_t n = a.rows(), widest = std::min(swept, n);
  // What stands above the diagonal blocks stays until the end: with these, all that a refusal
  // needs.
  Matrix<T> diagonal(n, widest);
  const auto for_each_diagonal = [&](auto&& visit) {
    for (std::size_t k = 0; k < n; k += swept) {
      const std::size_t width = std::min(swept, n - k);
      visit(detail::part(a, k, k, width, width), detail::part(diagonal, k, 0, width, width));
    }
  };
  for_each_diagonal([](auto of_matrix, auto kept) { detail::copy_part(kept, of_matrix); });
  const std::size_t tiles = (n + tile - 1) / tile;
  std::vector<std::pair<std::size_t, std::size_t>> lower;
  for (std::size_t i = 0; i < tiles; ++i)
    for (std::size_t j = 0; j <= i; ++j) lower.emplace_back(i * tile, j * tile);
  Matrix<T> column(n, widest), scaled(n, widest);
  Workers workers(std::min(thread_count(threads), std::max<std::size_t>(lower.size(), 1)));
  for (std::size_t k = 0; k < n; k += swept) {
    const std::size_t width = std::min(swept, n - k);
    Matrix<T> pivot(width, width);
    const MatrixPart<T> of_pivot = detail::part(pivot, 0, 0, width, width);
    detail::copy_part(of_pivot, detail::part(a, k, k, width, width));
    detail::mirror_up(of_pivot);
    if (!detail::sweep_in_blocks(pivot)) {
      detail::mirror_down(detail::part(a, 0, 0, n, n));
      for_each_diagonal([](auto of_matrix, auto kept) { detail::copy_part(of_matrix, kept); });
      refuse();
    }
    const auto rows = [width](Matrix<T>& of, std::size_t first, std::size_t count) {
      return detail::part(of, first, 0, count, width);
    };
    // The column, 0 in the pivot's rows, and the column times the pivot's inverse, which takes its
    // place.
    const auto scale = [&](std::size_t index, std::size_t) {
      const std::size_t first = index * tile, last = std::min(first + tile, n);
      const std::size_t above = std::clamp(k, first, last),
                        below = std::clamp(k + width, first, last);
      const MatrixPart<T> right = detail::part(a, k, first, width, above - first);
      const MatrixPart<T> under = detail::part(a, below, k, last - below, width);
      detail::copy_transposed(rows(column, first, above - first), right);
      for (std::size_t i = above; i < below; ++i) std::fill_n(column.row(i).data(), width, T{0});
      detail::copy_part(rows(column, below, last - below), under);
      for (std::size_t i = first; i < last; ++i) std::fill_n(scaled.row(i).data(), width, T{0});
      detail::subtract<T>(rows(scaled, first, last - first),
                          detail::constant(rows(column, first, last - first)),
                          detail::constant(of_pivot));
      detail::copy_transposed(right, rows(scaled, first, above - first));
      detail::copy_part(under, rows(scaled, below, last - below));
    };
    workers.run(tiles, scale, pulse);
    const auto update = [&](std::size_t index, std::size_t) {
      const auto [first, left] = lower[index];
      const std::size_t last = std::min(first + tile, n), right = std::min(left + tile, n);
      // On the diagonal strip by strip, each up to the diagonal.
      const std::size_t strip = first == left ? swept : tile;
      for (std::size_t i = first; i < last; i += strip) {
        const std::size_t count = std::min(strip, last - i);
        const std::size_t columns = std::min(right, i + count) - left;
        detail::subtract<T>(detail::part(a, i, left, count, columns),
                            detail::constant(rows(scaled, i, count)),
                            detail::constant(rows(column, left, columns)));
      }
    };
    workers.run(lower.size(), update, pulse);
    detail::copy_part(detail::part(a, k, k, width, width), of_pivot);
  }
  // The sign turned, and mirrored in pieces that fit the nearest cache.
  workers.run(lower.size(), [&](std::size_t index, std::size_t) {
    constexpr std::size_t piece = 32;
    const auto [first, left] = lower[index];
    for (std::size_t i = first; i < std::min(first + tile, n); i += piece)
      for (std::size_t j = left; j < std::min(left + tile, i + 1); j += piece)
        for (std::size_t x = i; x < std::min(i + piece, n); ++x)
          for (std::size_t y = j; y < std::min(j + piece, x + 1); ++y) {
            a(x, y) = -a(x, y);
            a(y, x) = a(x, y);
          }
  });
}

#if defined(BODEGA_COMPILED)
extern template void invert_positive_definite(Matrix<float>&, std::size_t, ProgressPulse*);
extern template void invert_positive_definite(Matrix<double>&, std::size_t, ProgressPulse*);
#endif

}  // namespace bodega::inline BODEGA_ABI
