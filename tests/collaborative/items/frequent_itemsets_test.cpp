// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include <bodega/collaborative/items/frequent_itemsets.hpp>
#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {
using Set = std::vector<std::uint32_t>;

Baskets random_baskets(std::uint64_t seed, std::size_t items, std::uint32_t count,
                       std::uint32_t one_in) {
  const CounterRandom random(seed);
  Baskets baskets(items);
  for (std::uint32_t b = 0; b < count; ++b) {
    std::vector<ItemIndex> basket;
    // Lower items are bought more often.
    for (std::uint32_t i = 0; i < items; ++i)
      if (random.below(one_in + i / 2, b, i) == 0) basket.push_back(ItemIndex(i));
    std::reverse(basket.begin(), basket.end());
    if (basket.empty()) basket.push_back(ItemIndex(0));
    baskets.add({}, {}, basket);
  }
  return baskets;
}

/// Every subset of the first `seen` items of every basket.
std::map<Set, std::uint32_t> count_subsets(const Baskets& baskets, std::size_t longest,
                                           std::size_t seen) {
  std::map<Set, std::uint32_t> count;
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    Set items;
    for (const ItemIndex item : baskets[b].first(std::min(seen, baskets[b].size())))
      items.push_back(item.value());
    std::sort(items.begin(), items.end());
    for (std::size_t bits = 1; bits < (std::size_t{1} << items.size()); ++bits) {
      Set set;
      for (std::size_t i = 0; i < items.size(); ++i)
        if (bits >> i & 1) set.push_back(items[i]);
      if (set.size() <= longest) ++count[set];
    }
  }
  return count;
}

/// What was found is what the result says it is: all sets so long and so frequent, in order.
void check_exact(const FrequentItemsets& found, const std::map<Set, std::uint32_t>& subsets) {
  std::size_t at = 0;
  for (const auto& [set, count] : subsets) {
    if (count < found.min_count || set.size() > found.longest) continue;
    REQUIRE(at < found.sets.rows());
    const auto row = found.sets.row(at);
    CHECK(Set(row.begin(), row.end()) == set);
    CHECK(found.count[at] == count);
    CHECK(found.find(set) == at);
    ++at;
  }
  CHECK(found.sets.rows() == at);
}
}  // namespace

TEST_CASE("frequent itemsets are those that counting all subsets finds") {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u})
    for (const double support : {0.0, 0.02, 0.07, 0.3})
      for (const std::size_t longest : {1u, 2u, 3u, 5u}) {
        const Baskets baskets = random_baskets(seed, 12, 100, 3);
        const auto found =
            find_frequent_itemsets(baskets, {.support = support, .longest = longest});
        CHECK(found.min_count ==
              std::max(1u, static_cast<std::uint32_t>(std::lround(100 * support))));
        CHECK(found.longest == longest);
        CHECK(found.cut_baskets == 0);
        CHECK(found.sets.rows() > 0);
        check_exact(found, count_subsets(baskets, longest, 100));
      }
}

TEST_CASE("of a basket beyond the limit only the first items are seen") {
  const Baskets baskets = random_baskets(5, 12, 100, 2);
  const auto found =
      find_frequent_itemsets(baskets, {.support = 0.03, .longest = 4, .max_basket = 4});
  std::size_t larger = 0;
  for (std::size_t b = 0; b < baskets.size(); ++b) larger += baskets[b].size() > 4;
  REQUIRE(larger > 0);
  CHECK(found.cut_baskets == larger);
  check_exact(found, count_subsets(baskets, 4, 4));
}

TEST_CASE("too many itemsets raise the support, and what is said of them stays exact") {
  const Baskets baskets = random_baskets(6, 14, 300, 2);
  const auto subsets = count_subsets(baskets, 4, 100);
  for (const std::size_t most : {1u, 7u, 50u, 400u}) {
    const auto found =
        find_frequent_itemsets(baskets, {.support = 0, .longest = 4, .max_itemsets = most});
    CHECK(found.sets.rows() <= most);
    CHECK(found.min_count > 1);
    check_exact(found, subsets);
  }
}

TEST_CASE("where all sets are equally frequent they become shorter instead") {
  Baskets baskets(60);
  std::vector<ItemIndex> all;
  for (std::uint32_t i = 0; i < 60; ++i) all.push_back(ItemIndex(i));
  for (int b = 0; b < 50; ++b) baskets.add({}, {}, all);
  // 34,220 sets of three, 1,770 of two.
  const auto found = find_frequent_itemsets(baskets, {.longest = 20, .max_itemsets = 5000});
  CHECK(found.longest == 2);
  CHECK(found.min_count == 1);
  CHECK(found.sets.rows() == 60 + 1770);
  CHECK(std::all_of(found.count.begin(), found.count.end(),
                    [](std::uint32_t count) { return count == 50; }));
}

TEST_CASE("dense data stay within the limits") {
  const CounterRandom random(9);
  Baskets baskets(300);
  for (std::uint32_t b = 0; b < 200; ++b) {
    std::vector<ItemIndex> basket;
    for (std::uint32_t i = 0; i < 300; ++i)
      if (random.below(10, b, i) < 8) basket.push_back(ItemIndex(i));
    baskets.add({}, {}, basket);
  }
  const auto found = find_frequent_itemsets(
      baskets, {.support = 0.001, .longest = 8, .max_basket = 50, .max_itemsets = 2000});
  CHECK(found.cut_baskets == 200);
  CHECK(found.sets.rows() <= 2000);
  CHECK(found.sets.rows() > 20);
}

TEST_CASE("itemsets of nothing, of repeated lines, and options that make no sense") {
  CHECK(find_frequent_itemsets(Baskets()).sets.rows() == 0);
  CHECK(find_frequent_itemsets(Baskets(5)).sets.rows() == 0);

  Baskets repeated(3);
  repeated.add({}, {}, {});  // no lines: no basket
  repeated.add({}, {}, std::vector{ItemIndex(2), ItemIndex(0), ItemIndex(2), ItemIndex(2)});
  const auto found = find_frequent_itemsets(repeated, {.support = 1});
  CHECK(found.baskets == 1);
  CHECK(found.count == std::vector<std::uint32_t>{1, 1, 1});
  CHECK(found.find(Set{0, 2}) == 1);
  CHECK(found.find(Set{2, 2}) == 3);
  CHECK(found.find(Set{1}) == 3);

  for (const double support : {-0.1, 1.1, double{NAN}, double{INFINITY}})
    CHECK_ERROR(find_frequent_itemsets(repeated, {.support = support}), ErrorCode::out_of_range,
                "support");
  CHECK_ERROR(find_frequent_itemsets(repeated, {.longest = 0}), ErrorCode::invalid_argument,
              "longest");
  CHECK_ERROR(find_frequent_itemsets(repeated, {.max_basket = 0}), ErrorCode::invalid_argument,
              "max_basket");
  CHECK_ERROR(find_frequent_itemsets(repeated, {.max_itemsets = 0}), ErrorCode::invalid_argument,
              "max_itemsets");
  CHECK_ERROR(find_frequent_itemsets(repeated, {.progress = [](const Progress&) { return false; }}),
              ErrorCode::cancelled, "itemsets");
}
