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
