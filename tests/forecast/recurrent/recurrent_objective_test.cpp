// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent/recurrent_objective.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <bodega/forecast/evaluate_forecaster.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>

#include "catch.hpp"
#include "forecast/recurrent/objective.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("The relative loss is the MAPE, and days without a sale cost nothing") {
  std::vector<std::vector<float>> rows(3, std::vector<float>(40));
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t d = 0; d < rows[i].size(); ++d)
      rows[i][d] = static_cast<float>((d * (i + 3)) % 5);  // every fifth is 0
  const SalesWindows windows(sales_table(rows));
  const ForecastTrainingOptions options{
      .loss = ForecastLoss::relative, .level_power = 0, .threads = 1};
  const auto model = train_lstm<4>(windows, {.epochs = 2, .batch = 16});
  double loss = 0;
  gradient_of(model, windows, options, &loss);

  const ForecastErrors errors = evaluate_forecaster(model, windows);
  std::size_t sold_days = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) sold_days += windows.actual(i) > 0;
  REQUIRE(sold_days < windows.size());
  CHECK(loss * static_cast<double>(windows.size()) ==
        Approx(errors.mape() * static_cast<double>(sold_days)).epsilon(1e-4));
}

TEST_CASE("The loss is the same whether its gradient is asked for or not") {
  const SalesWindows windows(weekly_sales(3, 40));
  const ForecastTrainingOptions options{.seed = 2};
  const auto model = detail::initial_network<Lstm<4>>(options, "test");
  Objective<Lstm<4>> objective(model, windows, options);
  const auto learned = detail::learned_numbers(model);
  double with_gradient = 0;
  CHECK(objective.gradient(learned, &with_gradient).size() == learned.size());
  CHECK(objective.loss(learned) == Approx(with_gradient));
}
