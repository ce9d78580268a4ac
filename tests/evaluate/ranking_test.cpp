// SPDX-License-Identifier: MIT
#include <cmath>

#include <bodega/core/random.hpp>
#include <bodega/evaluate/ranking.hpp>
#include <bodega/hybrid/blend.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "hybrid/toy_scorers.hpp"

using namespace bodega;
using bodega_test::Approx;
using bodega_test::FixedScores;
using bodega_test::NextItem;

namespace {
Baskets baskets_of(std::size_t items, std::vector<std::vector<std::uint32_t>> lists) {
  Baskets baskets(items);
  for (const auto& list : lists) {
    std::vector<ItemIndex> basket;
    for (const std::uint32_t item : list) basket.emplace_back(item);
    baskets.add(Moment(Day(15000)), CustomerIndex(3), basket);
  }
  return baskets;
}
Baskets random_baskets(std::size_t items, std::size_t count) {
  const CounterRandom random(5);
  Baskets baskets(items);
  for (std::size_t b = 0; b < count; ++b) {
    std::vector<ItemIndex> basket;
    for (std::uint32_t i = 0; i < 2 + random.below(5, b, 0); ++i)
      basket.emplace_back(random.below(static_cast<std::uint32_t>(items), b, 1 + i));
    baskets.add(Moment(Day(15000)), CustomerIndex::none(), basket);
  }
  return baskets;
}
}  // namespace

TEST_CASE("Cases that somebody else has chosen are those of the baskets themselves") {
  const Baskets held_out = random_baskets(20, 30);
  const LeaveOneOut all(held_out, ItemMask(20));
  LeaveOneOut chosen((ItemMask(20)));
  for (std::size_t i = 0; i < all.size(); ++i)
    chosen.add(all[i].basket, all[i].hidden, i > 0 && all[i].group != all[i - 1].group,
               CustomerIndex(4));
  REQUIRE(chosen.size() == all.size());
  CHECK(chosen.baskets() == all.baskets());
  CHECK(chosen[0].customer == CustomerIndex(4));
  const NextItem scorer{20};
  const RankingReport expected = evaluate_ranking(scorer, all);
  const RankingReport found = evaluate_ranking(scorer, chosen);
  CHECK(found.rank == expected.rank);
  CHECK(found.ndcg.half_width == expected.ndcg.half_width);
  CHECK(found.coverage == expected.coverage);

  const std::vector basket{ItemIndex(3), ItemIndex(20)};
  CHECK_ERROR(chosen.add(basket, 0, true), ErrorCode::out_of_range, "item of a case");
  CHECK_ERROR(chosen.add(all[0].basket, 99, true), ErrorCode::out_of_range, "hidden");
  CHECK(chosen.size() == all.size());
}

TEST_CASE("Hits, ranks, gain, coverage and interval of a worked example") {
  // Basket {0, 1}: hiding 1, `NextItem` puts it first; hiding 0, the query {1} puts 2 first.
  // Basket {0, 1, 2}: hiding 0 asks {1, 2}: 3 (2 is in the basket); hiding 1 asks {0, 2}: 1, 3;
  // hiding 2 asks {0, 1}: 2. The fixed scores then put 0 before the rest.
  const auto scorer = blend(NextItem(5), 1.0f, FixedScores({0.5f, 0.1f, 0.1f, 0.1f, 0.1f}), 1.0f);
  const LeaveOneOut cases(baskets_of(5, {{0, 1}, {0, 1, 2}}), ItemMask(5));
  const RankingReport report = evaluate_ranking(scorer, cases, {.k = 2});
  CHECK(report.k == 2);
  CHECK(report.cases == 5);
  CHECK(report.baskets == 2);
  CHECK(report.rank == std::vector<std::uint32_t>{2, 1, 2, 1, 1});
  CHECK(report.hit_rate.mean == Approx(1.0));
  CHECK(report.reciprocal_rank.mean == Approx(0.8));
  CHECK(report.ndcg.mean == Approx((3 + 2 / std::log2(3.0)) / 5));
  // sums of (x - 0.8) over the baskets: (-0.3 + 0.2) and (-0.3 + 0.2 + 0.2)
  CHECK(report.reciprocal_rank.half_width == Approx(1.96 * std::sqrt(0.01 + 0.01) / 5));
  CHECK(report.hit_rate.half_width == Approx(0.0).margin(1e-12));
  CHECK(report.coverage == Approx(4.0 / 5));  // 0, 1, 2 and 3, never 4

  const RankingReport first = evaluate_ranking(scorer, cases, {.k = 1});
  CHECK(first.rank == std::vector<std::uint32_t>{0, 1, 0, 1, 1});
  CHECK(first.hit_rate.mean == Approx(0.6));

  const RankingDifference better = ranking_difference(report, first, cases);
  CHECK(better.hit_rate.mean == Approx(0.4));
  CHECK(better.reciprocal_rank.mean == Approx(0.2));
  CHECK(ranking_difference(report, report, cases).ndcg.half_width == 0.0);
}

