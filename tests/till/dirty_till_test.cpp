// SPDX-License-Identifier: MIT
// What tills are told that is not so, kind by kind (docs/data.md).
#include <optional>
#include <string_view>

#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/till/till.hpp>

#include "check_error.hpp"

using namespace bodega;

namespace {

const Day monday(20'002);
constexpr std::string_view a = "A", b = "B";

/// A shop of two items, known for the weekdays' means alone.
Till two_items(const TillOptions& options = {}) {
  Catalog catalog;
  catalog.add({.id = "A"});
  catalog.add({.id = "B"});
  Bundle bundle;
  bundle.add("catalog", catalog);
  bundle.add("popularity", Popularity(2, {.half_life_days = 30}));
  bundle.add("demand_baseline", WeekdayMean());
  return Till(bundle, options);
}

void sell(Till& till, Day day, std::string_view item, int units, int second = 12 * 3600) {
  const TillReceiptLine line[] = {{item, Quantity::from_whole(units), Money()}};
  till.observe({.when = Moment(day, second), .lines = line});
}

template <class Use>
auto with_sales(const Till& till, Use&& use) {
  return till.read(
      [&](const TillModels&, const TillState& state) { return use(state.demand().sales); });
}
std::optional<Day> open_day(const Till& till) {
  return with_sales(till, [](const RecentSales& sales) { return sales.open_day(); });
}
std::optional<Day> last_day(const Till& till) {
  return with_sales(till, [](const RecentSales& sales) { return sales.last_day(); });
}
float sold_today(const Till& till, std::string_view item) {
  return till.read([&](const TillModels& models, const TillState& state) {
    return state.demand().sales.sold_today(models.catalog().find(item));
  });
}
std::optional<float> units_of_last(const Till& till) {
  return with_sales(till, [](const RecentSales& sales) { return sales.units(ItemIndex(0), 13); });
}
float share(const Till& till, std::string_view item) {
  return till.read([&](const TillModels& models, const TillState& state) {
    return state.live()[0].scorer().get_if<Popularity>()->share(models.catalog().find(item));
  });
}

}  // namespace

TEST_CASE("Clocks: one receipt far ahead owns nothing") {
  Till till = two_items();
  for (int day = 0; day < 60; ++day) sell(till, monday + day, a, 10);
  sell(till, monday + 360, b, 1);
  for (int day = 60; day < 90; ++day) sell(till, monday + day, a, 50);
  till.close_day();
  CHECK(till.forecast_day() == monday + 90);
  CHECK(till.forecast(a).units == Approx(50));
  CHECK(share(till, a) > share(till, b));
  CHECK(till.report().state.held == 1);
  CHECK(till.report().state.clock_moves == 0);
  CHECK(till.report().state.receipts == 91);
}

TEST_CASE("Clocks: a first receipt of 1970, and an old file, lock nobody out") {
  Till till = two_items();
  sell(till, Day(0), a, 1);
  for (int day = 0; day < 30; ++day) sell(till, monday + day, a, 7);
  till.close_day();
  CHECK(till.forecast_day() == monday + 30);
  CHECK(till.forecast(a).units == Approx(7));
  CHECK(till.report().state.held == 2);
  CHECK(till.report().state.clock_moves == 1);
}

TEST_CASE("Clocks: a clock that was wrong for a morning is put right") {
  Till till = two_items();
  for (int day = 0; day < 30; ++day) sell(till, monday + day, a, 10);
  for (int n = 0; n < 8; ++n) sell(till, monday + 400, a, 3);
  CHECK(last_day(till) == monday + 400);
  for (int n = 0; n < 25; ++n) sell(till, monday + 30, a, 2);
  CHECK(last_day(till) == monday + 30);
  for (int day = 31; day < 50; ++day) sell(till, monday + day, a, 20);
  till.close_day();
  CHECK(till.forecast_day() == monday + 50);
  CHECK(till.forecast(a).units == Approx(20));
  CHECK(till.report().state.clock_moves == 2);
}

TEST_CASE("Clocks: a bar's night belongs to the evening") {
  Till till = two_items({.day_starts_at = 4 * 3600});
  sell(till, monday, a, 2, 23 * 3600 + 50 * 60);
  sell(till, monday + 1, a, 1, 10 * 60);
  CHECK(open_day(till) == monday);
  CHECK(sold_today(till, a) == 3);
  sell(till, monday + 1, a, 1, 5 * 3600);
  CHECK(open_day(till) == monday + 1);
  CHECK_ERROR(two_items({.day_starts_at = -1}), ErrorCode::invalid_argument, "day_starts_at");
}

TEST_CASE("Zeros that are no demand: a sale proves that the stock record is wrong") {
  Till till = two_items();
  till.stock().set(a, 0);
  for (int day = 0; day < 20; ++day) sell(till, monday + day, a, 5);
  till.close_day();
  CHECK(till.forecast(a).units == Approx(5));
  CHECK(till.stock().available(a));
  CHECK(till.report().state.stock_wrong == 1);
}

TEST_CASE("Zeros that are no demand: goods that come in the day end the sold-out time") {
  Till till = two_items();
  for (int day = 0; day < 14; ++day) sell(till, monday + day, a, 10);
  till.stock().set(a, 2);
  sell(till, monday + 14, a, 2);
  till.stock().set(a, 100);
  sell(till, monday + 14, a, 40);
  till.close_day();
  CHECK(units_of_last(till) == 42.0f);

  till.stock().set(a, 2);
  sell(till, monday + 15, a, 2);
  till.close_day();
  CHECK_FALSE(units_of_last(till));  // sold out, and nothing came
}

TEST_CASE("Feeds: an unknown line never costs the others") {
  Till till = two_items();
  const TillReceiptLine lines[] = {{"no such", Quantity::from_whole(1), Money()},
                                   {a, Quantity::from_whole(3), Money()},
                                   {"", Quantity::from_whole(1), Money()}};
  till.observe({.when = Moment(monday), .lines = lines});
  CHECK(sold_today(till, a) == 3);
  CHECK(till.report().state.unknown_lines == 2);
  Till strict = two_items({.unknown_items = UnknownItems::refuse});
  CHECK_ERROR(strict.observe({.when = Moment(monday), .lines = lines}), ErrorCode::unknown_id,
              "receipt, line 1");
  CHECK(strict.report().state.receipts == 0);
}
