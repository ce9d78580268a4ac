// SPDX-License-Identifier: MIT
#include <bodega/tensor/select.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"

using namespace bodega;

namespace {

/// The k best of what is allowed and above `least`, by sorting all of it.
std::vector<ScoredIndex> sorted_best(std::span<const float> scores, float least, std::size_t k) {
  std::vector<ScoredIndex> all;
  for (std::uint32_t i = 0; i < scores.size(); ++i)
    if (scores[i] > least && i % 3 != 0) all.push_back({scores[i], i});
  std::sort(all.begin(), all.end(), ranks_before);
  all.resize(std::min(k, all.size()));
  return all;
}

}  // namespace

TEST_CASE("selection in blocks is the sorted list, also with many equal scores") {
  const CounterRandom random(7);
  for (const std::uint32_t distinct : {3u, 1000u})
    for (const std::size_t n : {0, 1, 50, 1000})
      for (const std::size_t k : {0, 1, 10, 2000})
        for (const std::size_t block : {1, 64, 1000}) {
          CAPTURE(distinct, n, k, block);
          std::vector<float> scores(n);
          for (std::size_t i = 0; i < n; ++i)
            scores[i] = static_cast<float>(random.below(distinct, n, i));
          TopK best(k);
          for (std::size_t first = 0; first < n; first += block)
            offer_above(std::span<const float>(scores).subspan(first, std::min(block, n - first)),
                        first, 0.0f, best, [](std::uint32_t index) { return index % 3 != 0; });
          const auto found = best.sorted();
          CHECK(std::vector<ScoredIndex>(found.begin(), found.end()) ==
                sorted_best(scores, 0.0f, k));
        }
}

TEST_CASE("only those that could earn a place are asked about") {
  std::vector<float> falling(1000);
  for (std::size_t i = 0; i < falling.size(); ++i) falling[i] = 2000.0f - static_cast<float>(i);
  TopK best(5);
  std::size_t asked = 0;
  offer_above(falling, 0, 0.0f, best, [&](std::uint32_t) { return ++asked > 0; });
  CHECK(asked == 5);
}
