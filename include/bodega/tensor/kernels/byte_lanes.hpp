// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/prefetch.hpp>

#if defined(__x86_64__) && defined(__SSE2__)
#include <immintrin.h>
#define BODEGA_BYTE_LANES_X86
#endif

/// Products of one query with many rows of small numbers, rows side by side, so that no sum goes
/// across a vector. Apart from int16_lanes.hpp because it alone chooses at run time: SSE2 cannot
/// multiply bytes, while nearly every x86-64 since 2013 can, so that the machine's own instructions
/// are worth a factor of three to a program compiled for all. Sums are integers: every choice gives
/// the same ones.
namespace bodega::inline BODEGA_ABI::byte_lanes {

/// Rows in a tile, and numbers of each: 16 x 4 bytes, row by row. A block is the tiles of 16 rows.
inline constexpr std::size_t rows = 16, depth = 4;

/// A row's numbers, 7 bits each in a byte of its own or 4 bits each: then a tile's low halves are
/// followed by its high halves.
enum class Packing : std::uint8_t { bytes, halves };

/// hits[b], bit r = whether sum over d of block(b, row r, d) * query[d] > least[b]. `depths`
/// numbers a row, a multiple of 16 and at most 512, and within the `limits` of the instructions.
struct Scan {
  const std::uint8_t* blocks;
  std::size_t count;  ///< of blocks
  std::size_t depths;
  const std::int8_t* query;
  const std::int32_t* least;
  std::uint16_t* hits;
  std::int32_t* sums = nullptr;  ///< where given: those of each block's rows
};

namespace detail {

/// Prefetches 1.5 KB ahead. The hardware prefetcher stops at page ends, which costs about 17 %.
template <int Bytes>
void prefetch(const void* from) noexcept {
  for (int at = 0; at < Bytes; at += 64)
    bodega::prefetch(static_cast<const char*>(from) + 1536 + at);
}

template <Packing P>
void scan_plain(const Scan& s) noexcept {
  const std::uint8_t* from = s.blocks;
  for (std::size_t b = 0; b < s.count; ++b) {
    std::int32_t sums[rows] = {};
    for (std::size_t d = 0; d < s.depths;) {
      for (int half = 0; half < (P == Packing::halves ? 2 : 1); ++half, d += depth)
        for (std::size_t r = 0; r < rows; ++r)
          for (std::size_t k = 0; k < depth; ++k) {
            const int number = P == Packing::bytes ? from[r * depth + k]
                                                   : (from[r * depth + k] >> (4 * half)) & 15;
            sums[r] += number * s.query[d + k];
          }
      from += rows * depth;
    }
    unsigned hits = 0;
    if (s.sums != nullptr) std::copy_n(sums, rows, s.sums + b * rows);
    for (std::size_t r = 0; r < rows; ++r) hits |= unsigned{sums[r] > s.least[b]} << r;
    s.hits[b] = static_cast<std::uint16_t>(hits);
  }
}

#if defined(BODEGA_BYTE_LANES_X86)

/// Two bytes are one number of 16 bits, low + 256 high; what the high one adds too much in the
/// first product is taken out by the second: three instructions for the widening and two products.
template <Packing P>
void scan_sse2(const Scan& s) noexcept {
  alignas(16) std::int16_t factors[2][512];  // of both at once, of the high one
  for (std::size_t d = 0; d < s.depths; d += 2) {
    factors[0][d / 2] = s.query[d];
    factors[1][d / 2] = static_cast<std::int16_t>(s.query[d + 1] - 256 * s.query[d]);
  }
  const __m128i low = _mm_set1_epi8(15);
  const auto* from = reinterpret_cast<const __m128i*>(s.blocks);
  for (std::size_t b = 0; b < s.count; ++b) {
    __m128i sums[4] = {};
    for (std::size_t d = 0; d < s.depths; from += 4)
      for (int half = 0; half < (P == Packing::halves ? 2 : 1); ++half, d += depth) {
        const __m128i both =
                          _mm_set1_epi32(static_cast<std::uint16_t>(factors[0][d / 2]) |
                                         static_cast<std::int32_t>(factors[0][d / 2 + 1]) * 65536),
                      high =
                          _mm_set1_epi32(static_cast<std::uint16_t>(factors[1][d / 2]) |
                                         static_cast<std::int32_t>(factors[1][d / 2 + 1]) * 65536);
#pragma GCC unroll 4
        for (int r = 0; r < 4; ++r) {
          __m128i x = _mm_loadu_si128(from + r);
          if constexpr (P == Packing::halves)
            x = _mm_and_si128(half ? _mm_srli_epi16(x, 4) : x, low);
          sums[r] = _mm_add_epi32(
              sums[r],
              _mm_add_epi32(_mm_madd_epi16(x, both), _mm_madd_epi16(_mm_srli_epi16(x, 8), high)));
        }
      }
    if (s.sums != nullptr)
      for (int r = 0; r < 4; ++r)
        _mm_storeu_si128(reinterpret_cast<__m128i*>(s.sums + b * rows) + r, sums[r]);
    const __m128i least = _mm_set1_epi32(s.least[b]);
    const __m128i first =
        _mm_packs_epi32(_mm_cmpgt_epi32(sums[0], least), _mm_cmpgt_epi32(sums[1], least));
    const __m128i second =
        _mm_packs_epi32(_mm_cmpgt_epi32(sums[2], least), _mm_cmpgt_epi32(sums[3], least));
    s.hits[b] = static_cast<std::uint16_t>(_mm_movemask_epi8(_mm_packs_epi16(first, second)));
  }
}

/// Sums of two products in 16 bits; of 8 bits two of them fit there, of 4 bits sixteen.
template <Packing P>
__attribute__((target("avx2"))) void scan_avx2(const Scan& s) noexcept {
  alignas(32) std::int32_t query[512 / depth][8];
  for (std::size_t g = 0; g < s.depths / depth; ++g) {
    std::int32_t four;
    __builtin_memcpy(&four, s.query + depth * g, sizeof four);
    for (std::int32_t& each : query[g]) each = four;
  }
  const auto* factor = reinterpret_cast<const __m256i*>(query);
  const __m256i ones = _mm256_set1_epi16(1), low = _mm256_set1_epi8(15);
  const auto* from = reinterpret_cast<const __m256i*>(s.blocks);
  for (std::size_t b = 0; b < s.count; ++b) {
    __m256i sum0 = _mm256_setzero_si256(), sum1 = sum0;
    for (std::size_t g = 0; g < s.depths / depth; g += 4) {
      __m256i part0, part1;
      prefetch<P == Packing::bytes ? 256 : 128>(from);
      if constexpr (P == Packing::bytes) {
        const __m256i a = _mm256_load_si256(factor + g), c = _mm256_load_si256(factor + g + 1),
                      e = _mm256_load_si256(factor + g + 2), f = _mm256_load_si256(factor + g + 3);
        part0 = _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_loadu_si256(from), a),
                                 _mm256_maddubs_epi16(_mm256_loadu_si256(from + 2), c));
        part1 = _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_loadu_si256(from + 1), a),
                                 _mm256_maddubs_epi16(_mm256_loadu_si256(from + 3), c));
        sum0 = _mm256_add_epi32(sum0, _mm256_madd_epi16(part0, ones));
        sum1 = _mm256_add_epi32(sum1, _mm256_madd_epi16(part1, ones));
        part0 = _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_loadu_si256(from + 4), e),
                                 _mm256_maddubs_epi16(_mm256_loadu_si256(from + 6), f));
        part1 = _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_loadu_si256(from + 5), e),
                                 _mm256_maddubs_epi16(_mm256_loadu_si256(from + 7), f));
        from += 8;
      } else {
        part0 = part1 = _mm256_setzero_si256();
        for (std::size_t k = 0; k < 4; k += 2, from += 2) {
          const __m256i a = _mm256_load_si256(factor + g + k),
                        c = _mm256_load_si256(factor + g + k + 1);
          const __m256i x0 = _mm256_loadu_si256(from), x1 = _mm256_loadu_si256(from + 1);
          part0 = _mm256_add_epi16(
              part0, _mm256_add_epi16(
                         _mm256_maddubs_epi16(_mm256_and_si256(x0, low), a),
                         _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(x0, 4), low), c)));
          part1 = _mm256_add_epi16(
              part1, _mm256_add_epi16(
                         _mm256_maddubs_epi16(_mm256_and_si256(x1, low), a),
                         _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(x1, 4), low), c)));
        }
      }
      sum0 = _mm256_add_epi32(sum0, _mm256_madd_epi16(part0, ones));
      sum1 = _mm256_add_epi32(sum1, _mm256_madd_epi16(part1, ones));
    }
    if (s.sums != nullptr) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(s.sums + b * rows), sum0);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(s.sums + b * rows) + 1, sum1);
    }
    const __m256i least = _mm256_set1_epi32(s.least[b]);
    const int first = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(sum0, least)));
    const int second = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(sum1, least)));
    s.hits[b] = static_cast<std::uint16_t>(first | second << 8);
  }
}

template <Packing P>
__attribute__((target("avx512f,avx512bw,avx512vnni"))) void scan_vnni(const Scan& s) noexcept {
  const __m512i low = _mm512_set1_epi8(15);
  const std::uint8_t* from = s.blocks;
  for (std::size_t b = 0; b < s.count; ++b) {
    __m512i sums[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                       _mm512_setzero_si512()};
    for (std::size_t d = 0; d < s.depths; d += 4 * depth) {
      std::int32_t query[4];
      __builtin_memcpy(query, s.query + d, sizeof query);
      if constexpr (P == Packing::bytes) {
        prefetch<256>(from);
#pragma GCC unroll 4
        for (std::size_t k = 0; k < 4; ++k)
          sums[k] = _mm512_dpbusd_epi32(sums[k], _mm512_loadu_si512(from + 64 * k),
                                        _mm512_set1_epi32(query[k]));
        from += 256;
      } else {
        prefetch<128>(from);
#pragma GCC unroll 2
        for (std::size_t k = 0; k < 4; k += 2) {
          const __m512i x = _mm512_loadu_si512(from + 32 * k);
          sums[k] =
              _mm512_dpbusd_epi32(sums[k], _mm512_and_si512(x, low), _mm512_set1_epi32(query[k]));
          sums[k + 1] =
              _mm512_dpbusd_epi32(sums[k + 1], _mm512_and_si512(_mm512_srli_epi16(x, 4), low),
                                  _mm512_set1_epi32(query[k + 1]));
        }
        from += 128;
      }
    }
    const __m512i sum =
        _mm512_add_epi32(_mm512_add_epi32(sums[0], sums[1]), _mm512_add_epi32(sums[2], sums[3]));
    if (s.sums != nullptr) _mm512_storeu_si512(s.sums + b * rows, sum);
    s.hits[b] = _mm512_cmpgt_epi32_mask(sum, _mm512_set1_epi32(s.least[b]));
  }
}

#endif

}  // namespace detail

/// What a machine has.
enum class Instructions : std::uint8_t { plain, sse2, avx2, avx512_vnni };

constexpr const char* name(Instructions set) noexcept {
  constexpr const char* names[] = {"plain C++", "SSE2", "AVX2", "AVX-512 VNNI"};
  return names[static_cast<std::size_t>(set)];
}

/// The largest number of a table in bytes, and of a query either way, at which no sum of 16 bits
/// overflows.
struct Limits {
  int number, query;
};
constexpr Limits limits(Instructions set) noexcept {
  if (set == Instructions::avx512_vnni) return {255, 127};  // sums have 32 bits from the start
  return {127, 63};
}

/// The best of them that this machine has. Cost: a load, after the first call.
inline Instructions best() noexcept {
#if defined(BODEGA_BYTE_LANES_X86)
  static const Instructions found = [] {
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni"))
      return Instructions::avx512_vnni;
    return __builtin_cpu_supports("avx2") ? Instructions::avx2 : Instructions::sse2;
  }();
  return found;
#else
  return Instructions::plain;
#endif
}

/// The machine must have the instructions.
template <Packing P>
void scan(const Scan& s, [[maybe_unused]] Instructions with = best()) noexcept {
#if defined(BODEGA_BYTE_LANES_X86)
  switch (with) {
    case Instructions::avx512_vnni:
      return detail::scan_vnni<P>(s);
    case Instructions::avx2:
      return detail::scan_avx2<P>(s);
    case Instructions::sse2:
      return detail::scan_sse2<P>(s);
    case Instructions::plain:
      break;
  }
#endif
  detail::scan_plain<P>(s);
}

}  // namespace bodega::inline BODEGA_ABI::byte_lanes

#undef BODEGA_BYTE_LANES_X86
