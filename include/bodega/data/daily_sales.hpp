// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/exact_sum.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/room.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/day_sales.hpp>
#include <bodega/data/table_days.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Units sold, items x days. Zeros that are no demand are unknown: of days without trade, of an
/// item that was sold out (`mark_unknown`) or not in the shop. It is from its first sale on, or
/// from an earlier day that is declared (`list`), but for days on which it was away (`mark_away`).
/// An unknown cell holds 0. Columns are either all calendar days from the first to the last, or
/// (see `trading_days`) only those with trade. Const calls may run from many threads.
class DailySales {
 public:
  static constexpr std::string_view kind = "daily_sales";

  DailySales() = default;
  /// `days` consecutive calendar days from `first_day`, all zero and without trade.
  DailySales(std::size_t items, Day first_day, std::size_t days)
      : units_(items, days), days_(days), traded_(days, 0), starts_(items, never) {
    for (std::size_t i = 0; i < days; ++i)
      days_[i] = first_day.days_since_1970() + static_cast<std::int32_t>(i);
  }
  /// What was sold on `days`, a column of `units` each (items x days); calendar days between them
  /// are without trade. `known`, where given, is of the same shape: cells with 0 are unknown, and
  /// what stands in `units` there is not read. Errors: shape, duplicate (a day twice), format (days
  /// that do not rise), not_finite and out_of_range (units that are NaN, infinite or below 0; more
  /// than 2^28 cells).
  DailySales(std::span<const Day> days, const Matrix<float>& units,
             const Matrix<std::uint8_t>& known = {})
      : DailySales(units.rows(), days.empty() ? Day() : days.front(),
                   detail::columns_of(days, units.rows())) {
    validate_size(units.columns(), days.size(), "DailySales, columns of units");
    if (known.size() > 0) {
      validate_size(known.rows(), items(), "DailySales, rows of known");
      validate_size(known.columns(), days.size(), "DailySales, columns of known");
    }
    for (std::size_t c = 0; c < days.size(); ++c) {
      const std::size_t at = open(days[c]);
      for (std::size_t i = 0; i < items(); ++i) {
        const ItemIndex item(static_cast<std::uint32_t>(i));
        if (known.size() > 0 && known(i, c) == 0) {
          mark_unknown(item, days[c]);
          continue;
        }
        const float sold = units(i, c);
        if (!std::isfinite(sold) || sold < 0)
          throw Error(std::isfinite(sold) ? ErrorCode::out_of_range : ErrorCode::not_finite,
                      "DailySales, item " + std::to_string(i) + ", " + days[c].to_string(),
                      "0 units or more", std::to_string(sold));
        units_(i, at) = sold;
      }
    }
    restore();
  }

  std::size_t items() const noexcept { return units_.rows(); }
  /// Number of columns.
  std::size_t days() const noexcept { return days_.size(); }
  Day day(std::size_t column) const noexcept { return Day::nearest(days_[column]); }
  /// Want at least one column.
  Day first_day() const noexcept { return day(0); }
  Day last_day() const noexcept { return day(days() - 1); }
  bool traded(std::size_t column) const noexcept { return traded_[column] != 0; }
  /// The column of `day`, days() where it has none. Cost: the logarithm of days().
  std::size_t column(Day day) const noexcept {
    const auto at = std::lower_bound(days_.begin(), days_.end(), day.days_since_1970());
    return at != days_.end() && *at == day.days_since_1970()
               ? static_cast<std::size_t>(at - days_.begin())
               : days();
  }
  /// True where columns without trade were left out.
  bool only_trading_days() const noexcept { return only_trading_days_ != 0; }

