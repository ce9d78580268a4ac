// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <bodega/forecast/recurrent/recurrent_trainer.hpp>

namespace bodega_test {

using namespace bodega;

inline std::vector<std::uint32_t> numbers_below(std::size_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0u);
  return numbers;
}

inline detail::ForecastTargets targets_of(const ForecastTrainingOptions& options, float unit,
                                          std::span<const float> quantiles = {}) {
  return {.point = {options.loss, options.huber_delta, options.dispersion},
          .quantiles = {quantiles.begin(), quantiles.end()},
          .quantile_weight = options.quantile_weight,
          .level_power = options.level_power,
          .unit = unit};
}

/// Loss and gradient of a model over all windows, on one thread.
template <class Model>
class Objective {
 public:
  Objective(const Model& model, const SalesWindows& windows, const ForecastTrainingOptions& options)
      : windows_(windows, model, "test"),
        numbers_(numbers_below(windows.size())),
        objective_(detail::shape_of(model),
                   targets_of(options, windows_.mean_scale(), model.quantiles()), 1) {}

  double loss(const std::vector<float>& learned) {
    return objective_.loss(learned, windows_, numbers_);
  }
  std::vector<float> gradient(const std::vector<float>& learned, double* loss = nullptr) {
    std::vector<float> gradient;
    const double found = objective_.loss(learned, windows_, numbers_, gradient);
    if (loss) *loss = found;
    return gradient;
  }

 private:
  detail::SeenWindows windows_;
  std::vector<std::uint32_t> numbers_;
  detail::RecurrentObjective<typename Model::cell> objective_;
};

template <class Model>
std::vector<float> gradient_of(const Model& model, const SalesWindows& windows,
                               const ForecastTrainingOptions& options, double* loss = nullptr) {
  return Objective<Model>(model, windows, options).gradient(detail::learned_numbers(model), loss);
}

}  // namespace bodega_test
