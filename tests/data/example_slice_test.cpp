// SPDX-License-Identifier: MIT
// What examples/data/README.md says of the shipped slice.
#include <algorithm>

#include "check_error.hpp"
#include "example_shop.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("The example slice is read strictly against its item list") {
  const Catalog catalog = example_catalog();
  REQUIRE(catalog.size() == 140);
  CHECK(catalog.description(catalog.at("22423")) == "REGENCY CAKESTAND 3 TIER");
  CHECK(catalog.attribute(catalog.at("22423"), 0).value == "cake stand");

  const Receipts receipts = example_receipts();
  const ReadReport& report = receipts.report();
  CHECK(report.lines == 46'951);
  CHECK(report.not_items == 1'178);
  CHECK(report.returns + report.kept + report.free_dropped == 46'951 - 1'178);
  CHECK(report.malformed == 0);
  CHECK(report.trading_days == 189);
  CHECK(report.first_day == Day::parse("2011-05-01"));

  const DailySales sales = receipts.daily_sales();
  std::size_t sold = 0, regular = 0;
  for (std::size_t i = 0; i < sales.items(); ++i) {
    const auto row = sales.row(ItemIndex(static_cast<std::uint32_t>(i)));
    const auto days = std::count_if(row.begin(), row.end(), [](float units) { return units > 0; });
    sold += days > 0;
    regular += days >= 60;
  }
  CHECK(sold == 100);
  CHECK(regular >= 90);
  for (std::size_t c = 0; c < sales.days(); ++c)
    if (sales.day(c).weekday() == 5) CHECK_FALSE(sales.traded(c));
}

TEST_CASE("The traps of the example slice are there") {
  ReceiptOptions raw;
  raw.columns.receipt = "invoice";
  CHECK_ERROR(read_receipts(example_data("online_retail_slice.csv"), raw), ErrorCode::out_of_range,
              "column price");
  raw.malformed = Malformed::lenient;
  const Receipts receipts = read_receipts(example_data("online_retail_slice.csv"), raw);
  CHECK(receipts.report().malformed == 2);
  CHECK(receipts.report().returns == 872);
  CHECK_FALSE(receipts.catalog().find("47559b").is_none());
  CHECK_FALSE(receipts.catalog().find("47559B").is_none());
  CHECK_FALSE(receipts.catalog().find("POST").is_none());
}
