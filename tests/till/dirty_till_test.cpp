// SPDX-License-Identifier: MIT
// What tills are told that is not so, kind by kind (docs/data.md).
#include <cstddef>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/random.hpp>
#include <bodega/data/read_receipts.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/till/till.hpp>

#include "check_error.hpp"
#include "shop_bundle.hpp"

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

/// All that the till remembers of what happened.
std::vector<std::byte> bytes(const Till& till) {
  return till.read([](const TillModels&, const TillState& state) {
    Bundle bundle;
    state.save(bundle);
    return bundle.serialize();
  });
}

struct Sale {
  std::string id, item;
  int day = 0, units = 0;
  std::string card = {};
};
void sell(Till& till, const Sale& sale) {
  const TillReceiptLine line[] = {{sale.item, Quantity::from_whole(sale.units), Money()}};
  till.observe({.id = sale.id,
                .when = Moment(monday + sale.day, 12 * 3600),
                .card = sale.card,
                .lines = line});
}

/// What the reader makes of the same receipts in a file.
DailySales read(const std::vector<Sale>& sales) {
  std::ostringstream csv;
  csv << "receipt,item,quantity,time,price,customer\n";
  for (const Sale& sale : sales)
    csv << sale.id << ',' << sale.item << ',' << sale.units << ','
        << (monday + sale.day).to_string() << " 12:00,1," << sale.card << '\n';
  std::istringstream file(csv.str());
  return read_receipts(file, "sales.csv").daily_sales();
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

TEST_CASE("Clocks: a file of years ago locks nobody out") {
  DailySales history(2, monday - 900, 0);
  for (int day = 0; day < 40; ++day) history.add(ItemIndex(0), monday - 900 + day, 3);
  Catalog catalog;
  catalog.add({.id = "A"});
  catalog.add({.id = "B"});
  Bundle bundle;
  bundle.add("catalog", catalog);
  bundle.add("history", history);
  bundle.add("demand_baseline", WeekdayMean());
  Till till(bundle);
  till.stock().set(a, 100);
  for (int day = 0; day < 20; ++day) sell(till, monday + day, a, 2);
  till.close_day();
  CHECK(till.forecast_day() == monday + 20);
  CHECK(till.forecast(a).units == Approx(2));
  CHECK(till.stock().units(a) == 60.0);  // stock heard also what was held
  CHECK(till.report().state.held == 2);
}

TEST_CASE("Zeros that are no demand: an item new in the shop") {
  Till till = two_items();
  for (int day = 0; day < 60; ++day) {
    sell(till, monday + day, a, 10);
    if (day >= 57) sell(till, monday + day, b, 10);
  }
  till.close_day();
  CHECK(till.forecast(a).units == Approx(10));
  CHECK(till.forecast(b).units == Approx(10));
}

TEST_CASE("Zeros that are no demand: none to sell all day, and goods that come at night") {
  Till till = two_items();
  for (int day = 0; day < 14; ++day) sell(till, monday + day, a, 10);
  till.stock().set(a, 0);
  sell(till, monday + 14, b, 1);
  till.stock().set(a, 50);  // the shop has closed, though nobody said so
  sell(till, monday + 15, b, 1);
  CHECK_FALSE(units_of_last(till));
  till.close_day();
  CHECK(units_of_last(till) == 0.0f);  // it was there, and nobody wanted it
}

TEST_CASE("Returns: a till's days and forecasts are those of a file with the same receipts") {
  std::vector<Sale> sales;
  for (int day = 0; day < 25; ++day)
    sales.push_back({"s" + std::to_string(day), "A", day, 10, "C1"});
  sales.push_back({"later", "A", 22, 8, "C2"});
  sales.push_back({"back", "A", 23, -8, "C2"});   // of the day before
  sales.push_back({"wrong", "A", 24, -3, "C9"});  // never bought
  Till till = two_items();
  for (const Sale& sale : sales) sell(till, sale);
  till.close_day();
  const DailySales history = read(sales);
  Catalog catalog;
  catalog.add({.id = "A"});
  Bundle bundle;
  bundle.add("catalog", catalog);
  bundle.add("history", history);
  bundle.add("demand_baseline", WeekdayMean());
  Till of_file(bundle);
  CHECK(till.forecast(a).units == of_file.forecast(a).units);
  const auto days = [](const RecentSales& recent) {
    const auto units = recent.sales(ItemIndex(0));
    return std::vector<float>(units.begin(), units.end());
  };
  CHECK(with_sales(till, days) == with_sales(of_file, days));
  CHECK(with_sales(till, days) == std::vector<float>(14, 10.0f));
  CHECK(till.report().state.returns_unmatched == 1);
}

TEST_CASE("Order: receipts in any order of days leave what the right order leaves") {
  const CounterRandom random(23);
  for (std::uint64_t round = 0; round < 10; ++round) {
    std::vector<Sale> sales;
    for (int day = 0; day < 12; ++day)
      for (int n = 0; n < 3; ++n) {
        const std::uint64_t at = static_cast<std::uint64_t>(day * 3 + n);
        sales.push_back({std::to_string(at), random.below(2, round, at) == 0 ? "A" : "B", day,
                         static_cast<int>(random.below(5, round, 100 + at)) - 1,
                         random.below(3, round, 200 + at) == 0 ? "C1" : ""});
      }
    Till right = two_items();
    for (const Sale& sale : sales) sell(right, sale);
    // Each day's receipts stay in their order, and the first day's first comes first.
    std::vector<std::vector<Sale>> of_day(12);
    for (const Sale& sale : sales) of_day[static_cast<std::size_t>(sale.day)].push_back(sale);
    Till mixed = two_items();
    std::vector<std::size_t> next(12, 0);
    for (std::uint64_t n = 0, step = 0; n < sales.size(); ++step) {
      const std::size_t day = step == 0 ? 0 : random.below(12, round, 1000 + step);
      if (next[day] == of_day[day].size()) continue;
      sell(mixed, of_day[day][next[day]++]);
      ++n;
    }
    right.close_day();
    mixed.close_day();
    INFO("round " << round);
    REQUIRE(bytes(mixed) == bytes(right));
  }
}

TEST_CASE("Order: nine units after the day was closed, and a sale with its void") {
  Till in_time = two_items(), late = two_items();
  for (Till* till : {&in_time, &late}) {
    till->stock().set(a, 200);
    for (int day = 0; day < 20; ++day) sell(*till, {"a" + std::to_string(day), "A", day, 5});
  }
  sell(in_time, {"nine", "A", 19, 9});
  in_time.close_day();
  late.close_day();
  sell(late, {"nine", "A", 19, 9});
  CHECK(bytes(late) == bytes(in_time));
  CHECK(late.forecast(a).units == in_time.forecast(a).units);
  CHECK(late.report().events.late == 1);

  const auto before = bytes(late);
  sell(late, {"void", "A", 20, 91});  // the last of the stock
  CHECK_FALSE(late.stock().available(a));
  CHECK(late.undo("void"));
  CHECK(bytes(late) == before);
  CHECK(late.stock().units(a) == 91.0);
}

TEST_CASE("Saving: a file that knows what a journal holds is not taught it twice") {
  const bodega_test::TemporaryFile state;
  const std::string& path = state.path;
  Catalog catalog;
  catalog.add({.id = "A"});
  Bundle first;
  first.add("catalog", catalog);
  first.add("popularity", Popularity(1, {.half_life_days = 30}));
  DailySales history(1, monday, 0);
  for (int day = 0; day < 10; ++day) history.add(ItemIndex(0), monday + day, 4);
  Bundle second = first;
  second.add("history", history);
  {
    Till till(first, {.state = path});
    for (int day = 0; day < 10; ++day) sell(till, {std::to_string(day), "A", day, 4});
    till.close_day();
    sell(till, {"today", "A", 10, 1});
  }
  for (int n = 0; n < 2; ++n) {
    Till till(second, {.state = path});
    const auto days = with_sales(till, [](const RecentSales& recent) {
      const auto units = recent.sales(ItemIndex(0));
      return std::vector<float>(units.begin(), units.end());
    });
    CHECK(days == std::vector<float>(10, 4.0f));
    CHECK(sold_today(till, a) == 1);
    CHECK(till.report().events.swaps == 1);
  }
}
