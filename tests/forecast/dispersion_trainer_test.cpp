// SPDX-License-Identifier: MIT
#include <bodega/forecast/dispersion_trainer.hpp>

#include <array>
#include <random>
#include <vector>

#include <bodega/forecast/baselines.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

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

TEST_CASE("The dispersion around a forecaster is that of its pairs") {
  std::vector<float> sales(40);
  for (std::size_t d = 0; d < sales.size(); ++d) sales[d] = static_cast<float>(d * 7 % 11);
  const SalesWindows windows(sales_table({sales}));
  const std::array<float, 3> levels{0.1f, 0.5f, 0.9f};
  std::vector<float> actual, forecast;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    actual.push_back(windows.actual(i));
    forecast.push_back(WindowMean{}.forecast(windows[i]));
  }
  CHECK(fit_dispersion(WindowMean{}, windows, levels) == fit_dispersion(actual, forecast, levels));
  CHECK(fit_dispersion(std::vector<float>{}, {}, levels) == 0);
}
