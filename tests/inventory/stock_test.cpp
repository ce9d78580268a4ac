// SPDX-License-Identifier: MIT
#include <limits>
#include <thread>

#include <bodega/hybrid/slate.hpp>
#include <bodega/inventory/stock.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {
constexpr ItemIndex bread(0), milk(1), cheese(2);
struct AllEqual {
  std::size_t count;
  std::size_t items() const noexcept { return count; }
  void add_scores(const Query&, float weight, std::span<float> scores) const noexcept {
    for (float& score : scores) score += weight;
  }
  void explain(const Query&, float, ItemIndex, Reasons&) const noexcept {}
};
}  // namespace

TEST_CASE("Stock that nobody told counts as available") {
  const Stock stock(2);
  CHECK(stock.available(bread));
  CHECK_FALSE(stock.units(bread).has_value());
  CHECK_FALSE(stock.available(cheese));
  CHECK_FALSE(stock.available(ItemIndex::none()));
  CHECK_FALSE(stock.units(cheese).has_value());
}

TEST_CASE("Stock is set, taken and put back, exactly") {
  Stock stock(3);
  stock.set(bread, 0.3);
  for (int i = 0; i < 3; ++i) {
    CHECK(stock.available(bread));
    stock.take(bread, Quantity::from_raw(100));  // 3 x 0.1 in binary floats is not 0.3
  }
  CHECK(stock.units(bread) == 0.0);
  CHECK_FALSE(stock.available(bread));
  stock.take(bread, Quantity::from_whole(-2));  // a return
  CHECK(stock.units(bread) == 2.0);
  stock.take(bread, Quantity::from_whole(5));
  CHECK(stock.units(bread) == 0.0);

  stock.take(milk, Quantity::from_whole(5));
  CHECK_FALSE(stock.units(milk).has_value());
  stock.set(milk, 0);
  CHECK_FALSE(stock.available(milk));
  stock.forget(milk);
  CHECK(stock.available(milk));
  CHECK_FALSE(stock.units(milk).has_value());
}

TEST_CASE("Extreme quantities neither overflow nor turn into unknown") {
  Stock stock(1);
  stock.set(bread, 1e9);
  stock.take(bread, Quantity::from_raw(INT64_MIN));
  CHECK(stock.units(bread) == 1e9);
  stock.take(bread, Quantity::from_raw(INT64_MAX));
  CHECK(stock.units(bread) == 0.0);
  stock.take(ItemIndex(9), Quantity::from_whole(1));
  CHECK(stock.units(bread) == 0.0);
}

TEST_CASE("Bad stock is refused and changes nothing") {
  Stock stock(2);
  stock.set(bread, 4);
  CHECK_ERROR(stock.set(cheese, 1), ErrorCode::unknown_id, "stock");
  CHECK_ERROR(stock.set(ItemIndex::none(), 1), ErrorCode::unknown_id, "stock");
  CHECK_ERROR(stock.forget(cheese), ErrorCode::unknown_id, "stock");
  CHECK_ERROR(stock.set(bread, -1), ErrorCode::out_of_range, "stock of item 0");
  CHECK_ERROR(stock.set(bread, 1.1e9), ErrorCode::out_of_range, "stock of item 0");
  CHECK_ERROR(stock.set(bread, std::numeric_limits<double>::quiet_NaN()), ErrorCode::not_finite,
              "stock of item 0");
  CHECK_ERROR(stock.set(bread, std::numeric_limits<double>::infinity()), ErrorCode::not_finite,
              "stock of item 0");
  CHECK(stock.units(bread) == 4.0);
}

TEST_CASE("Stock is a mask: sold out is out of the next slate") {
  STATIC_REQUIRE(Mask<Stock>);
  Stock stock(3);
  Workspace workspace(3);
  const AllEqual scorer{3};
  CHECK(select_slate(scorer, {}, stock, 3, workspace).size() == 3);
  stock.set(milk, 0);
  for (const Pick& pick : select_slate(scorer, {}, stock, 3, workspace)) CHECK(pick.item != milk);
  CHECK(select_slate(scorer, {}, stock, 3, workspace).size() == 2);
  stock.set(bread, 0);
  stock.set(cheese, 0);
  CHECK(select_slate(scorer, {}, stock, 3, workspace).empty());
}

