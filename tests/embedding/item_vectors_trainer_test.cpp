// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/embedding/item_vectors_trainer.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("all dimensions rebuild the mutual information") {
  // With as many dimensions as items, and all eigenvalues positive, the vectors' products are the
  // matrix itself: here two groups of two, each with the same counts, and self pairs to make
  // the eigenvalues positive.
  const CsrMatrix<float> pairs(SparsePattern(3, {0, 2, 4, 5}, {0, 1, 0, 1, 2}), {8, 2, 2, 8, 10});
  const auto model = fit_item_vectors(pairs, {.dimensions = 3});
  // n = 30, every row sums to 10: ln(8 x 30 / 100), ln(2 x 30 / 100) < 0, ln(10 x 30 / 100).
  CHECK(model.cosine(ItemIndex(0), ItemIndex(1)) == Approx(0).margin(1e-5));
  CHECK(model.cosine(ItemIndex(0), ItemIndex(0)) == Approx(1));

  const CsrMatrix<float> near(SparsePattern(3, {0, 2, 4, 5}, {0, 1, 0, 1, 2}), {6, 4, 4, 6, 10});
  const auto closer = fit_item_vectors(near, {.dimensions = 3});
  CHECK(closer.cosine(ItemIndex(0), ItemIndex(1)) ==
        Approx(std::log(4 * 30 / 100.0) / std::log(6 * 30 / 100.0)));
  CHECK(closer.cosine(ItemIndex(0), ItemIndex(2)) == Approx(0).margin(1e-5));
  // A shift of 1.5 leaves nothing of the 4, whose lift is 1.2.
  const auto shifted = fit_item_vectors(near, {.dimensions = 3, .shift = 1.5});
  CHECK(shifted.cosine(ItemIndex(0), ItemIndex(1)) == Approx(0).margin(1e-5));
}

TEST_CASE("items of one department are neighbours, rows have length 1, seeds repeat") {
  const Cooccurrence counts(bodega_test::toy_baskets(4000));
  const auto model = fit_item_vectors(counts.pairs(), {.dimensions = 5, .seed = 3});
  CHECK(model.dimensions() == 5);
  for (std::uint32_t i = 0; i + 1 < bodega_test::toy_items; ++i) {
    CHECK(model.cosine(ItemIndex(i), ItemIndex(i)) == Approx(1));
    for (const ScoredIndex& near : model.nearest(ItemIndex(i), 3)) CHECK(near.index % 5 == i % 5);
  }
  const ItemIndex never_sold(bodega_test::toy_items - 1);
  CHECK(model.cosine(never_sold, never_sold) == 0);
  CHECK(fit_item_vectors(counts.pairs(), {.dimensions = 5, .seed = 3}) == model);
}

TEST_CASE("more dimensions than items, and no pairs at all") {
  const CsrMatrix<float> none(SparsePattern(3, {0, 0, 0, 0}, {}), {});
  const auto model = fit_item_vectors(none, {.dimensions = 8});
  CHECK(model.items() == 3);
  CHECK(model.dimensions() == 8);
  CHECK(model.cosine(ItemIndex(0), ItemIndex(1)) == 0);
}

TEST_CASE("item vectors refuse what they cannot be trained on") {
  const CsrMatrix<float> pairs(SparsePattern(2, {0, 1, 2}, {1, 0}), {3, 3});
  CHECK_ERROR(fit_item_vectors(pairs, {.dimensions = 0}), ErrorCode::invalid_argument,
              "dimensions");
  CHECK_ERROR(fit_item_vectors(pairs, {.dimensions = 513}), ErrorCode::invalid_argument,
              "dimensions");
  CHECK_ERROR(fit_item_vectors(pairs, {.shift = 0}), ErrorCode::invalid_argument, "shift");
  CHECK_ERROR(fit_item_vectors(CsrMatrix<float>(SparsePattern(2, {0, 1}, {1}), {3})),
              ErrorCode::shape, "pairs");
  CHECK_ERROR(fit_item_vectors(CsrMatrix<float>(SparsePattern(1, {0, 1}, {0}), {-3})),
              ErrorCode::out_of_range, "pairs");
  CHECK_ERROR(fit_item_vectors(pairs, {.progress = [](const Progress&) { return false; }}),
              ErrorCode::cancelled, "item vectors");
}

TEST_CASE("item vectors keep the scorer contract") {
  // An INT8 scan rounds the query's vector as well, by up to 1/254 of its largest number.
  const bodega_test::ScorerPromises rounded_query{
      .sums_over_items = false, .explains_all = false, .tolerance = 0.03f};
  const auto model =
      fit_item_vectors(Cooccurrence(bodega_test::toy_baskets()).pairs(), {.dimensions = 8});
  bodega_test::check_scorer_contract(model, bodega_test::toy_items);
  bodega_test::check_scorer_contract(quantize(model), bodega_test::toy_items, rounded_query);
}
