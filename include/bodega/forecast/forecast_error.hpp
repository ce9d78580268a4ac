// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>

#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/windows.hpp>

namespace bodega {

/// How far a forecaster is off on some windows, as shares (0.1: ten percent); NaN where nothing was
/// sold. What sizing and the pipeline report; `evaluate/forecasting.hpp` has the other measures.
struct ForecastError {
  double mape = 0;   ///< mean of |forecast - sold| / sold over windows with a sale
  double wmape = 0;  ///< sum of |forecast - sold| over sum of sold
};

/// Cost: a forecast a window.
template <Forecaster F>
ForecastError forecast_error(const F& forecaster, const SalesWindows& windows) {
  double relative = 0, off = 0, sold = 0;
  std::size_t with_sale = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const double actual = windows.actual(i);
    const double error = std::abs(forecaster.forecast(windows[i]) - actual);
    off += error;
    sold += actual;
    if (actual > 0) {
      relative += error / actual;
      ++with_sale;
    }
  }
  const double none = std::numeric_limits<double>::quiet_NaN();
  return {with_sale > 0 ? relative / static_cast<double>(with_sale) : none,
          sold > 0 ? off / sold : none};
}

}  // namespace bodega
