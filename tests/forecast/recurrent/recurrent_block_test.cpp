// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent/recurrent_block.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "catch.hpp"

using namespace bodega;
using namespace bodega::detail;

namespace {

template <class Cell>
void check_order(const RecurrentShape& shape, std::size_t learned_numbers) {
  const BlockOrder<Cell> order(shape);
  std::vector<float> learned(learned_numbers), again;
  std::iota(learned.begin(), learned.end(), 1.0f);
  const std::vector<float> block = order.to_block(learned);
  REQUIRE(block.size() == shape.size());
  order.from_block(block, again);
  CHECK(again == learned);
  // What a cell has sums for but no weights is 0.
  CHECK(static_cast<std::size_t>(std::count(block.begin(), block.end(), 0.0f)) ==
        block.size() - learned.size());
}

}  // namespace

TEST_CASE("learned numbers go to the block and back") {
  constexpr std::size_t n = 3;
  const RecurrentShape calendar{.inputs = 9, .hidden = n, .outputs = 2, .weekday = true};
  check_order<LstmCell>(calendar, 4 * n * (9 + n + 1) + 2 * n + 2);
  check_order<GruCell>(calendar, 3 * n * (9 + n) + 4 * n + 2 * n + 2);
  const RecurrentShape window{.inputs = 1, .hidden = n, .outputs = 1, .skip = true};
  check_order<LstmCell>(window, 4 * n * (1 + n + 1) + n + 1 + window_days);
}

TEST_CASE("inputs that mark weekdays lie after the hidden state") {
  const RecurrentShape shape{.inputs = 11, .hidden = 4, .weekday = true};
  CHECK(shape.marks() == 8);
  CHECK(shape.numbers() == 3);
  CHECK(shape.row_of(0) == 0);
  CHECK(shape.row_of(1) == shape.width());
  CHECK(shape.row_of(8) == shape.width() + 7);
  CHECK(shape.row_of(9) == 1);
  CHECK(shape.row_of(10) == 2);
}
