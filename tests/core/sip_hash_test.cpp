// SPDX-License-Identifier: MIT
#include <bodega/core/sip_hash.hpp>

#include <string>
#include <vector>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("hostile files: SipHash tells every byte and every length, under every key") {
  const detail::SipKey key{0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
  std::vector<std::uint64_t> seen;
  std::string text;
  for (int i = 0; i < 64; ++i) {
    seen.push_back(detail::sip_hash(text, key));
    text += static_cast<char>(i);
  }
  for (std::size_t a = 0; a < seen.size(); ++a)
    for (std::size_t b = 0; b < a; ++b) CHECK(seen[a] != seen[b]);
  CHECK(detail::sip_hash(text, key) == detail::sip_hash(text, key));
  CHECK(detail::sip_hash(text, key) != detail::sip_hash(text, {key[0] + 1, key[1]}));
  CHECK(detail::sip_hash("a", key) != detail::sip_hash(std::string("a\0", 2), key));
  CHECK(detail::process_key() == detail::process_key());
}

TEST_CASE("hostile files: the low bits of the hash are spread evenly") {
  std::vector<int> slots(256);
  for (int i = 0; i < 25'600; ++i)
    ++slots[detail::sip_hash("item-" + std::to_string(i), detail::process_key()) & 255];
  for (const int count : slots) {
    CHECK(count > 50);
    CHECK(count < 160);
  }
}
