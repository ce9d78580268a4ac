// SPDX-License-Identifier: MIT
#include <bodega/collaborative/customers/later_purchases.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/failing_allocations.hpp"
#include "reload.hpp"

using namespace bodega;

namespace {
void hear(LaterPurchases& purchases, std::uint32_t customer, std::uint32_t item, int day,
          const Purchases& before = {}) {
  purchases.make_room(customer, 1);
  purchases.add(customer, item, Day(day), [&] { return before; });
}
using Bought = std::vector<std::pair<std::uint32_t, Purchases>>;
Bought of(const LaterPurchases& purchases, std::size_t customer) {
  Bought bought;
  for (auto at = purchases.begin(customer); at; ++at) bought.emplace_back(at.item(), *at);
  return bought;
}
struct Model {
  LaterPurchases purchases;
  void validate(const std::string& where) const { purchases.validate(where, 50); }
  void restore() { purchases.restore(); }
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("purchases", self.purchases);
  }
};
}  // namespace

TEST_CASE("Days of a purchase count once, in whatever order they come") {
  Purchases bought;
  for (const int day : {10, 10, 17, 12, 5, 5, 17}) bought.add(Day(day));
  CHECK(bought == Purchases{17, 12, 4});
}

TEST_CASE("A customer's items are told rising, each with its purchases") {
  LaterPurchases purchases;
  CHECK(purchases.day() == Day());
  hear(purchases, 3, 20, 100);
  hear(purchases, 3, 7, 100, {90, 30, 4});
  hear(purchases, 1, 7, 101);
  hear(purchases, 3, 40, 102);
  hear(purchases, 3, 20, 105, {1, 1, 1});  // what is kept here counts, and not what was before
  CHECK(of(purchases, 3) == Bought{{7, {100, 40, 5}}, {20, {105, 5, 2}}, {40, {102, 0, 1}}});
  CHECK(of(purchases, 1) == Bought{{7, {101, 0, 1}}});
  CHECK(of(purchases, 0).empty());
  CHECK(of(purchases, 99).empty());
  CHECK(purchases.day() == Day(105));
  CHECK(purchases.customers() == 4);
}

TEST_CASE("As a map of maps, and through tensors and back") {
  const CounterRandom random(2);
  LaterPurchases purchases;
  std::map<std::uint32_t, std::map<std::uint32_t, Purchases>> expected;
  for (std::uint32_t n = 0; n < 3000; ++n) {
    const std::uint32_t customer = random.below(20, n, 0), item = random.below(50, n, 1);
    const int day = static_cast<int>(random.below(200, n, 2));
    hear(purchases, customer, item, day);
    expected[customer][item].add(Day(day));
  }
  const LaterPurchases copy = bodega_test::reload(Model{purchases}).purchases;
  CHECK(copy == purchases);
  CHECK(copy.day() == purchases.day());
  for (std::uint32_t u = 0; u < 20; ++u) {
    CHECK(of(purchases, u) == Bought(expected[u].begin(), expected[u].end()));
    CHECK(of(copy, u) == of(purchases, u));
  }
}

TEST_CASE("Purchases that a file spoilt are refused") {
  LaterPurchases purchases;
  hear(purchases, 3, 20, 100);
  hear(purchases, 3, 7, 100);
  struct Spoil {
    const char* name;
    std::vector<std::int64_t> numbers;
  };
  for (const Spoil& spoil : std::vector<Spoil>{{"customer", {3}},
                                               {"customer", {3, most_customers}},
                                               {"item", {20, 50}},
                                               {"item", {20, 20}},
                                               {"last", {100, INT32_MAX}},
                                               {"last", {100, INT32_MIN}},
                                               {"span", {0, -1}},
                                               {"span", {0, INT32_MAX}},
                                               {"count", {1, 0}},
                                               {"count", {1, INT32_MAX}}}) {
    LaterPurchases copy = purchases;
    for_each_tensor(copy, [&]<class Leaf>(const std::string& name, Leaf& leaf, Role) {
      if (name != spoil.name) return;
      leaf.clear();
      for (const std::int64_t number : spoil.numbers)
        leaf.push_back(static_cast<typename Leaf::value_type>(number));
    });
    INFO(spoil.name);
    CHECK_THROWS_AS(copy.validate("spoilt", 50), Error);
  }
  CHECK_NOTHROW(purchases.validate("good", 50));
}

TEST_CASE("Of very many purchases those of long ago are let go") {
  for (const bool one_day : {false, true}) {
    LaterPurchases purchases;
    for (std::uint32_t n = 0; n < LaterPurchases::most; ++n)
      hear(purchases, n / 8, n % 8, one_day ? 9 : static_cast<int>(n / 1000));
    CHECK(purchases.size() == LaterPurchases::most);
    hear(purchases, 5, 49, 5000);
    CHECK(purchases.size() <= LaterPurchases::most / 2 + 1);
    CHECK(purchases.size() > LaterPurchases::most / 3);
    CHECK(of(purchases, 5) == Bought{{49, {5000, 0, 1}}});
    CHECK(of(purchases, LaterPurchases::most / 8 - 1).size() == 8);
    CHECK_NOTHROW(purchases.validate("after", 50));
  }
}

TEST_CASE("A failed allocation leaves later purchases as they were") {
  LaterPurchases purchases;
  hear(purchases, 3, 20, 100);
  const std::size_t allocations = bodega_test::check_failing_allocations(
      purchases, [](LaterPurchases& changed) { hear(changed, 9, 4, 101); },
      [](const LaterPurchases& object) {
        CHECK(of(object, 3) == Bought{{20, {100, 0, 1}}});
        CHECK(of(object, 9).size() == object.size() - 1);
      });
  CHECK(allocations > 1);
}
