// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/core/random.hpp>
#include <bodega/data/absences.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/till/recent_sales.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {
const Day monday = *Day::parse("2011-10-03");
constexpr ItemIndex bread(0), milk(1);

std::vector<float> units(const RecentSales& sales, ItemIndex item) {
  const auto row = sales.sales(item);
  return {row.begin(), row.end()};
}
using Units = std::vector<float>;
}  // namespace

TEST_CASE("A shop without history knows no day and no target") {
  RecentSales sales(2);
  CHECK(sales.days().empty());
  CHECK(sales.sales(bread).empty());
  CHECK_FALSE(sales.target().has_value());
  CHECK_FALSE(sales.last_day().has_value());
  sales.close_day();
  CHECK(sales.days().empty());
}

TEST_CASE("The day being sold is known only when it is closed") {
  RecentSales sales(2);
  sales.add(bread, monday, 2);
  sales.add(bread, monday, 1);
  CHECK(sales.days().empty());
  CHECK(sales.sold_today(bread) == 3);
  CHECK(sales.target() == monday);
  sales.add(milk, monday + 1, 5);  // a later day closes the one before
  CHECK(units(sales, bread) == Units{3});
  CHECK(units(sales, milk) == Units{0});
  CHECK(sales.sold_today(bread) == 0);
  CHECK(sales.open_day() == monday + 1);
  sales.close_day();
  CHECK(units(sales, milk) == Units{0, 5});
  CHECK_FALSE(sales.open_day().has_value());
  CHECK(sales.target() == monday + 2);
  CHECK(sales.last_day() == monday + 1);
}

TEST_CASE("A receipt adds its lines to its day, which knows them once it is closed") {
  static_assert(Listener<RecentSales>);
  RecentSales sales(2);
  const ReceiptLine lines[] = {{bread, Quantity::from_whole(2), {}},
                               {milk, Quantity::from_whole(-1), {}},
                               {ItemIndex(2), Quantity::from_whole(1), {}},
                               {bread, Quantity::from_raw(500), {}}};
  sales.observe({.when = Moment(monday, 60), .lines = lines});
  CHECK(sales.open_day() == monday);
  CHECK(sales.sold_today(bread) == 2.5f);
  CHECK(sales.sold_today(milk) == -1);
  sales.close_day();
  CHECK(sales.last_closed().day() == monday);
  CHECK(sales.last_closed().units(bread) == 2.5f);
  CHECK_FALSE(sales.last_closed().units(milk).has_value());  // not sold yet
  CHECK(sales.units(bread, 0) == 2.5f);
}

TEST_CASE("Returns lower a day but a closed day not below zero") {
  RecentSales sales(1);
  sales.add(bread, monday, -2);  // the return comes before the sale
  sales.add(bread, monday, 3);
  CHECK(sales.sold_today(bread) == 1);
  sales.add(bread, monday, -4);
  sales.add(bread, monday + 1, 1);
  CHECK(units(sales, bread) == Units{0});
}

TEST_CASE("A late receipt counts for its own day while that is known") {
  RecentSales sales(1);
  sales.add(bread, monday, 1);
  sales.add(bread, monday + 2, 1);
  sales.add(bread, monday + 3, 1);
  sales.add(bread, monday, 4);
  CHECK(units(sales, bread) == Units{5, 1});
  sales.add(bread, monday + 1, 7);   // no trade was known on that day
  sales.add(bread, monday - 30, 7);  // long ago
  CHECK(units(sales, bread) == Units{5, 1});
  CHECK(sales.sold_today(bread) == 1);
  sales.close_day();
  sales.add(bread, monday + 3, 2);
  CHECK(units(sales, bread) == Units{5, 1, 3});
  CHECK_FALSE(sales.open_day().has_value());
}

