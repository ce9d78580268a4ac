// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <bodega/core/error.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/tensor/matrix.hpp>

/// Dense linear algebra for training. The only header that names Eigen (3.4 or 5); no serving
/// header reaches it.
namespace bodega {

namespace detail {
template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
}  // namespace detail

namespace detail {
template <class T>
using Part = Eigen::Map<RowMajor<T>, 0, Eigen::OuterStride<>>;

/// c -= a b'.
template <class T>
void subtract_product(Part<T> c, Part<T> a, Part<T> b) {
  c.noalias() -= a * b.transpose();
}

/// A small symmetric matrix is replaced by the negative of its inverse; false where it is not
/// positive definite.
template <class T>
bool sweep(RowMajor<T>& a) {
  const Eigen::Index n = a.rows();
  for (Eigen::Index k = 0; k < n; ++k) {
    const T pivot = a(k, k);
    if (!(pivot > 0)) return false;
    const T* const from = &a(k, 0);
    for (Eigen::Index i = 0; i < n; ++i) {
      if (i == k) continue;
      T* const to = &a(i, 0);
      const T share = to[k] / pivot;
      for (Eigen::Index j = 0; j < n; ++j) to[j] -= share * from[j];
      to[k] = share;
    }
    a.row(k) /= pivot;
    a(k, k) = -1 / pivot;
  }
  return a.allFinite();
}
}  // namespace detail

/// Replaces a symmetric positive definite matrix by its inverse. Of the matrix the lower half is
/// read. Error (shape) where it is not square, (out_of_range) where it is not positive definite, or
/// a number of it not finite; it is as it was then. Method: the sweep operator, a block of columns
/// at a time. Half of the matrix is worked on, and all but a few per cent of the work are products
/// of tiles, which the threads (0 = all cores) share out. The same bytes at any number of threads.
/// Source: Beaton, "The use of special matrix operators in statistical calculus", 1964; Goodnight,
/// "A tutorial on the SWEEP operator", The American Statistician 1979. Cost: n^3 / 2 multiply-adds
/// for n rows. Memory: the matrix itself, and 768 numbers a row.
template <class T>
void invert_positive_definite(Matrix<T>& a, std::size_t threads = 1) {
  if (a.rows() != a.columns())
    throw Error(ErrorCode::shape, "invert_positive_definite", "a square matrix",
                std::to_string(a.rows()) + " x " + std::to_string(a.columns()));
  using Dense = detail::RowMajor<T>;
  using Index = Eigen::Index;
  const auto n = static_cast<Index>(a.rows());
  Eigen::Map<Dense> view(a.data(), n, n);
  const auto refuse = [] {
    throw Error(ErrorCode::out_of_range, "invert_positive_definite",
                "a positive definite matrix of finite numbers", "one that is not");
  };
  if (!view.allFinite()) refuse();
  constexpr Index swept = 256, tile = 512;  // columns at once; rows and columns of a product
  // What stands above the diagonal blocks stays until the end: with these, all that a refusal
  // needs.
  Dense diagonal(n, std::min(swept, n));
  const auto for_each_diagonal = [&](auto&& visit) {
    for (Index k = 0; k < n; k += swept) {
      const Index width = std::min(swept, n - k);
      visit(view.block(k, k, width, width), diagonal.block(k, 0, width, width));
    }
  };
  for_each_diagonal([](auto&& of_matrix, auto&& kept) { kept = of_matrix; });
  const Index tiles = (n + tile - 1) / tile;
  std::vector<std::pair<Index, Index>> lower;
  for (Index i = 0; i < tiles; ++i)
    for (Index j = 0; j <= i; ++j) lower.emplace_back(i * tile, j * tile);
  Dense column(n, std::min(swept, n)), scaled(n, std::min(swept, n));
  Workers workers(std::min(thread_count(threads), std::max<std::size_t>(lower.size(), 1)));
  for (Index k = 0; k < n; k += swept) {
    const Index width = std::min(swept, n - k);
    Dense pivot = view.block(k, k, width, width);
    pivot.template triangularView<Eigen::StrictlyUpper>() = pivot.transpose();
    if (!detail::sweep(pivot)) {
      view.template triangularView<Eigen::StrictlyLower>() = view.transpose();
      for_each_diagonal([](auto&& of_matrix, auto&& kept) { of_matrix = kept; });
      refuse();
    }
    const auto rows = [width](Dense& of, Index first, Index count) {
      return detail::Part<T>(of.data() + first * of.cols(), count, width,
                             Eigen::OuterStride<>(of.cols()));
    };
    // The column, 0 in the pivot's rows, and the column times the pivot's inverse, which takes its
    // place.
    workers.run(static_cast<std::size_t>(tiles), [&](std::size_t index, std::size_t) {
      const Index first = static_cast<Index>(index) * tile, last = std::min(first + tile, n);
      const Index above = std::clamp(k, first, last), below = std::clamp(k + width, first, last);
      rows(column, first, above - first) = view.block(k, first, width, above - first).transpose();
      rows(column, above, below - above).setZero();
      rows(column, below, last - below) = view.block(below, k, last - below, width);
      auto product = rows(scaled, first, last - first);
      product.setZero();
      detail::subtract_product<T>(product, rows(column, first, last - first),
                                  rows(pivot, 0, width));
      view.block(k, first, width, above - first) = rows(scaled, first, above - first).transpose();
      view.block(below, k, last - below, width) = rows(scaled, below, last - below);
    });
    workers.run(lower.size(), [&](std::size_t index, std::size_t) {
      const auto [first, left] = lower[index];
      const Index last = std::min(first + tile, n), right = std::min(left + tile, n);
      // On the diagonal strip by strip, each up to the diagonal.
      const Index strip = first == left ? swept : tile;
      for (Index i = first; i < last; i += strip) {
        const Index count = std::min(strip, last - i);
        const Index columns = std::min(right, i + count) - left;
        detail::subtract_product<T>(
            detail::Part<T>(&view(i, left), count, columns, Eigen::OuterStride<>(n)),
            rows(scaled, i, count), rows(column, left, columns));
      }
    });
    view.block(k, k, width, width) = pivot;
  }
  // The sign turned, and mirrored in pieces that fit the nearest cache.
  workers.run(lower.size(), [&](std::size_t index, std::size_t) {
    constexpr Index piece = 32;
    const auto [first, left] = lower[index];
    for (Index i = first; i < std::min(first + tile, n); i += piece)
      for (Index j = left; j < std::min(left + tile, i + 1); j += piece) {
        auto part = view.block(i, j, std::min(piece, n - i), std::min(piece, n - j));
        part = -part;
        if (i > j)
          view.block(j, i, part.cols(), part.rows()) = part.transpose();
        else
          part.template triangularView<Eigen::StrictlyUpper>() = part.transpose();
      }
  });
}

/// b = inverse(a) b for a symmetric positive definite matrix, which is used up (Cholesky), and
/// where `diagonal` is given, into it the diagonal of inverse(a). Error (shape) where a is not
/// square or b or the diagonal not as long, (out_of_range) where a is not positive definite. Cost:
/// about n^3 / 6 multiply-adds, and n^3 / 2 for the diagonal.
template <class T>
void solve_positive_definite(Matrix<T>& a, std::span<T> b, std::span<T> diagonal = {}) {
  if (a.rows() != a.columns() || b.size() != a.rows() ||
      (!diagonal.empty() && diagonal.size() != a.rows()))
    throw Error(ErrorCode::shape, "solve_positive_definite",
                "a square matrix and a row for each number",
                std::to_string(a.rows()) + " x " + std::to_string(a.columns()) + ", " +
                    std::to_string(b.size()) + " numbers");
  const auto n = static_cast<Eigen::Index>(a.rows());
  Eigen::Map<detail::RowMajor<T>> view(a.data(), n, n);
  Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1>> right(b.data(), n);
  const Eigen::LLT<Eigen::Ref<detail::RowMajor<T>>> factor(view);
  if (factor.info() != Eigen::Success || !view.allFinite())
    throw Error(ErrorCode::out_of_range, "solve_positive_definite",
                "a positive definite matrix of finite numbers", "one that is not");
  factor.solveInPlace(right);
  if (diagonal.empty()) return;
  detail::RowMajor<T> inverse = detail::RowMajor<T>::Identity(n, n);  // of the factor
  factor.matrixL().solveInPlace(inverse);
  Eigen::Map<Eigen::Matrix<T, 1, Eigen::Dynamic>>(diagonal.data(), n) =
      inverse.colwise().squaredNorm();
}

}  // namespace bodega
