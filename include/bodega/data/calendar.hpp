// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/daily_sales.hpp>

namespace bodega::inline BODEGA_ABI {

/// Days of the week, 0 = Monday to 6 = Sunday.
class Weekdays {
 public:
  constexpr Weekdays() noexcept = default;
  static constexpr Weekdays all() noexcept { return Weekdays(0x7F); }

  constexpr bool holds(int weekday) const noexcept { return (bits_ >> weekday & 1) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }
  constexpr Weekdays with(int weekday) const noexcept {
    return Weekdays(static_cast<std::uint8_t>(bits_ | 1 << weekday));
  }
  constexpr Weekdays without(int weekday) const noexcept {
    return Weekdays(static_cast<std::uint8_t>(bits_ & ~(1 << weekday)));
  }
  constexpr bool operator==(const Weekdays&) const noexcept = default;

 private:
  constexpr explicit Weekdays(std::uint8_t bits) noexcept : bits_(bits) {}
  std::uint8_t bits_ = 0;
};

/// The weekdays on which the shop usually trades: those with at least half as many days of trade
/// as the busiest weekday, so that one Sunday before Christmas makes no Sunday shop.
Weekdays weekdays_traded(const DailySales& sales) noexcept;

/// The first day after `day` on one of the weekdays; the next day where there is no weekday.
constexpr Day next_trading_day(Day day, Weekdays traded) noexcept {
  do ++day;
  while (!traded.empty() && !traded.holds(day.weekday()));
  return day;
}

/// What a forecaster may know of a day in advance.
struct DayFeatures {
  int weekday = 0;       ///< 0 = Monday
  int month = 1;         ///< 1 to 12
  int day_of_month = 1;  ///< 1 to 31
  bool holiday = false, open = true;
};

/// When a shop is open: its weekdays, less the days it stays closed; and which days are holidays
/// (a shop may be open on one). Const calls may run from many threads.
class Calendar {
 public:
  Calendar() = default;
  explicit Calendar(Weekdays open) : open_(open) {}

  void close(Day day) { insert(closed_, day); }
  void add_holiday(Day day) { insert(holidays_, day); }

  bool open(Day day) const noexcept { return open_.holds(day.weekday()) && !holds(closed_, day); }
  bool holiday(Day day) const noexcept { return holds(holidays_, day); }

  /// The first open day after `day`; the next day where no weekday is open.
  Day next_trading_day(Day day) const noexcept;

  DayFeatures features(Day day) const noexcept {
    const Day::Civil civil = day.civil();
    return {day.weekday(), civil.month, civil.day, holiday(day), open(day)};
  }

 private:
  static void insert(std::vector<Day>& days, Day day) {
    const auto at = std::lower_bound(days.begin(), days.end(), day);
    if (at == days.end() || *at != day) days.insert(at, day);
  }
  static bool holds(const std::vector<Day>& days, Day day) noexcept {
    return std::binary_search(days.begin(), days.end(), day);
  }

  Weekdays open_ = Weekdays::all();
  std::vector<Day> closed_, holidays_;  // rising
};

#if BODEGA_BODIES

BODEGA_INLINE Weekdays weekdays_traded(const DailySales& sales) noexcept {
  std::array<std::size_t, 7> count{};
  for (std::size_t c = 0; c < sales.days(); ++c)
    if (sales.traded(c)) ++count[static_cast<std::size_t>(sales.day(c).weekday())];
  const std::size_t most = *std::max_element(count.begin(), count.end());
  Weekdays result;
  for (int weekday = 0; weekday < 7; ++weekday) {
    const std::size_t days = count[static_cast<std::size_t>(weekday)];
    if (days > 0 && 2 * days >= most) result = result.with(weekday);
  }
  return result;
}

BODEGA_INLINE Day Calendar::next_trading_day(Day day) const noexcept {
  do day = bodega::next_trading_day(day, open_);
  while (!open_.empty() && holds(closed_, day));
  return day;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
