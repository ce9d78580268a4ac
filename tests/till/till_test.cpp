// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <sstream>
#include <thread>

#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/data/read_receipts.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/pooled_level_trainer.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/till/till.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;
using bodega_test::toy_items;

namespace {

const Day first_day = *Day::parse("2011-08-01");  // a Monday

/// 60 days, closed on Sundays, ten receipts a day, as a file.
Receipts toy_receipts() {
  const CounterRandom random(99);
  const Catalog catalog = bodega_test::toy_catalog();
  std::ostringstream csv;
  csv << "receipt,item,quantity,time\n";
  std::uint32_t receipt = 0;
  for (int d = 0; d < 60; ++d) {
    const Day day = first_day + d;
    if (day.weekday() == 6) continue;
    for (int n = 0; n < 10; ++n, ++receipt) {
      const std::uint32_t department = random.below(5, receipt, 0);
      for (std::uint32_t line = 0; line < 2 + random.below(3, receipt, 1); ++line) {
        const ItemIndex item(5 * random.below(7, receipt, 10 + line) + department);
        csv << receipt << ',' << catalog.id(item) << ',' << 1 + random.below(3, receipt, 20 + line)
            << ',' << day.to_string() << " 10:00\n";
      }
    }
  }
  std::istringstream in(csv.str());
  return read_receipts(in, "toy.csv", {}, catalog);
}

/// Weights that no training made: a till serves what it is given (example_shop_test.cpp trains).
Lstm<8> some_network() {
  const auto small = [](std::size_t rows, std::size_t columns, std::uint64_t seed) {
    const CounterRandom random(seed);
    Matrix<float> weights(rows, columns);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) weights(i, j) = 0.2f * random.normal(i, j);
    return weights;
  };
  return Lstm<8>({.input = small(WindowInputs{}.count(), 32, 1),
                  .recurrent = small(8, 32, 2),
                  .bias = std::vector<float>(32, 0.1f),
                  .output = small(1, 8, 3)});
}

struct Shop {
  Receipts receipts = toy_receipts();
  Baskets baskets = receipts.baskets();
  DailySales sales = receipts.daily_sales();
  ItemItem<CsrMatrix<float>> items = fit_item_neighbours(Cooccurrence(baskets));
  ContentModel<CsrMatrix<float>> content = fit_content_model(receipts.catalog());
  Popularity popularity{baskets};
  Lstm<8> demand = some_network();
  WeekdayMean baseline = fit_weekday_mean(SalesWindows(sales));
};

const Shop& shop() {
  static const Shop once;
  return once;
}

Bundle whole_bundle() {
  Bundle bundle;
  bundle.add("catalog", shop().receipts.catalog());
  bundle.add("items", shop().items);
  bundle.add("content", shop().content);
  bundle.add("popularity", shop().popularity);
  bundle.add("demand", shop().demand);
  bundle.add("demand_baseline", shop().baseline);
  bundle.add("history", shop().sales.tail(30));
  return bundle;
}

Bundle only_catalog() {
  Bundle bundle;
  bundle.add("catalog", shop().receipts.catalog());
  return bundle;
}

Query basket_query(std::span<const ItemIndex> basket) {
  Query query;
  query.basket = basket;
  return query;
}

const ItemIndex basket[] = {ItemIndex(0), ItemIndex(5), ItemIndex(0)};

Receipt receipt_of(Day day, std::span<const ReceiptLine> lines) {
  return {.when = Moment(day, 12 * 3600), .lines = lines};
}

ReceiptLine sold(ItemIndex item, std::int64_t units) {
  return {item, Quantity::from_whole(units), Money()};
}

/// A file that is gone at the end of the test.
struct TemporaryFile {
  std::string path = (std::filesystem::temp_directory_path() /
                      ("bodega-till-test-" + std::to_string(std::rand()) + ".bodega"))
                         .string();
  ~TemporaryFile() { std::remove(path.c_str()); }
};

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

