// SPDX-License-Identifier: MIT
#include <bodega/data/interactions.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("Interactions count the baskets of a customer that hold an item") {
  Baskets baskets(4);
  const auto add = [&](CustomerIndex customer, std::vector<ItemIndex> items) {
    baskets.add(Moment(), customer, items);
  };
  add(CustomerIndex(2), {ItemIndex(3), ItemIndex(1)});
  add(CustomerIndex::none(), {ItemIndex(0)});
  add(CustomerIndex(0), {ItemIndex(2)});
  add(CustomerIndex(2), {ItemIndex(1), ItemIndex(0), ItemIndex(1)});
  const CsrMatrix<float> counts = user_items(baskets);
  counts.validate("user_items");
  CHECK(counts.rows() == 3);
  CHECK(counts.columns() == 4);
  CHECK(counts.size() == 4);
  CHECK(counts.at(2, 1) == 2);
  CHECK(counts.at(2, 0) == 1);
  CHECK(counts.at(2, 3) == 1);
  CHECK(counts.at(0, 2) == 1);
  CHECK(counts.row(1).size() == 0);
}

TEST_CASE("No baskets, no customers, no interactions") {
  CHECK(user_items(Baskets(3)).rows() == 0);
  Baskets anonymous(3);
  anonymous.add(Moment(), CustomerIndex::none(), std::vector<ItemIndex>{ItemIndex(1)});
  CHECK(user_items(anonymous).size() == 0);
  CHECK(user_items(anonymous).columns() == 3);
}
