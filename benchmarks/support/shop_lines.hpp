// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/string_table.hpp>

namespace bodega_benchmark {

/// A public data set of receipts (benchmarks/protocols has their columns and where they come from),
/// unpacked.
struct ShopSet {
  std::string_view name, file;
  std::vector<std::string_view> basket;  ///< columns that together name a basket
  std::string_view item, time = {}, customer = {}, quantity = {};
};

inline const std::vector<ShopSet>& shop_sets() {
  static const std::vector<ShopSet> sets = {
      {"groceries", "groceries/baskets.csv", {"basket_id"}, "item_id"},
      {"bakery", "bakery_transactions.csv", {"transaction_id"}, "item", "datetime"},
      {"online_retail",
       "online_retail.csv",
       {"invoice_no"},
       "stock_code",
       "invoice_datetime",
       {},
       "quantity"},
      {"complete_journey",
       "complete_journey/transactions.csv",
       {"basket_id"},
       "product_id",
       "transaction_datetime",
       "household_id"},
      {"coop100",
       "coop100/baskets.csv",
       {"customer_id", "basket_no"},
       "item_id",
       "date",
       "customer_id"}};
  return sets;
}

/// The baskets of a set, the earliest first, and the codes of the items.
struct ShopLines {
  bodega::Baskets baskets;
  bodega::StringSet items;
  bool knows_hours = false;
};

/// Lines with a quantity of 0 or less, or without an item, are left out. A set without times has
/// its own order for one: basket i is of day i / 100. Nothing where the file is absent.
inline std::optional<ShopLines> read_shop(const ShopSet& set, const std::filesystem::path& folder) {
  using namespace bodega;
  const std::filesystem::path path = folder / set.file;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  CsvReader csv(in, path.string());
  const CsvHeader header(csv);
  std::vector<std::size_t> basket_columns;
  for (const std::string_view column : set.basket) basket_columns.push_back(header.need(column));
  const std::size_t item = header.need(set.item), time = header.find(set.time),
                    customer = header.find(set.customer), quantity = header.find(set.quantity);
  struct Draft {
    Moment when;
    CustomerIndex customer;
    std::vector<std::uint32_t> items;
  };
  ShopLines shop;
  StringSet names, customers;
  std::vector<Draft> drafts;
  while (csv.next()) {
    header.check(csv);
    const auto fields = csv.fields();
    if (fields[item].empty()) continue;
    if (quantity != CsvHeader::absent && fields[quantity].starts_with('-')) continue;
    std::string name;
    for (const std::size_t column : basket_columns) (name += fields[column]) += '\n';
    const std::uint32_t number = names.add(name);
    if (number == drafts.size()) {
      Draft draft{.when = Moment(Day(number / 100)), .customer = {}, .items = {}};
      if (time != CsvHeader::absent) {
        const std::string_view text = fields[time];
        if (const auto moment = Moment::parse(text)) {
          draft.when = *moment;
          shop.knows_hours |= text.size() > 10;
        } else if (const auto day = Day::parse(text)) {
          draft.when = Moment(*day);
        } else {
          throw Error(ErrorCode::format, csv.where(), "a time", "'" + std::string(text) + "'");
        }
      }
      if (customer != CsvHeader::absent && !fields[customer].empty())
        draft.customer = CustomerIndex(customers.add(fields[customer]));
      drafts.push_back(std::move(draft));
    }
    drafts[number].items.push_back(shop.items.add(fields[item]));
  }
  std::stable_sort(drafts.begin(), drafts.end(),
                   [](const Draft& a, const Draft& b) { return a.when < b.when; });
  shop.baskets = Baskets(shop.items.size());
  std::vector<ItemIndex> lines;
  for (const Draft& draft : drafts) {
    lines.clear();
    for (const std::uint32_t one : draft.items) lines.emplace_back(one);
    shop.baskets.add(draft.when, draft.customer, lines);
  }
  return shop;
}

/// The baskets from `from` to `to`, as shares of all.
inline bodega::Baskets part_of(const bodega::Baskets& all, double from, double to) {
  bodega::Baskets part(all.items());
  const auto count = static_cast<double>(all.size());
  for (auto b = static_cast<std::size_t>(from * count); b < static_cast<std::size_t>(to * count);
       ++b)
    part.add(all.when(b), all.customer(b), all[b], all.store(b));
  return part;
}

}  // namespace bodega_benchmark