  float at(ItemIndex item, std::size_t column) const noexcept {
    return units_(item.value(), column);
  }
  /// The shop traded, the item was in it, and nothing says that its sales were cut short.
  bool known(ItemIndex item, std::size_t column) const noexcept {
    return traded(column) && mark(item, column) == 0 && column >= start(item);
  }
  /// The item was in the shop, though it may have been sold out or the shop closed.
  bool present(ItemIndex item, std::size_t column) const noexcept {
    return column >= start(item) && mark(item, column) != away;
  }
  /// The item's first column in the shop; days() or more where it has none.
  std::size_t start(ItemIndex item) const noexcept {
    return item.value() < starts_.size() ? starts_[item.value()] : 0;
  }
  /// Nothing but its sale on that day tells that the item is in the shop, or back in it: what sold
  /// counts, but it does not tell how often. Never on the table's first day with trade.
  bool first_sale(ItemIndex item, std::size_t column) const noexcept {
    if (!(at(item, column) > 0)) return false;
    std::size_t before = column;
    while (before > 0 && !traded(before - 1)) --before;
    return before > 0 && (mark(item, before - 1) == away ||
                          (column == start(item) && !listed_before(item, column)));
  }
  /// The item was in the shop once and is no longer on the last day with trade.
  bool gone(ItemIndex item) const noexcept {
    for (std::size_t c = days(); c-- > 0;)
      if (traded(c)) return start(item) <= c && mark(item, c) == away;
    return false;
  }
  /// The item's units where they are known.
  std::optional<float> units(ItemIndex item, std::size_t column) const noexcept {
    return known(item, column) ? std::optional(at(item, column)) : std::nullopt;
  }
  /// All items' units of a day; borrowed.
  DaySales day_sales(std::size_t column) const noexcept { return {day(column), *this, column}; }
  /// Some cell of a day with trade is unknown.
  bool has_unknown() const noexcept { return unknown_.size() > 0; }
  /// The item's units, one for each column.
  std::span<const float> row(ItemIndex item) const noexcept { return units_.row(item.value()); }

  /// Adds units to a day, which has then traded; sums are exact to a double. Negative units (a
  /// return) lower the day, not below zero. A cell that is unknown stays so. A day after the last
  /// one is appended, with the calendar days between them where columns are calendar days. Error
  /// (out_of_range, not_finite) on an unknown item, on a day before the last one that has no
  /// column, and on units that are not finite; nothing is changed then, nor where memory ends.
  /// Cost: constant, but a new day copies all columns.
  void add(ItemIndex item, Day day, double units) {
    check(item, "DailySales");
    if (!(std::abs(units) <= double{std::numeric_limits<float>::max()}))
      throw Error(ErrorCode::not_finite, "DailySales, item " + std::to_string(item.value()),
                  "a number of units", std::to_string(units));
    const bool more_than_float =
        units != static_cast<double>(static_cast<float>(units)) || rest_.size() > 0;
    std::size_t at = column(day);
    const double before = at < days() ? double{units_(item.value(), at)} : 0.0;
    if ((more_than_float ||
         before + units != static_cast<double>(static_cast<float>(before + units))) &&
        rest_.size() == 0 && days() > 0)
      rest_ = Matrix<float>(items(), days());
    at = open(day, more_than_float);
    if (mark(item, at) != 0) return;
    float none = 0, &sold = units_(item.value(), at);
    add_exactly(sold, rest_.size() > 0 ? rest_(item.value(), at) : none, units, 0);
    if (sold > 0 ? at < start(item) : at == start(item)) find_start(item);
  }

  /// The item is in the shop from `day` on, whether or not it sold; its first sale on a day before
  /// still counts. Throws Error(out_of_range) for an unknown item.
  void list(ItemIndex item, Day day) {
    check(item, "DailySales, list");
    if (listed_.empty()) listed_.assign(items(), unlisted);
    listed_[item.value()] = day.days_since_1970();
    find_start(item);
  }

  /// The item was not in the shop on that day, though it was before: the cell is unknown and holds
  /// 0 from now on. Error as of `mark_unknown`.
  void mark_away(ItemIndex item, Day day) { mark(item, day, away); }
  /// Takes all such marks back: those cells are known zeros again. Returns their number.
  std::size_t clear_away() noexcept {
    std::size_t count = 0;
    for (std::uint8_t& mark : unknown_.values())
      if (mark == away) mark = 0, ++count;
    return count;
  }

  /// The item was sold out for a part of that day: how many would have been sold nobody knows, and
  /// the cell holds 0 from now on. Error (out_of_range) for an unknown item or a day not here.
  void mark_unknown(ItemIndex item, Day day) { mark(item, day, sold_out); }

  /// Marks a day as traded whether or not anything was sold, appending it as `add` does, and
  /// returns its column.
  std::size_t open(Day day) { return open(day, false); }

  /// Only the days with trade, side by side; each column keeps its Day.
  DailySales trading_days() const {
    std::vector<std::size_t> kept;
    for (std::size_t c = 0; c < days(); ++c)
      if (traded(c)) kept.push_back(c);
    DailySales result = select(kept);
    result.only_trading_days_ = 1;
    return result;
  }

  /// Columns [begin, end), clamped to those that are there.
  DailySales slice(std::size_t begin, std::size_t end) const {
    std::vector<std::size_t> kept;
    for (std::size_t c = begin; c < std::min(end, days()); ++c) kept.push_back(c);
    return select(kept);
  }

