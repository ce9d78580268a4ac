// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/room.hpp>

namespace bodega::inline BODEGA_ABI {

/// Row starts and column indices of a compressed sparse row matrix, apart from its values so that
/// float and INT8 values share one pattern. Columns rise strictly within a row.
class SparsePattern {
 public:
  SparsePattern() = default;
  explicit SparsePattern(std::size_t columns) : columns_(static_cast<std::uint32_t>(columns)) {}

  /// Error (shape, out_of_range, format) where the starts do not rise from 0 to the number of
  /// indices, or a row's columns do not rise or reach beyond `columns`.
  SparsePattern(std::size_t columns, std::vector<std::uint32_t> row_begin,
                std::vector<std::uint32_t> column);

  std::size_t rows() const noexcept { return row_begin_.size() - 1; }
  std::size_t columns() const noexcept { return columns_; }
  std::size_t size() const noexcept { return column_.size(); }
  std::uint32_t begin(std::size_t row) const noexcept { return row_begin_[row]; }
  std::uint32_t end(std::size_t row) const noexcept { return row_begin_[row + 1]; }
  std::span<const std::uint32_t> row(std::size_t i) const noexcept {
    return {column_.data() + begin(i), end(i) - begin(i)};
  }
  std::span<const std::uint32_t> row_begin() const noexcept { return row_begin_; }
  std::span<const std::uint32_t> column() const noexcept { return column_; }

  /// Room for so many rows and entries, so that adding them moves nothing.
  void reserve(std::size_t rows, std::size_t entries) {
    row_begin_.reserve(rows + 1);
    column_.reserve(entries);
  }
  /// Room for so many more, so that adding them cannot fail.
  void make_room(std::size_t rows, std::size_t entries) {
    bodega::make_room(rows, row_begin_);
    bodega::make_room(entries, column_);
  }
  /// Appends a row; its columns must rise strictly.
  void add_row(std::span<const std::uint32_t> columns);

  /// Position of `column` among the stored entries, or `size()` where it is not stored.
  /// Cost: the logarithm of the row's length; a conditional move each, no branch, since which
  /// half holds the column cannot be predicted.
  std::size_t find(std::size_t row, std::uint32_t column) const noexcept;

  void validate(const std::string& where) const;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("columns", self.columns_);
    visit("row_begin", self.row_begin_);
    visit("column", self.column_);
  }

  bool operator==(const SparsePattern&) const = default;

 private:
  std::vector<std::uint32_t> row_begin_{0};
  std::vector<std::uint32_t> column_;
  std::uint32_t columns_ = 0;
};

/// One row of a sparse matrix: `values[k]` stands in column `columns[k]`.
template <class T>
struct SparseRow {
  std::span<const std::uint32_t> columns;
  std::span<T> values;
  std::size_t size() const noexcept { return columns.size(); }
};

/// An owned sparse matrix in compressed rows.
template <class T>
class CsrMatrix {
 public:
  using value_type = T;

  CsrMatrix() = default;
  explicit CsrMatrix(std::size_t columns) : pattern_(columns) {}
  /// Error (shape) where pattern and values differ in number.
  CsrMatrix(SparsePattern pattern, std::vector<T> values)
      : pattern_(std::move(pattern)), values_(std::move(values)) {
    validate("CsrMatrix");
  }

  std::size_t rows() const noexcept { return pattern_.rows(); }
  std::size_t columns() const noexcept { return pattern_.columns(); }
  std::size_t size() const noexcept { return values_.size(); }
  const SparsePattern& pattern() const noexcept { return pattern_; }
  std::span<T> values() noexcept { return values_; }
  std::span<const T> values() const noexcept { return values_; }
  SparseRow<const T> row(std::size_t i) const noexcept {
    return {pattern_.row(i),
            {values_.data() + pattern_.begin(i), pattern_.end(i) - pattern_.begin(i)}};
  }
  SparseRow<T> row(std::size_t i) noexcept {
    return {pattern_.row(i),
            {values_.data() + pattern_.begin(i), pattern_.end(i) - pattern_.begin(i)}};
  }
  /// The entry, 0 where none is stored.
  T at(std::size_t i, std::size_t j) const noexcept {
    const std::size_t at = pattern_.find(i, static_cast<std::uint32_t>(j));
    return at < values_.size() ? values_[at] : T{};
  }
  /// Room for so many rows and entries, so that adding them moves nothing.
  void reserve(std::size_t rows, std::size_t entries) {
    pattern_.reserve(rows, entries);
    values_.reserve(entries);
  }
  void add_row(std::span<const std::uint32_t> columns, std::span<const T> values) {
    make_room(values.size(), values_);
    pattern_.add_row(columns);
    values_.insert(values_.end(), values.begin(), values.end());
  }

