// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// Philox4x32-10: four random words from a counter and a key, with no state between calls.
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                              std::array<std::uint32_t, 2> key) noexcept {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {
        static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
        static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

/// Random numbers named by (seed, row, step) instead of drawn in sequence: row 7 at step 3 gets the
/// same number whatever order or thread asks, so training is the same at any number of threads.
/// Immutable, safe from any thread; one call costs ten rounds of Philox (about 10 ns).
class CounterRandom {
 public:
  constexpr explicit CounterRandom(std::uint64_t seed) noexcept
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)} {}

  constexpr std::array<std::uint32_t, 4> words(std::uint64_t row,
                                               std::uint64_t step) const noexcept {
    return philox({static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(row >> 32),
                   static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32)},
                  key_);
  }

  /// In [0, 1), on a grid of 2^-24.
  constexpr float uniform(std::uint64_t row, std::uint64_t step) const noexcept {
    return static_cast<float>(words(row, step)[0] >> 8) * 0x1p-24f;
  }

  /// In [0, bound); the bias is below bound / 2^64. `bound` 0 gives 0.
  constexpr std::uint32_t below(std::uint32_t bound, std::uint64_t row,
                                std::uint64_t step) const noexcept {
    const auto w = words(row, step);
    const std::uint64_t high = std::uint64_t{w[1]} * bound;
    const std::uint64_t low = (std::uint64_t{w[0]} * bound) >> 32;
    return static_cast<std::uint32_t>((high + low) >> 32);
  }

  /// Standard normal (Box and Muller 1958).
  float normal(std::uint64_t row, std::uint64_t step) const noexcept {
    const auto w = words(row, step);
    const double u = (w[0] + 1.0) * 0x1p-32;  // (0, 1]: the logarithm stays finite
    const double v = w[1] * 0x1p-32;
    return static_cast<float>(std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v));
  }

  /// Fisher and Yates; `row` names the shuffle, the same row gives the same order.
  template <class T>
  void shuffle(std::span<T> values, std::uint64_t row) const noexcept {
    for (std::size_t i = values.size(); i > 1; --i)
      std::swap(values[i - 1], values[below(static_cast<std::uint32_t>(i), row, i)]);
  }

 private:
  std::array<std::uint32_t, 2> key_;
};

}  // namespace bodega::inline BODEGA_ABI
