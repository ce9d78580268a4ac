// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/tensor/kernels/tile_products.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parts.hpp>

/// Small symmetric positive definite systems, for training.
namespace bodega::inline BODEGA_ABI {

namespace detail {

// Columns that are worked on at once where a matrix is factorised.
inline constexpr std::size_t factor_block = 24;

/// The inverse of the triangular `width` x `width` part of a from (k, k) on.
template <class T>
Matrix<T> inverse_of_lower(const Matrix<T>& a, std::size_t k, std::size_t width) {
  Matrix<T> turned(width, width), result(width, width);  // the inverse's columns, its rows
  for (std::size_t i = 0; i < width; ++i) {
    const T pivot = a(k + i, k + i);
    turned(i, i) = result(i, i) = 1 / pivot;
    for (std::size_t j = 0; j < i; ++j)
      turned(j, i) = result(i, j) =
          -simd::row_product(&a(k + i, k + j), &turned(j, j), i - j) / pivot;
  }
  return result;
}

/// a = a b' for a b that is square.
template <class T>
void multiply_by_transposed(MatrixPart<T> a, Matrix<T>& b) {
  Matrix<T> negative(a.rows, a.columns);
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < a.columns; ++j) {
      negative(i, j) = -a.row(i)[j];
      a.row(i)[j] = 0;
    }
  subtract<T>(a, constant(part(negative, 0, 0, a.rows, a.columns)),
              constant(part(b, 0, 0, b.rows(), b.columns())));
}

/// The lower half of a symmetric positive definite matrix becomes its triangular factor L, a = L L'
/// (Cholesky), a block of columns at a time. False where it is not positive definite, or a number
/// is not finite.
template <class T>
bool factorise(Matrix<T>& a) {
  const std::size_t n = a.rows();
  for (std::size_t k = 0; k < n; k += factor_block) {
    const std::size_t width = std::min(factor_block, n - k), rest = k + width;
    for (std::size_t i = k; i < rest; ++i)
      for (std::size_t j = k; j <= i; ++j) {
        const T left = a(i, j) - simd::row_product(&a(i, k), &a(j, k), j - k);
        if (i == j && !(left > 0)) return false;
        a(i, j) = i == j ? std::sqrt(left) : left / a(j, j);
        if (!std::isfinite(a(i, j))) return false;
      }
    if (rest == n) break;
    Matrix<T> inverse = inverse_of_lower(a, k, width);
    multiply_by_transposed(part(a, rest, k, n - rest, width), inverse);
    constexpr std::size_t strip = 2 * factor_block;
    for (std::size_t j = rest; j < n; j += strip) {  // what these columns explain of the rest
      const std::size_t columns = std::min(strip, n - j);
      subtract<T>(part(a, j, j, n - j, columns), constant(part(a, j, k, n - j, width)),
                  constant(part(a, j, k, columns, width)));
    }
  }
  return true;
}

/// For each column of the inverse of a triangular factor, the sum of its squares.
template <class T>
void squares_of_inverse(Matrix<T>& factor, std::span<T> out) {
  const std::size_t n = factor.rows();
  Matrix<T> columns(n, n);  // row j: column j of the inverse
  for (std::size_t k = 0; k < n; k += factor_block) {
    const std::size_t width = std::min(factor_block, n - k);
    Matrix<T> inverse = inverse_of_lower(factor, k, width);
    copy_transposed(part(columns, k, k, width, width), part(inverse, 0, 0, width, width));
    constexpr std::size_t strip = 2 * factor_block;
    for (std::size_t j = 0; j < k; j += strip) {
      const std::size_t rows = std::min(strip, k - j);
      subtract<T>(part(columns, j, k, rows, width), constant(part(columns, j, j, rows, k - j)),
                  constant(part(factor, k, j, width, k - j)));
    }
    multiply_by_transposed(part(columns, 0, k, k, width), inverse);
  }
  for (std::size_t j = 0; j < n; ++j)
    out[j] = simd::row_product(&columns(j, j), &columns(j, j), n - j);
}

/// x = inverse(L L') x for a triangular factor L.
template <class T>
void substitute(const Matrix<T>& factor, std::span<T> x) {
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = (x[i] - simd::row_product(factor.row(i).data(), x.data(), i)) / factor(i, i);
  for (std::size_t i = x.size(); i-- > 0;) {
    x[i] /= factor(i, i);
    const T* const row = factor.row(i).data();
    for (std::size_t j = 0; j < i; ++j) x[j] -= row[j] * x[i];
  }
}

double largest_magnitude(const std::vector<double>& values);

/// x = inverse(a) b, and the diagonal of the inverse where it is wanted. False where the pivots are
/// not positive, or where what the answer leaves of b, solved for again, moves it by more than a
/// thousandth: then the numbers of this type cannot tell.
template <class T>
bool solve_checked(const Matrix<T>& a, const std::vector<double>& b, std::vector<double>& x,
                   std::vector<double>* inverse) {
  constexpr double close = 1e-3;
  const std::size_t n = a.rows();
  Matrix<T> factor = a;
  if (!factorise(factor)) return false;
  std::vector<T> solved(n);
  for (std::size_t i = 0; i < n; ++i) solved[i] = static_cast<T>(b[i]);
  substitute(factor, std::span<T>(solved));
  if (!all_finite(std::span<const T>(solved))) return false;
  x.assign(solved.begin(), solved.end());
  for (std::size_t i = 0; i < n; ++i) {
    double left = b[i];
    for (std::size_t j = 0; j < n; ++j) left -= double{a(i, j)} * x[j];
    solved[i] = static_cast<T>(left);
  }
  substitute(factor, std::span<T>(solved));
  const std::vector<double> moved(solved.begin(), solved.end());
  if (!(largest_magnitude(moved) <= close * largest_magnitude(x))) return false;
  for (std::size_t i = 0; i < n; ++i) x[i] += moved[i];
  if (inverse == nullptr) return true;
  squares_of_inverse(factor, std::span<T>(solved));
  inverse->assign(solved.begin(), solved.end());
  return all_finite(std::span<const T>(solved));
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
/// not positive definite even so. Cost: about n^3 / 6 multiply-adds, and as many for the diagonal.
template <class T>
double solve_positive_definite(Matrix<T>& a, std::span<T> b, std::span<T> diagonal = {}) {
  if (a.rows() != a.columns() || b.size() != a.rows() ||
      (!diagonal.empty() && diagonal.size() != a.rows()))
    throw Error(ErrorCode::shape, "solve_positive_definite",
                "a square matrix and a row for each number",
                std::to_string(a.rows()) + " x " + std::to_string(a.columns()) + ", " +
                    std::to_string(b.size()) + " numbers");
  const std::size_t n = a.rows();
  const auto refuse = [] {
    throw Error(ErrorCode::out_of_range, "solve_positive_definite",
                "a positive definite matrix of finite numbers", "one that is not");
  };
  if (!detail::all_finite(std::span<const T>(a.values())) ||
      !detail::all_finite(std::span<const T>(b)))
    refuse();
  // By powers of two nothing is rounded.
  std::vector<int> half(n);
  std::vector<T> scale(n);
  std::vector<double> scaled(n), x, inverse;
  for (std::size_t i = 0; i < n; ++i) {
    if (!(a(i, i) > 0)) refuse();
    half[i] = -std::ilogb(a(i, i)) / 2;
    scale[i] = std::ldexp(T{1}, half[i]);
    scaled[i] = std::ldexp(static_cast<double>(b[i]), half[i]);
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) a(i, j) = a(j, i) = a(i, j) * scale[i] * scale[j];
  // b as a whole is brought near 1 too.
  const double largest = detail::largest_magnitude(scaled);
  const int of_b = largest > 0 ? std::ilogb(largest) : 0;
  for (double& value : scaled) value = std::ldexp(value, -of_b);
  std::vector<double>* const wanted = diagonal.empty() ? nullptr : &inverse;
  double ridge = 0;
  if (!detail::solve_checked(a, scaled, x, wanted)) {
    Matrix<double> wide(n, n);
    for (std::size_t i = 0; i < a.size(); ++i) wide.values()[i] = double{a.values()[i]};
    bool solved = false;
    for (const double more : {0.0, 1e-12, 1e-10, 1e-8}) {
      if (std::is_same_v<T, double> && more == 0) continue;  // that was tried
      for (std::size_t i = 0; i < n; ++i) wide(i, i) = double{a(i, i)} + more;
      ridge = more;
      solved = detail::solve_checked(wide, scaled, x, wanted);
      if (solved) break;
    }
    if (!solved) refuse();
  }
  for (std::size_t i = 0; i < n; ++i) {
    b[i] = static_cast<T>(std::ldexp(x[i], of_b + half[i]));
    if (wanted != nullptr) diagonal[i] = static_cast<T>(std::ldexp(inverse[i], 2 * half[i]));
  }
  return ridge;
}

#if defined(BODEGA_COMPILED)
extern template double solve_positive_definite(Matrix<float>&, std::span<float>, std::span<float>);
extern template double solve_positive_definite(Matrix<double>&, std::span<double>,
                                               std::span<double>);
#endif

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE double largest_magnitude(const std::vector<double>& values) {
  double largest = 0;
  for (const double x : values) largest = std::isnan(x) ? INFINITY : std::max(largest, std::abs(x));
  return largest;
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
