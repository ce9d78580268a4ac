// SPDX-License-Identifier: MIT
#include <bodega/collaborative/items/complements.hpp>
#include <bodega/collaborative/items/complements_trainer.hpp>
#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "collaborative/items/two_milks.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("two brands of milk share what goes with them") {
  const auto complements = fit_complements(two_milks());
  for (const Reasons& shared :
       {shared_complements(complements, ItemIndex(milk_a), ItemIndex(milk_b)),
        shared_complements(quantize(complements), ItemIndex(milk_b), ItemIndex(milk_a))}) {
    REQUIRE(shared.size() == 3);
    for (const Reason& reason : shared)
      CHECK((reason.item.value() >= cereal && reason.item.value() <= cake));
  }
  CHECK(shared_complements(complements, ItemIndex(milk_a), ItemIndex(pasta)).empty());
  CHECK(shared_complements(complements, ItemIndex(milk_a), ItemIndex(articles)).empty());
}

TEST_CASE("what both have counts the product of its weights, strongest first") {
  const ItemItem<> graph(
      CsrMatrix<float>(SparsePattern(4, {0, 2, 4, 4, 4}, {2, 3, 2, 3}), {1, 2, 3, 4}));
  const Reasons shared = shared_complements(graph, ItemIndex(0), ItemIndex(1));
  REQUIRE(shared.size() == 2);
  CHECK(shared[0].item == ItemIndex(3));
  CHECK(shared[0].contribution == 8);
  CHECK(shared[1].item == ItemIndex(2));
  CHECK(shared[1].contribution == 3);
  CHECK(shared_complements(graph, ItemIndex(0), ItemIndex(2)).empty());
  CHECK(shared_complements(graph, ItemIndex(9), ItemIndex(0)).empty());
}
