// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>

namespace bodega::inline BODEGA_ABI {

/// A decimal number with a fixed number of places, kept as an integer: sums of prices and weights
/// are exact and the same on every machine. `Scale` is 10 to the number of places.
template <class Tag, std::int64_t Scale>
class FixedPoint {
 public:
  static constexpr std::int64_t scale = Scale;

  constexpr FixedPoint() noexcept = default;
  static constexpr FixedPoint from_raw(std::int64_t raw) noexcept {
    return FixedPoint(raw < -INT64_MAX ? -INT64_MAX : raw);
  }
  static constexpr FixedPoint from_whole(std::int64_t whole) noexcept {
    constexpr std::int64_t most = INT64_MAX / Scale;
    return FixedPoint((whole > most ? most : whole < -most ? -most : whole) * Scale);
  }

  /// Text such as "12", "-3.5" or "0.0010". Nothing where the text is not such a number, has more
  /// places than are kept (other than zeros), or does not fit.
  static constexpr std::optional<FixedPoint> parse(std::string_view text) noexcept {
    const bool negative = !text.empty() && text.front() == '-';
    if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
    std::int64_t raw = 0, place = 0;  // place: 0 before the point, then Scale/10, Scale/100, ...
    bool point = false, digits = false;
    for (const char c : text) {
      if (c == '.' && !point) {
        point = true;
        place = Scale;
        continue;
      }
      if (c < '0' || c > '9') return std::nullopt;
      digits = true;
      const std::int64_t digit = c - '0';
      if (!point) {
        if (raw > (limit - digit * Scale) / 10) return std::nullopt;
        raw = raw * 10 + digit * Scale;
      } else {
        place /= 10;
        if (place == 0 && digit != 0) return std::nullopt;
        raw += digit * place;
      }
    }
    if (!digits) return std::nullopt;
    return FixedPoint(negative ? -raw : raw);
  }

  constexpr std::int64_t raw() const noexcept { return raw_; }
  constexpr double value() const noexcept {
    return static_cast<double>(raw_) / static_cast<double>(Scale);
  }

  constexpr auto operator<=>(const FixedPoint&) const noexcept = default;
  constexpr FixedPoint operator-() const noexcept { return FixedPoint(-raw_); }
  /// Sums that do not fit stay at the largest number that does, so that no overflow turns a sale
  /// into a return.
  constexpr FixedPoint& operator+=(FixedPoint other) noexcept {
    if (other.raw_ > 0)
      raw_ = raw_ > INT64_MAX - other.raw_ ? INT64_MAX : raw_ + other.raw_;
    else
      raw_ = raw_ < -INT64_MAX - other.raw_ ? -INT64_MAX : raw_ + other.raw_;
    return *this;
  }
  constexpr FixedPoint& operator-=(FixedPoint other) noexcept { return *this += -other; }
  friend constexpr FixedPoint operator+(FixedPoint a, FixedPoint b) noexcept { return a += b; }
  friend constexpr FixedPoint operator-(FixedPoint a, FixedPoint b) noexcept { return a -= b; }

 private:
  static constexpr std::int64_t limit = INT64_MAX / 16;
  constexpr explicit FixedPoint(std::int64_t raw) noexcept : raw_(raw) {}
  std::int64_t raw_ = 0;
};

using Quantity = FixedPoint<struct QuantityTag, 1'000>;  ///< pieces, kilograms, litres: 3 places
using Money = FixedPoint<struct MoneyTag, 10'000>;       ///< the shop's currency: 4 places

/// A calendar day of the years 1 to 9999, as the number of days since 1970-01-01 (proleptic
/// Gregorian). Sums and differences beyond these years stay at their first and last day.
class Day {
 public:
  static constexpr std::int32_t first_number = -719'162;  ///< 0001-01-01
  static constexpr std::int32_t last_number = 2'932'896;  ///< 9999-12-31

  constexpr Day() noexcept = default;
  /// Throws Error(out_of_range) beyond the years 1 to 9999: seconds or milliseconds taken for days.
  constexpr explicit Day(std::int64_t days_since_1970)
      : days_(static_cast<std::int32_t>(days_since_1970)) {
    if (days_since_1970 < first_number || days_since_1970 > last_number)
      throw Error(ErrorCode::out_of_range, "Day", "days since 1970 of the years 1 to 9999",
                  std::to_string(days_since_1970));
  }
  /// The nearest day of these years.
  static constexpr Day nearest(std::int64_t days_since_1970) noexcept {
    Day day;
    day.days_ = static_cast<std::int32_t>(days_since_1970 < first_number  ? first_number
                                          : days_since_1970 > last_number ? last_number
                                                                          : days_since_1970);
    return day;
  }

  struct Civil {
    int year = 1970, month = 1, day = 1;
  };

  /// Nothing where there is no such day (2011-02-30). Formula: Hinnant, "chrono-compatible
  /// low-level date algorithms".
  static constexpr std::optional<Day> from_civil(int year, int month, int day) noexcept {
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in(year, month))
      return std::nullopt;
    const int y = year - (month <= 2);
    const int era = y / 400;
    const int year_of_era = y - era * 400;
    const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return nearest(std::int64_t{era} * 146097 + day_of_era - 719468);
  }