void check_same(const Slate& slate, const std::vector<Pick>& expected) {
  REQUIRE(slate.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(slate[i].item == expected[i].item);
    CHECK(slate[i].score == expected[i].score);
    REQUIRE(slate[i].because.size() == expected[i].because.size());
    for (std::size_t r = 0; r < expected[i].because.size(); ++r) {
      CHECK(slate[i].because[r].kind == expected[i].because[r].kind);
      CHECK(slate[i].because[r].item == expected[i].because[r].item);
      CHECK(slate[i].because[r].contribution == expected[i].because[r].contribution);
    }
  }
}

}  // namespace

TEST_CASE("a till searches what is in stock by match and by what the basket likes") {
  Bundle bundle = whole_bundle();
  bundle.add("search", quantize(SearchIndex(shop().receipts.catalog())));
  Till till(Bundle::parse(bundle.serialize()));
  const Slate slate =
      till.search("bre", basket_query(basket), 5);  // bread, the basket's department
  REQUIRE(slate.size() == 5);
  CHECK(slate.answered_by == SlateRung::blend);
  for (const Pick& pick : slate) {
    CHECK(pick.item.value() % 5 == 0);
    CHECK_FALSE(pick.because.empty());
  }
  CHECK(till.describe(Reason{Reason::Kind::matches, ItemIndex::none(), slate[0].because[0].term, 1})
            .starts_with("matches"));
  const ItemIndex best = slate[0].item;
  till.stock().set(best, 0);
  for (const Pick& pick : till.search("bre", basket_query(basket), 5)) CHECK(pick.item != best);
  CHECK(bodega_test::allocations_in([&] { till.search("braed", basket_query(basket), 5); }) == 0);
  CHECK(till.search("", {}, 5).empty());
  CHECK(till.search("zzzz", {}, 5).answered_by == SlateRung::none);
  Till without(whole_bundle());
  CHECK(without.search("bre", {}, 5).empty());
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
    for (const Query& query : {basket_query(basket), Query{}})
      check_same(till.recommend(query, 10),
                 picks_in_memory(shop().items, shop().content, query, 10));
    const RecentSales recent(shop().sales);
    REQUIRE(till.forecast_day() == recent.target());
    std::size_t asked = 0;
    for (std::uint32_t i = 0; i < toy_items; ++i) {
      const SalesWindow window = recent.window(ItemIndex(i), *recent.target());
      if (window.away) continue;  // never sold
      CHECK(till.forecast(ItemIndex(i)).answered_by == "demand");
      CHECK(till.forecast(ItemIndex(i)).units == shop().demand.forecast(window));
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
    check_same(till.recommend(basket_query(basket), 10),
               picks_in_memory(items, content, basket_query(basket), 10));
    const RecentSales recent(shop().sales);
    std::array<Day, window_days> days;
    std::copy(recent.days().begin(), recent.days().end(), days.begin());
    const ItemIndex item(7);
    const SalesWindow window(recent.sales(item).first<window_days>(), days, *recent.target());
    CHECK(till.forecast(item).answered_by == "demand");
    CHECK(till.forecast(item).units == demand.forecast(window));
  }
}

TEST_CASE(
    "A till recommends from the same department, with reasons, and not what is in the basket") {
  Till till(whole_bundle());
  const Slate slate = till.recommend(basket_query(basket), 5);
  REQUIRE(slate.size() == 5);
  CHECK(slate.answered_by == SlateRung::blend);
  for (const Pick& pick : slate) {
    CHECK(pick.item.value() % 5 == 0);
    CHECK(pick.item != basket[0]);
    CHECK(pick.item != basket[1]);
    CHECK_FALSE(pick.because.empty());
  }
}

TEST_CASE("The viewed item counts like one of the basket and is not recommended") {
  Till till(whole_bundle());
  Query query;
  query.viewed = ItemIndex(3);
  const Slate slate = till.recommend(query, 5);
  REQUIRE(slate.size() == 5);
  CHECK(slate.answered_by == SlateRung::blend);
  for (const Pick& pick : slate) {
    CHECK(pick.item.value() % 5 == 3);
    CHECK(pick.item != query.viewed);
  }
}

