// SPDX-License-Identifier: MIT
// What one lane of a till says and what a till learns. Many threads, swaps and files of the state
// are in till_engine_test.cpp.
#include <bodega/till/till.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <bodega/compress/prune.hpp>
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/pooled_level_trainer.hpp>
#include <bodega/hybrid/blend.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "till/shop_bundle.hpp"

using namespace bodega;
using bodega_test::Approx;
using bodega_test::code;
using bodega_test::first_day;
using bodega_test::number;
using bodega_test::only_catalog;
using bodega_test::receipt_of;
using bodega_test::shop;
using bodega_test::sold;
using bodega_test::TemporaryFile;
using bodega_test::toy_items;
using bodega_test::whole_bundle;

namespace {

const std::array basket = {code(0), code(5), code(0)};
const ItemIndex basket_by_index[] = {ItemIndex(0), ItemIndex(5), ItemIndex(0)};

Query basket_query(std::span<const ItemIndex> items) {
  Query query;
  query.basket = items;
  return query;
}

/// What the models say in memory, without till and file.
template <class Items, class Content>
std::vector<Pick> picks_in_memory(const Items& items, const Content& content, const Query& query,
                                  std::size_t k) {
  const TillWeights weights;
  const auto scorer =
      blend(items, weights.items, content, weights.content, shop().popularity, weights.popularity);
  Workspace workspace(scorer.items());
  const auto picks = select_slate(scorer, query, ItemMask(scorer.items()), k, workspace);
  return {picks.begin(), picks.end()};
}

void check_same(const TillSlate& slate, const std::vector<Pick>& expected) {
  const Catalog& catalog = shop().receipts.catalog();
  REQUIRE(slate.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(slate[i].code == catalog.id(expected[i].item));
    CHECK(slate[i].description == catalog.description(expected[i].item));
    CHECK(slate[i].score == expected[i].score);
    REQUIRE(slate[i].because.size() == expected[i].because.size());
    for (std::size_t r = 0; r < expected[i].because.size(); ++r) {
      const Reason& reason = expected[i].because[r];
      CHECK(slate[i].because[r].kind() == reason.kind);
      CHECK(slate[i].because[r].code() ==
            (reason.item.is_none() ? std::string_view() : catalog.id(reason.item)));
      CHECK(slate[i].because[r].contribution() == reason.contribution);
    }
  }
}

std::array<Day, window_days> days_of(const RecentSales& recent) {
  std::array<Day, window_days> days;
  std::copy(recent.days().begin(), recent.days().end(), days.begin());
  return days;
}

float sold_today(const Till& till, std::string_view item) {
  return till.read([&](const TillModels& models, const TillState& state) {
    return state.demand().sales.sold_today(models.catalog().find(item));
  });
}

float share(const Till& till, std::string_view item) {
  return till.read([&](const TillModels& models, const TillState& state) {
    return state.live()[0].scorer().get_if<Popularity>()->share(models.catalog().find(item));
  });
}

}  // namespace

TEST_CASE("A till searches what is in stock by match and by what the basket likes") {
  Bundle bundle = whole_bundle();
  bundle.add("search", quantize(SearchIndex(shop().receipts.catalog())));
  Till till(Bundle::parse(bundle.serialize()));
  Lane lane = till.lane();
  const TillSlate slate = lane.search("bre", {.basket = basket}, 5);  // the basket's department
  REQUIRE(slate.size() == 5);
  for (const TillPick& pick : slate) {
    CHECK(number(pick.code) % 5 == 0);
    REQUIRE_FALSE(pick.because.empty());
    const auto matches = std::find_if(
        pick.because.begin(), pick.because.end(),
        [](const TillReason& reason) { return reason.kind() == Reason::Kind::matches; });
    REQUIRE(matches != pick.because.end());
    CHECK(matches->text().starts_with("matches: "));
    CHECK(matches->part() == "search");
  }
  const std::string best(slate[0].code);
  till.stock().set(best, 0);
  for (const TillPick& pick : lane.search("bre", {.basket = basket}, 5)) CHECK(pick.code != best);
  CHECK(bodega_test::allocations_in([&] { lane.search("braed", {.basket = basket}, 5); }) == 0);
  CHECK(lane.search("", {}, 5).empty());
  CHECK(lane.search("zzzz", {}, 5).answered_by == "none");
  CHECK(Till(whole_bundle()).lane().search("bre", {}, 5).empty());
  Bundle other = only_catalog();
  Catalog small;
  small.add({.id = "1"});
  other.add("search", SearchIndex(small));
  CHECK_ERROR(Till(other), ErrorCode::shape, "model search");
}

