// SPDX-License-Identifier: MIT
#include <bodega/data/baskets.hpp>

#include "check_error.hpp"

using namespace bodega;

namespace {
using Items = std::vector<ItemIndex>;
Items items(std::initializer_list<std::uint32_t> values) {
  Items result;
  for (const auto value : values) result.push_back(ItemIndex(value));
  return result;
}
Items of(const Baskets& baskets, std::size_t i) {
  return Items(baskets[i].begin(), baskets[i].end());
}
}  // namespace

TEST_CASE("A basket holds each item once, in the order of its first line") {
  Baskets baskets(5);
  const Moment noon(Day(100), 43200);
  baskets.add(noon, CustomerIndex(7), items({3, 1, 3, 0, 1}));
  baskets.add(Moment(Day(99)), CustomerIndex::none(), items({3}));
  REQUIRE(baskets.size() == 2);
  CHECK(of(baskets, 0) == items({3, 1, 0}));
  CHECK(of(baskets, 1) == items({3}));
  CHECK(baskets.when(0) == noon);
  CHECK(baskets.day(0) == Day(100));
  CHECK(baskets.customer(0) == CustomerIndex(7));
  CHECK(baskets.customer(1).is_none());
  CHECK(baskets.items() == 5);
  CHECK(baskets.customers() == 8);
}

TEST_CASE("Neither an empty basket nor an unknown item gets in") {
  Baskets baskets(2);
  baskets.add(Moment(), CustomerIndex(1), {});
  CHECK(baskets.empty());
  CHECK(baskets.customers() == 0);
  CHECK_ERROR(baskets.add(Moment(), CustomerIndex(1), items({0, 2})), ErrorCode::out_of_range,
              "Baskets");
  CHECK_ERROR(baskets.add(Moment(), CustomerIndex(1), Items{ItemIndex::none()}),
              ErrorCode::out_of_range, "Baskets");
  CHECK(baskets.empty());
  CHECK(baskets.customers() == 0);
  baskets.add(Moment(), CustomerIndex(1), items({0}));
  CHECK(of(baskets, 0) == items({0}));
}

TEST_CASE("A receipt's basket is what it sells, with its store and till") {
  const auto line = [](std::uint32_t item, std::int64_t units) {
    return ReceiptLine{ItemIndex(item), Quantity::from_whole(units), Money()};
  };
  Baskets baskets(4);
  const ReceiptLine lines[] = {line(2, 1), line(1, -1), line(0, 0), line(3, 2), line(2, 5)};
  const ReceiptLine returned[] = {line(2, -1)}, bad[] = {line(0, 1), line(4, -1)};
  const Moment when(Day(12), 60);
  baskets.add({.when = when, .lines = returned});
  CHECK(baskets.empty());
  baskets.add({"9", when, StoreId(7), TillId(3), CustomerIndex(1), lines});
  CHECK_ERROR(baskets.add({.when = when, .lines = bad}), ErrorCode::out_of_range, "Baskets");
  baskets.add(when, CustomerIndex::none(), std::vector{ItemIndex(2)}, StoreId(8));
  REQUIRE(baskets.size() == 2);
  REQUIRE(baskets[0].size() == 2);
  CHECK(baskets[0][0] == ItemIndex(2));
  CHECK(baskets[0][1] == ItemIndex(3));
  CHECK(baskets.customer(0) == CustomerIndex(1));
  CHECK(baskets.store(0) == StoreId(7));
  CHECK(baskets.till(0) == TillId(3));
  CHECK(baskets.store(1) == StoreId(8));
  CHECK(baskets.till(1).is_none());
  CHECK(baskets[1].size() == 1);
}
