// SPDX-License-Identifier: MIT
#include <limits>

#include <bodega/data/daily_sales.hpp>

#include "check_error.hpp"
#include "data/parameter_list.hpp"

using namespace bodega;
using bodega_test::tampered;
using bodega_test::through_tensors;

namespace {
constexpr ItemIndex bread(0), milk(1);

/// Trade on days 100, 101 and 103 of 100 to 104.
DailySales week() {
  DailySales sales(2, Day(100), 5);
  sales.add(bread, Day(100), 2);
  sales.add(milk, Day(101), 1.5f);
  sales.add(milk, Day(101), 1);
  sales.add(bread, Day(103), 4);
  return sales;
}
}  // namespace

TEST_CASE("Units add up per item and day, and days without trade are marked") {
  const DailySales sales = week();
  CHECK(sales.items() == 2);
  REQUIRE(sales.days() == 5);
  CHECK(sales.at(milk, 1) == 2.5f);
  CHECK(std::vector<float>(sales.row(bread).begin(), sales.row(bread).end()) ==
        std::vector<float>{2, 0, 0, 4, 0});
  std::vector<bool> traded;
  for (std::size_t c = 0; c < 5; ++c) traded.push_back(sales.traded(c));
  CHECK(traded == std::vector<bool>{true, true, false, true, false});
  CHECK(sales.first_day() == Day(100));
  CHECK(sales.last_day() == Day(104));
  CHECK(sales.column(Day(103)) == 3);
  CHECK(sales.column(Day(99)) == 5);
  CHECK(sales.column(Day(105)) == 5);
}

TEST_CASE("A day on which nothing was sold can still have traded") {
  DailySales sales = week();
  CHECK(sales.open(Day(102)) == 2);
  CHECK(sales.traded(2));
  CHECK(sales.trading_days().days() == 4);
}

TEST_CASE("A return lowers the day, not below zero") {
  DailySales sales = week();
  sales.add(bread, Day(103), -1);
  CHECK(sales.at(bread, 3) == 3);
  sales.add(bread, Day(103), -5);
  CHECK(sales.at(bread, 3) == 0);
  sales.validate("s");
}

TEST_CASE("Trading days stand side by side and keep their dates") {
  const DailySales trading = week().trading_days();
  REQUIRE(trading.days() == 3);
  CHECK(trading.only_trading_days());
  CHECK(trading.day(2) == Day(103));
  CHECK(trading.at(bread, 2) == 4);
  CHECK(trading.column(Day(102)) == 3);
  trading.validate("t");
  CHECK(trading.trading_days() == trading);
}

TEST_CASE("A later day is appended, in a calendar with the days between") {
  DailySales calendar = week();
  calendar.add(milk, Day(107), 3);
  REQUIRE(calendar.days() == 8);
  CHECK(calendar.at(milk, 7) == 3);
  CHECK(calendar.at(bread, 3) == 4);
  CHECK_FALSE(calendar.traded(6));
  calendar.validate("c");

  DailySales trading = week().trading_days();
  trading.add(milk, Day(107), 3);
  REQUIRE(trading.days() == 4);
  CHECK(trading.day(3) == Day(107));
  CHECK(trading.at(milk, 3) == 3);
  CHECK(trading.at(milk, 1) == 2.5f);
  trading.validate("t");

  DailySales fresh(2, Day(), 0);
  fresh.add(bread, Day(50), 1);
  CHECK(fresh.days() == 1);
  CHECK(fresh.first_day() == Day(50));
}

TEST_CASE("A slice and a tail keep dates and trade") {
  const DailySales sales = week();
  const DailySales part = sales.slice(1, 3);
  REQUIRE(part.days() == 2);
  CHECK(part.day(0) == Day(101));
  CHECK(part.at(milk, 0) == 2.5f);
  CHECK(part.traded(0));
  CHECK_FALSE(part.traded(1));
  CHECK(sales.tail(2).first_day() == Day(103));
  CHECK(sales.tail(99) == sales);
  CHECK(sales.slice(4, 99).days() == 1);
  CHECK(sales.slice(5, 2).days() == 0);
  CHECK(sales.slice(5, 2).items() == 2);
  CHECK(sales.trading_days().tail(1).only_trading_days());
}

