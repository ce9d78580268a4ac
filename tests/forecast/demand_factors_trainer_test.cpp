// SPDX-License-Identifier: MIT
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/factor_mean.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
constexpr std::array<float, 7> weekdays{0.6f, 0.8f, 0.9f, 1.0f, 1.2f, 1.5f, 1.0f};
float month_factor(Day day) {
  return 1 + 0.5f * std::sin(0.5f * static_cast<float>(day.civil().month));
}

/// Five series that trade Monday to Saturday for three years and grow by a fifth each year; Poisson
/// sales. Every 20th cell is unknown. `promotion`, where given, raises sales by half.
DailySales simulated(const Covariates* promotion = nullptr) {
  std::minstd_rand random(7);
  constexpr int days = 3 * 365;
  DailySales sales(5, monday, days);
  for (int d = 0; d < days; ++d) {
    const Day day = monday + d;
    if (day.weekday() == 6) continue;
    for (std::uint32_t i = 0; i < 5; ++i) {
      const ItemIndex item(i);
      double mean = 4.0 * (i + 1) * std::pow(1.2, day.civil().year - 2024) *
                    weekdays[static_cast<std::size_t>(day.weekday())] * month_factor(day);
      if (promotion) mean *= std::pow(1.5, promotion->at(item, day)[0]);
      sales.add(item, day, static_cast<float>(std::poisson_distribution<int>(mean)(random)));
      if ((static_cast<unsigned>(d) * 5 + i) % 20 == 0) sales.mark_unknown(item, day);
    }
  }
  return sales;
}

/// The conditions that only the Poisson means fulfil: with levels of series and year that are sales
/// over factors, the expected sales of each weekday and month are its sales.
void check_margins(const DailySales& sales, const DemandFactors<>& factors) {
  std::array<double, 7> sold_on{}, expected_on{};
  std::array<double, 13> sold_in{}, expected_in{};
  std::map<std::pair<std::uint32_t, int>, std::pair<double, double>> levels;
  const auto visit = [&](auto&& use) {
    for (std::uint32_t i = 0; i < sales.items(); ++i)
      for (std::size_t c = 0; c < sales.days(); ++c)
        if (sales.known(ItemIndex(i), c) && !sales.first_sale(ItemIndex(i), c))
          use(levels[{i, sales.day(c).civil().year}], sales.day(c), sales.at(ItemIndex(i), c));
  };
  visit([&](auto& level, Day day, float sold) {
    level.first += sold;
    level.second += factors.factor(day);
  });
  visit([&](const auto& level, Day day, float sold) {
    const double expected = level.first / level.second * factors.factor(day);
    const auto w = static_cast<std::size_t>(day.weekday()),
               m = static_cast<std::size_t>(day.civil().month);
    sold_on[w] += sold, expected_on[w] += expected;
    sold_in[m] += sold, expected_in[m] += expected;
  });
  for (std::size_t w = 0; w < 6; ++w) CHECK(expected_on[w] == Approx(sold_on[w]).epsilon(1e-5));
  for (std::size_t m = 1; m < 13; ++m) CHECK(expected_in[m] == Approx(sold_in[m]).epsilon(1e-5));
}
}  // namespace

TEST_CASE("Fitted factors are the Poisson means") {
  const DailySales sales = simulated();
  const DemandFactors<> factors = fit_demand_factors(sales, {.prior = 0});
  check_margins(sales, factors);
  CHECK(factors.effects().columns() == 19);
  CHECK(factors.effects()(0, 6) == 0);  // no Sunday was seen
  for (std::size_t w = 0; w < 6; ++w)
    CHECK(std::exp(factors.effects()(0, w) - factors.effects()(0, 3)) ==
          Approx(weekdays[w]).epsilon(0.06));
  double sum = 0;
  for (std::size_t w = 0; w < 6; ++w) sum += std::exp(factors.effects()(0, w));
  CHECK(sum == Approx(6).epsilon(1e-5));
}

TEST_CASE("Windows and their table have the same factors") {
  const DailySales sales = simulated();
  const SalesWindows windows(sales);
  CHECK(fit_demand_factors(windows).effects() == fit_demand_factors(sales).effects());
  const Day cut = monday + 700;
  const DailySales early = sales.slice(0, 700);
  CHECK(fit_demand_factors(windows.before(cut)).effects() == fit_demand_factors(early).effects());
}

TEST_CASE("The effect of a promotion is found and is not taken for a month") {
  Covariates promotion({"promotion"}, monday, 3 * 365, 5);
  for (int d = 0; d < 3 * 365; ++d)
    for (std::uint32_t i = 0; i < 5; ++i)
      if ((d / 7 + static_cast<int>(i)) % 5 == 0 || (monday + d).civil().month == 11)
        promotion.set("promotion", ItemIndex(i), monday + d, 1);
  const DailySales sales = simulated(&promotion);
  const DemandFactors<> with = fit_demand_factors(sales, promotion),
                        without = fit_demand_factors(sales);
  REQUIRE(with.covariates() == 1);
  CHECK(std::exp(with.effects()(0, 19)) == Approx(1.5f).epsilon(0.04));
  const auto november = [](const DemandFactors<>& f) {
    return std::exp(f.effects()(0, 17) - f.effects()(0, 15));  // over September
  };
  const Day september = *Day::from_civil(2024, 9, 1), in_november = *Day::from_civil(2024, 11, 1);
  const float truth = month_factor(in_november) / month_factor(september);
  CHECK(november(with) == Approx(truth).epsilon(0.08));
  CHECK(november(without) > 1.2f * truth);
  const SalesWindows windows(sales, promotion);
  CHECK(fit_demand_factors(windows).effects()(0, 19) == with.effects()(0, 19));
}

TEST_CASE("Series levels are of the latest days") {
  const DailySales sales = simulated();
  const DemandFactors<> factors = fit_demand_factors(sales, {.series = true});
  REQUIRE(factors.series() == 5);
  for (std::uint32_t i = 1; i < 5; ++i)
    CHECK(factors.series_level(ItemIndex(i)) / factors.series_level(ItemIndex(0)) ==
          Approx(static_cast<float>(i + 1)).epsilon(0.1));
  CHECK(fit_demand_factors(sales).series() == 0);
}

TEST_CASE("Factors of little or nothing") {
  CHECK_ERROR(fit_demand_factors(SalesWindows()), ErrorCode::invalid_argument,
              "fit_demand_factors");
  CHECK_ERROR(fit_demand_factors(DailySales(2, monday, 20)), ErrorCode::invalid_argument,
              "fit_demand_factors");
  const DailySales constant = sales_table({std::vector<float>(30, 5.0f)});
  const DemandFactors<> flat = fit_demand_factors(constant, {.series = true});
  for (int d = 0; d < 30; ++d) CHECK(flat.factor(monday + d) == Approx(1.0f).epsilon(1e-4));
  CHECK(flat.series_level(ItemIndex(0)) == Approx(5.0f).epsilon(1e-4));
  CHECK_ERROR(fit_demand_factors(constant, {.prior = -1}), ErrorCode::out_of_range, "prior");
  CHECK_ERROR(fit_demand_factors(constant, Covariates({"a"}, monday, 3)), ErrorCode::missing,
              "covariates");
  CHECK_ERROR(fit_demand_factors(constant, Covariates({"a"}, monday, 99, 3)), ErrorCode::shape,
              "items of covariates");

  // Sold once, then never: all that is asked is a number.
  std::vector<float> once(20, 0.0f);
  once[0] = 5;
  const DemandFactors<> rare = fit_demand_factors(sales_table({once}), {.series = true});
  CHECK(std::isfinite(rare.series_level(ItemIndex(0))));
  for (int d = 0; d < 7; ++d) CHECK(rare.factor(monday + d) > 0);
}

TEST_CASE("A level times the factors of the days") {
  const DailySales sales = simulated();
  const SalesWindows windows(sales);
  const FactorMean<> model(fit_demand_factors(windows));
  const SalesWindow window = windows[500];
  double sold = 0, days = 0;
  for (std::size_t d = 0; d < window_days; ++d)
    if (window.knows(d)) {
      sold += window.sales[d];
      days += model.factors().factor(window.days[d]);
    }
  const double factor = model.factors().factor(window.target);
  CHECK(model.forecast(window) == Approx(sold / days * factor));
  SalesWindow levelled = window;
  levelled.level = 100;
  CHECK(model.forecast(levelled) == Approx(100 * factor));
  CHECK_ERROR(FactorMean<>({}, -1), ErrorCode::out_of_range, "priors");
}
