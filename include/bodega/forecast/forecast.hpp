// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>

#include <bodega/core/units.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/sales_window.hpp>

namespace bodega {

/// Which step of the ladder answered, best first.
enum class Rung : std::uint8_t { lstm, weekday_mean, mean, last_day, none };

constexpr std::string_view name(Rung rung) noexcept {
  switch (rung) {
    case Rung::lstm: return "lstm";
    case Rung::weekday_mean: return "weekday_mean";
    case Rung::mean: return "mean";
    case Rung::last_day: return "last_day";
    case Rung::none: return "none";
  }
  return "none";
}

/// Units expected on one day, and who says so.
struct Forecast {
  float units = 0;
  Rung answered_by = Rung::none;
};

/// The ladder that always answers: the network where there is one (nullptr: none), else the
/// weekday factors, else the mean, else the last day, else 0 units from nobody. A rung is passed
/// over when its answer is not a finite number. `sales` and `days` are the known days, oldest
/// first, the same number of both. Network and factors need `window_days` of them and use the
/// latest; the mean needs 7, so that a few first days are not taken for a level.
template <Forecaster Network>
Forecast forecast_with_fallback(const Network* network, const WeekdayMean* weekday_mean,
                                std::span<const float> sales, std::span<const Day> days,
                                Day target) noexcept {
  const auto usable = [](float units) { return std::isfinite(units) && units >= 0; };
  const std::size_t known = std::min(sales.size(), days.size());
  if (known >= window_days) {
    std::array<Day, window_days> latest;
    std::copy_n(days.begin() + static_cast<std::ptrdiff_t>(known - window_days), window_days,
                latest.begin());
    const SalesWindow window(sales.subspan(known - window_days).template first<window_days>(),
                             latest, target);
    if (network)
      if (const float units = network->forecast(window); usable(units)) return {units, Rung::lstm};
    if (weekday_mean)
      if (const float units = weekday_mean->forecast(window); usable(units))
        return {units, Rung::weekday_mean};
  }
  const std::span<const float> latest = sales.last(std::min(sales.size(), window_days));
  if (latest.size() >= 7) {
    const float units = static_cast<float>(std::accumulate(latest.begin(), latest.end(), 0.0) /
                                           static_cast<double>(latest.size()));
    if (usable(units)) return {units, Rung::mean};
  }
  if (!latest.empty() && usable(latest.back())) return {latest.back(), Rung::last_day};
  return {};
}

}  // namespace bodega
