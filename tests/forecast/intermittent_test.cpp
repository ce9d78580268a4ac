// SPDX-License-Identifier: MIT
#include <bodega/forecast/intermittent.hpp>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <bodega/bundle/bundle.hpp>

#include "bundle/temporary_folder.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "data/parameter_list.hpp"
#include "forecast/sales_table.hpp"

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
  // The first interval is the day of the first sale itself, the second three days.
  CHECK(mean(sales, IntermittentMethod::croston) == Approx(6.0 / 2.0));
  CHECK(mean(sales, IntermittentMethod::sba) == Approx(0.975 * 6.0 / 2.0));
  CHECK(mean(sales, IntermittentMethod::tsb) ==
        Approx(6.0 * 2 / 6));  // 2 of 6 days since the first
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

TEST_CASE("All items of a shop, day by day, through a file") {
  DailySales sales =
      sales_table({rare(0.3, 3, 80), rare(0.9, 8, 80), std::vector<float>(80, 0.0f)});
  sales.mark_unknown(ItemIndex(0), sales.last_day());
  const IntermittentDemand all(sales);
  CHECK(all.items() == 3);
  CHECK(all.last_day() == sales.last_day());
  CHECK(all.forecast(ItemIndex(1)) > all.forecast(ItemIndex(0)));
  CHECK(all.forecast(ItemIndex(0)) > 0);
  CHECK_FALSE(all.knows(ItemIndex(2)));
  CHECK(all.forecast(ItemIndex(2)) == 0);
  CHECK(all.forecast(ItemIndex(3)) == 0);
  CHECK(all.pattern(ItemIndex(0)) != DemandPattern::smooth);
  IntermittentState alone;
  for (std::size_t c = 0; c + 1 < sales.days(); ++c)
    if (sales.traded(c)) alone.observe(sales.at(ItemIndex(0), c), all.options());
  CHECK(all.forecast(ItemIndex(0)) == alone.mean(all.options()));

  const TemporaryFolder folder;
  const std::string path = (folder.path() / "rare.bodega").string();
  Bundle bundle;
  bundle.add("intermittent", all);
  bundle.save(path);
  IntermittentDemand again = Bundle::open(path).get<IntermittentDemand>("intermittent");
  CHECK(again.forecast(ItemIndex(1)) == all.forecast(ItemIndex(1)));
  CHECK(again.quantile(ItemIndex(1), 0.9f) == all.quantile(ItemIndex(1), 0.9f));
  const std::vector<float> much(sales.items(), 1000), most(sales.items(), 10'000);
  again.close_day({sales.last_day(), much});  // seen already
  CHECK(again.forecast(ItemIndex(1)) == all.forecast(ItemIndex(1)));
  again.close_day({sales.last_day() + 1, most});
  CHECK(again.forecast(ItemIndex(1)) > 2 * all.forecast(ItemIndex(1)));
}

TEST_CASE("Smoothing and states that cannot be are refused") {
  CHECK_ERROR(IntermittentDemand(1, {.size_smoothing = 0}), ErrorCode::out_of_range, "smoothing");
  CHECK_ERROR(IntermittentDemand(1, {.chance_smoothing = 1.5f}), ErrorCode::out_of_range,
              "smoothing");
  const IntermittentDemand good(sales_table({{1, 2, 3, 0, 0, 1}}));
  good.validate("f");
  using State = Matrix<float>;
  const auto spoilt = [&](std::size_t column, float value) {
    return tampered<State>(good, "state", [&](State& s) { s(0, column) = value; });
  };
  CHECK_ERROR(spoilt(0, std::nanf("")).validate("f"), ErrorCode::not_finite, "f, state");
  CHECK_ERROR(spoilt(1, 0.5f).validate("f"), ErrorCode::out_of_range, "item 0");
  CHECK_ERROR(spoilt(2, 1.5f).validate("f"), ErrorCode::out_of_range, "item 0");
  CHECK_ERROR(spoilt(3, -1).validate("f"), ErrorCode::out_of_range, "item 0");
  CHECK_ERROR(tampered<State>(good, "state", [](State& s) { s = State(1, 7); }).validate("f"),
              ErrorCode::shape, "f, columns of state");
  CHECK_ERROR(tampered<std::uint8_t>(good, "method", [](auto& m) { m = 9; }).validate("f"),
              ErrorCode::out_of_range, "f, method");
}
