// SPDX-License-Identifier: MIT
#include <algorithm>
#include <numeric>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("Philox gives the words its authors published") {
  // kat_vectors of Random123, philox4x32 with 10 rounds.
  using Words = std::array<std::uint32_t, 4>;
  constexpr std::uint32_t ones = 0xffffffffu;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("Numbers are named by seed, row and step, each to its last bit") {
  constexpr std::uint64_t high = std::uint64_t{1} << 32;
  const CounterRandom random(1);
  CHECK(random.words(7, 3) == CounterRandom(1).words(7, 3));
  for (const auto& other :
       {random.words(8, 3), random.words(7, 4), random.words(3, 7), CounterRandom(2).words(7, 3),
        random.words(7 + high, 3), random.words(7, 3 + high), CounterRandom(1 + high).words(7, 3)})
    CHECK(random.words(7, 3) != other);
}

TEST_CASE("Uniform and normal numbers have their moments") {
  const CounterRandom random(5);
  constexpr std::size_t count = 100'000;
  double sum = 0, squares = 0, normal_sum = 0, normal_squares = 0, normal_fourth = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double u = random.uniform(i, 0), z = random.normal(i, 1);
    REQUIRE((u >= 0 && u < 1));
    sum += u;
    squares += u * u;
    normal_sum += z;
    normal_squares += z * z;
    normal_fourth += z * z * z * z;
  }
  // Four standard errors each.
  CHECK(sum / count == bodega_test::Approx(0.5).margin(0.0037));
  CHECK(squares / count == bodega_test::Approx(1.0 / 3).margin(0.0038));
  CHECK(normal_sum / count == bodega_test::Approx(0).margin(0.0127));
  CHECK(normal_squares / count == bodega_test::Approx(1).margin(0.018));
  CHECK(normal_fourth / count == bodega_test::Approx(3).margin(0.125));
}

TEST_CASE("Numbers below a bound reach all of it and no more") {
  const CounterRandom random(9);
  std::vector<std::size_t> counts(6, 0);
  for (std::size_t i = 0; i < 60'000; ++i) {
    const std::uint32_t value = random.below(6, i, 0);
    REQUIRE(value < 6);
    ++counts[value];
  }
  for (const std::size_t count : counts) CHECK(count == bodega_test::Approx(10'000).margin(370));
  CHECK(random.below(1, 3, 3) == 0);
  CHECK(random.below(0, 3, 3) == 0);
}

TEST_CASE("A shuffle is a permutation named by its row") {
  std::vector<int> sorted(100);
  std::iota(sorted.begin(), sorted.end(), 0);
  const auto shuffled = [&](std::uint64_t seed, std::uint64_t row) {
    std::vector<int> values = sorted;
    CounterRandom(seed).shuffle(std::span<int>(values), row);
    return values;
  };
  std::vector<int> values = shuffled(1, 4);
  CHECK(values == shuffled(1, 4));
  CHECK(values != shuffled(1, 5));
  CHECK(values != shuffled(2, 4));
  CHECK(values != sorted);
  std::sort(values.begin(), values.end());
  CHECK(values == sorted);

  std::vector<int> first(5, 0);  // each of five values comes first about equally often
  for (std::uint64_t row = 0; row < 10'000; ++row) {
    std::vector<int> five{0, 1, 2, 3, 4};
    CounterRandom(3).shuffle(std::span<int>(five), row);
    ++first[static_cast<std::size_t>(five[0])];
  }
  for (const int count : first) CHECK(count == bodega_test::Approx(2'000).margin(160));
}
