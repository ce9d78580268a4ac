// SPDX-License-Identifier: MIT
#include <bodega/evaluate/novelty.hpp>

#include <cmath>
#include <vector>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
std::vector<ItemIndex> items_of(std::vector<std::uint32_t> indices) {
  std::vector<ItemIndex> items;
  for (const std::uint32_t index : indices) items.emplace_back(index);
  return items;
}
}  // namespace

TEST_CASE("Surprise and difference by hand") {
  Baskets baskets(4);
  for (const auto& basket : {items_of({0, 1}), items_of({0, 1}), items_of({0}), items_of({0, 2})})
    baskets.add(Moment(), CustomerIndex::none(), basket);
  const Cooccurrence sold(baskets);
  CHECK(surprise(items_of({0}), sold) == Approx(0.0).margin(1e-12));  // all four baskets hold it
  CHECK(surprise(items_of({1}), sold) == Approx(1.0));
  CHECK(surprise(items_of({2}), sold) == Approx(2.0));
  CHECK(surprise(items_of({3}), sold) == Approx(2.0));  // never sold counts like sold once
  CHECK(surprise(items_of({0, 1, 2}), sold) == Approx(3.0));
  CHECK(surprise({}, sold) == 0);

  CHECK(difference(items_of({0, 1}), sold) == Approx(1 - 2 / std::sqrt(8.0)));
  CHECK(difference(items_of({1, 2}), sold) == Approx(1.0));
  CHECK(difference(items_of({0, 1, 2}), sold) ==
        Approx((3 - 2 / std::sqrt(8.0) - 1 / std::sqrt(4.0)) / 3));
  CHECK(std::isnan(difference(items_of({0}), sold)));
}
