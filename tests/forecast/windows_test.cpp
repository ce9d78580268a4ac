// SPDX-License-Identifier: MIT
#include <bodega/forecast/windows.hpp>

#include <cmath>
#include <limits>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/forecast/baselines.hpp>
#include <bodega/tensor/parameters.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
/// 100 x item + day, from day 1 on.
DailySales counting(std::size_t items, std::size_t days) {
  std::vector<std::vector<float>> rows(items, std::vector<float>(days));
  for (std::size_t i = 0; i < items; ++i)
    std::iota(rows[i].begin(), rows[i].end(), 100.0f * static_cast<float>(i) + 1);
  return sales_table(rows);
}
std::size_t all_windows(const DailySales& sales) { return SalesWindows(sales).size(); }
}  // namespace

TEST_CASE("A window is the 14 trading days before its target") {
  const SalesWindows windows(counting(2, 17));
  REQUIRE(windows.size() == 2 * 3);
  const SalesWindow first = windows[0];
  for (std::size_t k = 0; k < window_days; ++k) {
    CHECK(first.sales[k] == static_cast<float>(k + 1));
    CHECK(first.days[k] == monday + static_cast<int>(k + k / 6));  // Sundays are left out
  }
  CHECK(first.target == monday + 16);
  CHECK(windows.actual(0) == 15.0f);
  CHECK(windows.item(0) == ItemIndex(0));
  CHECK(windows.item(1) == ItemIndex(1));
  CHECK(windows.actual(1) == 115.0f);
  CHECK(windows.actual(5) == 117.0f);
  CHECK(windows.target(5) == monday + 18);
}

TEST_CASE("A window of consecutive days names them itself") {
  const std::vector<float> units(window_days, 1.0f);
  const SalesWindow window(std::span<const float, window_days>(units.data(), window_days), monday);
  CHECK(window.days.front() == monday - 14);
  CHECK(window.days.back() == monday - 1);
}

TEST_CASE("Slices of time share no target day") {
  const SalesWindows windows(counting(3, 24));
  const Day cut = windows.last_part(0.3);
  const SalesWindows early = windows.before(cut), late = windows.from(cut);
  CHECK(early.size() + late.size() == windows.size());
  CHECK(late.size() == 3 * 3);  // 3 of the 10 target days
  CHECK(early.target(early.size() - 1) < cut);
  CHECK(late.target(0) == cut);
  CHECK(late.actual(0) == windows.actual(early.size()));
  CHECK(windows.before(monday).empty());
  CHECK(windows.from(monday + 1000).empty());
  CHECK(windows.slice(2, 1'000'000).size() == windows.size() - 2);
  CHECK(windows.slice(5, 2).empty());
  CHECK(windows.last_part(1.0) == windows.target(0));
  CHECK(windows.last_part(0.0) == windows.target(windows.size() - 1));
}

TEST_CASE("zeros that are no demand: an item's windows know no day before its first sale") {
  std::vector<float> always(18, 1.0f), late(18, 0.0f), never(18, 0.0f);
  late[14] = late[16] = 4.0f;
  DailySales sales = sales_table({always, late, never});
  const SalesWindows windows(sales);
  REQUIRE(windows.size() == 4 + 2);  // not the day after the first sale, of which nothing tells
  for (std::size_t i = 0; i < windows.size(); ++i) CHECK(windows.item(i) != ItemIndex(2));
  CHECK(windows[3].series == ItemIndex(1));
  CHECK(windows[3].known == 1u << 13);  // nor the first sale itself: it sold for sure
  CHECK(windows[5].known == 3u << 12);
  CHECK(WindowMean{}.forecast(windows[5]) == 2);

  sales.list(ItemIndex(1), sales.day(sales.column(windows.target(0))) - 3);
  const SalesWindows listed(sales);
  CHECK(listed.size() == 4 + 4);
  CHECK(listed[1].known == 3u << 12);  // a Sunday among the three days
  CHECK(listed.actual(1) == 4);
}

