// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/tile_products.hpp>
#include <bodega/tensor/matrix.hpp>

/// Parts of matrices, and the product that dense linear algebra spends its time in. With
/// BODEGA_USE_BLAS defined the products of tiles go to the BLAS that the program links.
#if defined(BODEGA_USE_BLAS)
// Of the BLAS that the program links, for 32-bit sizes.
extern "C" {
void sgemm_(const char*, const char*, const int*, const int*, const int*, const float*,
            const float*, const int*, const float*, const int*, const float*, float*, const int*);
void dgemm_(const char*, const char*, const int*, const int*, const int*, const double*,
            const double*, const int*, const double*, const int*, const double*, double*,
            const int*);
}
#endif

namespace bodega::inline BODEGA_ABI {

namespace detail {

/// C -= A B'.
template <class T>
void subtract(MatrixPart<T> c, MatrixPart<const T> a, MatrixPart<const T> b) {
#if defined(BODEGA_USE_BLAS)
  if (a.rows == 0 || b.rows == 0 || a.columns == 0) return;
  const auto number = [](std::size_t x) { return static_cast<int>(x); };
  const int rows = number(b.rows), columns = number(a.rows), inner = number(a.columns);
  const int a_step = number(a.step), b_step = number(b.step), c_step = number(c.step);
  const T minus = -1, one = 1;
  // BLAS counts by columns: C' -= B A'.
  if constexpr (sizeof(T) == sizeof(float))
    sgemm_("T", "N", &rows, &columns, &inner, &minus, b.data, &b_step, a.data, &a_step, &one,
           c.data, &c_step);
  else
    dgemm_("T", "N", &rows, &columns, &inner, &minus, b.data, &b_step, a.data, &a_step, &one,
           c.data, &c_step);
#else
  simd::subtract_products<T>(c, a, b);
#endif
}

/// The part of a matrix that starts at row i and column j.
template <class T>
MatrixPart<T> part(Matrix<T>& a, std::size_t i, std::size_t j, std::size_t rows,
                   std::size_t columns) {
  return {a.data() + i * a.columns() + j, rows, columns, a.columns()};
}
template <class T>
MatrixPart<const T> constant(MatrixPart<T> a) {
  return {a.data, a.rows, a.columns, a.step};
}

template <class T>
bool all_finite(std::span<const T> values) {
  return std::all_of(values.begin(), values.end(), [](T x) { return std::isfinite(x); });
}

template <class T>
void copy_part(MatrixPart<T> to, MatrixPart<T> from) {
  for (std::size_t i = 0; i < from.rows; ++i) std::copy_n(from.row(i), from.columns, to.row(i));
}

/// to = from', in pieces that fit the nearest cache.
template <class T>
void copy_transposed(MatrixPart<T> to, MatrixPart<T> from) {
  constexpr std::size_t piece = 16;
  for (std::size_t first = 0; first < from.rows; first += piece)
    for (std::size_t left = 0; left < from.columns; left += piece)
      for (std::size_t i = first; i < std::min(first + piece, from.rows); ++i)
        for (std::size_t j = left; j < std::min(left + piece, from.columns); ++j)
          to.row(j)[i] = from.row(i)[j];
}

/// What is above the diagonal becomes as what is below, or the other way round.
template <class T>
void mirror_up(MatrixPart<T> a) {
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < i; ++j) a.row(j)[i] = a.row(i)[j];
}
template <class T>
void mirror_down(MatrixPart<T> a) {
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < i; ++j) a.row(i)[j] = a.row(j)[i];
}

}  // namespace detail

}  // namespace bodega::inline BODEGA_ABI