  /// The last `count` columns, or all where there are fewer: what a till needs to forecast.
  DailySales tail(std::size_t count) const {
    return slice(days() - std::min(count, days()), days());
  }

  void validate(const std::string& where) const {
    validate_size(units_.columns(), days_.size(), where + ", columns of units");
    validate_size(traded_.size(), days_.size(), where + ", traded");
    if (has_unknown()) {
      validate_size(unknown_.rows(), items(), where + ", rows of unknown");
      validate_size(unknown_.columns(), days(), where + ", columns of unknown");
    }
    validate_finite(units_.values(), where + ", units");
    const auto want = [](bool good, const std::string& of, const char* expected, auto found) {
      if (!good) throw Error(ErrorCode::out_of_range, of, expected, std::to_string(found));
    };
    const auto is_day = [](std::int32_t day) {
      return day >= Day::first_number && day <= Day::last_number;
    };
    want(only_trading_days_ <= 1, where + ", only_trading_days", "0 or 1", only_trading_days_);
    for (std::size_t c = 0; c < days(); ++c) {
      const std::string column = where + ", column " + std::to_string(c);
      want(is_day(days_[c]), column, "a day of the years 1 to 9999", days_[c]);
      if (c > 0 && (only_trading_days() ? days_[c] <= days_[c - 1] : days_[c] != days_[c - 1] + 1))
        throw Error(ErrorCode::format, column,
                    only_trading_days() ? "a later day than in the column before" : "the next day",
                    day(c).to_string() + " after " + day(c - 1).to_string());
      want(traded_[c] == 1 || (traded_[c] == 0 && !only_trading_days()), column + ", traded",
           only_trading_days() ? "1" : "0 or 1", traded_[c]);
      for (std::size_t i = 0; i < items(); ++i) {
        const float units = units_(i, c);
        if (units < 0 || (units > 0 && !traded(c)))
          want(false, column + ", item " + std::to_string(i),
               traded(c) ? "0 units or more" : "0 units on a day without trade", units);
        if (has_unknown() && (unknown_(i, c) > away || (unknown_(i, c) > 0 && units > 0)))
          want(false, column + ", unknown of item " + std::to_string(i),
               "0, or 1 or 2 and no units", unknown_(i, c));
      }
    }
    if (!listed_.empty()) validate_size(listed_.size(), items(), where + ", listed");
    for (const std::int32_t day : listed_)
      want(day == unlisted || is_day(day), where + ", listed", "days of the years 1 to 9999", day);
  }