TEST_CASE("zeros that are no demand: days on which an item was away are unknown") {
  std::vector<float> back(80, 2.0f), always(80, 2.0f);
  for (std::size_t d = 40; d < 60; ++d) back[d] = 0;
  DailySales sales = sales_table({back, always});
  const std::size_t before = SalesWindows(sales).size();
  for (std::size_t c = 0; c < sales.days(); ++c)
    if (sales.traded(c) && sales.present(ItemIndex(0), c) && sales.at(ItemIndex(0), c) == 0)
      sales.mark_away(ItemIndex(0), sales.day(c));
  const SalesWindows windows(sales);
  CHECK(windows.size() == before - 20 - 2);  // nor its return, nor the day after that
  for (std::size_t i = 0; i < windows.size(); ++i) CHECK(WindowMean{}.forecast(windows[i]) == 2);
}

TEST_CASE("Windows of chosen items only") {
  const DailySales sales = counting(3, 16);
  const std::vector<ItemIndex> chosen{ItemIndex(2)};
  const SalesWindows windows(sales, chosen);
  REQUIRE(windows.size() == 2);
  CHECK(windows.actual(0) == 215.0f);
  const std::vector<ItemIndex> beyond{ItemIndex(3)};
  CHECK_ERROR(SalesWindows(sales, beyond), ErrorCode::out_of_range, "SalesWindows");
}

TEST_CASE("Items with enough sale days are chosen by what lies before the cut") {
  std::vector<float> early(20, 0.0f), late(20, 0.0f);
  for (std::size_t d = 0; d < 10; ++d) early[d] = late[10 + d] = 1.0f;
  const DailySales sales = sales_table({early, late});
  CHECK(items_with_sale_days(sales, 10, monday + 11) == std::vector<ItemIndex>{ItemIndex(0)});
  CHECK(items_with_sale_days(sales, 1, monday + 100).size() == 2);
  CHECK(items_with_sale_days(sales, 11, monday + 100).empty());
}

TEST_CASE("Too short or impossible sales have no windows") {
  CHECK_ERROR(SalesWindows(counting(1, 14)), ErrorCode::shape, "SalesWindows");
  CHECK(all_windows(counting(1, 15)) == 1);
  CHECK(all_windows(sales_table({std::vector<float>(20, 0.0f)})) == 0);
  CHECK(all_windows(sales_table({std::vector<float>(20, 3.0f)})) == 6);

  // What `add` refuses can still come from a file.
  const auto spoilt = [](float value) {
    DailySales sales = counting(1, 20);
    DailySales::parameters(sales, [&]<class P>(std::string_view, P& part, Role = Role::state) {
      if constexpr (std::is_same_v<P, Matrix<float>>) part(0, 4) = value;
    });
    return sales;
  };
  CHECK_ERROR(SalesWindows(spoilt(std::nanf(""))), ErrorCode::not_finite, "SalesWindows");
  CHECK_ERROR(SalesWindows(spoilt(std::numeric_limits<float>::infinity())), ErrorCode::not_finite,
              "SalesWindows");
  CHECK_ERROR(SalesWindows(spoilt(-1.0f)), ErrorCode::out_of_range, "SalesWindows");
}

TEST_CASE("Unknown days are marked in windows and are no targets") {
  DailySales sales = counting(2, 18).trading_days();
  sales.mark_unknown(ItemIndex(0), sales.day(3));
  sales.mark_unknown(ItemIndex(1), sales.day(15));
  const SalesWindows windows(sales);
  REQUIRE(windows.size() == 2 * 4 - 1);
  CHECK(windows[0].known == (all_days_known & ~(1u << 3)));
  CHECK(windows[0].sales[3] == 0);
  CHECK(windows[1].known == all_days_known);
  CHECK(windows[1].series == ItemIndex(1));
  CHECK(windows.item(2) == ItemIndex(0));  // the second day: item 1 is unknown
  CHECK(windows.item(3) == ItemIndex(0));
  CHECK(windows[4].known == (all_days_known & ~(1u << 13)));

  DailySales never = counting(1, 17).trading_days();
  never.list(ItemIndex(0), never.first_day());
  for (std::size_t c = 0; c < 15; ++c) never.mark_unknown(ItemIndex(0), never.day(c));
  CHECK(SalesWindows(never).size() == 1);  // column 16 knows column 15; column 15 knows nothing
}