TEST_CASE("Only the catalogue of the comparison is recommended") {
  ItemMask catalogue(4);
  catalogue.forbid(ItemIndex(3));
  const LeaveOneOut cases(baskets_of(4, {{0, 1}}), catalogue);
  const RankingReport report = evaluate_ranking(FixedScores({1, 2, 3, 9}), cases, {.k = 1});
  CHECK(report.rank == std::vector<std::uint32_t>{0, 0});
  CHECK(report.coverage == Approx(1.0 / 3));
}

TEST_CASE("The result is the same at any number of threads, and progress is told") {
  const LeaveOneOut cases(random_baskets(50, 400), ItemMask(50));
  std::vector<float> popularity(50);
  for (std::size_t i = 0; i < 50; ++i) popularity[i] = 1.0f / static_cast<float>(i + 1);
  const auto scorer = blend(NextItem(50), 1.0f, FixedScores(popularity), 1.0f);
  const RankingReport one = evaluate_ranking(scorer, cases, {.threads = 1});
  CHECK(one.hit_rate.mean > 0.1);
  for (const std::size_t threads : {std::size_t{2}, std::size_t{5}, std::size_t{0}}) {
    std::size_t calls = 0, last = 0;
    const RankingReport many = evaluate_ranking(
        scorer, cases, {.threads = threads, .progress = [&](const Progress& progress) {
                          ++calls;
                          CHECK(progress.done > last);
                          last = progress.done;
                          return true;
                        }});
    CHECK(many.rank == one.rank);
    CHECK(many.ndcg.half_width == one.ndcg.half_width);
    CHECK(many.coverage == one.coverage);
    CHECK(calls >= 10);
    CHECK(calls <= 100);
    CHECK(last == cases.size());
  }
}

TEST_CASE("What cannot be evaluated is refused") {
  const LeaveOneOut cases(baskets_of(3, {{0, 1}}), ItemMask(3));
  CHECK_ERROR(evaluate_ranking(NextItem(4), cases), ErrorCode::shape, "evaluate_ranking");
  CHECK_ERROR(evaluate_ranking(NextItem(3), cases, {.k = 0}), ErrorCode::invalid_argument,
              "option k");
  CHECK_ERROR(
      evaluate_ranking(NextItem(3), cases, {.progress = [](const Progress&) { return false; }}),
      ErrorCode::cancelled, "evaluating");
  const LeaveOneOut other(baskets_of(3, {{0, 1, 2}}), ItemMask(3));
  CHECK_ERROR(ranking_difference(evaluate_ranking(NextItem(3), cases),
                                 evaluate_ranking(NextItem(3), other), cases),
              ErrorCode::shape, "ranking_difference");
}

TEST_CASE("No cases give an empty report, not a division by zero") {
  const LeaveOneOut cases(baskets_of(3, {{0}}), ItemMask(3));
  const RankingReport report = evaluate_ranking(NextItem(3), cases);
  CHECK(report.cases == 0);
  CHECK(report.hit_rate.mean == 0.0);
  CHECK(report.coverage == 0.0);
}
