// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include <bodega/core/error.hpp>
#include <bodega/core/random.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/sparse.hpp>

/// Dense linear algebra for training. The only header that names Eigen (3.4 or 5); no serving
/// header reaches it.
namespace bodega {

namespace detail {
template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
}  // namespace detail

/// Replaces a symmetric positive definite matrix by its inverse (Cholesky). Error (shape) where it
/// is not square, (out_of_range) where it is not positive definite. Memory: two more copies.
/// Cost: about n^3 multiply-adds for n rows.
template <class T>
void invert_positive_definite(Matrix<T>& a) {
  if (a.rows() != a.columns())
    throw Error(ErrorCode::shape, "invert_positive_definite", "a square matrix",
                std::to_string(a.rows()) + " x " + std::to_string(a.columns()));
  const auto n = static_cast<Eigen::Index>(a.rows());
  Eigen::Map<detail::RowMajor<T>> view(a.data(), n, n);
  Eigen::LLT<detail::RowMajor<T>> factor(view);
  if (factor.info() != Eigen::Success || !view.allFinite())  // Eigen lets NaN pass
    throw Error(ErrorCode::out_of_range, "invert_positive_definite",
                "a positive definite matrix of finite numbers", "one that is not");
  view.setIdentity();
  factor.solveInPlace(view);
}

/// b = inverse(a) b for a symmetric positive definite matrix, which is used up (Cholesky), and where
/// `diagonal` is given, into it the diagonal of inverse(a). Error (shape) where a is not square or b
/// or the diagonal not as long, (out_of_range) where a is not positive definite. Cost: about n^3 / 6
/// multiply-adds, and n^3 / 2 for the diagonal.
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

/// The rows of `a` turned into their principal axes: the same products between rows, in columns that
/// are orthogonal to each other, the longest first. Cost: rows x columns^2.
inline Matrix<float> principal_axes(const Matrix<float>& a) {
  const auto rows = static_cast<Eigen::Index>(a.rows());
  const auto columns = static_cast<Eigen::Index>(a.columns());
  const Eigen::Map<const detail::RowMajor<float>> view(a.data(), rows, columns);
  const Eigen::MatrixXd real = view.cast<double>();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(real.transpose() * real);
  Matrix<float> result(a.rows(), a.columns());
  Eigen::Map<detail::RowMajor<float>>(result.data(), rows, columns) =
      (real * solver.eigenvectors().rowwise().reverse()).cast<float>();
  return result;
}

/// The `count` eigenvectors of largest |eigenvalue| of a symmetric sparse matrix, as columns of a
/// rows x count matrix, each scaled by the root of its |eigenvalue|; seeded, so repeatable.
/// Method: randomised subspace iteration with `rounds` rounds and 8 spare directions (Halko,
/// Martinsson, Tropp, "Finding structure with randomness", SIAM Review 2011, algorithm 4.4).
/// Cost: rounds x entries x (count + 8).
inline Matrix<float> leading_eigenvectors(const CsrMatrix<float>& a, std::size_t count,
                                          std::uint64_t seed, int rounds = 8) {
  if (a.rows() != a.columns())
    throw Error(ErrorCode::shape, "leading_eigenvectors", "a square matrix",
                std::to_string(a.rows()) + " x " + std::to_string(a.columns()));
  using Dense = detail::RowMajor<float>;
  const auto n = static_cast<Eigen::Index>(a.rows());
  const auto width = std::min<Eigen::Index>(n, static_cast<Eigen::Index>(count) + 8);
  const auto times = [&](const Dense& x) {
    Dense y = Dense::Zero(n, x.cols());
    for (Eigen::Index i = 0; i < n; ++i) {
      const auto row = a.row(static_cast<std::size_t>(i));
      for (std::size_t k = 0; k < row.size(); ++k) y.row(i) += row.values[k] * x.row(row.columns[k]);
    }
    return y;
  };
  const CounterRandom random(seed);
  Dense basis(n, width);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < width; ++j)
      basis(i, j) = random.normal(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(j));
  for (int round = 0; round <= rounds; ++round) {
    const Dense image = round == 0 ? basis : times(basis);
    basis = Eigen::HouseholderQR<Dense>(image).householderQ() * Dense::Identity(n, width);
  }
  const Dense small = basis.transpose() * times(basis);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(
      (0.5f * (small + small.transpose())).cast<double>());
  std::vector<std::pair<float, Eigen::Index>> order;
  for (Eigen::Index j = 0; j < width; ++j)
    order.emplace_back(-std::abs(static_cast<float>(solver.eigenvalues()(j))), j);
  std::sort(order.begin(), order.end());
  Matrix<float> result(a.rows(), count);
  for (std::size_t j = 0; j < std::min<std::size_t>(count, order.size()); ++j) {
    const Eigen::VectorXf column =
        basis * solver.eigenvectors().col(order[j].second).cast<float>();
    const float scale = std::sqrt(-order[j].first);
    for (Eigen::Index i = 0; i < n; ++i)
      result(static_cast<std::size_t>(i), j) = scale * column(i);
  }
  return result;
}

}  // namespace bodega
