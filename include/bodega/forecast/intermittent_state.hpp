// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/options.hpp>
#include <bodega/tensor/validate.hpp>

/// One item that sells on few days: how much, when it sells, and how often, are foreseen apart.
namespace bodega::inline BODEGA_ABI {

/// How an item sells, by the mean number of days from sale to sale (ADI, 1.32) and the squared
/// coefficient of variation of what sells on such a day (CV^2, 0.49). Source: Syntetos, Boylan,
/// Croston, "On the categorization of demand patterns", Journal of the OR Society 56, 2005.
enum class DemandPattern : std::uint8_t {
  smooth,        ///< often, and much the same
  erratic,       ///< often, how much varies
  intermittent,  ///< seldom, and much the same
  lumpy          ///< seldom, and how much varies
};
constexpr auto enum_names(DemandPattern) noexcept {
  using enum DemandPattern;
  return std::to_array<EnumName<DemandPattern>>(
      {{smooth, "smooth"}, {erratic, "erratic"}, {intermittent, "intermittent"}, {lumpy, "lumpy"}});
}

constexpr DemandPattern demand_pattern(double interval, double squared_variation) noexcept {
  const bool seldom = interval >= 1.32, varies = squared_variation >= 0.49;
  return seldom ? (varies ? DemandPattern::lumpy : DemandPattern::intermittent)
                : (varies ? DemandPattern::erratic : DemandPattern::smooth);
}

enum class IntermittentMethod : std::uint8_t {
  /// Size over interval, each smoothed at a sale. Croston, Operational Research Quarterly 23, 1972.
  croston,
  /// Less the bias that a ratio has: x (1 - smoothing / 2). Syntetos, Boylan, International Journal
  /// of Forecasting 21, 2005.
  sba,
  /// Size times the chance of a sale, which falls on every day without one: an item that dies is
  /// noticed. Teunter, Syntetos, Babai, European Journal of Operational Research 214, 2011.
  tsb,
  /// Croston for smooth, SBA for all other demand, as the source of DemandPattern finds; TSB once
  /// an
  /// item has not sold for three of its intervals, when only TSB still learns.
  by_pattern
};
constexpr auto enum_names(IntermittentMethod) noexcept {
  using enum IntermittentMethod;
  return std::to_array<EnumName<IntermittentMethod>>(
      {{croston, "croston"}, {sba, "sba"}, {tsb, "tsb"}, {by_pattern, "by_pattern"}});
}

/// The smoothings were chosen on held-out weeks of a gift wholesaler's 670 items that sold on 100
/// days or more; the usual 0.1 of the papers forgets too soon there.
struct IntermittentOptions {
  IntermittentMethod method = IntermittentMethod::by_pattern;
  float size_smoothing = 0.03f;
  float interval_smoothing = 0.05f;
  float chance_smoothing = 0.05f;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("method", self.method, "How demand is foreseen.");
    visit("size_smoothing", self.size_smoothing, "Of what sells on a day with a sale, 0 to 1.");
    visit("interval_smoothing", self.interval_smoothing, "Of the days from sale to sale.");
    visit("chance_smoothing", self.chance_smoothing, "Of the chance of a sale (TSB).");
  }
};

/// What one item's sales so far say. The first values are plain means, until as many were seen as
/// the smoothing remembers, so that it starts without a guess.
/// The first sale starts the clock and says nothing of how often: that the item was seen to sell
/// that day is why it is known at all. What comes after tells, the days that have passed since the
/// last sale included while intervals are few, so that the mean forecast of items that sold is
/// right from the first weeks on. An item that sold on one day only has a mean of 0.
struct IntermittentState {
  static constexpr std::size_t most_sizes = 20;

  float size = 0;              ///< units on a day with a sale, smoothed
  float interval = 0;          ///< days from sale to sale, smoothed; 0 before the second
  float chance = 0;            ///< of a sale on a day after the first sale, smoothed
  float waited = 0;            ///< days since the last sale
  float sales = 0;             ///< days with a sale
  float days = 0;              ///< known days from the first sale on
  float sum = 0, squares = 0;  ///< of the units of days with a sale
  /// What sold on days with a sale, rising, and on how many days each. Exact up to so many
  /// different sizes; of more those nearest to each other stand as their mean.
  std::array<float, most_sizes> sizes{}, counts{};

  bool started() const noexcept { return sales > 0; }

  /// The item's next known day with trade. Days before its first sale are not its.
  void observe(float units, const IntermittentOptions& options) noexcept;

  /// It was sold in parts of a unit.
  bool weighed() const noexcept {
    return std::any_of(sizes.begin(), sizes.end(),
                       [](float units) { return units != std::floor(units); });
  }

  /// Squared coefficient of variation of the units on days with a sale.
  float squared_variation() const noexcept;
  /// By the mean interval; of an item that sold on one day, by whether it was asked for since.
  DemandPattern pattern() const noexcept;
  /// What `by_pattern` chooses.
  IntermittentMethod chosen(const IntermittentOptions& options) const noexcept;

  /// Units a day; 0 for an item that never sold, or on one day only.
  float mean(const IntermittentOptions& options) const noexcept;
  /// The units that a share `level` of the item's days stayed at or below: the smallest such
  /// amount that was sold, or none. No law of whole numbers is assumed, so that the unit of measure
  /// does not matter. Once TSB answers, days with a sale are as rare as it says.
  float quantile(const IntermittentOptions& options, float level) const noexcept;