TEST_CASE("A cell can be unknown though the shop traded") {
  DailySales sales = week();
  CHECK_FALSE(sales.has_unknown());
  CHECK(sales.known(bread, 0));
  CHECK_FALSE(sales.known(bread, 2));  // no trade
  sales.mark_unknown(bread, Day(103));
  CHECK(sales.has_unknown());
  CHECK_FALSE(sales.known(bread, 3));
  CHECK(sales.known(milk, 3));
  CHECK(sales.at(bread, 3) == 0);
  sales.add(bread, Day(103), 5);  // what was sold before it was sold out says nothing
  CHECK(sales.at(bread, 3) == 0);
  sales.validate("s");
  CHECK(through_tensors(sales) == sales);

  const DailySales trading = sales.trading_days();
  CHECK_FALSE(trading.known(bread, 2));
  CHECK(trading.known(milk, 2));
  CHECK_FALSE(sales.slice(0, 3).has_unknown());
  sales.add(milk, Day(107), 1);
  CHECK_FALSE(sales.known(bread, 3));
  CHECK(sales.known(bread, 7));
  sales.validate("s");
  CHECK_ERROR(sales.mark_unknown(ItemIndex(2), Day(100)), ErrorCode::out_of_range, "mark_unknown");
  CHECK_ERROR(sales.mark_unknown(bread, Day(200)), ErrorCode::out_of_range, "mark_unknown");
}

TEST_CASE("zeros that are no demand: an item is known from its first sale on, or as it is listed") {
  DailySales sales = week();  // trade on days 100, 101 and 103
  CHECK_FALSE(sales.known(milk, 0));
  CHECK(sales.known(milk, 1));
  CHECK(sales.known(milk, 3));
  CHECK(sales.start(milk) == 1);
  CHECK(sales.first_sale(milk, 1));
  CHECK_FALSE(sales.first_sale(bread, 0));  // the table's first day
  CHECK_FALSE(sales.first_sale(milk, 3));
  CHECK_FALSE(sales.present(milk, 0));
  CHECK_FALSE(sales.gone(milk));

  DailySales taken_back = sales;
  taken_back.add(milk, Day(101), -2.5);
  CHECK_FALSE(taken_back.known(milk, 3));  // never sold
  taken_back.add(milk, Day(103), 1);
  CHECK(taken_back.first_sale(milk, 3));

  // What is before a slice is not forgotten.
  CHECK(sales.slice(3, 5).known(bread, 0));
  CHECK(sales.slice(2, 5).known(milk, 1));
  CHECK_FALSE(sales.slice(2, 5).first_sale(milk, 1));
  CHECK_FALSE(sales.slice(0, 1).known(milk, 0));
  CHECK(sales.trading_days().first_sale(milk, 1));

  sales.list(milk, Day(99));
  CHECK(sales.known(milk, 0));
  CHECK_FALSE(sales.first_sale(milk, 1));
  sales.validate("s");
  CHECK(through_tensors(sales) == sales);
  sales.list(milk, Day(107));  // announced
  CHECK(sales.start(milk) == 1);
  DailySales later(1, Day(100), 1);
  later.open(Day(100));
  later.list(bread, Day(102));
  CHECK(later.start(bread) >= later.days());
  later.open(Day(103));
  CHECK(later.start(bread) == 2);
  CHECK(later.known(bread, 3));
  CHECK_ERROR(sales.list(ItemIndex(2), Day(100)), ErrorCode::out_of_range, "list");
  CHECK_ERROR(sales.mark_away(ItemIndex(2), Day(100)), ErrorCode::out_of_range, "mark_away");
  const DailySales wrong = tampered<std::vector<std::int32_t>>(
      sales, "listed", [](std::vector<std::int32_t>& days) { days.pop_back(); });
  CHECK_ERROR(wrong.validate("f"), ErrorCode::shape, "f, listed");
}

TEST_CASE("A table from days and units") {
  const std::vector<Day> days{Day(100), Day(101), Day(103)};
  const Matrix<float> units(2, 3, {2, 0, 4, 0, 2.5f, 0});
  const DailySales sales(days, units);
  CHECK(sales.days() == 4);
  CHECK_FALSE(sales.traded(2));  // a gap in the dates is a day without trade
  CHECK(sales.at(bread, 3) == 4);
  CHECK(sales.at(milk, 1) == 2.5f);
  sales.validate("t");

  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  const DailySales gaps(days, Matrix<float>(1, 3, {1, nan, 3}),
                        Matrix<std::uint8_t>(1, 3, {1, 0, 1}));
  CHECK_FALSE(gaps.known(bread, 1));
  CHECK(gaps.at(bread, 1) == 0);
  gaps.validate("g");

  const auto with = [&](float value) {
    return DailySales(days, Matrix<float>(1, 3, {1, value, 3}));
  };
  CHECK_ERROR(with(nan), ErrorCode::not_finite, "item 0");
  CHECK_ERROR(with(infinity), ErrorCode::not_finite, "item 0");
  CHECK_ERROR(with(-1), ErrorCode::out_of_range, "item 0");
  CHECK_ERROR(DailySales(days, Matrix<float>(2, 4)), ErrorCode::shape, "columns of units");
  CHECK_ERROR(DailySales(days, units, Matrix<std::uint8_t>(1, 3)), ErrorCode::shape, "known");
  const std::vector<Day> twice{Day(100), Day(101), Day(101)}, back{Day(100), Day(103), Day(101)},
      far{Day(Day::first_number), Day(101), Day(Day::last_number)};
  CHECK_ERROR(DailySales(twice, units), ErrorCode::duplicate, "column 2");
  CHECK_ERROR(DailySales(back, units), ErrorCode::format, "column 2");
  CHECK_ERROR(DailySales(far, Matrix<float>(200, 3)), ErrorCode::out_of_range, "DailySales");
}

