// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <limits>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// Adds to a sum that floats hold, `rest` being what the float could not: together they are the sum
/// in doubles, so that 10,000 times 0.1 are 1,000 and not 999.9. Not below `least`.
inline void add_exactly(float& sum, float& rest, double units, double least) noexcept {
  constexpr double most = double{std::numeric_limits<float>::max()};
  const double exact = std::clamp(double{sum} + double{rest} + units, std::max(least, -most), most);
  sum = static_cast<float>(exact);
  rest = static_cast<float>(exact - double{sum});
}

}  // namespace bodega::inline BODEGA_ABI
