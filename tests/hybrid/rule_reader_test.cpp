// SPDX-License-Identifier: MIT
#include <sstream>
#include <string>

#include <bodega/hybrid/rule_reader.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {
RuleSet read(const std::string& lines) {
  std::istringstream in("name,rule,items,value,when\n" + lines);
  return read_rules(in, "rules.csv");
}
}  // namespace

TEST_CASE("Rules are read from CSV, in their order") {
  const RuleSet rules = read(
      "no alcohol under 18,require_age,category=wine|beer,18,\n"
      "\"summer, with ice\",boost,category=ice cream,1.5,from=2026-06-01; until=2026-08-31\n");
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].action == RuleAction::require_age);
  CHECK(rules[1].name == "summer, with ice");
  CHECK(read("").empty());
}

TEST_CASE("An unreadable or contradictory rule is refused with its line") {
  CHECK_ERROR(read("a,exclude,,,\nb,exclude,,,hours=late\n"), ErrorCode::format,
              "rules.csv:3, column when");
  CHECK_ERROR(read("a,pin,item=1,1,\nb,pin,item=2,1,\n"), ErrorCode::invalid_argument,
              "rules.csv:3");
  CHECK_ERROR(read("a,exclude,\n"), ErrorCode::format, "rules.csv:2");
  std::istringstream in("name,rule\n");
  CHECK_ERROR(read_rules(in, "rules.csv"), ErrorCode::missing, "rules.csv, header");
  CHECK_ERROR(read_rules("/no/such/rules.csv"), ErrorCode::io, "/no/such/rules.csv");
}
