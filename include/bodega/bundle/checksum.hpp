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
inline constexpr auto crc32_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit) table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xEDB88320u : 0u);
  }
  return table;
}();
}  // namespace detail

/// CRC-32 of IEEE 802.3, as zip and PNG use it: finds any error of up to 32 bits in a row. It
/// guards against decay, not against an adversary. `before` continues an earlier sum. Some 400
/// MB/s, which a file of a few megabytes does not notice: not worth a dependency.
constexpr std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0) noexcept {
  std::uint32_t crc = ~before;
  for (const std::byte byte : bytes)
    crc = detail::crc32_table[(crc ^ static_cast<std::uint32_t>(byte)) & 0xFF] ^ crc >> 8;
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
