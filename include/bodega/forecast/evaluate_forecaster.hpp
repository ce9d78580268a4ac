// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <bodega/core/abi.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/metrics/forecast_errors.hpp>

namespace bodega::inline BODEGA_ABI {

/// Returns the errors of one forecast a window, each made one step ahead from what was really sold.
/// Throws Error (cancelled) where `progress` says so. Complexity: a forecast a window.
template <Forecaster F>
ForecastErrors evaluate_forecaster(const F& forecaster, const SalesWindows& windows,
                                   const ProgressCallback& progress = {}) {
  ForecastErrors errors;
  ProgressPulse pulse(progress, "evaluating forecasts", windows.size());
  for (std::size_t i = 0; i < windows.size(); ++i) {
    pulse(i);
    errors.add(windows.actual(i), forecaster.forecast(windows[i]));
  }
  pulse(windows.size());
  return errors;
}

}  // namespace bodega::inline BODEGA_ABI