TEST_CASE("A till from a file answers what the models answered in memory") {
  const TemporaryFile file;
  SECTION("float models") {
    whole_bundle().save(file.path);
    Till till = Till::open(file.path);
    Lane lane = till.lane();
    check_same(lane.recommend({.basket = basket}, 10),
               picks_in_memory(shop().items, shop().content, basket_query(basket_by_index), 10));
    check_same(lane.recommend({}, 10), picks_in_memory(shop().items, shop().content, Query{}, 10));
    const RecentSales recent(shop().sales);
    REQUIRE(till.forecast_day() == recent.target());
    std::size_t asked = 0;
    for (std::uint32_t i = 0; i < toy_items; ++i) {
      const SalesWindow window = recent.window(ItemIndex(i), *recent.target());
      if (window.away) continue;  // never sold
      CHECK(till.forecast(code(i)).answered_by == "demand");
      CHECK(till.forecast(code(i)).units == shop().demand.forecast(window));
      ++asked;
    }
    CHECK(asked > 0);
  }
  SECTION("pruned and INT8 models") {
    const auto items = quantize(shop().items);
    const auto content = quantize(shop().content);
    const auto demand = quantize(prune(shop().demand, {.sparsity = 0.5f}));
    Bundle bundle = only_catalog();
    bundle.add("items", items);
    bundle.add("content", content);
    bundle.add("popularity", shop().popularity);
    bundle.add("demand", demand);
    bundle.add("history", shop().sales);
    bundle.save(file.path);
    Till till = Till::open(file.path);
    check_same(till.lane().recommend({.basket = basket}, 10),
               picks_in_memory(items, content, basket_query(basket_by_index), 10));
    const RecentSales recent(shop().sales);
    const SalesWindow window(recent.sales(ItemIndex(7)).first<window_days>(), days_of(recent),
                             *recent.target());
    CHECK(till.forecast(code(7)).answered_by == "demand");
    CHECK(till.forecast(code(7)).units == demand.forecast(window));
  }
}

TEST_CASE("A till recommends from the same department, with reasons, and nothing of the basket") {
  const Till till(whole_bundle());
  Lane lane = till.lane();
  const TillSlate slate = lane.recommend({.basket = basket}, 5);
  REQUIRE(slate.size() == 5);
  CHECK(slate.answered_by == "items");
  for (const TillPick& pick : slate) {
    CHECK(number(pick.code) % 5 == 0);
    CHECK(pick.code != basket[0]);
    CHECK(pick.code != basket[1]);
    CHECK_FALSE(pick.because.empty());
  }
}

TEST_CASE("The viewed item counts like one of the basket and is not recommended") {
  const Till till(whole_bundle());
  Lane lane = till.lane();
  const TillSlate slate = lane.recommend({.viewed = "A103"}, 5);
  REQUIRE(slate.size() == 5);
  CHECK(slate.answered_by == "items");
  for (const TillPick& pick : slate) {
    CHECK(number(pick.code) % 5 == 3);
    CHECK(pick.code != "A103");
  }
}

TEST_CASE("An item never sold is recommended by what it is") {
  const Till till(whole_bundle());
  Lane lane = till.lane();
  CHECK(shop().popularity.share(ItemIndex(toy_items - 1)) == 0);
  bool shown = false;
  for (const TillPick& pick : lane.recommend({.basket = {"A104"}}, 40)) {
    if (pick.code != code(toy_items - 1)) continue;
    shown = true;
    CHECK(pick.because[0].kind() == Reason::Kind::alike);
    CHECK(pick.because[0].part() == "content");
  }
  CHECK(shown);
}

