// SPDX-License-Identifier: MIT
#include <bodega/forecast/intermittent_state.hpp>

#include <array>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
IntermittentState after(const std::vector<float>& sales, const IntermittentOptions& options = {}) {
  IntermittentState state;
  for (const float units : sales) state.observe(units, options);
  return state;
}
float mean(const std::vector<float>& sales, IntermittentMethod method) {
  const IntermittentOptions options{.method = method};
  return after(sales, options).mean(options);
}
/// A sale of 1 to 2 x size - 1 with that chance on each of `days`.
std::vector<float> rare(double chance, int size, std::size_t days) {
  std::minstd_rand random(3);
  std::vector<float> sales(days);
  for (float& s : sales)
    if (std::bernoulli_distribution(chance)(random))
      s = static_cast<float>(std::uniform_int_distribution<int>(1, 2 * size - 1)(random));
  return sales;
}
}  // namespace

TEST_CASE("Patterns are told by how often and how evenly an item sells") {
  CHECK(demand_pattern(1.0, 0.1) == DemandPattern::smooth);
  CHECK(demand_pattern(1.31, 0.49) == DemandPattern::erratic);
  CHECK(demand_pattern(1.32, 0.48) == DemandPattern::intermittent);
  CHECK(demand_pattern(5.0, 2.0) == DemandPattern::lumpy);
  CHECK(after({2, 2, 2, 2}).pattern() == DemandPattern::smooth);
  CHECK(after({1, 20, 1, 20, 1, 1, 1}).pattern() == DemandPattern::erratic);
  CHECK(after({2, 0, 0, 2, 0, 2}).pattern() == DemandPattern::intermittent);
  CHECK(after({1, 0, 0, 20, 0, 1, 1, 0, 1}).pattern() == DemandPattern::lumpy);
  CHECK(std::string(name(DemandPattern::lumpy)) == "lumpy");
}

TEST_CASE("Croston, SBA and TSB by hand") {
  // Sales of 4, then 8 after three days, two days ago. Plain means while there are few.
  const std::vector<float> sales{0, 0, 4, 0, 0, 8, 0, 0};
  // One interval of three days, and while it is the only one the two days since count nearly whole.
  CHECK(mean(sales, IntermittentMethod::croston) == Approx(6.0 / (3 + 0.95 * 2)));
  CHECK(mean(sales, IntermittentMethod::sba) == Approx((1 - 0.05 * 0.025) * 6.0 / (3 + 0.95 * 2)));
  CHECK(mean(sales, IntermittentMethod::tsb) == Approx(6.0 / 5));  // 1 of 5 days after the first
  CHECK(mean({0, 0, 0}, IntermittentMethod::tsb) == 0);

  // Long after the start: the smoothing of the papers.
  const IntermittentOptions options{
      .size_smoothing = 0.1f, .interval_smoothing = 0.1f, .chance_smoothing = 0.05f};
  IntermittentState state = after(rare(0.3, 5, 3000), options);
  const IntermittentState before = state;
  state.observe(7, options);
  CHECK(state.size == Approx(0.9 * before.size + 0.1 * 7));
  CHECK(state.interval == Approx(0.9 * before.interval + 0.1 * (before.waited + 1)));
  CHECK(state.chance == Approx(0.95 * before.chance + 0.05));
  state.observe(0, options);
  CHECK(state.chance == Approx(0.95 * (0.95 * before.chance + 0.05)));
  CHECK(state.waited == 1);
}

