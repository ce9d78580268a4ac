// SPDX-License-Identifier: MIT
#include <bodega/evaluate/forecasting.hpp>

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

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

TEST_CASE("Nothing to divide by is no error") {
  ForecastErrors errors;
  CHECK(errors.mae() == 0);
  errors.add(0, 3);
  CHECK(errors.wmape() == 0);
  CHECK(errors.mape() == 0);
  CHECK(errors.bias() == 0);
  CHECK(errors.mae() == 3);
}

TEST_CASE("A forecaster is judged one step ahead over all windows") {
  std::vector<float> rising(17);
  for (std::size_t d = 0; d < rising.size(); ++d) rising[d] = static_cast<float>(d + 1);
  const SalesWindows windows(sales_table({rising}));
  const ForecastErrors last = evaluate_forecaster(LastDay{}, windows);
  CHECK(last.count() == 3);
  CHECK(last.mae() == Approx(1.0));
  CHECK(last.bias() == Approx(-3.0 / (15 + 16 + 17)));
  CHECK(evaluate_forecaster(WindowMean{}, windows).mae() == Approx(7.5));
}
