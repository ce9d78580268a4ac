// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <bodega/data/baskets.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/data/receipts.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/sparse.hpp>

#include "contract/failing_allocations.hpp"

using namespace bodega;
using bodega_test::check_failing_allocations;

namespace {
const std::string long_text(100, 'x');
void validate(const auto& object) { CHECK_NOTHROW(object.validate("object")); }

/// Receipts and baskets have no comparison of their own: what they hold.
struct Held {
  Receipts receipts;
  bool operator==(const Held& other) const {
    if (receipts.size() != other.receipts.size()) return false;
    for (std::size_t i = 0; i < receipts.size(); ++i) {
      const Receipt a = receipts[i], b = other.receipts[i];
      if (a.id != b.id || a.when != b.when || a.lines.size() != b.lines.size()) return false;
    }
    return receipts.daily_sales() == other.receipts.daily_sales();
  }
};
struct HeldBaskets {
  Baskets baskets;
  bool operator==(const HeldBaskets& other) const {
    if (baskets.size() != other.baskets.size()) return false;
    for (std::size_t i = 0; i < baskets.size(); ++i)
      if (std::vector(baskets[i].begin(), baskets[i].end()) !=
              std::vector(other.baskets[i].begin(), other.baskets[i].end()) ||
          baskets.when(i) != other.baskets.when(i))
        return false;
    return baskets.customers() == other.baskets.customers();
  }
};
}  // namespace

TEST_CASE("half-done objects: texts are added whole or not at all") {
  for (int texts = 0; texts < 40; ++texts) {
    StringTable table;
    StringSet set;
    for (int i = 0; i < texts; ++i) {
      table.add(std::to_string(i));
      set.add(std::to_string(i));
    }
    check_failing_allocations(
        table, [](StringTable& t) { t.add(long_text); }, validate<StringTable>);
    check_failing_allocations(
        set, [](StringSet& s) { s.add(long_text); },
        [&](const StringSet& s) {
          validate(s);
          for (int i = 0; i < texts; ++i) CHECK(s.find(std::to_string(i)) == std::uint32_t(i));
        });
  }
}

TEST_CASE("half-done objects: an item is added with all its parts or not at all") {
  Catalog catalog;
  std::size_t failures = 0;
  for (int i = 0; i < 20; ++i) {
    failures += check_failing_allocations(
        catalog,
        [&](Catalog& c) {
          c.add({.id = "long enough to be on the heap " + std::to_string(i),
                 .description = long_text,
                 .price = Money::from_whole(1),
                 .attributes = {{"colour", "red"}, {"brand", long_text + std::to_string(i)}}});
        },
        [&](const Catalog& c) {
          validate(c);
          CHECK(c.find("absent").is_none());
          for (std::uint32_t k = 0; k < c.size(); ++k)
            CHECK(c.find(c.id(ItemIndex(k))) == ItemIndex(k));
        });
    catalog.add({.id = std::to_string(i)});
  }
  CHECK(failures > 100);
}

TEST_CASE("half-done objects: sales of a day are added whole or not at all") {
  for (const double units : {2.0, 0.1})
    for (const int day : {0, 3, 5, 9})
      for (const bool unknown : {false, true}) {
        DailySales sales(3, Day(0), 4);
        sales.add(ItemIndex(1), Day(2), 5);
        if (unknown) sales.mark_unknown(ItemIndex(2), Day(1));
        check_failing_allocations(
            sales, [&](DailySales& s) { s.add(ItemIndex(0), Day(day), units); },
            validate<DailySales>);
        check_failing_allocations(
            sales, [&](DailySales& s) { s.open(Day(day)); }, validate<DailySales>);
        check_failing_allocations(
            sales, [&](DailySales& s) { s.mark_unknown(ItemIndex(0), Day(3)); },
            validate<DailySales>);
        check_failing_allocations(
            sales, [&](DailySales& s) { s.list(ItemIndex(0), Day(day)); }, validate<DailySales>);
      }
}

TEST_CASE("half-done objects: receipts, baskets and rows are added whole or not at all") {
  Catalog catalog;
  for (int i = 0; i < 5; ++i) catalog.add({.id = std::to_string(i)});
  Held held{Receipts(std::move(catalog))};
  HeldBaskets baskets{Baskets(5)};
  SparsePattern pattern(5);
  CsrMatrix<float> matrix(5);
  for (int i = 0; i < 12; ++i) {
    const std::vector<ReceiptLine> lines{
        {.item = ItemIndex(0), .quantity = Quantity::from_whole(1), .price = {}},
        {.item = ItemIndex(3), .quantity = Quantity::from_whole(2), .price = {}}};
    const std::string id = long_text + std::to_string(i);
    const Receipt receipt{.id = id, .when = Moment(Day(100 + i)), .lines = lines};
    const auto add = [&](Held& h) { h.receipts.add(receipt); };
    check_failing_allocations(held, add, [](const Held&) {});
    add(held);
    const auto add_basket = [&](HeldBaskets& b) { b.baskets.add(receipt); };
    check_failing_allocations(baskets, add_basket, [](const HeldBaskets&) {});
    add_basket(baskets);
    const std::vector<std::uint32_t> columns{0, 2, 4};
    const std::vector<float> values{1, 2, 3};
    const auto add_row = [&](CsrMatrix<float>& m) { m.add_row(columns, values); };
    check_failing_allocations(matrix, add_row, validate<CsrMatrix<float>>);
    add_row(matrix);
    check_failing_allocations(
        pattern, [&](SparsePattern& p) { p.add_row(columns); }, validate<SparsePattern>);
    pattern.add_row(columns);
  }
}

TEST_CASE("amounts are exact: 10,000 sales of 0.1 are 1,000 units of a day") {
  DailySales sales(2, Day(0), 2);
  for (int i = 0; i < 10'000; ++i) sales.add(ItemIndex(1), Day(1), 0.1);
  CHECK(sales.at(ItemIndex(1), 1) == 1000.0f);
  for (int i = 0; i < 10'000; ++i) sales.add(ItemIndex(1), Day(5), 0.1);
  CHECK(sales.at(ItemIndex(1), 5) == 1000.0f);
  for (int i = 0; i < 9'999; ++i) sales.add(ItemIndex(1), Day(5), -0.1);
  CHECK(sales.at(ItemIndex(1), 5) == 0.1f);
  CHECK(sales.at(ItemIndex(1), 1) == 1000.0f);
  sales.mark_unknown(ItemIndex(1), Day(5));
  sales.add(ItemIndex(1), Day(5), 0.1);
  CHECK(sales.at(ItemIndex(1), 5) == 0);
}
