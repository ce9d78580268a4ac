// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <xsimd/xsimd.hpp>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/plain.hpp>

/// The kernels of `plain.hpp` on the instruction set that the caller compiles for (SSE2 to AVX-512,
/// NEON). The only header that names xsimd, versions 8.1 to 14. Float kernels add in another order
/// than their plain twins, so they agree to rounding; integer kernels agree to the bit.
namespace bodega::inline BODEGA_ABI::simd {

#if defined(XSIMD_NO_SUPPORTED_ARCHITECTURE)

using plain::add_product;
using plain::axpy;
using plain::axpy_int8;
using plain::dot;
using plain::dot_int8;
using plain::find_above;
using plain::gemv;
using plain::mul_add;
using plain::sigmoid;
using plain::tanh;
using Floats = float;
inline constexpr std::size_t width = 1;
inline Floats load(const float* p) noexcept { return *p; }
inline void store(Floats x, float* p) noexcept { *p = x; }
inline constexpr const char* architecture() noexcept { return "plain C++"; }

#else

namespace detail {

using F32 = xsimd::batch<float>;

template <class T>
xsimd::batch<T> load(const T* p) noexcept {
  return xsimd::batch<T>::load_unaligned(p);
}

template <class T>
T sum(const xsimd::batch<T>& b) noexcept {
#if XSIMD_VERSION_MAJOR >= 9
  return xsimd::reduce_add(b);
#else
  return xsimd::hadd(b);
#endif
}

template <class To, class From>
xsimd::batch<To> reinterpret(const xsimd::batch<From>& b) noexcept {
#if XSIMD_VERSION_MAJOR >= 9
  return xsimd::bitwise_cast<To>(b);
#else
  return xsimd::bitwise_cast<xsimd::batch<To>>(b);
#endif
}

/// out[k] = the sum of the k-th of four vectors: interleaved and added, half the work of four sums.
/// Right whether `zip` interleaves whole vectors or each 128 bits apart: xsimd's versions differ.
template <class T>
void store_sums(const xsimd::batch<T>& s0, const xsimd::batch<T>& s1, const xsimd::batch<T>& s2,
                const xsimd::batch<T>& s3, T* out) noexcept {
  using Batch = xsimd::batch<T>;
  using Pairs = xsimd::batch<std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>>;
  const auto in_pairs = [](const Batch& a, const Batch& b) {
    return reinterpret<typename Pairs::value_type>(
        Batch(xsimd::zip_lo(a, b) + xsimd::zip_hi(a, b)));
  };
  const Pairs s01 = in_pairs(s0, s1), s23 = in_pairs(s2, s3);
  const Batch fours = reinterpret<T>(Pairs(xsimd::zip_lo(s01, s23))) +
                      reinterpret<T>(Pairs(xsimd::zip_hi(s01, s23)));
  if constexpr (Batch::size == 4) {
    fours.store_unaligned(out);
  } else {
    using Four = xsimd::make_sized_batch_t<T, 4>;
    T parts[Batch::size];
    fours.store_unaligned(parts);
    Four sum = Four::load_unaligned(parts);
    for (std::size_t k = 4; k < Batch::size; k += 4) sum = sum + Four::load_unaligned(parts + k);
    sum.store_unaligned(out);
  }
}

}  // namespace detail

inline const char* architecture() noexcept { return xsimd::default_arch::name(); }

inline float dot(const float* a, const float* b, std::size_t n) noexcept {
  using detail::F32;
  using detail::load;
  constexpr std::size_t step = F32::size;
  F32 s0(0.0f), s1(0.0f), s2(0.0f), s3(0.0f);  // four chains hide the latency of the addition
  std::size_t i = 0;
  for (; i + 4 * step <= n; i += 4 * step) {
    s0 = xsimd::fma(load(a + i), load(b + i), s0);
    s1 = xsimd::fma(load(a + i + step), load(b + i + step), s1);
    s2 = xsimd::fma(load(a + i + 2 * step), load(b + i + 2 * step), s2);
    s3 = xsimd::fma(load(a + i + 3 * step), load(b + i + 3 * step), s3);
  }
  for (; i + step <= n; i += step) s0 = xsimd::fma(load(a + i), load(b + i), s0);
  return detail::sum(F32((s0 + s1) + (s2 + s3))) + plain::dot(a + i, b + i, n - i);
}

inline void axpy(float alpha, const float* x, float* y, std::size_t n) noexcept {
  using detail::F32;
  const F32 factor(alpha);
  std::size_t i = 0;
  for (; i + F32::size <= n; i += F32::size)
    xsimd::fma(factor, detail::load(x + i), detail::load(y + i)).store_unaligned(y + i);
  plain::axpy(alpha, x + i, y + i, n - i);
}

inline void gemv(const float* w, std::size_t rows, std::size_t columns, const float* x,
                 float* y) noexcept {
  using detail::F32;
  using detail::load;
  std::size_t i = 0;
  for (; i + 4 <= rows; i += 4) {  // four rows share each load of x
    const float *r0 = w + i * columns, *r1 = r0 + columns, *r2 = r1 + columns, *r3 = r2 + columns;
    F32 s0(0.0f), s1(0.0f), s2(0.0f), s3(0.0f);
    std::size_t j = 0;
    for (; j + F32::size <= columns; j += F32::size) {
      const F32 xs = load(x + j);
      s0 = xsimd::fma(load(r0 + j), xs, s0);
      s1 = xsimd::fma(load(r1 + j), xs, s1);
      s2 = xsimd::fma(load(r2 + j), xs, s2);
      s3 = xsimd::fma(load(r3 + j), xs, s3);
    }
    detail::store_sums(s0, s1, s2, s3, y + i);
    if (j == columns) continue;
    for (std::size_t k = 0; k < 4; ++k)
      y[i + k] += plain::dot(r0 + k * columns + j, x + j, columns - j);
  }
  for (; i < rows; ++i) y[i] = dot(w + i * columns, x, columns);
}

namespace detail {

/// The tiles of `Rows` rows of C, each `Vectors` vectors wide, from column j on; returns the first
/// column left over. A tile's sums stay in registers, which is why its loops must be unrolled.
template <std::size_t Rows, std::size_t Vectors>
std::size_t add_product_tiles(const float* a, std::size_t row_step, std::size_t column_step,
                              const float* b, float* c, std::size_t inner, std::size_t columns,
                              std::size_t j) noexcept {
  for (; j + Vectors * F32::size <= columns; j += Vectors * F32::size) {
    F32 sums[Rows][Vectors];
#pragma GCC unroll 8
    for (std::size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 8
      for (std::size_t v = 0; v < Vectors; ++v)
        sums[r][v] = load(c + r * columns + j + v * F32::size);
    const float *a_column = a, *b_row = b + j;
    for (std::size_t k = 0; k < inner; ++k, a_column += column_step, b_row += columns) {
      F32 from[Vectors];
#pragma GCC unroll 8
      for (std::size_t v = 0; v < Vectors; ++v) from[v] = load(b_row + v * F32::size);
#pragma GCC unroll 8
      for (std::size_t r = 0; r < Rows; ++r) {
        const F32 factor(a_column[r * row_step]);
#pragma GCC unroll 8
        for (std::size_t v = 0; v < Vectors; ++v)
          sums[r][v] = xsimd::fma(factor, from[v], sums[r][v]);
      }
    }
#pragma GCC unroll 8
    for (std::size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 8
      for (std::size_t v = 0; v < Vectors; ++v)
        sums[r][v].store_unaligned(c + r * columns + j + v * F32::size);
  }
  return j;
}

/// What is narrower than a vector.
inline void add_product_rest(const float* a, std::size_t row_step, std::size_t column_step,
                             const float* b, float* c, std::size_t rows, std::size_t inner,
                             std::size_t columns, std::size_t j) noexcept {
  for (std::size_t i = 0; i < rows && j < columns; ++i)
    for (std::size_t k = 0; k < inner; ++k)
      plain::axpy(a[i * row_step + k * column_step], b + k * columns + j, c + i * columns + j,
                  columns - j);
}

}  // namespace detail

namespace detail {

/// `Rows` rows of C at a time, which share each load of B, from row i on; returns the first left
/// over.
template <std::size_t Rows>
std::size_t add_product_rows(const float* a, std::size_t row_step, std::size_t column_step,
                             const float* b, float* c, std::size_t rows, std::size_t inner,
                             std::size_t columns, std::size_t i) noexcept {
  for (; i + Rows <= rows; i += Rows) {
    const float* from = a + i * row_step;
    float* to = c + i * columns;
    std::size_t j = 0;
    if constexpr (Rows == 1) {  // alone: more columns at once, so that no addition waits
      j = add_product_tiles<1, 8>(from, row_step, column_step, b, to, inner, columns, j);
      j = add_product_tiles<1, 4>(from, row_step, column_step, b, to, inner, columns, j);
    } else {
      j = add_product_tiles<Rows, 2>(from, row_step, column_step, b, to, inner, columns, j);
    }
    j = add_product_tiles<Rows, 1>(from, row_step, column_step, b, to, inner, columns, j);
    add_product_rest(from, row_step, column_step, b, to, Rows, inner, columns, j);
  }
  return i;
}

}  // namespace detail

inline void add_product(const float* a, std::size_t row_step, std::size_t column_step,
                        const float* b, float* c, std::size_t rows, std::size_t inner,
                        std::size_t columns) noexcept {
  if (inner == 0) return;          // nothing to add, and an empty A may be no array to point into
#if XSIMD_WITH_AVX512F || XSIMD_WITH_NEON64
  constexpr std::size_t most = 8;  // 16 sums in 32 registers
#else
  constexpr std::size_t most = 6;  // 12 sums in 16 registers
#endif
  std::size_t i = 0;
  i = detail::add_product_rows<most>(a, row_step, column_step, b, c, rows, inner, columns, i);
  i = detail::add_product_rows<4>(a, row_step, column_step, b, c, rows, inner, columns, i);
  detail::add_product_rows<1>(a, row_step, column_step, b, c, rows, inner, columns, i);
}

/// Left to the compiler's vectoriser, which knows the sum of products of 16 bits. GCC does so at
/// -O2 as well because the inner loop has a known length.
inline std::int32_t dot(const std::int8_t* a, const std::int16_t* b, std::size_t n) noexcept {
  constexpr std::size_t block = 32;
  std::int32_t sum = 0;
  std::size_t i = 0;
  for (; i + block <= n; i += block) {
    std::int32_t part = 0;
    for (std::size_t k = i; k < i + block; ++k)
      part += std::int32_t{std::int16_t{a[k]}} * std::int32_t{b[k]};
    sum += part;
  }
  return sum + plain::dot(a + i, b + i, n - i);
}

inline std::size_t find_above(const float* x, std::size_t n, float threshold) noexcept {
  using detail::F32;
  using detail::load;
  constexpr std::size_t step = F32::size;
  const F32 least(threshold);
  std::size_t i = 0;
  for (; i + 4 * step <= n; i += 4 * step)  // one branch for four batches
    if (xsimd::any(((load(x + i) > least) | (load(x + i + step) > least)) |
                   ((load(x + i + 2 * step) > least) | (load(x + i + 3 * step) > least))))
      break;
  return i + plain::find_above(x + i, n - i, threshold);
}

/// Left to the compiler's vectoriser, which does this simple loop well. GCC does so at -O2 as well
/// because nothing may overlap and the inner loop has a known length, one too long to be unrolled
/// away: 8 times as fast there as the plain loop with AVX2.
inline void axpy_int8(float alpha, const std::int8_t* __restrict x, std::int32_t zero_point,
                      float* __restrict y, std::size_t n) noexcept {
  constexpr std::size_t block = 64;
  std::size_t i = 0;
  for (; i + block <= n; i += block)
    for (std::size_t k = i; k < i + block; ++k)
      y[k] += alpha * static_cast<float>(std::int32_t{x[k]} - zero_point);
  plain::axpy_int8(alpha, x + i, zero_point, y + i, n - i);
}

/// Left to the compiler as well, which may keep each of the partial sums in a lane of a vector.
inline float dot_int8(const float* x, const std::int8_t* w, std::int32_t zero_point,
                      std::size_t n) noexcept {
  constexpr std::size_t lanes = 32;
  float sums[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (std::size_t k = 0; k < lanes; ++k)
      sums[k] += x[i + k] * static_cast<float>(std::int32_t{w[i + k]} - zero_point);
  for (std::size_t half = lanes / 2; half > 0; half /= 2)
    for (std::size_t k = 0; k < half; ++k) sums[k] += sums[k + half];
  return sums[0] + plain::dot_int8(x + i, w + i, zero_point, n - i);
}

/// A vector of numbers, for kernels that hold more of them in registers than a function over arrays
/// can. It has + - * / and is made from one number for all its places.
using Floats = detail::F32;
inline constexpr std::size_t width = Floats::size;
inline Floats load(const float* p) noexcept { return detail::load(p); }
inline void store(const Floats& x, float* p) noexcept { x.store_unaligned(p); }
/// a * b + c.
inline Floats mul_add(const Floats& a, const Floats& b, const Floats& c) noexcept {
  return xsimd::fma(a, b, c);
}
using plain::mul_add;

namespace detail {
template <int Unit>
F32 rational_tanh(const F32& x) noexcept {
  return plain::rational_tanh<Unit>(
      x, [](const F32& a, const F32& b, const F32& c) { return xsimd::fma(a, b, c); },
      [](const F32& v, float limit) { return xsimd::min(xsimd::max(v, F32(-limit)), F32(limit)); });
}
}  // namespace detail

inline Floats tanh(const Floats& x) noexcept { return detail::rational_tanh<1>(x); }
inline Floats sigmoid(const Floats& x) noexcept {
  return Floats(0.5f) + detail::rational_tanh<2>(x);
}
inline float tanh(float x) noexcept { return plain::tanh(x); }
inline float sigmoid(float x) noexcept { return plain::sigmoid(x); }

inline void tanh(float* x, std::size_t n) noexcept {
  std::size_t i = 0;
  for (; i + width <= n; i += width) store(tanh(load(x + i)), x + i);
  plain::tanh(x + i, n - i);
}

inline void sigmoid(float* x, std::size_t n) noexcept {
  std::size_t i = 0;
  for (; i + width <= n; i += width) store(sigmoid(load(x + i)), x + i);
  plain::sigmoid(x + i, n - i);
}

#endif

}  // namespace bodega::inline BODEGA_ABI::simd
