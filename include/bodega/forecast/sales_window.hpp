// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <span>

#include <bodega/core/units.hpp>

namespace bodega {

/// Days of known sales that a forecast is made from.
inline constexpr std::size_t window_days = 14;

/// What a forecaster is asked: how many units on `target`, where these were sold on the days
/// before? Sales are borrowed; days rise, oldest first, and all come before the target. Days
/// without trade are left out rather than counted as zero, so the days need not be consecutive.
struct SalesWindow {
  std::span<const float, window_days> sales;
  std::array<Day, window_days> days;
  Day target;

  /// The window of the calendar days just before `target_day`: a shop that trades every day.
  SalesWindow(std::span<const float, window_days> units, Day target_day) noexcept
      : sales(units), target(target_day) {
    for (std::size_t i = 0; i < window_days; ++i)
      days[i] = target_day - static_cast<int>(window_days - i);
  }
  SalesWindow(std::span<const float, window_days> units,
              const std::array<Day, window_days>& days_sold, Day target_day) noexcept
      : sales(units), days(days_sold), target(target_day) {}
};

/// Units expected on the target day: finite and not negative for sales that are. Allocates
/// nothing; const calls may run from many threads.
template <class F>
concept Forecaster = requires(const F& forecaster, const SalesWindow& window) {
  { forecaster.forecast(window) } noexcept -> std::same_as<float>;
};

}  // namespace bodega