  /// "YYYY-MM-DD"; nothing where the text is not a day in that form.
  static constexpr std::optional<Day> parse(std::string_view text) noexcept {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    int parts[3] = {0, 0, 0};
    for (int i = 0, part = 0; i < 10; ++i) {
      if (i == 4 || i == 7) {
        ++part;
      } else {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        parts[part] = parts[part] * 10 + (text[i] - '0');
      }
    }
    return from_civil(parts[0], parts[1], parts[2]);
  }

  constexpr Civil civil() const noexcept {
    const std::int64_t z = std::int64_t{days_} + 719468;
    const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const int day_of_era = static_cast<int>(z - era * 146097);
    const int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int mp = (5 * day_of_year + 2) / 153;
    const int month = mp + (mp < 10 ? 3 : -9);
    const int year = static_cast<int>(year_of_era + era * 400) + (month <= 2);
    return {year, month, day_of_year - (153 * mp + 2) / 5 + 1};
  }

  std::string to_string() const {
    const Civil c = civil();
    std::string text = "0000-00-00";
    for (int i = 3, v = c.year; i >= 0; --i, v /= 10) text[i] = static_cast<char>('0' + v % 10);
    text[5] = static_cast<char>('0' + c.month / 10);
    text[6] = static_cast<char>('0' + c.month % 10);
    text[8] = static_cast<char>('0' + c.day / 10);
    text[9] = static_cast<char>('0' + c.day % 10);
    return text;
  }

  constexpr std::int32_t days_since_1970() const noexcept { return days_; }

  /// 0 is Monday, 6 is Sunday (ISO 8601 counts the same days from 1).
  constexpr int weekday() const noexcept {
    constexpr std::int64_t far_back = std::int64_t{7} << 29;  // whole weeks: nothing is below 0
    return static_cast<int>(static_cast<std::uint64_t>(days_ + far_back + 3) % 7);
  }

  constexpr auto operator<=>(const Day&) const noexcept = default;
  constexpr Day& operator++() noexcept { return *this = *this + 1; }
  friend constexpr Day operator+(Day day, int days) noexcept {
    return nearest(std::int64_t{day.days_} + days);
  }
  friend constexpr Day operator-(Day day, int days) noexcept {
    return nearest(std::int64_t{day.days_} - days);
  }
  friend constexpr int operator-(Day a, Day b) noexcept { return a.days_ - b.days_; }

 private:
  static constexpr int days_in(int year, int month) noexcept {
    if (month == 2) return 28 + ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0);
    return 30 + ((month + (month > 7)) % 2);
  }
  std::int32_t days_ = 0;
};

/// A moment of the shop's own clock (local time, no zone), in seconds since 1970-01-01 00:00, of
/// the years 1 to 9999.
class Moment {
 public:
  constexpr Moment() noexcept = default;
  /// Throws Error(out_of_range) beyond the years 1 to 9999: milliseconds taken for seconds.
  constexpr explicit Moment(std::int64_t seconds) : seconds_(seconds) {
    if (seconds < first_second || seconds > last_second)
      throw Error(ErrorCode::out_of_range, "Moment", "seconds since 1970 of the years 1 to 9999",
                  std::to_string(seconds));
  }
  constexpr Moment(Day day, int second_of_day = 0)
      : Moment(std::int64_t{day.days_since_1970()} * 86400 + second_of_day) {}

  /// "YYYY-MM-DD", "YYYY-MM-DD HH:MM" or "YYYY-MM-DD HH:MM:SS"; a `T` may stand for the blank.
  static constexpr std::optional<Moment> parse(std::string_view text) noexcept {
    const auto day = Day::parse(text.substr(0, 10));
    if (!day) return std::nullopt;
    if (text.size() == 10) return Moment(*day);
    if ((text.size() != 16 && text.size() != 19) || (text[10] != ' ' && text[10] != 'T'))
      return std::nullopt;
    int parts[3] = {0, 0, 0};
    for (std::size_t i = 11, part = 0; i < text.size(); ++i) {
      if (i == 13 || i == 16) {
        if (text[i] != ':') return std::nullopt;
        ++part;
      } else {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        parts[part] = parts[part] * 10 + (text[i] - '0');
      }
    }
    if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
    return Moment(*day, parts[0] * 3600 + parts[1] * 60 + parts[2]);
  }

  constexpr std::int64_t seconds_since_1970() const noexcept { return seconds_; }
  constexpr Day day() const noexcept {
    const std::int64_t days = seconds_ / 86400 - (seconds_ % 86400 < 0);
    return Day::nearest(days);
  }
  /// The business day, which begins `starts_at` seconds after midnight.
  constexpr Day business_day(int starts_at) const noexcept {
    return Moment(seconds_ - starts_at).day();
  }
  constexpr int second_of_day() const noexcept {
    return static_cast<int>(seconds_ - std::int64_t{day().days_since_1970()} * 86400);
  }
  constexpr auto operator<=>(const Moment&) const noexcept = default;

 private:
  static constexpr std::int64_t first_second = std::int64_t{Day::first_number} * 86400;
  static constexpr std::int64_t last_second = std::int64_t{Day::last_number} * 86400 + 86399;

  std::int64_t seconds_ = 0;
};

}  // namespace bodega::inline BODEGA_ABI