TEST_CASE("All find the mean of rare demand, SBA less of Croston's bias") {
  // The mean of the forecasts over a long time, whose truth is 0.25 x 4.
  const std::vector<float> sales = rare(0.25, 4, 40'000);
  IntermittentOptions options{.size_smoothing = 0.1f, .interval_smoothing = 0.1f};
  IntermittentState state;
  double croston = 0, sba = 0, tsb = 0;
  const auto mean_by = [&](IntermittentMethod method) {
    options.method = method;
    return double{state.mean(options)};
  };
  for (const float units : sales) {
    state.observe(units, options);
    croston += mean_by(IntermittentMethod::croston);
    sba += mean_by(IntermittentMethod::sba);
    tsb += mean_by(IntermittentMethod::tsb);
  }
  const double days = 40'000;
  CHECK(croston / days == Approx(1.04).epsilon(0.03));  // too much by about smoothing / 2
  CHECK(sba / days == Approx(1.0).epsilon(0.03));
  CHECK(tsb / days == Approx(1.0).epsilon(0.03));
}

TEST_CASE("The method follows the pattern, and an item that died is noticed") {
  const IntermittentOptions options{};
  CHECK(after({3, 3, 3, 3}).chosen(options) == IntermittentMethod::croston);
  std::vector<float> sales{3, 0, 0, 3, 0, 3, 0, 0, 3};
  CHECK(after(sales).chosen(options) == IntermittentMethod::sba);
  const float alive = after(sales).mean(options);
  sales.insert(sales.end(), 60, 0.0f);
  CHECK(after(sales).chosen(options) == IntermittentMethod::tsb);
  CHECK(after(sales).mean(options) < 0.2f * alive);
}

TEST_CASE("Quantiles of rare demand cover what they say") {
  const std::vector<float> sales = rare(0.4, 6, 20'000);
  const IntermittentOptions options{.size_smoothing = 0.01f, .interval_smoothing = 0.01f};
  const IntermittentState state = after(sales, options);
  for (const float level : {0.1f, 0.5f, 0.7f, 0.9f}) {
    const float q = state.quantile(options, level);
    double at_most = 0, below = 0;
    for (const float s : sales) {
      at_most += s <= q;
      below += s < q;
    }
    INFO("level " << level << ", quantile " << q);
    CHECK(at_most / 20'000 >= double{level} - 0.06);
    CHECK(below / 20'000 <= double{level} + 0.06);
  }
  CHECK(state.quantile(options, 0.5f) == 0);
  CHECK(IntermittentState().quantile(options, 0.9f) == 0);
}

TEST_CASE("Numbers that are none and days before the first sale are not learnt") {
  const IntermittentOptions options{};
  IntermittentState state = after({0, 0, 0});
  CHECK(state.days == 0);
  state.observe(2, options);
  const float before = state.mean(options);
  for (const float bad : {std::nanf(""), -1.0f, INFINITY}) state.observe(bad, options);
  CHECK(state.mean(options) == before);
  CHECK(state.days == 1);
}

TEST_CASE("the start of a memory: one interval of ten days is a sale in ten days") {
  std::vector<float> sales(11, 0.0f);
  sales.front() = sales.back() = 5;
  for (const IntermittentMethod method : {IntermittentMethod::croston, IntermittentMethod::sba,
                                          IntermittentMethod::tsb, IntermittentMethod::by_pattern})
    CHECK(mean(sales, method) == Approx(0.5).epsilon(0.01));
  // The first sale alone says nothing of how often.
  CHECK(mean({5}, IntermittentMethod::by_pattern) == 0);
  CHECK(mean({5, 0, 0}, IntermittentMethod::by_pattern) == 0);
  CHECK(after({5, 0, 0}).quantile({}, 0.9f) == 5);
  CHECK(after({5, 0, 0}).quantile({}, 0.6f) == 0);
}

TEST_CASE("the start of a memory: the mean forecast is right after 30 days") {
  // Of all items that sold, whatever they did then.
  constexpr int items = 6000;
  for (const int size : {1, 5, 20})
    for (const double chance : {0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0})
      for (const int days : {30, 90}) {
        std::mt19937 random(7);
        std::array<double, 4> sum{};
        int sold = 0;
        for (int item = 0; item < items; ++item) {
          std::array<IntermittentState, 4> states;
          for (int day = 0; day < days; ++day) {
            const float units = std::bernoulli_distribution(chance)(random)
                                    ? static_cast<float>(std::uniform_int_distribution<int>(
                                          1, 2 * size - 1)(random))
                                    : 0.0f;
            for (std::size_t m = 0; m < 4; ++m)
              states[m].observe(units, {.method = static_cast<IntermittentMethod>(m)});
          }
          if (!states[0].started()) continue;
          ++sold;
          for (std::size_t m = 0; m < 4; ++m)
            sum[m] += double{states[m].mean({.method = static_cast<IntermittentMethod>(m)})};
        }
        for (std::size_t m = 0; m < 4; ++m) {
          CAPTURE(size, chance, days, m);
          // Few sales of a rare item leave some noise of the simulation itself.
          const double noise = 3 * std::sqrt((size > 1 ? 1.4 : 1.0) / (chance * days * sold));
          CHECK(sum[m] / sold / (chance * size) == Approx(1).margin(0.08 + noise));
        }
      }
}

TEST_CASE("weighed goods: quantiles are amounts that were sold, as often as that") {
  std::vector<float> sales;
  for (int round = 0; round < 10; ++round)
    for (const float kg : {0.2f,  0.0f, 1.9f, 0.0f, 0.3f, 0.9f, 0.0f, 2.1f,  0.2f, 0.0f,
                           0.25f, 0.0f, 0.3f, 1.5f, 0.0f, 0.2f, 0.0f, 0.35f, 2.4f, 0.0f})
      sales.push_back(kg);
  const IntermittentState state = after(sales);
  for (const auto& [level, kg] : {std::pair{0.4f, 0.0f},
                                  {0.5f, 0.2f},
                                  {0.8f, 0.9f},
                                  {0.9f, 1.9f},
                                  {0.95f, 2.1f},
                                  {0.99f, 2.4f}})
    CHECK(state.quantile({}, level) == kg);
}

TEST_CASE("weighed goods: kilograms and grams give one answer, in quantiles, mean and pattern") {
  std::mt19937 random(11);
  const std::vector<float> levels{0.1f, 0.5f, 0.8f, 0.9f, 0.95f, 0.99f};
  for (int series = 0; series < 200; ++series) {
    const double chance = std::uniform_real_distribution<>(0.05, 1)(random);
    const int step = series % 3 == 0 ? 1 : series % 3 == 1 ? 50 : 250;  // weighed to so many grams
    const int most = std::uniform_int_distribution<int>(1, 3000 / step)(random);
    IntermittentState kg, g;
    for (int day = 0; day < 150; ++day) {
      const int grams = std::bernoulli_distribution(chance)(random)
                            ? step * std::uniform_int_distribution<int>(1, most)(random)
                            : 0;
      kg.observe(static_cast<float>(grams / 1000.0), {});
      g.observe(static_cast<float>(grams), {});
    }
    CAPTURE(series, chance, step, most);
    CHECK(kg.pattern() == g.pattern());
    CHECK(1000 * kg.mean({}) == Approx(g.mean({})).epsilon(1e-4));
    for (const float level : levels)
      CHECK(1000 * kg.quantile({}, level) == Approx(g.quantile({}, level)).epsilon(1e-4));
  }
}
