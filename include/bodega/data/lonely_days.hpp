// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

#include <bodega/core/abi.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// A run of trading days: [first, last) among them.
struct DayRange {
  std::size_t first = 0, last = 0;
};

/// Returns the trading days without the lonely ones at either end, which a wrong clock has dated:
/// up to three days that more than 30 days without trade part from the rest, of at least ten times
/// as many trading days. `days` rise.
DayRange without_lonely_days(std::span<const Day> days) noexcept;

#if BODEGA_BODIES

BODEGA_INLINE DayRange without_lonely_days(std::span<const Day> days) noexcept {
  constexpr int gap = 30;
  constexpr std::size_t most = 3, as_many = 10;
  DayRange range{0, days.size()};
  for (bool more = true; more;) {
    more = false;
    const std::size_t size = range.last - range.first;
    for (std::size_t n = 1; n <= most && size >= n + as_many * n; ++n) {
      if (days[range.first + n] - days[range.first + n - 1] > gap) {
        range.first += n;
        more = true;
        break;
      }
      if (days[range.last - n] - days[range.last - n - 1] > gap) {
        range.last -= n;
        more = true;
        break;
      }
    }
  }
  return range;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
