// SPDX-License-Identifier: MIT
#include <cstdint>
#include <utility>
#include <vector>

#include <bodega/tensor/strongest_rows.hpp>

#include "catch.hpp"

using bodega::CsrMatrix;
using bodega::SparsePattern;
using bodega::StrongestRows;

TEST_CASE("each row keeps its entries of largest magnitude, equal ones by column") {
  StrongestRows rows(6, 2);
  for (const auto& [column, value] :
       std::vector<std::pair<std::uint32_t, float>>{{0, 1}, {1, -3}, {3, 0}, {4, 2}})
    rows.offer(column, value);
  rows.end_row();
  rows.end_row();
  for (const std::uint32_t column : {0u, 2u, 5u}) rows.offer(column, column == 2 ? -1.0f : 1.0f);
  rows.end_row();
  CHECK(rows.take() ==
        CsrMatrix<float>(SparsePattern(6, {0, 2, 2, 4}, {1, 4, 0, 2}), {-3, 2, 1, -1}));
}

TEST_CASE("k = 0 keeps all but zeros") {
  StrongestRows rows(3, 0);
  rows.offer(0, 0.5f);
  rows.offer(1, 0);
  rows.offer(2, -1);
  rows.end_row();
  CHECK(rows.take() == CsrMatrix<float>(SparsePattern(3, {0, 2}, {0, 2}), {0.5f, -1}));
}
