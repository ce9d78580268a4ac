// SPDX-License-Identifier: MIT
#include <bodega/bundle/checksum.hpp>

#include <cstddef>
#include <span>
#include <string_view>

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

TEST_CASE("eight hexadecimal digits") {
  CHECK(hex8(0) == "00000000");
  CHECK(hex8(0xCBF43926u) == "cbf43926");
}
