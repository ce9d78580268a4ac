// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>

#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// What each item sold on one day with trade: a number of units, or nothing where nobody knows how
/// many would have sold (the item was sold out, say). Borrows the numbers, as a span does.
class DaySales {
 public:
  /// All known: `units` has a number for each item.
  DaySales(Day day, std::span<const float> units) noexcept
      : day_(day), items_(units.size()), source_(units.data()), read_(&read_array) {}

  /// Those of one column of a table, of which `table.units(item, column)` gives the units, or
  /// nothing.
  template <class Table>
  DaySales(Day day, const Table& table, std::size_t column) noexcept
      : day_(day), items_(table.items()), column_(column), source_(&table), read_(&read<Table>) {}

  Day day() const noexcept { return day_; }
  std::size_t items() const noexcept { return items_; }

  /// A finite number of 0 or more; nothing where it is unknown, no such number, or of an item
  /// outside the catalogue.
  std::optional<float> units(ItemIndex item) const noexcept;

 private:
  static std::optional<float> read_array(const void* units, std::size_t, ItemIndex item) noexcept {
    return static_cast<const float*>(units)[item.value()];
  }
  template <class Table>
  static std::optional<float> read(const void* table, std::size_t column, ItemIndex item) noexcept {
    return static_cast<const Table*>(table)->units(item, column);
  }

  Day day_;
  std::size_t items_ = 0, column_ = 0;
  const void* source_;
  std::optional<float> (*read_)(const void*, std::size_t, ItemIndex) noexcept;
};

/// What learns from days that are over, one at a time.
template <class L>
concept DayListener = requires(L& listener, const DaySales& sales) {
  { listener.close_day(sales) } -> std::same_as<void>;
};

#if BODEGA_BODIES

BODEGA_INLINE std::optional<float> DaySales::units(ItemIndex item) const noexcept {
  if (item.value() >= items_) return std::nullopt;
  const std::optional<float> units = read_(source_, column_, item);
  return units && *units >= 0 && std::isfinite(*units) ? units : std::nullopt;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
