// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <bodega/collaborative/item_neighbours.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
/// 6 baskets: n = 4, 2, 4, 1, 0; pairs 01: 2, 02: 2, 12: 1, 03: 1.
Cooccurrence counts() {
  Cooccurrence result(5);
  for (const std::vector<std::uint32_t>& items : std::vector<std::vector<std::uint32_t>>{
           {0, 1}, {0, 1, 2}, {0, 2}, {0, 3}, {2}, {2}}) {
    std::vector<ItemIndex> basket;
    for (const std::uint32_t i : items) basket.push_back(ItemIndex(i));
    result.add(basket, Day(15000));
  }
  return result;
}
}  // namespace

TEST_CASE("similarities by hand: n = 4 2 4 1 in 6 baskets") {
  const auto cosine =
      fit_item_neighbours(counts(), {.similarity = Similarity::cosine, .neighbours = 0}).weights();
  CHECK(cosine.at(0, 1) == Approx(2 / std::sqrt(8.0)));
  CHECK(cosine.at(1, 0) == cosine.at(0, 1));
  CHECK(cosine.at(0, 2) == Approx(0.5));
  CHECK(cosine.at(0, 3) == Approx(0.5));
  CHECK(cosine.at(1, 2) == Approx(1 / std::sqrt(8.0)));
  CHECK(cosine.at(1, 3) == 0);
  CHECK(cosine.at(0, 0) == 0);
  CHECK(cosine.row(4).size() == 0);

  const auto conditional =
      fit_item_neighbours(counts(), {.similarity = Similarity::conditional}).weights();
  CHECK(conditional.at(0, 1) == Approx(0.5));
  CHECK(conditional.at(1, 0) == Approx(1.0));
  CHECK(conditional.at(3, 0) == Approx(1.0));
  CHECK(conditional.at(0, 3) == Approx(0.25));

  const auto lift =
      fit_item_neighbours(counts(), {.similarity = Similarity::shrunk_lift, .shrinkage = 1})
          .weights();
  CHECK(lift.at(0, 1) == Approx((2 - 8 / 6.0) / (8 / 6.0 + 1)));
  CHECK(lift.at(0, 3) == Approx((1 - 4 / 6.0) / (4 / 6.0 + 1)));
  CHECK(lift.at(0, 2) == 0);  // 2 is below the 16/6 that chance would give
  CHECK(lift.row(0).size() == 2);
}

TEST_CASE("the strongest neighbours are kept, equal ones by index") {
  const auto one = fit_item_neighbours(counts(), {.neighbours = 1}).weights();
  REQUIRE(one.row(0).size() == 1);
  CHECK(one.row(0).columns[0] == 1);
  const auto two = fit_item_neighbours(counts(), {.neighbours = 2}).weights();
  REQUIRE(two.row(0).size() == 2);  // 2 and 3 are equal: 2 stays
  CHECK(two.row(0).columns[1] == 2);
}

TEST_CASE("neighbours: a shrinkage that makes no sense is an Error, cancelling is obeyed") {
  CHECK_ERROR(fit_item_neighbours(counts(), {.shrinkage = -1}), ErrorCode::invalid_argument,
              "shrinkage");
  CHECK_ERROR(fit_item_neighbours(counts(), {.shrinkage = NAN}), ErrorCode::invalid_argument,
              "shrinkage");
  CHECK_ERROR(fit_item_neighbours(counts(), {.progress = [](const Progress&) { return false; }}),
              ErrorCode::cancelled, "neighbours");
}

TEST_CASE("neighbours of an empty catalogue and of one item") {
  CHECK(fit_item_neighbours(Cooccurrence()).items() == 0);
  Cooccurrence one(1);
  one.add(std::vector{ItemIndex(0)}, Day(0));
  CHECK(fit_item_neighbours(one).weights().size() == 0);
}
