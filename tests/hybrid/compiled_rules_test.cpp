// SPDX-License-Identifier: MIT
#include <array>
#include <sstream>
#include <string>
#include <vector>

#include <bodega/hybrid/compiled_rules.hpp>
#include <bodega/hybrid/rule_reader.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {

/// Six items: two wines and a beer of margins .5, .1 and none, a cheese, a nut bar, a bread.
Catalog shop() {
  Catalog catalog;
  const auto add = [&](const char* id, const char* category, const char* margin,
                       const char* brand) {
    Item item{.id = id, .attributes = {{"category", category}}};
    if (*margin) item.attributes.emplace_back("margin", margin);
    if (*brand) item.attributes.emplace_back("brand", brand);
    catalog.add(item);
  };
  add("red", "wine", "0.5", "Acme");
  add("white", "wine", "0.1", "Acme");
  add("ale", "beer", "", "Hop");
  add("brie", "cheese", "0.3", "Hop");
  add("bar", "snack", "0.2", "");
  add("loaf", "bread", "0.25", "");
  return catalog;
}

CompiledRules rules(const std::string& lines, std::span<const std::string> stores = {}) {
  std::istringstream in("name,rule,items,value,when\n" + lines);
  return CompiledRules(read_rules(in, "rules.csv"), shop(), stores);
}

/// What stays visible, a letter for each item.
std::string visible(const CompiledRules& rules, const Query& query = {},
                    const Shopper& shopper = {}) {
  RuleRoom room(rules.items());
  rules.begin(query, shopper, room);
  std::string letters;
  for (std::uint32_t i = 0; i < 6; ++i) letters += room.allows(ItemIndex(i)) ? "rwabnl"[i] : '-';
  return letters;
}

Moment at(int day, int hour) { return Moment(*Day::from_civil(2026, 3, day), hour * 3600); }

}  // namespace

TEST_CASE("Rules choose items by code, attribute, several values and several fields") {
  CHECK(visible(rules("")) == "rwabnl");
  CHECK(visible(rules("x,exclude,item=ale|loaf,,\n")) == "rw-bn-");
  CHECK(visible(rules("x,exclude,category=wine|beer,,\n")) == "---bnl");
  CHECK(visible(rules("x,exclude,category=wine|beer; brand=Hop,,\n")) == "rw-bnl");
  CHECK(visible(rules("x,exclude,*,,\n")) == "------");
}

TEST_CASE("Age and card are asked for, and what is not known does not count as given") {
  const auto age = rules("x,require_age,category=wine|beer,18,\n");
  CHECK(visible(age) == "---bnl");
  CHECK(visible(age, {}, {.verified_age = 17}) == "---bnl");
  CHECK(visible(age, {}, {.verified_age = 18}) == "rwabnl");
  const auto card = rules("x,require_card,item=brie,,\n");
  CHECK(visible(card) == "rwa-nl");
  CHECK(visible(card, {}, {.card_holder = true}) == "rwabnl");
  CHECK(visible(card, {.customer = CustomerIndex(4)}) == "rwabnl");
}

TEST_CASE("A margin that is too low or not known keeps an item out") {
  CHECK(visible(rules("x,minimum_margin,,0.25,\n")) == "r--b-l");
  CHECK(visible(rules("x,minimum_margin,category=wine,0.25,\n")) == "r-abnl");
}

TEST_CASE("What was bought lately is not shown again") {
  const auto again = rules("x,not_again,category=wine|cheese,7,\n");
  const std::array<Purchase, 3> bought = {{{ItemIndex(0), *Day::from_civil(2026, 3, 1)},
                                           {ItemIndex(3), *Day::from_civil(2026, 3, 9)},
                                           {ItemIndex(5), *Day::from_civil(2026, 3, 9)}}};
  CHECK(visible(again, {}, {.now = at(10, 9), .purchases = bought}) == "rwa-nl");
  CHECK(visible(again, {}, {.now = at(7, 9), .purchases = bought}) == "-wa-nl");
  CHECK(visible(again, {}, {.now = at(8, 9), .purchases = bought}) == "rwa-nl");
  CHECK(visible(again, {}, {.purchases = bought}) == "-wa-nl");  // no clock: all of it is lately
  CHECK(visible(again) == "rwabnl");
}

