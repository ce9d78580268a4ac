// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/forecast/recurrent/forecast_loss.hpp>
#include <bodega/forecast/recurrent/recurrent_cell.hpp>
#include <bodega/forecast/window_inputs.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/tensor/kernels/simd.hpp>

/// Loss and gradient of a recurrent forecaster, by back-propagation through the window's days.
namespace bodega::detail {

/// Windows as a network sees them; what depends on its constants alone is worked out once.
class SeenWindows {
 public:
  /// Error (missing) where the windows have fewer covariates than the model takes as inputs.
  template <class Model>
  SeenWindows(const SalesWindows& windows, const Model& model, const std::string& where)
      : windows_(windows), inputs_(model.inputs()) {
    const std::size_t wanted =
        std::max<std::size_t>(inputs_.covariates, model.factors().covariates());
    if (!windows.empty() && windows.covariate_count() < wanted)
      throw Error(ErrorCode::missing, where + ", covariates of the windows",
                  std::to_string(wanted) + " or more", std::to_string(windows.covariate_count()));
    shares_.reserve(windows.size());
    double sum = 0;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      shares_.push_back(model.shares(windows[i]));
      sum += shares_.back().scale;
    }
    if (!windows.empty()) mean_scale_ = static_cast<float>(sum / static_cast<double>(size()));
  }

  std::size_t size() const noexcept { return shares_.size(); }
  bool empty() const noexcept { return shares_.empty(); }
  float mean_scale() const noexcept { return mean_scale_; }
  const SalesShares& shares(std::size_t i) const noexcept { return shares_[i]; }
  float actual(std::size_t i) const noexcept { return windows_.actual(i); }

  /// Calls `visit(step, input, value)` for the inputs that are not 0.
  template <class Visit>
  void for_each_input(std::size_t i, Visit&& visit) const noexcept {
    const SalesWindow window = windows_[i];
    for (std::size_t step = 0; step < window_days; ++step)
      detail::for_each_input(window, inputs_, shares_[i], step,
                             [&](std::size_t input, float value) { visit(step, input, value); });
  }

 private:
  SalesWindows windows_;
  WindowInputs inputs_;
  std::vector<SalesShares> shares_;
  float mean_scale_ = 0;
};

/// What is asked of the outputs.
struct ForecastTargets {
  ForecastCost point;
  std::vector<float> quantiles{};  ///< levels of the outputs after the first
  float quantile_weight = 1;
  float level_power = 0;
  float unit = 1;                    ///< a window of this scale counts 1
  std::span<const float> teacher{};  ///< forecasts in units, one for each output of each window
  float teacher_weight = 0;          ///< 0 to 1, of the squared distance from the teacher
};

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

/// From the gradient of the hidden state after a step to those of its sums, which take the place of
/// what `step` left there. `carried` comes in as the gradient that later steps have sent to the
/// memory, and goes out as that of the memory before.
inline void step_backward(LstmCell, std::size_t n, float* __restrict sums,
                          const float* __restrict before, const float* __restrict squashed,
                          const float* __restrict by_hidden, float* __restrict carried) noexcept {
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
inline void step_backward(GruCell, std::size_t n, float* __restrict sums,
                          const float* __restrict before, const float* __restrict,
                          const float* __restrict by_hidden, float* __restrict carried) noexcept {
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

/// Mean loss over many windows, and their mean gradient where it is wanted. Windows are shared out
/// in chunks of a fixed size whose gradients are added in their order, so that the number of
/// threads changes nothing.
template <class Cell>
class RecurrentObjective {
 public:
  using Gradient = RecurrentGradient<Cell>;

  RecurrentObjective(const RecurrentShape& shape, ForecastTargets targets, std::size_t threads)
      : shape_(shape),
        order_(shape),
        targets_(std::move(targets)),
        workers_(threads),
        parts_(workers_.size(), Gradient(shape)) {}

  /// Of what was sold alone, whatever the teacher says.
  double loss(std::span<const float> learned, const SeenWindows& windows,
              std::span<const std::uint32_t> numbers) {
    ForecastTargets targets = targets_;
    targets.teacher_weight = 0;
    return run(learned, windows, numbers, targets, false);
  }
  double loss(std::span<const float> learned, const SeenWindows& windows,
              std::span<const std::uint32_t> numbers, std::vector<float>& gradient) {
    const double loss = run(learned, windows, numbers, targets_, true);
    sum_.assign(shape_.size(), 0.0f);
    for (std::size_t c = 0; c * Gradient::chunk < numbers.size(); ++c)
      simd::axpy(1.0f / static_cast<float>(numbers.size()), gradients_[c].data(), sum_.data(),
                 shape_.size());
    order_.from_block(sum_, gradient);
    return loss;
  }

 private:
  double run(std::span<const float> learned, const SeenWindows& windows,
             std::span<const std::uint32_t> numbers, const ForecastTargets& targets,
             bool with_gradient) {
    const std::size_t chunks = (numbers.size() + Gradient::chunk - 1) / Gradient::chunk;
    const std::vector<float> block = order_.to_block(learned);
    losses_.assign(chunks, 0.0);
    if (with_gradient && gradients_.size() < chunks) gradients_.resize(chunks);
    for (Gradient& part : parts_) part.prepare(block);
    workers_.run(chunks, [&](std::size_t c, std::size_t worker) {
      const std::size_t first = c * Gradient::chunk;
      if (with_gradient) gradients_[c].assign(shape_.size(), 0.0f);
      losses_[c] = parts_[worker].run(
          block, windows, numbers.subspan(first, std::min(Gradient::chunk, numbers.size() - first)),
          targets, with_gradient ? std::span<float>(gradients_[c]) : std::span<float>());
    });
    double sum = 0;
    for (const double loss : losses_) sum += loss;
    return sum / static_cast<double>(numbers.size());
  }

  RecurrentShape shape_;
  BlockOrder<Cell> order_;
  ForecastTargets targets_;
  Workers workers_;
  std::vector<Gradient> parts_;
  std::vector<std::vector<float>> gradients_;
  std::vector<float> sum_;
  std::vector<double> losses_;
};

}  // namespace bodega::detail
