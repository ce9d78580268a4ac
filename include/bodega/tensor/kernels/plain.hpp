// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <bodega/core/abi.hpp>

/// The kernels in plain C++: what `simd.hpp` must agree with, and what runs where xsimd knows no
/// instruction set. Pointers need no alignment and must not overlap unless said.
namespace bodega::inline BODEGA_ABI::plain {

/// Sum of a[i] * b[i].
inline float dot(const float* a, const float* b, std::size_t n) noexcept {
  float sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

/// y[i] += alpha * x[i].
inline void axpy(float alpha, const float* x, float* y, std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i) y[i] += alpha * x[i];
}

/// y = W x; W is rows x columns, row-major.
inline void gemv(const float* w, std::size_t rows, std::size_t columns, const float* x,
                 float* y) noexcept {
  for (std::size_t i = 0; i < rows; ++i) y[i] = dot(w + i * columns, x, columns);
}

/// C += A B. A is rows x inner with any layout: A(i, k) = a[i * row_step + k * column_step], so it
/// may be the transpose of what is stored. B (inner x columns) and C (rows x columns) are
/// row-major. One row of A is a vector times a matrix.
inline void add_product(const float* a, std::size_t row_step, std::size_t column_step,
                        const float* b, float* c, std::size_t rows, std::size_t inner,
                        std::size_t columns) noexcept {
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t k = 0; k < inner; ++k)
      axpy(a[i * row_step + k * column_step], b + k * columns, c + i * columns, columns);
}

/// Sum of a[i] * b[i] in 32 bits: exact for n up to 512 where b[i] is above -32,768.
inline std::int32_t dot(const std::int8_t* a, const std::int16_t* b, std::size_t n) noexcept {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += std::int32_t{a[i]} * std::int32_t{b[i]};
  return sum;
}

/// y[i] += alpha * (x[i] - zero_point): a row of an INT8 matrix added to floats.
inline void axpy_int8(float alpha, const std::int8_t* x, std::int32_t zero_point, float* y,
                      std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i)
    y[i] += alpha * static_cast<float>(std::int32_t{x[i]} - zero_point);
}

/// Sum of x[i] * (w[i] - zero_point): a row of an INT8 matrix times floats.
inline float dot_int8(const float* x, const std::int8_t* w, std::int32_t zero_point,
                      std::size_t n) noexcept {
  float sum = 0;
  for (std::size_t i = 0; i < n; ++i)
    sum += x[i] * static_cast<float>(std::int32_t{w[i]} - zero_point);
  return sum;
}

/// The first i with x[i] > threshold, or n where there is none. A NaN is above nothing.
inline std::size_t find_above(const float* x, std::size_t n, float threshold) noexcept {
  for (std::size_t i = 0; i < n; ++i)
    if (x[i] > threshold) return i;
  return n;
}

/// tanh(x / Unit) / Unit, rational, what scalar and SIMD code share: odd degree 7 over even degree
/// 8 on |x| <= 7.875 Unit; beyond, tanh is within 3e-7 of 1. Largest error 4e-7 (tested).
/// Coefficients: our own fit of least largest error; those of Unit 2 differ by powers of 2, so they
/// round alike.
template <int Unit, class F, class MulAdd, class Clamp>
F rational_tanh(F x, MulAdd mul_add, Clamp clamp) noexcept {
  constexpr float u = 1.0f / static_cast<float>(Unit * Unit);
  x = clamp(x, 7.875f * static_cast<float>(Unit));
  const F x2 = x * x;
  F p = mul_add(x2, F(1.14408917e-05f * u * u * u * u), F(2.95092946e-03f * u * u * u));
  p = mul_add(x2, p, F(1.29249393e-01f * u * u));
  p = mul_add(x2, p, F(9.99999441e-01f * u));
  F q = mul_add(x2, F(2.46565385e-07f * u * u * u * u), F(2.38737436e-04f * u * u * u));
  q = mul_add(x2, q, F(2.38134074e-02f * u * u));
  q = mul_add(x2, q, F(4.62580651e-01f * u));
  q = mul_add(x2, q, F(1.0f));
  return x * p / q;
}

/// a * b + c.
inline float mul_add(float a, float b, float c) noexcept { return a * b + c; }

namespace detail {
template <int Unit>
float rational_tanh(float x) noexcept {
  return plain::rational_tanh<Unit>(x, mul_add, [](float v, float limit) {
    return v > limit ? limit : (v < -limit ? -limit : v);
  });
}
}  // namespace detail

inline float tanh(float x) noexcept { return detail::rational_tanh<1>(x); }

/// 1 / (1 + exp(-x)), by the identity 0.5 + 0.5 tanh(x / 2).
inline float sigmoid(float x) noexcept { return 0.5f + detail::rational_tanh<2>(x); }

/// In place over n numbers.
inline void tanh(float* x, std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i) x[i] = tanh(x[i]);
}
inline void sigmoid(float* x, std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i) x[i] = sigmoid(x[i]);
}

}  // namespace bodega::inline BODEGA_ABI::plain
