// SPDX-License-Identifier: MIT
#include <bodega/evaluate/forecasting.hpp>

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include <bodega/forecast/baselines.hpp>

#include "catch.hpp"
#include "check_error.hpp"
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

TEST_CASE("What is not known is not scored") {
  ForecastErrors errors;
  errors.add(std::nan(""), 5);
  errors.add(10, 12);
  CHECK(errors.count() == 1);
  CHECK(errors.wmape() == Approx(0.2));
}

TEST_CASE("Pinball losses by hand") {
  const std::array<float, 3> levels{0.1f, 0.5f, 0.9f};
  QuantileErrors errors(levels);
  CHECK(errors.pinball() == 0);
  errors.add(10, std::array{5.0f, 10.0f, 20.0f});  // 0.1 x 5, 0, 0.1 x 10
  errors.add(30, std::array{5.0f, 10.0f, 20.0f});  // 0.1 x 25, 0.5 x 20, 0.9 x 10
  errors.add(std::nan(""), std::array{5.0f, 10.0f, 20.0f});
  CHECK(errors.count() == 2);
  CHECK(errors.pinball(0) == Approx((0.5 + 2.5) / 2));
  CHECK(errors.pinball(1) == Approx(5.0));
  CHECK(errors.pinball(2) == Approx((1.0 + 9.0) / 2));
  CHECK(errors.pinball() == Approx((1.5 + 5 + 5) / 3));
  CHECK(errors.coverage() == 0.5);
}

TEST_CASE("The dispersion of demand is found") {
  const std::array<float, 3> levels{0.1f, 0.5f, 0.9f};
  std::mt19937 random(4);
  for (const double truth : {0.0, 0.3, 2.0}) {
    std::vector<float> actual, forecast;
    for (int i = 0; i < 8000; ++i) {
      const double mean = 2.0 + i % 40;
      double rate = mean;
      if (truth > 0) rate = std::gamma_distribution<double>(1 / truth, mean * truth)(random);
      actual.push_back(static_cast<float>(std::poisson_distribution<int>(rate)(random)));
      forecast.push_back(static_cast<float>(mean));
    }
    const float found = fit_dispersion(actual, forecast, levels);
    INFO("dispersion " << truth << ", found " << found);
    CHECK(found >= 0.7 * truth);
    CHECK(found <= 1.4 * truth + 0.02);
  }
  CHECK_ERROR(fit_dispersion(std::vector<float>(3), std::vector<float>(2), levels),
              ErrorCode::shape, "fit_dispersion");
}
