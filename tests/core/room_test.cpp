// SPDX-License-Identifier: MIT
#include <bodega/core/room.hpp>

#include <string>
#include <vector>

#include "allocation_counter.hpp"
#include "catch.hpp"

using namespace bodega;

TEST_CASE("half-done objects: where there is room, adding takes no memory") {
  std::vector<int> numbers;
  std::vector<std::string> texts;
  std::size_t allocations = 0;
  for (int i = 0; i < 1000; ++i) {
    allocations += bodega_test::allocations_in([&] { make_room(2, numbers, texts); });
    CHECK(bodega_test::allocations_in([&] {
            numbers.push_back(i);
            numbers.push_back(i);
            texts.emplace_back();
          }) == 0);
  }
  CHECK(allocations < 60);  // it grows by parts of what is there
}
