// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/collaborative/items/weighted_neighbours_trainer.hpp>
#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
/// 6 baskets: n = 4, 2, 4, 1, 0; pairs 01: 2, 02: 2, 12: 1, 03: 1.
Cooccurrence counts() {
  Cooccurrence result(5);
  for (const std::vector<std::uint32_t>& items :
       std::vector<std::vector<std::uint32_t>>{{0, 1}, {0, 1, 2}, {0, 2}, {0, 3}, {2}, {2}}) {
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

TEST_CASE("Jaccard, PPMI and log-likelihood by hand: n = 4 2 4 1 in 6 baskets") {
  const auto of = [](Similarity similarity) {
    return fit_item_neighbours(counts(), {.similarity = similarity, .neighbours = 0}).weights();
  };
  const auto jaccard = of(Similarity::jaccard);
  CHECK(jaccard.at(0, 1) == Approx(0.5));      // 2 of 4
  CHECK(jaccard.at(0, 2) == Approx(1 / 3.0));  // 2 of 6
  CHECK(jaccard.at(2, 1) == Approx(0.2));      // 1 of 5
  CHECK(jaccard.at(3, 0) == Approx(0.25));     // 1 of 4

  const auto ppmi = of(Similarity::ppmi);
  CHECK(ppmi.at(0, 1) == Approx(std::log(2 * 6 / 8.0)));
  CHECK(ppmi.at(1, 0) == ppmi.at(0, 1));
  CHECK(ppmi.at(3, 0) == Approx(std::log(6 / 4.0)));
  CHECK(ppmi.row(0).size() == 2);  // 2 with item 2 are fewer than the 16/6 of chance

  const auto surprise = of(Similarity::log_likelihood);
  // Both 2, only the one 2, only the other 0, neither 2; chance expects 4/3, 8/3, 2/3, 4/3.
  const double g2 = 2 * (2 * std::log(1.5) + 2 * std::log(0.75) + 2 * std::log(1.5));
  CHECK(surprise.at(0, 1) == Approx(g2));
  CHECK(surprise.at(1, 0) == surprise.at(0, 1));
  CHECK(surprise.row(0).size() == 2);
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

TEST_CASE("item neighbours keep the scorer contract") {
  const Cooccurrence counts(bodega_test::toy_baskets());
  for (const Similarity similarity :
       {Similarity::cosine, Similarity::conditional, Similarity::shrunk_lift, Similarity::jaccard,
        Similarity::ppmi, Similarity::log_likelihood}) {
    const auto model = fit_item_neighbours(counts, {.similarity = similarity, .neighbours = 10});
    bodega_test::check_scorer_contract(model, bodega_test::toy_items);
    bodega_test::check_scorer_contract(quantize(model), bodega_test::toy_items);
  }
  bodega_test::check_scorer_contract(
      fit_tfidf_neighbours(bodega_test::toy_baskets(), {.neighbours = 10}), bodega_test::toy_items);
}