TEST_CASE("Reasons read as text") {
  const Till till(whole_bundle());
  Lane lane = till.lane();
  const TillSlate slate = lane.recommend({.basket = {"A105"}}, 5);
  REQUIRE_FALSE(slate.empty());
  std::vector<std::string> said;
  for (const TillPick& pick : slate)
    for (const TillReason& reason : pick.because)
      if (reason.kind() == Reason::Kind::bought_together) {
        CHECK(reason.code() == "A105");
        said.push_back(reason.text());
      }
  REQUIRE_FALSE(said.empty());
  CHECK(said[0] == "bought with green bread No. 1");
  CHECK(lane.recommend({}, 1)[0].because[0].text() == "popular these days");
  bool alike = false;
  for (const TillPick& pick : lane.recommend({.basket = {"A104"}}, 40))
    for (const TillReason& reason : pick.because) alike |= reason.text().starts_with("alike: ");
  CHECK(alike);
}

TEST_CASE("Bad input of the shop floor has a clear answer") {
  Till till(whole_bundle());
  Lane lane = till.lane();
  SECTION("an unknown item in the basket is ignored") {
    Lane other = till.lane();
    const TillSlate expected = other.recommend({.basket = basket}, 5);
    const TillSlate slate = lane.recommend({.basket = {"A100", "no such", "A105", ""}}, 5);
    REQUIRE(slate.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) CHECK(slate[i].code == expected[i].code);
    CHECK(lane.recommend({.basket = {"no such"}}, 5).answered_by == "popularity");
    CHECK(lane.recommend({.viewed = "no such"}, 5).answered_by == "popularity");
  }
  SECTION("an unknown item has no forecast") {
    for (const char* unknown : {"no such", ""}) {
      CHECK(till.forecast(unknown).units == 0);
      CHECK(till.forecast(unknown).answered_by == "none");
    }
  }
  SECTION("an empty basket gets what is popular") {
    const TillSlate slate = lane.recommend({}, 5);
    CHECK(slate.answered_by == "popularity");
    REQUIRE(slate.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(slate[i].because[0].kind() == Reason::Kind::popular);
      if (i > 0) CHECK(share(till, slate[i - 1].code) >= share(till, slate[i].code));
    }
  }
  SECTION("more picks asked than items: all that there is evidence for") {
    CHECK(lane.recommend({}, 100000).size() == 35);  // the rest were never sold
    CHECK(lane.recommend({.basket = basket}, SIZE_MAX).size() < toy_items);
    CHECK(lane.recommend({}, 0).empty());
    CHECK(Till(whole_bundle(), {.max_picks = 3}).lane().recommend({}, 10).size() == 3);
  }
  SECTION("all items out of stock: an empty slate from nobody") {
    for (std::size_t i = 0; i < toy_items; ++i) till.stock().set(code(i), 0);
    const TillSlate slate = lane.recommend({.basket = basket}, 5);
    CHECK(slate.empty());
    CHECK(slate.answered_by == "none");
    till.stock().set("A115", 1);
    REQUIRE(lane.recommend({.basket = basket}, 5).size() == 1);
    CHECK(lane.recommend({.basket = basket}, 5)[0].code == "A115");
  }
  SECTION("bad stock is refused") {
    CHECK_ERROR(till.stock().set("no such", 1), ErrorCode::unknown_id, "stock");
    CHECK_ERROR(till.stock().set("A100", std::numeric_limits<double>::quiet_NaN()),
                ErrorCode::not_finite, "stock of A100");
    CHECK_ERROR(till.stock().set("A100", -1), ErrorCode::out_of_range, "stock of A100");
    CHECK_ERROR(till.stock().set("A100", 1e10), ErrorCode::out_of_range, "stock of A100");
    CHECK_FALSE(till.stock().units("A100").has_value());
  }
  SECTION("a basket far beyond any shop's") {
    std::vector<std::string> large;
    for (std::size_t n = 0; n < 5000; ++n) large.push_back(code(n % 45));
    const std::vector<Quantity> quantities(large.size(), Quantity::from_whole(2));
    CHECK(lane.recommend({.basket = large, .quantities = quantities}, 5).size() < 5);
  }
}

