// SPDX-License-Identifier: MIT
#include <bodega/till/shelf.hpp>

#include <limits>
#include <memory>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {

std::shared_ptr<TillGeneration> generation_of(std::initializer_list<const char*> codes) {
  Catalog catalog;
  for (const char* code : codes) catalog.add({.id = code});
  Bundle bundle;
  bundle.add("catalog", catalog);
  return std::make_shared<TillGeneration>(
      std::make_shared<const TillModels>(load_models<>(bundle)));
}

StockWord set(const char* code, std::int64_t units) {
  return {EventKind::stock_set, code, Quantity::from_whole(units)};
}

}  // namespace

TEST_CASE("What is said of stock shows at once, and waits to become an event") {
  const auto now = generation_of({"A", "B"});
  Shelf shelf;
  shelf.serve(now);
  shelf.say(set("A", 0));
  CHECK_FALSE(now->stock.available(ItemIndex(0)));
  shelf.say({EventKind::stock_added, "A", Quantity::from_whole(2)});
  CHECK(now->stock.units(ItemIndex(0)) == 2);
  shelf.say({EventKind::stock_unknown, "A"});
  CHECK_FALSE(now->stock.units(ItemIndex(0)).has_value());
  REQUIRE(shelf.waiting().size() == 3);
  CHECK(shelf.waiting()[1].event().units == Quantity::from_whole(2));
  CHECK(shelf.waiting(2).size() == 1);
  CHECK_ERROR(shelf.say(set("no such", 1)), ErrorCode::unknown_id, "stock");
  CHECK_ERROR(shelf.say(set("A", -1)), ErrorCode::out_of_range, "stock of A");
  CHECK(shelf.waiting().size() == 3);
}

TEST_CASE("An event of before never shows over what was said since") {
  const auto now = generation_of({"A", "B"});
  Shelf shelf;
  shelf.serve(now);
  StockBook book(2);
  book.set(ItemIndex(0), Quantity::from_whole(5), Moment());
  book.set(ItemIndex(1), Quantity::from_whole(6), Moment());
  shelf.say(set("A", 0));
  const ItemIndex both[] = {ItemIndex(0), ItemIndex(1)};
  shelf.publish(*now, book, both);
  CHECK(now->stock.units(ItemIndex(0)) == 0);
  CHECK(now->stock.units(ItemIndex(1)) == 6);
  book.set(ItemIndex(0), Quantity(), Moment());
  book.add(ItemIndex(0), Quantity::from_whole(3));
  shelf.publish(*now, book, both, 1);
  CHECK(now->stock.units(ItemIndex(0)) == 3);
  CHECK(shelf.waiting().empty());
}

TEST_CASE("While models are swapped both catalogues hear, each by its own numbers") {
  const auto before = generation_of({"A", "B"}), after = generation_of({"C", "B"});
  Shelf shelf;
  shelf.serve(before);
  shelf.say(set("B", 1));
  shelf.serve(after);
  CHECK(after->stock.units(ItemIndex(1)) == 1);
  shelf.say(set("B", 2));
  shelf.say(set("A", 3));
  shelf.say(set("C", 4));
  CHECK(before->stock.units(ItemIndex(1)) == 2);
  CHECK(after->stock.units(ItemIndex(1)) == 2);
  CHECK(before->stock.units(ItemIndex(0)) == 3);
  CHECK(after->stock.units(ItemIndex(0)) == 4);
  shelf.retire(*before);
  shelf.say(set("B", 9));
  CHECK(before->stock.units(ItemIndex(1)) == 2);
  CHECK(after->stock.units(ItemIndex(1)) == 9);
}

TEST_CASE("The smallest amount may be told of all items") {
  const auto now = generation_of({"A", "B"});
  Shelf shelf;
  shelf.serve(now);
  shelf.say({EventKind::stock_least, "", Quantity::from_whole(2)});
  shelf.say(set("B", 1));
  CHECK_FALSE(now->stock.available(ItemIndex(1)));
}

TEST_CASE("Amounts of stock are finite and plausible") {
  CHECK(stock_quantity("A", 1.2345) == Quantity::from_raw(1235));
  CHECK_ERROR(stock_quantity("A", std::numeric_limits<double>::infinity()), ErrorCode::not_finite,
              "stock of A");
  CHECK_ERROR(stock_quantity("A", -2e9), ErrorCode::out_of_range, "stock of A");
}