TEST_CASE("What does not belong in the table is refused and changes nothing") {
  DailySales sales = week();
  CHECK_ERROR(sales.add(ItemIndex(2), Day(100), 1), ErrorCode::out_of_range, "DailySales");
  CHECK_ERROR(sales.add(bread, Day(99), 1), ErrorCode::out_of_range, "DailySales");
  CHECK_ERROR(sales.add(bread, Day(102), std::numeric_limits<float>::quiet_NaN()),
              ErrorCode::not_finite, "item 0");
  CHECK_ERROR(sales.add(bread, Day(200), std::numeric_limits<float>::infinity()),
              ErrorCode::not_finite, "item 0");
  CHECK(sales == week());
  DailySales trading = sales.trading_days();
  CHECK_ERROR(trading.add(bread, Day(102), 1), ErrorCode::out_of_range, "DailySales");
  CHECK(trading == sales.trading_days());
}

TEST_CASE("Daily sales from a file are checked") {
  const DailySales sales = week();
  sales.validate("f");
  CHECK(through_tensors(sales) == sales);
  using Units = Matrix<float>;
  using Days = std::vector<std::int32_t>;
  using Traded = std::vector<std::uint8_t>;
  const auto units = [&](std::size_t i, std::size_t j, float value) {
    return tampered<Units>(sales, "units", [&](Units& u) { u(i, j) = value; });
  };
  CHECK_ERROR(units(1, 1, std::numeric_limits<float>::quiet_NaN()).validate("f"),
              ErrorCode::not_finite, "f, units");
  CHECK_ERROR(units(1, 1, -1).validate("f"), ErrorCode::out_of_range, "column 1, item 1");
  CHECK_ERROR(units(1, 2, 1).validate("f"), ErrorCode::out_of_range, "column 2, item 1");
  const auto days = [&](Days value) {
    return tampered<Days>(sales, "days", [&](Days& d) { d = value; });
  };
  CHECK_ERROR(days({100, 101, 103, 104, 105}).validate("f"), ErrorCode::format, "column 2");
  CHECK_ERROR(days({100, 101, 102, 103}).validate("f"), ErrorCode::shape, "f");
  CHECK_ERROR(days({0x7fffffff, 101, 102, 103, 104}).validate("f"), ErrorCode::out_of_range,
              "column 0");
  CHECK_ERROR(tampered<Traded>(sales, "traded", [](Traded& t) { t[0] = 2; }).validate("f"),
              ErrorCode::out_of_range, "column 0, traded");
  CHECK_ERROR(tampered<Traded>(sales, "traded", [](Traded& t) { t.pop_back(); }).validate("f"),
              ErrorCode::shape, "f, traded");
  DailySales gaps = sales;
  gaps.mark_unknown(milk, Day(100));
  using Unknown = Matrix<std::uint8_t>;
  const auto unknown = [&](Unknown value) {
    return tampered<Unknown>(gaps, "unknown", [&](Unknown& u) { u = value; });
  };
  CHECK_ERROR(unknown(Unknown(2, 4)).validate("f"), ErrorCode::shape, "f, columns of unknown");
  CHECK_ERROR(unknown(Unknown(2, 5, 3)).validate("f"), ErrorCode::out_of_range, "unknown of item");
  CHECK_ERROR(unknown(Unknown(2, 5, 1)).validate("f"), ErrorCode::out_of_range, "unknown of item");
  CHECK_ERROR(tampered<std::uint8_t>(sales, "only_trading_days", [](std::uint8_t& b) { b = 1; })
                  .validate("f"),
              ErrorCode::out_of_range, "column 2, traded");
}
