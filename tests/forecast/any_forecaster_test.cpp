// SPDX-License-Identifier: MIT
#include <bodega/forecast/any_forecaster.hpp>

#include <array>
#include <cmath>
#include <memory>
#include <span>

#include <bodega/forecast/baselines.hpp>

#include "catch.hpp"
#include "contract/forecaster_contract.hpp"

using namespace bodega;

namespace {

/// The mean, and half of it and twice it as quantiles.
struct WithQuantiles {
  std::array<float, 2> levels{0.25f, 0.75f};
  float forecast(const SalesWindow& window) const noexcept { return WindowMean().forecast(window); }
  float forecast(const SalesWindow& window, std::span<float> units) const noexcept {
    if (units.size() > 0) units[0] = forecast(window) / 2;
    if (units.size() > 1) units[1] = forecast(window) * 2;
    return forecast(window);
  }
  std::span<const float> quantiles() const noexcept { return levels; }
};

const std::array<float, window_days> sales{2, 4, 3, 4, 2, 4, 2, 4, 2, 9, 2, 4, 2, 4};
const SalesWindow window(sales, Day(20'000));

}  // namespace

TEST_CASE("any forecaster answers as the one it holds, shares or refers to") {
  const auto model = std::make_shared<const WithQuantiles>();
  for (const AnyForecaster& any :
       {AnyForecaster(*model), AnyForecaster(model), AnyForecaster::refer_to(*model)}) {
    REQUIRE(any);
    CHECK(any.forecast(window) == model->forecast(window));
    REQUIRE(any.quantiles().size() == 2);
    CHECK(any.quantiles()[1] == 0.75f);
    std::array<float, 3> units{};
    CHECK(any.forecast(window, units) == model->forecast(window));
    CHECK(units[0] == model->forecast(window) / 2);
    CHECK(units[1] == model->forecast(window) * 2);
    CHECK(std::isnan(units[2]));
  }
}

TEST_CASE("a forecaster without quantiles foresees none, and none forecasts nothing") {
  std::array<float, 1> units{};
  const AnyForecaster mean{WindowMean()};
  CHECK(mean.quantiles().empty());
  CHECK(mean.forecast(window, units) == WindowMean().forecast(window));
  CHECK(std::isnan(units[0]));
  const AnyForecaster none;
  CHECK_FALSE(none);
  CHECK(std::isnan(none.forecast(window)));
  CHECK(none.quantiles().empty());
}

TEST_CASE("any forecaster keeps the forecaster contract") {
  bodega_test::check_forecaster_contract(AnyForecaster(WindowMean()));
}
