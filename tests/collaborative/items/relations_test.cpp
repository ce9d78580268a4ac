// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <bodega/collaborative/items/relations.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
enum : std::uint32_t { milk_a, milk_b, cereal, coffee, cake, pasta, sauce, cheese, wine, novelty };
constexpr std::size_t articles = 10;

/// Breakfast has one of two brands of milk, dinner pasta and sauce; wine goes with anything.
Cooccurrence shop() {
  const CounterRandom random(3);
  Baskets baskets(articles);
  for (std::uint32_t b = 0; b < 3000; ++b) {
    std::vector<ItemIndex> basket;
    const auto maybe = [&](std::uint32_t item, std::uint32_t percent) {
      if (random.below(100, b, item) < percent) basket.push_back(ItemIndex(item));
    };
    if (random.below(100, b, 100) < 40) {
      const std::uint32_t brand = random.below(100, b, 101);
      if (brand < 51) basket.push_back(ItemIndex(milk_a));
      if (brand > 48) basket.push_back(ItemIndex(milk_b));
      maybe(cereal, 60);
      maybe(coffee, 60);
      maybe(cake, 40);
    }
    if (random.below(100, b, 102) < 30) {
      maybe(pasta, 80);
      maybe(sauce, 80);
      maybe(cheese, 50);
    }
    maybe(wine, 20);
    baskets.add({}, {}, basket);
  }
  return Cooccurrence(baskets);
}

/// Two items by their numbers: baskets with both, with each alone, with neither.
Cooccurrence two_items(int both, int each, int neither) {
  Cooccurrence counts(3);
  for (int i = 0; i < both; ++i) counts.add(std::vector{ItemIndex(0), ItemIndex(1)}, Day(0));
  for (int i = 0; i < each; ++i) {
    counts.add(std::vector{ItemIndex(0)}, Day(0));
    counts.add(std::vector{ItemIndex(1)}, Day(0));
  }
  for (int i = 0; i < neither; ++i) counts.add(std::vector{ItemIndex(2)}, Day(0));
  return counts;
}
}  // namespace

TEST_CASE("pasta and sauce are complements, two brands of milk are not") {
  const auto weights = fit_complements(shop()).weights();
  CHECK(weights.at(pasta, sauce) > 0.5f);
  CHECK(weights.at(sauce, pasta) == weights.at(pasta, sauce));
  for (const std::uint32_t milk : {milk_a, milk_b})
    for (const std::uint32_t with : {cereal, coffee, cake}) CHECK(weights.at(milk, with) > 0.3f);
  CHECK(weights.at(milk_a, milk_b) == 0);
  CHECK(weights.at(milk_a, pasta) == 0);
  CHECK(weights.row(wine).size() == 0);
  CHECK(weights.row(novelty).size() == 0);
}

TEST_CASE("two brands of milk are substitutes, and nothing else in the shop is") {
  const auto model = fit_substitutes(shop());
  CHECK(model.weights().size() == 2);
  CHECK(model.weights().at(milk_a, milk_b) > 0.8f);
  CHECK(model.weights().at(milk_b, milk_a) == Approx(model.weights().at(milk_a, milk_b)));

  Reasons reasons;
  model.explain({.viewed = ItemIndex(milk_a)}, 1, ItemIndex(milk_b), reasons);
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].kind == Reason::Kind::alike);
  CHECK(reasons[0].item == ItemIndex(milk_a));

  const auto complements = fit_complements(shop());
  for (const Reasons& shared :
       {shared_complements(complements, ItemIndex(milk_a), ItemIndex(milk_b)),
        shared_complements(quantize(complements), ItemIndex(milk_b), ItemIndex(milk_a))}) {
    REQUIRE(shared.size() == 3);
    for (const Reason& reason : shared)
      CHECK((reason.item.value() >= cereal && reason.item.value() <= cake));
  }
  CHECK(shared_complements(complements, ItemIndex(milk_a), ItemIndex(pasta)).empty());
  CHECK(shared_complements(complements, ItemIndex(milk_a), ItemIndex(articles)).empty());
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
  SubstituteOptions all{.complements = {.significance = 0, .shrinkage = 0}};
  CHECK(fit_substitutes(counts, all).weights().at(2, 3) == Approx(1 - 12 / 25.0));
  SubstituteOptions never = all;
  never.most_together = 0.4;
  CHECK(fit_substitutes(counts, never).weights().at(2, 3) == 0);
  SubstituteOptions three = all;
  three.least_shared = 3;
  CHECK(fit_substitutes(counts, three).weights().size() == 0);
  // 0 and 1 share 2 and 3, and no basket.
  CHECK(fit_substitutes(counts, all).weights().at(0, 1) == Approx(1));
}

TEST_CASE("relations: options that make no sense, cancelling, nothing to learn from") {
  const Cooccurrence counts = two_items(5, 5, 35);
  for (const double bad : {-1.0, double{NAN}}) {
    CHECK_ERROR(fit_complements(counts, {.significance = bad}), ErrorCode::invalid_argument,
                "significance");
    CHECK_ERROR(fit_complements(counts, {.shrinkage = bad}), ErrorCode::invalid_argument,
                "shrinkage");
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
  CHECK(fit_complements(Cooccurrence()).items() == 0);
  CHECK(fit_substitutes(Cooccurrence()).items() == 0);
  CHECK(fit_substitutes(Cooccurrence(4)).items() == 4);
  CHECK_ERROR(Substitutes<>(CsrMatrix<float>({3, {0, 0, 0}, {}}, {})), ErrorCode::shape,
              "Substitutes");
}

TEST_CASE("complements and substitutes keep the scorer contract") {
  const Cooccurrence counts(bodega_test::toy_baskets());
  const auto complements = fit_complements(counts);
  const auto substitutes =
      fit_substitutes(counts, {.complements = {.significance = 1}, .most_together = 1});
  CHECK(complements.weights().size() > 50);
  CHECK(substitutes.weights().size() > 10);
  bodega_test::check_scorer_contract(complements, bodega_test::toy_items);
  bodega_test::check_scorer_contract(substitutes, bodega_test::toy_items);
  bodega_test::check_scorer_contract(quantize(substitutes), bodega_test::toy_items);
  bodega_test::check_scorer_contract(prune(substitutes), bodega_test::toy_items);
}