TEST_CASE("The next day is one on which the shop trades") {
  RecentSales sales(1);
  for (int day = 0; day < 13; ++day)
    if (day % 7 != 6) sales.add(bread, monday + day, 1);  // never on Sundays
  CHECK(sales.target() == monday + 12);                   // Saturday, being sold
  sales.close_day();
  CHECK(sales.target() == monday + 14);

  RecentSales young(1);
  young.add(bread, monday, 1);
  young.close_day();
  CHECK(young.target() == monday + 1);
}

TEST_CASE("It starts from the last trading days of a history") {
  DailySales history(2, monday, 0);
  for (int day = 0; day < 30; ++day)
    if (day % 7 != 6) history.add(bread, monday + day, static_cast<float>(day + 1));
  const RecentSales sales(history);
  REQUIRE(sales.days().size() == window_days);
  CHECK(sales.days().back() == monday + 29);
  CHECK(sales.sales(bread).back() == 30);
  CHECK(sales.days().front() == monday + 14);
  CHECK(sales.sales(bread).front() == 15);
  CHECK(sales.sales(milk).front() == 0);
  CHECK(sales.target() == monday + 30);

  const RecentSales nothing(DailySales(2, monday, 5));
  CHECK(nothing.days().empty());
}

TEST_CASE("Days that are unknown stay so as they grow old") {
  RecentSales sales(2);
  for (int day = 0; day < 20; ++day) {
    sales.add(bread, monday + day, 1);
    sales.add(milk, monday + day, 2);
    if (day == 10) sales.mark_unknown(bread);
    sales.add(bread, monday + day, 1);
  }
  sales.add(bread, monday + 10, 5);  // a late receipt of an unknown day
  const SalesWindow window = sales.window(bread, *sales.target());
  CHECK(window.target == monday + 19);
  CHECK(window.days[5] == monday + 10);
  CHECK(window.known == (all_days_known & ~(1u << 5)));
  CHECK(window.sales[5] == 0);
  CHECK(window.sales[6] == 2);
  CHECK(window.series == bread);
  CHECK(sales.window(milk, *sales.target()).known == all_days_known);
  sales.mark_unknown(milk);
  sales.close_day();
  CHECK_FALSE(sales.last_closed().units(milk));
  CHECK(sales.last_closed().units(bread));
  CHECK(sales.window(bread, *sales.target()).known == (all_days_known & ~(1u << 4)));

  RecentSales young(1);
  young.mark_unknown(bread);  // no day is being sold
  young.add(bread, monday, 3);
  young.close_day();
  const SalesWindow first = young.window(bread, *young.target());
  CHECK(first.known == 1u << 13);
  CHECK(first.days.front() == monday - 13);
  CHECK(first.sales.back() == 3);
}

TEST_CASE("It starts from what a history knows") {
  DailySales history(2, monday, 0);
  for (int day = 0; day < 20; ++day) history.add(bread, monday + day, 1);
  history.list(milk, monday);
  history.mark_unknown(milk, monday + 8);
  const RecentSales sales(history);
  CHECK(sales.window(milk, monday + 20).known == (all_days_known & ~(1u << 2)));
  CHECK(sales.window(bread, monday + 20).known == all_days_known);
}

