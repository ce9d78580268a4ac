// SPDX-License-Identifier: MIT
#include <bodega/till/till_models.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/data/item_mask.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/till/ladder.hpp>
#include <bodega/till/part.hpp>
#include <bodega/till/standard_parts.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "till/own_models.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::OwnForecaster;
using bodega_test::OwnScorer;
using bodega_test::toy_items;

namespace {

struct Shop {
  Catalog catalog = bodega_test::toy_catalog();
  Baskets baskets = bodega_test::toy_customer_baskets();
  ItemItem<> items = fit_item_neighbours(Cooccurrence(baskets));
  ContentModel<> content = fit_content_model(catalog);
  Popularity popularity{baskets};
  RepeatPurchase<> repeat = fit_repeat_purchase(baskets);
};
const Shop& shop() {
  static const Shop once;
  return once;
}

Bundle old_bundle() {
  Bundle bundle;
  bundle.add("catalog", shop().catalog);
  bundle.add("items", quantize(shop().items));
  bundle.add("content", shop().content);
  bundle.add("popularity", shop().popularity);
  bundle.add("search", SearchIndex(shop().catalog));
  return bundle;
}

std::vector<float> scores_of(const auto& scorer, const Query& query) {
  std::vector<float> scores(scorer.items());
  scorer.add_scores(query, 1, scores);
  return scores;
}

std::vector<std::string> names_of(const TillModels& models) {
  std::vector<std::string> names;
  for (const TillPart& part : models.parts()) names.emplace_back(part.name);
  return names;
}

const std::array basket{ItemIndex(0), ItemIndex(5)};
const Query asked{.basket = basket};
const Day day = *Day::parse("2024-03-04");

}  // namespace

TEST_CASE("The standard list reads a bundle of before, and it answers as before") {
  for (const bool weighed : {false, true}) {
    Bundle bundle = old_bundle();
    TillWeights weights;
    if (weighed) {
      weights.content = 0.5f;
      bundle.add("weights", weights);
      bundle.add("repeat", shop().repeat);  // tills of before did not know it
    }
    const auto models = load_models<StandardParts>(Bundle::parse(bundle.serialize()));
    if (!weighed)
      CHECK(names_of(models) == std::vector<std::string>{"items", "content", "popularity"});
    const auto live = models.live_models();
    CHECK(live.size() == (weighed ? 2 : 1));
    const auto quantized = quantize(shop().items);
    const auto expected = blend(quantized, weights.items, shop().content, weights.content,
                                shop().popularity, weights.popularity);
    for (const Query& query : {asked, Query{}, Query{.customer = CustomerIndex(0)}})
      CHECK(scores_of(models.blend(live), query) == scores_of(expected, query));
    CHECK(models.unknown().empty());
    CHECK(models.known_until() == shop().popularity.day());
    CHECK(models.part("items") != nullptr);
    CHECK(models.part("rules") == nullptr);
  }
}

TEST_CASE("A library part and an own scorer come in by one line each") {
  Bundle bundle = old_bundle();
  bundle.add("usual", shop().repeat);
  OwnScorer own(toy_items);
  own.observe({.lines = std::array{ReceiptLine{ItemIndex(3), Quantity::from_whole(1), {}}}});
  bundle.add("chef", own);
  bundle.add("oracle", OwnForecaster{7});
  const auto models = load_models<StandardParts,                    //
                                  Part<"usual", RepeatPurchase<>>,  // one line
                                  Part<"chef", OwnScorer>,          // one line
                                  Ladder<Rung<"oracle", OwnForecaster>>>(bundle);
  CHECK(models.unknown().empty());
  CHECK(models.part("usual")->usual_weight == 1);
  CHECK(models.part("chef")->usual_weight == 0.5f);
  const auto live = models.live_models();
  REQUIRE(live.size() == 3);  // popularity, the customers' and the own one
  const PartBlend blend = models.blend(live);
  const auto known = scores_of(blend, {.customer = CustomerIndex(0)}),
             unknown = scores_of(blend, {});
  CHECK(known != unknown);
  CHECK(models.unused() == QueryParts::all() - QueryParts{QueryPart::basket, QueryPart::viewed,
                                                          QueryPart::customer, QueryPart::rush});

  Workspace workspace(toy_items);
  const auto picks = select_slate(blend, {}, ItemMask(toy_items), 3, workspace);
  REQUIRE(picks.size() == 3);
  CHECK(picks[0].item == ItemIndex(3));
  CHECK(models.answered_by(picks.first(1)) == "chef");
  CHECK(models.describe(picks[0].because[0]) == "the chef likes red wine No. 0");
  CHECK(models.describe(picks[1].because[0]) == "popular these days");
}

