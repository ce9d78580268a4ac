// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <bodega/compress/quantize.hpp>
#include <bodega/core/random.hpp>
#include <bodega/embedding/item_vectors.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "reload.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

Matrix<float> unit_rows(std::size_t items, std::size_t dimensions) {
  const CounterRandom random(5);
  Matrix<float> table(items, dimensions);
  for (std::size_t i = 0; i < items; ++i) {
    double squares = 0;
    for (std::size_t d = 0; d < dimensions; ++d) {
      table(i, d) = random.normal(i, d);
      squares += double{table(i, d)} * table(i, d);
    }
    for (float& x : table.row(i)) x /= static_cast<float>(std::sqrt(squares));
  }
  return table;
}

/// One item in so many: 2 is a scan of the rough copy, 30 of what is allowed alone.
template <std::uint32_t N>
struct OneIn {
  bool allows(ItemIndex item) const noexcept { return item.value() % N == 1; }
};
using OddItems = OneIn<2>;

}  // namespace

TEST_CASE("nearest by hand") {
  const ItemVectors<> model(Matrix<float>(4, 2, {1, 0, 0, 1, 0.8f, 0.6f, -1, 0}));
  const auto near = model.nearest(ItemIndex(0), 2);
  REQUIRE(near.size() == 2);
  CHECK(near[0] == ScoredIndex{0.8f, 2});
  CHECK(near[1] == ScoredIndex{0, 1});
  CHECK(model.nearest(ItemIndex(0), 100).size() == 3);  // never the item itself
  CHECK(model.nearest(ItemIndex(0), 0).empty());
  CHECK(model.nearest(ItemIndex(4), 2).empty());
  CHECK(model.nearest(ItemIndex::none(), 2).empty());
  CHECK(model.cosine(ItemIndex(1), ItemIndex(2)) == Approx(0.6));
  CHECK(model.cosine(ItemIndex(1), ItemIndex(9)) == 0);
}

TEMPLATE_TEST_CASE("the scan finds what plain search finds, under a mask, at any size", "",
                   OneIn<2>, OneIn<30>) {
  const TestType mask;
  for (const std::size_t dimensions : {1, 7, 16, 64, 200})
    for (const std::size_t items : {1, 5, 255, 256, 1000, 2500}) {
      if (items == 2500 && dimensions > 16) continue;
      const Matrix<float> table = unit_rows(items, dimensions);
      const ItemVectors<> model(table);
      const auto query = ItemIndex(static_cast<std::uint32_t>(items / 2));
      TopK expected(10), found(10);
      for (std::uint32_t i = 0; i < items; ++i)
        if (i != query.value() && mask.allows(ItemIndex(i)))
          expected.offer(std::inner_product(table.row(i).begin(), table.row(i).end(),
                                            table.row(query.value()).begin(), 0.0f),
                         i);
      model.nearest(query, mask, found);
      const auto want = expected.sorted(), have = found.sorted();
      INFO(items << " items in " << dimensions << " dimensions");
      REQUIRE(have.size() == want.size());
      for (std::size_t k = 0; k < want.size(); ++k)
        CHECK(have[k].score == Approx(want[k].score).margin(1e-5));
    }
}

TEST_CASE("INT8 neighbours are exactly those of the stored vectors, with scale and zero-point") {
  for (const Scheme scheme : {Scheme::symmetric, Scheme::affine}) {
    const auto model = quantize(ItemVectors<>(unit_rows(300, 64)), {.scheme = scheme});
    for (const std::uint32_t query : {0u, 123u, 299u}) {
      TopK expected(299);
      for (std::uint32_t i = 0; i < 300; ++i) {
        double cosine = 0;
        for (std::size_t d = 0; d < 64; ++d)
          cosine += double{model.vectors().at(i, d)} * double{model.vectors().at(query, d)};
        if (i != query) expected.offer(static_cast<float>(cosine), i);
      }
      const auto all = model.nearest(ItemIndex(query), 300);
      const auto want = expected.sorted();
      REQUIRE(all.size() == want.size());
      for (std::size_t k = 0; k < want.size(); ++k)
        REQUIRE(all[k].score == Approx(want[k].score).margin(1e-6));
    }
  }
}

TEST_CASE("any vector is searched for, and nothing for one of another length") {
  const Matrix<float> table = unit_rows(2000, 40);
  const ItemVectors<> model(table);
  const auto small = quantize(model);
  std::vector<float> customer(40, 0.0f);
  for (const std::size_t bought : {3u, 77u, 1500u})
    for (std::size_t d = 0; d < 40; ++d) customer[d] += table(bought, d);
  TopK expected(5), found(5), of_small(5), none(5);
  for (std::uint32_t i = 0; i < 2000; ++i)
    if (OddItems{}.allows(ItemIndex(i)))
      expected.offer(
          std::inner_product(customer.begin(), customer.end(), table.row(i).begin(), 0.0f), i);
  model.nearest(customer, OddItems{}, found);
  small.nearest(customer, OddItems{}, of_small);
  const auto want = expected.sorted(), have = found.sorted(), coarse = of_small.sorted();
  REQUIRE(have.size() == 5);
  REQUIRE(coarse.size() == 5);
  for (std::size_t k = 0; k < 5; ++k) {
    CHECK(have[k].index == want[k].index);
    CHECK(coarse[k].score == Approx(want[k].score).margin(0.02));
  }
  model.nearest(std::span<const float>(customer).first(39), OddItems{}, none);
  CHECK(none.size() == 0);
}

TEST_CASE("INT8 neighbours are nearly those of float, in the same order where it matters") {
  const ItemVectors<> exact(unit_rows(500, 64));
  const auto small = quantize(exact);
  std::size_t same = 0;
  for (std::uint32_t i = 0; i < 100; ++i) {
    const auto a = exact.nearest(ItemIndex(i), 10), b = small.nearest(ItemIndex(i), 10);
    for (const ScoredIndex& x : a)
      for (const ScoredIndex& y : b)
        if (x.index == y.index) {
          ++same;
          CHECK(std::abs(x.score - y.score) < 0.02f);
        }
  }
  CHECK(same >= 930);  // of 1000
}

TEST_CASE("an item without a vector is near nothing") {
  const ItemVectors<> model(Matrix<float>(3, 2, {1, 0, 0, 0, 1, 0}));
  const std::vector<ItemIndex> basket{ItemIndex(1)};
  std::vector<float> scores(3, 0.0f);
  model.add_scores({.basket = basket}, 1, scores);
  CHECK(scores == std::vector<float>{0, 0, 0});
  const auto small = quantize(model);
  small.add_scores({.basket = basket}, 1, scores);
  CHECK(scores == std::vector<float>{0, 0, 0});
}

TEST_CASE("vectors that cannot be served are Errors") {
  CHECK_ERROR(ItemVectors<>(Matrix<float>(1, 1, NAN)), ErrorCode::not_finite, "vectors");
  CHECK_ERROR(ItemVectors<>(Matrix<float>(1, ItemVectors<>::most_dimensions + 1)), ErrorCode::shape,
              "vectors");
  const ItemVectors<> widest(Matrix<float>(2, ItemVectors<>::most_dimensions, 0.0f));
  CHECK(widest.nearest(ItemIndex(0), 1).size() == 1);
}

TEST_CASE("vectors with scales for blocks of columns are refused") {
  const Matrix<std::int8_t> stored(2, 4, std::int8_t{1});
  CHECK_ERROR(
      ItemVectors<QuantizedMatrix>(QuantizedMatrix(stored, QuantizationScale({0.1f, 0.2f}, {}, 2))),
      ErrorCode::shape, "columns of scale");
}
