// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/fixed_point.hpp>
#include <bodega/tensor/kernels/int16_vectors.hpp>

/// tanh and sigmoid of fixed_point.hpp on vectors of 16-bit numbers: the same integers on every
/// machine. The coefficients of a piece are looked up byte by byte.
namespace bodega::inline BODEGA_ABI::int16_lanes {

namespace detail {

/// A byte of each coefficient of the 16 pieces of tanh.
template <auto Coefficient, int Byte>
inline constexpr auto tanh_bytes = [] {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 16; ++i)
    bytes[i] = static_cast<std::uint8_t>(
        static_cast<std::uint16_t>(fixed_point::tanh_pieces[i].*Coefficient) >> (8 * Byte));
  return bytes;
}();

struct Two {
  Int16s first, second;
};

#if defined(__AVX512BW__)
using Bytes = __m512i;
inline Bytes piece_numbers(Int16s a, Int16s b) noexcept {
  return _mm512_packus_epi16(_mm512_srli_epi16(a.v, 11), _mm512_srli_epi16(b.v, 11));
}
inline Int16s offset(Int16s a) noexcept {
  return {_mm512_xor_si512(_mm512_slli_epi16(a.v, 5), _mm512_set1_epi16(-32768))};
}
inline Bytes look_up(const std::array<std::uint8_t, 16>& table, Bytes at) noexcept {
  return _mm512_shuffle_epi8(
      _mm512_maskz_broadcast_i32x4(0xffff,
                                   _mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data()))),
      at);
}
inline Two join(Bytes low, Bytes high) noexcept {
  return {{_mm512_unpacklo_epi8(low, high)}, {_mm512_unpackhi_epi8(low, high)}};
}
#elif defined(__AVX2__)
using Bytes = __m256i;
inline Bytes piece_numbers(Int16s a, Int16s b) noexcept {
  return _mm256_packus_epi16(_mm256_srli_epi16(a.v, 11), _mm256_srli_epi16(b.v, 11));
}
inline Int16s offset(Int16s a) noexcept {
  return {_mm256_xor_si256(_mm256_slli_epi16(a.v, 5), _mm256_set1_epi16(-32768))};
}
inline Bytes look_up(const std::array<std::uint8_t, 16>& table, Bytes at) noexcept {
  return _mm256_shuffle_epi8(
      _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data()))),
      at);
}
inline Two join(Bytes low, Bytes high) noexcept {
  return {{_mm256_unpacklo_epi8(low, high)}, {_mm256_unpackhi_epi8(low, high)}};
}
#elif defined(__SSSE3__)
using Bytes = __m128i;
inline Bytes piece_numbers(Int16s a, Int16s b) noexcept {
  return _mm_packus_epi16(_mm_srli_epi16(a.v, 11), _mm_srli_epi16(b.v, 11));
}
inline Int16s offset(Int16s a) noexcept {
  return {_mm_xor_si128(_mm_slli_epi16(a.v, 5), _mm_set1_epi16(-32768))};
}
inline Bytes look_up(const std::array<std::uint8_t, 16>& table, Bytes at) noexcept {
  return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())), at);
}
inline Two join(Bytes low, Bytes high) noexcept {
  return {{_mm_unpacklo_epi8(low, high)}, {_mm_unpackhi_epi8(low, high)}};
}
#elif defined(__aarch64__) && defined(__ARM_NEON)
using Bytes = uint8x16_t;
inline Bytes piece_numbers(Int16s a, Int16s b) noexcept {
  return vshrn_high_n_u16(vshrn_n_u16(vshrq_n_u16(vreinterpretq_u16_s16(a.v), 3), 8),
                          vshrq_n_u16(vreinterpretq_u16_s16(b.v), 3), 8);
}
inline Int16s offset(Int16s a) noexcept {
  return {veorq_s16(vshlq_n_s16(a.v, 5), vdupq_n_s16(-32768))};
}
inline Bytes look_up(const std::array<std::uint8_t, 16>& table, Bytes at) noexcept {
  return vqtbl1q_u8(vld1q_u8(table.data()), at);
}
inline Two join(Bytes low, Bytes high) noexcept {
  return {{vreinterpretq_s16_u8(vzip1q_u8(low, high))},
          {vreinterpretq_s16_u8(vzip2q_u8(low, high))}};
}
#else
#define BODEGA_INT16_LANES_PLAIN_TANH
#endif

}  // namespace detail

/// tanh(x / 6912) in Q15 of 2 x lanes numbers from 0 to 32,767: `fixed_point::squash`.
inline void squash(Int16s& first, Int16s& second) noexcept {
#if defined(BODEGA_INT16_LANES_PLAIN_TANH)
#undef BODEGA_INT16_LANES_PLAIN_TANH
  for (Int16s* x : {&first, &second}) {
    std::int16_t each[lanes];
    store(each, *x);
    for (std::int16_t& one : each) one = static_cast<std::int16_t>(fixed_point::squash(one));
    *x = load(each);
  }
#else
  using fixed_point::Parabola;
  const detail::Bytes at = detail::piece_numbers(first, second);
  const auto coefficient = [&]<auto C>() {
    return detail::join(detail::look_up(detail::tanh_bytes<C, 0>, at),
                        detail::look_up(detail::tanh_bytes<C, 1>, at));
  };
  const auto middle = coefficient.template operator()<&Parabola::middle>();
  const auto slope = coefficient.template operator()<&Parabola::slope>();
  const auto curve = coefficient.template operator()<&Parabola::curve>();
  const auto parabola = [](Int16s x, Int16s m, Int16s s, Int16s c) {
    const Int16s d = detail::offset(x);
    return add(m, product(add(s, product(c, d)), d));
  };
  first = parabola(first, middle.first, slope.first, curve.first);
  second = parabola(second, middle.second, slope.second, curve.second);
#endif
}

/// `fixed_point::tanh_q15` of 2 x lanes numbers above -32,768.
inline void tanh_q15(Int16s& first, Int16s& second) noexcept {
  Int16s a = size(first), b = size(second);
  a = add(a, a);
  b = add(b, b);
  squash(a, b);
  first = with_sign_of(a, first);
  second = with_sign_of(b, second);
}

/// `fixed_point::sigmoid_q15`, likewise.
inline void sigmoid_q15(Int16s& first, Int16s& second) noexcept {
  tanh_q15(first, second);
  first = add(half(first), broadcast(std::int16_t{16384}));
  second = add(half(second), broadcast(std::int16_t{16384}));
}

}  // namespace bodega::inline BODEGA_ABI::int16_lanes
