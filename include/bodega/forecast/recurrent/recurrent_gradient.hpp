// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/forecast/recurrent/forecast_loss.hpp>
#include <bodega/forecast/recurrent/recurrent_block.hpp>
#include <bodega/forecast/recurrent/recurrent_cell.hpp>
#include <bodega/forecast/recurrent/seen_windows.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/tensor/kernels/simd.hpp>

/// Loss and gradient of a recurrent forecaster, by back-propagation through the window's days.
namespace bodega::inline BODEGA_ABI::detail {

/// From the gradient of the hidden state after a step to those of its sums, which take the place of
/// what `step` left there. `carried` comes in as the gradient that later steps have sent to the
/// memory, and goes out as that of the memory before.
void step_backward(LstmCell, std::size_t n, float* __restrict sums, const float* __restrict before,
                   const float* __restrict squashed, const float* __restrict by_hidden,
                   float* __restrict carried) noexcept;
void step_backward(GruCell, std::size_t n, float* __restrict sums, const float* __restrict before,
                   const float* __restrict, const float* __restrict by_hidden,
                   float* __restrict carried) noexcept;

/// Loss and gradient of up to `chunk` windows at a time, on buffers of its own.
template <class Cell>
class RecurrentGradient {
 public:
  static constexpr std::size_t chunk = 32;

  explicit RecurrentGradient(const RecurrentShape& shape)
      : shape_(shape),
        n_(shape.hidden),
        inputs_((window_days + 1) * chunk * shape.width()),
        sums_(window_days * chunk * shape.sums()),
        memory_((window_days + 1) * chunk * n_),
        squashed_(window_days * chunk * n_),
        by_hidden_(chunk * n_),
        carried_(chunk * n_),
        slopes_(chunk * shape.outputs),
        recurrent_transposed_(shape.sums() * n_),
        of_pattern_(shape.patterns() * shape.sums()),
        by_pattern_(of_pattern_.size()),
        pattern_(window_days * chunk) {}

  /// To be called when the block has changed.
  void prepare(std::span<const float> block) noexcept {
    const std::size_t sums = shape_.sums();
    const float* recurrent = block.data() + shape_.numbers() * sums;
    for (std::size_t k = 0; k < n_; ++k)
      for (std::size_t j = 0; j < sums; ++j)
        recurrent_transposed_[j * n_ + k] = recurrent[k * sums + j];
    std::fill(of_pattern_.begin(), of_pattern_.end(), 0.0f);
    for_each_row_of_pattern([&](std::size_t pattern, std::size_t row) {
      simd::axpy(1.0f, block.data() + row * sums, of_pattern_.data() + pattern * sums, sums);
    });
  }

  /// Sum of the losses of the windows whose numbers are given. Adds their gradient where
  /// `gradient` is not empty.
  double run(std::span<const float> block, const SeenWindows& windows,
             std::span<const std::uint32_t> numbers, const ForecastTargets& targets,
             std::span<float> gradient) noexcept {
    forward(block.data(), windows, numbers);
    double loss = 0;
    for (std::size_t b = 0; b < numbers.size(); ++b)
      loss += judge(block.data(), windows, numbers[b], b, numbers.size(), targets);
    if (!gradient.empty()) backward(block.data(), windows, numbers, gradient.data());
    return loss;
  }

 private:
  /// Calls `visit(pattern, row of the block)` for the rows that add up to each pattern.
  template <class Visit>
  void for_each_row_of_pattern(Visit&& visit) const noexcept {
    for (std::size_t pattern = 0; pattern < shape_.patterns(); ++pattern) {
      visit(pattern, shape_.width() + shape_.marks());
      if (shape_.weekday) visit(pattern, shape_.width() + pattern % 7);
      if (pattern >= 7) visit(pattern, shape_.width() + 7);
    }
  }

