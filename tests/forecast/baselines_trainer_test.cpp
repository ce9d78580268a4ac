// SPDX-License-Identifier: MIT
#include <bodega/forecast/baselines_trainer.hpp>

#include <vector>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("Weekday factors are found whatever the items' levels") {
  const WeekdayMean fitted = fit_weekday_mean(SalesWindows(weekly_sales(8, 120)));
  // Monday half, Saturday double, four usual days: a mean of 6.5 / 6. No Sunday was seen.
  const float usual = 6.0f / 6.5f;
  CHECK(fitted.factors()[0] == Approx(0.5f * usual).epsilon(0.03));
  CHECK(fitted.factors()[2] == Approx(usual).epsilon(0.03));
  CHECK(fitted.factors()[5] == Approx(2.0f * usual).epsilon(0.03));
  CHECK(fitted.factors()[6] == 1.0f);
}

TEST_CASE("Weekday factors without anything to learn from") {
  CHECK_ERROR(fit_weekday_mean(SalesWindows()), ErrorCode::invalid_argument, "fit_weekday_mean");
  std::vector<float> one_sale(20, 0.0f);
  one_sale[0] = 5.0f;
  const WeekdayMean fitted = fit_weekday_mean(SalesWindows(sales_table({one_sale})));
  for (const float factor : fitted.factors()) CHECK(factor == 1.0f);
}