TEST_CASE("Conditions: days, weekdays, hours over midnight, stores, channel, rush, tags") {
  const auto hidden = [](const std::string& when, const Query& query, const Shopper& shopper) {
    const std::vector<std::string> stores = {"north", "south"};
    return visible(rules("x,exclude,item=red,,\"" + when + "\"\n", stores), query, shopper)[0] ==
           '-';
  };
  const auto then = [](int day, int hour) { return Shopper{.now = at(day, hour)}; };
  CHECK(hidden("from=2026-03-02; until=2026-03-04", {}, then(2, 0)));
  CHECK(hidden("from=2026-03-02; until=2026-03-04", {}, then(4, 23)));
  CHECK_FALSE(hidden("from=2026-03-02; until=2026-03-04", {}, then(5, 0)));
  CHECK(hidden("hours=22-4", {}, then(2, 23)));
  CHECK(hidden("hours=22-4", {}, then(2, 3)));
  CHECK_FALSE(hidden("hours=22-4", {}, then(2, 4)));
  CHECK(hidden("days=sat-sun", {}, then(1, 12)));  // a Sunday
  CHECK_FALSE(hidden("days=sat-sun", {}, then(2, 12)));
  CHECK(hidden("days=sat-sun", {.context = {StoreId::none(), 5, -1}}, {}));
  CHECK_FALSE(hidden("days=sat-sun", {.context = {StoreId::none(), 4, -1}}, {}));
  CHECK(hidden("store=south", {.context = {StoreId(1), -1, -1}}, {}));
  CHECK_FALSE(hidden("store=south", {.context = {StoreId(0), -1, -1}}, {}));
  CHECK(hidden("channel=kiosk", {.context = {StoreId(), -1, -1, Channel::kiosk}}, {}));
  CHECK_FALSE(hidden("channel=kiosk", {.context = {StoreId(), -1, -1, Channel::assisted}}, {}));
  CHECK_FALSE(hidden("rush=busy", {.context = {StoreId(), -1, -1, {}, Rush::quiet}}, {}));
  CHECK_FALSE(hidden("tag=vegan", {}, {}));
  const auto vegan = rules("x,exclude,category=cheese,,tag=vegan\n");
  CHECK(vegan.tag("unasked") == 0);
  CHECK(visible(vegan, {}, {.tags = vegan.tag("vegan")}) == "rwa-nl");
  // Where the query does not say: a rule that restricts holds, one that promotes does not.
  CHECK(hidden("hours=8-12", {}, {}));
  CHECK(hidden("store=south", {}, {}));
  CHECK(visible(rules("x,only_when,item=red,,hours=8-12\n")) == "-wabnl");
  CHECK(visible(rules("x,only_when,item=red,,hours=8-12\n"), {}, then(2, 9)) == "rwabnl");
  CHECK(visible(rules("x,only_when,item=red,,hours=8-12\n"), {}, then(2, 13)) == "-wabnl");
}

TEST_CASE("Boosts multiply, caps count by value, and a pin yields where it does not surely hold") {
  const auto set = rules(
      "more,boost,category=wine,2,\nnight,boost,item=red,3,hours=22-4\n"
      "one of a brand,cap,each=brand,1,\npin,pin,item=loaf,1,hours=8-12\n");
  RuleRoom room(set.items());
  set.begin({}, {}, room);
  std::array<float, 6> scores = {1, 1, 1, 1, 1, 1};
  set.boost(room, scores);
  CHECK(scores == std::array<float, 6>{2, 2, 1, 1, 1, 1});
  const std::array<Pick, 1> picks = {Pick{ItemIndex(0), 1, {}}};
  CHECK(set.capped_by(ItemIndex(1), picks, room) == 2u);  // of one brand
  CHECK_FALSE(set.capped_by(ItemIndex(3), picks, room));  // of another
  CHECK_FALSE(set.capped_by(ItemIndex(5), std::array{Pick{ItemIndex(4), 1, {}}}, room));  // of none
  std::size_t pins = 0;
  set.for_each_pin(room, [&](std::size_t, std::size_t) { ++pins; });
  CHECK(pins == 0);
  set.begin({}, {.now = at(2, 9)}, room);
  set.for_each_pin(room, [&](std::size_t rule, std::size_t slot) {
    CHECK(set.name(rule) == "pin");
    CHECK(slot == 0);
    ++pins;
  });
  CHECK(pins == 1);
}

TEST_CASE("A rule about what the shop does not have is refused by name") {
  CHECK_ERROR(rules("x,exclude,item=gin,,\n"), ErrorCode::unknown_id, "rule 'x', items");
  CHECK_ERROR(rules("x,exclude,category=gin,,\n"), ErrorCode::unknown_id, "rule 'x', items");
  CHECK_ERROR(rules("x,exclude,colour=red,,\n"), ErrorCode::unknown_id, "rule 'x', items");
  CHECK_ERROR(rules("x,cap,each=colour,1,\n"), ErrorCode::unknown_id, "rule 'x', items");
  CHECK_ERROR(rules("x,exclude,,,store=west\n"), ErrorCode::unknown_id, "rule 'x', when, store");
}

TEST_CASE("A pin that can never be shown is refused, with the rule that forbids it") {
  CHECK_ERROR(rules("no wine,exclude,category=wine,,\np,pin,item=red,1,\n"),
              ErrorCode::invalid_argument, "rule 'p'");
  CHECK_ERROR(
      rules("no wine,exclude,category=wine,,hours=6-12\np,pin,item=red|white,1,hours=7-9\n"),
      ErrorCode::invalid_argument, "rule 'p'");
  CHECK_ERROR(rules("m,minimum_margin,,0.3,\np,pin,item=white,1,\n"), ErrorCode::invalid_argument,
              "rule 'p'");
  CHECK_NOTHROW(rules("no wine,exclude,category=wine,,hours=8-12\np,pin,item=red,1,hours=7-9\n"));
  CHECK_NOTHROW(rules("no wine,exclude,category=wine,,\np,pin,item=red|ale,1,\n"));
}