TEST_CASE("An item never sold is recommended by what it is") {
  Till till(whole_bundle());
  const ItemIndex new_item(toy_items - 1);
  const ItemIndex alike[] = {ItemIndex(4)};
  CHECK(shop().popularity.share(new_item) == 0);
  bool shown = false;
  for (const Pick& pick : till.recommend(basket_query(alike), 40)) {
    if (pick.item != new_item) continue;
    shown = true;
    CHECK(pick.because[0].kind == Reason::Kind::alike);
  }
  CHECK(shown);
}

TEST_CASE("Reasons read as text") {
  Till till(whole_bundle());
  const Slate slate = till.recommend(basket_query(basket), 1);
  REQUIRE(slate.size() == 1);
  std::vector<std::string> said;
  for (const Reason& reason : slate[0].because) said.push_back(till.describe(reason));
  REQUIRE_FALSE(said.empty());
  CHECK(till.describe({Reason::Kind::bought_together, ItemIndex(5), Reason::no_term, 1}) ==
        "bought with green bread No. 1");  // articles 0, 5, 10, ... are one department's
  CHECK(till.describe({Reason::Kind::popular, ItemIndex::none(), Reason::no_term, 1}) ==
        "popular these days");
  Reasons alike;
  shop().content.explain(basket_query(basket), 1, ItemIndex(10), alike);
  REQUIRE_FALSE(alike.empty());
  CHECK(till.describe(alike[0]) == "alike: " + std::string(shop().content.term(alike[0].term)));
}

TEST_CASE("Bad input of the shop floor has a clear answer") {
  Till till(whole_bundle());
  SECTION("an unknown item in the basket is ignored") {
    const ItemIndex with_unknown[] = {ItemIndex(0), ItemIndex(9999), ItemIndex(5),
                                      ItemIndex::none()};
    Workspace workspace(toy_items);
    const Slate expected = till.recommend(basket_query(basket), 5, workspace);
    const Slate slate = till.recommend(basket_query(with_unknown), 5);
    REQUIRE(slate.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) CHECK(slate[i].item == expected[i].item);
    const ItemIndex only_unknown[] = {ItemIndex(9999)};
    CHECK(till.recommend(basket_query(only_unknown), 5).answered_by == SlateRung::popularity);
    Query viewed;
    viewed.viewed = ItemIndex(9999);
    CHECK(till.recommend(viewed, 5).answered_by == SlateRung::popularity);
  }
  SECTION("an unknown item has no forecast") {
    for (const ItemIndex item : {ItemIndex(9999), ItemIndex::none()}) {
      CHECK(till.forecast(item).units == 0);
      CHECK(till.forecast(item).answered_by == rung::none);
    }
  }
  SECTION("an unknown id is refused by the catalogue") {
    CHECK_ERROR(till.catalog().at("no such article"), ErrorCode::unknown_id, "Catalog");
    CHECK(till.catalog().find("no such article").is_none());
  }
  SECTION("an empty basket gets what is popular") {
    const Slate slate = till.recommend({}, 5);
    CHECK(slate.answered_by == SlateRung::popularity);
    REQUIRE(slate.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(slate[i].because[0].kind == Reason::Kind::popular);
      if (i > 0)
        CHECK(shop().popularity.share(slate[i - 1].item) >= shop().popularity.share(slate[i].item));
    }
  }
  SECTION("more picks asked than items: all that there is evidence for") {
    CHECK(till.recommend({}, 100000).size() == 35);  // the rest were never sold
    CHECK(till.recommend(basket_query(basket), SIZE_MAX).size() < toy_items);
    CHECK(till.recommend({}, 0).empty());
    CHECK(Till(whole_bundle(), {.max_picks = 3}).recommend({}, 10).size() == 3);
  }
  SECTION("all items out of stock: an empty slate from nobody") {
    for (std::uint32_t i = 0; i < toy_items; ++i) till.stock().set(ItemIndex(i), 0);
    const Slate slate = till.recommend(basket_query(basket), 5);
    CHECK(slate.empty());
    CHECK(slate.answered_by == SlateRung::none);
    till.stock().set(ItemIndex(15), 1);
    REQUIRE(till.recommend(basket_query(basket), 5).size() == 1);
    CHECK(till.recommend(basket_query(basket), 5)[0].item == ItemIndex(15));
  }
  SECTION("bad stock is refused") {
    CHECK_ERROR(till.stock().set(ItemIndex(toy_items), 1), ErrorCode::unknown_id, "stock");
    CHECK_ERROR(till.stock().set(ItemIndex(0), std::numeric_limits<double>::quiet_NaN()),
                ErrorCode::not_finite, "stock");
  }
}

