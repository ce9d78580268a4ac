// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>  // the names without std::, which the text below uses

#include <bodega/core/abi.hpp>

/// Arithmetic of integers that stand for real numbers: what the full-integer forecaster is made of.
/// Every operation is defined to the bit, in 32 bits, without floating point or a library, so it
/// gives the same on any machine. It is written down once and used twice: compiled here, and as
/// text in the headers that are written for the smallest devices
/// (forecast/integer/export_header.hpp).
///
/// Conventions: a number in Qn stands for itself / 2^n. Shifts to the right round down; everything
/// else rounds to nearest, halves up. `>>` of a negative number is arithmetic (C++20).
#define BODEGA_CODE_AND_TEXT(text, ...) \
  __VA_ARGS__                           \
  inline constexpr char text[] = #__VA_ARGS__;

namespace bodega::inline BODEGA_ABI::fixed_point {

// clang-format off
BODEGA_CODE_AND_TEXT(arithmetic_text,

// tanh by 16 pieces of a parabola: x >= 0 in steps of 1 / 6912, so that 2,048 steps are a piece and
// the range of 15 bits ends at 4.74. d runs from -1 to 1 over a piece.
struct Parabola { int16_t middle; int16_t slope; int16_t curve; };
inline constexpr Parabola tanh_pieces[16] = {
    {4817, 4722, -95}, {13674, 3998, -244}, {20630, 2933, -271}, {25451, 1934, -221},
    {28510, 1188, -152}, {30344, 698, -96}, {31405, 399, -56}, {32007, 225, -32},
    {32345, 126, -18}, {32534, 70, -11}, {32638, 39, -5}, {32696, 21, -3},
    {32728, 12, -1}, {32746, 7, -1}, {32756, 4, -1}, {32761, 2, 0}};

// a b in Q15, of a, b in Q15; exact in 32 bits for 16-bit factors.
constexpr int32_t multiply_q15(int32_t a, int32_t b) { return (a * b + 16384) >> 15; }

constexpr int32_t saturate_int16(int32_t x) { return x > 32767 ? 32767 : x < -32768 ? -32768 : x; }

constexpr int32_t shift_rounded(int32_t x, int32_t bits) { return (x + (1 << (bits - 1))) >> bits; }

// tanh(x / 6912) in Q15 for x in 0 to 32767.
constexpr int32_t squash(int32_t x) {
  const Parabola& piece = tanh_pieces[x >> 11];
  const int32_t d = ((x & 2047) - 1024) * 32;
  return piece.middle + multiply_q15(piece.slope + multiply_q15(piece.curve, d), d);
}

// tanh(x / 3456) in Q15 for any 16-bit x; sigmoid(x / 1728).
constexpr int32_t tanh_q15(int32_t x) {
  const int32_t size = x < 0 ? -x : x;
  const int32_t result = squash(size > 16383 ? 32767 : 2 * size);
  return x < 0 ? -result : result;
}
constexpr int32_t sigmoid_q15(int32_t x) { return 16384 + (tanh_q15(x) >> 1); }

// A number of 16 significant bits: mantissa (2^15 to 2^16 - 1; or 0) times 2^exponent.
struct Scaled { uint32_t mantissa; int32_t exponent; };

constexpr Scaled scaled(uint32_t value, int32_t exponent) {
  const int32_t unused = __builtin_clz(value | 1u);
  const uint32_t aligned = value << unused;
  const uint32_t rounded = (aligned >> 16) + ((aligned >> 15) & 1u);
  const uint32_t carry = rounded >> 16;
  return {rounded >> carry, exponent + 16 - unused + static_cast<int32_t>(carry)};
}

constexpr Scaled multiply(Scaled a, Scaled b) {
  return scaled(a.mantissa * b.mantissa, a.exponent + b.exponent);
}

// b above 0.
constexpr Scaled divide(Scaled a, Scaled b) {
  return scaled((a.mantissa << 16) / b.mantissa, a.exponent - b.exponent - 16);
}

constexpr Scaled add(Scaled a, Scaled b) {
  if (a.mantissa == 0) return b;
  if (b.mantissa == 0) return a;
  const Scaled& more = a.exponent < b.exponent ? b : a;
  const Scaled& less = a.exponent < b.exponent ? a : b;
  const int32_t apart = more.exponent - less.exponent;
  if (apart > 31) return more;
  return scaled((more.mantissa << 15) + ((less.mantissa << 15) >> apart), more.exponent - 15);
}

constexpr bool is_less(Scaled a, Scaled b) {
  if (a.mantissa == 0 || b.mantissa == 0) return a.mantissa < b.mantissa;
  return a.exponent != b.exponent ? a.exponent < b.exponent : a.mantissa < b.mantissa;
}

// In Q`bits`, at most `limit`.
constexpr int32_t to_fixed(Scaled x, int32_t bits, int32_t limit) {
  const int32_t shift = x.exponent + bits;
  if (x.mantissa == 0 || shift < -17) return 0;
  if (shift > 14) return limit;
  const uint32_t value =
      shift >= 0 ? x.mantissa << shift : (x.mantissa + (1u << (-shift - 1))) >> -shift;
  return value < static_cast<uint32_t>(limit) ? static_cast<int32_t>(value) : limit;
}

// 2^log of a logarithm in Q11, within 3e-5 of it.
constexpr Scaled power_of_two(int32_t log) {
  const int32_t f = (log & 2047) << 4;
  const int32_t rest = multiply_q15(f, 22709 + multiply_q15(f, 7910 + multiply_q15(f, 1705 + multiply_q15(f, 444))));
  return {static_cast<uint32_t>(32768 + rest), (log >> 11) - 15};
}

// The logarithm to base 2 in Q11, rounded down; x above 0.
constexpr int32_t log_of_two(Scaled x) {
  int32_t log = x.exponent + 15;
  uint32_t m = x.mantissa;
  for (int32_t bit = 0; bit < 11; ++bit) {
    m = (m * m) >> 15;
    log *= 2;
    if (m > 65535) {
      m >>= 1;
      ++log;
    }
  }
  return log;
}

// The sine of phase / 65536 of a turn, in Q11.
constexpr int32_t sine_q11(int32_t phase) {
  int32_t s = phase & 65535;
  if (s > 32767) s -= 65536;
  if (s > 16384) s = 32768 - s;
  if (s < -16384) s = -32768 - s;
  const int32_t x = 2 * s;
  const int32_t square = multiply_q15(x, x);
  const int32_t sine = multiply_q15(x, 51454 - multiply_q15(square, 21028 - multiply_q15(square, 2342)));
  return shift_rounded(sine, 4);
}

)
// clang-format on

}  // namespace bodega::inline BODEGA_ABI::fixed_point
