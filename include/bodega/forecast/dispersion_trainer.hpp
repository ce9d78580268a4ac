// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/forecast/count_quantile.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/sold_unit.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/metrics/quantile_errors.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Returns the dispersion for which negative binomial quantiles around these forecasts
/// (`count_quantile`) have the least pinball loss, within a quarter of itself; 0 for Poisson. Of
/// more than 10,000 pairs every n-th is looked at. `units` are what each pair is counted in
/// (`sold_unit`); pieces where none are given. Throws Error(shape) unless each sale has a forecast,
/// and where units are given a unit.
float fit_dispersion(std::span<const float> actual, std::span<const float> forecast,
                     std::span<const float> levels, std::span<const float> units = {});

/// Returns the dispersion that fits the quantiles of a forecaster best on these windows.
template <Forecaster F>
float fit_dispersion(const F& forecaster, const SalesWindows& windows,
                     std::span<const float> levels) {
  std::vector<float> actual, forecast, units;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const SalesWindow window = windows[i];
    actual.push_back(windows.actual(i));
    forecast.push_back(forecaster.forecast(window));
    units.push_back(sold_unit(window));
  }
  return fit_dispersion(actual, forecast, levels, units);
}

#if BODEGA_BODIES

BODEGA_INLINE float fit_dispersion(std::span<const float> actual, std::span<const float> forecast,
                                   std::span<const float> levels, std::span<const float> units) {
  validate_size(forecast.size(), actual.size(), "fit_dispersion, forecasts");
  if (!units.empty()) validate_size(units.size(), actual.size(), "fit_dispersion, units");
  const std::size_t step = actual.size() / 10'000 + 1;
  std::vector<float> quantiles(levels.size());
  const auto loss = [&](float dispersion) {
    QuantileErrors errors(levels);
    for (std::size_t i = 0; i < actual.size(); i += step) {
      const float unit = units.empty() ? 1.0f : units[i];
      for (std::size_t q = 0; q < levels.size(); ++q)
        quantiles[q] = unit * count_quantile(forecast[i] / unit, dispersion, levels[q]);
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

#endif

}  // namespace bodega::inline BODEGA_ABI
