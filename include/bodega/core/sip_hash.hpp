// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bodega/core/abi.hpp>

#if BODEGA_BODIES
#include <chrono>
#include <random>
#endif

namespace bodega::inline BODEGA_ABI::detail {

using SipKey = std::array<std::uint64_t, 2>;

/// SipHash-1-3: a short text's 64 bits under a secret key, such that who does not know the key
/// cannot make texts that collide. Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF",
/// INDOCRYPT 2012.
std::uint64_t sip_hash(std::string_view text, const SipKey& key) noexcept;

/// Drawn once a program. Nothing that is stored or answered depends on it.
const SipKey& process_key() noexcept;

#if BODEGA_BODIES

BODEGA_INLINE std::uint64_t sip_hash(std::string_view text, const SipKey& key) noexcept {
  std::uint64_t a = key[0] ^ 0x736f6d6570736575u, b = key[1] ^ 0x646f72616e646f6du,
                c = key[0] ^ 0x6c7967656e657261u, d = key[1] ^ 0x7465646279746573u;
  const auto round = [&] {
    a += b;
    c += d;
    b = std::rotl(b, 13) ^ a;
    d = std::rotl(d, 16) ^ c;
    a = std::rotl(a, 32);
    c += b;
    a += d;
    b = std::rotl(b, 17) ^ c;
    d = std::rotl(d, 21) ^ a;
    c = std::rotl(c, 32);
  };
  const auto take = [&](std::uint64_t word) {
    d ^= word;
    round();
    a ^= word;
  };
  std::uint64_t last = static_cast<std::uint64_t>(text.size()) << 56;
  std::size_t at = 0;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(text[i]));
  };
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    for (std::size_t k = 0; k < 8; ++k) word |= byte(at + k) << 8 * k;
    take(word);
  }
  for (std::size_t k = 0; at + k < text.size(); ++k) last |= byte(at + k) << 8 * k;
  take(last);
  c ^= 0xff;
  round();
  round();
  round();
  return a ^ b ^ c ^ d;
}

BODEGA_INLINE const SipKey& process_key() noexcept {
  static const SipKey key = [] {
    SipKey drawn{};
    for (std::uint64_t& half : drawn) {
      const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
      half = static_cast<std::uint64_t>(now) ^ reinterpret_cast<std::uintptr_t>(&drawn);
      try {
        std::random_device random;
        half ^= std::uint64_t{random()} << 32 | random();
      } catch (...) {  // a machine without one has the time and the place
      }
    }
    return drawn;
  }();
  return key;
}

#endif

}  // namespace bodega::inline BODEGA_ABI::detail
