// SPDX-License-Identifier: MIT
#include <bodega/tensor/coding/entropy_code.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("bits come back and cost their entropy") {
  const CounterRandom random(1);
  for (const double chance : {0.5, 0.1, 0.01, 0.0}) {
    CAPTURE(chance);
    const std::size_t n = 20'000;
    std::vector<bool> bits(n);
    ArithmeticEncoder encoder;
    AdaptiveBit context;
    for (std::size_t i = 0; i < n; ++i) {
      bits[i] = static_cast<double>(random.uniform(i, 0)) < chance;
      CHECK(encoder.bit(context, bits[i]) == bits[i]);
    }
    const auto bytes = encoder.finish();
    const double entropy =
        chance == 0 ? 0 : -chance * std::log2(chance) - (1 - chance) * std::log2(1 - chance);
    CHECK(8.0 * static_cast<double>(bytes.size()) <= 1.04 * entropy * static_cast<double>(n) + 32);
    ArithmeticDecoder decoder(bytes);
    AdaptiveBit again;
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < n; ++i) wrong += decoder.bit(again) != bits[i];
    CHECK(wrong == 0);
    CHECK(decoder.ended());
  }
}

TEST_CASE("numbers of every size come back") {
  std::vector<std::int64_t> numbers = {0,
                                       1,
                                       -1,
                                       127,
                                       -128,
                                       std::numeric_limits<std::int64_t>::max(),
                                       std::numeric_limits<std::int64_t>::min()};
  for (int bit = 0; bit < 63; ++bit) {
    numbers.push_back(std::int64_t{1} << bit);
    numbers.push_back(-(std::int64_t{1} << bit) + 1);
  }
  ArithmeticEncoder encoder;
  AdaptiveSigned context;
  AdaptiveNumber size;
  for (const std::int64_t number : numbers) {
    CHECK(context.code(encoder, number) == number);
    CHECK(size.code(encoder, static_cast<std::uint64_t>(number)) ==
          static_cast<std::uint64_t>(number));
    encoder.even_bit(number > 5);
  }
  for (const std::size_t least : {0, 2000}) {
    auto copy = encoder;
    const auto bytes = copy.finish(least);
    CHECK(bytes.size() >= least);
    ArithmeticDecoder decoder(bytes);
    AdaptiveSigned context_again;
    AdaptiveNumber size_again;
    for (const std::int64_t number : numbers) {
      CHECK(context_again.code(decoder) == number);
      CHECK(size_again.code(decoder) == static_cast<std::uint64_t>(number));
      CHECK(decoder.even_bit() == (number > 5));
    }
    CHECK(decoder.ended());
  }
}

TEST_CASE("what follows a code is seen, and no bytes at all can be read") {
  ArithmeticEncoder encoder;
  AdaptiveNumber context;
  for (std::uint64_t i = 0; i < 100; ++i) context.code(encoder, i * i);
  auto bytes = encoder.finish();
  bytes.insert(bytes.end(), 3, 0);
  bytes.push_back(9);
  ArithmeticDecoder decoder(bytes);
  AdaptiveNumber again;
  for (std::uint64_t i = 0; i < 100; ++i) again.code(decoder);
  CHECK_FALSE(decoder.ended());
  ArithmeticDecoder nothing({});
  CHECK(nothing.ended());
  CHECK(ArithmeticEncoder().finish().empty());
  AdaptiveNumber endless;
  for (int i = 0; i < 1000; ++i) endless.code(nothing);  // arbitrary, but it ends
}