  /// To be called when parameters were changed in place.
  void restore() {
    starts_.assign(items(), never);
    for (std::uint32_t i = 0; i < items(); ++i) find_start(ItemIndex(i));
  }
  static constexpr bool added_later(std::string_view parameter) noexcept {
    return parameter == "listed";
  }
  bool uses_added() const noexcept { return !listed_.empty(); }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("units", self.units_);
    visit("days", self.days_);
    visit("traded", self.traded_);
    visit("unknown", self.unknown_);
    visit("only_trading_days", self.only_trading_days_);
    visit("listed", self.listed_);
  }

  bool operator==(const DailySales& other) const {
    return units_ == other.units_ && unknown_ == other.unknown_ && days_ == other.days_ &&
           traded_ == other.traded_ && only_trading_days_ == other.only_trading_days_ &&
           listed_ == other.listed_;
  }

 private:
  static constexpr std::uint8_t sold_out = 1, away = 2;  // of unknown_
  static constexpr std::uint32_t never = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::int32_t unlisted = std::numeric_limits<std::int32_t>::max();

  void check(ItemIndex item, const char* where) const {
    if (item.value() >= items())
      throw Error(ErrorCode::out_of_range, where, "an item below " + std::to_string(items()),
                  std::to_string(item.value()));
  }
  std::uint8_t mark(ItemIndex item, std::size_t column) const noexcept {
    return unknown_.size() == 0 ? std::uint8_t{0} : unknown_(item.value(), column);
  }
  void mark(ItemIndex item, Day day, std::uint8_t as) {
    const char* where = as == away ? "DailySales, mark_away" : "DailySales, mark_unknown";
    check(item, where);
    const std::size_t at = column(day);
    if (at == days())
      throw Error(ErrorCode::out_of_range, where, "a day of the table", day.to_string());
    if (unknown_.size() == 0) unknown_ = Matrix<std::uint8_t>(items(), days());
    unknown_(item.value(), at) = as;
    units_(item.value(), at) = 0;
    if (rest_.size() > 0) rest_(item.value(), at) = 0;
    if (at == start(item)) find_start(item);
  }

  bool listed_before(ItemIndex item, std::size_t column) const noexcept {
    return !listed_.empty() && listed_[item.value()] <= days_[column];
  }
  void find_start(ItemIndex item) noexcept {
    if (item.value() >= starts_.size()) return;  // not restored yet
    const auto row = this->row(item);
    std::size_t at = static_cast<std::size_t>(
        std::find_if(row.begin(), row.end(), [](float units) { return units > 0; }) - row.begin());
    if (!listed_.empty())
      at = std::min(at, static_cast<std::size_t>(
                            std::lower_bound(days_.begin(), days_.end(), listed_[item.value()]) -
                            days_.begin()));
    starts_[item.value()] = at == days() ? never : static_cast<std::uint32_t>(at);
  }

  /// `with_rest`: a column appended has room for what its floats cannot hold.
  std::size_t open(Day day, bool with_rest) {
    if (days_.empty() || day.days_since_1970() > days_.back()) append(day, with_rest);
    const std::size_t at = column(day);
    if (at == days())
      throw Error(ErrorCode::out_of_range, "DailySales",
                  only_trading_days()
                      ? "a day of the table or after its last, " + last_day().to_string()
                      : "a day from " + first_day().to_string(),
                  day.to_string());
    traded_[at] = 1;
    return at;
  }

  DailySales select(const std::vector<std::size_t>& columns) const {
    DailySales result;
    result.only_trading_days_ = only_trading_days_;
    result.units_ = Matrix<float>(items(), columns.size());
    for (const std::size_t c : columns) {
      result.days_.push_back(days_[c]);
      result.traded_.push_back(traded_[c]);
    }
    for (std::size_t i = 0; i < items(); ++i)
      for (std::size_t c = 0; c < columns.size(); ++c) result.units_(i, c) = units_(i, columns[c]);
    for (std::size_t i = 0; has_unknown() && i < items(); ++i)
      for (std::size_t c = 0; c < columns.size(); ++c)
        if (unknown_(i, columns[c]) != 0)
          result.mark(ItemIndex(static_cast<std::uint32_t>(i)), result.day(c),
                      unknown_(i, columns[c]));
    // What sold before the first column was in the shop then.
    result.listed_ = listed_;
    for (std::uint32_t i = 0; i < items() && !columns.empty(); ++i) {
      const std::size_t from = start(ItemIndex(i));
      if (from >= columns.front()) continue;
      if (result.listed_.empty()) result.listed_.assign(items(), unlisted);
      result.listed_[i] = days_[from];
    }
    result.restore();
    return result;
  }

  void append(Day day, bool with_rest) {
    const std::int32_t last = day.days_since_1970();
    std::int32_t first = last;
    if (!only_trading_days() && !days_.empty()) first = days_.back() + 1;
    const std::size_t before = days(), after = before + static_cast<std::size_t>(last - first) + 1;
    const auto widened = [&]<class T>(const Matrix<T>& table) {
      Matrix<T> wider(items(), after);
      for (std::size_t i = 0; i < table.rows(); ++i)
        std::copy_n(table.row(i).begin(), std::min(before, table.columns()), wider.row(i).begin());
      return wider;
    };
    Matrix<float> units = widened(units_), rest;
    Matrix<std::uint8_t> unknown;
    if (has_unknown()) unknown = widened(unknown_);
    if (with_rest || rest_.size() > 0) rest = widened(rest_);
    make_room(after - before, days_, traded_);
    units_ = std::move(units);
    unknown_ = std::move(unknown);
    rest_ = std::move(rest);
    traded_.resize(after, 0);
    for (std::int32_t d = first; d <= last; ++d) days_.push_back(d);
    for (std::uint32_t i = 0; i < items(); ++i)
      if (starts_[i] == never) find_start(ItemIndex(i));
  }

  Matrix<float> units_;
  Matrix<float> rest_;              // as units_: what they could not hold; empty where nothing
  Matrix<std::uint8_t> unknown_;    // as units_, sold_out or away; empty where none is
  std::vector<std::int32_t> days_;  // since 1970-01-01, rising
  std::vector<std::uint8_t> traded_;
  std::uint8_t only_trading_days_ = 0;
  std::vector<std::int32_t> listed_;   // since 1970-01-01, per item, or unlisted; empty: none is
  std::vector<std::uint32_t> starts_;  // first columns, what restore() finds; or never
};

}  // namespace bodega::inline BODEGA_ABI