TEST_CASE("A rule of the caller's own on codes narrows a slate") {
  const Till till(whole_bundle());
  Lane lane = till.lane();
  const auto campaign = [](std::string_view item) { return item == "A110" || item == "A115"; };
  const TillSlate slate = lane.recommend({.basket = basket}, 5, campaign);
  REQUIRE(slate.size() == 2);
  for (const TillPick& pick : slate) CHECK(campaign(pick.code));
}

TEST_CASE("A day on which an item was sold out is unknown, not low") {
  Bundle bundle = only_catalog();
  bundle.add("demand_baseline", WeekdayMean());
  Till till(bundle);
  const std::string scarce = code(0), plenty = code(1), emptied = code(2);
  const auto sell = [&](Day day, const std::string& item, int units) {
    const TillReceiptLine lines[] = {sold(item, units)};
    till.observe(receipt_of(day, lines));
  };
  for (int d = 0; d < 10; ++d) {
    // Two of the scarce item are there in the morning of the last days, where eight were sold
    // before.
    till.stock().set(scarce, d < 8 ? 100 : 2);
    sell(first_day + d, scarce, d < 8 ? 8 : 2);
    sell(first_day + d, plenty, 8);
    till.stock().set(scarce, 50);  // refilled
    sell(first_day + d, emptied, 8);
    if (d == 9) till.stock().set(emptied, 0);  // broken, thrown away
  }
  till.close_day();
  till.read([&](const TillModels&, const TillState& state) {
    const RecentSales& sales = state.demand().sales;
    CHECK(sales.window(ItemIndex(1), first_day + 10).known == (0x3FFu << 4));
    CHECK(sales.window(ItemIndex(2), first_day + 10).known == (0x1FFu << 4));
  });
  CHECK(till.forecast(plenty).units == 8);
}

TEST_CASE("A till remembers more than a fortnight") {
  Bundle bundle = only_catalog();
  const DailySales early = shop().sales.slice(0, 40);
  const DemandFactors<> factors = fit_demand_factors(early);
  PooledLevel levels;
  with_pooled_levels(SalesWindows(early), factors, {}, &levels);
  bundle.add("demand_factors", FactorMean<>(factors));
  bundle.add("demand_memory", IntermittentDemand(early));
  bundle.add("history", early);
  Till without_levels(bundle);
  bundle.add("demand_levels", levels);
  Till till(bundle);
  for (std::size_t c = 40; c < shop().sales.days(); ++c)
    for (std::uint32_t i = 0; i < toy_items; ++i)
      if (const float units = shop().sales.at(ItemIndex(i), c); units > 0) {
        const std::string item = code(i);
        const TillReceiptLine lines[] = {sold(item, static_cast<std::int64_t>(units))};
        till.observe(receipt_of(shop().sales.day(c), lines));
        without_levels.observe(receipt_of(shop().sales.day(c), lines));
      }
  till.close_day();
  without_levels.close_day();

  // The same as one who saw all days at once.
  const IntermittentDemand memory(shop().sales);
  PooledLevel all;
  const SalesWindows windows = with_pooled_levels(SalesWindows(shop().sales), factors, {}, &all);
  const FactorMean<> by_factors(factors);
  for (const ItemIndex item : {ItemIndex(0), ItemIndex(17), ItemIndex(30)}) {
    const Forecast found = till.forecast(code(item));
    CHECK(found.answered_by == "factor_mean");
    CHECK(found.units == Approx(all.level(item) * factors.factor(*till.forecast_day())));
    const float asked[] = {0.1f, 0.5f, 0.9f};
    float quantiles[3];
    CHECK(till.forecast(code(item), asked, quantiles).units == found.units);
    CHECK(quantiles[0] <= quantiles[1]);
    CHECK(quantiles[1] <= quantiles[2]);
  }
  std::size_t seldom = 0;
  for (std::uint32_t i = 0; i < toy_items; ++i) {
    const Forecast found = without_levels.forecast(code(i));
    if (found.answered_by != "intermittent") continue;
    CHECK(found.units == memory.forecast(ItemIndex(i)));
    ++seldom;
  }
  CHECK(seldom > 0);
  float quantiles[1] = {7};
  const float asked[] = {0.5f};
  CHECK(till.forecast("no such", asked, quantiles).answered_by == "none");
  CHECK(quantiles[0] == 0);
}

