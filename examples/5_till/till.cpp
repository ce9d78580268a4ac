// SPDX-License-Identifier: MIT
//
// A day at the till: opens one file, recommends, forecasts, hears receipts, meets a bad file.

#include <array>
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

ItemIndex show(const Till& till, const Slate& slate) {
  for (const Pick& pick : slate)
    std::printf("  %s\n", std::string(till.catalog().description(pick.item)).c_str());
  return slate[0].item;
}

void forecast(const Till& till, ItemIndex item) {
  const Forecast next = till.forecast(item);
  std::printf("The first: %.0f units on %s, says %s\n", static_cast<double>(next.units),
              till.forecast_day()->to_string().c_str(), next.answered_by.data());
}

}  // namespace

int main() try {
  make_file(BODEGA_EXAMPLE_DATA, "till.bodega");

  Till till = Till::open("till.bodega");
  const std::array basket = {till.catalog().at("22382")};
  std::printf("With a lunch bag in the basket\n");
  const ItemIndex best = show(till, till.recommend({.basket = basket}, 3));
  forecast(till, best);

  // The feed says that two are left, and a customer buys both: they are offered no longer.
  till.stock().set(best, 2);
  const ReceiptLine lines[] = {{best, Quantity::from_whole(2), {}}};
  till.observe({.when = *Moment::parse("2011-12-11 14:05"), .lines = lines});
  std::printf("Once that is sold out\n");
  show(till, till.recommend({.basket = basket}, 3));
  till.close_day();  // forecasts are for the next day from now on
  forecast(till, best);
  Till::open("no-such-file.bodega");
} catch (const Error& error) {
  std::printf("%s\n", error.what());
  return error.code() == ErrorCode::io ? 0 : 1;
}