TEST_CASE("A name may be read by a later list, and else is refused") {
  Bundle bundle;
  bundle.add("catalog", shop().catalog);
  bundle.add("items", OwnScorer(toy_items));
  CHECK(names_of(load_models<StandardParts, Part<"items", OwnScorer>>(bundle)) ==
        std::vector<std::string>{"items"});
  CHECK_ERROR((load_models<StandardParts>(bundle, {}, "store-17")), ErrorCode::format,
              "store-17, model items");
  CHECK_ERROR((load_models<StandardParts>(Bundle())), ErrorCode::missing, "catalog");
  Bundle small;
  small.add("catalog", shop().catalog);
  small.add("popularity", Popularity(3));
  CHECK_ERROR((load_models<StandardParts>(small)), ErrorCode::shape, "model popularity");
  Bundle index;
  index.add("catalog", shop().catalog);
  index.add("search", SearchIndex(Catalog()));
  CHECK_ERROR((load_models<>(index)), ErrorCode::shape, "model search");
}

TEST_CASE("What no list knows is told, or refused where that is asked for") {
  Bundle bundle = old_bundle();
  bundle.add("chef", OwnScorer(toy_items));
  PartWeights weights(std::array<std::string, 2>{"items", "gone"});
  weights.set(Situation(), std::array{1.0f, 2.0f});
  bundle.add("weights", weights);
  const auto models = load_models<StandardParts>(bundle);
  const auto unknown = models.unknown();
  CHECK(std::vector<std::string>(unknown.begin(), unknown.end()) ==
        std::vector<std::string>{"gone", "chef"});
  CHECK_ERROR(load_models<StandardParts>(bundle, {.unknown_parts = UnknownParts::refuse}),
              ErrorCode::unknown_id, "gone");
  CHECK_NOTHROW(load_models<StandardParts>(old_bundle(), {.unknown_parts = UnknownParts::refuse}));
  CHECK(models.weight(Situation(), 0) == 1);
  CHECK(models.weight(Situation(), 2) == 0);  // popularity has none
  PartWeights own(std::array<std::string, 1>{"popularity"});
  own.set(Situation(), std::array{3.0f});
  CHECK(load_models<StandardParts>(bundle, {.weights = own}).weight(Situation(), 2) == 3);
}

TEST_CASE("Weights of a bundle count by situation") {
  Bundle bundle = old_bundle();
  PartWeights weights(std::array<std::string, 2>{"items", "popularity"});
  weights.set(Situation(), std::array{0.0f, 1.0f});
  weights.set(Situation(true, false, false), std::array{1.0f, 0.0f});
  bundle.add("weights", weights);
  const auto models = load_models<StandardParts>(Bundle::parse(bundle.serialize()));
  const PartBlend blend = models.blend(models.live_models());
  const auto live = models.live_models();
  const PartBlend lasting = models.blend(live);
  CHECK(scores_of(lasting, {}) == scores_of(shop().popularity, {}));
  CHECK(scores_of(lasting, asked) == scores_of(quantize(shop().items), asked));
}

TEST_CASE("A till's slate names the part that it rests on") {
  const auto models = load_models<StandardParts>(old_bundle());
  const auto live = models.live_models();
  const PartBlend blend = models.blend(live);
  Workspace workspace(toy_items);
  SearchWorkspace searching(toy_items);
  const ItemMask all(toy_items);
  CHECK(models.answered_by(select_slate(blend, asked, all, 5, workspace)) == "items");
  CHECK(models.answered_by(select_slate(blend, {}, all, 5, workspace)) == "popularity");
  CHECK(models.answered_by({}) == "none");
  REQUIRE(models.searches());
  const auto found = models.search("bread", PartBlend(toy_items), {}, all, 3, searching);
  REQUIRE(found.size() == 3);
  CHECK(models.answered_by(found) == "search");
  CHECK(models.describe(found[0].because[0]) == "matches: bread");
  CHECK(bodega_test::allocations_in([&] {
          models.answered_by(models.search("bread", blend, asked, all, 3, searching));
        }) == 0);
  CHECK(load_models<>(old_bundle()).answered_by(found) == "search");
  Bundle without;
  without.add("catalog", shop().catalog);
  const auto nothing = load_models<StandardParts>(without);
  CHECK(nothing.search("bread", blend, {}, all, 3, searching).empty());
  CHECK_FALSE(nothing.known_until());
  CHECK(nothing.unused() == QueryParts::all());
}

TEST_CASE("What learns is the state's, and a blend hears of it") {
  const auto models = load_models<StandardParts>(old_bundle());
  auto live = models.live_models();
  const PartBlend blend = models.blend(live), before = models.blend(models.live_models());
  const std::array<ReceiptLine, 1> lines{{{ItemIndex(39), Quantity::from_whole(1), {}}}};
  CHECK(scores_of(blend, {})[39] == 0);
  live[0].observe({.when = Moment(day, 0), .lines = lines});
  CHECK(scores_of(blend, {})[39] > 0);
  CHECK(scores_of(models.part("popularity")->scorer, {})[39] == 0);  // the file's stays
}

TEST_CASE("An item of this morning is searched, liked and learnt at once") {
  Bundle bundle = old_bundle();
  bundle.add("chef", OwnScorer(toy_items));
  bundle.add("history", DailySales(toy_items, day, 3));
  const auto models = load_models<StandardParts, Part<"chef", OwnScorer>>(bundle);
  const TillModels longer = models.with_item(
      {.id = "N1", .description = "red bread Zwieback", .attributes = {{"department", "bread"}}});
  const ItemIndex added(toy_items);
  CHECK(models.catalog().size() == toy_items);
  REQUIRE(longer.catalog().find("N1") == added);
  auto live = longer.live_models();
  const PartBlend blend = longer.blend(live);
  REQUIRE(blend.items() == toy_items + 1);
  SearchWorkspace searching(toy_items + 1);
  Workspace workspace(toy_items + 1);
  const ItemMask all(toy_items + 1);
  const auto found = longer.search("zwieb", blend, {}, all, 3, searching);
  REQUIRE(found.size() == 1);
  CHECK(found[0].item == added);
  const auto picks = select_slate(blend, {.viewed = ItemIndex(0)}, all, toy_items, workspace);
  const auto at = std::find_if(picks.begin(), picks.end(),
                               [&](const Pick& pick) { return pick.item == added; });
  REQUIRE(at != picks.end());
  CHECK(longer.describe(at->because[0]).starts_with("alike: "));
  const std::array<ReceiptLine, 1> lines{{{added, Quantity::from_whole(1), {}}}};
  for (LiveModel& model : live) model.observe({.when = Moment(day, 0), .lines = lines});
  CHECK(scores_of(live.back().scorer(), {})[added.value()] == 1);  // the own one grows
  CHECK(scores_of(blend, asked).size() == toy_items + 1);
  CHECK_ERROR(longer.with_item({.id = "N1"}), ErrorCode::duplicate, "N1");
  CHECK(longer.known_until() == models.known_until());
}
