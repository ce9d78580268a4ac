// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <bodega/collaborative/items/ease_refit.hpp>
#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("EASE is fitted again to new counts over the support it has") {
  const Baskets baskets = bodega_test::toy_baskets();
  Cooccurrence counts(bodega_test::toy_items);
  for (std::size_t b = 0; b < 300; ++b) counts.add(baskets[b], baskets.day(b));
  const auto before =
      fit_ease(counts, {.l2 = 15, .neighbours = 8, .keep = EaseKeep::least_missed, .refit_l2 = 15});
  const auto same = refit_ease(before, counts, {.l2 = 15});
  CHECK(same == before);
  for (std::size_t b = 300; b < 400; ++b) counts.add(baskets[b], baskets.day(b));
  const auto warm = refit_ease(before, counts, {.l2 = 15});
  const auto exact = detail::fit_on_support(detail::EaseGram(counts),
                                            before.weights().transposed().pattern(), 15, 1, {});
  double moved = 0, missed = 0;
  for (std::size_t k = 0; k < exact.size(); ++k) {
    moved += std::abs(exact.values()[k] - before.weights().values()[k]);
    missed += std::abs(exact.values()[k] - warm.weights().values()[k]);
  }
  CHECK(missed < 0.01 * moved);
  CHECK(warm.weights().pattern() == before.weights().pattern());
  CHECK_FALSE(warm == before);
  CHECK(refit_ease(before, counts, {.l2 = 15, .threads = 3}) == warm);
  const auto from_int8 = refit_ease(quantize(before), counts, {.l2 = 15});
  CHECK(from_int8.weights().pattern() == warm.weights().pattern());
  for (std::size_t k = 0; k < exact.size(); ++k)
    CHECK(from_int8.weights().values()[k] == Approx(exact.values()[k]).margin(2e-3));
  CHECK_ERROR(refit_ease(before, Cooccurrence(3), {.l2 = 15}), ErrorCode::shape, "refit_ease");
  CHECK_ERROR(refit_ease(before, counts, {.l2 = 0}), ErrorCode::invalid_argument, "l2");
  const auto stop = [](const Progress&) { return false; };
  CHECK_ERROR(refit_ease(before, counts, {.l2 = 15, .threads = 1, .progress = stop}),
              ErrorCode::cancelled, "ease");
}

TEST_CASE("EASE refitted to counts in which what it speaks of is gone has no weight left") {
  const auto before =
      fit_ease(Cooccurrence(bodega_test::toy_baskets()), {.l2 = 15, .neighbours = 8});
  const auto after = refit_ease(before, Cooccurrence(bodega_test::toy_items), {.l2 = 15}).weights();
  CHECK(after.pattern() == before.weights().pattern());
  for (const float value : after.values()) CHECK(std::abs(value) < 1e-6);
}

TEST_CASE("EASE refitted to nothing, of nothing") {
  for (const std::size_t items : {1, 5}) {
    const auto model = fit_ease(Cooccurrence(items));
    CHECK(refit_ease(model, Cooccurrence(items), {.l2 = 1}) == model);
  }
  CHECK(refit_ease(fit_ease(Cooccurrence()), Cooccurrence(), {.l2 = 1}).items() == 0);
}
