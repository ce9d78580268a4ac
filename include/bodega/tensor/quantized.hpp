// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega::inline BODEGA_ABI {

/// How INT8 numbers stand for real ones: real = scale x (stored - zero_point), one pair for the
/// whole tensor, for each row, or for each of some blocks of columns of equal width (the gates of
/// a recurrent network). Symmetric schemes have zero_point 0 and store none.
/// Source: Jacob et al., "Quantization and training of neural networks for efficient
/// integer-arithmetic-only inference", CVPR 2018, eq. 1.
class QuantizationScale {
 public:
  QuantizationScale() = default;
  /// Row by row, `blocks` numbers each. Error (shape) where they are no whole rows.
  QuantizationScale(std::vector<float> scale, std::vector<std::int8_t> zero_point,
                    std::size_t blocks = 1);

  bool per_row() const noexcept { return scale_.rows() != 1; }
  /// Of columns; 1 where all columns of a row share a scale.
  std::size_t blocks() const noexcept { return scale_.columns(); }
  bool symmetric() const noexcept { return zero_point_.size() == 0; }
  std::span<const float> scales() const noexcept { return scale_.values(); }
  float scale(std::size_t row, std::size_t block = 0) const noexcept {
    return scale_(per_row() ? row : 0, block);
  }
  std::int32_t zero_point(std::size_t row, std::size_t block = 0) const noexcept {
    return symmetric() ? 0 : zero_point_(per_row() ? row : 0, block);
  }
  float real(std::size_t row, std::int8_t stored, std::size_t block = 0) const noexcept {
    return scale(row, block) * static_cast<float>(stored - zero_point(row, block));
  }

  /// Error where a scale is not a finite positive number, their rows are neither 1 nor `rows`, or
  /// their blocks do not share out `columns` evenly.
  void validate(const std::string& where, std::size_t rows, std::size_t columns) const;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("scale", self.scale_);
    visit("zero_point", self.zero_point_);
  }

  bool operator==(const QuantizationScale&) const = default;

 private:
  Matrix<float> scale_{1, 1, 1.0f};
  Matrix<std::int8_t> zero_point_;
};

/// A dense INT8 matrix.
class QuantizedMatrix {
 public:
  QuantizedMatrix() = default;
  QuantizedMatrix(Matrix<std::int8_t> stored, QuantizationScale scale)
      : stored_(std::move(stored)), scale_(std::move(scale)) {
    validate("QuantizedMatrix");
  }

  std::size_t rows() const noexcept { return stored_.rows(); }
  std::size_t columns() const noexcept { return stored_.columns(); }
  std::size_t size() const noexcept { return stored_.size(); }
  const Matrix<std::int8_t>& stored() const noexcept { return stored_; }
  const QuantizationScale& scale() const noexcept { return scale_; }
  float at(std::size_t i, std::size_t j) const noexcept {
    const std::size_t blocks = scale_.blocks();
    return scale_.real(i, stored_(i, j), blocks == 1 ? 0 : j / (columns() / blocks));
  }

  void validate(const std::string& where) const { scale_.validate(where, rows(), columns()); }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("stored", self.stored_);
    visit("quantization", self.scale_);
  }

  bool operator==(const QuantizedMatrix&) const = default;

 private:
  Matrix<std::int8_t> stored_;
  QuantizationScale scale_;
};

/// A sparse matrix with INT8 values: what is not stored is 0 whatever the zero-point.
class QuantizedCsrMatrix {
 public:
  QuantizedCsrMatrix() = default;
  QuantizedCsrMatrix(CsrMatrix<std::int8_t> stored, QuantizationScale scale)
      : stored_(std::move(stored)), scale_(std::move(scale)) {
    validate("QuantizedCsrMatrix");
  }

  std::size_t rows() const noexcept { return stored_.rows(); }
  std::size_t columns() const noexcept { return stored_.columns(); }
  std::size_t size() const noexcept { return stored_.size(); }
  const CsrMatrix<std::int8_t>& stored() const noexcept { return stored_; }
  const QuantizationScale& scale() const noexcept { return scale_; }
  float at(std::size_t i, std::size_t j) const noexcept {
    const std::size_t at = stored_.pattern().find(i, static_cast<std::uint32_t>(j));
    return at < stored_.size() ? scale_.real(i, stored_.values()[at]) : 0.0f;
  }

  void validate(const std::string& where) const;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("stored", self.stored_);
    visit("quantization", self.scale_);
  }

  bool operator==(const QuantizedCsrMatrix&) const = default;

 private:
  CsrMatrix<std::int8_t> stored_;
  QuantizationScale scale_;
};

#if BODEGA_BODIES

BODEGA_INLINE QuantizationScale::QuantizationScale(std::vector<float> scale,
                                                   std::vector<std::int8_t> zero_point,
                                                   std::size_t blocks) {
  if (blocks == 0) throw Error(ErrorCode::shape, "QuantizationScale, blocks", "1 or more", "0");
  const std::size_t rows = scale.size() / blocks, zero_rows = zero_point.size() / blocks;
  scale_ = Matrix<float>(rows, blocks, std::move(scale));
  if (!zero_point.empty())
    zero_point_ = Matrix<std::int8_t>(zero_rows, blocks, std::move(zero_point));
}

BODEGA_INLINE void QuantizationScale::validate(const std::string& where, std::size_t rows,
                                               std::size_t columns) const {
  if (scale_.rows() != 1 && scale_.rows() != rows)
    throw Error(ErrorCode::shape, where + ", rows of scale", "1 or " + std::to_string(rows),
                std::to_string(scale_.rows()));
  if (blocks() == 0 || columns % blocks() != 0)
    throw Error(ErrorCode::shape, where + ", columns of scale",
                "blocks of equal width in " + std::to_string(columns) + " columns",
                std::to_string(blocks()));
  if (!symmetric() &&
      (zero_point_.rows() != scale_.rows() || zero_point_.columns() != scale_.columns()))
    throw Error(ErrorCode::shape, where + ", zero_point",
                std::to_string(scale_.rows()) + " x " + std::to_string(blocks()) + " or none",
                std::to_string(zero_point_.rows()) + " x " + std::to_string(zero_point_.columns()));
  for (std::size_t i = 0; i < scale_.size(); ++i)
    if (!(scales()[i] > 0) || !std::isfinite(scales()[i]))
      throw Error(ErrorCode::out_of_range, where + ", scale " + std::to_string(i),
                  "a finite number above 0", std::to_string(scales()[i]));
}

BODEGA_INLINE void QuantizedCsrMatrix::validate(const std::string& where) const {
  stored_.validate(where);
  scale_.validate(where, rows(), columns());
  if (scale_.blocks() != 1)
    throw Error(ErrorCode::shape, where + ", columns of scale", "1 for a sparse matrix",
                std::to_string(scale_.blocks()));
}

#endif

}  // namespace bodega::inline BODEGA_ABI
