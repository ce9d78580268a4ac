// SPDX-License-Identifier: MIT
#include <bodega/till/demand.hpp>

#include <array>
#include <cmath>
#include <vector>

#include <bodega/compress/quantize.hpp>
#include <bodega/core/random.hpp>
#include <bodega/data/absences.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/pooled_level_trainer.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>

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
  CHECK(demand.forecast(bread, std::array{0.5f}, quantile).answered_by == rung::none);
  CHECK(quantile[0] == 0);
  demand.sales().add(bread, monday, 3);
  demand.close_day();
  CHECK(demand.forecast(bread, {}, {}).answered_by == rung::last_day);
  CHECK(demand.forecast(bread, {}, {}).units == 3);
  CHECK(demand.forecast(ItemIndex(2), {}, {}).answered_by == rung::none);  // not of the shop
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
    CHECK(promoted.answered_by == "demand");
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

namespace {

/// 60 days: one item of 10 a day, others by what `units(item, day)` says.
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

void check_all(const TillDemand& demand) {
  for (const auto& [item, units] : expected) {
    INFO("item " << item);
    const Forecast found = demand.forecast(ItemIndex(item), {}, {});
    INFO("by " << found.answered_by);
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
    check_all(TillDemand(bundle, kinds, "file"));
  };
  const auto add_memory = [&](Bundle& b) { b.add("demand_memory", memory); };
  const auto add_weekday = [&](Bundle& b) { b.add("demand_baseline", weekday); };
  const auto add_factors = [&](Bundle& b) { b.add("demand_factors", FactorMean<>(factors)); };
  const auto add_levels = [&](Bundle& b) { b.add("demand_levels", levels); };
  const auto add_network = [&](Bundle& b) { b.add("demand", network); };
  with();
  with(add_memory);
  with(add_weekday);
  with(add_factors);
  with(add_network);
  with(add_factors, add_levels);
  with(add_memory, add_weekday, add_factors, add_levels);
  with(add_memory, add_weekday, add_factors, add_network);
  with([&](Bundle& b) { b.add("demand", quantize(network)); });

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
  TillDemand demand(Bundle(), kinds, "file");
  for (std::size_t c = 0; c < sales.days(); ++c) {
    for (std::uint32_t i = 0; i < kinds; ++i)
      if (const float units = sales.at(ItemIndex(i), c); units > 0)
        demand.sales().add(ItemIndex(i), sales.day(c), units);
    demand.close_day();
    if (c == 89) {
      CHECK(demand.forecast(ItemIndex(always), {}, {}).units == 10);
      CHECK(demand.forecast(ItemIndex(fresh), {}, {}).units == 10);
      CHECK(demand.forecast(ItemIndex(left), {}, {}).units == 0);
      CHECK(demand.forecast(ItemIndex(never), {}, {}).answered_by == rung::none);
    }
  }
}
