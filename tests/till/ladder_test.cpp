// SPDX-License-Identifier: MIT
#include <bodega/till/ladder.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <bodega/compress/quantize.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/forecast/integer/integer_converter.hpp>
#include <bodega/till/standard_parts.hpp>
#include <bodega/till/till_models.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/integer/random_networks.hpp"
#include "till/own_models.hpp"

using namespace bodega;
using bodega_test::Approx;
using bodega_test::OwnForecaster;

namespace {

const Day monday = *Day::parse("2011-10-03");
constexpr ItemIndex bread(0);

Bundle shop() {
  Catalog catalog;
  catalog.add({.id = "bread"});
  DailySales history(1, monday, 14);
  for (std::size_t d = 0; d < 14; ++d)
    for (int n = 0; n < 5; ++n) history.add(bread, monday + static_cast<int>(d), 1);
  Bundle bundle;
  bundle.add("catalog", catalog);
  bundle.add("history", history);
  return bundle;
}

template <class... Parts>
Forecast ask(const Bundle& bundle) {
  const TillModels models = load_models<Parts...>(Bundle::parse(bundle.serialize()));
  return models.demand().forecast(models.demand().memory(), bread, {}, {});
}

/// As the forecaster itself says.
template <class Model>
float directly(const Model& model, const Bundle& bundle) {
  const RecentSales sales(bundle.get<DailySales>("history"));
  return model.forecast(sales.window(bread, *sales.target()));
}

}  // namespace

TEST_CASE("Every forecaster of the library is a rung: LSTM and GRU, float, INT8 and integer") {
  const auto check = [](const auto& model) {
    Bundle bundle = shop();
    bundle.add("demand", model);
    const Forecast forecast = ask<StandardParts>(bundle);
    CHECK(forecast.answered_by == "demand");
    CHECK(forecast.units == Approx(directly(model, bundle)));
  };
  const auto check_cell = [&]<class Cell>(Cell) {
    const auto network = bodega_test::random_network<Cell>(8, WindowInputs{}, 1, false, false);
    check(network);
    check(quantize(network));
    check(to_integer(network));
  };
  check_cell(LstmCell());
  check_cell(GruCell());
}

TEST_CASE("The first rung that has an answer gives it and its name") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  using Two = Ladder<Rung<"first", OwnForecaster>, Rung<"second", OwnForecaster>>;
  Bundle bundle = shop();
  CHECK(ask<Two>(bundle).answered_by == rung::mean);
  bundle.add("second", OwnForecaster{7});
  CHECK(ask<Two>(bundle).answered_by == "second");
  bundle.add("first", OwnForecaster{-1});  // no answer
  CHECK(ask<Two>(bundle).answered_by == "second");
  CHECK(ask<Two>(bundle).units == 7);
  using Other = Ladder<Rung<"second", OwnForecaster>, Rung<"first", OwnForecaster>>;
  CHECK(ask<Other>(bundle).answered_by == "second");
  Bundle good = shop();
  good.add("first", OwnForecaster{3});
  good.add("second", OwnForecaster{7});
  CHECK(ask<Two>(good).units == 3);
  CHECK(ask<Other>(good).units == 7);
  CHECK(ask<>(good).answered_by == rung::mean);
  Bundle bad = shop();
  CHECK_ERROR(bad.add("first", OwnForecaster{nan}), ErrorCode::not_finite, "first");
}

TEST_CASE("A rung of a type that no ladder knows is refused, and covariates must be there") {
  Bundle bundle = shop();
  bundle.add("demand", OwnForecaster{7});
  CHECK_ERROR((ask<StandardParts>(bundle)), ErrorCode::format, "model demand");
  CHECK(ask<StandardParts, Ladder<Rung<"demand", OwnForecaster>>>(bundle).units == 7);
  const auto network = bodega_test::random_network<GruCell>(4, {.covariates = 2}, 1, false, true);
  Bundle without = shop();
  without.add("demand", to_integer(network));
  CHECK_ERROR((ask<StandardParts>(without)), ErrorCode::missing, "model covariates");
}

TEST_CASE("Longer memories are read by the factors of the first rung that has some") {
  Matrix<float> effects(1, DemandFactors<>::calendar_effects);
  for (std::size_t weekday = 0; weekday < 7; ++weekday) effects(0, weekday) = weekday == 0 ? 1 : 0;
  const auto network =
      RecurrentForecaster<GruCell, run_time>({.input = Matrix<float>(WindowInputs{}.count(), 3 * 2),
                                              .recurrent = Matrix<float>(2, 3 * 2),
                                              .bias = std::vector<float>(4 * 2, 0.0f),
                                              .output = Matrix<float>(1, 2),
                                              .factors = {effects, Matrix<float>(1, 0)},
                                              .prior = 0});
  const auto level = [](const auto& model) {
    Bundle bundle = shop();
    bundle.add("demand", model);
    bundle.add("demand_levels", PooledLevel(1));
    const TillModels models = load_models<StandardParts>(bundle);
    return models.demand().memory().levels->level(bread);
  };
  CHECK(level(network) == Approx(level(to_integer(network))).epsilon(1e-3));
  const Gru<run_time> all_alike(WindowInputs{}, 1, 2);  // a Monday as any other day
  CHECK(std::abs(level(network) - level(all_alike)) > 0.1f);
}