TEST_CASE("zeros that are no demand: days before an item was sold are unknown at the till") {
  RecentSales sales(3);
  for (int day = 0; day < 20; ++day) {
    sales.add(bread, monday + day, 10);
    if (day >= 17) sales.add(milk, monday + day, 10);
  }
  CHECK_FALSE(sales.in_shop(ItemIndex(2)));
  CHECK(sales.window(ItemIndex(2), monday + 19).away);
  CHECK(sales.window(bread, monday + 19).known == all_days_known);
  CHECK(sales.window(milk, monday + 19).known == 1u << 13);  // but for its first sale
  CHECK_FALSE(sales.window(milk, monday + 19).away);
  sales.close_day();
  CHECK(sales.window(milk, monday + 20).known == 3u << 12);
  CHECK(sales.units(milk, 10) == std::nullopt);
  CHECK(sales.units(milk, 11) == 10.0f);

  // A late receipt of a day before shows that it was there; its return, that it was not.
  RecentSales late = sales;
  late.add(milk, monday + 12, 4);
  CHECK(late.window(milk, monday + 20).known == 0x3F80u);
  late.add(milk, monday + 12, -4);
  CHECK(late.window(milk, monday + 20).known == 3u << 12);

  // A first sale that was taken back is none.
  RecentSales undone = sales;
  undone.add(ItemIndex(2), monday + 20, 1);
  CHECK(undone.in_shop(ItemIndex(2)));
  undone.add(ItemIndex(2), monday + 20, -1);
  CHECK_FALSE(undone.in_shop(ItemIndex(2)));
  undone.add(ItemIndex(2), monday + 20, 1);
  undone.go_back(monday + 19);
  CHECK_FALSE(undone.in_shop(ItemIndex(2)));
  CHECK(undone.window(milk, monday + 20).known == 3u << 12);
  undone.go_back(monday + 16);
  CHECK_FALSE(undone.in_shop(milk));
  CHECK(undone.in_shop(bread));

  sales.list(ItemIndex(2));
  CHECK(sales.window(ItemIndex(2), monday + 20).known == all_days_known);
}

TEST_CASE("zeros that are no demand: an item that left is away until it sells again") {
  DailySales history(2, monday, 0);
  for (int day = 0; day < 80; ++day) {
    history.add(bread, monday + day, 5);
    if (day < 40) history.add(milk, monday + day, 7);
  }
  mark_absences(history);
  RecentSales sales(history);
  CHECK(sales.window(milk, monday + 80).away);
  CHECK(sales.window(milk, monday + 80).known == 0);
  for (int day = 80; day < 84; ++day) {
    sales.add(bread, monday + day, 5);
    if (day > 80) sales.add(milk, monday + day, 3);
  }
  sales.close_day();
  CHECK_FALSE(sales.window(milk, monday + 84).away);
  CHECK(sales.window(milk, monday + 84).known == 3u << 12);
}

TEST_CASE("Sales added one by one give the tail of the table that the back office makes") {
  const CounterRandom random(3);
  for (std::uint64_t round = 0; round < 20; ++round) {
    DailySales table(3, monday, 1);
    RecentSales sales(3);
    const std::uint32_t days = 1 + random.below(40, round, 0);
    for (std::uint32_t n = 0; n < 4 * days; ++n) {
      const Day day = monday + static_cast<int>(n / 4);
      if (random.below(5, round, 10 + n / 4) == 0) continue;  // no trade
      const ItemIndex item(random.below(3, round, 1000 + n));
      const auto amount = static_cast<float>(random.below(9, round, 2000 + n));
      table.add(item, day, amount);
      sales.add(item, day, amount);
    }
    sales.close_day();
    const DailySales expected = table.trading_days().tail(window_days);
    INFO("round " << round);
    REQUIRE(sales.days().size() == expected.days());
    for (std::uint32_t i = 0; i < 3; ++i)
      for (std::size_t c = 0; c < expected.days(); ++c) {
        REQUIRE(sales.days()[c] == expected.day(c));
        REQUIRE(sales.sales(ItemIndex(i))[c] == expected.at(ItemIndex(i), c));
      }
  }
}

