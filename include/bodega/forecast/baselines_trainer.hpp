// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/windows.hpp>

namespace bodega::inline BODEGA_ABI {

/// Weekday factors as Poisson means: the factors and the windows' levels are found in turns until
/// each weekday's forecasts sum to its sales. A weekday without a target day, and every day where
/// nothing at all was sold, keeps factor 1. Cost: 20 passes over the windows.
/// Error (invalid_argument) where there are no windows.
WeekdayMean fit_weekday_mean(const SalesWindows& windows);

#if BODEGA_BODIES

BODEGA_INLINE WeekdayMean fit_weekday_mean(const SalesWindows& windows) {
  if (windows.empty())
    throw Error(ErrorCode::invalid_argument, "fit_weekday_mean", "at least one window", "none");
  WeekdayMean fitted;
  for (int round = 0; round < 20; ++round) {
    std::array<double, 7> sold{}, expected{};
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const SalesWindow window = windows[i];
      const auto weekday = static_cast<std::size_t>(window.target.weekday());
      sold[weekday] += windows.actual(i);
      expected[weekday] += fitted.level(window);
    }
    std::vector<float> factors(7, 1.0f);
    double sum = 0, seen = 0;
    for (std::size_t w = 0; w < 7; ++w)
      if (expected[w] > 0) {
        sum += sold[w] / expected[w];
        ++seen;
      }
    if (!(sum > 0)) break;
    for (std::size_t w = 0; w < 7; ++w)
      if (expected[w] > 0) factors[w] = static_cast<float>(sold[w] / expected[w] * seen / sum);
    fitted = WeekdayMean(std::move(factors));
  }
  return fitted;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
