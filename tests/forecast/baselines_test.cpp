// SPDX-License-Identifier: MIT
#include <bodega/forecast/baselines.hpp>

#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
using Units = std::array<float, window_days>;
constexpr Units rising{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
}  // namespace

TEST_CASE("The naive rungs") {
  const SalesWindow window(rising, monday);
  CHECK(LastDay{}.forecast(window) == 14.0f);
  CHECK(SameWeekday{}.forecast(window) == 8.0f);  // a week before, not two
  CHECK(WindowMean{}.forecast(window) == 7.5f);
}

TEST_CASE("The same weekday is found across days without trade") {
  SalesWindow window(rising, monday);
  for (std::size_t k = 0; k < window_days; ++k) window.days[k] = monday - 28 + static_cast<int>(k);
  CHECK(SameWeekday{}.forecast(window) == 8.0f);
  for (std::size_t k = 0; k < window_days; ++k)  // never a Monday: the mean
    window.days[k] = monday - 21 + static_cast<int>(k % 6) + 1;
  CHECK(SameWeekday{}.forecast(window) == 7.5f);
}

TEST_CASE("A level times a weekday factor") {
  const WeekdayMean model({0.5f, 1, 1, 1, 1, 1, 1.5f});
  Units units;
  for (std::size_t k = 0; k < window_days; ++k)  // days -14 to -1 of a Monday
    units[k] = 10.0f * model.factors()[k % 7];
  CHECK(model.forecast(units, monday) == Approx(5.0f));
  CHECK(model.forecast(units, monday + 14) == Approx(5.0f));
  CHECK(model.level(SalesWindow(units, monday)) == Approx(10.0f));
  CHECK(model.forecast(SalesWindow(units, SalesWindow(units, monday).days, monday + 6)) ==
        Approx(15.0f));
  CHECK(WeekdayMean().forecast(rising, monday) == Approx(7.5f));
}

TEST_CASE("Weekday factors that are none are refused") {
  const float nan = std::nanf("");
  CHECK_ERROR(WeekdayMean({1, 1, 1}), ErrorCode::shape, "factors");
  CHECK_ERROR(WeekdayMean({1, 1, 1, nan, 1, 1, 1}), ErrorCode::not_finite, "factors");
  CHECK_ERROR(WeekdayMean({1, 1, 1, -1, 1, 1, 1}), ErrorCode::out_of_range, "factors");
  CHECK_ERROR(WeekdayMean(std::vector<float>(7, 0.0f)), ErrorCode::out_of_range, "factors");
}