TEST_CASE("A till knows a promotion of tomorrow") {
  Matrix<float> effects(1, 20);
  effects(0, 19) = std::log(3.0f);
  Bundle bundle = only_catalog();
  bundle.add("demand_factors", FactorMean<>({effects, Matrix<float>(1, 0)}));
  bundle.add("history", shop().sales);
  CHECK_ERROR(Till(bundle), ErrorCode::missing, "model covariates");
  bundle.add("covariates", Covariates({"promotion"}, first_day, 60, toy_items));
  Till till(bundle);
  const std::string item = code(3);
  const float usual = till.forecast(item).units;
  REQUIRE(usual > 0);
  till.set_covariate("promotion", *till.forecast_day(), 1, item);
  CHECK(till.forecast(item).units == Approx(3 * usual));
  CHECK_ERROR(till.set_covariate("weather", *till.forecast_day(), 1), ErrorCode::missing,
              "Covariates");
  float units = 0;
  CHECK(bodega_test::allocations_in([&] { units = till.forecast(item).units; }) == 0);
  CHECK(units == Approx(3 * usual));
}

TEST_CASE("A sold-out pick is gone from the next slate") {
  Till till(whole_bundle());
  Lane lane = till.lane();
  const std::string first(lane.recommend({.basket = basket}, 5)[0].code);
  const std::string second(lane.recommend({.basket = basket}, 5)[1].code);
  till.stock().set(first, 0);
  const TillSlate after = lane.recommend({.basket = basket}, 5);
  REQUIRE(after.size() == 5);
  CHECK(after[0].code == second);
  for (const TillPick& pick : after) CHECK(pick.code != first);
  till.stock().set(first, 3);
  CHECK(lane.recommend({.basket = basket}, 5)[0].code == first);
}

TEST_CASE("What a bundle does not hold, the next rung answers") {
  SECTION("a catalogue alone: no evidence, no days") {
    Till till(only_catalog());
    CHECK(till.lane().recommend({.basket = basket}, 5).answered_by == "none");
    CHECK(till.forecast("A100").answered_by == "none");
    CHECK_FALSE(till.forecast_day().has_value());
  }
  SECTION("popularity alone") {
    Bundle bundle = only_catalog();
    bundle.add("popularity", shop().popularity);
    Till till(bundle);
    Lane lane = till.lane();
    const TillSlate slate = lane.recommend({.basket = basket}, 5);
    CHECK(slate.size() == 5);
    CHECK(slate.answered_by == "popularity");
  }
  SECTION("history and baseline without a network") {
    Bundle bundle = only_catalog();
    bundle.add("history", shop().sales);
    CHECK(Till(bundle).forecast("A100").answered_by == "mean");
    bundle.add("demand_baseline", shop().baseline);
    CHECK(Till(bundle).forecast("A100").answered_by == "weekday_mean");
  }
  SECTION("a network without history, until receipts have come") {
    Bundle bundle = only_catalog();
    bundle.add("demand", shop().demand);
    Till till(bundle);
    CHECK(till.forecast("A100").answered_by == "none");
    const TillReceiptLine lines[] = {sold("A100", 4)};
    for (int d = 0; d < 14; ++d) {
      till.observe(receipt_of(first_day + d, lines));
      CHECK(till.forecast("A100").answered_by == (d == 0 ? "none" : d < 7 ? "last_day" : "demand"));
    }
    till.close_day();
    CHECK(till.forecast("A100").answered_by == "demand");
  }
}

