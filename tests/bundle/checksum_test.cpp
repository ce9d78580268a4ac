// SPDX-License-Identifier: MIT
#include <bodega/bundle/checksum.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "catch.hpp"

using namespace bodega;

namespace {
std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
}  // namespace

TEST_CASE("CRC-32 has its published check value") {
  CHECK(crc32(bytes("123456789")) == 0xCBF43926u);
  CHECK(crc32(bytes("")) == 0);
  CHECK(crc32(bytes("56789"), crc32(bytes("1234"))) == 0xCBF43926u);
}

TEST_CASE("CRC-32 of any length, in any two parts, is that of its definition bit by bit") {
  std::vector<std::byte> all;
  for (unsigned i = 0; i < 60; ++i) all.push_back(static_cast<std::byte>(i * i * 7 + 3));
  for (std::size_t size = 0; size <= all.size(); ++size) {
    const std::span<const std::byte> some(all.data(), size);
    std::uint32_t crc = 0xFFFFFFFFu;
    for (const std::byte byte : some) {
      crc ^= static_cast<std::uint32_t>(byte);
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0u);
    }
    CHECK(crc32(some) == ~crc);
    for (std::size_t cut = 0; cut <= size; ++cut)
      CHECK(crc32(some.subspan(cut), crc32(some.first(cut))) == ~crc);
  }
}

TEST_CASE("eight hexadecimal digits") {
  CHECK(hex8(0) == "00000000");
  CHECK(hex8(0xCBF43926u) == "cbf43926");
}