TEST_CASE("A till asks for the window that training has seen") {
  const CounterRandom random(5);
  constexpr std::size_t items = 3, days = 60;
  for (const std::size_t of_items : {std::size_t{0}, items}) {
    DailySales table(items, monday, 0);
    Covariates covariates({"promotion", "price"}, monday, days, of_items);
    for (std::uint64_t d = 0; d < days; ++d) {
      const Day day = monday + static_cast<int>(d);
      for (std::uint32_t i = 0; i < items; ++i) {
        if (d % 7 != 6)  // never on Sundays
          table.add(ItemIndex(i), day, static_cast<float>(random.below(5, d, i)));
        if (of_items > 0) covariates.set("price", ItemIndex(i), day, random.normal(d, 10 + i));
      }
      if (d % 5 == 0) covariates.set("promotion", day, 1);
    }
    for (std::uint64_t d = 0; d < days; ++d)
      for (std::uint32_t i = 0; i < items; ++i)
        if (d % 7 != 6 && random.below(6, d, 20 + i) == 0)
          table.mark_unknown(ItemIndex(i), monday + static_cast<int>(d));
    const SalesWindows windows(table, covariates);
    REQUIRE(windows.size() > 60);
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const SalesWindow seen = windows[i];
      const RecentSales till(table.slice(0, static_cast<std::size_t>(seen.target - monday)));
      WindowCovariates room;
      const SalesWindow asked = till.window(windows.item(i), seen.target, covariates, room);
      INFO("window " << i);
      REQUIRE(asked.target == seen.target);
      REQUIRE(asked.days == seen.days);
      REQUIRE(asked.series == seen.series);
      REQUIRE(asked.known == seen.known);
      REQUIRE(std::equal(asked.sales.begin(), asked.sales.end(), seen.sales.begin()));
      REQUIRE(std::equal(asked.covariates.begin(), asked.covariates.end(), seen.covariates.begin(),
                         seen.covariates.end()));
      REQUIRE(std::isnan(asked.level));
      REQUIRE(std::isnan(seen.level));
    }
  }
}

TEST_CASE("They go on in a file as they were, and with items more") {
  RecentSales sales(2);
  for (int day = 0; day < 20; ++day) {
    sales.add(bread, monday + day, 1.1);
    if (day > 15) sales.add(milk, monday + day, 2);
    if (day == 10) sales.mark_unknown(bread);
  }
  Bundle bundle;
  bundle.add("sales", sales.record());
  RecentSales read(Bundle::parse(bundle.serialize()).get<RecentSalesRecord>("sales"));
  read.grow(3);
  read.grow(1);  // never fewer
  REQUIRE(read.items() == 3);
  for (RecentSales* one : {&sales, &read}) {
    one->add(bread, monday + 19, 0.1);
    one->close_day();
    one->open(monday + 5);
    CHECK_FALSE(one->open_day());
    one->open(monday + 20);
    CHECK(one->open_day() == monday + 20);
  }
  for (const ItemIndex item : {bread, milk}) {
    CHECK(units(read, item) == units(sales, item));
    CHECK(read.window(item, monday + 21).known == sales.window(item, monday + 21).known);
    CHECK(read.in_shop(item));
  }
  CHECK_FALSE(read.in_shop(ItemIndex(2)));
  read.add(ItemIndex(2), monday + 20, 4);
  CHECK(read.sold_today(ItemIndex(2)) == 4);
}

TEST_CASE("A record that no sales could be is an Error") {
  RecentSales sales(2);
  sales.add(bread, monday, 1);
  sales.add(bread, monday + 1, 1);
  const RecentSalesRecord good = sales.record();
  good.validate("sales");
  const auto wrong = [&](ErrorCode code, const char* where, auto&& change) {
    RecentSalesRecord bad = good;
    change(bad);
    CHECK_ERROR(bad.validate("sales"), code, where);
  };
  wrong(ErrorCode::shape, "sales, rows of rest", [](auto& bad) { bad.rest = {1, 15}; });
  wrong(ErrorCode::shape, "sales, bits of items", [](auto& bad) { bad.known_on.pop_back(); });
  wrong(ErrorCode::out_of_range, "sales, bits of items",
        [](auto& bad) { bad.in_shop_on[0] = 0xFFFF; });
  wrong(ErrorCode::not_finite, "sales, units",
        [](auto& bad) { bad.units(0, 0) = std::numeric_limits<float>::quiet_NaN(); });
  wrong(ErrorCode::out_of_range, "sales, days", [](auto& bad) { bad.open[0] = bad.days[0]; });
  wrong(ErrorCode::out_of_range, "sales, days", [](auto& bad) { bad.days[0] = INT32_MAX; });
  wrong(ErrorCode::out_of_range, "sales, open", [](auto& bad) { bad.open.push_back(30'000); });
}