TEST_CASE("A till serves a network of any hidden size, also from a file of earlier") {
  const auto network = [](std::size_t hidden) {
    return Lstm<run_time>({.input = Matrix<float>(WindowInputs{}.count(), 4 * hidden, 0.05f),
                           .recurrent = Matrix<float>(hidden, 4 * hidden, 0.01f),
                           .bias = std::vector<float>(4 * hidden, 0.1f),
                           .output = Matrix<float>(1, hidden, 0.1f)});
  };
  for (const std::size_t hidden : {5, 12, 48}) {
    Bundle bundle = only_catalog();
    bundle.add("history", shop().sales.tail(30));
    bundle.add("demand", quantize(network(hidden)));
    const Till till(bundle);
    const Forecast forecast = till.forecast("A100");
    CHECK(forecast.answered_by == "demand");
    till.read([&](const TillModels&, const TillState& state) {
      const RecentSales& sales = state.demand().sales;
      CHECK(forecast.units ==
            quantize(network(hidden)).forecast(sales.window(ItemIndex(0), *sales.target())));
    });
  }
  const auto path = std::filesystem::path(BODEGA_TESTS) / "forecast/golden/sized_signatures.bodega";
  Till till = Till::open(path.string());
  const std::string item(till.models()->catalog().id(ItemIndex(0)));
  for (int d = 0; d < 14; ++d) {
    const TillReceiptLine lines[] = {sold(item, 1 + d % 3)};
    till.observe(receipt_of(first_day + d, lines));
  }
  till.close_day();
  CHECK(till.forecast(item).answered_by == "demand");
}

TEST_CASE("Weights come from the options, else from the bundle, else by default") {
  const TillWeights popular_only{.items = 0, .content = 0, .popularity = 1};
  const auto answer = [](const Bundle& bundle, const TillOptions& options = {}) {
    return std::string(Till(bundle, options).lane().recommend({.basket = basket}, 5).answered_by);
  };
  Bundle bundle = whole_bundle();
  CHECK(answer(bundle) == "items");
  CHECK(answer(bundle, {.weights = part_weights(popular_only)}) == "popularity");
  bundle.add("weights", popular_only);
  CHECK(answer(bundle) == "popularity");
  CHECK(answer(bundle, {.weights = part_weights(TillWeights{})}) == "items");
}

TEST_CASE("A bundle that is no till's is refused, naming what is wrong") {
  SECTION("no catalogue") {
    Bundle bundle;
    bundle.add("popularity", shop().popularity);
    CHECK_ERROR(Till(bundle), ErrorCode::missing, "model catalog");
  }
  SECTION("models of another catalogue") {
    Catalog small;
    small.add({.id = "only"});
    for (const std::string table : {"items", "content", "popularity", "history"}) {
      Bundle bundle;
      bundle.add("catalog", small);
      if (table == "items") bundle.add(table, shop().items);
      if (table == "content") bundle.add(table, shop().content);
      if (table == "popularity") bundle.add(table, shop().popularity);
      if (table == "history") bundle.add(table, shop().sales);
      CHECK_ERROR(Till(bundle), ErrorCode::shape, "model " + table);
      try {
        Till till(bundle);
      } catch (const Error& error) {
        CHECK(error.expected() == "1 items as in the catalogue");
        CHECK(error.found() == std::to_string(toy_items));
      }
    }
  }
  SECTION("another model under a known name") {
    Bundle bundle = only_catalog();
    bundle.add("demand", shop().popularity);
    CHECK_ERROR(Till(bundle), ErrorCode::format, "model demand");
    Bundle other = only_catalog();
    other.add("items", shop().content);
    CHECK_ERROR(Till(other), ErrorCode::format, "model items");
  }
  SECTION("a file that is not there, named") {
    CHECK_ERROR(Till::open("/no/such/store.bodega"), ErrorCode::io, "/no/such/store.bodega");
  }
  SECTION("a size that differs names the file") {
    const TemporaryFile file;
    Catalog small;
    small.add({.id = "only"});
    Bundle bundle;
    bundle.add("catalog", small);
    bundle.add("items", shop().items);
    bundle.save(file.path);
    CHECK_ERROR(Till::open(file.path), ErrorCode::shape, file.path);
  }
  SECTION("an option that cannot be") {
    CHECK_ERROR(Till(only_catalog(), {.day_starts_at = -1}), ErrorCode::invalid_argument,
                "day_starts_at");
  }
}

