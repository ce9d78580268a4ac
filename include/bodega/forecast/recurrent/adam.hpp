// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// Gradient descent with a rate for each number, by running means of its gradient and of its
/// square. Part of what a training stores when it is to be resumed. Source: Kingma and Ba, "Adam: a
/// method for stochastic optimization", ICLR 2015, with their constants. The gradient's length is
/// clipped first (Pascanu et al., ICML 2013).
class Adam {
 public:
  Adam() = default;
  explicit Adam(std::size_t size) : mean_(size, 0.0f), square_(size, 0.0f) {}

  std::size_t size() const noexcept { return mean_.size(); }

  void step(std::span<float> numbers, std::span<const float> gradient, float rate,
            float clip_norm) noexcept;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("mean", self.mean_);
    visit("square", self.square_);
    visit("decay1", self.decay1_);
    visit("decay2", self.decay2_);
  }

 private:
  std::vector<float> mean_, square_;
  double decay1_ = 1, decay2_ = 1;
};

#if BODEGA_BODIES

BODEGA_INLINE void Adam::step(std::span<float> numbers, std::span<const float> gradient, float rate,
                              float clip_norm) noexcept {
  double norm = 0;
  for (const float g : gradient) norm += double{g} * g;
  norm = std::sqrt(norm);
  const float shorten = norm > clip_norm ? static_cast<float>(clip_norm / norm) : 1.0f;
  decay1_ *= 0.9;
  decay2_ *= 0.999;
  const float by_mean = static_cast<float>(1.0 / (1.0 - decay1_));
  const float by_square = static_cast<float>(1.0 / (1.0 - decay2_));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const float g = shorten * gradient[i];
    mean_[i] = 0.9f * mean_[i] + 0.1f * g;
    square_[i] = 0.999f * square_[i] + 0.001f * g * g;
    numbers[i] -= rate * (mean_[i] * by_mean) / (std::sqrt(square_[i] * by_square) + 1e-8f);
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI
