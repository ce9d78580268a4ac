// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/forecast/recurrent/recurrent_block.hpp>
#include <bodega/forecast/recurrent/recurrent_gradient.hpp>
#include <bodega/forecast/recurrent/seen_windows.hpp>
#include <bodega/tensor/kernels/simd.hpp>

namespace bodega::inline BODEGA_ABI::detail {

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
              std::span<const std::uint32_t> numbers, ProgressPulse* pulse = nullptr) {
    ForecastTargets targets = targets_;
    targets.teacher_weight = 0;
    return run(learned, windows, numbers, targets, false, pulse);
  }
  double loss(std::span<const float> learned, const SeenWindows& windows,
              std::span<const std::uint32_t> numbers, std::vector<float>& gradient,
              ProgressPulse* pulse = nullptr) {
    const double loss = run(learned, windows, numbers, targets_, true, pulse);
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
             bool with_gradient, ProgressPulse* pulse) {
    const std::size_t chunks = (numbers.size() + Gradient::chunk - 1) / Gradient::chunk;
    const std::vector<float> block = order_.to_block(learned);
    losses_.assign(chunks, 0.0);
    if (with_gradient && gradients_.size() < chunks) gradients_.resize(chunks);
    for (Gradient& part : parts_) part.prepare(block);
    const auto add_up = [&](std::size_t c, std::size_t worker) {
      const std::size_t first = c * Gradient::chunk;
      if (with_gradient) gradients_[c].assign(shape_.size(), 0.0f);
      losses_[c] = parts_[worker].run(
          block, windows, numbers.subspan(first, std::min(Gradient::chunk, numbers.size() - first)),
          targets, with_gradient ? std::span<float>(gradients_[c]) : std::span<float>());
    };
    workers_.run(chunks, add_up, pulse);
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

}  // namespace bodega::inline BODEGA_ABI::detail