TEST_CASE("A receipt lowers stock, counts for its day and moves popularity") {
  Till till(whole_bundle());
  Lane lane = till.lane();
  const std::string item = code(12);
  const Day today = *till.forecast_day();
  till.stock().set(item, 5);
  const TillReceiptLine lines[] = {sold(item, 2), sold("A101", 1), sold(item, 3)};
  till.observe(receipt_of(today, lines));
  CHECK(till.stock().units(item) == 0.0);
  CHECK_FALSE(till.stock().available(item));
  CHECK(sold_today(till, item) == 5);
  CHECK(sold_today(till, "A101") == 1);
  CHECK(till.forecast_day() == today);
  for (const TillPick& pick : lane.recommend({}, 40)) CHECK(pick.code != item);

  const TillReceiptLine returned[] = {sold(item, -2)};
  till.observe(receipt_of(today, returned));
  CHECK(till.stock().units(item) == 2.0);
  CHECK(sold_today(till, item) == 3);

  for (int n = 0; n < 500; ++n) till.observe(receipt_of(today, {lines + 1, 1}));
  CHECK(lane.recommend({}, 1)[0].code == "A101");
}

TEST_CASE("A line that is taken back on the same receipt counts for nothing") {
  Till till(whole_bundle());
  till.stock().set("A102", 0);
  const float before = share(till, "A102");
  const TillReceiptLine lines[] = {sold("A102", 3), sold("A102", -3)};
  till.observe(receipt_of(*till.forecast_day(), lines));
  CHECK(till.stock().units("A102") == 0.0);
  CHECK(share(till, "A102") == before);
  CHECK(sold_today(till, "A102") == 0);
}

