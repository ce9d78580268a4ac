// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/data/split.hpp>
#include <bodega/evaluate/next_basket.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "hybrid/toy_scorers.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;
using bodega_test::FixedScores;

namespace {
std::vector<ItemIndex> items_of(std::vector<std::uint32_t> indices) {
  std::vector<ItemIndex> items;
  for (const std::uint32_t index : indices) items.emplace_back(index);
  return items;
}
}  // namespace

TEST_CASE("Repeat and explore recall of a worked example") {
  Baskets history(6), held_out(6);
  history.add(Moment(), CustomerIndex(1), items_of({0, 3}));
  history.add(Moment(), CustomerIndex(0), items_of({5}));
  held_out.add(Moment(), CustomerIndex(1), items_of({1, 0, 3}));
  held_out.add(Moment(), CustomerIndex(0), items_of({5, 0}));
  held_out.add(Moment(), CustomerIndex(1), items_of({0}));
  const BasketCases cases(held_out, history, ItemMask(6));
  REQUIRE(cases.size() == 3);
  CHECK(cases[0].customer == CustomerIndex(0));
  CHECK(cases[1].group == cases[2].group);
  CHECK(cases[1].seen.size() == 2);
  CHECK(cases[1].target.size() == 3);
  const Cooccurrence sold(history);
  const BasketReport report =
      evaluate_baskets(FixedScores({6, 5, 4, 3, 2, 1}), cases, {.k = 2, .sold = &sold});
  // the list is 0, 1 for all: of {5, 0} one, of {1, 0, 3} two, of {0} one
  CHECK(report.recall.mean == Approx((1.0 / 2 + 2.0 / 3 + 1) / 3));
  CHECK(report.repeat_recall.mean == Approx((0.0 + 1.0 / 2 + 1) / 3));
  CHECK(report.repeat_cases == 3);
  CHECK(report.explore_recall.mean == Approx((1.0 + 1) / 2));
  CHECK(report.explore_cases == 2);
  CHECK(report.average_precision.mean == Approx((1.0 / 2 + 1 + 1) / 3));
  CHECK(report.ndcg.mean == Approx((1 / (1 + 1 / std::log2(3.0)) + 1 + 1) / 3));
  CHECK(report.coverage == Approx(2.0 / 6));
  CHECK(report.novelty == Approx(1.0));    // one basket of two, and one that nobody bought as one
  CHECK(report.diversity == Approx(1.0));  // never bought together
  // group means: customer 0 alone, customer 1 twice
  const double mean = report.recall.mean;
  CHECK(report.recall.half_width ==
        Approx(1.96 * std::sqrt(std::pow(0.5 - mean, 2) + std::pow(5.0 / 3 - 2 * mean, 2)) / 3));
}

TEST_CASE("Whole baskets are evaluated the same at any number of threads") {
  const auto parts = split_last_baskets(bodega_test::toy_customer_baskets(), 3);
  const auto model = fit_repeat_purchase(parts.train);
  const BasketCases cases(parts.valid, parts.train, ItemMask(model.items()));
  const BasketReport one = evaluate_baskets(model, cases, {.threads = 1});
  CHECK(one.recall.mean > 0.2);
  for (const std::size_t threads : {2, 7}) {
    std::size_t calls = 0;
    const BasketReport many =
        evaluate_baskets(model, cases, {.threads = threads, .progress = [&](const Progress&) {
                                          ++calls;
                                          return true;
                                        }});
    CHECK(many.recall.mean == one.recall.mean);
    CHECK(many.ndcg.half_width == one.ndcg.half_width);
    CHECK(many.coverage == one.coverage);
    CHECK(calls > 5);
  }
  // k beyond the catalogue: all that was ever sold
  const BasketReport all = evaluate_baskets(model, cases, {.k = 1000});
  CHECK(all.recall.mean == Approx(1.0));
  for (const std::uint16_t shown : all.shown) CHECK(shown == bodega_test::toy_items - 1);
}

TEST_CASE("An evaluation of baskets refuses what does not fit") {
  BasketCases cases((ItemMask(4)));
  CHECK(evaluate_baskets(FixedScores({1, 1, 1, 1}), cases).recall.mean == 0.0);
  cases.add({}, {}, items_of({1}), {}, 0);
  CHECK_ERROR(evaluate_baskets(FixedScores({1}), cases), ErrorCode::shape, "evaluate_baskets");
  CHECK_ERROR(evaluate_baskets(FixedScores({1, 1, 1, 1}), cases, {.k = 0}),
              ErrorCode::invalid_argument, "option k");
  CHECK_ERROR(evaluate_baskets(FixedScores({1, 1, 1, 1}), cases,
                               {.progress = [](const Progress&) { return false; }}),
              ErrorCode::cancelled, "baskets");
}
