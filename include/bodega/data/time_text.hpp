// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// The order of day and month in dates such as 03/04/2024.
enum class DateOrder {
  infer,  ///< told by the whole column
  day_first,
  month_first
};
constexpr auto enum_names(DateOrder) noexcept {
  using enum DateOrder;
  return std::to_array<EnumName<DateOrder>>(
      {{infer, "infer"}, {day_first, "day_first"}, {month_first, "month_first"}});
}

/// A time as people and programs write it. The date: 2024-03-31, 31.03.2024, 3/31/2024, 31-Mar-24,
/// 20240331. The time of day, if there is one: 8:26, 08:26:05.123, 8:26 PM, T082605. A zone (Z,
/// +02:00) is passed over: the clock is read as it stands there. Years of two digits are those from
/// 1970 to 2069. Dates with points have the day first.
class TimeText {
 public:
  explicit TimeText(std::string_view text) noexcept : rest_(text) {
    trim();
    valid_ = take_date() && take_time() && take_zone() && rest_.empty();
  }

  bool valid() const noexcept { return valid_ && (at(true).has_value() || at(false).has_value()); }
  /// Whether a zone was named and passed over.
  bool zoned() const noexcept { return zoned_; }
  /// Whether it is one time with the day first, and another with the month first.
  bool either() const noexcept {
    return valid_ && order_ == DateOrder::infer && first_ != second_ && at(true) && at(false);
  }
  /// The order that the date has; `infer` if it does not tell.
  DateOrder order() const noexcept;

  /// The moment; nothing if there is none in this order. `infer`: what the date tells, or the day
  /// first.
  std::optional<Moment> read(DateOrder order) const noexcept;

 private:
  std::optional<Moment> at(bool day_first) const noexcept;

  bool take(char c) noexcept;
  void trim() noexcept;
  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

  /// Up to `most` digits as a number; the count of digits that were there.
  std::size_t take_number(int& value, std::size_t most) noexcept;

  /// An English name of a month, or its first three letters.
  bool take_month(int& month) noexcept;

  bool take_date() noexcept;

  bool take_year() noexcept;

  bool take_time() noexcept;

  /// Whether AM or PM comes next.
  bool is_half_day() const noexcept;

  bool take_fraction() noexcept;

  bool take_zone() noexcept;

  std::string_view rest_;
  bool valid_ = false, zoned_ = false;
  DateOrder order_ = DateOrder::infer;  // of this date; infer: the column tells
  int first_ = 0, second_ = 0, year_ = 0, seconds_ = 0;
};

/// The column of a file that holds times, and the order of its days and months.
class TimeColumn {
 public:
  explicit TimeColumn(DateOrder order = DateOrder::infer) noexcept : order_(order) {}

  /// Learns the order from a time; true if the time can be read already.
  bool learn(std::string_view text, std::size_t line);

  /// `infer` while no time has told.
  DateOrder order() const noexcept { return order_; }
  /// The line that told the order, 0 if the caller did.
  std::size_t decided_line() const noexcept { return decided_line_; }
  /// The first time that could not be read, and its line.
  const std::string& ambiguous() const noexcept { return ambiguous_; }
  std::size_t ambiguous_line() const noexcept { return ambiguous_line_; }

  /// The moment; nothing if the text is none.
  std::optional<Moment> read(std::string_view text, bool* zoned) const noexcept;

 private:
  DateOrder order_;
  std::size_t decided_line_ = 0, ambiguous_line_ = 0;
  std::string ambiguous_;
};

#if BODEGA_BODIES

BODEGA_INLINE DateOrder TimeText::order() const noexcept {
  if (!valid_ || order_ != DateOrder::infer || first_ == second_) return DateOrder::infer;
  return !at(false) ? DateOrder::day_first : !at(true) ? DateOrder::month_first : DateOrder::infer;
}

BODEGA_INLINE std::optional<Moment> TimeText::read(DateOrder order) const noexcept {
  if (!valid_) return std::nullopt;
  if (order == DateOrder::infer) order = this->order();
  return at(order != DateOrder::month_first);
}

BODEGA_INLINE std::optional<Moment> TimeText::at(bool day_first) const noexcept {
  if (order_ != DateOrder::infer) day_first = order_ == DateOrder::day_first;
  const auto day =
      Day::from_civil(year_, day_first ? second_ : first_, day_first ? first_ : second_);
  if (!day) return std::nullopt;
  return Moment(Moment(*day).seconds_since_1970() + seconds_);
}

BODEGA_INLINE bool TimeText::take(char c) noexcept {
  if (rest_.empty() || rest_.front() != c) return false;
  rest_.remove_prefix(1);
  return true;
}

BODEGA_INLINE void TimeText::trim() noexcept {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!rest_.empty() && (blank(rest_.front()) || rest_.starts_with("\xC2\xA0")))
    rest_.remove_prefix(rest_.front() == '\xC2' ? 2 : 1);
  while (!rest_.empty() && (blank(rest_.back()) || rest_.ends_with("\xC2\xA0")))
    rest_.remove_suffix(rest_.back() == '\xA0' ? 2 : 1);
}

BODEGA_INLINE std::size_t TimeText::take_number(int& value, std::size_t most) noexcept {
  value = 0;
  std::size_t digits = 0;
  for (; digits < most && !rest_.empty() && is_digit(rest_.front()); ++digits) {
    value = value * 10 + (rest_.front() - '0');
    rest_.remove_prefix(1);
  }
  return digits;
}

