// SPDX-License-Identifier: MIT
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/rule_room.hpp>

#include "catch.hpp"

using namespace bodega;

static_assert(Mask<RuleRoom>);

TEST_CASE(
    "A room lets everything through before rules are begun, and nothing of another catalogue") {
  const RuleRoom room(65);
  CHECK(room.items() == 65);
  CHECK(room.allows(ItemIndex(64)));
  CHECK_FALSE(room.allows(ItemIndex(65)));
  CHECK_FALSE(room.allows(ItemIndex::none()));
}

TEST_CASE("Fired rules are counted") {
  FiredRules fired;
  fired.set(0);
  fired.set(255);
  fired.set(255);
  CHECK(fired.count() == 2);
  CHECK(fired.test(255));
  CHECK_FALSE(fired.test(1));
  CHECK_FALSE(fired.test(256));
}
