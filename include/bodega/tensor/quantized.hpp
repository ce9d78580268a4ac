// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega {

/// How INT8 numbers stand for real ones: real = scale x (stored - zero_point), one pair for the
/// whole tensor or one for each row. Symmetric schemes have zero_point 0 and store none.
/// Source: Jacob et al., "Quantization and training of neural networks for efficient
/// integer-arithmetic-only inference", CVPR 2018, eq. 1.
class QuantizationScale {
 public:
  QuantizationScale() = default;
  QuantizationScale(std::vector<float> scale, std::vector<std::int8_t> zero_point)
      : scale_(std::move(scale)), zero_point_(std::move(zero_point)) {}

  bool per_row() const noexcept { return scale_.size() != 1; }
  bool symmetric() const noexcept { return zero_point_.empty(); }
  std::span<const float> scales() const noexcept { return scale_; }
  float scale(std::size_t row) const noexcept { return scale_[per_row() ? row : 0]; }
  std::int32_t zero_point(std::size_t row) const noexcept {
    return symmetric() ? 0 : zero_point_[zero_point_.size() != 1 ? row : 0];
  }
  float real(std::size_t row, std::int8_t stored) const noexcept {
    return scale(row) * static_cast<float>(stored - zero_point(row));
  }

  /// Error where a scale is not a finite positive number, or their number is neither 1 nor `rows`.
  void validate(const std::string& where, std::size_t rows) const {
    if (scale_.size() != 1 && scale_.size() != rows)
      throw Error(ErrorCode::shape, where + ", scale", "1 or " + std::to_string(rows),
                  std::to_string(scale_.size()));
    if (!zero_point_.empty() && zero_point_.size() != scale_.size())
      throw Error(ErrorCode::shape, where + ", zero_point", std::to_string(scale_.size()) + " or none",
                  std::to_string(zero_point_.size()));
    for (std::size_t i = 0; i < scale_.size(); ++i)
      if (!(scale_[i] > 0) || !std::isfinite(scale_[i]))
        throw Error(ErrorCode::out_of_range, where + ", scale " + std::to_string(i),
                    "a finite number above 0", std::to_string(scale_[i]));
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("scale", self.scale_);
    visit("zero_point", self.zero_point_);
  }

  bool operator==(const QuantizationScale&) const = default;

 private:
  std::vector<float> scale_{1.0f};
  std::vector<std::int8_t> zero_point_;
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
  float at(std::size_t i, std::size_t j) const noexcept { return scale_.real(i, stored_(i, j)); }

  void validate(const std::string& where) const { scale_.validate(where, rows()); }

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

  void validate(const std::string& where) const {
    stored_.validate(where);
    scale_.validate(where, rows());
  }

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

}  // namespace bodega
