// SPDX-License-Identifier: MIT
#include <bodega/forecast/intermittent.hpp>

#include <array>
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

TEST_CASE("It grows by items that have not sold yet") {
  IntermittentDemand demand(sales_table({{1, 2, 3, 0, 0, 1}}));
  const float before = demand.forecast(ItemIndex(0));
  demand.grow(3);
  demand.grow(2);  // never fewer
  CHECK(demand.items() == 3);
  CHECK(demand.forecast(ItemIndex(0)) == before);
  CHECK_FALSE(demand.knows(ItemIndex(2)));
  for (int day = 1; day < 9; ++day) {
    const std::vector<float> sold = {0, 0, 4};
    demand.close_day({demand.last_day() + 1, sold});
  }
  CHECK(demand.forecast(ItemIndex(2)) == Approx(4));
  demand.validate("grown");
}
