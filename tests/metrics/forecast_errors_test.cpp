// SPDX-License-Identifier: MIT
#include <bodega/metrics/forecast_errors.hpp>

#include <cmath>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("Forecast errors by hand") {
  ForecastErrors errors;
  errors.add(10, 12);
  errors.add(5, 2);
  errors.add(0, 1);
  CHECK(errors.count() == 3);
  CHECK(errors.mae() == Approx(6.0 / 3));
  CHECK(errors.wmape() == Approx(6.0 / 15));
  CHECK(errors.mape() == Approx((0.2 + 0.6) / 2));  // days with sales only
  CHECK(errors.rmse() == Approx(std::sqrt(14.0 / 3)));
  CHECK(errors.bias() == Approx(0.0).margin(1e-12));
  errors.add(5, 8);
  CHECK(errors.bias() == Approx(3.0 / 20));
}

TEST_CASE("A measure of nothing is NaN") {
  ForecastErrors errors;
  for (const double empty :
       {errors.mae(), errors.rmse(), errors.mape(), errors.wmape(), errors.bias()})
    CHECK(std::isnan(empty));
  errors.add(0, 3);  // a day without a sale
  for (const double unsold : {errors.mape(), errors.wmape(), errors.bias()})
    CHECK(std::isnan(unsold));
  CHECK(errors.mae() == 3);
  CHECK(errors.rmse() == 3);
}

TEST_CASE("What is not known is not scored") {
  ForecastErrors errors;
  errors.add(std::nan(""), 5);
  errors.add(10, 12);
  CHECK(errors.count() == 1);
  CHECK(errors.unknown() == 1);
  CHECK(errors.wmape() == Approx(0.2));
}
