// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/data/catalog_reader.hpp>
#include <bodega/data/read_receipts.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/till/till.hpp>

/// The whole of Online Retail where a file is named, else the slice that is here.
inline bodega::Receipts read(const char* file) {
  bodega::ReceiptOptions options;
  options.malformed = bodega::Malformed::lenient;
  options.cancellation_prefix = "C";
  options.is_item = [](std::string_view code) { return code >= "0" && code < ":"; };
  const std::filesystem::path slice = BODEGA_EXAMPLE_DATA;
  options.columns = {.receipt = "invoice", .description = ""};
  if (file == nullptr)
    return read_receipts(slice / "online_retail_slice.csv", options,
                         bodega::read_catalog(slice / "online_retail_items.csv"));
  options.columns = {"invoice_no",       "stock_code", "quantity",
                     "invoice_datetime", "unit_price", "customer_id"};
  return read_receipts(file, options);
}

/// What the receipts before `day` teach.
inline void make_file(const bodega::Receipts& receipts, bodega::Day day, const std::string& file) {
  bodega::Receipts past(receipts.catalog(), receipts.customers());
  for (std::size_t i = 0; receipts.day(i) < day; ++i) past.add(receipts[i]);
  const bodega::DailySales sales = past.daily_sales();
  const bodega::Cooccurrence pairs(past.baskets());
  bodega::Bundle bundle;
  bundle.add("catalog", past.catalog());
  bundle.add("items", quantize(fit_item_neighbours(pairs)));
  bundle.add("popularity", bodega::Popularity(past.baskets()));
  bundle.add("search", quantize(bodega::SearchIndex(past.catalog())));
  bundle.add("demand_baseline", fit_weekday_mean(bodega::SalesWindows(sales)));
  bundle.add("history", sales.trading_days().tail(bodega::window_days));
  bundle.save(file);
}
