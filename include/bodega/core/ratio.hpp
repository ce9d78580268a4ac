// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include <bodega/core/abi.hpp>

/// Ratios of whole numbers, and the shares that people compare them with.
///
/// 7 of 25 are a share of 0.28, but 0.28 x 25 is 7.000000000000001 in doubles: a product decides
/// wrongly. A quotient does not: that of two whole numbers is the double nearest to their ratio,
/// and the share as it was written is the double nearest to what was written, so equal ratios are
/// equal doubles, and two that differ are told apart wherever the share has few enough digits to be
/// written by a person.
namespace bodega::inline BODEGA_ABI {

/// `part` over `whole`, 0 where the whole is. Exact to the last bit where both, or both without
/// their common divisor, are below 2^53.
constexpr double ratio_of(std::uint64_t part, std::uint64_t whole) noexcept {
  if (whole == 0) return 0;
  if (part >> 53 != 0 || whole >> 53 != 0) {
    const std::uint64_t common = std::gcd(part, whole);
    part /= common;
    whole /= common;
  }
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// Whether `part` of `whole` is a ratio of `share` or more.
constexpr bool reaches(std::uint64_t part, std::uint64_t whole, double share) noexcept {
  return share == 1 ? part >= whole : ratio_of(part, whole) >= share;
}

/// Whether `part` of `whole` is a ratio of more than `share`.
constexpr bool exceeds(std::uint64_t part, std::uint64_t whole, double share) noexcept {
  return share == 1 ? part > whole : ratio_of(part, whole) > share;
}

/// The smallest part of `whole` that reaches `share` (0 to 1).
std::uint64_t least_part(double share, std::uint64_t whole) noexcept;

/// The whole number nearest to `share` (0 to 1) of `whole`, halves up.
std::uint64_t nearest_part(double share, std::uint64_t whole) noexcept;

/// The number that was written where a float was read: 0.7 for 0.7f, which is 0.699999988.
double as_written(float share) noexcept;

/// The ratio of whole numbers that was rounded to this float, as a double: 7 / 25 for 0.28f. Exact
/// where the denominator is at most some 4,000; of others a double that rounds to the same float.
/// Source: by Legendre's theorem such a ratio is among the convergents of the continued fraction.
double ratio_from(float value) noexcept;

#if BODEGA_BODIES

BODEGA_INLINE std::uint64_t least_part(double share, std::uint64_t whole) noexcept {
  auto part = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(whole)));
  while (part > 0 && reaches(part - 1, whole, share)) --part;
  while (part < whole && !reaches(part, whole, share)) ++part;
  return part;
}

BODEGA_INLINE std::uint64_t nearest_part(double share, std::uint64_t whole) noexcept {
  auto part = static_cast<std::uint64_t>(std::floor(share * static_cast<double>(whole) + 0.5));
  while (part > 0 && ratio_of(2 * part - 1, 2 * whole) > share) --part;
  while (part < whole && ratio_of(2 * part + 1, 2 * whole) <= share) ++part;
  return part;
}

BODEGA_INLINE double as_written(float share) noexcept {
  for (int digits = 6; digits <= 9; ++digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(share));
    const double value = std::strtod(text, nullptr);
    if (static_cast<float>(value) == share) return value;
  }
  return static_cast<double>(share);
}

BODEGA_INLINE double ratio_from(float value) noexcept {
  constexpr double largest = 1e9;
  double rest = static_cast<double>(value);
  double p = 1, q = 0, next_p = std::floor(rest), next_q = 1;
  while (static_cast<float>(next_p / next_q) != value && next_p < largest && next_q < largest) {
    rest = 1 / (rest - std::floor(rest));
    if (!(rest < largest)) break;
    const double whole = std::floor(rest), last_p = p, last_q = q;
    p = next_p;
    q = next_q;
    next_p = whole * p + last_p;
    next_q = whole * q + last_q;
  }
  const double ratio = next_p / next_q;
  return static_cast<float>(ratio) == value ? ratio : static_cast<double>(value);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
