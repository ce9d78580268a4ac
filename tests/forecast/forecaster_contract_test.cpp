// SPDX-License-Identifier: MIT
#include "contract/forecaster_contract.hpp"

#include <bodega/compress/quantize.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/factor_mean.hpp>
#include <bodega/forecast/intermittent.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>

#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
const ForecasterPromises by_weekday{.constant_within = 1.5f};
/// Trained where Saturdays are four Mondays; the prior speaks when nothing is sold.
const ForecasterPromises network{
    .scales = false, .most_after_zeros = 1.0f, .constant_within = 3.0f};
}  // namespace

TEST_CASE("the naive rungs keep the forecaster contract") {
  check_forecaster_contract(LastDay{});
  check_forecaster_contract(SameWeekday{});
  check_forecaster_contract(WindowMean{});
  check_forecaster_contract(WeekdayMean());
  check_forecaster_contract(WeekdayMean({0.5f, 1, 1, 1, 1, 2, 0}), by_weekday);
}

TEST_CASE("a level times factors keeps the forecaster contract") {
  const DemandFactors<> factors =
      fit_demand_factors(weekly_sales(20, 50), {.months = false, .series = true});
  check_forecaster_contract(FactorMean<>());
  check_forecaster_contract(FactorMean<>(factors), by_weekday);
  check_forecaster_contract(quantize(FactorMean<>(factors)), by_weekday);
  const ForecasterPromises with_prior{
      .scales = false, .most_after_zeros = 1.0f, .constant_within = 1.5f};
  check_forecaster_contract(FactorMean<>(factors, 1.0f, 7.0f), with_prior);
}

TEST_CASE("intermittent demand of a window keeps the forecaster contract") {
  for (const auto method :
       {IntermittentMethod::croston, IntermittentMethod::tsb, IntermittentMethod::by_pattern})
    check_forecaster_contract(WindowIntermittent({.method = method}));
  check_forecaster_contract(WindowIntermittent({.method = IntermittentMethod::sba}),
                            {.constant_within = 0.05f});
}

TEST_CASE("an LSTM keeps the forecaster contract in every weight format") {
  const SalesWindows windows(weekly_sales(20, 50));
  for (const WindowInputs inputs : {WindowInputs{.weekday = false}, WindowInputs{}}) {
    const auto model = train_lstm<8>(windows, {.epochs = 2, .batch = 32, .inputs = inputs});
    check_forecaster_contract(model, network);
    check_forecaster_contract(quantize(model), network);
  }
  check_forecaster_contract(Lstm<8, QuantizedMatrix>(), network);
}

TEST_CASE("an LSTM without a prior scales") {
  const SalesWindows windows(weekly_sales(20, 50));
  const auto model = train_lstm<8>(windows, {.epochs = 2, .batch = 32, .prior = 0});
  const ForecasterPromises scales{.constant_within = 3.0f};
  check_forecaster_contract(model, scales);
  check_forecaster_contract(quantize(model), scales);
}