TEST_CASE("A day on which an item was sold out is unknown, not low") {
  Bundle bundle = only_catalog();
  bundle.add("demand_baseline", WeekdayMean());
  Till till(bundle);
  const ItemIndex scarce(0), plenty(1), emptied(2);
  const auto sell = [&](Day day, ItemIndex item, int units) {
    const ReceiptLine lines[] = {sold(item, units)};
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
  const SalesWindow window = till.sales().window(scarce, first_day + 10);
  CHECK(window.known == (0xFFu << 4));  // 8 of the 10 latest days
  CHECK(till.forecast(scarce).units == 8);
  CHECK(till.forecast(plenty).units == 8);
  CHECK(till.sales().window(emptied, first_day + 10).known == (0x1FFu << 4));
  CHECK(till.sales().window(plenty, first_day + 10).known == (0x3FFu << 4));
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
        const ReceiptLine lines[] = {sold(ItemIndex(i), static_cast<std::int64_t>(units))};
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
    const Forecast found = till.forecast(item);
    CHECK(found.answered_by == rung::factor_mean);
    CHECK(found.units == Approx(all.level(item) * factors.factor(*till.forecast_day())));
    const float asked[] = {0.1f, 0.5f, 0.9f};
    float quantiles[3];
    CHECK(till.forecast(item, asked, quantiles).units == found.units);
    CHECK(quantiles[0] <= quantiles[1]);
    CHECK(quantiles[1] <= quantiles[2]);
  }
  std::size_t seldom = 0;
  for (std::uint32_t i = 0; i < toy_items; ++i) {
    const Forecast found = without_levels.forecast(ItemIndex(i));
    if (found.answered_by != rung::intermittent) continue;
    CHECK(found.units == memory.forecast(ItemIndex(i)));
    ++seldom;
  }
  CHECK(seldom > 0);
  float quantiles[1] = {7};
  const float asked[] = {0.5f};
  CHECK(till.forecast(ItemIndex(9999), asked, quantiles).answered_by == rung::none);
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
  const ItemIndex item(3);
  const float usual = till.forecast(item).units;
  REQUIRE(usual > 0);
  till.covariates().set("promotion", item, *till.forecast_day(), 1);
  CHECK(till.forecast(item).units == Approx(3 * usual));
  CHECK_ERROR(till.covariates().set("weather", *till.forecast_day(), 1), ErrorCode::missing,
              "Covariates");
  float units = 0;
  CHECK(bodega_test::allocations_in([&] { units = till.forecast(item).units; }) == 0);
  CHECK(units == Approx(3 * usual));
}

TEST_CASE("A sold-out pick is gone from the next slate") {
  Till till(whole_bundle());
  const ItemIndex first = till.recommend(basket_query(basket), 5)[0].item;
  const ItemIndex second = till.recommend(basket_query(basket), 5)[1].item;
  till.stock().set(first, 0);
  const Slate after = till.recommend(basket_query(basket), 5);
  REQUIRE(after.size() == 5);
  CHECK(after[0].item == second);
  for (const Pick& pick : after) CHECK(pick.item != first);
  till.stock().set(first, 3);
  CHECK(till.recommend(basket_query(basket), 5)[0].item == first);
}

