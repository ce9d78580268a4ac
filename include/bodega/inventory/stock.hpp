// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/receipt.hpp>

namespace bodega::inline BODEGA_ABI {

/// What is on the shelf, item by item. An item whose stock nobody told is unknown and counts as
/// available: a shop without a stock feed still gets recommendations. It is a mask for
/// `select_slate`, asked directly, so an item set to 0 is out of every answer that is selected
/// from then on.
///
/// Threads: every member may be called from any thread at any time (one atomic per item; changes
/// of different items are not ordered among each other). Amounts are exact to 3 places.
class Stock {
 public:
  static constexpr double most_units = 1e9;

  explicit Stock(std::size_t items) : thousandths_(items), smallest_(items) {
    for (auto& amount : thousandths_) amount.store(unknown_amount, std::memory_order_relaxed);
    for (auto& amount : smallest_) amount.store(1, std::memory_order_relaxed);
  }

  std::size_t items() const noexcept { return thousandths_.size(); }

  /// What the feed says: 0 is sold out. Rounds to 3 places. Error (unknown_id) for an item outside
  /// the catalogue, (not_finite), (out_of_range) for units below 0 or above a thousand million.
  void set(ItemIndex item, double units) {
    check(item);
    const std::string where = "stock of item " + std::to_string(item.value());
    if (!std::isfinite(units))
      throw Error(ErrorCode::not_finite, where, "a finite number of units", std::to_string(units));
    if (units < 0 || units * Quantity::scale > static_cast<double>(most_thousandths))
      throw Error(ErrorCode::out_of_range, where, "units from 0 to a thousand million",
                  std::to_string(units));
    thousandths_[item.value()].store(std::llround(units * Quantity::scale),
                                     std::memory_order_relaxed);
  }

  /// Less than this is not available: the crumbs of what is sold by weight, such as 0.005 kg, whose
  /// stock never comes to 0 by itself. 0.001 where nobody says, the least amount there is. Throws
  /// Error(unknown_id) for an item outside the catalogue, (out_of_range) unless 0.001 to a thousand
  /// million.
  void set_smallest(ItemIndex item, double units) {
    check(item);
    const double amount = units * Quantity::scale;
    if (!(amount >= 0.5 && amount <= static_cast<double>(most_thousandths)))
      throw Error(ErrorCode::out_of_range,
                  "smallest amount of item " + std::to_string(item.value()),
                  "units from 0.001 to a thousand million", std::to_string(units));
    smallest_[item.value()].store(std::llround(amount), std::memory_order_relaxed);
  }
  /// The same for every item.
  void set_smallest(double units) {
    for (std::uint32_t i = 0; i < items(); ++i) set_smallest(ItemIndex(i), units);
  }

  /// Back to unknown. Error (unknown_id).
  void forget(ItemIndex item) {
    check(item);
    thousandths_[item.value()].store(unknown_amount, std::memory_order_relaxed);
  }

  /// Nothing where the stock is unknown or the item is outside the catalogue.
  std::optional<double> units(ItemIndex item) const noexcept {
    const std::int64_t amount = load(item);
    if (amount < 0) return std::nullopt;
    return Quantity::from_raw(amount).value();
  }

  /// The smallest amount or more on the shelf, or unknown. False outside the catalogue.
  bool available(ItemIndex item) const noexcept {
    if (item.value() >= items()) return false;
    const std::int64_t amount = load(item);
    return amount < 0 || amount >= smallest_[item.value()].load(std::memory_order_relaxed);
  }
  bool allows(ItemIndex item) const noexcept { return available(item); }

  /// Lowers the stock by each line of a receipt, as `take` does.
  void observe(const Receipt& receipt) noexcept {
    for (const ReceiptLine& line : receipt.lines) take(line.item, line.quantity);
  }

  /// Lowers the stock by what was sold; a negative quantity (a return) puts back. Never below 0:
  /// where more is sold than was known, the count was wrong, not the sale. Unknown stays unknown,
  /// an item outside the catalogue is ignored.
  void take(ItemIndex item, Quantity sold) noexcept {
    if (item.value() >= items()) return;
    auto& amount = thousandths_[item.value()];
    const std::int64_t change = std::clamp(sold.raw(), -most_thousandths, most_thousandths);
    std::int64_t before = amount.load(std::memory_order_relaxed), after = 0;
    do {
      if (before < 0) return;
      after = std::clamp<std::int64_t>(before - change, 0, most_thousandths);
    } while (!amount.compare_exchange_weak(before, after, std::memory_order_relaxed));
  }

 private:
  static constexpr std::int64_t unknown_amount = -1;
  static constexpr std::int64_t most_thousandths = 1'000'000'000 * Quantity::scale;

  std::int64_t load(ItemIndex item) const noexcept {
    if (item.value() >= items()) return unknown_amount;
    return thousandths_[item.value()].load(std::memory_order_relaxed);
  }
  void check(ItemIndex item) const {
    if (item.value() >= items())
      throw Error(ErrorCode::unknown_id, "stock",
                  "an item of the " + std::to_string(items()) + " in the catalogue",
                  item.is_none() ? "none" : "item " + std::to_string(item.value()));
  }

  std::vector<std::atomic<std::int64_t>> thousandths_, smallest_;
};

}  // namespace bodega::inline BODEGA_ABI
