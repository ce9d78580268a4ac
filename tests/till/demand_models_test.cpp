// SPDX-License-Identifier: MIT
#include <bodega/till/demand_models.hpp>

#include <array>
#include <string>
#include <vector>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "till/own_models.hpp"

using namespace bodega;
using bodega_test::OwnForecaster;

namespace {
const Day monday = *Day::parse("2011-10-03");
constexpr ItemIndex bread(0);

DailySales fortnight(std::size_t items = 1) {
  DailySales history(items, monday, 14);
  for (std::size_t d = 0; d < 14; ++d) history.add(bread, monday + static_cast<int>(d), 2);
  return history;
}
}  // namespace

TEST_CASE("What a file knows is where a memory begins, and models do not change with it") {
  Bundle bundle;
  bundle.add("history", fortnight());
  bundle.add("demand_memory", IntermittentDemand(1));
  bundle.add("demand_levels", PooledLevel(1));
  const DemandModels models(bundle, {}, 1, "file");
  CHECK(models.known_until() == monday + 13);
  DemandMemory memory = models.memory();
  CHECK(memory.sales.last_day() == monday + 13);
  REQUIRE(memory.items);
  REQUIRE(memory.levels);
  CHECK(memory.items->last_day() == monday + 13);
  CHECK(memory.levels->last_day() == monday + 13);
  CHECK(models.forecast(memory, bread, {}, {}).units == 2);

  memory.sales.add(bread, monday + 14, 9);
  CHECK(bodega_test::allocations_in([&] { models.close_day(memory); }) == 0);
  CHECK(memory.sales.last_day() == monday + 14);
  CHECK(memory.items->last_day() == monday + 14);
  CHECK(memory.levels->last_day() == monday + 14);
  models.close_day(memory);  // nothing is being sold
  CHECK(memory.sales.days().back() == monday + 14);
  CHECK(models.memory().sales.last_day() == monday + 13);

  memory.go_back(monday + 14);
  CHECK(memory.sales.last_day() == monday + 14);
  CHECK(memory.items->last_day() == monday + 13);
  memory.go_back(monday + 13);
  CHECK(memory.sales.last_day() == monday + 13);
}

TEST_CASE("Rungs are asked in turn, of one memory or another") {
  std::vector<TillRung> rungs;
  rungs.push_back(detail::make_rung("silent", OwnForecaster{-1}));
  rungs.push_back(detail::make_rung("own", OwnForecaster{5}));
  const DemandModels models(Bundle(), std::move(rungs), 2, "file");
  CHECK_FALSE(models.known_until());
  DemandMemory memory = models.memory();
  std::array<float, 2> quantiles{9, 9};
  const std::array levels{0.5f, 0.9f};
  CHECK(models.forecast(memory, bread, levels, quantiles).answered_by == rung::none);
  CHECK(quantiles == std::array<float, 2>{0, 0});
  for (int d = 0; d < 7; ++d) {
    memory.sales.add(bread, monday + d, 1);
    models.close_day(memory);
  }
  const Forecast forecast = models.forecast(memory, bread, levels, quantiles);
  CHECK(forecast.answered_by == "own");
  CHECK(forecast.units == 5);
  CHECK(quantiles[0] <= quantiles[1]);
  CHECK(models.forecast(memory, ItemIndex(2), {}, {}).answered_by == rung::none);
}

TEST_CASE("Demand of another catalogue is refused by its name") {
  const auto refuses = [](const std::string& kind, const auto& model) {
    Bundle bundle;
    bundle.add(kind, model);
    CHECK_ERROR(DemandModels(bundle, {}, 2, "file"), ErrorCode::shape, "file, model " + kind);
  };
  refuses("demand_memory", IntermittentDemand(3));
  refuses("demand_levels", PooledLevel(1));
  refuses("history", fortnight());
  refuses("covariates", Covariates({"price"}, monday, 3, 5));
}
