// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <bodega/hybrid/confidence.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "reload.hpp"

using namespace bodega;

namespace {
/// Orders by the score alone: blocks below and above a score of 1.
Confidence toy() {
  return Confidence(ConfidenceEvent::bought, {0, 1, 0, 0, 0, 0}, {{0}, {100, 200}, {10, 150}},
                    {{0.5f}, {50, 50}, {5, 40}});
}
}  // namespace

TEST_CASE("A pick is as likely as its neighbours were hits, and at least the lower bound") {
  const Confidence confidence = toy();
  CHECK(confidence.probability({.score = 0.5f}) == 0.1f);
  CHECK(confidence.probability({.score = 2}) == 0.75f);
  CHECK(confidence.lower({.score = 2}) < 0.75f);
  CHECK(confidence.lower({.score = 2}) > 0.68f);
  CHECK(std::isfinite(confidence.rating({})));  // no score, no popularity
  CHECK(confidence.any(std::array{0.9f, 0.5f}).probability == 0.8f);
  CHECK(confidence.any(std::array{0.1f}).probability == 0.1f);
}

TEST_CASE("Who is not calibrated says nothing") {
  const Confidence none;
  CHECK_FALSE(none.calibrated());
  CHECK(std::isnan(none.probability({.score = 1})));
  CHECK(std::isnan(none.lower({.score = 1})));
  CHECK(std::isnan(none.any(std::array{0.5f}).probability));
  CHECK(bodega_test::reload(none) == none);
}

TEST_CASE("It learns at the till: counts are sums, and old ones fade") {
  Confidence confidence = toy();
  for (int i = 0; i < 300; ++i) confidence.learn({.score = 2}, false);
  CHECK(confidence.probability({.score = 2}) == 150.0f / 500);
  CHECK(confidence.probability({.score = 0.5f}) == 0.1f);
  for (int i = 0; i < 400000; ++i) confidence.learn({.score = 2}, true);
  CHECK(confidence.picks().count[1] <= Confidence::memory);
  CHECK(confidence.probability({.score = 2}) > 0.99f);
  CHECK(bodega_test::reload(confidence) == confidence);
}

TEST_CASE("Numbers that are no probabilities are refused") {
  using Blocks = Confidence::Blocks;
  const std::vector<float> weights = {0, 1, 0, 0, 0, 0};
  const auto make = [&](std::vector<float> w, Blocks picks) {
    return Confidence(ConfidenceEvent::bought, std::move(w), std::move(picks), {});
  };
  CHECK_ERROR(make({0, 1}, {{}, {1}, {0}}), ErrorCode::shape, "weights");
  CHECK_ERROR(make(weights, {{1, 0}, {1, 1, 1}, {0, 0, 0}}), ErrorCode::format, "block 1");
  CHECK_ERROR(make(weights, {{}, {1}, {2}}), ErrorCode::out_of_range, "block 0");
  CHECK_ERROR(make(weights, {{}, {1, 2}, {0, 1}}), ErrorCode::shape, "tops");
  CHECK_THROWS_AS(make({0, std::numeric_limits<float>::quiet_NaN(), 0, 0, 0, 0}, {{}, {1}, {0}}),
                  Error);
}
