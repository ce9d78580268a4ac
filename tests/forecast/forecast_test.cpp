// SPDX-License-Identifier: MIT
#include <bodega/forecast/forecast.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "catch.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
struct Says {
  float units;
  float forecast(const SalesWindow&) const noexcept { return units; }
};
constexpr float infinity = std::numeric_limits<float>::infinity();

struct Known {
  std::vector<float> sales;
  std::vector<Day> days;
  explicit Known(std::vector<float> units) : sales(std::move(units)) {
    for (std::size_t i = 0; i < sales.size(); ++i)
      days.push_back(monday - static_cast<int>(sales.size() - i));
  }
  template <class Network>
  Forecast ask(const Network* network, const WeekdayMean* baseline) const {
    return forecast_with_fallback(network, baseline, sales, days, monday);
  }
};

void check(const Forecast& found, Rung rung, float units) {
  CHECK(std::string(name(found.answered_by)) == std::string(name(rung)));
  CHECK(found.units == Approx(units));
}
}  // namespace

TEST_CASE("The best rung that has an answer gives it") {
  const Known fortnight(std::vector<float>(14, 3.0f));
  const WeekdayMean weekday({2, 1, 1, 1, 1, 0.5f, 0.5f});
  const Says good{9}, nan{std::nanf("")}, endless{infinity}, negative{-1};
  check(fortnight.ask(&good, &weekday), Rung::lstm, 9);
  for (const Says& bad : {nan, endless, negative})
    check(fortnight.ask(&bad, &weekday), Rung::weekday_mean, 6);
  check(fortnight.ask<Says>(nullptr, &weekday), Rung::weekday_mean, 6);
  check(fortnight.ask(&nan, nullptr), Rung::mean, 3);
}

TEST_CASE("Only the latest days of a longer history count") {
  std::vector<float> sales(40, 100.0f);
  for (std::size_t i = 26; i < 40; ++i) sales[i] = 2.0f;
  const Known known(sales);
  check(known.ask<Says>(nullptr, nullptr), Rung::mean, 2);
  const WeekdayMean weekday;
  check(known.ask<Says>(nullptr, &weekday), Rung::weekday_mean, 2);
  const WindowMean mean;
  check(known.ask(&mean, nullptr), Rung::lstm, 2);
}

TEST_CASE("A history too short for a rung goes to the next") {
  const Says network{9};
  const WeekdayMean weekday;
  check(Known(std::vector<float>(13, 4.0f)).ask(&network, &weekday), Rung::mean, 4);
  check(Known({1, 1, 1, 1, 1, 1, 8}).ask(&network, &weekday), Rung::mean, 2);
  check(Known({1, 1, 1, 1, 1, 8}).ask(&network, &weekday), Rung::last_day, 8);
  check(Known({}).ask(&network, &weekday), Rung::none, 0);
}

TEST_CASE("Sales that are no numbers do not reach the answer") {
  const WeekdayMean weekday;
  std::vector<float> sales(14, 4.0f);
  sales[2] = std::nanf("");
  check(Known(sales).ask<Says>(nullptr, &weekday), Rung::last_day, 4);
  sales[13] = infinity;
  check(Known(sales).ask<Says>(nullptr, &weekday), Rung::none, 0);
}
