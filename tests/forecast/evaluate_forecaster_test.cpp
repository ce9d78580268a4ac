// SPDX-License-Identifier: MIT
#include <bodega/forecast/evaluate_forecaster.hpp>

#include <cmath>
#include <vector>

#include <bodega/forecast/baselines.hpp>

#include "catch.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("A forecaster is judged one step ahead over all windows") {
  std::vector<float> rising(17);
  for (std::size_t d = 0; d < rising.size(); ++d) rising[d] = static_cast<float>(d + 1);
  const SalesWindows windows(sales_table({rising}));
  const ForecastErrors last = evaluate_forecaster(LastDay{}, windows);
  CHECK(last.count() == 3);
  CHECK(last.mae() == Approx(1.0));
  CHECK(last.bias() == Approx(-3.0 / (15 + 16 + 17)));
  CHECK(evaluate_forecaster(WindowMean{}, windows).mae() == Approx(7.5));
  CHECK(std::isnan(evaluate_forecaster(LastDay{}, windows.slice(0, 0)).mape()));
}
