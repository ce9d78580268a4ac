// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/forecast/recurrent/recurrent_cell.hpp>
#include <bodega/forecast/sales_window.hpp>

namespace bodega::inline BODEGA_ABI::detail {

/// Sizes of a network, and how its learned numbers lie in memory: a block of rows of 4H sums (those
/// inputs that are numbers, the hidden state, the eight inputs that mark weekdays, the bias), then
/// output (Q x H), output bias (Q), skip (Q x 14 or none). Numbers and hidden state are multiplied
/// by their rows; marks and bias together have few patterns, whose rows are added up beforehand.
struct RecurrentShape {
  std::size_t inputs = 0, hidden = 0, outputs = 1;
  bool weekday = false, skip = false;

  std::size_t marks() const noexcept { return weekday ? 8 : 0; }
  std::size_t patterns() const noexcept { return weekday ? 14 : 1; }  // weekday, and of the target
  std::size_t numbers() const noexcept { return inputs - marks(); }
  std::size_t width() const noexcept { return numbers() + hidden; }
  std::size_t sums() const noexcept { return 4 * hidden; }
  std::size_t block() const noexcept { return (width() + marks() + 1) * sums(); }
  std::size_t output_bias() const noexcept { return block() + outputs * hidden; }
  std::size_t skip_at() const noexcept { return output_bias() + outputs; }
  std::size_t size() const noexcept { return skip_at() + (skip ? outputs * window_days : 0); }

  bool is_mark(std::size_t input) const noexcept { return weekday && input >= 1 && input <= 8; }
  /// Of an input of the model; marks in their own order.
  std::size_t row_of(std::size_t input) const noexcept {
    if (is_mark(input)) return width() + input - 1;
    return input == 0 ? 0 : input - marks();
  }
};

/// Between the model's order of numbers and that of `RecurrentShape`. What a cell has sums for but
/// no weights is 0, and its gradient is left out.
template <class Cell>
class BlockOrder {
 public:
  explicit BlockOrder(const RecurrentShape& shape) : shape_(shape) {}

  std::vector<float> to_block(std::span<const float> learned) const {
    std::vector<float> block(shape_.size(), 0.0f);
    std::size_t at = 0;
    for_each_run([&](std::size_t block_at, std::size_t count) {
      std::copy_n(learned.data() + at, count, block.data() + block_at);
      at += count;
    });
    return block;
  }
  /// `learned` is resized to what the model has.
  void from_block(std::span<const float> block, std::vector<float>& learned) const {
    learned.clear();
    for_each_run([&](std::size_t block_at, std::size_t count) {
      learned.insert(learned.end(), block.data() + block_at, block.data() + block_at + count);
    });
  }

 private:
  /// In the model's order.
  template <class Visit>
  void for_each_run(Visit&& visit) const {
    const std::size_t n = shape_.hidden, sums = shape_.sums();
    for (std::size_t input = 0; input < shape_.inputs; ++input)
      for (const std::size_t sum : Cell::sum_of_input)
        visit(shape_.row_of(input) * sums + sum * n, n);
    for (std::size_t k = 0; k < n; ++k)
      for (const std::size_t sum : Cell::sum_of_hidden)
        visit((shape_.numbers() + k) * sums + sum * n, n);
    const std::size_t bias = shape_.block() - sums;
    visit(bias, shape_.size() - bias);
  }

  RecurrentShape shape_;
};

}  // namespace bodega::inline BODEGA_ABI::detail
