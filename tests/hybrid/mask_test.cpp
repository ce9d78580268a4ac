// SPDX-License-Identifier: MIT
#include <bodega/hybrid/mask.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("AllOf refers to its masks, so a change shows at once") {
  ItemMask stock(10), age(10);
  const AllOf both(stock, age);
  CHECK(both.allows(ItemIndex(4)));
  age.forbid(ItemIndex(4));
  CHECK_FALSE(both.allows(ItemIndex(4)));
  age.allow(ItemIndex(4));
  stock.forbid(ItemIndex(4));
  CHECK_FALSE(both.allows(ItemIndex(4)));
  STATIC_REQUIRE(Mask<AllOf<ItemMask, ItemMask>>);
}
