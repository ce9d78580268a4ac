// SPDX-License-Identifier: MIT
#include <vector>

#include <bodega/collaborative/customers/tifu_vectors.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("TIFU decays within groups and between them") {
  Baskets baskets(6);
  for (std::uint32_t i = 0; i < 5; ++i)
    baskets.add(Moment(), CustomerIndex(1), std::vector{ItemIndex(i)});
  // two groups: items 0, 1 (what is left over) and 2, 3, 4
  const auto vectors =
      tifu_vectors(baskets, {.groups = 2, .within_decay = 0.5, .between_decay = 0.1});
  CHECK(vectors.rows() == 2);
  CHECK(vectors.at(1, 4) == Approx(1.0 / 3 / 2));
  CHECK(vectors.at(1, 2) == Approx(0.25 / 3 / 2));
  CHECK(vectors.at(1, 1) == Approx(0.1 / 2 / 2));
  CHECK(vectors.at(1, 0) == Approx(0.05 / 2 / 2));
  CHECK(vectors.row(0).size() == 0);
  CHECK(tifu_vectors(Baskets(3)).rows() == 0);
}

TEST_CASE("TIFU refuses no groups and no decay") {
  CHECK_ERROR(tifu_vectors(Baskets(3), {.groups = 0}), ErrorCode::invalid_argument, "groups");
  CHECK_ERROR(tifu_vectors(Baskets(3), {.within_decay = 0}), ErrorCode::invalid_argument, "decay");
}
