// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// A mean over cases and the half width of its 95 % interval, which takes the cases of one group
/// (a basket, a customer) as one observation: 1.96 sqrt(sum over groups of (sum of (x - mean))^2) /
/// cases.
struct Estimate {
  double mean = 0;
  double half_width = 0;
};

/// The estimate of `value(i)` for i below `count`; a NaN means that the case does not count.
/// `group(i)` names its group; the cases of one stand side by side. Both are called twice a case.
template <class Value, class Group>
Estimate estimate(std::size_t count, Value&& value, Group&& group) {
  double sum = 0, counted = 0;
  for (std::size_t i = 0; i < count; ++i)
    if (const double x = value(i); !std::isnan(x)) {
      sum += x;
      ++counted;
    }
  if (counted == 0) return {};
  const double mean = sum / counted;
  double squares = 0;
  for (std::size_t i = 0; i < count;) {
    const auto of = group(i);
    double deviation = 0;
    for (; i < count && group(i) == of; ++i)
      if (const double x = value(i); !std::isnan(x)) deviation += x - mean;
    squares += deviation * deviation;
  }
  return {mean, 1.96 * std::sqrt(squares) / counted};
}

}  // namespace bodega::inline BODEGA_ABI
