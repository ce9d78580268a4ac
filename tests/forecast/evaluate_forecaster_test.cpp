// SPDX-License-Identifier: MIT
#include <bodega/forecast/evaluate_forecaster.hpp>

#include <cmath>
#include <vector>

#include <bodega/forecast/baselines.hpp>

#include "check_error.hpp"
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

TEST_CASE("Who judges hears how far it is, and may end it") {
  const SalesWindows windows(sales_table({std::vector<float>(200, 1.0f)}));
  std::size_t last = 0;
  evaluate_forecaster(LastDay{}, windows, [&](const Progress& at) {
    CHECK(at.total == windows.size());
    last = at.done;
    return true;
  });
  CHECK(last == windows.size());
  CHECK_ERROR(evaluate_forecaster(LastDay{}, windows, [](const Progress&) { return false; }),
              ErrorCode::cancelled, "evaluating forecasts");
}
