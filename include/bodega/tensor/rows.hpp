// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/quantized.hpp>
#include <bodega/tensor/sparse.hpp>

/// What every weight format can do, so that a model is written once for all of them: add one row,
/// scaled, to a vector of floats; walk a row; read one entry; multiply by a vector. All noexcept,
/// but walking a row, whose visitor may throw; the caller sees to the sizes.
namespace bodega::inline BODEGA_ABI {

/// out[j] += alpha * w(row, j).
inline void add_row(const Matrix<float>& w, std::size_t row, float alpha,
                    std::span<float> out) noexcept {
  simd::axpy(alpha, w.row(row).data(), out.data(), w.columns());
}
void add_row(const QuantizedMatrix& w, std::size_t row, float alpha, std::span<float> out) noexcept;
void add_row(const CsrMatrix<float>& w, std::size_t row, float alpha,
             std::span<float> out) noexcept;
void add_row(const QuantizedCsrMatrix& w, std::size_t row, float alpha,
             std::span<float> out) noexcept;

/// out[j] += alpha * w(row, first + j), so that a pass over several rows can go by blocks that stay
/// in the nearest cache.
inline void add_row_part(const Matrix<float>& w, std::size_t row, std::size_t first, float alpha,
                         std::span<float> out) noexcept {
  simd::axpy(alpha, w.row(row).data() + first, out.data(), out.size());
}
void add_row_part(const QuantizedMatrix& w, std::size_t row, std::size_t first, float alpha,
                  std::span<float> out) noexcept;

/// out[j] += sum over k of x[k] * w(k, j): all rows added, row k scaled by x[k].
template <class W>
void add_rows(const W& w, std::span<const float> x, std::span<float> out) noexcept {
  for (std::size_t k = 0; k < x.size(); ++k) add_row(w, k, x[k], out);
}
inline void add_rows(const Matrix<float>& w, std::span<const float> x,
                     std::span<float> out) noexcept {
  simd::add_product(x.data(), 0, 1, w.data(), out.data(), 1, x.size(), w.columns());
}

/// Scales that all rows share are multiplied in once, after the sums.
void add_rows(const QuantizedMatrix& w, std::span<const float> x, std::span<float> out) noexcept;

/// Calls `visit(column, w(row, column))` for what is stored of the row, in increasing column order.
template <class Visit>
void for_each_entry(const Matrix<float>& w, std::size_t row, Visit&& visit) {
  for (std::size_t j = 0; j < w.columns(); ++j) visit(static_cast<std::uint32_t>(j), w(row, j));
}
template <class Visit>
void for_each_entry(const QuantizedMatrix& w, std::size_t row, Visit&& visit) {
  for (std::size_t j = 0; j < w.columns(); ++j) visit(static_cast<std::uint32_t>(j), w.at(row, j));
}
template <class Visit>
void for_each_entry(const CsrMatrix<float>& w, std::size_t row, Visit&& visit) {
  const auto entries = w.row(row);
  for (std::size_t k = 0; k < entries.size(); ++k) visit(entries.columns[k], entries.values[k]);
}
template <class Visit>
void for_each_entry(const QuantizedCsrMatrix& w, std::size_t row, Visit&& visit) {
  const auto entries = w.stored().row(row);
  for (std::size_t k = 0; k < entries.size(); ++k)
    visit(entries.columns[k], w.scale().real(row, entries.values[k]));
}

/// w(row, column).
inline float entry(const Matrix<float>& w, std::size_t row, std::size_t column) noexcept {
  return w(row, column);
}
inline float entry(const QuantizedMatrix& w, std::size_t row, std::size_t column) noexcept {
  return w.at(row, column);
}
inline float entry(const CsrMatrix<float>& w, std::size_t row, std::size_t column) noexcept {
  return w.at(row, column);
}
inline float entry(const QuantizedCsrMatrix& w, std::size_t row, std::size_t column) noexcept {
  return w.at(row, column);
}

/// Sum over j of w(row, j) * x[j].
inline float dot_row(const Matrix<float>& w, std::size_t row, std::span<const float> x) noexcept {
  return simd::dot(w.row(row).data(), x.data(), w.columns());
}
float dot_row(const CsrMatrix<float>& w, std::size_t row, std::span<const float> x) noexcept;
float dot_row(const QuantizedMatrix& w, std::size_t row, std::span<const float> x) noexcept;
float dot_row(const QuantizedCsrMatrix& w, std::size_t row, std::span<const float> x) noexcept;

/// out = w x; x has columns() numbers, out has rows().
template <class W>
void multiply(const W& w, std::span<const float> x, std::span<float> out) noexcept {
  for (std::size_t i = 0; i < w.rows(); ++i) out[i] = dot_row(w, i, x);
}
inline void multiply(const Matrix<float>& w, std::span<const float> x,
                     std::span<float> out) noexcept {
  simd::gemv(w.data(), w.rows(), w.columns(), x.data(), out.data());
}

/// A matrix of zeros in any weight format; the sparse ones store nothing.
template <class W>
W zero_weights(std::size_t rows, std::size_t columns) {
  if constexpr (std::same_as<W, Matrix<float>>) {
    return W(rows, columns);
  } else if constexpr (std::same_as<W, QuantizedMatrix>) {
    return W(Matrix<std::int8_t>(rows, columns), {});
  } else {
    SparsePattern nothing(columns, std::vector<std::uint32_t>(rows + 1, 0), {});
    if constexpr (std::same_as<W, CsrMatrix<float>>)
      return W(std::move(nothing), {});
    else
      return W(CsrMatrix<std::int8_t>(std::move(nothing), {}), {});
  }
}

#if BODEGA_BODIES

BODEGA_INLINE void add_row(const QuantizedMatrix& w, std::size_t row, float alpha,
                           std::span<float> out) noexcept {
  const QuantizationScale& scale = w.scale();
  const std::size_t width = w.columns() / scale.blocks();
  const std::int8_t* const stored = w.stored().row(row).data();
  for (std::size_t b = 0; b < scale.blocks(); ++b)
    simd::axpy_int8(alpha * scale.scale(row, b), stored + b * width, scale.zero_point(row, b),
                    out.data() + b * width, width);
}

BODEGA_INLINE void add_row(const CsrMatrix<float>& w, std::size_t row, float alpha,
                           std::span<float> out) noexcept {
  const auto entries = w.row(row);
  for (std::size_t k = 0; k < entries.size(); ++k)
    out[entries.columns[k]] += alpha * entries.values[k];
}

BODEGA_INLINE void add_row(const QuantizedCsrMatrix& w, std::size_t row, float alpha,
                           std::span<float> out) noexcept {
  const auto entries = w.stored().row(row);
  const float factor = alpha * w.scale().scale(row);
  const std::int32_t zero = w.scale().zero_point(row);
  for (std::size_t k = 0; k < entries.size(); ++k)
    out[entries.columns[k]] += factor * static_cast<float>(entries.values[k] - zero);
}

BODEGA_INLINE void add_row_part(const QuantizedMatrix& w, std::size_t row, std::size_t first,
                                float alpha, std::span<float> out) noexcept {
  const QuantizationScale& scale = w.scale();
  const std::size_t width = w.columns() / scale.blocks(), last = first + out.size();
  for (std::size_t at = first; at < last;) {
    const std::size_t block = at / width, end = std::min((block + 1) * width, last);
    simd::axpy_int8(alpha * scale.scale(row, block), w.stored().row(row).data() + at,
                    scale.zero_point(row, block), out.data() + (at - first), end - at);
    at = end;
  }
}

BODEGA_INLINE void add_rows(const QuantizedMatrix& w, std::span<const float> x,
                            std::span<float> out) noexcept {
  const QuantizationScale& scale = w.scale();
  if (scale.per_row()) {
    for (std::size_t k = 0; k < x.size(); ++k) add_row(w, k, x[k], out);
    return;
  }
  float sum_of_x = 0;
  for (const float value : x) sum_of_x += value;
  constexpr std::size_t most = 256;
  float sums[most];
  for (std::size_t first = 0; first < w.columns(); first += most) {
    const std::size_t count = std::min(most, w.columns() - first);
    std::fill_n(sums, count, 0.0f);
    for (std::size_t k = 0; k < x.size(); ++k)
      simd::axpy_int8(x[k], w.stored().row(k).data() + first, 0, sums, count);
    const std::size_t width = w.columns() / scale.blocks();
    for (std::size_t at = first; at < first + count;) {
      const std::size_t block = at / width, end = std::min((block + 1) * width, first + count);
      const float factor = scale.scale(0, block),
                  zero = sum_of_x * static_cast<float>(scale.zero_point(0, block));
      for (; at < end; ++at) out[at] += factor * (sums[at - first] - zero);
    }
  }
}

BODEGA_INLINE float dot_row(const CsrMatrix<float>& w, std::size_t row,
                            std::span<const float> x) noexcept {
  const auto entries = w.row(row);
  float sum = 0;
  for (std::size_t k = 0; k < entries.size(); ++k) sum += entries.values[k] * x[entries.columns[k]];
  return sum;
}

BODEGA_INLINE float dot_row(const QuantizedMatrix& w, std::size_t row,
                            std::span<const float> x) noexcept {
  const QuantizationScale& scale = w.scale();
  const std::size_t width = w.columns() / scale.blocks();
  const std::int8_t* const stored = w.stored().row(row).data();
  float sum = 0;
  for (std::size_t b = 0; b < scale.blocks(); ++b)
    sum += scale.scale(row, b) * simd::dot_int8(x.data() + b * width, stored + b * width,
                                                scale.zero_point(row, b), width);
  return sum;
}

BODEGA_INLINE float dot_row(const QuantizedCsrMatrix& w, std::size_t row,
                            std::span<const float> x) noexcept {
  const auto entries = w.stored().row(row);
  const std::int32_t zero = w.scale().zero_point(row);
  float sum = 0;
  for (std::size_t k = 0; k < entries.size(); ++k)
    sum += static_cast<float>(entries.values[k] - zero) * x[entries.columns[k]];
  return w.scale().scale(row) * sum;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
