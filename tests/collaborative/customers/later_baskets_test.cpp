// SPDX-License-Identifier: MIT
#include <bodega/collaborative/customers/later_baskets.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/failing_allocations.hpp"
#include "later_receipts.hpp"
#include "reload.hpp"

using namespace bodega;
using bodega_test::LaterReceipts;

namespace {
using Items = std::vector<std::uint32_t>;

ReceiptLine line(std::uint32_t item, std::int64_t units = 1) {
  return {ItemIndex(item), Quantity::from_whole(units), Money()};
}
std::size_t hear(LaterBaskets& baskets, std::uint32_t customer, int day,
                 std::vector<ReceiptLine> lines) {
  return baskets.observe(
      {.when = Moment(Day(day)), .customer = CustomerIndex(customer), .lines = lines});
}
std::vector<Items> newest_first(const LaterBaskets& baskets, std::size_t customer) {
  std::vector<Items> found;
  baskets.for_each_back(customer, [&](std::size_t basket, std::size_t age) {
    CHECK(age == found.size());
    found.emplace_back(baskets[basket].begin(), baskets[basket].end());
  });
  return found;
}
/// Through its tensors and back.
struct Model {
  LaterBaskets baskets;
  void validate(const std::string& where) const { baskets.validate(where, 12); }
  void restore() { baskets.restore(12); }
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("baskets", self.baskets);
  }
};
LaterBaskets reloaded(const LaterBaskets& baskets) {
  return bodega_test::reload(Model{baskets}).baskets;
}
}  // namespace

TEST_CASE("A customer's baskets are told from the newest, each item once") {
  LaterBaskets baskets(10);
  CHECK(baskets.day() == Day());
  CHECK(hear(baskets, 3, 100, {line(7), line(2), line(7)}) == 0);
  CHECK(hear(baskets, 1, 101, {line(5)}) == 1);
  CHECK(hear(baskets, 3, 102, {line(4)}) == 2);
  CHECK(newest_first(baskets, 3) == std::vector<Items>{{4}, {2, 7}});
  CHECK(newest_first(baskets, 1) == std::vector<Items>{{5}});
  CHECK(newest_first(baskets, 0).empty());
  CHECK(newest_first(baskets, 99).empty());
  CHECK(baskets.count(3) == 2);
  CHECK(baskets.count(99) == 0);
  CHECK(baskets.customers() == 4);
  CHECK(baskets.day() == Day(102));
  CHECK(baskets.day(0) == Day(100));
}

TEST_CASE("What says nothing of a customer is not kept") {
  LaterBaskets baskets(10);
  const LaterBaskets none = baskets;
  CHECK(hear(baskets, 3, 100, {}) == 0);
  CHECK(hear(baskets, 3, 100, {line(10), line(4, -1), line(5, 0)}) == 0);
  CHECK(hear(baskets, CustomerIndex().value(), 100, {line(4)}) == 0);
  CHECK(hear(baskets, most_customers, 100, {line(4)}) == 0);
  CHECK(baskets == none);
  CHECK(baskets.customers() == 0);
  hear(baskets, 3, 100, {line(10), line(4), line(5, -1)});
  CHECK(newest_first(baskets, 3) == std::vector<Items>{{4}});
}

TEST_CASE("A late receipt takes its place in time") {
  LaterBaskets baskets(10);
  hear(baskets, 0, 100, {line(1)});
  hear(baskets, 0, 103, {line(2)});
  hear(baskets, 0, 101, {line(3)});
  hear(baskets, 0, 99, {line(4)});
  hear(baskets, 0, 103, {line(5)});  // of one moment: as they were heard
  CHECK(newest_first(baskets, 0) == std::vector<Items>{{5}, {2}, {3}, {1}, {4}});
  CHECK(newest_first(reloaded(baskets), 0) == newest_first(baskets, 0));
}

TEST_CASE("Later baskets go through tensors and back") {
  const LaterReceipts shop(3);
  LaterBaskets baskets(12);
  for (const Receipt& receipt : shop.later) baskets.observe(receipt);
  LaterBaskets copy = reloaded(baskets);
  CHECK(copy == baskets);
  CHECK(copy.day() == baskets.day());
  for (std::size_t u = 0; u < LaterReceipts::customers; ++u) {
    CHECK(newest_first(copy, u) == newest_first(baskets, u));
    CHECK(copy.count(u) == baskets.count(u));
  }
  copy.observe(shop.later.front());
  baskets.observe(shop.later.front());
  CHECK(copy == baskets);
}

