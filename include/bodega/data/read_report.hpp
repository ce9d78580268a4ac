// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>

namespace bodega {

/// What became of every line. lines = kept + returns + not_items + zero_quantity + free_dropped +
/// malformed.
struct ReadReport {
  struct Offender {
    std::size_t line = 0;
    Error error;
  };

  std::size_t lines = 0;          ///< of the file without the header; a record over several is one
  std::size_t kept = 0;           ///< sales
  std::size_t returns = 0;        ///< returns and cancellations, netted or dropped
  std::size_t not_items = 0;      ///< codes that `is_item` refuses
  std::size_t zero_quantity = 0;  ///< lines of 0 units say nothing and are left out
  std::size_t free_dropped = 0;   ///< by FreeLines::drop
  std::size_t malformed = 0;
  std::vector<Offender> first_offenders = {};

  std::size_t returns_unmatched = 0;  ///< of the returns, those that found too little to net
  std::size_t sales_undone = 0;       ///< of the kept, those netted down to nothing
  std::size_t without_customer = 0;   ///< of the kept
  std::size_t free_kept = 0;          ///< of the kept, those with price 0

  std::size_t receipts = 0, items = 0, customers = 0;  ///< in the result
  Day first_day = {}, last_day = {};                   ///< of the sales
  std::size_t trading_days = 0;                        ///< days with a sale
  std::vector<std::string> absent_columns = {};        ///< optional ones that were asked for

  /// A few lines for people.
  std::string summary() const {
    std::string text = std::to_string(lines) + " lines: " + std::to_string(kept) + " sales kept";
    const auto add = [&](std::size_t count, std::string_view what) {
      if (count > 0) text += ", " + std::to_string(count) + " " + std::string(what);
    };
    add(returns, "returns");
    add(not_items, "not articles");
    add(zero_quantity, "of zero units");
    add(free_dropped, "free of charge left out");
    add(malformed, "malformed");
    text += "\n" + std::to_string(receipts) + " receipts, " + std::to_string(items) + " items, " +
            std::to_string(customers) + " customers";
    if (trading_days > 0)
      text += "; " + first_day.to_string() + " to " + last_day.to_string() + ", " +
              std::to_string(trading_days) + " of " + std::to_string(last_day - first_day + 1) +
              " days with trade";
    text += "\n";
    if (returns > 0)
      text += "returns: " + std::to_string(sales_undone) + " sales undone, " +
              std::to_string(returns_unmatched) + " returns without a purchase to take from\n";
    for (const std::string& column : absent_columns) text += "no column '" + column + "'\n";
    for (const Offender& offender : first_offenders) {
      text += offender.error.what();
      text += "\n";
    }
    return text;
  }
};

}  // namespace bodega
