// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <bodega/collaborative/items/item_item.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
/// Rows: 0 -> {1: 0.5, 2: -0.25}, 1 -> {0: 1}, 2 -> nothing.
CsrMatrix<float> table() { return {SparsePattern(3, {0, 2, 3, 3}, {1, 2, 0}), {0.5f, -0.25f, 1}}; }
}  // namespace

TEST_CASE("the score of an item is the sum over the query of the table's rows") {
  const ItemItem<> model(table());
  const std::vector<ItemIndex> basket{ItemIndex(0), ItemIndex(2), ItemIndex(1)};
  std::vector<float> scores{10, 10, 10};
  model.add_scores({.basket = basket}, 2, scores);
  CHECK(scores == std::vector<float>{12, 11, 9.5f});
}

TEST_CASE("what speaks for an item is a reason, what speaks against it is none") {
  const ItemItem<> model(table());
  const std::vector<ItemIndex> basket{ItemIndex(0)};
  Reasons reasons;
  model.explain({.basket = basket, .viewed = ItemIndex(1)}, 2, ItemIndex(2), reasons);
  CHECK(reasons.empty());
  model.explain({.basket = basket, .viewed = ItemIndex(2)}, 2, ItemIndex(1), reasons);
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].kind == Reason::Kind::bought_together);
  CHECK(reasons[0].item == ItemIndex(0));
  CHECK(reasons[0].contribution == 1);
}

TEST_CASE("a table that is not square or not finite is an Error") {
  CHECK_ERROR(ItemItem<>(CsrMatrix<float>(SparsePattern(3, {0, 1}, {2}), {1})), ErrorCode::shape,
              "weights");
  CHECK_ERROR(ItemItem<>(CsrMatrix<float>(SparsePattern(1, {0, 1}, {0}), {NAN})),
              ErrorCode::not_finite, "weights");
}

TEST_CASE("an empty model serves nothing and is valid") {
  const ItemItem<> model;
  CHECK(model.items() == 0);
  model.validate("empty");
  model.add_scores({.viewed = ItemIndex(0)}, 1, {});
}
