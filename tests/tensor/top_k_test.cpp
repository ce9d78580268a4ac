// SPDX-License-Identifier: MIT
#include <bodega/tensor/top_k.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"

using namespace bodega;

namespace {
std::vector<ScoredIndex> kept(TopK& best) {
  const auto sorted = best.sorted();
  return {sorted.begin(), sorted.end()};
}
}  // namespace

TEST_CASE("the k best are kept, best first, ties by lower index") {
  TopK best(3);
  const std::vector<ScoredIndex> offers{{1, 9}, {2, 7}, {2, 3}, {0, 0}, {2, 5}};
  for (const auto& [score, index] : offers) best.offer(score, index);
  CHECK(kept(best) == std::vector<ScoredIndex>{{2, 3}, {2, 5}, {2, 7}});
}

TEST_CASE("the selection agrees with sorting everything, in any order of offers") {
  const CounterRandom random(4);
  for (const std::uint32_t k : {1u, 2u, 7u, 64u, 200u}) {
    std::vector<ScoredIndex> all;
    for (std::uint32_t i = 0; i < 100; ++i)  // few distinct scores: many ties
      all.push_back({static_cast<float>(random.below(10, k, i)), i});
    random.shuffle<ScoredIndex>(all, k);
    TopK best(k);
    for (const auto& [score, index] : all) {
      const bool may = best.may_enter(score);
      const auto before = best.size();
      best.offer(score, index);
      if (best.size() > before) CHECK(may);
    }
    std::sort(all.begin(), all.end(), ranks_before);
    all.resize(std::min<std::size_t>(k, all.size()));
    CHECK(kept(best) == all);
  }
}

TEST_CASE("nothing is kept for k = 0, and NaN never is") {
  TopK none(0);
  none.offer(1, 1);
  CHECK(none.size() == 0);
  CHECK_FALSE(none.may_enter(1));
  TopK best(2);
  best.offer(std::nanf(""), 1);
  best.offer(-INFINITY, 2);
  CHECK(kept(best) == std::vector<ScoredIndex>{{-INFINITY, 2}});
}

TEST_CASE("after a reset the next selection starts empty and may be larger") {
  TopK best(1);
  best.offer(5, 1);
  best.reset(2);
  CHECK(best.size() == 0);
  best.offer(1, 1);
  best.offer(2, 2);
  CHECK(best.size() == 2);
}
