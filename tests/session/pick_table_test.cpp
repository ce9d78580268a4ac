// SPDX-License-Identifier: MIT
#include <bodega/session/pick_table.hpp>

#include <cstdint>
#include <vector>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("A table of picks finds each of them and nothing else") {
  for (const std::uint32_t step : {1u, 256u, 65'537u}) {  // numbers that fall together as well
    std::vector<Pick> picks(detail::PickTable::most);
    for (std::uint32_t p = 0; p < picks.size(); ++p) picks[p].item = ItemIndex(7 + 2 * step * p);
    const detail::PickTable table(picks);
    for (std::uint32_t p = 0; p < picks.size(); ++p) {
      CHECK(table[7 + 2 * step * p] == p + 1);
      CHECK(table[7 + 2 * step * p + step] == 0);
    }
  }
}