  /// Inputs and patterns of the windows.
  void read(const SeenWindows& windows, std::span<const std::uint32_t> numbers) noexcept {
    const std::size_t rows = numbers.size(), width = shape_.width();
    std::fill_n(pattern_.begin(), window_days * rows, std::uint8_t{0});
    for (std::size_t row = 0; row < window_days * rows; ++row)
      std::fill_n(inputs_.data() + row * width, shape_.numbers(), 0.0f);
    for (std::size_t b = 0; b < rows; ++b) {
      if (!(windows.shares(numbers[b]).scale > 0)) continue;  // answered with 0 all the same
      windows.for_each_input(numbers[b], [&](std::size_t step, std::size_t input, float value) {
        const std::size_t row = step * rows + b;
        if (shape_.is_mark(input))
          pattern_[row] = static_cast<std::uint8_t>(pattern_[row] + (input == 8 ? 7 : input - 1));
        else
          inputs_[row * width + shape_.row_of(input)] = value;
      });
    }
  }

  /// Inputs of a step that its product takes: before the first one there is no hidden state.
  std::size_t width_at(std::size_t step) const noexcept {
    return step == 0 ? shape_.numbers() : shape_.width();
  }

  void forward(const float* block, const SeenWindows& windows,
               std::span<const std::uint32_t> numbers) noexcept {
    const std::size_t rows = numbers.size(), width = shape_.width(), sums = shape_.sums();
    read(windows, numbers);
    std::fill_n(memory_.begin(), rows * n_, 0.0f);
    for (std::size_t step = 0; step < window_days; ++step) {
      float* to = sums_.data() + step * rows * sums;
      for (std::size_t b = 0; b < rows; ++b)
        std::copy_n(of_pattern_.data() + pattern_[step * rows + b] * sums, sums, to + b * sums);
      simd::add_product(inputs_.data() + step * rows * width, width, 1, block, to, rows,
                        width_at(step), sums);
      for (std::size_t b = 0; b < rows; ++b) {
        const std::size_t row = step * rows + b;
        step_units<Cell>(n_, to + b * sums, memory_.data() + row * n_,
                         memory_.data() + (row + rows) * n_, squashed_.data() + row * n_,
                         inputs_.data() + (row + rows) * width + shape_.numbers());
      }
    }
  }

  /// The hidden state of row b after the last day.
  const float* last(std::size_t b, std::size_t rows) const noexcept {
    return inputs_.data() + (window_days * rows + b) * shape_.width() + shape_.numbers();
  }

  /// The loss of one window; leaves the slope of each output in `slopes_`.
  double judge(const float* block, const SeenWindows& windows, std::uint32_t window, std::size_t b,
               std::size_t rows, const ForecastTargets& targets) noexcept {
    float* slopes = slopes_.data() + b * shape_.outputs;
    std::fill_n(slopes, shape_.outputs, 0.0f);
    const SalesShares& shares = windows.shares(window);
    if (!(shares.scale > 0)) return 0;
    const float sold = windows.actual(window) / shares.scale;
    const float weight = std::pow(shares.scale / targets.unit, targets.level_power);
    const float of_sold = 1 - targets.teacher_weight;
    double loss = 0;
    for (std::size_t q = 0; q < shape_.outputs; ++q) {
      float f = simd::dot(block + shape_.block() + q * n_, last(b, rows), n_) +
                block[shape_.output_bias() + q];
      if (shape_.skip)
        f +=
            simd::dot(block + shape_.skip_at() + q * window_days, shares.share.data(), window_days);
      float share_of_loss = weight * of_sold;
      if (q > 0)
        share_of_loss *= targets.quantile_weight;
      else if (targets.point.loss == ForecastLoss::relative)
        share_of_loss *= sold > 0 ? 1 / sold : 0.0f;
      const auto miss = q > 0 ? ForecastCost::pinball(f, sold, targets.quantiles[q - 1])
                              : targets.point(f, sold, shares.scale);
      loss += share_of_loss * miss.cost;
      slopes[q] = share_of_loss * miss.slope;
      if (targets.teacher_weight > 0) {
        const float away = f - targets.teacher[window * shape_.outputs + q] / shares.scale;
        loss += 0.5f * weight * targets.teacher_weight * away * away;
        slopes[q] += weight * targets.teacher_weight * away;
      }
    }
    return loss;
  }

