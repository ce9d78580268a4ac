// SPDX-License-Identifier: MIT
// What a till makes of what it is told that is not so, kind by kind (docs/data.md).
#include <bodega/till/till_state.hpp>

#include "catch.hpp"
#include "event_shop.hpp"

using namespace bodega;
using event_shop::bytes;
using event_shop::Event;
using event_shop::models;
using event_shop::monday;
using event_shop::Shop;

namespace {

std::optional<float> units(const Shop& shop, const std::string& item, std::size_t days_ago = 0) {
  const RecentSales& sales = shop.state.demand().sales;
  return sales.units(shop.item(item), sales.days().size() - 1 - days_ago);
}

}  // namespace

TEST_CASE("A state and clocks: one receipt far ahead owns nothing") {
  Shop shop;
  for (int day = 0; day < 60; ++day) shop.sell(monday + day, "A", 10);
  shop.sell(monday + 360, "B", 1);
  for (int day = 60; day < 90; ++day) shop.sell(monday + day, "A", 50);
  shop.close();
  CHECK(shop.state.demand().sales.target() == monday + 90);
  CHECK(shop.forecast("A") == Approx(50));
  CHECK(shop.popularity("A") > shop.popularity("B"));
  CHECK(shop.state.counts().held == 1);
  CHECK(shop.state.counts().receipts == 91);
}

TEST_CASE(
    "A state and clocks: a first receipt of 1970 locks nobody out, and a wrong morning is put "
    "right") {
  Shop shop;
  shop.sell(Day(0), "A", 1, "first");
  for (int day = 0; day < 30; ++day) shop.sell(monday + day, "A", 10);
  CHECK(shop.state.demand().sales.last_day() == monday + 29);
  CHECK(shop.state.counts().held == 2);
  for (int n = 0; n < 8; ++n) shop.sell(monday + 400, "A", 3);
  CHECK(shop.state.demand().sales.last_day() == monday + 400);
  shop.restart();
  for (int n = 0; n < 25; ++n) shop.sell(monday + 30, "A", 2);
  CHECK(shop.state.demand().sales.last_day() == monday + 30);
  for (int day = 31; day < 50; ++day) shop.sell(monday + day, "A", 20);
  shop.close();
  CHECK(shop.forecast("A") == Approx(20));
  CHECK(shop.state.counts().clock_moves == 3);
}

TEST_CASE("A state and zeros that are no demand: a sale proves that the stock record is wrong") {
  Shop shop;
  shop.set("A", 0);
  for (int day = 0; day < 20; ++day) shop.sell(monday + day, "A", 5);
  shop.close();
  CHECK(shop.forecast("A") == Approx(5));
  CHECK(shop.state.stock().available(shop.item("A")));
  CHECK(shop.state.counts().stock_wrong == 1);
  REQUIRE(shop.state.stock_wrong().size() == 1);
  CHECK(shop.state.stock_wrong()[0] == shop.item("A").value());
}

TEST_CASE(
    "A state and zeros that are no demand: goods that come in the day end the sold-out time") {
  Shop shop;
  for (int day = 0; day < 14; ++day) shop.sell(monday + day, "A", 10);
  shop.set("A", 2);
  shop.sell(monday + 14, "A", 2);
  shop.set("A", 100);
  shop.sell(monday + 14, "A", 40);
  shop.close();
  CHECK(units(shop, "A") == 42.0f);

  shop.set("A", 2);
  shop.sell(monday + 15, "A", 2);
  shop.close();
  CHECK_FALSE(units(shop, "A"));  // sold out, and nothing came

  shop.sell(monday + 16, "B", 1);
  shop.close();
  CHECK_FALSE(units(shop, "A"));  // none all day

  shop.sell(monday + 17, "B", 1);
  shop.set("A", 100);
  shop.close();
  CHECK_FALSE(units(shop, "A"));  // they came when the shop had closed, for all we know

  shop.set("A", 0);
  shop.sell(monday + 18, "B", 1);
  shop.set("A", 100);
  shop.sell(monday + 18, "B", 1);
  shop.close();
  CHECK(units(shop, "A") == 0.0f);  // it was there to be bought
}

