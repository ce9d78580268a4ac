// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {

#if BODEGA_BODIES
/// Returns the z that a standard normal number stays below with probability `level`.
double normal_quantile(double level) noexcept;
#endif

}  // namespace detail

/// Returns the smallest whole number of units that demand stays at or below with probability
/// `level`. Demand is negative binomial of that mean and of variance mean + dispersion x mean^2;
/// Poisson if the dispersion is 0. Returns 0 for a mean of 0, and NaN if any argument is NaN or the
/// level is not within 0 and 1. Exact up to means of 200; beyond, a gamma distribution of the same
/// mean and variance is within 1 % or one unit. Allocates nothing.
/// Complexity: the answer in steps, at most 50,000. Source of the approximation: Wilson, Hilferty,
/// "The distribution of chi-square", PNAS 1931.
float count_quantile(float mean, float dispersion, float level) noexcept;

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE double normal_quantile(double level) noexcept {
  double low = -9, high = 9;
  for (int i = 0; i < 50; ++i) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle * 0.70710678118654752) < level ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace detail

BODEGA_INLINE float count_quantile(float mean, float dispersion, float level) noexcept {
  if (!(mean >= 0) || !std::isfinite(mean) || !(dispersion >= 0) || !std::isfinite(dispersion) ||
      !(level > 0 && level < 1))
    return std::numeric_limits<float>::quiet_NaN();
  const double m = double{mean}, d = double{dispersion};
  if (m == 0) return 0;
  if (m <= 200) {
    double chance = d > 1e-9 ? std::exp(-std::log1p(d * m) / d) : std::exp(-m), below = chance;
    int units = 0;
    for (; below < double{level} && units < 50'000; ++units) {
      chance *= (m + d * m * units) / ((1 + d * m) * (units + 1));
      below += chance;
    }
    return static_cast<float>(units);
  }
  const double variance = m + d * m * m, shape = m * m / variance;
  const double cube =
      1 - 1 / (9 * shape) + detail::normal_quantile(double{level}) / (3 * std::sqrt(shape));
  const double units = std::ceil(std::max(0.0, m * cube * cube * cube) - 0.5);
  return static_cast<float>(std::min(units, double{std::numeric_limits<float>::max()}));
}

#endif

}  // namespace bodega::inline BODEGA_ABI
