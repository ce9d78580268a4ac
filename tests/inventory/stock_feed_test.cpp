// SPDX-License-Identifier: MIT
#include <bodega/inventory/stock_feed.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace bodega;

namespace {
Catalog shop() {
  Catalog catalog;
  for (const char* id : {"20725", "20726", "20727"}) catalog.add({.id = id});
  return catalog;
}
Moment at(int day, int second = 0) { return Moment(Day(day), second); }
}  // namespace

TEST_CASE("feeds that lie: negative, NaN and endless stock are counted, named and unknown") {
  const Catalog catalog = shop();
  Stock stock(3);
  StockFeed feed(catalog, stock);
  for (std::uint32_t i = 0; i < 3; ++i) stock.set(ItemIndex(i), 0);
  const std::vector<StockRow> rows{{"20725", -3, at(1)},       {"20726", std::nan(""), at(1)},
                                   {"nobody", 5, at(1)},       {"20727", 7.5, at(1)},
                                   {"20727", INFINITY, at(2)}, {"20727", 1e12, at(3)}};
  const StockFeedReport report = feed.apply(rows);
  CHECK(report.rows == 6);
  CHECK(report.set == 1);
  CHECK(report.negative == 1);
  CHECK(report.not_a_number == 2);
  CHECK(report.too_large == 1);
  CHECK(report.unknown_item == 1);
  REQUIRE(report.examples.size() == 5);
  CHECK(report.examples[0] == "20725: -3.000000 units");
  CHECK(report.examples[2] == "nobody: no such item");
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(stock.available(ItemIndex(i)));
    CHECK_FALSE(stock.units(ItemIndex(i)));
  }
  // The rest of a lying feed is right all the same, and so is what comes after.
  CHECK(feed.apply(std::vector<StockRow>{{"20725", 4, at(4)}}).set == 1);
  CHECK(stock.units(ItemIndex(0)) == 4);
}

TEST_CASE("feeds that lie: an older row never overwrites a newer one") {
  const Catalog catalog = shop();
  Stock stock(3);
  StockFeed feed(catalog, stock);
  const auto report = feed.apply(std::vector<StockRow>{{"20725", 9, at(5, 100)},
                                                       {"20725", 2, at(5, 99)},
                                                       {"20726", 1, at(1)},
                                                       {"20725", -1, at(4)},
                                                       {"20725", 8, at(5, 100)}});
  CHECK(report.older == 2);
  CHECK(report.negative == 0);
  CHECK(report.set == 3);
  CHECK(stock.units(ItemIndex(0)) == 8);  // of the same time, the last
  CHECK(feed.apply(std::vector<StockRow>{{"20725", 1, at(5, 0)}}).older == 1);
  CHECK(stock.units(ItemIndex(0)) == 8);
}

TEST_CASE("feeds that lie: a long list of lies stays short to read") {
  const Catalog catalog = shop();
  Stock stock(3);
  StockFeed feed(catalog, stock);
  const auto report = feed.apply(std::vector<StockRow>(5000, StockRow{"20725", -1, at(1)}));
  CHECK(report.negative == 5000);
  CHECK(report.examples.size() == StockFeedReport::most_examples);
}

TEST_CASE("feeds that lie: a row dated ahead does not lock its item for good") {
  const Catalog catalog = shop();
  Stock stock(3);
  StockFeed feed(catalog, stock);
  const auto apply = [&](double units, int day) {
    const std::vector<StockRow> rows{{"20725", units, at(day)}};
    return feed.apply(rows);
  };
  CHECK(apply(5, 1000).set == 1);  // a clock was wrong
  CHECK(apply(6, 10).older == 1);
  CHECK(apply(7, 11).older == 1);
  const StockFeedReport third = apply(8, 12);
  CHECK(third.set == 1);
  CHECK(third.clock_moves == 1);
  CHECK(stock.units(ItemIndex(0)) == 8);
  CHECK(apply(9, 13).set == 1);
  // Late rows of a few days before never overwrite, however many they are.
  for (int i = 0; i < 10; ++i) CHECK(apply(1, 3).older == 1);
  CHECK(stock.units(ItemIndex(0)) == 9);
}

TEST_CASE("feeds that lie: codes in other spellings, and such that are no text") {
  const Catalog catalog = shop();
  Stock stock(3);
  CodeRuleOptions options;
  options.item = {CodeRule::whole_number};
  const CodeRules rules(options);
  StockFeed feed(catalog, stock, &rules);
  const std::vector<StockRow> rows{{" 20725.0", 4, at(1)}, {"a\n\xFF", 4, at(1)}};
  const StockFeedReport report = feed.apply(rows);
  CHECK(report.set == 1);
  CHECK(stock.units(ItemIndex(0)) == 4);
  CHECK(report.examples == std::vector<std::string>{"a\\n\\xFF: no such item"});
}