TEST_CASE("What a file spoilt is refused") {
  LaterBaskets baskets(10);
  hear(baskets, 3, 100, {line(7), line(2)});
  hear(baskets, 1, 101, {line(5)});
  struct Spoil {
    const char* name;
    std::vector<std::int64_t> numbers;
  };
  for (const Spoil& spoil : std::vector<Spoil>{{"customer", {3}},
                                               {"customer", {3, most_customers}},
                                               {"when", {0}},
                                               {"when", {0, INT64_MAX}},
                                               {"when", {INT64_MIN, 0}},
                                               {"end", {2}},
                                               {"end", {2, 2}},
                                               {"end", {0, 3}},
                                               {"end", {2, 4}},
                                               {"end", {3, 2}},
                                               {"item", {2, 7}},
                                               {"item", {7, 2, 5}},
                                               {"item", {2, 2, 5}},
                                               {"item", {2, 10, 5}}}) {
    LaterBaskets copy = baskets;
    for_each_tensor(copy, [&]<class Leaf>([[maybe_unused]] const std::string& name,
                                          [[maybe_unused]] Leaf& leaf, Role) {
      if constexpr (!std::is_arithmetic_v<Leaf>)
        if (name == spoil.name) leaf.assign(spoil.numbers.begin(), spoil.numbers.end());
    });
    INFO(spoil.name);
    CHECK_THROWS_AS(copy.validate("spoilt", 10), Error);
  }
  CHECK_NOTHROW(baskets.validate("good", 10));
  LaterBaskets grown = baskets;
  grown.grow(LaterBaskets::most_items + 1);  // no catalogue
  CHECK(grown == baskets);
  grown.grow(30);
  CHECK(grown.items() == 30);
  CHECK(hear(grown, 1, 102, {line(29)}) == 2);
  CHECK_NOTHROW(grown.validate("fitted to fewer items", 10));
  for_each_tensor(grown, []<class Leaf>(const std::string& name, Leaf& leaf, Role) {
    if constexpr (std::is_arithmetic_v<Leaf>)
      if (name == "items") leaf = UINT32_MAX;
  });
  CHECK_THROWS_AS(grown.validate("spoilt", 10), Error);
}

TEST_CASE("Of very many lines the older half is let go") {
  constexpr std::size_t items = 1000;
  LaterBaskets baskets(items);
  std::vector<ReceiptLine> all;
  for (std::uint32_t i = 0; i < items; ++i) all.push_back(line(i));
  constexpr std::size_t full = LaterBaskets::most_lines / items;
  std::uint32_t heard = 0;
  const auto hear_one = [&] {
    baskets.observe({.when = Moment(Day(static_cast<int>(heard))),
                     .customer = CustomerIndex(heard % 7),
                     .lines = all});
    ++heard;
  };
  while (heard < full) hear_one();
  CHECK(baskets.size() == full);
  hear_one();
  CHECK(baskets.lines().size() <= LaterBaskets::most_lines / 2 + items);
  CHECK(baskets.size() >= full / 2);
  CHECK(baskets.day() == Day(static_cast<int>(full)));
  std::size_t count = 0;
  for (std::size_t u = 0; u < 7; ++u) {
    std::size_t of_customer = 0;
    int before = INT32_MAX;
    baskets.for_each_back(u, [&](std::size_t basket, std::size_t) {
      ++of_customer;
      CHECK(baskets.day(basket).days_since_1970() < before);
      before = baskets.day(basket).days_since_1970();
    });
    CHECK(of_customer == baskets.count(u));
    count += of_customer;
  }
  CHECK(count == baskets.size());
  CHECK_NOTHROW(baskets.validate("after", items));
}

TEST_CASE("A failed allocation leaves later baskets as they were") {
  LaterBaskets baskets(10);
  hear(baskets, 3, 100, {line(7), line(2)});
  const std::size_t allocations = bodega_test::check_failing_allocations(
      baskets,
      [](LaterBaskets& changed) {
        const std::vector<ReceiptLine> lines{line(9), line(1), line(4)};
        changed.observe({.when = Moment(Day(101)), .customer = CustomerIndex(50), .lines = lines});
      },
      [](const LaterBaskets& unchanged) {
        CHECK_NOTHROW(unchanged.validate("object", 10));
        CHECK(unchanged.count(50) == unchanged.size() - 1);
        CHECK(newest_first(unchanged, 3) == std::vector<Items>{{2, 7}});
      });
  CHECK(allocations > 1);
}
