// SPDX-License-Identifier: MIT
#include <bodega/till/till_weights.hpp>

#include <cmath>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

TEST_CASE("Weights of a till are numbers, whatever their sign, one of them above 0") {
  CHECK_NOTHROW(TillWeights{}.validate("test"));
  CHECK_NOTHROW(TillWeights{.items = -1, .content = 0, .popularity = 1}.validate("test"));
  CHECK_ERROR((TillWeights{.items = -1, .content = 0, .popularity = 0}.validate("test")),
              ErrorCode::out_of_range, "test");
  CHECK_ERROR((TillWeights{.items = NAN}.validate("test")), ErrorCode::not_finite, "test");
  CHECK_ERROR((TillWeights{.popularity = INFINITY}.validate("test")), ErrorCode::not_finite,
              "test");
}

TEST_CASE("Weights of before say the same by the parts' names") {
  const PartWeights weights = part_weights({.items = 2, .content = 0.5f, .popularity = -1});
  for (std::size_t s = 0; s < Situation::count; ++s) {
    CHECK(weights.weight(Situation::at(s), "items") == 2);
    CHECK(weights.weight(Situation::at(s), "content") == 0.5f);
    CHECK(weights.weight(Situation::at(s), "popularity") == -1);
    CHECK(weights.weight(Situation::at(s), "another") == 0);
  }
}
