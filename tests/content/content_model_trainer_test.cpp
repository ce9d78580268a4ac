// SPDX-License-Identifier: MIT
#include <cmath>
#include <string>
#include <vector>

#include <bodega/content/content_model_trainer.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

Money price(const char* text) { return *Money::parse(text); }

Catalog shop() {
  Catalog catalog;
  catalog.add({.id = "1", .description = "Red lantern", .attributes = {{"room", "garden"}}});
  catalog.add({.id = "2", .description = "LANTERN, blue", .attributes = {{"room", "kitchen"}}});
  catalog.add({.id = "3", .description = "red mug red", .attributes = {{"room", "kitchen"}}});
  catalog.add({.id = "4", .description = ""});
  return catalog;
}

std::vector<float> scores(const auto& model, std::vector<ItemIndex> basket) {
  std::vector<float> result(model.items(), 0.0f);
  model.add_scores({.basket = basket}, 1, result);
  return result;
}

}  // namespace

TEST_CASE("TF-IDF by hand") {
  const auto model = fit_content_model(shop());
  REQUIRE(model.terms().size() == 6);  // red lantern room=garden blue room=kitchen mug
  const double in_one = std::log(5.0), in_two = std::log(3.0);  // ln(1 + 4 items / items with)
  const double red_twice = (1 + std::log(2.0)) * in_two;
  const double first = std::sqrt(2 * in_two * in_two + in_one * in_one);
  const double second = first;
  const double third = std::sqrt(red_twice * red_twice + in_one * in_one + in_two * in_two);

  const auto like_first = scores(model, {ItemIndex(0)});
  CHECK(like_first[0] == Approx(1));
  CHECK(like_first[1] == Approx(in_two * in_two / (first * second)));
  CHECK(like_first[2] == Approx(in_two * red_twice / (first * third)));
  CHECK(like_first[3] == 0);

  const auto like_both = scores(model, {ItemIndex(0), ItemIndex(1)});
  CHECK(like_both[2] ==
        Approx(like_first[2] + in_two * in_two / (second * third)));  // red; room=kitchen
}

TEST_CASE("an item never sold is recommended, with the word or attribute as the reason") {
  const auto model = fit_content_model(shop());
  const std::vector<ItemIndex> basket{ItemIndex(1)};
  Reasons reasons;
  model.explain({.basket = basket}, 1, ItemIndex(2), reasons);
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].kind == Reason::Kind::alike);
  CHECK(reasons[0].item == ItemIndex(1));
  CHECK(model.term(reasons[0].term) == "room=kitchen");
  CHECK(reasons[0].contribution == Approx(scores(model, {ItemIndex(1)})[2]));
  CHECK(model.term(Reason::no_term).empty());
}

TEST_CASE("text beyond Latin-1: items are alike whatever the case and blanks of their names") {
  Catalog catalog;
  for (const char* name : {"МОЛОКО\u00A0свежее", "молоко", "Crème", "CREME", "Weiß", "WEISS"})
    catalog.add({.id = name, .description = name});
  const auto model = fit_content_model(catalog);
  CHECK(scores(model, {ItemIndex(0)})[1] > 0.5f);
  CHECK(scores(model, {ItemIndex(2)})[3] == Approx(1));
  CHECK(scores(model, {ItemIndex(4)})[5] == Approx(1));
  CHECK(model.term(0) == "молоко");
}

TEST_CASE("weights of the fields, and a field without weight is left out") {
  const auto words = fit_content_model(shop(), {.attribute_weight = 0});
  CHECK(scores(words, {ItemIndex(1)})[2] == 0);  // the kitchen is gone
  CHECK(scores(words, {ItemIndex(0)})[2] > 0);
  const auto attributes = fit_content_model(shop(), {.word_weight = 0});
  CHECK(scores(attributes, {ItemIndex(1)})[2] == Approx(1));
  CHECK(scores(attributes, {ItemIndex(0)})[1] == 0);
}

TEST_CASE("price bands hold about as many items each") {
  Catalog catalog;
  for (const char* text : {"0", "1", "1.5", "2.25", "9.99", "10", "11"})
    catalog.add({.id = "item" + std::string(text), .price = price(text)});
  const auto model = fit_content_model(catalog, {.price_bands = 2});
  REQUIRE(model.terms().size() == 2);
  CHECK(model.term(0) == "price=1.00..2.25");
  CHECK(model.term(1) == "price=9.99..11.00");
  const auto like_cheap = scores(model, {ItemIndex(1)});
  CHECK(like_cheap == std::vector<float>{0, 1, 1, 1, 0, 0, 0});
  CHECK(fit_content_model(catalog).terms().empty());
  // More bands than prices, and one price for all.
  CHECK(fit_content_model(catalog, {.price_bands = 100}).terms().size() == 6);
  Catalog same;
  for (const char* id : {"a", "b", "c"}) same.add({.id = id, .price = price("3.05")});
  const auto one_band = fit_content_model(same, {.price_bands = 5});
  REQUIRE(one_band.terms().size() == 1);
  CHECK(one_band.term(0) == "price=3.05..3.05");
}

TEST_CASE("price bands within a category, so that cheap is like cheap") {
  Catalog catalog;
  const auto add = [&](const char* category, const char* text) {
    catalog.add({.id = std::to_string(catalog.size()),
                 .price = price(text),
                 .attributes = {{"kind", category}}});
  };
  for (const char* text : {"5", "6", "30", "40"}) add("wine", text);
  for (const char* text : {"0.5", "0.7", "3", "4"}) add("cheese", text);
  for (const char* text : {"1", "2"}) add("salt", text);  // too few for two bands
  catalog.add({.id = "?", .price = price("1")});          // of no category
  const auto model =
      fit_content_model(catalog, {.attribute_weight = 0, .price_bands = 2, .price_within = "kind"});
  REQUIRE(model.terms().size() == 2);
  CHECK(model.term(0) == "price=1 of 2");
  CHECK(scores(model, {ItemIndex(0)}) == std::vector<float>{1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0});
  CHECK(scores(model, {ItemIndex(7)}) == std::vector<float>{0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0});
}

TEST_CASE("pack sizes from the name or an attribute") {
  Catalog catalog;
  catalog.add({.id = "1", .description = "mugs SET OF 4"});
  catalog.add({.id = "2", .description = "SET/6 plates"});
  catalog.add({.id = "3", .description = "PACK OF 72 cases", .attributes = {{"size", "5 pc"}}});
  catalog.add({.id = "4", .description = "marbles 500g", .attributes = {{"size", "7 kg"}}});
  catalog.add({.id = "5", .description = "marbles", .attributes = {{"size", "0.3 kg"}}});
  const auto by_name =
      fit_content_model(catalog, {.word_weight = 0, .attribute_weight = 0, .pack_weight = 1});
  CHECK(by_name.term(0) == "pack=4..8 pieces");
  CHECK(scores(by_name, {ItemIndex(0)}) == std::vector<float>{1, 1, 0, 0, 0});
  const auto by_attribute = fit_content_model(
      catalog,
      {.word_weight = 0, .attribute_weight = 0, .pack_weight = 1, .pack_attribute = "size"});
  REQUIRE(by_attribute.terms().size() == 3);
  CHECK(by_attribute.term(2) == "pack=256..512 g");
  CHECK(scores(by_attribute, {ItemIndex(0)}) == std::vector<float>(5, 0.0f));
  CHECK(fit_content_model(catalog, {.word_weight = 0, .attribute_weight = 0}).terms().empty());
}

TEST_CASE("terms of most of the catalogue are left out") {
  Catalog catalog;
  for (int i = 0; i < 30; ++i)
    catalog.add({.id = std::to_string(i), .description = i < 20 ? "shop brand" : "brand"});
  const auto strict = fit_content_model(catalog, {.max_share = 0.7});
  REQUIRE(strict.terms().size() == 1);
  CHECK(strict.term(0) == "shop");
  CHECK(fit_content_model(catalog, {.max_share = 1}).terms().size() == 2);
  CHECK(fit_content_model(catalog, {.max_share = 0.1}).terms().empty());
}

TEST_CASE("content models that make no sense are Errors") {
  CHECK_ERROR(fit_content_model(shop(), {.word_weight = -1}), ErrorCode::invalid_argument,
              "word_weight");
  CHECK_ERROR(fit_content_model(shop(), {.attribute_weight = NAN}), ErrorCode::invalid_argument,
              "attribute_weight");
  CHECK_ERROR(fit_content_model(shop(), {.pack_weight = INFINITY}), ErrorCode::invalid_argument,
              "pack_weight");
  CHECK_ERROR(fit_content_model(shop(), {.max_share = 0}), ErrorCode::invalid_argument,
              "max_share");
}

TEST_CASE("the content model of an empty catalogue is empty") {
  const auto model = fit_content_model(Catalog());
  CHECK(model.items() == 0);
  model.validate("empty");
}

TEST_CASE("ratios of whole numbers: a term of 29 of 100 items is no more than a share of 0.29") {
  for (const int with : {29, 57, 58}) {
    Catalog catalog;
    for (int i = 0; i < 100; ++i)
      catalog.add({.id = std::to_string(i), .description = i < with ? "common" : ""});
    CHECK(fit_content_model(catalog, {.max_share = with / 100.0}).terms().size() == 1);
    CHECK(fit_content_model(catalog, {.max_share = (with - 1) / 100.0}).terms().empty());
  }
}
