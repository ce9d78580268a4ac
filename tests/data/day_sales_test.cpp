// SPDX-License-Identifier: MIT
#include <bodega/data/day_sales.hpp>

#include <cmath>
#include <vector>

#include <bodega/data/daily_sales.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("A day says units or nothing, whatever stands in the numbers") {
  const std::vector<float> numbers{2, 0, -1, std::nanf(""), INFINITY};
  const DaySales day(Day(100), numbers);
  CHECK(day.day() == Day(100));
  CHECK(day.items() == 5);
  CHECK(day.units(ItemIndex(0)) == 2.0f);
  CHECK(day.units(ItemIndex(1)) == 0.0f);
  for (std::uint32_t i = 2; i < 7; ++i) CHECK_FALSE(day.units(ItemIndex(i)).has_value());
  CHECK_FALSE(day.units(ItemIndex::none()).has_value());
}

TEST_CASE("A day of a table knows what the table knows") {
  DailySales sales(2, Day(100), 3);
  sales.add(ItemIndex(0), Day(101), 4);
  sales.add(ItemIndex(1), Day(102), 1);
  sales.mark_unknown(ItemIndex(0), Day(102));
  CHECK_FALSE(sales.day_sales(0).units(ItemIndex(0)).has_value());  // without trade
  CHECK(sales.day_sales(1).day() == Day(101));
  CHECK(sales.day_sales(1).units(ItemIndex(0)) == 4.0f);
  CHECK_FALSE(sales.day_sales(1).units(ItemIndex(1)).has_value());  // before its first sale
  sales.list(ItemIndex(1), Day(101));
  CHECK(sales.day_sales(1).units(ItemIndex(1)) == 0.0f);
  CHECK_FALSE(sales.day_sales(2).units(ItemIndex(0)).has_value());
  CHECK(sales.day_sales(2).units(ItemIndex(1)) == 1.0f);
}
