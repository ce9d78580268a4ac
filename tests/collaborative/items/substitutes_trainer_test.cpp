// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <vector>

#include <bodega/collaborative/items/substitutes_trainer.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "collaborative/items/two_items.hpp"
#include "collaborative/items/two_milks.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("two brands of milk are substitutes, and nothing else in the shop is") {
  const auto model = fit_substitutes(two_milks());
  CHECK(model.weights().size() == 2);
  CHECK(model.weights().at(milk_a, milk_b) > 0.8f);
  CHECK(model.weights().at(milk_b, milk_a) == Approx(model.weights().at(milk_a, milk_b)));

  Reasons reasons;
  model.explain({.viewed = ItemIndex(milk_a)}, 1, ItemIndex(milk_b), reasons);
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].kind == Reason::Kind::alike);
  CHECK(reasons[0].item == ItemIndex(milk_a));
}

TEST_CASE("substitutes by hand") {
  // 2 and 3 are bought with 0 and with 1, twice each; once together.
  Cooccurrence counts(5);
  for (const std::uint32_t item : {2u, 3u})
    for (int i = 0; i < 2; ++i)
      for (const std::uint32_t with : {0u, 1u})
        counts.add(std::vector{ItemIndex(with), ItemIndex(item)}, Day(0));
  counts.add(std::vector{ItemIndex(2), ItemIndex(3)}, Day(0));
  for (int i = 0; i < 3; ++i) counts.add(std::vector{ItemIndex(4)}, Day(0));
  // N = 12, n_2 = n_3 = 5: chance expects 25/12 of the pair, 20/12 of the pairs with 0 and 1.
  SubstitutesOptions all{.complements = {.significance = 0, .shrinkage = 0}};
  CHECK(fit_substitutes(counts, all).weights().at(2, 3) == Approx(1 - 12 / 25.0));
  SubstitutesOptions never = all;
  never.most_together = 0.4;
  CHECK(fit_substitutes(counts, never).weights().at(2, 3) == 0);
  SubstitutesOptions three = all;
  three.least_shared = 3;
  CHECK(fit_substitutes(counts, three).weights().size() == 0);
  // 0 and 1 share 2 and 3, and no basket.
  CHECK(fit_substitutes(counts, all).weights().at(0, 1) == Approx(1));
}

TEST_CASE("substitutes: options that make no sense, cancelling, nothing to learn from") {
  const Cooccurrence counts = two_items(5, 5, 35);
  for (const double bad : {-1.0, double{NAN}}) {
    CHECK_ERROR(fit_substitutes(counts, {.complements = {.shrinkage = bad}}),
                ErrorCode::invalid_argument, "shrinkage");
    CHECK_ERROR(fit_substitutes(counts, {.most_together = bad}), ErrorCode::out_of_range,
                "most_together");
    CHECK_ERROR(fit_substitutes(counts, {.least_alike = bad}), ErrorCode::out_of_range,
                "least_alike");
  }
  CHECK_ERROR(fit_substitutes(counts, {.most_together = 1.5}), ErrorCode::out_of_range,
              "most_together");
  const auto stop = [](const Progress& progress) { return progress.task != "substitutes"; };
  CHECK_ERROR(fit_substitutes(counts, {.complements = {.progress = stop}}), ErrorCode::cancelled,
              "substitutes");
  CHECK(fit_substitutes(Cooccurrence()).items() == 0);
  CHECK(fit_substitutes(Cooccurrence(4)).items() == 4);
}
