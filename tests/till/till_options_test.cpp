// SPDX-License-Identifier: MIT
#include <bodega/till/till_options.hpp>

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

TEST_CASE("A till takes the weights of its bundle unless told otherwise") {
  CHECK_FALSE(TillOptions{}.weights.has_value());
  CHECK(TillOptions{}.max_picks == Workspace::default_max_picks);
}