TEST_CASE("A sale that is brought back the same day leaves the day as it was") {
  Shop shop;
  shop.set("A", 2);
  shop.sell(monday, "B", 1);
  shop.sell(monday, "A", 2);
  CHECK(shop.stock("A") == 0.0);
  shop.sell(monday, "A", -2);
  shop.close();
  CHECK(shop.stock("A") == 2.0);
  CHECK(shop.popularity("A") == 0);
  CHECK(units(shop, "B") == 1.0f);
  CHECK_FALSE(shop.state.demand().sales.in_shop(shop.item("A")));  // it never sold
}

TEST_CASE("A state and zeros that are no demand: an item new in the shop") {
  Shop shop;
  for (int day = 0; day < 60; ++day) {
    shop.sell(monday + day, "A", 10);
    if (day >= 57) shop.sell(monday + day, "B", 10);
  }
  shop.close();
  CHECK(shop.forecast("A") == Approx(10));
  CHECK(shop.forecast("B") == Approx(10));
  CHECK(shop.forecast("C") == 0);
}

TEST_CASE("A sale and its void leave no trace") {
  Shop shop;
  shop.set("A", 3);
  for (int day = 0; day < 5; ++day) shop.sell(monday + day, "B", 2, std::to_string(day));
  const auto before = bytes(shop.state);
  SECTION("of the last of the stock") {
    shop.sell(monday + 4, "A", 3, "void");
    CHECK(shop.stock("A") == 0.0);
  }
  SECTION("of a new day, which closed the one before") {
    shop.sell(monday + 5, "A", 1, "void");
    CHECK(shop.state.demand().sales.open_day() == monday + 5);
  }
  SECTION("of a stock that proved wrong by it") {
    shop.sell(monday + 4, "A", 1, "void");
    shop.sell(monday + 4, "A", 1, "kept");
    shop.undo("kept");
  }
  SECTION("of a card never seen") { shop.sell(monday + 4, "A", 1, "void", 9 * 3600, 77); }
  SECTION("of a clock that was wrong") { shop.sell(monday + 400, "A", 1, "void"); }
  CHECK(bytes(shop.state) != before);
  CHECK(shop.undo("void").kind == LogChange::Kind::refolded);
  CHECK(bytes(shop.state) == before);
  CHECK(bytes(shop.twin) == before);
  CHECK(shop.undo("void").kind == LogChange::Kind::nothing);  // once is enough
  CHECK(shop.undo("nobody's").kind == LogChange::Kind::nothing);
  CHECK(shop.log.counts().undo_unknown == 1);
  CHECK(bytes(shop.state) == before);
}

TEST_CASE("Units that are heard of after the day was closed leave the memories of before it") {
  Shop in_time, late;
  for (int day = 0; day < 4; ++day)
    for (Shop* shop : {&in_time, &late}) {
      shop->sell(monday + day, "A", 5, "a" + std::to_string(day));
      shop->sell(monday + day, "B", 1, "b" + std::to_string(day));
      if (day == 3) continue;
      if (shop == &in_time) shop->sell(monday + day, "A", 9, "late" + std::to_string(day));
      shop->close();
      if (shop == &late && day < 2) shop->sell(monday + day, "A", 9, "late" + std::to_string(day));
    }
  late.sell(monday + 2, "A", 9, "late2");  // when the next day is on
  CHECK(bytes(late.state) == bytes(in_time.state));
  CHECK(late.log.counts().late == 3);
  late.sell(monday + 1, "A", 9, "late1");
  CHECK(bytes(late.state) == bytes(in_time.state));
  CHECK(late.log.counts().twice == 1);
  late.sell(monday - 60, "A", 9, "ages ago");
  CHECK(late.log.counts().late == 4);
}

