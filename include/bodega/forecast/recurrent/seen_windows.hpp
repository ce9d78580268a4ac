// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/forecast/recurrent/forecast_loss.hpp>
#include <bodega/forecast/window_inputs.hpp>
#include <bodega/forecast/windows.hpp>

namespace bodega::inline BODEGA_ABI::detail {

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

}  // namespace bodega::inline BODEGA_ABI::detail
