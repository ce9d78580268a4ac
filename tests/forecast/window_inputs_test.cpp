// SPDX-License-Identifier: MIT
#include <bodega/forecast/window_inputs.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <bodega/forecast/recurrent/recurrent.hpp>

#include "catch.hpp"
#include "forecast/sales_table.hpp"
#include "reload.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

using Units = std::array<float, window_days>;
constexpr Units some{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7};
constexpr float sum_of_some = 68;

/// Weekday effects 0, 0.1, ..., a covariate of effect 0.5, and one series of level 20.
DemandFactors<> factors() {
  std::vector<float> effects(20, 0.0f);
  for (std::size_t w = 0; w < 7; ++w) effects[w] = 0.1f * static_cast<float>(w);
  effects[19] = 0.5f;
  return DemandFactors<>(Matrix<float>(1, 20, effects), Matrix<float>(1, 1, std::log(20.0f)));
}

/// The inputs of a step as a dense row.
std::vector<float> inputs_at(const SalesWindow& window, const WindowInputs& inputs,
                             std::size_t step) {
  std::vector<float> row(inputs.count(), 0.0f);
  const SalesShares shares(window, DemandFactors<>(), 0, 0);
  detail::for_each_input(window, inputs, shares, step,
                         [&](std::size_t input, float value) { row.at(input) = value; });
  return row;
}

}  // namespace

TEST_CASE("The level is that of the known days, of the prior, the series or a longer memory") {
  SalesWindow window(some, monday);
  CHECK(SalesShares(window, DemandFactors<>(), 0, 0).level == Approx(sum_of_some / 14));
  CHECK(SalesShares(window, DemandFactors<>(), 2, 0).level == Approx((sum_of_some + 2) / 14));

  window.known = static_cast<DayMask>(window.known & ~(1u << 5));  // the 9
  CHECK(SalesShares(window, DemandFactors<>(), 0, 0).level == Approx((sum_of_some - 9) / 13));
  window.known = all_days_known;

  // Days count by what they are worth; a known series adds days at its level.
  float worth = 0;
  for (const Day day : window.days) worth += factors().factor(day);
  const SalesShares by_factors(window, factors(), 0, 3);
  CHECK(by_factors.level == Approx(sum_of_some / worth));
  CHECK(by_factors.scale == Approx(by_factors.level * factors().factor(monday)));
  window.series = ItemIndex(0);
  CHECK(SalesShares(window, factors(), 0, 3).level == Approx((sum_of_some + 60) / (worth + 3)));
  window.series = ItemIndex(1);
  CHECK(SalesShares(window, factors(), 0, 3).level == Approx(by_factors.level));

  window.level = 7;
  CHECK(SalesShares(window, factors(), 0, 3).level == 7);
}

TEST_CASE("Shares are sales over what was to be expected, and 1 where nobody knows") {
  SalesWindow window(some, monday + 3);
  std::array<float, window_days + 1> promotion{};
  promotion[4] = 1;
  window.covariates = promotion;
  window.known = static_cast<DayMask>(window.known & ~(1u << 2));
  const SalesShares shares(window, factors(), 1, 0);
  for (std::size_t d = 0; d < window_days; ++d) {
    const float expected = shares.level * factors().factor(window.days[d], window.covariates_of(d));
    CHECK(shares.share[d] == Approx(d == 2 ? 1 : some[d] / expected));
  }
}

TEST_CASE("Inputs stand in their order") {
  SalesWindow window(some, monday);  // the days before are Monday to Sunday, twice
  std::array<float, 2 * (window_days + 1)> covariates{};
  for (std::size_t i = 0; i < covariates.size(); ++i) covariates[i] = 0.5f * static_cast<float>(i);
  window.covariates = covariates;
  window.known = static_cast<DayMask>(window.known & ~(1u << 3));
  const WindowInputs all{.season = true, .level = true, .gaps = true, .covariates = 2};
  REQUIRE(all.count() == 15);

  const auto first = inputs_at(window, all, 0);  // a Monday, as the target; Tuesday comes next
  const SalesShares shares(window, DemandFactors<>(), 0, 0);
  CHECK(first[0] == shares.share[0]);
  CHECK(std::vector<float>(first.begin() + 1, first.begin() + 9) ==
        std::vector<float>{0, 1, 0, 0, 0, 0, 0, 1});
  CHECK(first[9] * first[9] + first[10] * first[10] == Approx(1));
  CHECK(first[11] == Approx(0.25f * std::log(shares.level)));
  CHECK(first[12] == 0);
  CHECK(first[13] == covariates[2]);
  CHECK(first[14] == covariates[3]);
  CHECK(inputs_at(window, all, 3)[12] == 1);
  const auto last = inputs_at(window, all, window_days - 1);  // a Sunday; the target comes next
  CHECK(last[1] == 1);
  CHECK(last[8] == 0);
  CHECK(last[13] == covariates[28]);

  // A year later the season is the same; half a year later it is the opposite.
  const WindowInputs season{.weekday = false, .season = true};
  const auto now = inputs_at(SalesWindow(some, monday), season, 5);
  const auto year = inputs_at(SalesWindow(some, monday + 365), season, 5);
  const auto half = inputs_at(SalesWindow(some, monday + 183), season, 5);
  CHECK(year[1] == Approx(now[1]).margin(0.02));
  CHECK(year[2] == Approx(now[2]).margin(0.02));
  CHECK(half[2] == Approx(-now[2]).margin(0.02));
  CHECK(inputs_at(window, {.weekday = false}, 0).size() == 1);
}

TEST_CASE("Unknown days change nothing by what is stored in them, missing covariates count as 0") {
  RecurrentParts<> parts =
      Lstm<run_time>({.season = true, .gaps = true, .covariates = 1}, 1, 3).parts();
  for (std::size_t i = 0; i < parts.input.size(); ++i)
    parts.input.values()[i] = 0.1f * static_cast<float>(i % 7) - 0.3f;
  parts.output = Matrix<float>(1, 3, 0.5f);
  const Lstm<run_time> model(parts);
  Units stored = some;
  SalesWindow window(stored, monday);
  window.known = static_cast<DayMask>(window.known & ~(1u << 6));
  const float units = model.forecast(window);
  stored[6] = 1e6f;
  CHECK(model.forecast(window) == units);
  window.known = all_days_known;
  CHECK(model.forecast(window) != units);

  std::array<float, window_days + 1> none{};
  stored = some;
  const float without = model.forecast(window);
  window.covariates = none;
  CHECK(model.forecast(window) == without);
  none[9] = 1;
  CHECK(model.forecast(window) != without);
  none[9] = std::numeric_limits<float>::infinity();
  CHECK(std::isnan(model.forecast(window)));

  window.known = 0;  // nobody knows anything, and no series to lean on
  none[9] = 0;
  CHECK(std::isnan(model.forecast(window)));
}

TEST_CASE("Quantiles rise even where the outputs cross") {
  RecurrentParts<> parts = Gru<run_time>({}, 1, 2).parts();
  parts.output = Matrix<float>(4, 2);
  parts.output_bias = {1.0f, 2.0f, 0.5f, -1.0f};
  parts.skip = Matrix<float>(4, 0);
  parts.quantiles = {0.1f, 0.5f, 0.9f};
  const Gru<run_time> model(parts);
  const SalesWindow window(some, monday);
  std::array<float, 4> units{};
  const float level = (sum_of_some + 1) / 14;
  CHECK(model.forecast(window, units) == Approx(level));
  CHECK(units[0] == 0.0f);
  CHECK(units[1] == Approx(0.5f * level));
  CHECK(units[2] == Approx(2 * level));
  CHECK(std::isnan(units[3]));  // there is no fourth
  CHECK(reload(model).quantiles().size() == 3);
}
