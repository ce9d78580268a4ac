// SPDX-License-Identifier: MIT
#include <bodega/hybrid/describe.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("A reason reads as a shopkeeper would say it") {
  Catalog catalog;
  const ItemIndex lantern = catalog.add({.id = "71053", .description = "WHITE METAL LANTERN"});
  const ItemIndex bare = catalog.add({.id = "85123A"});
  using Kind = Reason::Kind;
  const auto said = [&](Kind kind, ItemIndex item, std::string_view term = {}) {
    return describe({kind, item, Reason::no_term, 1.0f}, catalog, term);
  };
  CHECK(said(Kind::bought_together, lantern) == "bought with WHITE METAL LANTERN");
  CHECK(said(Kind::bought_together, bare) == "bought with 85123A");
  CHECK(said(Kind::alike, lantern, "hanging heart") == "alike: hanging heart");
  CHECK(said(Kind::alike, lantern) == "like WHITE METAL LANTERN");
  CHECK(said(Kind::popular, ItemIndex::none()) == "popular these days");
  CHECK(said(Kind::bought_before, ItemIndex::none()) == "bought before");
  CHECK(said(Kind::due, ItemIndex::none()) == "due about now");
  CHECK(said(Kind::bought_by_alike, ItemIndex::none()) == "bought by customers alike");
  CHECK(said(Kind::now, ItemIndex::none()) == "more than else at this hour");
}

TEST_CASE("A reason of another catalogue still reads") {
  const Catalog empty;
  CHECK(describe({Reason::Kind::bought_together, ItemIndex(5), Reason::no_term, 1.0f}, empty) ==
        "bought together");
  CHECK(describe({Reason::Kind::alike, ItemIndex::none(), Reason::no_term, 1.0f}, empty) ==
        "alike");
}

TEST_CASE("foreign inputs: names that would act on a screen are escaped") {
  Catalog catalog;
  const ItemIndex raw = catalog.add({.id = "1", .description = "TEA\x1B[2J\xC9\n"});
  const ItemIndex large = catalog.add({.id = "2", .description = std::string(100'000, 'x')});
  using Kind = Reason::Kind;
  CHECK(describe({Kind::bought_together, raw, Reason::no_term, 1.0f}, catalog) ==
        "bought with TEA\\u{1B}[2J\\xC9\\n");
  CHECK(describe({Kind::matches, ItemIndex::none(), 0, 1.0f}, catalog, "a\x07") ==
        "matches: a\\u{07}");
  CHECK(describe({Kind::alike, large, Reason::no_term, 1.0f}, catalog).size() < 500);
}
