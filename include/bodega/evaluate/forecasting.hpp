// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <bodega/forecast/count_quantile.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

/// How far forecasts were from what was sold, summed pair by pair. What was sold and is not known
/// (NaN) is left out. Shares are fractions, not percent; each is 0 where there is nothing to divide
/// by.
class ForecastErrors {
 public:
  void add(double actual, double forecast) noexcept {
    if (std::isnan(actual)) return;
    const double error = forecast - actual;
    ++count_;
    sold_ += actual;
    error_ += error;
    absolute_ += std::abs(error);
    squared_ += error * error;
    if (actual > 0) {
      ++sold_days_;
      relative_ += std::abs(error) / actual;
    }
  }

  std::size_t count() const noexcept { return count_; }
  /// Mean absolute error, in units.
  double mae() const noexcept { return share(absolute_, static_cast<double>(count_)); }
  /// Root of the mean squared error, in units.
  double rmse() const noexcept { return std::sqrt(share(squared_, static_cast<double>(count_))); }
  /// Sum of the absolute errors over the sum of sales: what an error costs a shop.
  double wmape() const noexcept { return share(absolute_, sold_); }
  /// Mean of |error| / sales over the days with sales; rewards forecasting too low.
  double mape() const noexcept { return share(relative_, static_cast<double>(sold_days_)); }
  /// Sum of the errors over the sum of sales: above 0 forecasts too much.
  double bias() const noexcept { return share(error_, sold_); }

 private:
  static double share(double part, double whole) noexcept { return whole > 0 ? part / whole : 0; }

  std::size_t count_ = 0, sold_days_ = 0;
  double sold_ = 0, error_ = 0, absolute_ = 0, squared_ = 0, relative_ = 0;
};

/// What quantiles were worth, summed day by day: the pinball loss, which the true quantile makes
/// least (Koenker, Bassett, Econometrica 1978), and how often sales fell between the outer two.
class QuantileErrors {
 public:
  /// Levels rise within 0 and 1, one or more.
  explicit QuantileErrors(std::span<const float> levels)
      : levels_(levels.begin(), levels.end()), loss_(levels.size(), 0.0) {}

  /// Wants as many quantiles as levels. What was sold and is not known (NaN) is left out.
  void add(double actual, std::span<const float> quantiles) noexcept {
    if (std::isnan(actual)) return;
    ++count_;
    for (std::size_t q = 0; q < levels_.size(); ++q) {
      const double error = actual - double{quantiles[q]}, level = double{levels_[q]};
      loss_[q] += std::max(level * error, (level - 1) * error);
    }
    covered_ += actual >= double{quantiles.front()} && actual <= double{quantiles.back()};
  }

  std::size_t count() const noexcept { return count_; }
  /// Of one level, in units.
  double pinball(std::size_t level) const noexcept {
    return count_ > 0 ? loss_[level] / static_cast<double>(count_) : 0;
  }
  /// The mean over the levels.
  double pinball() const noexcept {
    double sum = 0;
    for (std::size_t q = 0; q < levels_.size(); ++q) sum += pinball(q);
    return sum / static_cast<double>(levels_.size());
  }
  /// Share of the days that sold from the lowest to the highest quantile.
  double coverage() const noexcept {
    return count_ > 0 ? static_cast<double>(covered_) / static_cast<double>(count_) : 0;
  }

 private:
  std::vector<float> levels_;
  std::vector<double> loss_;
  std::size_t count_ = 0, covered_ = 0;
};

/// The dispersion with which negative binomial quantiles around these forecasts (`count_quantile`)
/// lose least, to a quarter of itself; 0 where that is Poisson. Of more than 10,000 pairs every
/// n-th is looked at. Error (shape) where there is not a forecast for each.
inline float fit_dispersion(std::span<const float> actual, std::span<const float> forecast,
                            std::span<const float> levels) {
  validate_size(forecast.size(), actual.size(), "fit_dispersion, forecasts");
  const std::size_t step = actual.size() / 10'000 + 1;
  std::vector<float> quantiles(levels.size());
  const auto loss = [&](float dispersion) {
    QuantileErrors errors(levels);
    for (std::size_t i = 0; i < actual.size(); i += step) {
      for (std::size_t q = 0; q < levels.size(); ++q)
        quantiles[q] = count_quantile(forecast[i], dispersion, levels[q]);
      errors.add(double{actual[i]}, quantiles);
    }
    return errors.pinball();
  };
  float best = 0;
  double least = loss(0);
  for (float dispersion = 1.0f / 256; dispersion < 70; dispersion *= 1.25f)
    if (const double next = loss(dispersion); next < least) {
      least = next;
      best = dispersion;
    }
  return best;
}

/// The errors of one forecast a window, each made one step ahead from what was really sold.
template <Forecaster F>
ForecastErrors evaluate_forecaster(const F& forecaster, const SalesWindows& windows) noexcept {
  ForecastErrors errors;
  for (std::size_t i = 0; i < windows.size(); ++i)
    errors.add(windows.actual(i), forecaster.forecast(windows[i]));
  return errors;
}

/// The dispersion that fits a forecaster's quantiles best on these windows.
template <Forecaster F>
float fit_dispersion(const F& forecaster, const SalesWindows& windows,
                     std::span<const float> levels) {
  std::vector<float> actual, forecast;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    actual.push_back(windows.actual(i));
    forecast.push_back(forecaster.forecast(windows[i]));
  }
  return fit_dispersion(actual, forecast, levels);
}

}  // namespace bodega