BODEGA_INLINE bool TimeText::take_month(int& month) noexcept {
  static constexpr std::array<std::string_view, 12> names = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  const auto same = [&](std::string_view name) {
    if (rest_.size() < name.size()) return false;
    for (std::size_t i = 0; i < name.size(); ++i)
      if ((rest_[i] | 0x20) != name[i]) return false;
    return true;
  };
  for (std::size_t m = 0; m < names.size(); ++m)
    for (const std::string_view name : {names[m], names[m].substr(0, 3)})
      if (same(name)) {
        month = static_cast<int>(m) + 1;
        rest_.remove_prefix(name.size());
        take('.');
        return true;
      }
  return false;
}

BODEGA_INLINE bool TimeText::take_date() noexcept {
  if (!rest_.empty() && !is_digit(rest_.front())) {  // Dec 1, 2010
    order_ = DateOrder::month_first;
    if (!take_month(first_)) return false;
    take(' ');
    if (take_number(second_, 2) == 0) return false;
    take(',');
    take(' ');
    return take_year();
  }
  std::size_t digits = take_number(first_, 8);
  if (digits == 8) {
    year_ = first_ / 10000;
    second_ = first_ % 100;
    first_ = first_ / 100 % 100;
    order_ = DateOrder::month_first;
    return true;
  }
  if (rest_.empty()) return false;
  const char separator = rest_.front();
  if (separator != '-' && separator != '/' && separator != '.' && separator != ' ') return false;
  rest_.remove_prefix(1);
  if (digits == 4) {  // 2024-3-31
    year_ = first_;
    order_ = DateOrder::month_first;
    return (take_number(first_, 2) > 0 || take_month(first_)) && take(separator) &&
           take_number(second_, 2) > 0;
  }
  if (digits == 0 || digits > 2) return false;
  if (take_month(second_)) {
    order_ = DateOrder::day_first;
  } else {
    if (separator == ' ' || take_number(second_, 2) == 0) return false;
    if (separator == '.') order_ = DateOrder::day_first;
  }
  return take(separator) && take_year();
}

BODEGA_INLINE bool TimeText::take_year() noexcept {
  const std::size_t digits = take_number(year_, 4);
  if (digits == 2) year_ += year_ < 70 ? 2000 : 1900;
  return digits == 4 || digits == 2;
}

BODEGA_INLINE bool TimeText::take_time() noexcept {
  if (rest_.empty()) return true;
  if (!take('T') && !take('t')) {
    take(',');
    if (!take(' ')) return false;
    trim();
  }
  int hour = 0, minute = 0, second = 0;
  const std::size_t digits = take_number(hour, 6);
  if (digits == 4 || digits == 6) {  // T0826, T082605
    second = digits == 6 ? hour % 100 : 0;
    if (digits == 6) hour /= 100;
    minute = hour % 100;
    hour /= 100;
  } else {
    if (digits == 0 || digits > 2) return false;
    if (take(':')) {
      if (take_number(minute, 2) != 2) return false;
      if (take(':') && take_number(second, 2) != 2) return false;
    } else if (!is_half_day()) {
      return false;
    }
  }
  if ((take('.') || take(',')) && !take_fraction()) return false;
  if (is_half_day()) {
    trim();
    const bool afternoon = (rest_[0] | 0x20) == 'p';
    const std::size_t letters = rest_.find_first_of("mM") + 1;
    rest_.remove_prefix(letters);
    take('.');
    if (hour < 1 || hour > 12) return false;
    hour = hour % 12 + (afternoon ? 12 : 0);
  }
  if (second == 60) second = 59;  // a leap second
  const bool midnight = hour == 24 && minute == 0 && second == 0;
  if ((hour > 23 && !midnight) || minute > 59 || second > 59) return false;
  seconds_ = hour * 3600 + minute * 60 + second;
  return true;
}

BODEGA_INLINE bool TimeText::is_half_day() const noexcept {
  std::string_view text = rest_;
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text.size() < 2 || ((text[0] | 0x20) != 'a' && (text[0] | 0x20) != 'p')) return false;
  text.remove_prefix(1);
  if (text.starts_with('.')) text.remove_prefix(1);
  return !text.empty() && (text[0] | 0x20) == 'm';
}

BODEGA_INLINE bool TimeText::take_fraction() noexcept {
  int part = 0;
  std::size_t digits = 0;
  while (take_number(part, 1) == 1) ++digits;
  return digits > 0;
}

BODEGA_INLINE bool TimeText::take_zone() noexcept {
  trim();
  if (rest_.empty()) return true;
  zoned_ = true;
  if (take('Z') || take('z')) return true;
  if (rest_ == "UTC" || rest_ == "GMT") {
    rest_ = {};
    return true;
  }
  int hours = 0, minutes = 0;
  if (!take('+') && !take('-')) return false;
  const std::size_t digits = take_number(hours, 4);
  if (digits == 4) {
    minutes = hours % 100;
    hours /= 100;
  } else if (digits != 2 || (take(':') && take_number(minutes, 2) != 2)) {
    return false;
  }
  return hours <= 14 && minutes <= 59;
}

BODEGA_INLINE bool TimeColumn::learn(std::string_view text, std::size_t line) {
  if (order_ != DateOrder::infer) return true;
  if (text.size() > 4 && text[4] == '-') return true;  // the usual form tells nothing
  const TimeText time(text);
  if (time.either()) {
    if (ambiguous_.empty()) ambiguous_ = text, ambiguous_line_ = line;
    return false;
  }
  order_ = time.order();
  if (order_ != DateOrder::infer) decided_line_ = line;
  return true;
}

BODEGA_INLINE std::optional<Moment> TimeColumn::read(std::string_view text,
                                                     bool* zoned) const noexcept {
  *zoned = false;
  if (const auto plain = Moment::parse(text)) return plain;
  const TimeText time(text);
  *zoned = time.zoned();
  return time.read(order_);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
