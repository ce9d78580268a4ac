// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/core/utf8.hpp>

namespace bodega::inline BODEGA_ABI {

/// What became of every line. lines = kept + returns + not_items + zero_quantity + free_dropped +
/// lonely + malformed.
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
  std::size_t lonely = 0;         ///< on days that a wrong clock has dated, left out
  std::size_t malformed = 0;
  std::vector<Offender> first_offenders = {};

  std::size_t returns_unmatched = 0;  ///< of the returns, those that found too little to net
  std::size_t sales_undone = 0;       ///< of the kept, those netted down to nothing
  std::size_t without_customer = 0;   ///< of the kept
  std::size_t free_kept = 0;          ///< of the kept, those with price 0

  std::size_t rounded = 0;  ///< lines with a number of more places than are kept
  std::size_t zoned = 0;    ///< lines whose time names a zone: the clock is read as it stands
  std::size_t recoded = 0;  ///< lines that are no UTF-8 and were read as Windows-1252
  std::size_t carried = 0;  ///< lines with the number or time of the line before
  std::size_t weighed = 0;  ///< lines whose code holds their weight or price
  std::size_t numbers_shared = 0;  ///< receipts whose number another customer has on that day
  std::size_t spread = 0;          ///< receipts with lines more than 6 hours apart
  std::vector<Day> lonely_days = {};
  std::vector<std::string> learnt = {};  ///< how the columns are written, where that was inferred

  std::size_t receipts = 0, items = 0, customers = 0;  ///< in the result
  std::size_t unprintable = 0;        ///< of the items, those whose texts hold control characters
  Day first_day = {}, last_day = {};  ///< of the sales
  std::size_t trading_days = 0;       ///< days with a sale
  std::vector<std::string> absent_columns = {};  ///< optional ones that were asked for

  /// A few lines for people.
  std::string summary() const;
};

#if BODEGA_BODIES

BODEGA_INLINE std::string ReadReport::summary() const {
  std::string text = std::to_string(lines) + " lines: " + std::to_string(kept) + " sales kept";
  const auto add = [&](std::size_t count, std::string_view what) {
    if (count > 0) text += ", " + std::to_string(count) + " " + std::string(what);
  };
  add(returns, "returns");
  add(not_items, "not articles");
  add(zero_quantity, "of zero units");
  add(free_dropped, "free of charge left out");
  add(lonely, "on lonely days");
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
  const auto say = [&](std::size_t count, std::string_view what) {
    if (count > 0) text += std::to_string(count) + " " + std::string(what) + "\n";
  };
  say(rounded, "lines with a number that was rounded");
  say(zoned, "lines whose time names a zone; the clock was read as it stands there");
  say(recoded, "lines that are no UTF-8, read as Windows-1252");
  say(carried, "lines that belong to the receipt of the line before");
  say(weighed, "lines with a weight or price in their code");
  say(numbers_shared, "receipts whose number another customer has on the same day");
  say(spread, "receipts with lines more than 6 hours apart: are numbers used twice?");
  say(unprintable, "items whose texts hold control characters");
  for (const Day day : lonely_days) text += "lonely day " + day.to_string() + ", left out\n";
  for (const std::string& note : learnt) text += printable(note) + "\n";
  for (const std::string& column : absent_columns)
    text += "no column '" + printable(column) + "'\n";
  for (const Offender& offender : first_offenders) {
    text += offender.error.what();
    text += "\n";
  }
  return text;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