TEST_CASE("Popularity moves by what it counts, lines and units that are taken back left out") {
  for (const SalesCount count : {SalesCount::receipts, SalesCount::lines, SalesCount::units}) {
    Bundle bundle = only_catalog();
    bundle.add("popularity", Popularity(shop().receipts.catalog().size(), {.count = count}));
    Till till(bundle);
    const TillReceiptLine lines[] = {sold("A101", 5),  sold("A102", 1), sold("A101", 1),
                                     sold("A102", -1), sold("A103", 1), sold("A101", -2)};
    till.observe(receipt_of(Day(20'000), lines));
    const float expected = count == SalesCount::units ? 4 / 5.0f : 1 / 2.0f;  // 4 are left of 1
    CHECK(share(till, "A101") == Approx(expected));
    CHECK(share(till, "A102") == 0);
    CHECK(share(till, "A103") == Approx(1 - expected));
  }
}

TEST_CASE("The window rolls with the receipts, as if the bundle had been made later") {
  const std::size_t cut = shop().sales.days() - 10;
  Bundle early = only_catalog();
  early.add("demand", shop().demand);
  early.add("history", shop().sales.slice(0, cut));
  Till till(early);
  const Day from = shop().sales.day(cut);
  CHECK(till.forecast_day() == from);
  for (std::size_t i = 0; i < shop().receipts.size(); ++i) {
    const Receipt receipt = shop().receipts[i];
    if (receipt.when.day() < from) continue;
    std::vector<std::string> codes;
    for (const ReceiptLine& line : receipt.lines) codes.push_back(code(line.item));
    std::vector<TillReceiptLine> lines;
    for (std::size_t n = 0; n < codes.size(); ++n)
      lines.push_back({codes[n], receipt.lines[n].quantity, receipt.lines[n].price});
    till.observe({.when = receipt.when, .lines = lines});
  }
  CHECK(till.forecast_day() == shop().sales.last_day());  // still being sold
  till.close_day();

  Bundle late = only_catalog();
  late.add("demand", shop().demand);
  late.add("history", shop().sales);
  const Till fresh(late);
  CHECK(till.forecast_day() == fresh.forecast_day());
  for (std::size_t i = 0; i < toy_items; ++i)
    CHECK(till.forecast(code(i)).units == fresh.forecast(code(i)).units);
}

TEST_CASE("A bad receipt changes nothing") {
  Till till(whole_bundle(), {.unknown_items = UnknownItems::refuse});
  const Day today = *till.forecast_day();
  till.stock().set("A103", 10);
  const auto unchanged = [&] {
    return till.stock().units("A103") == 10.0 && till.report().state.receipts == 0;
  };
  const TillReceiptLine unknown[] = {sold("A103", 1), sold("no such", 1)};
  CHECK_ERROR(till.observe(receipt_of(today, unknown)), ErrorCode::unknown_id, "receipt, line 2");
  CHECK(unchanged());
  const TillReceiptLine nobody[] = {sold("", 1)};
  CHECK_ERROR(till.observe(receipt_of(today, nobody)), ErrorCode::unknown_id, "receipt, line 1");
  for (const std::int64_t raw : {INT64_MAX, INT64_MIN}) {
    const TillReceiptLine huge[] = {sold("A103", 1), {"A103", Quantity::from_raw(raw), Money()}};
    CHECK_ERROR(till.observe(receipt_of(today, huge)), ErrorCode::out_of_range, "line 2");
    CHECK(unchanged());
  }
  const TillReceiptLine good[] = {sold("A103", 1)};
  till.observe(receipt_of(today, good));
  CHECK(till.stock().units("A103") == 9.0);
}

TEST_CASE("Asking a lane and forecasting allocate nothing") {
  Till till(whole_bundle());
  Lane lane = till.lane();
  const Day today = *till.forecast_day();
  const TillReceiptLine lines[] = {sold("A101", 1), sold("A102", 2)};
  std::vector<std::string> large;
  for (std::size_t n = 0; n < 1000; ++n) large.push_back(code(n % 45));
  float sum = 0;
  std::vector<std::string> codes;
  for (std::size_t i = 0; i < toy_items; ++i) codes.push_back(code(i));
  for (int day = 0; day < 40; ++day) {
    CHECK(bodega_test::allocations_in([&] {
            sum +=
                static_cast<float>(lane.recommend({.basket = large, .viewed = "A103"}, 10).size());
            sum += static_cast<float>(lane.recommend({.basket = basket}, 1000).size());
            sum += lane.recommend({}, 10)[0].score;
            for (const std::string& item : codes) sum += till.forecast(item).units;
            sum += static_cast<float>(till.stock().available("A104"));
          }) == 0);
    till.stock().set("A104", day);
    till.observe(receipt_of(today + day, lines));
  }
  CHECK(sum > 0);
  CHECK(bodega_test::allocations_in([&] { large.reserve(large.capacity() + 1); }) == 1);
  STATIC_REQUIRE(noexcept(lane.recommend(TillQuery{}, 1)));
  STATIC_REQUIRE(noexcept(lane.search("", TillQuery{}, 1)));
  STATIC_REQUIRE(noexcept(till.forecast("A100")));
}

TEST_CASE("A till may be moved and copied, and its lanes go on") {
  Till first(whole_bundle());
  Lane lane = first.lane();
  first.stock().set("A110", 0);
  const Till copy = first;
  Till till = std::move(first);
  CHECK_FALSE(till.stock().available("A110"));
  CHECK_FALSE(copy.stock().available("A110"));  // the same till
  till.stock().forget("A110");
  Lane moved = std::move(lane);
  check_same(moved.recommend({.basket = basket}, 3),
             picks_in_memory(shop().items, shop().content, basket_query(basket_by_index), 3));
}

TEST_CASE("hostile files: a till that opens while memory ends says so and lives") {
  Bundle bundle = whole_bundle();
  bundle.add("search", quantize(SearchIndex(shop().receipts.catalog())));
  bundle.add("demand_memory", IntermittentDemand(shop().sales));
  bundle.add("demand_levels", PooledLevel(shop().receipts.catalog().size()));
  const std::vector<std::byte> file = bundle.serialize();
  std::size_t failed = 0;
  for (std::size_t n = 0;; ++n) {
    bool ended = false;
    bodega_test::fail_allocation(bodega_test::allocations_so_far() + n);
    try {
      const Till till(Bundle::parse(file));
      Lane lane = till.lane();
    } catch (const std::bad_alloc&) {
      ended = true;
    }
    bodega_test::fail_allocation(static_cast<std::size_t>(-1));
    if (!ended) break;
    ++failed;
  }
  CHECK(failed > 300);
}
