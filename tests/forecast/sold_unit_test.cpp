// SPDX-License-Identifier: MIT
#include <bodega/forecast/sold_unit.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/dispersion_trainer.hpp>
#include <bodega/forecast/forecast.hpp>
#include <bodega/forecast/integer/integer_converter.hpp>
#include <bodega/forecast/integer/integer_forecaster.hpp>
#include <bodega/forecast/pooled_level_trainer.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
using Sales = std::array<float, window_days>;
constexpr Day target(20'000);
}  // namespace

TEST_CASE("Pieces are counted in pieces, what is sold in parts of a unit in thousandths") {
  const auto unit = [](const Sales& sales) { return sold_unit(SalesWindow(sales, target)); };
  CHECK(unit({}) == 1);
  CHECK(unit({0, 3, 0, 2}) == 1);
  CHECK(unit({0.2f, 2, 0, 0.3f}) == 0.001f);
  const Sales part{0.5f, 1, 2};
  SalesWindow first_unknown(part, target);
  first_unknown.known = all_days_known & ~1u;
  CHECK(sold_unit(first_unknown) == 1);
}

TEST_CASE("weighed goods: kilograms and grams give one answer on every rung of the ladder") {
  std::mt19937 random(3);
  const std::vector<float> levels{0.1f, 0.25f, 0.5f, 0.8f, 0.9f, 0.95f, 0.99f};
  const WeekdayMean weekday({0.5f, 0.75f, 1, 1, 1, 1.25f, 1.5f});
  const FactorMean<> factors;
  for (int series = 0; series < 300; ++series) {
    const int step = series % 3 == 0 ? 1 : series % 3 == 1 ? 50 : 200;
    const double chance = std::uniform_real_distribution<>(0.2, 1)(random);
    const int most = std::uniform_int_distribution<int>(1, 5000 / step)(random);
    Sales kg{}, g{};
    for (std::size_t d = 0; d < window_days; ++d)
      if (std::bernoulli_distribution(chance)(random)) {
        const int grams = step * std::uniform_int_distribution<int>(1, most)(random);
        kg[d] = static_cast<float>(grams / 1000.0);
        g[d] = static_cast<float>(grams);
      }
    kg.back() += 0.001f;  // with whole kilograms alone they would be pieces
    g.back() += 1;
    if (kg.back() == std::floor(kg.back())) continue;
    for (const int rung : {0, 1, 2, 3})
      for (const float dispersion : {0.0f, 0.3f}) {
        ForecastLadder<> ladder{.dispersion = dispersion};
        if (rung == 1) ladder.weekday_mean = &weekday;
        if (rung == 2) ladder.factor_mean = &factors;
        SalesWindow in_kg(kg, target), in_g(g, target);
        if (rung == 3) in_kg.known = in_g.known = 1u << 13;  // the last day alone
        std::vector<float> of_kg(levels.size()), of_g(levels.size());
        const Forecast a = forecast_with_fallback(ladder, in_kg, levels, of_kg);
        const Forecast b = forecast_with_fallback(ladder, in_g, levels, of_g);
        CAPTURE(series, rung, dispersion, step, most);
        CHECK(a.answered_by == b.answered_by);
        CHECK(1000 * a.units == Approx(b.units).epsilon(1e-4));
        for (std::size_t q = 0; q < levels.size(); ++q)
          CHECK(1000 * of_kg[q] == Approx(of_g[q]).epsilon(1e-3).margin(1.01));
      }
  }
}

namespace {

/// Weighed goods over 150 days, in kilograms and in grams: often or seldom sold, much or little,
/// one new on day 100, with quiet fortnights.
struct Weighed {
  DailySales kg, g;
  Weighed() : kg(8, target, 0), g(8, target, 0) {
    std::mt19937 random(17);
    for (int d = 0; d < 150; ++d)
      for (std::uint32_t i = 0; i < 8; ++i) {
        const double chance = i % 2 == 0 ? 0.95 : 0.1, often = d % 7 == 5 ? 2 : 1;
        int grams = 0;
        if (std::bernoulli_distribution(chance)(random) && (i != 7 || d >= 100))
          grams = 7 + static_cast<int>(often * std::exponential_distribution<>(0.002)(random)) *
                          static_cast<int>(1 + i);
        kg.add(ItemIndex(i), target + d, grams / 1000.0);
        g.add(ItemIndex(i), target + d, grams);
      }
  }
};

/// Answers of two forecasters for two tables that say the same in kilograms and grams.
template <Forecaster A, Forecaster B>
void check_same(const char* what, const A& of_kg, const B& of_g, const SalesWindows& kg,
                const SalesWindows& g, double tolerance = 1e-3) {
  REQUIRE(kg.size() == g.size());
  double worst = 0;
  for (std::size_t i = 0; i < kg.size(); ++i) {
    const double a = 1000 * double{of_kg.forecast(kg[i])}, b = double{of_g.forecast(g[i])};
    if (std::isnan(a) && std::isnan(b)) continue;
    worst = std::max(worst, std::abs(a - b) / std::max(1.0, std::abs(b)));
  }
  INFO(what);
  CHECK(worst < tolerance);
}
}  // namespace

TEST_CASE("weighed goods: kilograms and grams give one answer from every trainer") {
  const Weighed sales;
  const SalesWindows kg(sales.kg), g(sales.g);
  const std::vector<float> levels{0.1f, 0.5f, 0.9f, 0.95f};
  const auto factors_kg = fit_demand_factors(kg, {.series = true, .level_days = 30}),
             factors_g = fit_demand_factors(g, {.series = true, .level_days = 30});
  for (std::size_t j = 0; j < factors_kg.effects().columns(); ++j)
    CHECK(factors_kg.effects()(0, j) == Approx(factors_g.effects()(0, j)).margin(1e-4));
  for (std::uint32_t i = 0; i < 8; ++i)
    CHECK(1000 * factors_kg.series_level(ItemIndex(i)) ==
          Approx(factors_g.series_level(ItemIndex(i))).epsilon(1e-3));
  const FactorMean<> mean_kg(factors_kg, 1, 2), mean_g(factors_g, 1, 2);
  check_same("factor mean", mean_kg, mean_g, kg, g);
  check_same("weekday mean", fit_weekday_mean(kg), fit_weekday_mean(g), kg, g);
  check_same("window mean", WindowMean{}, WindowMean{}, kg, g);
  check_same("same weekday", SameWeekday{}, SameWeekday{}, kg, g);
  const SalesWindows long_kg = with_pooled_levels(kg, factors_kg),
                     long_g = with_pooled_levels(g, factors_g);
  check_same("pooled level", FactorMean<>(factors_kg), FactorMean<>(factors_g), long_kg, long_g);
  CHECK(fit_dispersion(mean_kg, kg, levels) == fit_dispersion(mean_g, g, levels));
  CHECK(fit_dispersion(WindowMean{}, kg, levels) == fit_dispersion(WindowMean{}, g, levels));

  for (const auto method : {IntermittentMethod::croston, IntermittentMethod::sba,
                            IntermittentMethod::tsb, IntermittentMethod::by_pattern}) {
    const IntermittentOptions how{.method = method};
    check_same("window intermittent", WindowIntermittent(how), WindowIntermittent(how), kg, g);
    const IntermittentDemand of_kg(sales.kg, how), of_g(sales.g, how);
    for (std::uint32_t i = 0; i < 8; ++i) {
      CHECK(of_kg.pattern(ItemIndex(i)) == of_g.pattern(ItemIndex(i)));
      CHECK(1000 * of_kg.forecast(ItemIndex(i)) ==
            Approx(of_g.forecast(ItemIndex(i))).epsilon(1e-3));
      for (const float level : levels)
        CHECK(1000 * of_kg.quantile(ItemIndex(i), level) ==
              Approx(of_g.quantile(ItemIndex(i), level)).epsilon(1e-3));
    }
  }

  const ForecastTrainingOptions options{.epochs = 3,
                                        .loss = ForecastLoss::absolute,
                                        .validation_fraction = 0.2,
                                        .threads = 1,
                                        .inputs = {.season = true, .level = true},
                                        .prior = 1,
                                        .skip = true,
                                        .quantiles = levels,
                                        .hidden = 4};
  const auto lstm_kg = train_lstm<run_time>(kg, options), lstm_g = train_lstm<run_time>(g, options);
  check_same("lstm", lstm_kg, lstm_g, kg, g, 0.02);
  check_same("one lstm", lstm_g, lstm_g, kg, g);
  const auto gru = train_gru<run_time>(g, options);
  check_same("one gru", gru, gru, kg, g);
  for (std::size_t i = 0; i < kg.size(); ++i) {
    std::vector<float> of_kg(levels.size()), of_g(levels.size());
    lstm_g.forecast(kg[i], of_kg);
    lstm_g.forecast(g[i], of_g);
    for (std::size_t q = 0; q < levels.size(); ++q)
      CHECK(1000 * of_kg[q] == Approx(of_g[q]).epsilon(1e-3).margin(0.1));
  }
  const auto integers = to_integer(lstm_g);
  check_same("integers", integers, integers, kg, g, 0.01);
}

TEST_CASE("weighed goods: quantiles around a mean are as wide as what was sold") {
  const Sales kg{1.2f, 0, 2.3f, 0.8f, 1.55f, 3.1f, 0, 1.05f, 2.2f, 0.65f, 1.9f, 0, 2.75f, 1.4f};
  const std::vector<float> levels{0.1f, 0.9f};
  std::vector<float> found(2);
  const Forecast mean =
      forecast_with_fallback(ForecastLadder<>{}, SalesWindow(kg, target), levels, found);
  CHECK(mean.answered_by == rung::mean);
  CHECK(found[0] < 0.4f);
  CHECK(found[1] > 2.3f);
  CHECK(found[1] < 3.3f);
  CHECK(count_quantile(mean.units, 0, 0.9f) == 3);  // what whole numbers would have said
}
