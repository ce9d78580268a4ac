// SPDX-License-Identifier: MIT
#include <bodega/forecast/sold_unit.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include <bodega/forecast/forecast.hpp>

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

TEST_CASE("weighed goods: quantiles around a mean are as wide as what was sold") {
  const Sales kg{1.2f, 0, 2.3f, 0.8f, 1.55f, 3.1f, 0, 1.05f, 2.2f, 0.65f, 1.9f, 0, 2.75f, 1.4f};
  const std::vector<float> levels{0.1f, 0.9f};
  std::vector<float> found(2);
  const Forecast mean =
      forecast_with_fallback(ForecastLadder<>{}, SalesWindow(kg, target), levels, found);
  CHECK(mean.answered_by == Rung::mean);
  CHECK(found[0] < 0.4f);
  CHECK(found[1] > 2.3f);
  CHECK(found[1] < 3.3f);
  CHECK(count_quantile(mean.units, 0, 0.9f) == 3);  // what whole numbers would have said
}