TEST_CASE("Stock may change while others read it") {
  Stock stock(64);
  for (std::uint32_t i = 0; i < 64; ++i) stock.set(ItemIndex(i), 1000);
  stock.set(ItemIndex(7), 0);  // and stays so
  std::vector<std::jthread> sellers;
  for (int t = 0; t < 3; ++t)
    sellers.emplace_back([&] {
      for (std::uint32_t n = 0; n < 64 * 200; ++n)
        stock.take(ItemIndex(n % 64), Quantity::from_whole(1));
    });
  Workspace workspace(64);
  for (int n = 0; n < 200; ++n)
    for (const Pick& pick : select_slate(AllEqual{64}, {}, stock, 64, workspace))
      REQUIRE(pick.item != ItemIndex(7));
  sellers.clear();
  for (std::uint32_t i = 0; i < 64; ++i) CHECK(stock.units(ItemIndex(i)) == (i == 7 ? 0.0 : 400.0));
}

TEST_CASE("A receipt takes what it sells and puts back what it returns") {
  static_assert(Listener<Stock>);
  Stock stock(3);
  stock.set(milk, 5);
  stock.set(cheese, 1);
  const ReceiptLine lines[] = {{milk, Quantity::from_whole(2), {}},
                               {cheese, Quantity::from_whole(-1), {}},
                               {bread, Quantity::from_whole(1), {}},
                               {milk, Quantity::from_whole(1), {}},
                               {ItemIndex(9), Quantity::from_whole(1), {}}};
  STATIC_REQUIRE(noexcept(stock.observe({.lines = lines})));
  stock.observe({.lines = lines});
  CHECK(stock.units(milk) == 2.0);
  CHECK(stock.units(cheese) == 2.0);
  CHECK_FALSE(stock.units(bread).has_value());
}

TEST_CASE("amounts are exact: 10,000 times 0.1 are 1,000") {
  Stock stock(1);
  stock.set(ItemIndex(0), 1000);
  const Quantity tenth = *Quantity::parse("0.1");
  for (int i = 0; i < 9999; ++i) stock.take(ItemIndex(0), tenth);
  CHECK(stock.units(ItemIndex(0)) == 0.1);
  CHECK(stock.available(ItemIndex(0)));
  stock.take(ItemIndex(0), tenth);
  CHECK(stock.units(ItemIndex(0)) == 0);
  CHECK_FALSE(stock.available(ItemIndex(0)));
  for (int i = 0; i < 10'000; ++i) stock.take(ItemIndex(0), -tenth);
  CHECK(stock.units(ItemIndex(0)) == 1000);
}

TEST_CASE("amounts are exact: less than the smallest amount is not available") {
  Stock stock(2);
  stock.set_smallest(ItemIndex(0), 0.005);
  for (const auto& [units, available] :
       {std::pair{0.006, true}, {0.005, true}, {0.004, false}, {0.001, false}, {0.0, false}}) {
    stock.set(ItemIndex(0), units);
    CHECK(stock.available(ItemIndex(0)) == available);
    CHECK(stock.units(ItemIndex(0)) == units);  // what is there is said all the same
  }
  stock.set(ItemIndex(1), 0.001);
  CHECK(stock.available(ItemIndex(1)));
  stock.set_smallest(0.5);
  CHECK_FALSE(stock.available(ItemIndex(1)));
  stock.forget(ItemIndex(1));
  CHECK(stock.available(ItemIndex(1)));
  for (const double bad : {0.0, -1.0, std::nan(""), 1e12})
    CHECK_ERROR(stock.set_smallest(ItemIndex(0), bad), ErrorCode::out_of_range, "item 0");
  CHECK_ERROR(stock.set_smallest(ItemIndex(2), 1), ErrorCode::unknown_id, "stock");
}
