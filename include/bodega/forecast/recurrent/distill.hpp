// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>
#include <bodega/forecast/windows.hpp>

namespace bodega::inline BODEGA_ABI {

/// What teachers forecast for some windows, as a student is to learn it: the mean over the teachers
/// added, of the point forecasts and of each quantile (averaging quantiles: Vincent 1912; Ratcliff,
/// Psychological Bulletin 1979). A teacher is any forecaster: a large network, several seeds of it,
/// one that sees longer history. Not for use from several threads at once.
class TeacherForecasts {
 public:
  /// For a student with these quantile levels.
  TeacherForecasts(const SalesWindows& windows, std::span<const float> levels)
      : windows_(windows),
        levels_(levels.begin(), levels.end()),
        sums_(windows.size() * (1 + levels.size()), 0.0) {}

  /// A teacher without quantiles is given those of its own errors: its forecast times the quantile
  /// of what was sold over what it forecast. Error: not_finite (a forecast), invalid_argument (a
  /// teacher of quantiles at other levels).
  template <Forecaster Teacher>
  void add(const Teacher& teacher) {
    const std::size_t outputs = 1 + levels_.size();
    std::vector<float> forecasts(windows_.size() * outputs);
    if (has_quantiles(teacher)) {
      for (std::size_t i = 0; i < windows_.size(); ++i)
        forecast(teacher, i, {forecasts.data() + i * outputs, outputs});
    } else {
      for (std::size_t i = 0; i < windows_.size(); ++i)
        forecasts[i * outputs] = teacher.forecast(windows_[i]);
      if (!levels_.empty()) add_spread(forecasts);
    }
    validate_finite(forecasts, "distillation, forecasts of a teacher");
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += forecasts[i];
    ++teachers_;
  }

  /// Windows x (1 + levels), for TrainingHooks::teacher. Error (invalid_argument) without a
  /// teacher.
  std::vector<float> mean() const;

 private:
  template <class Teacher>
  bool has_quantiles(const Teacher& teacher) const {
    if constexpr (requires { teacher.quantiles(); }) {
      const std::span<const float> own = teacher.quantiles();
      if (own.empty() || levels_.empty()) return false;
      if (!std::equal(own.begin(), own.end(), levels_.begin(), levels_.end()))
        throw Error(ErrorCode::invalid_argument, "distillation, quantiles of the teacher",
                    "the student's levels, or none", "others");
      return true;
    } else {
      return false;
    }
  }

  template <class Teacher>
  void forecast(const Teacher& teacher, std::size_t i, std::span<float> to) const {
    if constexpr (requires { teacher.forecast(windows_[i], to); })
      to[0] = teacher.forecast(windows_[i], to.subspan(1));
  }

  /// Quantiles from the distribution of sold / forecast.
  void add_spread(std::vector<float>& forecasts) const;

  SalesWindows windows_;
  std::vector<float> levels_;
  std::vector<double> sums_;
  std::size_t teachers_ = 0;
};

/// Trains a student on what its teachers forecast as well as on what was sold, which it is too
/// small or too noisy to find by itself. `teacher_weight` is how much the teachers count, 0 to 1.
/// `hooks` may hold a mask or see a quantized model at the same time. Errors of `train_forecaster`.
/// Source: Hinton, Vinyals, Dean, "Distilling the knowledge in a neural network", 2015; for
/// regression Saputra et al., ICCV 2019.
template <class Cell, int Hidden>
RecurrentForecaster<Cell, Hidden> distill(
    RecurrentForecaster<Cell, Hidden> student, const TeacherForecasts& teachers,
    const SalesWindows& windows, const ForecastTrainingOptions& options,
    float teacher_weight = 0.5f,
    std::type_identity_t<TrainingHooks<RecurrentForecaster<Cell, Hidden>>> hooks = {}) {
  const std::vector<float> soft = teachers.mean();
  hooks.teacher = soft;
  hooks.teacher_weight = teacher_weight;
  return train_forecaster(std::move(student), windows, options, hooks);
}

#if BODEGA_BODIES

BODEGA_INLINE std::vector<float> TeacherForecasts::mean() const {
  if (teachers_ == 0) throw Error(ErrorCode::invalid_argument, "distillation", "a teacher", "none");
  std::vector<float> mean(sums_.size());
  for (std::size_t i = 0; i < mean.size(); ++i)
    mean[i] = static_cast<float>(sums_[i] / static_cast<double>(teachers_));
  return mean;
}

BODEGA_INLINE void TeacherForecasts::add_spread(std::vector<float>& forecasts) const {
  const std::size_t outputs = 1 + levels_.size();
  std::vector<float> ratios;
  for (std::size_t i = 0; i < windows_.size(); ++i)
    if (const float point = forecasts[i * outputs]; point > 0)
      ratios.push_back(windows_.actual(i) / point);
  for (std::size_t q = 0; q < levels_.size(); ++q) {
    float ratio = 1;
    if (!ratios.empty()) {
      const auto at =
          ratios.begin() +
          static_cast<std::ptrdiff_t>(
              std::min(ratios.size() - 1,
                       static_cast<std::size_t>(levels_[q] * static_cast<float>(ratios.size()))));
      std::nth_element(ratios.begin(), at, ratios.end());
      ratio = *at;
    }
    for (std::size_t i = 0; i < windows_.size(); ++i)
      forecasts[i * outputs + 1 + q] = forecasts[i * outputs] * ratio;
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI
