// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {
/// What a byte does to the sum, and what it does from 1 to 7 bytes further on.
inline constexpr auto crc32_tables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t& entry = tables[0][i] = i;
    for (int bit = 0; bit < 8; ++bit) entry = entry >> 1 ^ (entry & 1 ? 0xEDB88320u : 0u);
  }
  for (std::size_t k = 1; k < tables.size(); ++k)
    for (std::size_t i = 0; i < 256; ++i)
      tables[k][i] = tables[0][tables[k - 1][i] & 0xFF] ^ tables[k - 1][i] >> 8;
  return tables;
}();
}  // namespace detail

/// CRC-32 of IEEE 802.3, as zip and PNG use it: finds any error of up to 32 bits in a row. It
/// guards against decay, not against an adversary. `before` continues an earlier sum. Eight bytes
/// at a time ("slicing by 8"): some 0.9 GB/s, which is not worth a dependency.
/// Source: Kounavis and Berry, A Systematic Approach to Building High Performance Software-based
/// CRC Generators, 2005.
constexpr std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0) noexcept {
  const auto& tables = detail::crc32_tables;
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(bytes[i]); };
  std::uint32_t crc = ~before;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    crc ^= at(0) | at(1) << 8 | at(2) << 16 | at(3) << 24;
    crc = tables[7][crc & 0xFF] ^ tables[6][crc >> 8 & 0xFF] ^ tables[5][crc >> 16 & 0xFF] ^
          tables[4][crc >> 24] ^ tables[3][at(4)] ^ tables[2][at(5)] ^ tables[1][at(6)] ^
          tables[0][at(7)];
  }
  for (const std::byte byte : bytes)
    crc = tables[0][(crc ^ static_cast<std::uint32_t>(byte)) & 0xFF] ^ crc >> 8;
  return ~crc;
}

/// Eight lower-case hexadecimal digits.
std::string hex8(std::uint32_t value);

#if BODEGA_BODIES

BODEGA_INLINE std::string hex8(std::uint32_t value) {
  std::string text(8, '0');
  for (std::size_t i = 8; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
  return text;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
