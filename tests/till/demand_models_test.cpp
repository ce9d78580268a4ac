// SPDX-License-Identifier: MIT
#include <bodega/till/demand_models.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <bodega/compress/quantize.hpp>
#include <bodega/data/absences.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/pooled_level_trainer.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "till/own_models.hpp"

using namespace bodega;
using bodega_test::Approx;
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

namespace {

/// 90 days of items that are there always, new, left, back after months, sold once and never.
constexpr std::uint32_t always = 0, fresh = 1, left = 2, back = 3, once = 4, never = 5, kinds = 6;
DailySales shop_of_comings_and_goings() {
  DailySales sales(kinds, monday, 90);
  const auto units = [](std::uint32_t item, int day) -> double {
    switch (item) {
      case always:
        return 10;
      case fresh:
        return day >= 87 ? 10 : 0;
      case left:
        return day < 45 ? 10 : 0;
      case back:
        return day < 30 || day >= 85 ? 10 : 0;
      case once:
        return day == 40 ? 4 : 0;
      default:
        return 0;
    }
  };
  for (int day = 0; day < 90; ++day)
    for (std::uint32_t i = 0; i < kinds; ++i) sales.add(ItemIndex(i), monday + day, units(i, day));
  const AbsenceReport report = mark_absences(sales);
  CHECK(report.left == 1);
  CHECK(report.came_back == 1);
  CHECK(report.came_later == 2);
  CHECK(report.never_sold == 1);
  return sales;
}

struct Expected {
  std::uint32_t item;
  float units;
};
constexpr std::array<Expected, kinds> expected{
    {{always, 10}, {fresh, 10}, {left, 0}, {back, 10}, {once, 0}, {never, 0}}};

void check_all(const Bundle& bundle, std::vector<TillRung> rungs) {
  const DemandModels demand(bundle, std::move(rungs), kinds, "file");
  const DemandMemory memory = demand.memory();
  for (const auto& [item, units] : expected) {
    INFO("item " << item);
    const auto found = demand.forecast(memory, ItemIndex(item), {}, {});
    CHECK(found.units == Approx(units).epsilon(0.1).margin(0.1));
  }
}

}  // namespace

TEST_CASE("zeros that are no demand: what is new, left or came back, by every rung of a bundle") {
  const DailySales sales = shop_of_comings_and_goings();
  const SalesWindows windows(sales);
  const auto factors = fit_demand_factors(sales, {.series = true});
  CHECK(factors.series_level(ItemIndex(fresh)) == Approx(10).epsilon(0.1));
  CHECK(factors.series_level(ItemIndex(left)) == Approx(10).epsilon(0.1));
  CHECK(factors.series_level(ItemIndex(back)) == Approx(10).epsilon(0.1));
  PooledLevel levels;
  with_pooled_levels(windows, factors, {}, &levels);
  CHECK(levels.level(ItemIndex(fresh)) == Approx(10).epsilon(0.1));
  CHECK(levels.level(ItemIndex(back)) == Approx(10).epsilon(0.1));
  const IntermittentDemand memory(sales);
  CHECK(memory.forecast(ItemIndex(fresh)) == Approx(10).epsilon(0.1));
  CHECK(memory.forecast(ItemIndex(back)) == Approx(10).epsilon(0.1));
  const WeekdayMean weekday = fit_weekday_mean(windows);
  const auto network = train_lstm<run_time>(
      windows, {.epochs = 5, .validation_fraction = 0, .threads = 1, .prior = 0.1f, .hidden = 4});

  const auto with = [&](auto&&... add) {
    Bundle bundle;
    bundle.add("history", sales.tail(40));
    (add(bundle), ...);
    check_all(bundle, {});
    for (const bool small : {false, true}) {
      std::vector<TillRung> rungs;
      if (small)
        rungs.push_back(detail::make_rung("demand", quantize(network)));
      else
        rungs.push_back(detail::make_rung("demand", network));
      check_all(bundle, std::move(rungs));
    }
  };
  const auto add_memory = [&](Bundle& b) { b.add("demand_memory", memory); };
  const auto add_weekday = [&](Bundle& b) { b.add("demand_baseline", weekday); };
  const auto add_factors = [&](Bundle& b) { b.add("demand_factors", FactorMean<>(factors)); };
  const auto add_levels = [&](Bundle& b) { b.add("demand_levels", levels); };
  with();
  with(add_memory);
  with(add_weekday);
  with(add_factors);
  with(add_factors, add_levels);
  with(add_memory, add_weekday, add_factors, add_levels);

  for (std::size_t i = 0; i < windows.size(); ++i) {
    INFO("item " << windows.item(i).value() << ", " << windows.target(i).to_string());
    const float want = windows.item(i) == ItemIndex(once) ? 0.0f : 10.0f;
    CHECK(weekday.forecast(windows[i]) == Approx(want).epsilon(0.1).margin(0.1));
    CHECK(WindowMean{}.forecast(windows[i]) == want);
    CHECK(WindowIntermittent().forecast(windows[i]) == Approx(want).epsilon(0.1).margin(0.1));
  }
}

TEST_CASE("zeros that are no demand: a till without history learns what comes and goes") {
  const DailySales sales = shop_of_comings_and_goings();
  const DemandModels demand(Bundle(), {}, kinds, "file");
  DemandMemory memory = demand.memory();
  for (std::size_t c = 0; c < sales.days(); ++c) {
    for (std::uint32_t i = 0; i < kinds; ++i)
      if (const float units = sales.at(ItemIndex(i), c); units > 0)
        memory.sales.add(ItemIndex(i), sales.day(c), units);
    demand.close_day(memory);
  }
  for (const auto& [item, units] : {Expected{always, 10}, {fresh, 10}, {left, 0}, {never, 0}})
    CHECK(demand.forecast(memory, ItemIndex(item), {}, {}).units == units);
}
