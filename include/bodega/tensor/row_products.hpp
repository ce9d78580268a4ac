// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/prefetch.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/quantized.hpp>
#include <bodega/tensor/rows.hpp>

namespace bodega::inline BODEGA_ABI {

/// Asks memory for the start of a row that will soon be multiplied with.
inline void prefetch_row(const Matrix<float>& table, std::size_t row) noexcept {
  prefetch(table.row(row).data());
}
inline void prefetch_row(const QuantizedMatrix& table, std::size_t row) noexcept {
  prefetch(table.stored().row(row).data());
}

/// A query in the form that the rows of its table are fastest multiplied with: `product(table,
/// row)` is that of the query and a row. A table has at most `most_columns` columns. All noexcept.
/// The query's numbers are borrowed and must outlive this.
template <class W>
class RowProducts;

template <>
class RowProducts<Matrix<float>> {
 public:
  static constexpr std::size_t most_columns = 512;
  explicit RowProducts(std::span<const float> query) noexcept : query_(query) {}
  RowProducts(const Matrix<float>& table, std::size_t row) noexcept : query_(table.row(row)) {}

  float product(const Matrix<float>& table, std::size_t row) const noexcept {
    return simd::dot(table.row(row).data(), query_.data(), query_.size());
  }
  /// The d-th number that is multiplied with.
  float number(std::size_t d) const noexcept { return query_[d]; }

 private:
  std::span<const float> query_;
};

/// In integers, so that nothing of the table is converted: a query is rounded to 16 bits, 65,534
/// steps from its largest number to the negative of that; a row of the table itself is not rounded.
/// Products are exact but for the last rounding to float. (A scale for blocks of columns is
/// multiplied in floats.)
template <>
class RowProducts<QuantizedMatrix> {
 public:
  static constexpr std::size_t most_columns = 512;  // so that 32 bits hold the sum

  explicit RowProducts(std::span<const float> query) noexcept : columns_(query.size()) {
    float largest = 0;
    for (const float x : query) largest = std::max(largest, std::abs(x));
    if (!(largest > 0)) return;
    const float inverse = 32767 / largest;
    step_ = largest / 32767;
    for (std::size_t d = 0; d < columns_; ++d) {
      const float scaled = query[d] * inverse;
      numbers_[d] = static_cast<std::int16_t>(scaled + (scaled < 0 ? -0.5f : 0.5f));
      sum_ += numbers_[d];
    }
  }
  /// Of a table with one scale for a whole row.
  RowProducts(const QuantizedMatrix& table, std::size_t row) noexcept
      : columns_(table.columns()), step_(table.scale().scale(row)) {
    const auto stored = table.stored().row(row);
    for (std::size_t d = 0; d < columns_; ++d) {
      numbers_[d] = static_cast<std::int16_t>(stored[d] - table.scale().zero_point(row));
      sum_ += numbers_[d];
    }
  }

  float product(const QuantizedMatrix& table, std::size_t row) const noexcept {
    const QuantizationScale& scale = table.scale();
    const std::int8_t* const stored = table.stored().row(row).data();
    if (scale.blocks() == 1)
      return step_ * scale.scale(row) *
             static_cast<float>(simd::dot(stored, numbers_.data(), columns_) -
                                std::int64_t{scale.zero_point(row)} * sum_);
    float sum = 0;
    for (std::size_t d = 0; d < columns_; ++d) sum += table.at(row, d) * number(d);
    return sum;
  }
  float number(std::size_t d) const noexcept { return step_ * static_cast<float>(numbers_[d]); }

 private:
  std::size_t columns_;
  std::array<std::int16_t, most_columns> numbers_{};
  float step_ = 0;
  std::int32_t sum_ = 0;
};

}  // namespace bodega::inline BODEGA_ABI
