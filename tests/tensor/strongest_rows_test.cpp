// SPDX-License-Identifier: MIT
#include <bodega/tensor/strongest_rows.hpp>

#include <vector>

#include "catch.hpp"

using namespace bodega;

namespace {
CsrMatrix<float> built(std::size_t k) {
  StrongestRows rows(6, k);
  rows.offer(0, 1);
  rows.offer(2, -3);
  rows.offer(3, 0);
  rows.offer(4, 3);
  rows.offer(5, 1);
  rows.end_row();
  rows.end_row();
  rows.offer(5, 0.5f);
  rows.end_row();
  return rows.take();
}
}  // namespace

TEST_CASE("each row keeps its k entries of largest magnitude, ties by lower column") {
  const auto two = built(2);
  CHECK_NOTHROW(two.validate("two"));
  REQUIRE(two.rows() == 3);
  CHECK(two.size() == 3);
  CHECK(two.at(0, 2) == -3);
  CHECK(two.at(0, 4) == 3);
  CHECK(two.at(2, 5) == 0.5f);
  const auto one = built(1);
  CHECK(one.at(0, 2) == -3);
  CHECK(one.row(0).size() == 1);
  const auto three = built(3);
  CHECK(three.at(0, 0) == 1);
  CHECK(three.at(0, 5) == 0);
}

TEST_CASE("k = 0 keeps all entries but zeros") {
  const auto all = built(0);
  CHECK_NOTHROW(all.validate("all"));
  CHECK(all.row(0).size() == 4);
  CHECK(all.row(1).size() == 0);
}
