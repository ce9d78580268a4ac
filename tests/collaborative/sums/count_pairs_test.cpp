// SPDX-License-Identifier: MIT
#include <bodega/collaborative/sums/count_pairs.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

TEST_CASE("a basket is sorted and holds every item once, at any size") {
  const CounterRandom random(1);
  for (std::uint32_t size = 0; size < 150; ++size)
    for (const std::uint32_t items : {1u, 20u, 4'000'000'000u}) {
      std::vector<std::uint32_t> basket(size);
      for (std::uint32_t k = 0; k < size; ++k) basket[k] = random.below(items, size, k);
      const std::set<std::uint32_t> expected(basket.begin(), basket.end());
      sort_distinct(basket);
      REQUIRE(basket == std::vector<std::uint32_t>(expected.begin(), expected.end()));
    }
}

TEST_CASE("pairs are those of the plain definition, in one block of rows and in many") {
  const CounterRandom random(2);
  for (const std::uint32_t items : {1u, 2u, 40u, 900u}) {
    SparsePattern baskets(items);
    std::vector<float> weights;
    std::vector<std::vector<float>> expected(items, std::vector<float>(items, 0.0f));
    for (std::uint32_t b = 0; b < 120; ++b) {
      // Of no item, one, some and all.
      const std::uint32_t size = b == 7 ? items : random.below(std::min(items, 30u) + 1, b, 0);
      std::vector<std::uint32_t> basket(size);
      for (std::uint32_t k = 0; k < size; ++k)
        basket[k] = b == 7 ? k : random.below(items, b, 1 + k);
      sort_distinct(basket);
      baskets.add_row(basket);
      weights.push_back(0.5f * static_cast<float>(1 + b % 3));
      for (const std::uint32_t i : basket)
        for (const std::uint32_t j : basket)
          if (i < j) expected[i][j] += weights.back();
    }
    const CsrMatrix<float> pairs = count_pairs(baskets, weights);
    pairs.validate("pairs");
    REQUIRE(pairs.rows() == items);
    REQUIRE(pairs.columns() == items);
    std::size_t wrong = 0, found = 0;
    for (std::size_t i = 0; i < items; ++i)
      for (std::size_t j = 0; j < items; ++j) {
        wrong += pairs.at(i, j) != expected[i][j];
        found += expected[i][j] != 0;
      }
    CHECK(wrong == 0);
    CHECK(pairs.size() == found);  // no zeros stored
  }
}

TEST_CASE("without baskets or items there are no pairs") {
  CHECK(count_pairs(SparsePattern(0), {}).size() == 0);
  const auto none = count_pairs(SparsePattern(5), {});
  CHECK(none.rows() == 5);
  CHECK(none.size() == 0);
}

TEST_CASE("counting pairs can be cancelled") {
  CHECK_ERROR(
      count_pairs(SparsePattern(5), {}, {.progress = [](const Progress&) { return false; }}),
      ErrorCode::cancelled, "counting pairs");
}
