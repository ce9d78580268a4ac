// SPDX-License-Identifier: MIT
#include <type_traits>
#include <unordered_set>

#include <bodega/core/ids.hpp>

#include "catch.hpp"

using namespace bodega;

static_assert(!std::is_convertible_v<ItemIndex, CustomerIndex>);
static_assert(!std::is_constructible_v<ItemIndex, CustomerIndex>);
static_assert(!std::is_convertible_v<std::uint32_t, ItemIndex>);
static_assert(sizeof(ItemIndex) == 4);

TEST_CASE("An id is none until it is given a value") {
  CHECK(ItemIndex().is_none());
  CHECK(ItemIndex() == ItemIndex::none());
  CHECK_FALSE(ItemIndex(0).is_none());
  CHECK(ItemIndex(7).value() == 7);
}

TEST_CASE("Ids are ordered by value, none last, and can be hashed") {
  CHECK(ItemIndex(1) < ItemIndex(2));
  CHECK(ItemIndex(4'000'000'000u) < ItemIndex::none());
  const std::unordered_set<CustomerIndex> set{CustomerIndex(1), CustomerIndex(2), CustomerIndex(1)};
  CHECK(set.size() == 2);
  CHECK(set.count(CustomerIndex(2)) == 1);
}
