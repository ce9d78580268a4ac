// SPDX-License-Identifier: MIT
#include <bodega/data/interactions.hpp>

#include "catch.hpp"
#include "check_error.hpp"

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

TEST_CASE("Weighted baskets count as often as they weigh") {
  Baskets baskets(4);
  for (const auto& items : {std::vector{ItemIndex(3), ItemIndex(1)}, std::vector{ItemIndex(1)},
                            std::vector{ItemIndex(2)}})
    baskets.add(Moment(), CustomerIndex(1), items);
  const CsrMatrix<float> sums = user_items(baskets, std::vector{0.5f, 0.25f, 0.0f});
  sums.validate("user_items");
  CHECK(sums.at(1, 1) == 0.75f);
  CHECK(sums.at(1, 3) == 0.5f);
  CHECK(sums.size() == 2);  // what weighs nothing is not stored
  CHECK_ERROR(user_items(baskets, std::vector{1.0f}), ErrorCode::shape, "weights");
}

TEST_CASE("No baskets, no customers, no interactions") {
  CHECK(user_items(Baskets(3)).rows() == 0);
  Baskets anonymous(3);
  anonymous.add(Moment(), CustomerIndex::none(), std::vector<ItemIndex>{ItemIndex(1)});
  CHECK(user_items(anonymous).size() == 0);
  CHECK(user_items(anonymous).columns() == 3);
}

TEST_CASE("baskets as rows") {
  Baskets baskets(4);
  for (const auto& items : {std::vector{ItemIndex(3), ItemIndex(1)}, std::vector{ItemIndex(2)}})
    baskets.add(Moment(), CustomerIndex::none(), items);
  const CsrMatrix<float> rows = basket_items(baskets);
  rows.validate("basket_items");
  CHECK(rows == CsrMatrix<float>({4, {0, 2, 3}, {1, 3, 2}}, {1, 1, 1}));
  CHECK(basket_items(Baskets(3)).rows() == 0);
}
