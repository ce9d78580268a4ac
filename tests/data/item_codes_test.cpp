// SPDX-License-Identifier: MIT
#include <bodega/data/item_codes.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("Spellings of one code are one, and items are numbered by their first sale") {
  ItemCodes codes(upper_case_trimmed, [](std::string_view id) { return id != "POST"; });
  const std::uint32_t milk = codes.find("milk"), bread = codes.find("bread");
  CHECK(codes.find(" MILK ") == milk);
  CHECK(milk != bread);
  CHECK(codes.find("  ") == ItemCodes::none);
  CHECK(codes.find("") == ItemCodes::none);
  CHECK_FALSE(codes.is_item(codes.find("post")));
  CHECK_FALSE(codes.given());

  const Moment early(Day(10)), late(Day(11));
  codes.note_sale(bread, late, Money::from_whole(3), "");
  codes.note_sale(bread, early, Money::from_whole(2), "Rye bread");
  codes.note_sale(milk, early, Money(), "Milk");
  codes.note_sale(bread, late, Money(), "Bread");
  CHECK(codes.item(bread) == ItemIndex(0));
  CHECK(codes.item(milk) == ItemIndex(1));
  const Catalog catalog = codes.take_catalog();
  REQUIRE(catalog.size() == 2);
  CHECK(catalog.id(ItemIndex(0)) == "BREAD");
  CHECK(catalog.description(ItemIndex(0)) == "Rye bread");
  CHECK(catalog.price(ItemIndex(0)) == Money::from_whole(3));
  CHECK(catalog.price(ItemIndex(1)) == Money());
}

TEST_CASE("With a catalogue, codes are its items or none") {
  Catalog given;
  given.add({.id = "b"});
  given.add({.id = "a", .description = "Apple"});
  ItemCodes codes({}, {}, given);
  CHECK(codes.given());
  CHECK(codes.item(codes.find("a")) == ItemIndex(1));
  CHECK(codes.item(codes.find("x")).is_none());
  codes.note_sale(codes.find("a"), Moment(Day(1)), Money::from_whole(1), "APPLE");
  CHECK(codes.take_catalog() == given);
}
