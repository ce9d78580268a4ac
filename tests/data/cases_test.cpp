// SPDX-License-Identifier: MIT
#include <bodega/data/cases.hpp>

#include <cstdint>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {
std::vector<ItemIndex> items_of(std::vector<std::uint32_t> indices) {
  std::vector<ItemIndex> items;
  for (const std::uint32_t index : indices) items.emplace_back(index);
  return items;
}
Baskets baskets_of(std::size_t items, std::vector<std::vector<std::uint32_t>> lists) {
  Baskets baskets(items);
  for (const auto& list : lists) {
    std::vector<ItemIndex> basket;
    for (const std::uint32_t item : list) basket.emplace_back(item);
    baskets.add(Moment(Day(15000)), CustomerIndex(3), basket);
  }
  return baskets;
}
}  // namespace

TEST_CASE("The catalogue of a comparison is what enough baskets hold") {
  const Baskets baskets = baskets_of(4, {{0, 1}, {0, 2}, {0, 1, 1}});
  const ItemMask often = items_in_baskets(baskets, 2);
  CHECK(often.allows(ItemIndex(0)));
  CHECK(often.allows(ItemIndex(1)));
  CHECK_FALSE(often.allows(ItemIndex(2)));
  CHECK_FALSE(often.allows(ItemIndex(3)));
  CHECK(items_in_baskets(baskets, 0).count() == 4);
}

TEST_CASE("Each item of a held-out basket is hidden in turn") {
  ItemMask catalogue(10);
  catalogue.forbid(ItemIndex(9));
  const Baskets held_out = baskets_of(10, {{4, 9, 5}, {1, 9}, {7}, {0, 1, 2, 3, 4}});
  const LeaveOneOut cases(held_out, catalogue, {.longest_basket = 3});
  CHECK(cases.baskets() == 2);
  CHECK(cases.removed_items() == 2);
  REQUIRE(cases.size() == 5);
  CHECK(cases[0].basket[cases[0].hidden] == ItemIndex(4));
  CHECK(cases[1].basket[cases[1].hidden] == ItemIndex(5));
  CHECK(cases[1].basket.size() == 2);
  CHECK(cases[1].customer == CustomerIndex(3));
  CHECK(cases[4].basket[cases[4].hidden] == ItemIndex(2));
  CHECK(cases[4].basket.size() == 3);
  CHECK(cases[4].group == 1);

  const LeaveOneOut thinned(held_out, catalogue, {.longest_basket = 3, .max_cases = 2});
  REQUIRE(thinned.size() == 2);  // every third of five
  CHECK(thinned[1].basket[thinned[1].hidden] == ItemIndex(1));
  CHECK_ERROR(LeaveOneOut(held_out, ItemMask(9)), ErrorCode::shape, "LeaveOneOut");
}

TEST_CASE("Cases may be chosen by somebody else") {
  LeaveOneOut cases((ItemMask(4)));
  cases.add(items_of({0, 1}), 1, false);
  cases.add(items_of({1, 0}), 1, false, CustomerIndex(7));
  cases.add(items_of({2, 3}), 0, true);
  REQUIRE(cases.size() == 3);
  CHECK(cases.baskets() == 2);
  CHECK(cases[0].customer.is_none());
  CHECK(cases[1].basket[cases[1].hidden] == ItemIndex(0));
  CHECK(cases[1].customer == CustomerIndex(7));
  CHECK(cases[1].group == cases[0].group);
  CHECK(cases[2].group == 1);
  CHECK_ERROR(cases.add(items_of({0, 4}), 0, true), ErrorCode::out_of_range, "item of a case");
  CHECK_ERROR(cases.add(items_of({0, 1}), 2, true), ErrorCode::out_of_range, "hidden");
  CHECK(cases.size() == 3);
}

TEST_CASE("Whole baskets are cases by customer, and know what was bought before") {
  Baskets history(6), held_out(6);
  history.add(Moment(), CustomerIndex(1), items_of({0, 3}));
  history.add(Moment(), CustomerIndex::none(), items_of({1}));
  held_out.add(Moment(), CustomerIndex(1), items_of({1, 0, 3}));
  held_out.add(Moment(), CustomerIndex(0), items_of({5, 0}));
  held_out.add(Moment(), CustomerIndex(1), items_of({0}));
  const BasketCases cases(held_out, history, ItemMask(6));
  REQUIRE(cases.size() == 3);
  CHECK(cases[0].customer == CustomerIndex(0));
  CHECK(cases[0].seen.empty());
  CHECK(cases[0].query.empty());
  CHECK(cases[1].group == cases[2].group);
  CHECK(cases[1].group != cases[0].group);
  CHECK(std::vector(cases[1].seen.begin(), cases[1].seen.end()) == items_of({0, 3}));
  CHECK(std::vector(cases[1].target.begin(), cases[1].target.end()) == items_of({0, 3, 1}));
  CHECK_ERROR(BasketCases(Baskets(3), Baskets(4), ItemMask(4)), ErrorCode::shape, "BasketCases");
}

TEST_CASE("A basket case needs a target, and has seen no more than that") {
  BasketCases cases((ItemMask(4)));
  CHECK_ERROR(cases.add({}, {}, {}, {}, 0), ErrorCode::invalid_argument, "case 0");
  const auto target = items_of({1}), other = items_of({2});
  CHECK_ERROR(cases.add({}, {}, target, other, 0), ErrorCode::invalid_argument, "seen");
  CHECK(cases.size() == 0);
  cases.add(CustomerIndex(2), other, target, {}, 5);
  CHECK(cases[0].query.front() == ItemIndex(2));
  CHECK(cases[0].target.front() == ItemIndex(1));
  CHECK(cases[0].group == 5);
}
