// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <bodega/core/units.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/sales_window.hpp>

namespace bodega_benchmark {

/// 14 days of sales times the weekday that those 14 days look like: what can be known of the
/// calendar by one who sees only the window. Each weekday that the target may be is weighed by the
/// chance that such a fortnight is sold then (multinomial).
struct InferredWeekday {
  bodega::WeekdayMean factors;

  float forecast(const bodega::SalesWindow& window) const noexcept {
    std::array<double, 7> likelihood{}, units{};
    double sold = 0;
    for (const float s : window.sales) sold += s;
    for (std::size_t target = 0; target < 7; ++target) {
      const auto factor = [&](bodega::Day day) {
        const int ahead = static_cast<int>(window.target - day) % 7;
        return double{factors.factors()[(target + 7 - static_cast<std::size_t>(ahead)) % 7]};
      };
      double expected = 0;
      for (const bodega::Day day : window.days) expected += factor(day);
      for (std::size_t i = 0; i < bodega::window_days; ++i)
        if (window.sales[i] > 0)
          likelihood[target] += window.sales[i] * std::log(factor(window.days[i]) / expected);
      units[target] = expected > 0 ? sold / expected * factor(window.target) : 0;
    }
    const double best = *std::max_element(likelihood.begin(), likelihood.end());
    if (!std::isfinite(best)) return bodega::WindowMean{}.forecast(window);
    double sum = 0, all = 0;
    for (std::size_t target = 0; target < 7; ++target) {
      const double weight = std::exp(likelihood[target] - best);
      all += weight;
      sum += weight * units[target];
    }
    return static_cast<float>(sum / all);
  }
};

}  // namespace bodega_benchmark
