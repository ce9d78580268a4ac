// SPDX-License-Identifier: MIT
#include <bodega/content/new_item.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <bodega/compress/quantize.hpp>
#include <bodega/content/content_model_trainer.hpp>

#include "catch.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;
using bodega_test::toy_items;

namespace {

const ItemIndex added(toy_items);

Catalog with(const Item& item) {
  Catalog catalog = bodega_test::toy_catalog();
  catalog.add(item);
  return catalog;
}

const Item new_bread{.id = "N1",
                     .description = "Red bread Zwieback",
                     .price = Money::from_whole(3),
                     .attributes = {{"department", "bread"}}};

template <class Model>
std::vector<float> scores(const Model& model, ItemIndex viewed) {
  std::vector<float> scores(model.items());
  model.add_scores({.viewed = viewed}, 1, scores);
  return scores;
}

std::vector<ItemIndex> found(const SearchIndex<>& index, std::string_view text) {
  SearchMatches matches(index.items());
  index.match(text, matches);
  return {matches.found().begin(), matches.found().end()};
}

bool holds(const std::vector<ItemIndex>& items, ItemIndex item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

}  // namespace

TEST_CASE("An item that is new today is liked by its description, nearly as if learnt") {
  const ContentModelOptions options{.price_bands = 3};
  const ContentModel<> before = fit_content_model(bodega_test::toy_catalog(), options);
  const Catalog catalog = with(new_bread);
  const ContentModel<> longer = with_item(before, catalog);
  const ContentModel<> learnt = fit_content_model(catalog, options);
  REQUIRE(longer.items() == toy_items + 1);
  const std::vector<float> now = scores(longer, added), known = scores(learnt, added);
  CHECK(now[added.value()] == Approx(1));
  for (std::size_t i = 0; i < now.size(); ++i) CHECK(std::abs(now[i] - known[i]) < 0.03f);
  CHECK(now[0] > now[1]);                          // bread, not dairy
  for (std::uint32_t i = 0; i < toy_items; ++i) {  // what was said before is said as before
    const std::vector<float> old = scores(before, ItemIndex(i)),
                             still = scores(longer, ItemIndex(i));
    for (std::size_t j = 0; j < old.size(); ++j) CHECK(still[j] == old[j]);
  }
  const ContentModel<> of_bytes = with_item(quantize(before), catalog);
  for (std::size_t i = 0; i < now.size(); ++i)
    CHECK(std::abs(scores(of_bytes, added)[i] - now[i]) < 0.02f);
}

TEST_CASE("Two items with a word that nobody had before are alike by it") {
  const ContentModel<> before = fit_content_model(bodega_test::toy_catalog());
  Catalog catalog = with({.id = "N1", .description = "Tofu"});
  ContentModel<> model = with_item(before, catalog);
  catalog.add({.id = "N2", .description = "smoked tofu"});
  model = with_item(model, catalog);
  const ItemIndex second(toy_items + 1);
  CHECK(scores(model, added)[second.value()] > 0.5f);
  Reasons reasons;
  model.explain({.viewed = added}, 1, second, reasons);
  REQUIRE(reasons.size() == 1);
  CHECK(model.term(reasons[0].term) == "tofu");
}

TEST_CASE("A word that is in too many items to say something says nothing of a new one") {
  const ContentModel<> before =
      fit_content_model(bodega_test::toy_catalog(), {.attribute_weight = 0, .max_share = 0.5});
  const ContentModel<> longer = with_item(before, with({.id = "N1", .description = "No. red"}));
  REQUIRE(longer.terms().find("no") == StringSet::none);
  CHECK(longer.terms().size() == before.terms().size());
  const ContentModel<> nothing = with_item(before, with({.id = "N1", .description = "No."}));
  for (const float score : scores(nothing, added)) CHECK(score == 0);
}

TEST_CASE("An item joins the price band of its price") {
  CHECK(detail::is_price_band("price=1.25..2.10", *Money::parse("2.10")));
  CHECK(detail::is_price_band("price=1.25..2.10", *Money::parse("1.25")));
  CHECK_FALSE(detail::is_price_band("price=1.25..2.10", *Money::parse("2.11")));
  CHECK_FALSE(detail::is_price_band("price=1 of 4", *Money::parse("1")));
  CHECK_FALSE(detail::is_price_band("price=0.00..2.10", Money()));
  CHECK_FALSE(detail::is_price_band("pack=1..2 g", *Money::parse("1")));
}

TEST_CASE("An item that is new today is found by its words, nearly as if indexed") {
  const SearchIndex<> before(bodega_test::toy_catalog());
  const Catalog catalog = with(new_bread);
  const SearchIndex<> longer = with_item(before, catalog), indexed(catalog);
  REQUIRE(longer.items() == toy_items + 1);
  REQUIRE(longer.terms() == indexed.terms());
  CHECK(found(longer, "zwieback") == std::vector{added});
  CHECK(found(longer, "N1") == std::vector{added});
  CHECK(holds(found(longer, "bread"), added));
  CHECK(holds(found(longer, "bread"), ItemIndex(0)));
  CHECK_FALSE(holds(found(longer, "dairy"), added));
  for (std::uint32_t t = 0; t < longer.terms(); ++t) {
    REQUIRE(longer.term(t) == indexed.term(t));
    for (std::size_t i = 0; i < longer.items(); ++i)
      CHECK(std::abs(longer.term_items().at(t, i) - indexed.term_items().at(t, i)) < 0.01f);
  }
  const SearchIndex<> of_bytes = with_item(quantize(before), catalog);
  CHECK(found(of_bytes, "zwieback") == std::vector{added});
}
