// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// What is on the shelf as a record of what happened: the amounts of `Stock` as plain numbers that
/// can be copied, saved and made again, and the time of which each was counted. An item whose stock
/// nobody told is unknown and counts as available.
/// Thread safety: const calls from many threads; a change excludes all others.
class StockBook {
 public:
  static constexpr std::string_view kind = "stock_book";
  static constexpr Quantity most_units = Quantity::from_whole(1'000'000'000);

  StockBook() = default;
  explicit StockBook(std::size_t items) { grow(items); }

  std::size_t items() const noexcept { return amounts_.size(); }
  /// More items at the end, of unknown stock. Strong guarantee.
  void grow(std::size_t items) {
    if (items <= amounts_.size()) return;
    amounts_.reserve(items);
    least_.reserve(items);
    as_of_.reserve(items);
    amounts_.resize(items, unknown);
    least_.resize(items, least_of_all_);
    as_of_.resize(items, never);
  }

  // Items that are not in the book are unknown and ignored.

  /// Nothing where it is unknown.
  std::optional<Quantity> units(ItemIndex item) const noexcept {
    if (!has(item) || amounts_[item.value()] < 0) return std::nullopt;
    return Quantity::from_raw(amounts_[item.value()]);
  }
  /// The least amount or more on the shelf, or unknown.
  bool available(ItemIndex item) const noexcept {
    const std::size_t i = item.value();
    return !has(item) || amounts_[i] < 0 || amounts_[i] >= least_[i];
  }
  /// Less than this is not available.
  Quantity least(ItemIndex item) const noexcept {
    return Quantity::from_raw(has(item) ? least_[item.value()] : least_of_all_);
  }
  /// The time of which the amount was counted; nothing where nobody said.
  std::optional<Moment> as_of(ItemIndex item) const noexcept {
    if (!has(item) || as_of_[item.value()] == never) return std::nullopt;
    return Moment(as_of_[item.value()]);
  }

  /// So much is there, as of a time; nothing: nobody knows. False, with nothing changed, where a
  /// later count is known; of equal times the last one counts. Amounts are held within 0 and a
  /// thousand million.
  bool set(ItemIndex item, std::optional<Quantity> units, Moment when) noexcept {
    if (!has(item)) return true;
    const std::size_t i = item.value();
    if (when.seconds_since_1970() < as_of_[i]) return false;
    as_of_[i] = when.seconds_since_1970();
    amounts_[i] = units ? std::clamp(*units, Quantity(), most_units).raw() : unknown;
    return true;
  }
  /// Nobody knows how much is there any more, whatever was counted when.
  void forget(ItemIndex item) noexcept {
    if (has(item)) amounts_[item.value()] = unknown;
  }
  /// So much came, or went where it is below 0; never below 0. What is unknown stays so.
  void add(ItemIndex item, Quantity units) noexcept {
    if (!has(item) || amounts_[item.value()] < 0) return;
    const Quantity change = std::clamp(units, -most_units, most_units);
    amounts_[item.value()] =
        std::clamp(Quantity::from_raw(amounts_[item.value()]) + change, Quantity(), most_units)
            .raw();
  }
  void set_least(ItemIndex item, Quantity units) noexcept {
    if (has(item)) least_[item.value()] = within(units);
  }
  /// For every item, also those that are yet to come.
  void set_least(Quantity units) noexcept {
    least_of_all_ = within(units);
    std::fill(least_.begin(), least_.end(), least_of_all_);
  }

  /// Takes over all that another book knows of an item.
  void copy(ItemIndex item, const StockBook& from, ItemIndex other) noexcept {
    if (!has(item) || !from.has(other)) return;
    amounts_[item.value()] = from.amounts_[other.value()];
    least_[item.value()] = from.least_[other.value()];
    as_of_[item.value()] = from.as_of_[other.value()];
  }
  void copy_defaults(const StockBook& from) noexcept { set_least(from.least_of_all()); }
  Quantity least_of_all() const noexcept { return Quantity::from_raw(least_of_all_); }

  void validate(const std::string& where) const {
    validate_size(least_.size(), items(), where + ", least");
    validate_size(as_of_.size(), items(), where + ", as_of");
    for (std::size_t i = 0; i < items(); ++i)
      if (amounts_[i] < unknown || amounts_[i] > most_units.raw() || !is_least(least_[i]))
        throw Error(ErrorCode::out_of_range, where + ", item " + std::to_string(i),
                    "an amount up to a thousand million", std::to_string(amounts_[i]));
    if (!is_least(least_of_all_))
      throw Error(ErrorCode::out_of_range, where + ", least_of_all", "above 0",
                  std::to_string(least_of_all_));
    for (const std::int64_t time : as_of_)
      if (time != never) Moment{time};  // throws
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("amounts", self.amounts_);
    visit("least", self.least_);
    visit("as_of", self.as_of_);
    visit("least_of_all", self.least_of_all_);
  }

  bool operator==(const StockBook&) const = default;

 private:
  static constexpr std::int64_t unknown = -1;
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min();

  bool has(ItemIndex item) const noexcept { return item.value() < amounts_.size(); }
  static bool is_least(std::int64_t amount) noexcept {
    return amount > 0 && amount <= most_units.raw();
  }
  static std::int64_t within(Quantity units) noexcept {
    return std::clamp(units, Quantity::from_raw(1), most_units).raw();
  }

  std::vector<std::int64_t> amounts_, least_, as_of_;  // thousandths, seconds
  std::int64_t least_of_all_ = 1;
};

}  // namespace bodega::inline BODEGA_ABI