TEST_CASE("What a bundle does not hold, the next rung answers") {
  SECTION("a catalogue alone: no evidence, no days") {
    Till till(only_catalog());
    CHECK(till.recommend(basket_query(basket), 5).answered_by == SlateRung::none);
    CHECK(till.forecast(ItemIndex(0)).answered_by == rung::none);
    CHECK_FALSE(till.forecast_day().has_value());
  }
  SECTION("popularity alone") {
    Bundle bundle = only_catalog();
    bundle.add("popularity", shop().popularity);
    Till till(bundle);
    const Slate slate = till.recommend(basket_query(basket), 5);
    CHECK(slate.size() == 5);
    CHECK(slate.answered_by == SlateRung::popularity);
  }
  SECTION("history and baseline without a network") {
    Bundle bundle = only_catalog();
    bundle.add("history", shop().sales);
    CHECK(Till(bundle).forecast(ItemIndex(0)).answered_by == rung::mean);
    bundle.add("demand_baseline", shop().baseline);
    CHECK(Till(bundle).forecast(ItemIndex(0)).answered_by == rung::weekday_mean);
  }
  SECTION("a network without history, until receipts have come") {
    Bundle bundle = only_catalog();
    bundle.add("demand", shop().demand);
    Till till(bundle);
    CHECK(till.forecast(ItemIndex(0)).answered_by == rung::none);
    const ReceiptLine lines[] = {sold(ItemIndex(0), 4)};
    for (int d = 0; d < 14; ++d) {
      till.observe(receipt_of(first_day + d, lines));
      CHECK(till.forecast(ItemIndex(0)).answered_by == (d == 0  ? rung::none
                                                        : d < 7 ? rung::last_day
                                                                : "demand"));
    }
    till.close_day();
    CHECK(till.forecast(ItemIndex(0)).answered_by == "demand");
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
    const Forecast forecast = till.forecast(ItemIndex(0));
    CHECK(forecast.answered_by == "demand");
    CHECK(forecast.units == quantize(network(hidden))
                                .forecast(till.sales().window(ItemIndex(0), *till.forecast_day())));
  }
  const auto path = std::filesystem::path(BODEGA_TESTS) / "forecast/golden/sized_signatures.bodega";
  Till till = Till::open(path.string());
  for (int d = 0; d < 14; ++d) {
    const ReceiptLine lines[] = {sold(ItemIndex(0), 1 + d % 3)};
    till.observe(receipt_of(first_day + d, lines));
  }
  till.close_day();
  CHECK(till.forecast(ItemIndex(0)).answered_by == "demand");
}

