// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>

namespace bodega::inline BODEGA_ABI {

/// A borrowed row-major matrix: the caller keeps the numbers alive.
template <class T>
class MatrixView {
 public:
  using value_type = T;

  constexpr MatrixView() noexcept = default;
  constexpr MatrixView(T* data, std::size_t rows, std::size_t columns) noexcept
      : data_(data), rows_(rows), columns_(columns) {}

  constexpr std::size_t rows() const noexcept { return rows_; }
  constexpr std::size_t columns() const noexcept { return columns_; }
  constexpr std::size_t size() const noexcept { return rows_ * columns_; }
  constexpr T* data() const noexcept { return data_; }
  constexpr std::span<T> row(std::size_t i) const noexcept {
    return {data_ + i * columns_, columns_};
  }
  constexpr T& operator()(std::size_t i, std::size_t j) const noexcept {
    return data_[i * columns_ + j];
  }

 private:
  T* data_ = nullptr;
  std::size_t rows_ = 0, columns_ = 0;
};

/// An owned dense row-major matrix.
template <class T>
class Matrix {
 public:
  using value_type = T;

  Matrix() = default;
  Matrix(std::size_t rows, std::size_t columns, T value = T{})
      : values_(rows * columns, value), rows_(rows), columns_(columns) {}
  /// Takes `values` as the rows one after the other. Error (shape) where their number is not
  /// rows x columns.
  Matrix(std::size_t rows, std::size_t columns, std::vector<T> values)
      : values_(std::move(values)), rows_(rows), columns_(columns) {
    if (values_.size() != rows * columns)
      throw Error(ErrorCode::shape, "Matrix",
                  std::to_string(rows) + " x " + std::to_string(columns) + " values",
                  std::to_string(values_.size()));
  }

  std::size_t rows() const noexcept { return rows_; }
  std::size_t columns() const noexcept { return columns_; }
  std::size_t size() const noexcept { return values_.size(); }
  T* data() noexcept { return values_.data(); }
  const T* data() const noexcept { return values_.data(); }
  std::span<T> values() noexcept { return values_; }
  std::span<const T> values() const noexcept { return values_; }
  std::span<T> row(std::size_t i) noexcept { return {data() + i * columns_, columns_}; }
  std::span<const T> row(std::size_t i) const noexcept { return {data() + i * columns_, columns_}; }
  T& operator()(std::size_t i, std::size_t j) noexcept { return values_[i * columns_ + j]; }
  const T& operator()(std::size_t i, std::size_t j) const noexcept {
    return values_[i * columns_ + j];
  }
  MatrixView<T> view() noexcept { return {data(), rows_, columns_}; }
  MatrixView<const T> view() const noexcept { return {data(), rows_, columns_}; }

  bool operator==(const Matrix&) const = default;

 private:
  std::vector<T> values_;
  std::size_t rows_ = 0, columns_ = 0;
};

}  // namespace bodega::inline BODEGA_ABI
