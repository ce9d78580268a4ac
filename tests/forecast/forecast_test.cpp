// SPDX-License-Identifier: MIT
#include <bodega/forecast/forecast.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
struct Says {
  float units;
  float forecast(const SalesWindow&) const noexcept { return units; }
};
/// A network that foresees its own quantiles.
struct SaysQuantiles {
  float units;
  std::array<float, 2> levels{0.1f, 0.9f}, answers;
  float forecast(const SalesWindow&) const noexcept { return units; }
  float forecast(const SalesWindow&, std::span<float> quantiles) const noexcept {
    std::copy_n(answers.begin(), quantiles.size(), quantiles.begin());
    return units;
  }
  std::span<const float> quantiles() const noexcept { return levels; }
};
constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr std::array<float, 3> levels{0.1f, 0.5f, 0.9f};

/// The window of the latest of these days before a Monday; earlier ones are unknown.
struct Known {
  std::array<float, window_days> sales{};
  DayMask mask = 0;
  explicit Known(const std::vector<float>& units) {
    for (std::size_t d = 0; d < units.size(); ++d) {
      sales[window_days - units.size() + d] = units[d];
      mask = static_cast<DayMask>(mask | 1u << (window_days - units.size() + d));
    }
  }
  SalesWindow window() const {
    SalesWindow result(sales, monday);
    result.known = mask;
    result.series = ItemIndex(0);
    return result;
  }
  template <Forecaster Network>
  Forecast ask(const ForecastLadder<Network>& ladder) const {
    std::array<float, 3> quantiles{-1, -1, -1};
    const Forecast answer = forecast_with_fallback(ladder, window(), levels, quantiles);
    CHECK(quantiles[0] >= 0);
    CHECK(quantiles[0] <= quantiles[1]);
    CHECK(quantiles[1] <= quantiles[2]);
    CHECK(std::isfinite(quantiles[2]));
    CHECK(forecast_with_fallback(ladder, window()).units == answer.units);
    return answer;
  }
};

void check(const Forecast& found, std::string_view rung, float units) {
  CHECK(found.answered_by == rung);
  CHECK(found.units == Approx(units));
}
IntermittentDemand seen(const std::vector<float>& sales) {
  return IntermittentDemand(sales_table({sales}));
}
}  // namespace

TEST_CASE("The best rung that has an answer gives it") {
  const Known fortnight(std::vector<float>(14, 3.0f));
  const WeekdayMean weekday({2, 1, 1, 1, 1, 0.5f, 0.5f});
  const FactorMean<> factors;
  const Says good{9}, nan{std::nanf("")}, endless{infinity}, negative{-1};
  check(fortnight.ask(ForecastLadder<Says>{.network = &good, .factor_mean = &factors}),
        rung::network, 9);
  for (const Says& bad : {nan, endless, negative}) {
    check(fortnight.ask(ForecastLadder<Says>{
              .network = &bad, .factor_mean = &factors, .weekday_mean = &weekday}),
          rung::factor_mean, 3);
    check(fortnight.ask(ForecastLadder<Says>{.network = &bad, .weekday_mean = &weekday}),
          rung::weekday_mean, 6);
  }
  check(fortnight.ask(ForecastLadder<>{.weekday_mean = &weekday}), rung::weekday_mean, 6);
  check(fortnight.ask(ForecastLadder<Says>{.network = &nan}), rung::mean, 3);
  check(fortnight.ask(ForecastLadder<>{}), rung::mean, 3);
}

TEST_CASE("A history too short for a rung goes to the next") {
  const Says network{9};
  const WeekdayMean weekday;
  const ForecastLadder<Says> ladder{.network = &network, .weekday_mean = &weekday};
  check(Known(std::vector<float>(7, 4.0f)).ask(ladder), rung::network, 9);
  check(Known({1, 1, 1, 1, 1, 8}).ask(ladder), rung::last_day, 8);
  check(Known({1, 1, 1, 1, 1, 1, 8}).ask(ForecastLadder<>{}), rung::mean, 2);
  check(Known({}).ask(ladder), rung::none, 0);

  // A level from a longer memory is worth a week.
  const Known one({8});
  SalesWindow window = one.window();
  window.level = 5;
  check(forecast_with_fallback(ladder, window), rung::network, 9);
  const FactorMean<> factors;
  check(forecast_with_fallback(ForecastLadder<>{.factor_mean = &factors}, window),
        rung::factor_mean, 5);
}

TEST_CASE("Days that are unknown reach no rung") {
  std::vector<float> sales(14, 2.0f);
  Known known(sales);
  for (const std::size_t d : {3u, 12u, 13u}) {
    known.sales[d] = 0;
    known.mask = static_cast<DayMask>(known.mask & ~(1u << d));
  }
  const FactorMean<> factors;
  check(known.ask(ForecastLadder<>{}), rung::mean, 2);
  check(known.ask(ForecastLadder<>{.factor_mean = &factors}), rung::factor_mean, 2);
}

TEST_CASE("Sales that are no numbers do not reach the answer") {
  const WeekdayMean weekday;
  const FactorMean<> factors;
  const ForecastLadder<> ladder{.factor_mean = &factors, .weekday_mean = &weekday};
  std::vector<float> sales(14, 4.0f);
  sales[2] = std::nanf("");
  check(Known(sales).ask(ladder), rung::last_day, 4);
  sales[13] = infinity;
  check(Known(sales).ask(ladder), rung::none, 0);
}

TEST_CASE("An item that sells seldom is asked for its own demand") {
  std::vector<float> sales(60, 0.0f);
  for (std::size_t d = 0; d < 60; d += 4) sales[d] = 6;
  const IntermittentDemand rare = seen(sales), steady = seen(std::vector<float>(60, 5.0f));
  const Known window(std::vector<float>(14, 0.0f));
  const Says network{9}, nan{std::nanf("")};
  const FactorMean<> factors;
  ForecastLadder<Says> ladder{.network = &network, .intermittent = &rare, .factor_mean = &factors};
  check(window.ask(ladder), rung::network, 9);
  ladder.intermittent_first = true;
  check(window.ask(ladder), rung::intermittent, rare.forecast(ItemIndex(0)));
  ladder.intermittent_first = false;
  ladder.network = &nan;
  check(window.ask(ladder), rung::intermittent, rare.forecast(ItemIndex(0)));
  ladder.intermittent = &steady;  // sells every day: not its question
  check(window.ask(ladder), rung::factor_mean, 0);
  // A level from a longer memory: the factors come first.
  ladder.intermittent = &rare;
  SalesWindow levelled = window.window();
  levelled.level = 2;
  check(forecast_with_fallback(ladder, levelled), rung::factor_mean, 2);
  ladder.intermittent = &steady;
  // Sold out for a fortnight: what was known before is all there is.
  check(Known({}).ask(ladder), rung::intermittent, 5);
}

TEST_CASE("Quantiles are the network's own where it foresees these levels") {
  const Known fortnight(std::vector<float>(14, 100.0f));
  const SaysQuantiles network{100, {0.1f, 0.9f}, {70, 140}};
  const ForecastLadder<SaysQuantiles> ladder{.network = &network, .dispersion = 0.1f};
  std::array<float, 2> own{};
  forecast_with_fallback(ladder, fortnight.window(), network.levels, own);
  CHECK(own == network.answers);
  std::array<float, 3> around{};
  const Forecast answer = forecast_with_fallback(ladder, fortnight.window(), levels, around);
  check(answer, rung::network, 100);
  for (std::size_t q = 0; q < 3; ++q) CHECK(around[q] == count_quantile(100, 0.1f, levels[q]));
  const SaysQuantiles broken{100, {0.1f, 0.9f}, {std::nanf(""), 140}};
  forecast_with_fallback(ForecastLadder<SaysQuantiles>{.network = &broken}, fortnight.window(),
                         broken.levels, own);
  CHECK(own[0] == count_quantile(100, 0, 0.1f));
}

TEST_CASE("Whatever the window, the ladder answers") {
  const CounterRandom random(9);
  const float odd[] = {0, 1, 1e30f, -5, std::nanf(""), infinity, 1e-30f, 7};
  const Says network{std::nanf("")};
  const FactorMean<> factors;
  const WeekdayMean weekday;
  const IntermittentDemand rare = seen({1, 0, 0, 0, 5, 0, 0});
  for (std::size_t w = 0; w < 500; ++w) {
    Known known({});
    for (std::size_t d = 0; d < window_days; ++d)
      known.sales[d] = odd[static_cast<std::size_t>(random.uniform(w, d) * 7.99f)];
    known.mask = static_cast<DayMask>(random.uniform(w, 99) * 16383.0f);
    ForecastLadder<Says> ladder{.network = &network};
    if (w % 2 == 1) ladder.factor_mean = &factors;
    if (w % 3 == 1) ladder.weekday_mean = &weekday;
    if (w % 5 == 1) ladder.intermittent = &rare;
    const Forecast answer = known.ask(ladder);
    CHECK(std::isfinite(answer.units));
    CHECK(answer.units >= 0);
  }
}
