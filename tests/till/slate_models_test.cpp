// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <bodega/hybrid/rule_reader.hpp>
#include <bodega/till/slate_models.hpp>
#include <bodega/till/till.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "till/shop_bundle.hpp"

using namespace bodega;
using bodega_test::whole_bundle;

namespace {

std::vector<std::string> codes(const TillSlate& slate) {
  std::vector<std::string> all;
  for (const TillPick& pick : slate) all.emplace_back(pick.code);
  return all;
}
bool has(const TillSlate& slate, std::string_view code) {
  const auto all = codes(slate);
  return std::find(all.begin(), all.end(), code) != all.end();
}

RuleSet rules(const std::string& lines) {
  std::istringstream in("name,rule,items,value,when\n" + lines);
  return read_rules(in, "rules.csv");
}

/// A bundle with these rules, where each item stands in for the one before it.
Bundle with_steps(const std::string& lines) {
  Bundle bundle = whole_bundle();
  const std::size_t items = bundle.get<Catalog>("catalog").size();
  bundle.add("slate_rules", rules(lines));
  CsrMatrix<float> next(items);
  for (std::uint32_t i = 0; i < items; ++i) {
    const std::uint32_t after = (i + 1) % static_cast<std::uint32_t>(items);
    const float weight = 1;
    next.add_row(std::span(&after, 1), std::span(&weight, 1));
  }
  bundle.add("stand_ins", Substitutes<>(std::move(next)));
  bundle.add("confidence", Confidence(ConfidenceEvent::bought, {0, 1, 0, 0, 0, 0},
                                      {{}, {1000}, {400}}, {{}, {100}, {90}}));
  return bundle;
}

}  // namespace

TEST_CASE("A till keeps the rules of its bundle, says which did something, and follows a swap") {
  Till till(whole_bundle());
  Lane lane = till.lane();
  const std::string best(lane.recommend({}, 3)[0].code);
  CHECK(std::isnan(lane.recommend({}, 3)[0].probability));

  till.replace(with_steps("adults,require_age,item=" + best + ",18,\n"));
  TillSlate slate = lane.recommend({}, 3);
  REQUIRE(slate.size() == 3);
  CHECK_FALSE(has(slate, best));
  std::string fired;
  slate.rules.for_each([&](std::string_view name) { fired += name; });
  CHECK(fired == "adults");
  CHECK_FALSE(
      has(lane.search(std::string(lane.recommend({.verified_age = 18}, 1)[0].description), {}, 10),
          best));
  slate = lane.recommend({.verified_age = 18}, 3);
  CHECK(slate[0].code == best);
  CHECK(slate.rules.count() == 0);
  CHECK(slate[0].probability == 0.4f);
  CHECK(slate[0].probability_lower > 0.36f);
  CHECK(slate.any.probability == 0.9f);

  till.replace(whole_bundle());
  CHECK(lane.recommend({}, 3)[0].code == best);
}

TEST_CASE("What is sold out is replaced at the till, what the caller keeps away is not") {
  Till till(with_steps("none,boost,*,1.5,days=mon\n"));
  Lane lane = till.lane();
  const std::string best(lane.recommend({}, 3)[0].code);
  const Catalog catalog = whole_bundle().get<Catalog>("catalog");
  const std::string other(catalog.id(
      ItemIndex((catalog.at(best).value() + 1) % static_cast<std::uint32_t>(catalog.size()))));
  till.stock().set(best, 0);
  TillSlate slate = lane.recommend({}, 3);
  CHECK(slate[0].code == other);
  CHECK(slate[0].instead_of == best);
  till.stock().set(best, 5);
  const auto not_best = [&](std::string_view code) { return code != best; };
  slate = lane.recommend({}, 3, not_best);
  CHECK_FALSE(has(slate, best));
  for (const TillPick& pick : slate) CHECK(pick.instead_of.empty());
  CHECK(bodega_test::allocations_in([&] { CHECK(lane.recommend({}, 3).size() == 3); }) == 0);
}

TEST_CASE("Rules hold for an item that is added and one that was bought lately") {
  Till till(with_steps("again,not_again,*,7,\n"));
  Lane lane = till.lane();
  const std::string best(lane.recommend({}, 3)[0].code);
  const TillPurchase bought[] = {{best, *Day::parse("2011-10-01")}};
  const Moment soon(*Day::parse("2011-10-05")), later(*Day::parse("2011-10-09"));
  CHECK_FALSE(has(lane.recommend({.now = soon, .purchases = bought}, 3), best));
  CHECK(has(lane.recommend({.now = later, .purchases = bought}, 3), best));
  till.add({.id = "NEW", .description = "a thing of today"});
  CHECK_FALSE(has(lane.recommend({.now = soon, .purchases = bought}, 3), best));
}

TEST_CASE(
    "Rules about what the shop does not have are refused, and a swap to them changes nothing") {
  CHECK_ERROR(Till(with_steps("x,exclude,item=no such,,\n")), ErrorCode::unknown_id, "rule 'x'");
  Till till(whole_bundle());
  Lane lane = till.lane();
  const auto before = codes(lane.recommend({}, 5));
  CHECK_ERROR(till.replace(with_steps("x,exclude,item=no such,,\n")), ErrorCode::unknown_id,
              "rule 'x'");
  CHECK(codes(lane.recommend({}, 5)) == before);
  CHECK_ERROR(Till(with_steps("x,exclude,*,,store=north\n")), ErrorCode::unknown_id, "store");
  TillOptions options;
  options.stores = {"north"};
  CHECK_NOTHROW(Till(with_steps("x,exclude,*,,store=north\n"), options));
}
