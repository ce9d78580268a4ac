// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>

#include <bodega/core/abi.hpp>

/// Floats of 16 bits (IEEE 754 binary16) as they are stored. Arithmetic is done in `float`.
namespace bodega::inline BODEGA_ABI {

/// The largest finite half, and the smallest with all 11 bits of precision.
inline constexpr float largest_half = 65'504.0f, smallest_normal_half = 6.103515625e-5f;

constexpr float half_to_float(std::uint16_t half) noexcept {
  const std::uint32_t sign = std::uint32_t{half} >> 15 << 31;
  const std::uint32_t exponent = half >> 10 & 31u, fraction = half & 0x3FFu;
  if (exponent == 0) {  // a multiple of the smallest subnormal, 2^-24
    const float size = static_cast<float>(fraction) * 5.9604644775390625e-8f;
    return sign ? -size : size;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

/// The nearest half, ties to even; infinity beyond the largest. A NaN stays one.
constexpr std::uint16_t float_to_half(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000u, size = bits & 0x7FFF'FFFFu;
  std::uint32_t half;
  if (size > 0x7F80'0000u) {
    half = 0x7E00u;
  } else if (size >= 0x4780'0000u) {  // 65,536 and more
    half = 0x7C00u;
  } else if (size < 0x3880'0000u) {  // below the smallest normal half
    // Added to a float whose last bit is worth 2^-24, the value is rounded by the addition itself.
    half = std::bit_cast<std::uint32_t>(std::bit_cast<float>(size) + 0.5f) - 0x3F00'0000u;
  } else {
    half = (size - 0x3800'0000u + 0xFFFu + (size >> 13 & 1u)) >> 13;
  }
  return static_cast<std::uint16_t>(sign | half);
}

/// The nearest half as a float.
constexpr float round_to_half(float value) noexcept { return half_to_float(float_to_half(value)); }

/// Whether a half holds the float bit for bit. No NaN counts as held.
constexpr bool is_half(float value) noexcept {
  return std::bit_cast<std::uint32_t>(round_to_half(value)) ==
             std::bit_cast<std::uint32_t>(value) &&
         value == value;
}

/// The least half at or above a positive float, as a float; the float itself where a half would
/// lose precision (below the smallest normal one) or is not finite.
constexpr float half_at_or_above(float value) noexcept {
  if (!(value >= smallest_normal_half && value <= largest_half)) return value;
  const std::uint16_t half = float_to_half(value);
  return half_to_float(half_to_float(half) < value ? static_cast<std::uint16_t>(half + 1) : half);
}

}  // namespace bodega::inline BODEGA_ABI
