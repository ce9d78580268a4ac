// SPDX-License-Identifier: MIT
#include <bodega/till/demand.hpp>

#include <array>
#include <cmath>
#include <vector>

#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

const Day monday = *Day::parse("2011-10-03");
constexpr ItemIndex bread(0);

/// Half a fortnight of one loaf a day, all closed.
void sell_a_week(TillDemand& demand) {
  for (int d = 0; d < 7; ++d) {
    demand.sales().add(bread, monday + d, 1);
    demand.close_day();
  }
}

/// A network that takes the first covariate for a day's factor: e to its value.
Lstm<run_time> with_covariate() {
  Matrix<float> effects(1, DemandFactors<>::calendar_effects + 1);
  effects(0, DemandFactors<>::calendar_effects) = 1;
  return Lstm<run_time>({.input = Matrix<float>(WindowInputs{}.count(), 4 * 3),
                         .recurrent = Matrix<float>(3, 4 * 3),
                         .bias = std::vector<float>(4 * 3, 0.0f),
                         .output = Matrix<float>(1, 3),
                         .factors = {effects, Matrix<float>(1, 0)},
                         .prior = 0});
}

}  // namespace

TEST_CASE("Demand without a model is answered by the next rungs") {
  TillDemand demand(Bundle(), 2, "file");
  std::array<float, 1> quantile{9};
  CHECK(demand.forecast(bread, std::array{0.5f}, quantile).answered_by == Rung::none);
  CHECK(quantile[0] == 0);
  demand.sales().add(bread, monday, 3);
  demand.close_day();
  CHECK(demand.forecast(bread, {}, {}).answered_by == Rung::last_day);
  CHECK(demand.forecast(bread, {}, {}).units == 3);
  CHECK(demand.forecast(ItemIndex(2), {}, {}).answered_by == Rung::none);  // not of the shop
  demand.close_day();                                                      // nothing is being sold
  CHECK(demand.sales().target() == monday + 1);
}

TEST_CASE("A network's factors take the covariates of its days, float or INT8") {
  Covariates promotions({"promotion"}, monday, 20);
  promotions.set("promotion", monday + 7, std::log(3.0f));
  for (const bool small : {false, true}) {
    Bundle bundle;
    if (small)
      bundle.add("demand", quantize(with_covariate()));
    else
      bundle.add("demand", with_covariate());
    CHECK_ERROR(TillDemand(bundle, 2, "file"), ErrorCode::missing, "file, model covariates");
    bundle.add("covariates", promotions);
    TillDemand demand(bundle, 2, "file");
    sell_a_week(demand);
    const Forecast promoted = demand.forecast(bread, {}, {});
    CHECK(promoted.answered_by == Rung::network);
    CHECK(promoted.units == Approx(3).epsilon(0.02));
    demand.covariates().set("promotion", monday + 7, 0);
    CHECK(demand.forecast(bread, {}, {}).units == Approx(1));
  }
}

TEST_CASE("Demand of another catalogue is refused") {
  Bundle memory;
  memory.add("demand_memory", IntermittentDemand(3));
  CHECK_ERROR(TillDemand(memory, 2, "file"), ErrorCode::shape, "file, model demand_memory");
  Bundle levels;
  levels.add("demand_levels", PooledLevel(3));
  CHECK_ERROR(TillDemand(levels, 2, "file"), ErrorCode::shape, "file, model demand_levels");
  Bundle history;
  history.add("history", DailySales(3, monday, 20));
  CHECK_ERROR(TillDemand(history, 2, "file"), ErrorCode::shape, "file, model history");
}
