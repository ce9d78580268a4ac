// SPDX-License-Identifier: MIT
// What one lane keeps to itself; threads and swaps are in till_engine_test.cpp.
#include <bodega/till/lane.hpp>

#include <memory>
#include <string>
#include <vector>

#include <bodega/data/code_rules.hpp>
#include <bodega/till/till.hpp>

#include "catch.hpp"
#include "till/shop_bundle.hpp"

using namespace bodega;
using bodega_test::whole_bundle;

TEST_CASE("Lanes do not disturb each other's slates") {
  const Till till(whole_bundle());
  Lane first = till.lane(), second = till.lane();
  const TillSlate slate = first.recommend({.basket = {"A100"}}, 5);
  std::vector<std::string> codes;
  for (const TillPick& pick : slate) codes.emplace_back(pick.code);
  for (int n = 0; n < 10; ++n) second.recommend({.basket = {"A103"}}, 5);
  REQUIRE(slate.size() == codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i) CHECK(slate[i].code == codes[i]);
}

TEST_CASE("Lanes are counted, and their places used again") {
  Till till(whole_bundle());
  for (int round = 0; round < 3; ++round) {
    std::vector<Lane> lanes;
    for (int n = 0; n < 20; ++n) lanes.push_back(till.lane());
    CHECK(till.report().lanes == 20);
    lanes.erase(lanes.begin() + 5);
    CHECK(till.report().lanes == 19);
    lanes.push_back(till.lane());
    for (Lane& lane : lanes) CHECK(lane.recommend({}, 3).size() == 3);
    till.replace(whole_bundle());
    for (Lane& lane : lanes) CHECK(lane.recommend({}, 3).size() == 3);
  }
  CHECK(till.report().lanes == 0);
}

TEST_CASE("A lane outlives its till") {
  auto till = std::make_unique<Till>(whole_bundle());
  Lane lane = till->lane();
  till.reset();
  CHECK(lane.recommend({.basket = {"A100"}}, 5).size() == 5);
}

TEST_CASE("A moved lane goes on, and a lane assigned to gives back its place") {
  Till till(whole_bundle());
  Lane lane = till.lane();
  Lane moved = std::move(lane);
  CHECK(moved.recommend({}, 3).size() == 3);
  moved = till.lane();
  CHECK(moved.recommend({}, 3).size() == 3);
  CHECK(till.report().lanes == 1);
}

TEST_CASE("All of a query reaches the parts that can use it") {
  // A customer who always buys bread again, and a shop that knows her card by its hash alone.
  Bundle bundle = bodega_test::only_catalog();
  const CustomerTable cards(CardKey{1, 2});
  bundle.add("cards", cards);
  bundle.add("popularity", Popularity(bodega_test::toy_items));
  Till till(bundle);
  const TillReceiptLine lines[] = {bodega_test::sold("A100", 1)};
  till.observe({.id = "1", .when = Moment(bodega_test::first_day), .card = "4242", .lines = lines});
  till.read([&](const TillModels&, const TillState& state) {
    CHECK(state.customers().size() == 1);
    CHECK(state.customers().find("4242") == CustomerIndex(0));
    CHECK(state.customers().find("4243").is_none());
  });
  CHECK(till.undo("1"));
  till.read([&](const TillModels&, const TillState& state) { CHECK(state.customers().empty()); });
}

TEST_CASE("What a scanner sends is read by the shop's own rules, everywhere") {
  Bundle bundle = whole_bundle();
  bundle.add("code_rules", CodeRules({.item = {CodeRule::upper_case_trimmed}}));
  Till till(bundle);
  Lane lane = till.lane();
  till.stock().set(" a110", 5);
  CHECK(till.stock().units("a110 ") == 5);
  const TillReceiptLine lines[] = {bodega_test::sold("a110", 2)};
  till.observe(bodega_test::receipt_of(*till.forecast_day(), lines));
  CHECK(till.stock().units("A110") == 3);
  CHECK(till.forecast("a110").answered_by == "demand");
  const TillSlate slate = lane.recommend({.basket = {"a100 "}, .viewed = "a105"}, 5);
  CHECK(slate.answered_by == "items");
  for (const TillPick& pick : slate) CHECK(pick.code != "A105");
  const StockRow rows[] = {{"a111", 4, Moment(bodega_test::first_day)}};
  CHECK(till.stock().feed(rows).set == 1);
  CHECK(till.stock().units("A111") == 4);
}