TEST_CASE("Weights come from the options, else from the bundle, else by default") {
  const TillWeights popular_only{.items = 0, .content = 0, .popularity = 1};
  Bundle bundle = whole_bundle();
  CHECK(Till(bundle).recommend(basket_query(basket), 5).answered_by == SlateRung::blend);
  CHECK(Till(bundle, {.weights = popular_only}).recommend(basket_query(basket), 5).answered_by ==
        SlateRung::popularity);
  bundle.add("weights", popular_only);
  CHECK(Till(bundle).recommend(basket_query(basket), 5).answered_by == SlateRung::popularity);
  CHECK(Till(bundle, {.weights = TillWeights{}}).recommend(basket_query(basket), 5).answered_by ==
        SlateRung::blend);
  CHECK_ERROR(Till(bundle, {.weights = TillWeights{.content = NAN}}), ErrorCode::not_finite,
              "blend, weight 1");
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
  SECTION("an unknown name is nobody's business") {
    Bundle bundle = only_catalog();
    bundle.add("something_new", shop().popularity);
    CHECK(Till(bundle).recommend({}, 3).empty());
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
}

TEST_CASE("A receipt lowers stock, counts for its day and moves popularity") {
  Till till(whole_bundle());
  const ItemIndex item(12);
  const Day today = *till.forecast_day();
  till.stock().set(item, 5);
  const ReceiptLine lines[] = {sold(item, 2), sold(ItemIndex(1), 1), sold(item, 3)};
  till.observe(receipt_of(today, lines));
  CHECK(till.stock().units(item) == 0.0);
  CHECK_FALSE(till.stock().available(item));
  CHECK(till.sales().sold_today(item) == 5);
  CHECK(till.sales().sold_today(ItemIndex(1)) == 1);
  CHECK(till.forecast_day() == today);
  for (const Pick& pick : till.recommend({}, 40)) CHECK(pick.item != item);

  const ReceiptLine returned[] = {sold(item, -2)};
  till.observe(receipt_of(today, returned));
  CHECK(till.stock().units(item) == 2.0);
  CHECK(till.sales().sold_today(item) == 3);

  for (int n = 0; n < 500; ++n) till.observe(receipt_of(today, {lines + 1, 1}));
  CHECK(till.recommend({}, 1)[0].item == ItemIndex(1));
}

TEST_CASE("A line that is taken back on the same receipt counts for nothing") {
  Till till(whole_bundle());
  till.stock().set(ItemIndex(2), 0);
  const float before = till.scoring().part<2>().get_if<Popularity>()->share(ItemIndex(2));
  const ReceiptLine lines[] = {sold(ItemIndex(2), 3), sold(ItemIndex(2), -3)};
  till.observe(receipt_of(*till.forecast_day(), lines));
  CHECK(till.stock().units(ItemIndex(2)) == 0.0);
  CHECK(till.scoring().part<2>().get_if<Popularity>()->share(ItemIndex(2)) == before);
  CHECK(till.sales().sold_today(ItemIndex(2)) == 0);
}

TEST_CASE("Popularity moves by what it counts, lines and units that are taken back left out") {
  for (const SalesCount count : {SalesCount::receipts, SalesCount::lines, SalesCount::units}) {
    Bundle bundle = only_catalog();
    bundle.add("popularity", Popularity(shop().receipts.catalog().size(), {.count = count}));
    Till till(bundle);
    const ReceiptLine lines[] = {sold(ItemIndex(1), 5), sold(ItemIndex(2), 1),
                                 sold(ItemIndex(1), 1), sold(ItemIndex(2), -1),
                                 sold(ItemIndex(3), 1), sold(ItemIndex(1), -2)};
    till.observe(receipt_of(Day(20'000), lines));
    const float expected = count == SalesCount::units ? 4 / 5.0f : 1 / 2.0f;  // 4 are left of 1
    const Popularity& popularity = *till.scoring().part<2>().get_if<Popularity>();
    CHECK(popularity.share(ItemIndex(1)) == Approx(expected));
    CHECK(popularity.share(ItemIndex(2)) == 0);
    CHECK(popularity.share(ItemIndex(3)) == Approx(1 - expected));
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
  for (std::size_t i = 0; i < shop().receipts.size(); ++i)
    if (shop().receipts[i].when.day() >= from) till.observe(shop().receipts[i]);
  CHECK(till.forecast_day() == shop().sales.last_day());  // still being sold
  till.close_day();

  Bundle late = only_catalog();
  late.add("demand", shop().demand);
  late.add("history", shop().sales);
  const Till fresh(late);
  CHECK(till.forecast_day() == fresh.forecast_day());
  for (std::uint32_t i = 0; i < toy_items; ++i)
    CHECK(till.forecast(ItemIndex(i)).units == fresh.forecast(ItemIndex(i)).units);
}

TEST_CASE("A bad receipt changes nothing") {
  Till till(whole_bundle(), {.unknown_items = UnknownItems::refuse});
  const Day today = *till.forecast_day();
  till.stock().set(ItemIndex(3), 10);
  const auto unchanged = [&] {
    return till.stock().units(ItemIndex(3)) == 10.0 && !till.sales().open_day().has_value();
  };
  const ReceiptLine unknown[] = {sold(ItemIndex(3), 1), sold(ItemIndex(toy_items), 1)};
  CHECK_ERROR(till.observe(receipt_of(today, unknown)), ErrorCode::unknown_id, "receipt, line 2");
  CHECK(unchanged());
  const ReceiptLine nobody[] = {sold(ItemIndex::none(), 1)};
  CHECK_ERROR(till.observe(receipt_of(today, nobody)), ErrorCode::unknown_id, "receipt, line 1");
  for (const std::int64_t raw : {INT64_MAX, INT64_MIN}) {
    const ReceiptLine huge[] = {sold(ItemIndex(3), 1),
                                {ItemIndex(3), Quantity::from_raw(raw), Money()}};
    CHECK_ERROR(till.observe(receipt_of(today, huge)), ErrorCode::out_of_range, "line 2");
    CHECK(unchanged());
  }
  const ReceiptLine good[] = {sold(ItemIndex(3), 1)};
  till.observe(receipt_of(today, {}));
  CHECK(unchanged());
  till.observe(receipt_of(today, good));
  CHECK(till.stock().units(ItemIndex(3)) == 9.0);
}

TEST_CASE("Recommending, forecasting and observing allocate nothing") {
  Till till(whole_bundle());
  Workspace workspace(toy_items);
  const Day today = *till.forecast_day();
  const ReceiptLine lines[] = {sold(ItemIndex(1), 1), sold(ItemIndex(2), 2)};
  std::vector<ItemIndex> large;
  for (std::uint32_t n = 0; n < 1000; ++n) large.push_back(ItemIndex(n % 45));
  float sum = 0;
  const auto serve = [&](int day) {
    Query query = basket_query(large);
    query.viewed = ItemIndex(3);
    sum += static_cast<float>(till.recommend(query, 10).size());
    sum += static_cast<float>(till.recommend(basket_query(basket), 1000).size());
    sum += till.recommend({}, 10, workspace)[0].score;
    for (std::uint32_t i = 0; i < toy_items; ++i) sum += till.forecast(ItemIndex(i)).units;
    till.stock().set(ItemIndex(4), day);
    till.observe(receipt_of(today + day, lines));
  };
  serve(0);
  CHECK(bodega_test::allocations_in([&] {
          for (int day = 1; day < 40; ++day) serve(day);
        }) == 0);
  CHECK(sum > 0);
  CHECK(bodega_test::allocations_in([&] { large.reserve(large.capacity() + 1); }) == 1);
  STATIC_REQUIRE(noexcept(till.recommend(Query{}, 1)));
  STATIC_REQUIRE(noexcept(till.forecast(ItemIndex(0))));
  STATIC_REQUIRE(noexcept(till.close_day()));
}

TEST_CASE("Many threads recommend from one till while stock changes") {
  Till till(whole_bundle());
  till.stock().set(ItemIndex(10), 0);  // and stays so
  const Till& shared = till;
  std::size_t wrong[3] = {};
  {
    std::vector<std::jthread> askers;
    for (std::size_t& found : wrong)
      askers.emplace_back([&] {
        Workspace workspace(toy_items);
        for (int n = 0; n < 200; ++n)
          for (const Pick& pick : shared.recommend(basket_query(basket), 10, workspace))
            found += pick.item == ItemIndex(10) || pick.item == basket[0];
      });
    for (int n = 0; n < 2000; ++n) till.stock().set(ItemIndex(15), n % 2);
  }
  for (const std::size_t found : wrong) CHECK(found == 0);
}

TEST_CASE("A till may be moved") {
  Till first(whole_bundle());
  first.stock().set(ItemIndex(10), 0);
  const auto expected = picks_in_memory(shop().items, shop().content, basket_query(basket), 3);
  Till till = std::move(first);
  CHECK_FALSE(till.stock().available(ItemIndex(10)));
  till.stock().forget(ItemIndex(10));
  check_same(till.recommend(basket_query(basket), 3), expected);
}

TEST_CASE("hostile files: a till that opens while memory ends says so and lives") {
  Bundle bundle = whole_bundle();
  bundle.add("search", quantize(SearchIndex(shop().receipts.catalog())));
  bundle.add("demand_memory", IntermittentDemand(shop().sales));
  bundle.add("demand_levels", PooledLevel(shop().receipts.catalog().size()));
  const std::vector<std::byte> file = bundle.serialize();
  std::size_t failed = 0, step = 1;
  for (std::size_t n = 0;; n += step) {
    bool ended = false;
    bodega_test::fail_allocation(bodega_test::allocations_so_far() + n);
    try {
      const Till till(Bundle::parse(file));
    } catch (const std::bad_alloc&) {
      ended = true;
    }
    bodega_test::fail_allocation(static_cast<std::size_t>(-1));
    if (!ended) break;
    ++failed;
  }
  CHECK(failed > 300);
}
