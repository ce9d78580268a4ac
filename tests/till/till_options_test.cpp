// SPDX-License-Identifier: MIT
#include <bodega/till/till_options.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("A till takes the weights of its bundle, and keeps no file, unless told otherwise") {
  CHECK_FALSE(TillOptions{}.weights.has_value());
  CHECK(TillOptions{}.state.empty());
  CHECK(TillOptions{}.max_picks == Workspace::default_max_picks);
  CHECK(name(TillOptions{}.unknown_items) == "skip");
  CHECK(name(UnknownItems::refuse) == "refuse");
}
