// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// Days of sales that a forecast is made from.
inline constexpr std::size_t window_days = 14;

/// A bit for each day of a window, bit 0 the oldest.
using DayMask = std::uint16_t;
inline constexpr DayMask all_days_known = (1u << window_days) - 1;

/// What a forecaster is asked: how many units on `target`, where these were sold on the days
/// before? Sales are borrowed; days rise, oldest first, and all come before the target. Days
/// without trade are left out rather than counted as zero, so the days need not be consecutive.
struct SalesWindow {
  std::span<const float, window_days> sales;
  std::array<Day, window_days> days;
  Day target;

  /// Bit d: sales[d] are known. A day on which the item was sold out says only what there was to
  /// sell: it is unknown, holds 0 and is read by nobody.
  DayMask known = all_days_known;
  /// What is known the day before of each day of the window and of the target (holiday, promotion,
  /// price): (window_days + 1) x covariate_count(), oldest day first, the target's last. Borrowed.
  std::span<const float> covariates{};
  /// Whose sales these are, for forecasters that keep a number for each series.
  ItemIndex series = ItemIndex::none();
  /// The item is not in the shop, not yet or no longer: nothing is expected of it.
  bool away = false;
  /// The item is known to be sold in parts of a unit, whatever this window holds (sold_unit.hpp).
  bool weighed = false;
  /// Units a day at factor 1, from a longer or pooled memory; NaN: take it from the window.
  float level = std::numeric_limits<float>::quiet_NaN();

  /// The window of the calendar days just before `target_day`: a shop that trades every day.
  SalesWindow(std::span<const float, window_days> units, Day target_day) noexcept
      : sales(units), target(target_day) {
    for (std::size_t i = 0; i < window_days; ++i)
      days[i] = target_day - static_cast<int>(window_days - i);
  }
  SalesWindow(std::span<const float, window_days> units,
              const std::array<Day, window_days>& days_sold, Day target_day) noexcept
      : sales(units), days(days_sold), target(target_day) {}

  bool knows(std::size_t day) const noexcept { return (known >> day & 1) != 0; }
  std::size_t covariate_count() const noexcept { return covariates.size() / (window_days + 1); }
  /// Those of day 0 to window_days - 1 of the window; of the target for window_days.
  std::span<const float> covariates_of(std::size_t day) const noexcept {
    return covariates.subspan(day * covariate_count(), covariate_count());
  }
};

/// The window of a series before `target`, the one place where it is put together, in training and
/// at a till. `day_of(d)` is the date of sales[d], `knows(d)` whether they are known and
/// `first_sale(d)` whether nothing but they tells that the item is in the shop; such a day is
/// unknown once another is known, since a mean over it would be too high. Covariates lie as in
/// `SalesWindow`. Sales and covariates are borrowed.
template <class DayOf, class Knows, class FirstSale>
SalesWindow window_of(ItemIndex series, std::span<const float, window_days> sales,
                      const DayOf& day_of, const Knows& knows, const FirstSale& first_sale,
                      Day target, std::span<const float> covariates = {}) noexcept {
  std::array<Day, window_days> days;
  DayMask known = 0, first = 0;
  for (std::size_t d = 0; d < window_days; ++d) {
    days[d] = day_of(d);
    if (!knows(d)) continue;
    known = static_cast<DayMask>(known | 1u << d);
    if (first_sale(d)) first = static_cast<DayMask>(first | 1u << d);
  }
  if ((known & ~first) != 0) known = static_cast<DayMask>(known & ~first);
  SalesWindow window(sales, days, target);
  window.series = series;
  window.known = known;
  window.covariates = covariates;
  return window;
}

/// Units expected on the target day: finite and not negative for sales that are. Allocates
/// nothing; const calls may run from many threads.
template <class F>
concept Forecaster = requires(const F& forecaster, const SalesWindow& window) {
  { forecaster.forecast(window) }
  noexcept->std::same_as<float>;
};

}  // namespace bodega::inline BODEGA_ABI