 private:
  void count_size(float units) noexcept;
};

#if BODEGA_BODIES

BODEGA_INLINE void IntermittentState::observe(float units,
                                              const IntermittentOptions& options) noexcept {
  if (!(units >= 0 && units <= static_cast<float>(plausible::units)) || (!started() && units == 0))
    return;
  const auto towards = [](float& mean, float value, float smoothing, float seen) {
    mean += std::max(smoothing, 1 / seen) * (value - mean);
  };
  if (started()) {
    ++waited;
    towards(chance, units > 0 ? 1.0f : 0.0f, options.chance_smoothing, days);
  }
  ++days;
  if (units == 0) return;
  ++sales;
  towards(size, units, options.size_smoothing, sales);
  if (sales > 1) towards(interval, waited, options.interval_smoothing, sales - 1);
  waited = 0;
  sum += units;
  squares += units * units;
  count_size(units);
}

BODEGA_INLINE float IntermittentState::squared_variation() const noexcept {
  if (!started()) return 0;
  const double all = double{sum}, variation = double{squares} * double{sales} - all * all;
  return static_cast<float>(std::max(0.0, variation / (all * all)));
}

BODEGA_INLINE DemandPattern IntermittentState::pattern() const noexcept {
  const double intervals = double{sales} - 1, after = double{days} - 1;
  return demand_pattern(intervals > 0             ? after / intervals
                        : started() && after == 0 ? 1.0
                                                  : 1e9,
                        double{squared_variation()});
}

BODEGA_INLINE IntermittentMethod
IntermittentState::chosen(const IntermittentOptions& options) const noexcept {
  if (options.method != IntermittentMethod::by_pattern) return options.method;
  if (sales > 1 && waited > 3 * interval) return IntermittentMethod::tsb;
  return pattern() == DemandPattern::smooth ? IntermittentMethod::croston : IntermittentMethod::sba;
}

BODEGA_INLINE float IntermittentState::mean(const IntermittentOptions& options) const noexcept {
  if (sales <= 1) return 0;
  const float intervals = sales - 1;
  const float still_mean = std::max(0.0f, 1 / intervals - options.interval_smoothing);
  const float typical = interval + still_mean * waited;
  switch (chosen(options)) {
    case IntermittentMethod::croston:
      return size / typical;
    case IntermittentMethod::sba: {  // the bias is that of smoothing, and comes with it
      const float smoothed = std::min(1.0f, intervals * options.interval_smoothing);
      return (1 - smoothed * options.interval_smoothing / 2) * size / typical;
    }
    default:
      return chance * size;
  }
}

BODEGA_INLINE float IntermittentState::quantile(const IntermittentOptions& options,
                                                float level) const noexcept {
  if (!started()) return 0;
  const bool dying = chosen(options) == IntermittentMethod::tsb && chance * days < sales;
  const double of_all = dying ? double{chance} / double{sales} : 1 / double{days};
  double below = dying ? 1 - double{chance} : (double{days} - double{sales}) / double{days};
  double seen = 0;
  std::size_t at = 0;
  for (; static_cast<float>(below) < level && at < most_sizes && counts[at] > 0; ++at) {
    seen += double{counts[at]};
    below = dying ? 1 - double{chance} + seen * of_all
                  : (double{days} - double{sales} + seen) / double{days};
  }
  return at > 0 ? sizes[at - 1] : 0;
}

BODEGA_INLINE void IntermittentState::count_size(float units) noexcept {
  constexpr float same = 1e-6f;
  std::size_t used = 0;
  while (used < most_sizes && counts[used] > 0) ++used;
  std::size_t at = 0;
  while (at < used && sizes[at] < units * (1 - same)) ++at;
  if (at < used && sizes[at] <= units * (1 + same)) {
    ++counts[at];
    return;
  }
  std::array<float, most_sizes + 1> size_of{}, days_of{};
  for (std::size_t i = 0, from = 0; i <= used; ++i) {
    size_of[i] = i == at ? units : sizes[from];
    days_of[i] = i == at ? 1 : counts[from];
    from += i != at;
  }
  if (used == most_sizes) {  // the two whose mean moves least
    std::size_t nearest = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < used; ++i) {
      const double apart = double{size_of[i + 1]} - double{size_of[i]};
      const double moved = apart * apart * double{days_of[i]} * double{days_of[i + 1]} /
                           (double{days_of[i]} + double{days_of[i + 1]});
      if (moved < least * (1 - 1e-5)) {  // not by the rounding of another unit of measure
        least = moved;
        nearest = i;
      }
    }
    const double all = double{days_of[nearest]} + double{days_of[nearest + 1]};
    size_of[nearest] =
        static_cast<float>((double{size_of[nearest]} * double{days_of[nearest]} +
                            double{size_of[nearest + 1]} * double{days_of[nearest + 1]}) /
                           all);
    days_of[nearest] = static_cast<float>(all);
    for (std::size_t i = nearest + 1; i < used; ++i) {
      size_of[i] = size_of[i + 1];
      days_of[i] = days_of[i + 1];
    }
  }
  std::copy_n(size_of.begin(), most_sizes, sizes.begin());
  std::copy_n(days_of.begin(), most_sizes, counts.begin());
}

#endif

}  // namespace bodega::inline BODEGA_ABI
