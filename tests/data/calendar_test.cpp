// SPDX-License-Identifier: MIT
#include <bodega/data/calendar.hpp>

#include "catch.hpp"

using namespace bodega;

namespace {
const Day monday = Day::from_civil(2011, 12, 5).value();
const Weekdays but_saturday = Weekdays::all().without(5);
}  // namespace

TEST_CASE("The next trading day passes over the weekdays without trade") {
  CHECK(next_trading_day(monday + 3, but_saturday) == monday + 4);
  CHECK(next_trading_day(monday + 4, but_saturday) == monday + 6);
  CHECK(next_trading_day(monday, Weekdays().with(0)) == monday + 7);
  CHECK(next_trading_day(monday, Weekdays()) == monday + 1);
}

TEST_CASE("Weekdays with trade are told from sales, one odd day does not count") {
  DailySales sales(1, monday, 28);
  for (int d = 0; d < 28; ++d)
    if (d % 7 != 5) sales.open(monday + d);
  CHECK(weekdays_traded(sales) == but_saturday);
  sales.open(monday + 5);
  CHECK(weekdays_traded(sales) == but_saturday);
  CHECK(weekdays_traded(sales.trading_days()) == but_saturday);
  sales.open(monday + 12);
  CHECK(weekdays_traded(sales) == Weekdays::all());
  CHECK(weekdays_traded(DailySales(1, monday, 7)).empty());
}

TEST_CASE("A calendar knows closed days and holidays") {
  Calendar calendar(but_saturday);
  calendar.close(monday + 7);
  calendar.close(monday + 6);
  calendar.close(monday + 6);
  calendar.add_holiday(monday + 6);
  calendar.add_holiday(monday + 1);
  CHECK(calendar.open(monday + 1));
  CHECK_FALSE(calendar.open(monday + 5));
  CHECK_FALSE(calendar.open(monday + 6));
  CHECK(calendar.next_trading_day(monday + 4) == monday + 8);
  const DayFeatures features = calendar.features(monday + 1);
  CHECK(features.weekday == 1);
  CHECK(features.month == 12);
  CHECK(features.day_of_month == 6);
  CHECK(features.holiday);
  CHECK(features.open);
  CHECK_FALSE(calendar.features(monday).holiday);

  Calendar never{Weekdays()};
  never.close(monday + 1);
  CHECK(never.next_trading_day(monday) == monday + 1);
}
