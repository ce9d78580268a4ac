// SPDX-License-Identifier: MIT
#include <bodega/forecast/sales_window.hpp>

#include <array>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("A window of calendar days ends the day before its target") {
  const std::array<float, window_days> sales{};
  const SalesWindow window(sales, monday);
  CHECK(window.days.front() == monday - 14);
  CHECK(window.days.back() == monday - 1);
  CHECK(window.known == all_days_known);
  CHECK(window.covariate_count() == 0);
  CHECK(window.series.is_none());
  CHECK(std::isnan(window.level));
}

TEST_CASE("Covariates lie day by day, those of the target last") {
  const std::array<float, window_days> sales{};
  std::vector<float> covariates(2 * (window_days + 1));
  for (std::size_t i = 0; i < covariates.size(); ++i) covariates[i] = static_cast<float>(i);
  SalesWindow window(sales, monday);
  window.covariates = covariates;
  CHECK(window.covariate_count() == 2);
  CHECK(window.covariates_of(0)[1] == 1);
  CHECK(window.covariates_of(3)[0] == 6);
  CHECK(window.covariates_of(window_days)[1] == 29);
}

TEST_CASE("A window is put together of dates, sales and what is known") {
  std::array<float, window_days> sales{};
  sales[4] = 7;
  const std::vector<float> covariates(window_days + 1, 0.5f);
  const SalesWindow window = window_of(
      ItemIndex(3), sales, [](std::size_t d) { return monday + 2 * static_cast<int>(d); },
      [](std::size_t d) { return d != 4; }, [](std::size_t) { return false; }, monday + 40,
      covariates);
  CHECK(window.series == ItemIndex(3));
  CHECK(window.sales[4] == 7);
  CHECK(window.days[13] == monday + 26);
  CHECK(window.target == monday + 40);
  for (std::size_t d = 0; d < window_days; ++d) CHECK(window.knows(d) == (d != 4));
  CHECK(window.covariates_of(window_days)[0] == 0.5f);
}

TEST_CASE("zeros that are no demand: a first sale is unknown once another day is known") {
  const std::array<float, window_days> sales{};
  const auto known = [&](DayMask mask, DayMask first) {
    return window_of(
               ItemIndex(0), sales, [](std::size_t d) { return monday + static_cast<int>(d); },
               [&](std::size_t d) { return (mask >> d & 1) != 0; },
               [&](std::size_t d) { return (first >> d & 1) != 0; }, monday + 14)
        .known;
  };
  CHECK(known(0x3800, 0x0800) == 0x3000);
  CHECK(known(0x2000, 0x2000) == 0x2000);  // all there is
  CHECK(known(0x3000, 0x0800) == 0x3000);
  CHECK(known(0, 0) == 0);
}
