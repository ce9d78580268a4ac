// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
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

namespace detail {
/// x = inverse(a) b, and the diagonal of the inverse where it is wanted; `a` has its lower half
/// replaced by its factor and keeps the half above. False where the pivots are not positive, or
/// where what the answer leaves of b, solved for again, moves it by more than a thousandth: then
/// the numbers of this type cannot tell.
template <class T>
bool solve_checked(Eigen::Map<RowMajor<T>> a, const Eigen::VectorXd& b, Eigen::VectorXd& x,
                   Eigen::VectorXd* inverse) {
  constexpr double close = 1e-3;
  const Eigen::VectorXd diagonal = a.diagonal().template cast<double>();
  const Eigen::LLT<Eigen::Ref<RowMajor<T>>> factor(a);
  if (factor.info() != Eigen::Success) return false;
  x = factor.solve(b.template cast<T>().eval()).template cast<double>();
  if (!x.allFinite()) return false;
  Eigen::VectorXd rest = b - diagonal.cwiseProduct(x);
  for (Eigen::Index i = 0; i + 1 < a.rows(); ++i) {
    const auto row = a.row(i).tail(a.cols() - i - 1).template cast<double>();
    rest(i) -= row.dot(x.tail(a.cols() - i - 1));
    rest.tail(a.cols() - i - 1) -= x(i) * row.transpose();
  }
  const Eigen::VectorXd moved =
      factor.solve(rest.template cast<T>().eval()).template cast<double>();
  if (!(moved.template lpNorm<Eigen::Infinity>() <= close * x.template lpNorm<Eigen::Infinity>()))
    return false;
  x += moved;
  if (inverse == nullptr) return true;
  RowMajor<T> root = RowMajor<T>::Identity(a.rows(), a.cols());
  factor.matrixL().solveInPlace(root);
  *inverse = root.colwise().squaredNorm().transpose().template cast<double>();
  return inverse->allFinite();
}
}  // namespace detail

/// b = inverse(a) b for a symmetric positive definite matrix, which is used up (Cholesky), and
/// where `diagonal` is given, into it the diagonal of inverse(a).
/// The system is brought to a diagonal of about 1 by powers of two, so that no scale of the numbers
/// overflows, and the answer is checked: what it leaves of b is solved for again and put right.
/// Where that moves it by more than a thousandth, doubles take the place of floats, and where these
/// cannot tell either, a ridge is added to the diagonal of about 1: 1e-12, else 1e-10, 1e-8. The
/// ridge is returned, mostly 0.
/// Error (shape) where a is not square or b or the diagonal not as long, (out_of_range) where a is
/// not positive definite even so. Cost: about n^3 / 6 multiply-adds, and n^3 / 2 for the diagonal.
template <class T>
double solve_positive_definite(Matrix<T>& a, std::span<T> b, std::span<T> diagonal = {}) {
  if (a.rows() != a.columns() || b.size() != a.rows() ||
      (!diagonal.empty() && diagonal.size() != a.rows()))
    throw Error(ErrorCode::shape, "solve_positive_definite",
                "a square matrix and a row for each number",
                std::to_string(a.rows()) + " x " + std::to_string(a.columns()) + ", " +
                    std::to_string(b.size()) + " numbers");
  const auto n = static_cast<Eigen::Index>(a.rows());
  Eigen::Map<detail::RowMajor<T>> view(a.data(), n, n);
  Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1>> right(b.data(), n);
  const auto refuse = [] {
    throw Error(ErrorCode::out_of_range, "solve_positive_definite",
                "a positive definite matrix of finite numbers", "one that is not");
  };
  if (n == 0) return 0;
  if (!view.allFinite() || !right.allFinite() || !(view.diagonal().minCoeff() > 0)) refuse();
  // By powers of two nothing is rounded.
  std::vector<int> half(a.rows());
  Eigen::Matrix<T, Eigen::Dynamic, 1> scale(n);
  Eigen::VectorXd scaled(n), x, inverse;
  for (Eigen::Index i = 0; i < n; ++i) {
    const int by = half[static_cast<std::size_t>(i)] = -std::ilogb(view(i, i)) / 2;
    scale(i) = std::ldexp(T{1}, by);
    scaled(i) = std::ldexp(static_cast<double>(right(i)), by);
  }
  view.array().colwise() *= scale.array();
  view.array().rowwise() *= scale.transpose().array();
  view.template triangularView<Eigen::StrictlyUpper>() = view.transpose();
  // b as a whole is brought near 1 too.
  const double largest = scaled.template lpNorm<Eigen::Infinity>();
  const int of_b = largest > 0 ? std::ilogb(largest) : 0;
  for (Eigen::Index i = 0; i < n; ++i) scaled(i) = std::ldexp(scaled(i), -of_b);
  Eigen::VectorXd* const wanted = diagonal.empty() ? nullptr : &inverse;
  const Eigen::VectorXd ones = view.diagonal().template cast<double>();
  double ridge = 0;
  if (!detail::solve_checked<T>(view, scaled, x, wanted)) {
    bool solved = false;
    for (const double more : {0.0, 1e-12, 1e-10, 1e-8}) {
      if (std::is_same_v<T, double> && more == 0) continue;  // that was tried
      detail::RowMajor<double> wide = view.template cast<double>();
      wide.diagonal() = ones.array() + more;
      wide.template triangularView<Eigen::StrictlyLower>() = wide.transpose();
      ridge = more;
      solved = detail::solve_checked<double>(
          Eigen::Map<detail::RowMajor<double>>(wide.data(), n, n), scaled, x, wanted);
      if (solved) break;
    }
    if (!solved) refuse();
  }
  for (Eigen::Index i = 0; i < n; ++i) {
    const int by = half[static_cast<std::size_t>(i)];
    right(i) = static_cast<T>(std::ldexp(x(i), of_b + by));
    if (wanted != nullptr)
      diagonal[static_cast<std::size_t>(i)] = static_cast<T>(std::ldexp(inverse(i), 2 * by));
  }
  return ridge;
}

}  // namespace bodega
