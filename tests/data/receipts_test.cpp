// SPDX-License-Identifier: MIT
#include <bodega/data/receipts.hpp>

#include "check_error.hpp"

using namespace bodega;

namespace {

Catalog two_items() {
  Catalog catalog;
  catalog.add({.id = "milk"});
  catalog.add({.id = "bread"});
  return catalog;
}

ReceiptLine line(std::uint32_t item, std::int64_t units) {
  return {ItemIndex(item), Quantity::from_whole(units), Money()};
}

const Moment noon(Day(15'000), 12 * 3600);

}  // namespace

TEST_CASE("Receipts keep what a till says of each") {
  StringSet customers;
  customers.add("ann");
  Receipts receipts(two_items(), customers);
  CHECK(receipts.empty());
  const ReceiptLine first[] = {line(1, 2), line(0, 1), line(1, 1)}, second[] = {line(0, 3)};
  receipts.add({"17", noon, StoreId(4), TillId(2), CustomerIndex(0), first});
  receipts.add({.when = noon, .lines = second});
  receipts.add({.when = noon});  // of nothing
  receipts.open(Day(15'002));
  receipts.open(Day(14'999));
  receipts.open(Day(15'002));

  REQUIRE(receipts.size() == 2);
  CHECK(receipts[0].id == "17");
  CHECK(receipts[0].when == noon);
  CHECK(receipts[0].store == StoreId(4));
  CHECK(receipts[0].till == TillId(2));
  CHECK(receipts[0].customer == CustomerIndex(0));
  CHECK(receipts[0].lines.size() == 3);
  CHECK(receipts[1].id.empty());
  CHECK(receipts[1].store.is_none());
  CHECK(receipts[1].lines[0].quantity.value() == 3);
  CHECK(receipts.lines().size() == 4);

  const Baskets baskets = receipts.baskets();
  REQUIRE(baskets.size() == 2);
  CHECK(baskets[0].size() == 2);
  CHECK(baskets.store(0) == StoreId(4));
  CHECK(baskets.till(0) == TillId(2));
  const DailySales sales = receipts.daily_sales();
  REQUIRE(sales.days() == 4);
  CHECK(sales.at(ItemIndex(1), 1) == 3);
  CHECK(sales.traded(3));
  CHECK_FALSE(sales.traded(2));

  receipts.set_report({.lines = 9});
  CHECK(receipts.report().lines == 9);
  CHECK(receipts.report().receipts == 2);
  CHECK(receipts.report().customers == 1);
  CHECK(receipts.report().trading_days == 3);
  CHECK(receipts.report().last_day == Day(15'002));
}

TEST_CASE("Receipts that cannot be are refused, and nothing is changed") {
  Receipts receipts(two_items());
  const ReceiptLine good[] = {line(0, 1)};
  receipts.add({.when = noon, .lines = good});
  const auto refused = [&](const Receipt& receipt) {
    CHECK_ERROR(receipts.add(receipt), ErrorCode::out_of_range, "Receipts");
    CHECK(receipts.size() == 1);
    CHECK(receipts.lines().size() == 1);
  };
  const ReceiptLine unknown[] = {line(0, 1), line(2, 1)}, returned[] = {line(0, 1), line(1, -1)};
  refused({.when = noon, .lines = unknown});
  refused({.when = noon, .lines = returned});
  refused({.when = noon, .customer = CustomerIndex(0), .lines = good});
  refused({.when = Moment(Day(15'000), 12 * 3600 - 1), .lines = good});
}
