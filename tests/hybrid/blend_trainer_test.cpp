// SPDX-License-Identifier: MIT
#include <array>
#include <vector>

#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/core/random.hpp>
#include <bodega/data/split.hpp>
#include <bodega/evaluate/ranking.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/blend_trainer.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "hybrid/toy_scorers.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;
using bodega_test::FixedScores;
using bodega_test::toy_items;

namespace {
/// Scores out of a hat, another hat for each query: says nothing of what is bought.
class Noise {
 public:
  std::size_t items() const noexcept { return toy_items; }
  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    const std::uint32_t hat = query.basket.empty() ? 99 : query.basket[0].value();
    for (std::uint32_t i = 0; i < toy_items; ++i)
      scores[i] += weight * CounterRandom(3).uniform(hat, i);
  }
  void explain(const Query&, float, ItemIndex, Reasons&) const noexcept {}
};
}  // namespace

TEST_CASE("learnt weights beat each part, and their NDCG is that of the evaluation") {
  const auto parts = split_by_time(bodega_test::toy_baskets(1200), 0.3, 0.2);
  // Two halves of what there is to learn from.
  std::array<Cooccurrence, 2> halves{Cooccurrence(toy_items), Cooccurrence(toy_items)};
  for (std::size_t b = 0; b < parts.train.size(); ++b)
    halves[b % 2].add(parts.train[b], parts.train.day(b));
  const auto even = fit_item_neighbours(halves[0], {.similarity = Similarity::conditional});
  const auto odd = fit_item_neighbours(halves[1], {.similarity = Similarity::conditional});
  const Noise noise;
  const ItemMask catalogue(toy_items);
  const LeaveOneOut valid(parts.valid, catalogue);
  const auto fit = fit_blend_weights(valid, {.k = 5, .threads = 1}, even, odd, noise);
  const std::size_t best = fit.alone[0] >= fit.alone[1] ? 0 : 1;
  CHECK(fit.weights[best] == 1);
  CHECK(fit.weights[1 - best] > 0.1f);
  CHECK(fit.ndcg > fit.alone[best]);
  CHECK(fit.ndcg - fit.alone[best] == Approx(fit.gain.mean));
  CHECK(fit.alone[1] == Approx(evaluate_ranking(odd, valid, {.k = 5}).ndcg.mean));
  const auto blended = blend(even, fit.weights[0], odd, fit.weights[1], noise, fit.weights[2]);
  CHECK(fit.ndcg == Approx(evaluate_ranking(blended, valid, {.k = 5}).ndcg.mean).epsilon(1e-4));

  // Later baskets agree.
  const LeaveOneOut test(parts.test, catalogue);
  CHECK(evaluate_ranking(blended, test, {.k = 5}).ndcg.mean >=
        evaluate_ranking(even, test, {.k = 5}).ndcg.mean);

  const auto again = fit_blend_weights(valid, {.k = 5, .threads = 3}, even, odd, noise);
  CHECK(again.weights == fit.weights);
  CHECK(again.ndcg == fit.ndcg);
}

TEST_CASE("a part that adds nothing gets no weight") {
  const FixedScores all({1, 1, 1}), right({0, 1, 0}), wrong({1, 0, 0.5f});
  LeaveOneOut cases{ItemMask(3)};
  const std::array basket = {ItemIndex(2), ItemIndex(1)};
  for (int i = 0; i < 20; ++i) cases.add(basket, 1, true);
  const auto fit = fit_blend_weights(cases, {.k = 1, .candidates = 3}, wrong, right, all);
  CHECK(fit.weights == std::array<float, 3>{0, 1, 0});
  CHECK(fit.ndcg == 1);
  CHECK(fit.gain.mean == 0);
  CHECK(fit.alone == std::array<double, 3>{0, 1, 0});
}

TEST_CASE("weights are learnt for whole baskets too") {
  const FixedScores shop({3, 2, 1, 0}), mine({0, 0, 0.2f, 0.1f});
  BasketCases cases{ItemMask(4)};
  const std::array target = {ItemIndex(2), ItemIndex(3)};
  for (std::uint32_t c = 0; c < 10; ++c) cases.add(CustomerIndex(c), {}, target, {}, c);
  const auto fit = fit_blend_weights(cases, {.k = 2, .candidates = 4}, shop, mine);
  CHECK(fit.alone[1] == 1);
  CHECK(fit.weights == std::array<float, 2>{0, 1});
}

TEST_CASE("learning weights refuses what it cannot do") {
  const LeaveOneOut none{ItemMask(3)};
  const FixedScores three({1, 1, 1}), two({1, 1});
  CHECK(fit_blend_weights(none, {}, three).ndcg == 0);
  CHECK_ERROR(fit_blend_weights(none, {}, three, two), ErrorCode::shape, "fit_blend");
  CHECK_ERROR(fit_blend_weights(none, {.k = 0}, three), ErrorCode::invalid_argument, "k");
  CHECK_ERROR(fit_blend_weights(none, {.k = 10, .candidates = 9}, three),
              ErrorCode::invalid_argument, "candidates");
  CHECK_ERROR(fit_blend_weights(none, {.least_gain = -1}, three), ErrorCode::invalid_argument,
              "least_gain");
}
