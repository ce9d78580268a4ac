// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/core/random.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/sparse.hpp>

/// Eigenvectors for training: of small dense matrices, and the leading ones of large sparse ones.
/// Written out, because what a general library brings for them is half a minute of the compiler.
namespace bodega::inline BODEGA_ABI {

namespace detail {

#if BODEGA_BODIES
/// The eigenvalues of a symmetric matrix and, row by row, their eigenvectors, in no order.
struct EigenPairs {
  std::vector<double> values;
  Matrix<double> vectors;
};

/// Rotates two rows of numbers: a becomes c a - s b, b becomes s a + c b.
void rotate(double* a, double* b, std::size_t n, std::size_t step, double c, double s);

/// Method: cyclic Jacobi rotations until nothing is left off the diagonal. Source: Golub, Van Loan,
/// "Matrix Computations", 1996, section 8.4. Cost: some 40 n^3 multiply-adds.
EigenPairs symmetric_eigen(Matrix<double> a, ProgressPulse* pulse = nullptr);

/// Makes the rows orthonormal, one after the other (Gram and Schmidt, each row twice: Giraud,
/// Langou, Rozloznik, "The loss of orthogonality in the Gram-Schmidt process", 2005). A row that
/// the rows before it span becomes 0.
void orthonormalise(Matrix<float>& rows, ProgressPulse* pulse = nullptr);

inline void beat(ProgressPulse* pulse) {
  if (pulse != nullptr) (*pulse)();
}
#endif

Matrix<float> transposed(const Matrix<float>& a);

/// The rows of `a` along `count` directions (rows of `directions`, named by `order`); 0 along what
/// is more than there are.
Matrix<float> along(const Matrix<float>& a, const Matrix<double>& directions,
                    const std::vector<std::size_t>& order, std::size_t count);

#if BODEGA_BODIES
/// The places of the values from the largest magnitude down.
std::vector<std::size_t> largest_first(const std::vector<double>& values);
#endif

}  // namespace detail

/// The rows of `a` turned into their principal axes: the same products between rows, in columns
/// that are orthogonal to each other, the longest first. Cost: rows x columns^2.
Matrix<float> principal_axes(const Matrix<float>& a, ProgressPulse* pulse = nullptr);

/// The `count` eigenvectors of largest |eigenvalue| of a symmetric sparse matrix, as columns of a
/// rows x count matrix, each scaled by the root of its |eigenvalue|; seeded, so repeatable.
/// Method: randomised subspace iteration with `rounds` rounds and 8 spare directions (Halko,
/// Martinsson, Tropp, "Finding structure with randomness", SIAM Review 2011, algorithm 4.4).
/// Cost: rounds x (entries + rows x count) x (count + 8).
Matrix<float> leading_eigenvectors(const CsrMatrix<float>& a, std::size_t count, std::uint64_t seed,
                                   int rounds = 8, ProgressPulse* pulse = nullptr);

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE void rotate(double* a, double* b, std::size_t n, std::size_t step, double c,
                          double s) {
  for (std::size_t k = 0; k < n * step; k += step) {
    const double x = a[k], y = b[k];
    a[k] = c * x - s * y;
    b[k] = s * x + c * y;
  }
}

BODEGA_INLINE EigenPairs symmetric_eigen(Matrix<double> a, ProgressPulse* pulse) {
  const std::size_t n = a.rows();
  Matrix<double> vectors(n, n);
  for (std::size_t i = 0; i < n; ++i) vectors(i, i) = 1;
  for (int sweep = 0; sweep < 60; ++sweep) {
    double all = 0, off = 0;
    for (std::size_t p = 0; p < n; ++p) {
      all += a(p, p) * a(p, p);
      for (std::size_t q = p + 1; q < n; ++q) off += a(p, q) * a(p, q);
    }
    if (!(off > 1e-30 * all)) break;  // also where a number is NaN
    for (std::size_t p = 0; p < n; ++p, beat(pulse))
      for (std::size_t q = p + 1; q < n; ++q) {
        if (a(p, q) == 0) continue;
        const double angle = (a(q, q) - a(p, p)) / (2 * a(p, q));
        const double t = (angle < 0 ? -1 : 1) / (std::abs(angle) + std::sqrt(angle * angle + 1));
        const double c = 1 / std::sqrt(t * t + 1), s = t * c;
        rotate(&a(0, p), &a(0, q), n, n, c, s);
        rotate(&a(p, 0), &a(q, 0), n, 1, c, s);
        rotate(&vectors(p, 0), &vectors(q, 0), n, 1, c, s);
      }
  }
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = a(i, i);
  return {std::move(values), std::move(vectors)};
}

BODEGA_INLINE void orthonormalise(Matrix<float>& rows, ProgressPulse* pulse) {
  const std::size_t n = rows.columns();
  const auto length = [&](const float* row) { return std::sqrt(simd::dot(row, row, n)); };
  for (std::size_t i = 0; i < rows.rows(); ++i, beat(pulse)) {
    float* const row = rows.row(i).data();
    const float before = length(row);
    for (int pass = 0; pass < 2; ++pass)
      for (std::size_t j = 0; j < i; ++j) {
        const float* const other = rows.row(j).data();
        simd::axpy(-simd::dot(other, row, n), other, row, n);
      }
    const float left = length(row);
    const float scale = left > 1e-6f * before ? 1 / left : 0;
    for (float& x : rows.row(i)) x *= scale;
  }
}

BODEGA_INLINE Matrix<float> transposed(const Matrix<float>& a) {
  Matrix<float> result(a.columns(), a.rows());
  for (std::size_t i = 0; i < a.rows(); ++i)
    for (std::size_t j = 0; j < a.columns(); ++j) result(j, i) = a(i, j);
  return result;
}

BODEGA_INLINE Matrix<float> along(const Matrix<float>& a, const Matrix<double>& directions,
                                  const std::vector<std::size_t>& order, std::size_t count) {
  Matrix<float> result(a.rows(), count);
  for (std::size_t i = 0; i < a.rows(); ++i)
    for (std::size_t j = 0; j < std::min(count, order.size()); ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < a.columns(); ++k)
        sum += double{a(i, k)} * directions(order[j], k);
      result(i, j) = static_cast<float>(sum);
    }
  return result;
}

