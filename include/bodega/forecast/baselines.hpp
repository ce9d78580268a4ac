// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

/// The naive ladder: what a network has to beat to earn its bytes.
namespace bodega::inline BODEGA_ABI {

/// Forecasts as many as on the last known day. Returns 0 if no day is known; so do all baselines
/// here.
struct LastDay {
  float forecast(const SalesWindow& window) const noexcept;
};

/// Forecasts the mean of the window's known days.
struct WindowMean {
  float forecast(const SalesWindow& window) const noexcept;
};

/// Forecasts as many as on the latest known day with the target's weekday, which for a shop that
/// trades every day is a week before. Returns the window's mean if it has no such day.
struct SameWeekday {
  float forecast(const SalesWindow& window) const noexcept;
};

/// The window's level times the target's weekday factor. The level is the sum of the known sales
/// over the sum of their days' factors, so a window with two Sundays is not taken for a good
/// fortnight. Seven numbers, Monday first, whose mean is 1; `fit_weekday_mean`
/// (baselines_trainer.hpp) finds them.
class WeekdayMean {
 public:
  static constexpr std::string_view kind = "weekday_mean";

  /// All days alike: the window's mean.
  WeekdayMean() : factors_(7, 1.0f) {}
  /// Error (shape, not_finite, out_of_range) unless seven finite numbers, none negative, of a sum
  /// above 0.
  explicit WeekdayMean(std::vector<float> factors) : factors_(std::move(factors)) {
    validate("WeekdayMean");
  }

  std::span<const float> factors() const noexcept { return factors_; }

  float level(const SalesWindow& window) const noexcept;

  float forecast(const SalesWindow& window) const noexcept {
    return level(window) * factor(window.target);
  }
  float forecast(std::span<const float, window_days> sales, Day target) const noexcept {
    return forecast(SalesWindow(sales, target));
  }

  void validate(const std::string& where) const;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("factors", self.factors_);
  }

 private:
  float factor(Day day) const noexcept { return factors_[static_cast<std::size_t>(day.weekday())]; }

  std::vector<float> factors_;
};

#if BODEGA_BODIES

BODEGA_INLINE float LastDay::forecast(const SalesWindow& window) const noexcept {
  for (std::size_t i = window_days; i-- > 0;)
    if (window.knows(i)) return window.sales[i];
  return 0.0f;
}

BODEGA_INLINE float WindowMean::forecast(const SalesWindow& window) const noexcept {
  double sold = 0, days = 0;
  for (std::size_t i = 0; i < window_days; ++i)
    if (window.knows(i)) {
      sold += window.sales[i];
      ++days;
    }
  return days > 0 ? static_cast<float>(sold / days) : 0.0f;
}

BODEGA_INLINE float SameWeekday::forecast(const SalesWindow& window) const noexcept {
  for (std::size_t i = window_days; i-- > 0;)
    if (window.knows(i) && window.days[i].weekday() == window.target.weekday())
      return window.sales[i];
  return WindowMean{}.forecast(window);
}

BODEGA_INLINE float WeekdayMean::level(const SalesWindow& window) const noexcept {
  float sold = 0, expected = 0;
  for (std::size_t i = 0; i < window_days; ++i) {
    if (!window.knows(i)) continue;
    sold += window.sales[i];
    expected += factor(window.days[i]);
  }
  return expected > 0 ? sold / expected : 0.0f;
}

BODEGA_INLINE void WeekdayMean::validate(const std::string& where) const {
  validate_size(factors_.size(), 7, where + ", factors");
  validate_range(factors_, 0, plausible::share, where + ", factors");
  float sum = 0;
  for (const float f : factors_) sum += f;
  if (!(sum > 0)) throw Error(ErrorCode::out_of_range, where + ", factors", "a sum above 0", "0");
}

#endif

}  // namespace bodega::inline BODEGA_ABI