TEST_CASE("A late receipt does not lower what was counted after it") {
  Shop shop;
  shop.set("A", 10, Moment(monday, 8 * 3600));
  shop.sell(monday, "A", 2, "1");
  shop.set("A", 20, Moment(monday + 1, 7 * 3600));
  shop.sell(monday + 1, "A", 1, "2");
  shop.sell(monday, "A", 3, "late");
  CHECK(shop.stock("A") == 19.0);
  CHECK(shop.state.demand().sales.last_closed().units(shop.item("A")) == 5.0f);
}

TEST_CASE(
    "A state and feeds: an older count never overwrites a newer one, and a wrong clock keeps none "
    "out") {
  Shop shop;
  shop.sell(monday, "B", 1);
  shop.set("A", 5, Moment(monday, 10 * 3600));
  shop.set("A", 9, Moment(monday, 9 * 3600));
  CHECK(shop.stock("A") == 5.0);
  CHECK(shop.state.counts().stock_older == 1);
  shop.set("A", 0);  // said by hand: of now
  shop.set("A", 7, Moment(monday, 11 * 3600));
  CHECK(shop.stock("A") == 0.0);  // the last receipt is of noon
  shop.set("A", 7, Moment(monday, 13 * 3600));
  CHECK(shop.stock("A") == 7.0);
  shop.set("A", 100, Moment(monday + 4000, 0));
  CHECK(shop.state.counts().stock_ahead == 1);
  CHECK(shop.stock("A") == 100.0);
  shop.set("A", 8, Moment(monday, 14 * 3600));
  CHECK(shop.stock("A") == 8.0);
}

TEST_CASE("Unknown lines cost the others nothing, and are known once the item is") {
  Shop shop;
  shop.add(Event{.id = "1", .when = Moment(monday), .lines = {{"A", 2}, {"new", 4}, {"", 1}}});
  CHECK(shop.state.counts().unknown_lines == 2);
  CHECK(shop.state.demand().sales.sold_today(shop.item("A")) == 2);
  const Item fresh{.id = "new"};
  shop.add(TillEvent::added(fresh),
           std::make_shared<const TillModels>(shop.log.models()->with_item(fresh)));
  CHECK(shop.state.counts().unknown_lines == 1);
  CHECK(shop.state.demand().sales.sold_today(shop.item("new")) == 4);
  CHECK(bytes(shop.twin) == bytes(shop.state));
  shop.sell(monday, "new", 1, "2");
  shop.undo("2");
  CHECK(shop.state.demand().sales.sold_today(shop.item("new")) == 4);
}

TEST_CASE("A code that was re-listed carries its history") {
  Shop shop;
  shop.set("A", 50);
  for (int day = 0; day < 10; ++day) shop.sell(monday + day, "A", 3, std::to_string(day));
  shop.add(TillEvent::relisted("A", "A2"), shop.log.models());
  shop.sell(monday + 10, "A2", 4, "10");
  CHECK(shop.state.demand().sales.sold_today(shop.item("A")) == 4);
  CHECK(shop.stock("A") == 16.0);
  shop.restart();
  CHECK(shop.stock("A") == 16.0);
  // A file of the next week knows the new code alone.
  Catalog catalog;
  catalog.add({.id = "A2"});
  Bundle file;
  file.add("catalog", catalog);
  file.add("popularity", Popularity(1, {.half_life_days = 30}));
  shop.log = shop.log.carried_to(models(file), 1);
  shop.state = shop.twin = shop.log.state();
  CHECK(shop.stock("A2") == 16.0);
  CHECK(shop.state.demand().sales.days().size() == 10);
  CHECK(shop.state.demand().sales.sales(shop.item("A2"))[0] == 3);
  CHECK(shop.state.demand().sales.sold_today(shop.item("A2")) == 4);
}