BODEGA_INLINE std::vector<std::size_t> largest_first(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) {
    const double a = std::abs(values[x]), b = std::abs(values[y]);
    return a != b ? a > b : x < y;
  });
  return order;
}

}  // namespace detail

BODEGA_INLINE Matrix<float> principal_axes(const Matrix<float>& a, ProgressPulse* pulse) {
  const std::size_t n = a.columns();
  Matrix<double> products(n, n);
  for (std::size_t row = 0; row < a.rows(); ++row, detail::beat(pulse))
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j <= i; ++j) products(i, j) += double{a(row, i)} * a(row, j);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j) products(j, i) = products(i, j);
  const auto [values, vectors] = detail::symmetric_eigen(std::move(products), pulse);
  return detail::along(a, vectors, detail::largest_first(values), n);
}

BODEGA_INLINE Matrix<float> leading_eigenvectors(const CsrMatrix<float>& a, std::size_t count,
                                                 std::uint64_t seed, int rounds,
                                                 ProgressPulse* pulse) {
  if (a.rows() != a.columns())
    throw Error(ErrorCode::shape, "leading_eigenvectors", "a square matrix",
                std::to_string(a.rows()) + " x " + std::to_string(a.columns()));
  const std::size_t n = a.rows(), width = std::min(n, count + 8);
  const auto times = [&](const Matrix<float>& x) {
    Matrix<float> y(n, width);
    for (std::size_t i = 0; i < n; ++i, detail::beat(pulse)) {
      const auto row = a.row(i);
      for (std::size_t k = 0; k < row.size(); ++k)
        simd::axpy(row.values[k], x.row(row.columns[k]).data(), y.row(i).data(), width);
    }
    return y;
  };
  const CounterRandom random(seed);
  Matrix<float> basis(n, width);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < width; ++j) basis(i, j) = random.normal(i, j);
  for (int round = 0; round <= rounds; ++round) {
    Matrix<float> columns = detail::transposed(round == 0 ? basis : times(basis));
    detail::orthonormalise(columns, pulse);
    basis = detail::transposed(columns);
  }
  const Matrix<float> left = detail::transposed(basis), right = detail::transposed(times(basis));
  Matrix<double> small(width, width);
  for (std::size_t i = 0; i < width; ++i)
    for (std::size_t j = 0; j <= i; ++j)
      small(i, j) = small(j, i) =
          0.5 * (double{simd::dot(left.row(i).data(), right.row(j).data(), n)} +
                 double{simd::dot(left.row(j).data(), right.row(i).data(), n)});
  auto [values, vectors] = detail::symmetric_eigen(std::move(small), pulse);
  for (std::size_t i = 0; i < width; ++i)
    for (double& x : vectors.row(i)) x *= std::sqrt(std::abs(values[i]));
  return detail::along(basis, vectors, detail::largest_first(values), count);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
