// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/units.hpp>
#include <bodega/forecast/demand_factors.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/sold_unit.hpp>
#include <bodega/tensor/parameters.hpp>

/// What a network sees of a window: sales as shares of what was to be expected, and the calendar.
namespace bodega::inline BODEGA_ABI {

/// The inputs of one step, a day of the window, in this order. Part of a model and of its file.
struct WindowInputs {
  // The day's share comes first, always: its sales over the window's level and the day's factor;
  // 1, as expected, where they are unknown.
  bool weekday = true;
  bool season = false;
  bool level = false;
  bool gaps = false;
  std::uint8_t covariates = 0;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("weekday", self.weekday,
          "The weekday that comes next, and which days have the target's.");
    visit("season", self.season, "Time of year.");
    visit("level", self.level, "The logarithm of the window's level, in pieces or grams.");
    visit("gaps", self.gaps, "Which days' sales are unknown.");
    visit("covariates", self.covariates, "The first so many covariates of the next day.");
  }

  constexpr std::size_t count() const noexcept {
    return 1u + (weekday ? 8u : 0u) + (season ? 2u : 0u) + (level ? 1u : 0u) + (gaps ? 1u : 0u) +
           covariates;
  }
  bool operator==(const WindowInputs&) const = default;
};

namespace detail {

/// As it is stored: a bit for each kind of input, and the number of covariates.
struct StoredInputs {
  std::uint8_t kinds = 1, covariates = 0;

  StoredInputs() = default;
  explicit StoredInputs(const WindowInputs& inputs) noexcept
      : kinds(static_cast<std::uint8_t>(inputs.weekday | inputs.season << 1 | inputs.level << 2 |
                                        inputs.gaps << 3)),
        covariates(inputs.covariates) {}

  WindowInputs inputs() const noexcept {
    return {(kinds & 1) != 0, (kinds & 2) != 0, (kinds & 4) != 0, (kinds & 8) != 0, covariates};
  }
  void validate(const std::string& where) const {
    if (kinds > 15)
      throw Error(ErrorCode::out_of_range, where + ", inputs", "0 to 15", std::to_string(kinds));
  }
};

}  // namespace detail

/// A window's sales as shares of what its level and the days' factors let expect.
struct SalesShares {
  float level = 0;  ///< units a day at factor 1; NaN if nothing tells
  float scale = 0;  ///< level times the target's factor: the unit of a forecast
  float unit = 1;   ///< that the item is counted in (`sold_unit`)
  std::array<float, window_days> share{};  ///< 1 where unknown

  SalesShares() = default;
  /// The level is the window's own where it has one. Else it is that of the known sales, and as if
  /// `prior` more pieces had been sold (of what is weighed: grams), so that one sale after a quiet
  /// fortnight is not an endless rise and a window of zeros has a level; and, for a series that the
  /// factors know, as if `prior_days` more days at its level had been seen.
  template <WeightFormat W>
  SalesShares(const SalesWindow& window, const DemandFactors<W>& factors, float prior,
              float prior_days) noexcept {
    std::array<float, window_days> expected;
    unit = sold_unit(window);
    float sold = prior * unit, days = 0;
    for (std::size_t d = 0; d < window_days; ++d) {
      expected[d] = factors.factor(window.days[d], window.covariates_of(d));
      if (!window.knows(d)) continue;
      sold += window.sales[d];
      days += expected[d];
    }
    if (const float usual = prior_days > 0 ? factors.series_level(window.series) : 0; usual > 0) {
      sold += prior_days * usual;
      days += prior_days;
    }
    level = std::isnan(window.level) ? sold / days : window.level;
    if (!std::isfinite(sold)) level = std::numeric_limits<float>::quiet_NaN();
    scale = level * factors.factor(window.target, window.covariates_of(window_days));
    if (!(level > 0)) return;
    for (std::size_t d = 0; d < window_days; ++d)
      share[d] = window.knows(d) ? window.sales[d] / (level * expected[d]) : 1.0f;
  }
};

namespace detail {

/// Calls `visit(input, value)` for the inputs of a step that are not 0. Wants a level above 0.
template <class Visit>
void for_each_input(const SalesWindow& window, const WindowInputs& inputs,
                    const SalesShares& shares, std::size_t step, Visit&& visit) noexcept {
  visit(std::size_t{0}, shares.share[step]);
  std::size_t at = 1;
  const Day next = step + 1 < window_days ? window.days[step + 1] : window.target;
  if (inputs.weekday) {
    visit(at + static_cast<std::size_t>(next.weekday()), 1.0f);
    if (window.days[step].weekday() == window.target.weekday()) visit(at + 7, 1.0f);
    at += 8;
  }
  if (inputs.season) {
    constexpr float per_day = static_cast<float>(2 * std::numbers::pi / 365.2425);
    constexpr int per_cycle = 146097;  // days of 400 years, so that the angle stays small
    const float angle = per_day * static_cast<float>(next.days_since_1970() % per_cycle);
    visit(at, std::sin(angle));
    visit(at + 1, std::cos(angle));
    at += 2;
  }
  if (inputs.level) visit(at++, 0.25f * std::log(shares.level / shares.unit));
  if (inputs.gaps) {
    if (!window.knows(step)) visit(at, 1.0f);
    ++at;
  }
  const auto covariates = window.covariates_of(step + 1);
  for (std::size_t c = 0; c < inputs.covariates && c < covariates.size(); ++c)
    visit(at + c, covariates[c]);
}

}  // namespace detail

}  // namespace bodega::inline BODEGA_ABI
