// SPDX-License-Identifier: MIT
#include <array>
#include <random>
#include <string>
#include <string_view>

#include <bodega/hybrid/rule_text.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {
SlateRule parsed(std::string_view action, std::string_view items, std::string_view value,
                 std::string_view when) {
  return parse_rule(std::array<std::string_view, 5>{"r", action, items, value, when},
                    "rules.csv:2");
}
}  // namespace

TEST_CASE("A rule is read from its five texts") {
  const SlateRule rule =
      parsed(" boost ", "category=wine|beer ; brand = Acme", "1.25",
             "from=2026-03-01; until=2026-03-31; days=fri-mon|wed; "
             "hours=22-4; store=north|south; channel=kiosk; rush=busy; tag=vegan");
  CHECK(rule.action == RuleAction::boost);
  CHECK(rule.value == 1.25);
  REQUIRE(rule.items.wanted.size() == 2);
  CHECK(rule.items.wanted[0].name == "category");
  CHECK(rule.items.wanted[0].values == std::vector<std::string>{"wine", "beer"});
  CHECK(rule.items.wanted[1].values == std::vector<std::string>{"Acme"});
  CHECK(rule.when.from == Day::from_civil(2026, 3, 1));
  CHECK(rule.when.until == Day::from_civil(2026, 3, 31));
  CHECK(rule.when.weekdays == 0b1110101);  // Mon, Wed, Fri, Sat, Sun
  CHECK((rule.when.hour_from == 22 && rule.when.hour_until == 4));
  CHECK(rule.when.stores == std::vector<std::string>{"north", "south"});
  CHECK(rule.when.channel == Channel::kiosk);
  CHECK(rule.when.rush == Rush::busy);
  CHECK(rule.when.tags == std::vector<std::string>{"vegan"});

  CHECK(parsed("cap", "each=brand", "1", "").items.each == "brand");
  CHECK(parsed("exclude", "*", "", " ").items.wanted.empty());
  // Blanks of every kind are trimmed, as in the shop's other files.
  CHECK(parsed("exclude", "item=\u00a0i1\u00a0", "", "").items.wanted[0].values[0] == "i1");
}

TEST_CASE("A rule written as text is read back the same") {
  std::mt19937_64 random(3);
  for (int trial = 0; trial < 300; ++trial) {
    const auto draw = [&](std::uint64_t n) { return random() % n; };
    SlateRule rule{.name = "r"};
    rule.action = static_cast<RuleAction>(draw(9));
    rule.value = (static_cast<double>(draw(2'000'001)) - 1e6) / 10000;
    for (std::uint64_t f = 0; f < draw(3); ++f)
      rule.items.wanted.push_back({"field" + std::to_string(f), {"a", "b c"}});
    if (draw(2) == 0) rule.items.each = "brand";
    if (draw(2) == 0) rule.when.from = Day(static_cast<std::int64_t>(draw(40000)));
    if (draw(2) == 0) rule.when.until = Day(static_cast<std::int64_t>(draw(40000)));
    rule.when.weekdays = static_cast<std::uint8_t>(1 + draw(127));
    rule.when.hour_from = static_cast<std::int8_t>(draw(24));
    rule.when.hour_until = static_cast<std::int8_t>(draw(25));
    if (draw(2) == 0) rule.when.stores = {"north", "south"};
    rule.when.channel = static_cast<Channel>(draw(3));
    rule.when.rush = static_cast<Rush>(draw(3));
    if (draw(2) == 0) rule.when.tags = {"vegan"};
    CHECK(parse_rule(rule_texts(rule), "text") == rule);
  }
}

TEST_CASE("What is no rule is refused with its line and column") {
  const auto refuses = [](ErrorCode code, std::string_view where, auto&&... texts) {
    CHECK_ERROR(parsed(texts...), code, where);
  };
  refuses(ErrorCode::format, "rules.csv:2, column rule", "show", "", "", "");
  refuses(ErrorCode::format, "rules.csv:2, column items", "exclude", "wine", "", "");
  refuses(ErrorCode::format, "rules.csv:2, column items", "exclude", "category=", "", "");
  refuses(ErrorCode::format, "rules.csv:2, column items", "exclude", "category=a||b", "", "");
  refuses(ErrorCode::duplicate, "rules.csv:2, column items", "exclude", "a=1;a=2", "", "");
  refuses(ErrorCode::format, "rules.csv:2, column value", "boost", "", "much", "");
  refuses(ErrorCode::format, "rules.csv:2, column value", "boost", "", "1.23456", "");
  for (const char* when :
       {"at=5", "from=tomorrow", "from=2026-02-30", "days=monday", "hours=8", "hours=8-25",
        "hours=-", "channel=web", "channel=unknown", "rush=2", "from=2026-01-01|2026-01-02"})
    CHECK_THROWS_AS(parsed("exclude", "", "", when), Error);
}
