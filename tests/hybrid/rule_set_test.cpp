// SPDX-License-Identifier: MIT
#include <limits>
#include <string>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/hybrid/rule_set.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {
SlateRule rule(std::string name, RuleAction action, double value = 0, RuleConditions when = {}) {
  return {.name = std::move(name), .action = action, .value = value, .when = std::move(when)};
}
RuleConditions on(std::uint8_t weekdays, std::int8_t from = 0, std::int8_t until = 24) {
  return {.weekdays = weekdays, .hour_from = from, .hour_until = until};
}
}  // namespace

TEST_CASE("A set of rules goes through a bundle") {
  const std::vector<SlateRule> rules = {
      rule("teens", RuleAction::require_age, 18),
      rule("summer", RuleAction::boost, 1.5, on(0x60)),
      {.name = "one of a brand", .action = RuleAction::cap, .items = {{}, "brand"}, .value = 1}};
  const RuleSet set(rules);
  Bundle bundle;
  bundle.add("rules", set);
  const RuleSet back = Bundle::parse(bundle.serialize()).get<RuleSet>("rules");
  CHECK(back == set);
  REQUIRE(back.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(back[i] == rules[i]);
}

TEST_CASE("A rule that makes no sense by itself is refused") {
  const auto refuses = [](SlateRule bad) {
    RuleSet set;
    CHECK_THROWS_AS(set.add(bad, "rules.csv:7"), Error);
    CHECK(set.empty());
  };
  refuses(rule("", RuleAction::exclude));
  refuses(rule("age", RuleAction::require_age, 0));
  refuses(rule("age", RuleAction::require_age, 17.5));
  refuses(rule("cap", RuleAction::cap, 0));
  refuses(rule("pin", RuleAction::pin, 101));
  refuses(rule("boost", RuleAction::boost, 0));
  refuses(rule("boost", RuleAction::boost, -2));
  refuses(rule("boost", RuleAction::boost, std::numeric_limits<double>::quiet_NaN()));
  refuses(rule("margin", RuleAction::minimum_margin, std::numeric_limits<double>::infinity()));
  refuses(rule("again", RuleAction::not_again, -1));
  refuses(rule("none", RuleAction::exclude, 3));
  refuses(rule("never", RuleAction::only_when));
  refuses(rule("hours", RuleAction::exclude, 0, on(0x7f, 8, 8)));
  refuses(rule("days", RuleAction::exclude, 0, on(0)));
  refuses(rule("dates", RuleAction::exclude, 0, {.from = Day(2), .until = Day(1)}));
  refuses({.name = "each", .action = RuleAction::exclude, .items = {{}, "brand"}});
  refuses({.name = "a;b", .action = RuleAction::exclude, .items = {{{"a;b", {"c"}}}, ""}});
}

TEST_CASE("A rule that contradicts an earlier one is refused, with both") {
  RuleSet set;
  set.add(rule("morning", RuleAction::pin, 1, on(0x7f, 6, 12)), "rules.csv:2");
  set.add(rule("noon", RuleAction::pin, 1, on(0x7f, 12, 14)), "rules.csv:3");
  set.add(rule("second", RuleAction::pin, 2), "rules.csv:4");
  CHECK_ERROR(set.add(rule("lunch", RuleAction::pin, 1, on(0x7f, 13, 15)), "rules.csv:5"),
              ErrorCode::invalid_argument, "rules.csv:5");
  set.add(rule("night", RuleAction::pin, 1, on(0x7f, 22, 6)), "rules.csv:5");  // over midnight
  CHECK_ERROR(set.add(rule("noon", RuleAction::exclude), "rules.csv:6"), ErrorCode::duplicate,
              "rules.csv:6");
  RuleConditions kiosk{.channel = Channel::kiosk}, assisted{.channel = Channel::assisted};
  set.add(rule("kiosk", RuleAction::pin, 3, kiosk), "rules.csv:7");
  set.add(rule("assisted", RuleAction::pin, 3, assisted), "rules.csv:8");
  CHECK_THROWS_AS(set.add(rule("all", RuleAction::pin, 3), "rules.csv:9"), Error);
  RuleConditions north{.stores = {"north"}}, south{.stores = {"south"}};
  set.add(rule("north", RuleAction::pin, 4, north), "rules.csv:9");
  set.add(rule("south", RuleAction::pin, 4, south), "rules.csv:10");
  CHECK(set.size() == 8);
}

TEST_CASE("More rules than a set holds are refused") {
  RuleSet set;
  for (std::size_t i = 0; i < RuleSet::max_rules; ++i)
    set.add(rule("r" + std::to_string(i), RuleAction::exclude), "rule");
  CHECK_ERROR(set.add(rule("x", RuleAction::exclude), "one"), ErrorCode::out_of_range, "one");
}
