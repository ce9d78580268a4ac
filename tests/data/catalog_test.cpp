// SPDX-License-Identifier: MIT
#include <limits>
#include <vector>

#include <bodega/data/catalog.hpp>

#include "check_error.hpp"
#include "data/parameter_list.hpp"

using namespace bodega;
using bodega_test::tampered;
using bodega_test::through_tensors;

namespace {
Catalog small() {
  Catalog catalog;
  catalog.add({.id = "4711",
               .description = "Rye bread",
               .price = Money::parse("2.95").value(),
               .attributes = {{"department", "bakery"}, {"grain", "rye"}, {"grain", "wheat"}}});
  catalog.add({.id = "4712"});
  catalog.add({.id = "20", .attributes = {{"department", "bakery"}}});
  return catalog;
}
using Numbers = std::vector<std::uint32_t>;
}  // namespace

TEST_CASE("A catalogue goes from id to index and back") {
  const Catalog catalog = small();
  REQUIRE(catalog.size() == 3);
  const ItemIndex bread = catalog.at("4711");
  CHECK(bread == ItemIndex(0));
  CHECK(catalog.id(bread) == "4711");
  CHECK(catalog.description(bread) == "Rye bread");
  CHECK(catalog.price(bread).value() == 2.95);
  CHECK(catalog.find("20") == ItemIndex(2));
  CHECK(catalog.find("471").is_none());
  CHECK(Catalog().find("4711").is_none());
  CHECK_ERROR(catalog.at("nobody"), ErrorCode::unknown_id, "Catalog");
}

TEST_CASE("Items have attributes, a name may have several values") {
  const Catalog catalog = small();
  REQUIRE(catalog.attribute_count(ItemIndex(0)) == 3);
  CHECK(catalog.attribute_count(ItemIndex(1)) == 0);
  REQUIRE(catalog.attribute_count(ItemIndex(2)) == 1);
  CHECK(catalog.attribute(ItemIndex(0), 2).name == "grain");
  CHECK(catalog.attribute(ItemIndex(0), 2).value == "wheat");
  CHECK(catalog.attribute(ItemIndex(2), 0).value == "bakery");
}

TEST_CASE("What is no item is refused and changes nothing") {
  Catalog catalog = small();
  CHECK_ERROR(catalog.add({.id = "4712", .description = "again"}), ErrorCode::duplicate, "4712");
  CHECK_ERROR(catalog.add({.id = ""}), ErrorCode::invalid_argument, "Catalog");
  CHECK_ERROR(catalog.add({.id = "x", .price = Money::from_raw(-1)}), ErrorCode::out_of_range,
              "price of item x");
  CHECK_ERROR(catalog.add({.id = "y", .attributes = {{"", "v"}}}), ErrorCode::invalid_argument,
              "item y");
  CHECK(catalog == small());
}

TEST_CASE("A catalogue read from tensors finds its items after restore") {
  const Catalog catalog = small();
  Catalog read = through_tensors(catalog);
  read.validate("f");
  read.restore();
  CHECK(read == catalog);
  CHECK(read.at("20") == ItemIndex(2));
  CHECK(read.add({.id = "new", .attributes = {{"grain", "rye"}}}) == ItemIndex(3));
  CHECK(read.attribute(ItemIndex(3), 0).value == "rye");
}

TEST_CASE("A catalogue that does not fit together is refused") {
  const Catalog catalog = small();
  const auto numbers = [&](std::string_view tensor, Numbers value) {
    return tampered<Numbers>(catalog, tensor, [&](Numbers& n) { n = value; });
  };
  catalog.validate("f");
  CHECK_ERROR(numbers("attribute_end", {3, 3}).validate("f"), ErrorCode::shape, "attribute_end");
  CHECK_ERROR(numbers("attribute_end", {3, 2, 4}).validate("f"), ErrorCode::format, "item 1");
  CHECK_ERROR(numbers("attribute_end", {3, 3, 5}).validate("f"), ErrorCode::shape,
              "attribute_names");
  CHECK_ERROR(numbers("attribute_names", {0, 1, 1, 2}).validate("f"), ErrorCode::out_of_range,
              "attribute 3");
  CHECK_ERROR(numbers("attribute_values", {0, 1, 9, 0}).validate("f"), ErrorCode::out_of_range,
              "attribute 2");
  CHECK_ERROR(numbers("attribute_values", {0, 1}).validate("f"), ErrorCode::shape,
              "attribute_values");
  CHECK_ERROR(numbers("descriptions.end", {9, 9}).validate("f"), ErrorCode::shape, "descriptions");
  CHECK_ERROR(numbers("ids.end", {4, 4, 10}).validate("f"), ErrorCode::format, "item 1");
  using Prices = std::vector<std::uint64_t>;
  CHECK_ERROR(tampered<Prices>(catalog, "prices", [](Prices& p) { p.pop_back(); }).validate("f"),
              ErrorCode::shape, "prices");
  CHECK_ERROR(tampered<Prices>(catalog, "prices",
                               [](Prices& p) { p[1] = std::numeric_limits<std::uint64_t>::max(); })
                  .validate("f"),
              ErrorCode::out_of_range, "prices, item 1");
}

TEST_CASE("foreign inputs: a catalogue says which items a screen should not show as they are") {
  Catalog catalog;
  catalog.add({.id = "1", .description = "Молоко 3,2%"});
  catalog.add({.id = "2", .description = "CAF\xC9"});
  catalog.add({.id = "3\x1B", .description = ""});
  catalog.add({.id = "4", .attributes = {{"room", "a\nb"}}});
  catalog.add({.id = "5", .attributes = {{"room", "kitchen"}}});
  CHECK(catalog.unprintable() == std::vector<ItemIndex>{ItemIndex(1), ItemIndex(2), ItemIndex(3)});
}

TEST_CASE("An item's id may become another one, and all else stays") {
  Catalog catalog;
  catalog.add({"A", "bread", Money::from_whole(2), {{"kind", "food"}, {"kind", "baked"}}});
  catalog.add({"B", "soap", Money::from_whole(3), {}});
  const Catalog renamed = catalog.with_id(ItemIndex(0), "Z");
  CHECK(renamed.size() == 2);
  CHECK(renamed.find("Z") == ItemIndex(0));
  CHECK(renamed.find("A").is_none());
  CHECK(renamed.description(ItemIndex(0)) == "bread");
  CHECK(renamed.price(ItemIndex(0)) == Money::from_whole(2));
  REQUIRE(renamed.attribute_count(ItemIndex(0)) == 2);
  CHECK(renamed.attribute(ItemIndex(0), 1).value == "baked");
  CHECK(renamed.with_id(ItemIndex(0), "A") == catalog);
  CHECK_ERROR(catalog.with_id(ItemIndex(0), "B"), ErrorCode::duplicate, "item B");
  CHECK_ERROR(catalog.with_id(ItemIndex(2), "C"), ErrorCode::unknown_id, "Catalog");
}
