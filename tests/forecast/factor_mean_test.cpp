// SPDX-License-Identifier: MIT
#include <bodega/forecast/factor_mean.hpp>

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/sales_table.hpp"
#include "reload.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
/// Saturdays sell twice a usual day.
DemandFactors<> saturdays() {
  Matrix<float> effects(1, 19), series(1, 1);
  effects(0, 5) = std::log(2.0f);
  series(0, 0) = std::log(4.0f);
  return {effects, series};
}
}  // namespace

TEST_CASE("The mean over the factors of the window, times that of the target") {
  // 14 days before a Monday: two Saturdays of 6, else 3 a day.
  std::array<float, window_days> sales;
  sales.fill(3);
  sales[5] = sales[12] = 6;
  const FactorMean<> model(saturdays());
  CHECK(model.forecast({sales, monday + 14}) == Approx(3));
  CHECK(model.forecast({sales, monday + 7}) == Approx(3));

  SalesWindow to_saturday(sales, monday + 19);  // the days are a Saturday to a Friday
  for (std::size_t d = 0; d < window_days; ++d) to_saturday.days[d] = monday + static_cast<int>(d);
  CHECK(model.forecast(to_saturday) == Approx(6));
}

TEST_CASE("A level of a longer memory takes the place of the window's") {
  std::array<float, window_days> sales{};
  SalesWindow window(sales, monday + 5);
  CHECK(FactorMean<>(saturdays()).forecast(window) == 0);
  window.level = 10;
  CHECK(FactorMean<>(saturdays()).forecast(window) == Approx(20));
}

TEST_CASE("A factor mean refuses priors that are none, and goes through files") {
  CHECK_ERROR(FactorMean<>(saturdays(), -1), ErrorCode::out_of_range, "priors");
  CHECK_ERROR(FactorMean<>(saturdays(), 0, NAN), ErrorCode::not_finite, "priors");
  const FactorMean<> model(saturdays(), 2, 3);
  const auto again = reload(model);
  CHECK(again.prior() == 2);
  CHECK(again.prior_days() == 3);
  CHECK(again.factors().factor(monday + 5) == Approx(2));
}
