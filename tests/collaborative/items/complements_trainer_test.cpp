// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>

#include <bodega/collaborative/items/complements_trainer.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "collaborative/items/two_items.hpp"
#include "collaborative/items/two_milks.hpp"
#include "contract/scorer_contract.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("pasta and sauce are complements, two brands of milk are not") {
  const auto weights = fit_complements(two_milks()).weights();
  CHECK(weights.at(pasta, sauce) > 0.5f);
  CHECK(weights.at(sauce, pasta) == weights.at(pasta, sauce));
  for (const std::uint32_t milk : {milk_a, milk_b})
    for (const std::uint32_t with : {cereal, coffee, cake}) CHECK(weights.at(milk, with) > 0.3f);
  CHECK(weights.at(milk_a, milk_b) == 0);
  CHECK(weights.at(milk_a, pasta) == 0);
  CHECK(weights.row(wine).size() == 0);
  CHECK(weights.row(novelty).size() == 0);
}

TEST_CASE("complements by hand") {
  // n_i = n_j = 10, both in 5 of 50: chance expects 2, 8 with each alone, 32 with neither.
  const Cooccurrence counts = two_items(5, 5, 35);
  const double g2 = 2 * (5 * std::log(2.5) + 2 * 5 * std::log(5 / 8.0) + 35 * std::log(35 / 32.0));
  CHECK(fit_complements(counts, {.significance = g2 - 0.01, .shrinkage = 1}).weights().at(0, 1) ==
        Approx(std::log(6 / 3.0)));
  CHECK(fit_complements(counts, {.significance = g2 + 0.01}).weights().size() == 0);
  // As often as chance has it: none, whatever is asked for.
  CHECK(fit_complements(two_items(2, 8, 32), {.significance = 0}).weights().size() == 0);
}

TEST_CASE("complements: options that make no sense, cancelling, nothing to learn from") {
  const Cooccurrence counts = two_items(5, 5, 35);
  for (const double bad : {-1.0, double{NAN}}) {
    CHECK_ERROR(fit_complements(counts, {.significance = bad}), ErrorCode::invalid_argument,
                "significance");
    CHECK_ERROR(fit_complements(counts, {.shrinkage = bad}), ErrorCode::invalid_argument,
                "shrinkage");
  }
  CHECK_ERROR(fit_complements(counts, {.progress = [](const Progress&) { return false; }}),
              ErrorCode::cancelled, "");
  CHECK(fit_complements(Cooccurrence()).items() == 0);
}

TEST_CASE("complements keep the scorer contract") {
  const auto complements = fit_complements(Cooccurrence(toy_baskets()));
  CHECK(complements.weights().size() > 50);
  check_scorer_contract(complements, toy_items);
}
