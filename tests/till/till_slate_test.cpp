// SPDX-License-Identifier: MIT
#include <bodega/till/till_slate.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("A slate of nothing says so") {
  const TillSlate nothing;
  CHECK(nothing.empty());
  CHECK(nothing.size() == 0);
  CHECK(nothing.begin() == nothing.end());
  CHECK(nothing.answered_by == "none");
  CHECK(TillPick{}.because.empty());
}

TEST_CASE("A reason of no models has no words, and breaks nothing") {
  const TillReason reason;
  CHECK(reason.code().empty());
  CHECK(reason.part().empty());
  CHECK(reason.text().empty());
}

TEST_CASE("Reasons of a pick are named by code and by part") {
  Catalog catalog;
  catalog.add({.id = "A", .description = "bread"});
  catalog.add({.id = "B"});
  Bundle bundle;
  bundle.add("catalog", catalog);
  const TillModels models = load_models<>(bundle);
  Reasons reasons;
  reasons.offer({Reason::Kind::bought_together, ItemIndex(0), Reason::no_term, 2});
  reasons.offer({Reason::Kind::popular, ItemIndex::none(), Reason::no_term, 1});
  const TillReasons named(reasons, models);
  REQUIRE(named.size() == 2);
  CHECK(named[0].kind() == Reason::Kind::bought_together);
  CHECK(named[0].code() == "A");
  CHECK(named[0].contribution() == 2);
  CHECK(named[0].text() == "bought with bread");
  CHECK(named[1].code().empty());
  CHECK(named[1].text() == "popular these days");
  CHECK(named[1].part() == "search");  // of no part of the blend
}
