// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <bodega/core/abi.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/metrics/forecast_errors.hpp>

namespace bodega::inline BODEGA_ABI {

/// Returns the errors of one forecast a window, each made one step ahead from what was really sold.
/// Complexity: a forecast a window.
template <Forecaster F>
ForecastErrors evaluate_forecaster(const F& forecaster, const SalesWindows& windows) noexcept {
  ForecastErrors errors;
  for (std::size_t i = 0; i < windows.size(); ++i)
    errors.add(windows.actual(i), forecaster.forecast(windows[i]));
  return errors;
}

}  // namespace bodega::inline BODEGA_ABI
