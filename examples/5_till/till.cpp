// SPDX-License-Identifier: MIT
// A day at the till: opens one file, recommends, forecasts, hears receipts, meets a bad file.

#include <cstdio>
#include <filesystem>
#include <string>

#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/data/catalog_reader.hpp>
#include <bodega/data/read_receipts.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/till/till.hpp>

using namespace bodega;

namespace {

/// The night before, in the back office.
void make_file(const std::filesystem::path& data, const std::string& file) {
  const Receipts receipts =
      read_receipts(data / "online_retail_slice.csv",
                    {.columns = {.receipt = "invoice", .description = ""},
                     .malformed = Malformed::lenient,
                     .cancellation_prefix = "C",
                     .is_item = [](std::string_view id) { return id >= "0" && id < ":"; }},
                    read_catalog(data / "online_retail_items.csv"));
  const Baskets baskets = receipts.baskets();
  const DailySales sales = receipts.daily_sales();
  Bundle bundle;
  bundle.add("catalog", receipts.catalog());
  bundle.add("items", quantize(fit_item_neighbours(Cooccurrence(baskets), {.neighbours = 50})));
  bundle.add("popularity", Popularity(baskets));
  bundle.add("demand_baseline", fit_weekday_mean(SalesWindows(sales)));
  bundle.add("history", sales.trading_days().tail(window_days));
  bundle.save(file);
}

std::string show(const TillSlate& slate) {
  for (const TillPick& pick : slate) std::printf("  %s\n", std::string(pick.description).c_str());
  return std::string(slate[0].code);
}

void forecast(const Till& till, const std::string& code) {
  const Forecast next = till.forecast(code);
  std::printf("The first: %.0f units on %s, says %s\n", static_cast<double>(next.units),
              till.forecast_day()->to_string().c_str(), next.answered_by.data());
}

}  // namespace

int main() try {
  make_file(BODEGA_EXAMPLE_DATA, "till.bodega");

  Till till = Till::open("till.bodega");
  Lane lane = till.lane();  // one for each checkout
  std::printf("With a lunch bag in the basket\n");
  const std::string best = show(lane.recommend({.basket = {"22382"}}, 3));
  forecast(till, best);

  // The feed says that two are left, and a customer buys both: they are offered no longer.
  till.stock().set(best, 2);
  const TillReceiptLine lines[] = {{best, Quantity::from_whole(2)}};
  till.observe({.id = "4711", .when = *Moment::parse("2011-12-11 14:05"), .lines = lines});
  std::printf("Once that is sold out\n");
  show(lane.recommend({.basket = {"22382"}}, 3));
  till.close_day();  // forecasts are for the next day from now on
  forecast(till, best);

  till.undo("4711");  // it was a mistake: everything is as if it had never been
  std::printf("With the receipt undone\n");
  show(lane.recommend({.basket = {"22382"}}, 1));
  forecast(till, best);
  till.replace("no-such-file.bodega");  // a bad file changes nothing
} catch (const Error& error) {
  std::printf("%s\n", error.what());
  return error.code() == ErrorCode::io ? 0 : 1;
}