  /// Rows become columns. Cost: linear in entries, rows and columns.
  CsrMatrix transposed() const {
    std::vector<std::uint32_t> begin(columns() + 1, 0);
    for (const std::uint32_t j : pattern_.column()) ++begin[j + 1];
    for (std::size_t j = 0; j < columns(); ++j) begin[j + 1] += begin[j];
    std::vector<std::uint32_t> column(size());
    std::vector<T> values(size());
    std::vector<std::uint32_t> next(begin.begin(), begin.end() - 1);
    for (std::size_t i = 0; i < rows(); ++i) {
      const auto from = row(i);
      for (std::size_t k = 0; k < from.size(); ++k) {
        const std::uint32_t at = next[from.columns[k]]++;
        column[at] = static_cast<std::uint32_t>(i);
        values[at] = from.values[k];
      }
    }
    return CsrMatrix(SparsePattern(rows(), std::move(begin), std::move(column)), std::move(values));
  }

  void validate(const std::string& where) const {
    pattern_.validate(where);
    if (pattern_.size() != values_.size())
      throw Error(ErrorCode::shape, where + ", values", std::to_string(pattern_.size()) + " values",
                  std::to_string(values_.size()));
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("pattern", self.pattern_);
    visit("values", self.values_);
  }

  bool operator==(const CsrMatrix&) const = default;

 private:
  SparsePattern pattern_;
  std::vector<T> values_;
};

#if BODEGA_BODIES

BODEGA_INLINE SparsePattern::SparsePattern(std::size_t columns,
                                           std::vector<std::uint32_t> row_begin,
                                           std::vector<std::uint32_t> column)
    : row_begin_(std::move(row_begin)),
      column_(std::move(column)),
      columns_(static_cast<std::uint32_t>(columns)) {
  validate("SparsePattern");
}

BODEGA_INLINE void SparsePattern::add_row(std::span<const std::uint32_t> columns) {
  bodega::make_room(1, row_begin_);
  column_.insert(column_.end(), columns.begin(), columns.end());
  row_begin_.push_back(static_cast<std::uint32_t>(column_.size()));
}

BODEGA_INLINE std::size_t SparsePattern::find(std::size_t row,
                                              std::uint32_t column) const noexcept {
  std::size_t at = begin(row), left = end(row) - at;
  if (left == 0) return size();
  while (left > 1) {
    const std::size_t half = left / 2, middle = at + half;
    at = column_[middle] <= column ? middle : at;
    left -= half;
  }
  return column_[at] == column ? at : size();
}

BODEGA_INLINE void SparsePattern::validate(const std::string& where) const {
  if (row_begin_.empty() || row_begin_.front() != 0 || row_begin_.back() != column_.size())
    throw Error(ErrorCode::shape, where + ", row_begin",
                "row starts from 0 to " + std::to_string(column_.size()),
                row_begin_.empty() ? "none"
                                   : std::to_string(row_begin_.front()) + " to " +
                                         std::to_string(row_begin_.back()));
  for (std::size_t i = 0; i < rows(); ++i) {
    if (begin(i) > end(i) || end(i) > column_.size())
      throw Error(ErrorCode::format, where + ", row_begin of row " + std::to_string(i),
                  "rising row starts", std::to_string(begin(i)) + ", " + std::to_string(end(i)));
    const auto in_row = row(i);
    for (std::size_t k = 0; k < in_row.size(); ++k) {
      if (in_row[k] >= columns_)
        throw Error(ErrorCode::out_of_range, where + ", row " + std::to_string(i),
                    "column below " + std::to_string(columns_), std::to_string(in_row[k]));
      if (k > 0 && in_row[k] <= in_row[k - 1])
        throw Error(ErrorCode::format, where + ", row " + std::to_string(i),
                    "columns in rising order",
                    std::to_string(in_row[k - 1]) + " before " + std::to_string(in_row[k]));
    }
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI
