// SPDX-License-Identifier: MIT
#include <sstream>

#include <bodega/data/catalog_reader.hpp>

#include "check_error.hpp"
#include "shared_data.hpp"

using namespace bodega;

namespace {
Catalog read(const std::string& text, const CatalogColumns& columns = {},
             const NormaliseItem& normalise = {}) {
  std::istringstream in(text);
  return read_catalog(in, "items.csv", columns, normalise);
}
}  // namespace

TEST_CASE("A catalogue is read with every other column as an attribute") {
  const Catalog catalog = read(
      "id,description,price,department,tags\n"
      "a,\"Bread, rye\",2.95,bakery,fresh|brown\n"
      "b,,,,\n");
  REQUIRE(catalog.size() == 2);
  CHECK(catalog.description(ItemIndex(0)) == "Bread, rye");
  CHECK(catalog.price(ItemIndex(0)) == Money::parse("2.95"));
  REQUIRE(catalog.attribute_count(ItemIndex(0)) == 3);
  CHECK(catalog.attribute(ItemIndex(0), 0).name == "department");
  CHECK(catalog.attribute(ItemIndex(0), 1).value == "fresh");
  CHECK(catalog.attribute(ItemIndex(0), 2).name == "tags");
  CHECK(catalog.attribute(ItemIndex(0), 2).value == "brown");
  CHECK(catalog.attribute_count(ItemIndex(1)) == 0);
  CHECK(catalog.price(ItemIndex(1)) == Money());
}

TEST_CASE("Columns of a catalogue can be named and chosen") {
  CatalogColumns columns{.id = "sku", .description = "", .price = "eur", .attributes = {"group"}};
  columns.separator = ';';
  columns.value_separator = 0;
  const Catalog catalog =
      read("eur;sku;description;group\n1.5;x 1 ;left out;a|b\n", columns, upper_case_trimmed);
  CHECK(catalog.id(ItemIndex(0)) == "X 1");
  CHECK(catalog.description(ItemIndex(0)).empty());
  REQUIRE(catalog.attribute_count(ItemIndex(0)) == 1);
  CHECK(catalog.attribute(ItemIndex(0), 0).value == "a|b");
}

TEST_CASE("Codes are normalised to upper case without blanks around") {
  const auto normalised = [](std::string id) {
    upper_case_trimmed(id);
    return id;
  };
  CHECK(normalised(" 85123a\t") == "85123A");
  CHECK(normalised("a b") == "A B");
  CHECK(normalised("  ").empty());
}

TEST_CASE("text beyond Latin-1: codes are normalised whatever their letters and blanks") {
  const auto normalised = [](std::string id) {
    upper_case_trimmed(id);
    return id;
  };
  CHECK(normalised("é") == "É");
  CHECK(normalised("арт-12б") == "АРТ-12Б");
  CHECK(normalised("\u00A085123a\u00A0") == "85123A");
  CHECK(normalised("\uFEFF\u200B85123a\u3000\u202F\r\n") == "85123A");
  CHECK(normalised("85\u00A0123a") == "85\u00A0123A");
  CHECK(normalised("\u00A0\u200B ").empty());
  CHECK(normalised(" \xE9"
                   "1 ") ==
        "\xE9"
        "1");
}

TEST_CASE("A bad catalogue is an Error with its line") {
  CHECK_ERROR(read("sku,price\n1,2\n"), ErrorCode::missing, "items.csv, header");
  CHECK_ERROR(read(""), ErrorCode::missing, "items.csv");
  CHECK_ERROR(read("id\na\nb\na\n"), ErrorCode::duplicate, "items.csv:4, column id");
  CHECK_ERROR(read("id\na\nA\n", {}, upper_case_trimmed), ErrorCode::duplicate, "items.csv:3");
  CHECK_ERROR(read("id,price\na,2,3\n"), ErrorCode::format, "items.csv:2");
  CHECK_ERROR(read("id,price\na,two\n"), ErrorCode::format, "items.csv:2, column price");
  CHECK_ERROR(read("id,price\na,-2\n"), ErrorCode::format, "items.csv:2, column price");
  CHECK_ERROR(read("id,price\n,2\n"), ErrorCode::format, "items.csv:2, column id");
  CHECK_ERROR(read("id,price\na,\"2\n"), ErrorCode::format, "items.csv:2, field 2");
  CHECK_ERROR(read("id\na\n", {.attributes = {"group"}}), ErrorCode::missing, "items.csv, header");
  CHECK_ERROR(read_catalog("no such file.csv"), ErrorCode::io, "no such file.csv");
  try {
    read("id\na\nb\na\n");
  } catch (const Error& error) {
    CHECK(error.found() == "'a' as in line 2");
  }
}
