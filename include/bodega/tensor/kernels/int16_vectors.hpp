// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/fixed_point.hpp>

/// The operations of fixed_point.hpp on a vector of 16-bit numbers, in the instructions of the
/// machine that the caller compiles for: SSE2, AVX2, AVX-512BW (with VNNI where allowed), NEON;
/// else plain C++. All give the same integers. Apart from simd.hpp because they want instructions
/// that xsimd 8 does not offer (saturated packing, rounded products).
///
/// Sums live in 32 bits, two vectors for each vector of 16 bits. `narrow` and `interleave` keep an
/// order of their own within these two: column c of `lanes` is in vector (c / 4) % 2 of the two, at
/// place 4 (c / 8) + c % 4 (`sum_vector`, `sum_place`).
namespace bodega::inline BODEGA_ABI::int16_lanes {

#if defined(__AVX512BW__)
#define BODEGA_INT16_LANES 32
struct Int16s {
  __m512i v;
};
struct Int32s {
  __m512i v;
};
inline Int16s load(const std::int16_t* p) noexcept { return {_mm512_loadu_si512(p)}; }
inline void store(std::int16_t* p, Int16s a) noexcept { _mm512_storeu_si512(p, a.v); }
inline Int32s load(const std::int32_t* p) noexcept { return {_mm512_loadu_si512(p)}; }
inline void store(std::int32_t* p, Int32s a) noexcept { _mm512_storeu_si512(p, a.v); }
inline Int16s broadcast(std::int16_t a) noexcept { return {_mm512_set1_epi16(a)}; }
inline Int32s broadcast(std::int32_t a) noexcept { return {_mm512_set1_epi32(a)}; }
inline Int16s as_int16(Int32s a) noexcept { return {a.v}; }
inline Int32s add_products(Int32s sum, Int16s a, Int16s b) noexcept {
#if defined(__AVX512VNNI__)
  return {_mm512_dpwssd_epi32(sum.v, a.v, b.v)};
#else
  return {_mm512_add_epi32(sum.v, _mm512_madd_epi16(a.v, b.v))};
#endif
}
inline Int16s narrow(Int32s low, Int32s high, Int32s bits) noexcept {
  return {_mm512_packs_epi32(_mm512_srav_epi32(low.v, bits.v), _mm512_srav_epi32(high.v, bits.v))};
}
inline Int16s interleave_low(Int16s a, Int16s b) noexcept {
  return {_mm512_unpacklo_epi16(a.v, b.v)};
}
inline Int16s interleave_high(Int16s a, Int16s b) noexcept {
  return {_mm512_unpackhi_epi16(a.v, b.v)};
}
inline Int16s product(Int16s a, Int16s b) noexcept { return {_mm512_mulhrs_epi16(a.v, b.v)}; }
inline Int16s add(Int16s a, Int16s b) noexcept { return {_mm512_adds_epi16(a.v, b.v)}; }
inline Int16s subtract(Int16s a, Int16s b) noexcept { return {_mm512_subs_epi16(a.v, b.v)}; }
inline Int16s largest(Int16s a, Int16s b) noexcept { return {_mm512_max_epi16(a.v, b.v)}; }
inline Int16s half(Int16s a) noexcept { return {_mm512_srai_epi16(a.v, 1)}; }
inline Int16s size(Int16s a) noexcept { return {_mm512_abs_epi16(a.v)}; }
inline Int16s with_sign_of(Int16s a, Int16s sign) noexcept {
  return {_mm512_mask_sub_epi16(a.v, _mm512_movepi16_mask(sign.v), _mm512_setzero_si512(), a.v)};
}
#elif defined(__AVX2__)
#define BODEGA_INT16_LANES 16
struct Int16s {
  __m256i v;
};
struct Int32s {
  __m256i v;
};
inline Int16s load(const std::int16_t* p) noexcept {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
}
inline void store(std::int16_t* p, Int16s a) noexcept {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.v);
}
inline Int32s load(const std::int32_t* p) noexcept {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
}
inline void store(std::int32_t* p, Int32s a) noexcept {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.v);
}
inline Int16s broadcast(std::int16_t a) noexcept { return {_mm256_set1_epi16(a)}; }
inline Int32s broadcast(std::int32_t a) noexcept { return {_mm256_set1_epi32(a)}; }
inline Int16s as_int16(Int32s a) noexcept { return {a.v}; }
inline Int32s add_products(Int32s sum, Int16s a, Int16s b) noexcept {
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
  return {_mm256_dpwssd_epi32(sum.v, a.v, b.v)};
#elif defined(__AVXVNNI__)
  return {_mm256_dpwssd_avx_epi32(sum.v, a.v, b.v)};
#else
  return {_mm256_add_epi32(sum.v, _mm256_madd_epi16(a.v, b.v))};
#endif
}
inline Int16s narrow(Int32s low, Int32s high, Int32s bits) noexcept {
  return {_mm256_packs_epi32(_mm256_srav_epi32(low.v, bits.v), _mm256_srav_epi32(high.v, bits.v))};
}
inline Int16s interleave_low(Int16s a, Int16s b) noexcept {
  return {_mm256_unpacklo_epi16(a.v, b.v)};
}
inline Int16s interleave_high(Int16s a, Int16s b) noexcept {
  return {_mm256_unpackhi_epi16(a.v, b.v)};
}
inline Int16s product(Int16s a, Int16s b) noexcept { return {_mm256_mulhrs_epi16(a.v, b.v)}; }
inline Int16s add(Int16s a, Int16s b) noexcept { return {_mm256_adds_epi16(a.v, b.v)}; }
inline Int16s subtract(Int16s a, Int16s b) noexcept { return {_mm256_subs_epi16(a.v, b.v)}; }
inline Int16s largest(Int16s a, Int16s b) noexcept { return {_mm256_max_epi16(a.v, b.v)}; }
inline Int16s half(Int16s a) noexcept { return {_mm256_srai_epi16(a.v, 1)}; }
inline Int16s size(Int16s a) noexcept { return {_mm256_abs_epi16(a.v)}; }
/// 0 where `sign` is 0: as tanh has it.
inline Int16s with_sign_of(Int16s a, Int16s sign) noexcept {
  return {_mm256_sign_epi16(a.v, sign.v)};
}
#elif defined(__SSE2__)
#define BODEGA_INT16_LANES 8
struct Int16s {
  __m128i v;
};
struct Int32s {
  __m128i v;
};
inline Int16s load(const std::int16_t* p) noexcept {
  return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))};
}
inline void store(std::int16_t* p, Int16s a) noexcept {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), a.v);
}
inline Int32s load(const std::int32_t* p) noexcept {
  return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))};
}
inline void store(std::int32_t* p, Int32s a) noexcept {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), a.v);
}
inline Int16s broadcast(std::int16_t a) noexcept { return {_mm_set1_epi16(a)}; }
inline Int32s broadcast(std::int32_t a) noexcept { return {_mm_set1_epi32(a)}; }
inline Int16s as_int16(Int32s a) noexcept { return {a.v}; }
inline Int32s add_products(Int32s sum, Int16s a, Int16s b) noexcept {
  return {_mm_add_epi32(sum.v, _mm_madd_epi16(a.v, b.v))};
}
inline Int16s narrow(Int32s low, Int32s high, Int32s bits) noexcept {
  const __m128i count = _mm_srli_epi64(_mm_slli_epi64(bits.v, 32), 32);  // one count for all
  return {_mm_packs_epi32(_mm_sra_epi32(low.v, count), _mm_sra_epi32(high.v, count))};
}
inline Int16s interleave_low(Int16s a, Int16s b) noexcept { return {_mm_unpacklo_epi16(a.v, b.v)}; }
inline Int16s interleave_high(Int16s a, Int16s b) noexcept {
  return {_mm_unpackhi_epi16(a.v, b.v)};
}
inline Int16s add(Int16s a, Int16s b) noexcept { return {_mm_adds_epi16(a.v, b.v)}; }
inline Int16s subtract(Int16s a, Int16s b) noexcept { return {_mm_subs_epi16(a.v, b.v)}; }
inline Int16s largest(Int16s a, Int16s b) noexcept { return {_mm_max_epi16(a.v, b.v)}; }
inline Int16s half(Int16s a) noexcept { return {_mm_srai_epi16(a.v, 1)}; }
#if defined(__SSSE3__)
inline Int16s product(Int16s a, Int16s b) noexcept { return {_mm_mulhrs_epi16(a.v, b.v)}; }
inline Int16s size(Int16s a) noexcept { return {_mm_abs_epi16(a.v)}; }
inline Int16s with_sign_of(Int16s a, Int16s sign) noexcept { return {_mm_sign_epi16(a.v, sign.v)}; }
#else
inline Int16s product(Int16s a, Int16s b) noexcept {
  const __m128i low = _mm_mullo_epi16(a.v, b.v), high = _mm_mulhi_epi16(a.v, b.v);
  const __m128i down = _mm_or_si128(_mm_slli_epi16(high, 1), _mm_srli_epi16(low, 15));
  return {_mm_add_epi16(down, _mm_and_si128(_mm_srli_epi16(low, 14), _mm_set1_epi16(1)))};
}
inline Int16s size(Int16s a) noexcept {
  return {_mm_max_epi16(a.v, _mm_subs_epi16(_mm_setzero_si128(), a.v))};
}
inline Int16s with_sign_of(Int16s a, Int16s sign) noexcept {
  const __m128i negative = _mm_srai_epi16(sign.v, 15);
  return {_mm_sub_epi16(_mm_xor_si128(a.v, negative), negative)};
}
#endif
#elif defined(__aarch64__) && defined(__ARM_NEON)
#define BODEGA_INT16_LANES 8
struct Int16s {
  int16x8_t v;
};
struct Int32s {
  int32x4_t v;
};
inline Int16s load(const std::int16_t* p) noexcept { return {vld1q_s16(p)}; }
inline void store(std::int16_t* p, Int16s a) noexcept { vst1q_s16(p, a.v); }
inline Int32s load(const std::int32_t* p) noexcept { return {vld1q_s32(p)}; }
inline void store(std::int32_t* p, Int32s a) noexcept { vst1q_s32(p, a.v); }
inline Int16s broadcast(std::int16_t a) noexcept { return {vdupq_n_s16(a)}; }
inline Int32s broadcast(std::int32_t a) noexcept { return {vdupq_n_s32(a)}; }
inline Int16s as_int16(Int32s a) noexcept { return {vreinterpretq_s16_s32(a.v)}; }
inline Int32s add_products(Int32s sum, Int16s a, Int16s b) noexcept {
  return {vaddq_s32(sum.v, vpaddq_s32(vmull_s16(vget_low_s16(a.v), vget_low_s16(b.v)),
                                      vmull_high_s16(a.v, b.v)))};
}
inline Int16s narrow(Int32s low, Int32s high, Int32s bits) noexcept {
  const int32x4_t count = vnegq_s32(bits.v);
  return {vqmovn_high_s32(vqmovn_s32(vshlq_s32(low.v, count)), vshlq_s32(high.v, count))};
}
inline Int16s interleave_low(Int16s a, Int16s b) noexcept { return {vzip1q_s16(a.v, b.v)}; }
inline Int16s interleave_high(Int16s a, Int16s b) noexcept { return {vzip2q_s16(a.v, b.v)}; }
inline Int16s product(Int16s a, Int16s b) noexcept { return {vqrdmulhq_s16(a.v, b.v)}; }
inline Int16s add(Int16s a, Int16s b) noexcept { return {vqaddq_s16(a.v, b.v)}; }
inline Int16s subtract(Int16s a, Int16s b) noexcept { return {vqsubq_s16(a.v, b.v)}; }
inline Int16s largest(Int16s a, Int16s b) noexcept { return {vmaxq_s16(a.v, b.v)}; }
inline Int16s half(Int16s a) noexcept { return {vshrq_n_s16(a.v, 1)}; }
inline Int16s size(Int16s a) noexcept { return {vqabsq_s16(a.v)}; }
inline Int16s with_sign_of(Int16s a, Int16s sign) noexcept {
  return {vbslq_s16(vcltzq_s16(sign.v), vnegq_s16(a.v), a.v)};
}
#else
#define BODEGA_INT16_LANES 8
struct Int16s {
  std::array<std::int16_t, 8> v;
};
struct Int32s {
  std::array<std::int32_t, 4> v;
};
inline Int16s load(const std::int16_t* p) noexcept {
  Int16s a;
  std::memcpy(a.v.data(), p, 16);
  return a;
}
inline void store(std::int16_t* p, Int16s a) noexcept { std::memcpy(p, a.v.data(), 16); }
inline Int32s load(const std::int32_t* p) noexcept {
  Int32s a;
  std::memcpy(a.v.data(), p, 16);
  return a;
}
inline void store(std::int32_t* p, Int32s a) noexcept { std::memcpy(p, a.v.data(), 16); }
inline Int16s broadcast(std::int16_t a) noexcept {
  Int16s all;
  all.v.fill(a);
  return all;
}
inline Int32s broadcast(std::int32_t a) noexcept {
  Int32s all;
  all.v.fill(a);
  return all;
}
inline Int16s as_int16(Int32s a) noexcept {
  Int16s b;
  std::memcpy(b.v.data(), a.v.data(), 16);
  return b;
}
inline Int32s add_products(Int32s sum, Int16s a, Int16s b) noexcept {
  for (std::size_t i = 0; i < 4; ++i)
    sum.v[i] += a.v[2 * i] * b.v[2 * i] + a.v[2 * i + 1] * b.v[2 * i + 1];
  return sum;
}
namespace detail {
template <class F>
Int16s each(Int16s a, Int16s b, F&& of) noexcept {
  Int16s result;
  for (std::size_t i = 0; i < 8; ++i) result.v[i] = static_cast<std::int16_t>(of(a.v[i], b.v[i]));
  return result;
}
}  // namespace detail
inline Int16s narrow(Int32s low, Int32s high, Int32s bits) noexcept {
  Int16s result;
  for (std::size_t i = 0; i < 8; ++i)
    result.v[i] = static_cast<std::int16_t>(
        fixed_point::saturate_int16((i < 4 ? low.v[i] : high.v[i - 4]) >> bits.v[0]));
  return result;
}
inline Int16s interleave_low(Int16s a, Int16s b) noexcept {
  return {{a.v[0], b.v[0], a.v[1], b.v[1], a.v[2], b.v[2], a.v[3], b.v[3]}};
}
inline Int16s interleave_high(Int16s a, Int16s b) noexcept {
  return {{a.v[4], b.v[4], a.v[5], b.v[5], a.v[6], b.v[6], a.v[7], b.v[7]}};
}
inline Int16s product(Int16s a, Int16s b) noexcept {
  return detail::each(a, b, [](int x, int y) { return fixed_point::multiply_q15(x, y); });
}
inline Int16s add(Int16s a, Int16s b) noexcept {
  return detail::each(a, b, [](int x, int y) { return fixed_point::saturate_int16(x + y); });
}
inline Int16s subtract(Int16s a, Int16s b) noexcept {
  return detail::each(a, b, [](int x, int y) { return fixed_point::saturate_int16(x - y); });
}
inline Int16s largest(Int16s a, Int16s b) noexcept {
  return detail::each(a, b, [](int x, int y) { return x > y ? x : y; });
}
inline Int16s half(Int16s a) noexcept {
  return detail::each(a, a, [](int x, int) { return x >> 1; });
}
inline Int16s size(Int16s a) noexcept {
  return detail::each(a, a, [](int x, int) { return x < 0 ? -x : x; });
}
inline Int16s with_sign_of(Int16s a, Int16s sign) noexcept {
  return detail::each(a, sign, [](int x, int y) { return y < 0 ? -x : x; });
}
#endif

/// Numbers in a vector.
inline constexpr std::size_t lanes = BODEGA_INT16_LANES;
#undef BODEGA_INT16_LANES

/// Where the sum of column c < lanes lies: in the first or the second vector, and where in it.
constexpr std::size_t sum_vector(std::size_t c) noexcept { return c / 4 % 2; }
constexpr std::size_t sum_place(std::size_t c) noexcept { return 4 * (c / 8) + c % 4; }

/// Two neighbouring numbers, over and over: the left factor of `add_products`.
inline Int16s broadcast_pair(const std::int16_t* p) noexcept {
  std::int32_t both;
  std::memcpy(&both, p, sizeof both);
  return as_int16(broadcast(both));
}

}  // namespace bodega::inline BODEGA_ABI::int16_lanes
