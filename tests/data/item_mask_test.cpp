// SPDX-License-Identifier: MIT
#include <bodega/data/item_mask.hpp>

#include <vector>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

TEST_CASE("A mask allows what it is told to, over word boundaries") {
  ItemMask mask(130);
  CHECK(mask.count() == 130);
  for (const std::uint32_t i : {0u, 63u, 64u, 129u}) {
    mask.forbid(ItemIndex(i));
    CHECK_FALSE(mask.allows(ItemIndex(i)));
  }
  CHECK(mask.allows(ItemIndex(1)));
  CHECK(mask.allows(ItemIndex(65)));
  CHECK(mask.count() == 126);
  mask.allow(ItemIndex(64));
  CHECK(mask.allows(ItemIndex(64)));
  CHECK(mask.count() == 127);
}

TEST_CASE("An index outside the catalogue is not allowed and changes nothing") {
  ItemMask mask(70, false);
  mask.allow(ItemIndex(70));
  mask.allow(ItemIndex(127));
  mask.allow(ItemIndex::none());
  CHECK(mask.count() == 0);
  CHECK_FALSE(mask.allows(ItemIndex(70)));
  CHECK_FALSE(mask.allows(ItemIndex::none()));
  ItemMask all(70);
  all.forbid(ItemIndex(70));
  CHECK(all.count() == 70);
  CHECK_FALSE(all.allows(ItemIndex(70)));
  CHECK_FALSE(ItemMask().allows(ItemIndex(0)));
}

TEST_CASE("The allowed items are visited in their order, and what another allows is forbidden") {
  ItemMask mask(130, false);
  for (const std::uint32_t i : {0u, 63u, 64u, 129u}) mask.allow(ItemIndex(i));
  const auto items = [&] {
    std::vector<std::uint32_t> all;
    mask.for_each([&](ItemIndex item) { all.push_back(item.value()); });
    return all;
  };
  CHECK(items() == std::vector<std::uint32_t>{0, 63, 64, 129});
  ItemMask others(70);  // of a smaller catalogue
  others.forbid(ItemIndex(63));
  mask.forbid(others);
  CHECK(items() == std::vector<std::uint32_t>{63, 129});
  mask.allow_all();
  CHECK(items().size() == 130);
  CHECK(mask.count() == 130);
}

TEST_CASE("Two masks together allow what both do") {
  ItemMask a(100), b(100);
  a.forbid(ItemIndex(3));
  b.forbid(ItemIndex(80));
  const ItemMask both = a & b;
  CHECK_FALSE(both.allows(ItemIndex(3)));
  CHECK_FALSE(both.allows(ItemIndex(80)));
  CHECK(both.count() == 98);
  CHECK_ERROR(a &= ItemMask(99), ErrorCode::shape, "ItemMask");
  CHECK(a.count() == 99);
}
