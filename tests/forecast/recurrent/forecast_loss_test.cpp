// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent/forecast_loss.hpp>

#include <cmath>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
using detail::ForecastCost;

/// The derivative by f, from two sides.
double slope_at(const ForecastCost& cost, float f, float y) {
  const float step = 1e-2f;
  return (double{cost(f + step, y, 2).cost} - double{cost(f - step, y, 2).cost}) / (2 * step);
}
}  // namespace

TEST_CASE("The slope of every loss is its derivative") {
  for (const ForecastLoss loss :
       {ForecastLoss::squared, ForecastLoss::absolute, ForecastLoss::huber, ForecastLoss::relative,
        ForecastLoss::poisson, ForecastLoss::negative_binomial}) {
    const ForecastCost cost{loss, 1.5f, 0.3f};
    for (const float y : {0.0f, 0.7f, 3.0f})
      for (const float f : {0.4f, 1.2f, 2.6f, 5.0f}) {
        CAPTURE(static_cast<int>(loss), f, y);
        CHECK(double{cost(f, y, 2).slope} == Approx(slope_at(cost, f, y)).margin(2e-3));
      }
  }
}

TEST_CASE("Costs by hand") {
  CHECK((ForecastCost{ForecastLoss::squared}(3, 1, 1).cost) == 2);
  CHECK((ForecastCost{ForecastLoss::absolute}(3, 1, 1).cost) == 2);
  CHECK((ForecastCost{ForecastLoss::absolute}(1, 1, 1).slope) == 0);
  CHECK((ForecastCost{ForecastLoss::huber, 1}(3, 1, 1).cost) == Approx(1.5));
  CHECK((ForecastCost{ForecastLoss::huber, 1}(3, 1, 1).slope) == 1);
  CHECK((ForecastCost{ForecastLoss::huber, 1}(1.5f, 1, 1).cost) == Approx(0.125));
  CHECK((ForecastCost{ForecastLoss::poisson}(2, 3, 1).cost) == Approx(2 - 3 * std::log(2.0)));
}

TEST_CASE("Losses of counts are least at the sale, and finite where a forecast is no mean") {
  for (const ForecastLoss loss : {ForecastLoss::poisson, ForecastLoss::negative_binomial}) {
    const ForecastCost cost{loss, 0, 0.5f};
    CHECK(cost(2, 2, 1).slope == Approx(0).margin(1e-6));
    CHECK(cost(1.9f, 2, 1).slope < 0);
    CHECK(cost(2.1f, 2, 1).slope > 0);
    for (const float f : {0.0f, -1.0f, -100.0f}) {
      CHECK(std::isfinite(cost(f, 2, 1).cost));
      CHECK(cost(f, 2, 1).slope < 0);
    }
  }
}

TEST_CASE("The pinball loss weighs what is above its level's way") {
  CHECK(ForecastCost::pinball(2, 5, 0.9f).cost == Approx(2.7));
  CHECK(ForecastCost::pinball(2, 5, 0.9f).slope == Approx(-0.9));
  CHECK(ForecastCost::pinball(5, 2, 0.9f).cost == Approx(0.3));
  CHECK(ForecastCost::pinball(5, 2, 0.9f).slope == Approx(0.1));
}
