// SPDX-License-Identifier: MIT
#include <bodega/forecast/pooled_level_trainer.hpp>

#include <vector>

#include <bodega/forecast/factor_mean.hpp>

#include "catch.hpp"
#include "forecast/sales_table.hpp"
#include "reload.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("Windows get the level of the eve of their target") {
  std::vector<float> units(40, 3.0f);
  for (std::size_t d = 30; d < 40; ++d) units[d] = 9.0f;
  const DailySales sales = sales_table({units, std::vector<float>(40, 1.0f)});
  const SalesWindows plain(sales);
  PooledLevel last;
  const SalesWindows windows =
      with_pooled_levels(plain, DemandFactors<>(), {.half_life_days = 5}, &last);
  REQUIRE(windows.size() == plain.size());
  for (std::size_t i = 0; i < windows.size(); ++i) {
    if (windows.item(i) != ItemIndex(0)) continue;
    const std::size_t column = windows.table().column(windows.target(i));
    if (column <= 30) CHECK(windows[i].level == Approx(3));  // no look ahead
    if (column == 31) CHECK(windows[i].level > 3.1f);
  }
  // A slice starts from the same memory.
  const SalesWindows late =
      with_pooled_levels(plain.from(plain.target(40)), DemandFactors<>(), {.half_life_days = 5});
  CHECK(late[0].level == windows[40].level);
  CHECK(FactorMean<>().forecast(late[0]) == late[0].level);

  // A till that goes on from there knows what a longer table knows.
  CHECK(last.last_day() == windows.table().last_day());
  const PooledLevel again = reload(last);
  CHECK(again.level(ItemIndex(0)) == last.level(ItemIndex(0)));
  CHECK(with_pooled_levels(SalesWindows(), DemandFactors<>()).empty());
}