TEST_CASE("The naive rungs read no unknown day") {
  DailySales sales = counting(1, 15).trading_days();
  sales.list(ItemIndex(0), sales.first_day());
  for (const std::size_t c : {0u, 8u, 13u}) sales.mark_unknown(ItemIndex(0), sales.day(c));
  const SalesWindows windows(sales);
  REQUIRE(windows.size() == 1);
  const SalesWindow window = windows[0];  // 2 to 13 without 9, for a Wednesday
  CHECK(LastDay{}.forecast(window) == 13);
  CHECK(WindowMean{}.forecast(window) == Approx((105.0f - 1 - 9 - 14) / 11));
  CHECK(SameWeekday{}.forecast(window) == 3);  // a week later is unknown
  CHECK(WeekdayMean().forecast(window) == Approx(WindowMean{}.forecast(window)));

  SalesWindow nothing = window;
  nothing.known = 0;
  CHECK(LastDay{}.forecast(nothing) == 0);
  CHECK(WindowMean{}.forecast(nothing) == 0);
  CHECK(SameWeekday{}.forecast(nothing) == 0);
  CHECK(WeekdayMean().forecast(nothing) == 0);
}

TEST_CASE("Windows carry what is known ahead") {
  const DailySales sales = counting(2, 16);
  Covariates shop({"promotion", "holiday"}, monday, 30), each({"price"}, monday, 30, 2);
  for (int d = 0; d < 30; ++d) {
    shop.set("promotion", monday + d, static_cast<float>(d));
    each.set("price", ItemIndex(1), monday + d, static_cast<float>(-d));
  }
  const SalesWindows by_shop(sales, shop), by_item(sales, each);
  CHECK(by_shop.covariate_count() == 2);
  const SalesWindow window = by_shop[3];  // item 1, second target
  REQUIRE(window.covariate_count() == 2);
  for (std::size_t d = 0; d < window_days; ++d)
    CHECK(window.covariates_of(d)[0] == static_cast<float>(window.days[d] - monday));
  CHECK(window.covariates_of(window_days)[0] == static_cast<float>(window.target - monday));
  CHECK(by_item[3].covariates_of(0)[0] == static_cast<float>(monday - window.days[0]));
  CHECK(by_item[2].covariates_of(0)[0] == 0);
  CHECK(SalesWindows(sales)[0].covariates.empty());

  CHECK_ERROR(SalesWindows(sales, Covariates({"price"}, monday, 30, 3)), ErrorCode::shape,
              "items of covariates");
  CHECK_ERROR(SalesWindows(sales, Covariates({"price"}, monday, 10)), ErrorCode::missing,
              "covariates");
}

TEST_CASE("Windows carry levels of a longer memory") {
  const SalesWindows windows(counting(2, 17));
  const std::vector<float> levels{1, 2, 3, 4};
  const SalesWindows late = windows.slice(2, 6).with_levels(levels);
  CHECK(late[0].level == 1);
  CHECK(late.slice(1, 3)[1].level == 3);
  CHECK(std::isnan(windows[2].level));
  CHECK_ERROR(windows.with_levels(levels), ErrorCode::shape, "levels");
}

TEST_CASE("An empty list of items has no windows, and none given are all") {
  const DailySales sales =
      sales_table({std::vector<float>(20, 1.0f), std::vector<float>(20, 2.0f)});
  const std::vector<ItemIndex> none, second{ItemIndex(1)};
  CHECK(SalesWindows(sales, none).empty());
  CHECK(SalesWindows(sales, second).size() == 6);
  CHECK(SalesWindows(sales).size() == 12);
}
