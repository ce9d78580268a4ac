// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/simd.hpp>

/// The products of rows with rows that dense linear algebra spends its time in, for float and
/// double.
namespace bodega::inline BODEGA_ABI {

/// A row-major part of a matrix: row i starts at `data + i * step`.
template <class T>
struct MatrixPart {
  T* data;
  std::size_t rows, columns, step;
  T* row(std::size_t i) const noexcept { return data + i * step; }
};

namespace plain {

/// C -= A B', each number of C less the product of a row of A and a row of B. C has the rows of A
/// and as many columns as B has rows.
template <class T>
void subtract_products(MatrixPart<T> c, MatrixPart<const T> a, MatrixPart<const T> b) noexcept {
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < b.rows; ++j) {
      T sum = 0;
      for (std::size_t k = 0; k < a.columns; ++k) sum += a.row(i)[k] * b.row(j)[k];
      c.row(i)[j] -= sum;
    }
}

/// Sum of a[i] * b[i].
template <class T>
T row_product(const T* a, const T* b, std::size_t n) noexcept {
  T sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace plain

namespace simd {

#if defined(XSIMD_NO_SUPPORTED_ARCHITECTURE)

using plain::row_product;
using plain::subtract_products;

#else

namespace detail {

// A tile of C is so many rows and vectors, whose sums stay in registers.
#if XSIMD_WITH_AVX512F || XSIMD_WITH_NEON64
inline constexpr std::size_t tile_rows = 12, tile_vectors = 2;  // 24 sums in 32 registers
#elif XSIMD_WITH_FMA3_AVX || XSIMD_WITH_FMA3_AVX2 || XSIMD_WITH_FMA3_SSE
inline constexpr std::size_t tile_rows = 6, tile_vectors = 2;  // 12 sums in 16 registers
#else
inline constexpr std::size_t tile_rows = 2, tile_vectors = 4;  // 8 sums, and products on the way
#endif

/// C -= A B for `Rows` rows of A and a B that is one tile wide and stands row after row.
template <std::size_t Rows, class T>
void subtract_tile(T* c, std::size_t c_step, const T* a, std::size_t a_step, const T* b,
                   std::size_t inner) noexcept {
  using Batch = xsimd::batch<T>;
  constexpr std::size_t width = Batch::size;
  Batch sums[Rows][tile_vectors];
#pragma GCC unroll 16
  for (std::size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (std::size_t v = 0; v < tile_vectors; ++v) sums[r][v] = load(c + r * c_step + v * width);
  for (std::size_t k = 0; k < inner; ++k, ++a, b += tile_vectors * width) {
    Batch from[tile_vectors];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < tile_vectors; ++v) from[v] = load(b + v * width);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < Rows; ++r) {
      const Batch factor(a[r * a_step]);
#pragma GCC unroll 4
      for (std::size_t v = 0; v < tile_vectors; ++v)
        sums[r][v] = xsimd::fma(factor, from[v], sums[r][v]);
    }
  }
#pragma GCC unroll 16
  for (std::size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (std::size_t v = 0; v < tile_vectors; ++v)
      sums[r][v].store_unaligned(c + r * c_step + v * width);
}

/// C -= A B for all rows of A.
template <class T>
void subtract_tiles(T* c, std::size_t c_step, MatrixPart<const T> a, const T* b) noexcept {
  std::size_t i = 0;
  for (; i + tile_rows <= a.rows; i += tile_rows)
    subtract_tile<tile_rows>(c + i * c_step, c_step, a.row(i), a.step, b, a.columns);
  constexpr std::size_t fewer_rows = tile_rows >= 6 ? tile_rows / 3 : 1;
  for (; i + fewer_rows <= a.rows; i += fewer_rows)
    subtract_tile<fewer_rows>(c + i * c_step, c_step, a.row(i), a.step, b, a.columns);
  for (; i < a.rows; ++i) subtract_tile<1>(c + i * c_step, c_step, a.row(i), a.step, b, a.columns);
}

}  // namespace detail

/// As `plain::row_product`, but for the order of the additions.
template <class T>
T row_product(const T* a, const T* b, std::size_t n) noexcept {
  using Batch = xsimd::batch<T>;
  using detail::load;
  constexpr std::size_t step = Batch::size;
  Batch s0(T{0}), s1(T{0});
  std::size_t i = 0;
  for (; i + 2 * step <= n; i += 2 * step) {
    s0 = xsimd::fma(load(a + i), load(b + i), s0);
    s1 = xsimd::fma(load(a + i + step), load(b + i + step), s1);
  }
  if (i + step <= n) {
    s0 = xsimd::fma(load(a + i), load(b + i), s0);
    i += step;
  }
  return detail::sum(Batch(s0 + s1)) + plain::row_product(a + i, b + i, n - i);
}

/// As `plain::subtract_products`, but for the order of the additions.
template <class T>
void subtract_products(MatrixPart<T> c, MatrixPart<const T> a, MatrixPart<const T> b) noexcept {
  constexpr std::size_t wide = detail::tile_vectors * xsimd::batch<T>::size,
                        deep = 1024 / sizeof(T);
  alignas(64) T turned[deep * wide];  // some rows of B, as columns
  for (std::size_t k = 0; k < a.columns; k += deep) {
    const MatrixPart<const T> left{a.data + k, a.rows, std::min(deep, a.columns - k), a.step};
    for (std::size_t j = 0; j < b.rows; j += wide) {
      const std::size_t some = std::min(wide, b.rows - j);
      if (some < wide) std::fill_n(turned, left.columns * wide, T{0});
      for (std::size_t x = 0; x < some; ++x)
        for (std::size_t y = 0; y < left.columns; ++y) turned[y * wide + x] = -b.row(j + x)[k + y];
      if (some == wide) {
        detail::subtract_tiles(c.data + j, c.step, left, turned);
        continue;
      }
      // The last columns of C, widened to a tile.
      T widened[detail::tile_rows * wide] = {};
      for (std::size_t i = 0; i < a.rows; i += detail::tile_rows) {
        const std::size_t rows = std::min(detail::tile_rows, a.rows - i);
        for (std::size_t r = 0; r < rows; ++r)
          std::copy_n(c.row(i + r) + j, some, widened + r * wide);
        detail::subtract_tiles(widened, wide, {left.row(i), rows, left.columns, left.step}, turned);
        for (std::size_t r = 0; r < rows; ++r)
          std::copy_n(widened + r * wide, some, c.row(i + r) + j);
      }
    }
  }
}

#endif

}  // namespace simd
}  // namespace bodega::inline BODEGA_ABI