  void backward(const float* block, const SeenWindows& windows,
                std::span<const std::uint32_t> numbers, float* gradient) noexcept {
    const std::size_t rows = numbers.size(), width = shape_.width(), sums = shape_.sums();
    std::fill_n(by_hidden_.begin(), rows * n_, 0.0f);
    std::fill_n(carried_.begin(), rows * n_, 0.0f);
    std::fill(by_pattern_.begin(), by_pattern_.end(), 0.0f);
    for (std::size_t b = 0; b < rows; ++b)
      for (std::size_t q = 0; q < shape_.outputs; ++q) {
        const float slope = slopes_[b * shape_.outputs + q];
        simd::axpy(slope, last(b, rows), gradient + shape_.block() + q * n_, n_);
        gradient[shape_.output_bias() + q] += slope;
        if (shape_.skip)
          simd::axpy(slope, windows.shares(numbers[b]).share.data(),
                     gradient + shape_.skip_at() + q * window_days, window_days);
        simd::axpy(slope, block + shape_.block() + q * n_, by_hidden_.data() + b * n_, n_);
      }
    for (std::size_t step = window_days; step-- > 0;) {
      float* of_step = sums_.data() + step * rows * sums;
      for (std::size_t b = 0; b < rows; ++b) {
        const std::size_t row = step * rows + b;
        step_backward(Cell(), n_, of_step + b * sums, memory_.data() + row * n_,
                      squashed_.data() + row * n_, by_hidden_.data() + b * n_,
                      carried_.data() + b * n_);
        simd::axpy(1.0f, of_step + b * sums, by_pattern_.data() + pattern_[row] * sums, sums);
      }
      simd::add_product(inputs_.data() + step * rows * width, 1, width, of_step, gradient,
                        width_at(step), rows, sums);
      if (step == 0) break;
      std::fill_n(by_hidden_.begin(), rows * n_, 0.0f);
      simd::add_product(of_step, sums, 1, recurrent_transposed_.data(), by_hidden_.data(), rows,
                        sums, n_);
    }
    for_each_row_of_pattern([&](std::size_t pattern, std::size_t row) {
      simd::axpy(1.0f, by_pattern_.data() + pattern * sums, gradient + row * sums, sums);
    });
  }

  RecurrentShape shape_;
  std::size_t n_;
  // Steps one after the other, a row for each window of the chunk; inputs are the window's numbers
  // and the hidden state of the step before. The hidden state after the last step ends the list.
  std::vector<float> inputs_, sums_, memory_, squashed_;
  std::vector<float> by_hidden_, carried_, slopes_, recurrent_transposed_;
  std::vector<float> of_pattern_, by_pattern_;  // patterns x 4H: sums, and their gradient
  std::vector<std::uint8_t> pattern_;           // of each step and window
};

#if BODEGA_BODIES

BODEGA_INLINE void step_backward(LstmCell, std::size_t n, float* __restrict sums,
                                 const float* __restrict before, const float* __restrict squashed,
                                 const float* __restrict by_hidden,
                                 float* __restrict carried) noexcept {
  for (std::size_t j = 0; j < n; ++j) {
    const float i = sums[j], f = sums[n + j], g = sums[2 * n + j], o = sums[3 * n + j];
    const float by_memory = carried[j] + by_hidden[j] * o * (1.0f - squashed[j] * squashed[j]);
    sums[j] = by_memory * g * i * (1.0f - i);
    sums[n + j] = by_memory * before[j] * f * (1.0f - f);
    sums[2 * n + j] = by_memory * i * (1.0f - g * g);
    sums[3 * n + j] = by_hidden[j] * squashed[j] * o * (1.0f - o);
    carried[j] = by_memory * f;
  }
}

BODEGA_INLINE void step_backward(GruCell, std::size_t n, float* __restrict sums,
                                 const float* __restrict before, const float* __restrict,
                                 const float* __restrict by_hidden,
                                 float* __restrict carried) noexcept {
  for (std::size_t j = 0; j < n; ++j) {
    const float r = sums[j], z = sums[n + j], c = sums[2 * n + j], of_hidden = sums[3 * n + j];
    const float by_after = carried[j] + by_hidden[j];
    const float by_candidate = by_after * (1.0f - z) * (1.0f - c * c);
    sums[j] = by_candidate * of_hidden * r * (1.0f - r);
    sums[n + j] = by_after * (before[j] - c) * z * (1.0f - z);
    sums[2 * n + j] = by_candidate;
    sums[3 * n + j] = by_candidate * r;
    carried[j] = by_after * z;
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI::detail
