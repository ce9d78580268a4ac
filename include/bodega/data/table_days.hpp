// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI::detail {

/// How many columns a table of these calendar days has. Error (out_of_range) where it would pass
/// 2^28 cells, as it does when one receipt is dated a thousand years off.
inline std::size_t columns_of(Day first, Day last, std::size_t items, const char* where) {
  const auto days =
      static_cast<std::size_t>(std::int64_t{last.days_since_1970()} - first.days_since_1970() + 1);
  if (days > (std::size_t{1} << 28) / std::max<std::size_t>(items, 1))
    throw Error(ErrorCode::out_of_range, where, "at most 2^28 items x days",
                std::to_string(items) + " items x " + std::to_string(days) + " days, from " +
                    first.to_string() + " to " + last.to_string());
  return days;
}

/// The same for days that rise; 0 for none. Error (duplicate, format) for others.
inline std::size_t columns_of(std::span<const Day> days, std::size_t items) {
  for (std::size_t c = 1; c < days.size(); ++c)
    if (days[c] <= days[c - 1])
      throw Error(days[c] == days[c - 1] ? ErrorCode::duplicate : ErrorCode::format,
                  "DailySales, column " + std::to_string(c), "a later day than before",
                  days[c].to_string() + " after " + days[c - 1].to_string());
  return days.empty() ? 0 : columns_of(days.front(), days.back(), items, "DailySales");
}

}  // namespace bodega::inline BODEGA_ABI::detail
