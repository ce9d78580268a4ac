// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdio>

#include <bodega/data/catalog_reader.hpp>
#include <bodega/data/read_receipts.hpp>

#include "quickstart.hpp"

namespace quickstart {

using namespace bodega;

namespace {

/// Postage, fees and samples have codes of letters; goods have five digits, then letters.
bool is_goods(std::string_view id) {
  return id.size() >= 5 &&
         std::all_of(id.begin(), id.begin() + 5, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Shop read_shop(const std::filesystem::path& folder, const ProgressCallback& progress) {
  title("1. Reading the shop's data");
  Shop shop;
  shop.catalog = read_catalog(folder / "online_retail_items.csv", {}, upper_case_trimmed);
  const Receipts receipts = read_receipts(folder / "online_retail_slice.csv",
                                          {.columns = {.receipt = "invoice", .description = ""},
                                           .malformed = Malformed::lenient,
                                           .returns = Returns::net,
                                           .free_lines = FreeLines::drop,
                                           .cancellation_prefix = "C",
                                           .normalise = upper_case_trimmed,
                                           .is_item = is_goods,
                                           .progress = progress},
                                          shop.catalog);
  std::printf("%s", receipts.report().summary().c_str());

  const Baskets baskets = receipts.baskets();
  shop.sales = receipts.daily_sales();
  shop.cut = time_cut(baskets, 0.1, 0.1);
  shop.history = split_by_time(baskets, shop.cut);
  shop.past = split_by_time(baskets, {shop.cut.test_from, shop.cut.test_from}).train;
  std::printf("learning from %zu receipts before %s; judged on the %zu from %s on\n",
              shop.history.train.size() + shop.history.valid.size(),
              shop.cut.test_from.to_string().c_str(), shop.history.test.size(),
              shop.cut.test_from.to_string().c_str());
  return shop;
}

}  // namespace quickstart
