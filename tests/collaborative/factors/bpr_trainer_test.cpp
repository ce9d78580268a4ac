// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <bodega/collaborative/factors/bpr_trainer.hpp>
#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "collaborative/factors/least_loss.hpp"
#include "contract/scorer_contract.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("BPR is the same for a seed") {
  CHECK(fit_bpr(toy_rows(), {.factors = 8, .epochs = 2}) ==
        fit_bpr(toy_rows(), {.factors = 8, .epochs = 2}));
  CHECK_FALSE(fit_bpr(toy_rows(), {.factors = 8, .epochs = 2, .seed = 2}) ==
              fit_bpr(toy_rows(), {.factors = 8, .epochs = 2}));
}

TEST_CASE("BPR learns to score what was bought above what was not") {
  double first = 0, last = 0;
  const auto model = fit_bpr(toy_rows(), {.factors = 8, .epochs = 40, .progress = [&](auto& p) {
                                            if (p.done == 1) first = p.loss;
                                            last = p.loss;
                                            return true;
                                          }});
  CHECK(first == Approx(std::log(2.0)).epsilon(0.1));
  CHECK(last < 0.6 * first);
  // Shoppers stay in one department, which is the index by 5: the basket's own comes out first.
  std::size_t at_home = 0;
  for (std::uint32_t department = 0; department < 5; ++department) {
    std::vector<float> scores(model.items(), 0.0f);
    const auto basket = items({department, department + 5});
    model.add_scores({.basket = basket}, 1, scores);
    scores[department] = scores[department + 5] = -1;
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    at_home += static_cast<std::uint32_t>(best) % 5 == department;
  }
  CHECK(at_home >= 4);
}

TEST_CASE("BPR of one item has nothing to prefer it to") {
  CsrMatrix<float> rows(1);
  const std::vector<std::uint32_t> item{0};
  const std::vector<float> once{1.0f};
  rows.add_row(item, once);
  rows.add_row({}, {});
  rows.add_row(item, once);
  CHECK(fit_bpr(rows, {.factors = 1, .epochs = 1}).items() == 1);
}

TEST_CASE("BPR refuses what it cannot learn from") {
  const CsrMatrix<float>& rows = toy_rows();
  for (const std::size_t factors : {std::size_t{0}, std::size_t{513}})
    CHECK_ERROR(fit_bpr(rows, {.factors = factors}), ErrorCode::invalid_argument, "factors");
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), INFINITY, 0.0f, -1.0f}) {
    CsrMatrix<float> spoilt(3);
    spoilt.add_row(std::vector<std::uint32_t>{1}, std::vector<float>{1.0f});
    spoilt.add_row(std::vector<std::uint32_t>{0, 2}, std::vector<float>{1.0f, bad});
    CHECK_ERROR(fit_bpr(spoilt), ErrorCode::out_of_range, "row 1");
  }
  CsrMatrix<float> nothing(3);
  nothing.add_row({}, {});
  CHECK_ERROR(fit_bpr(nothing), ErrorCode::invalid_argument, "fit_bpr");
  CHECK_ERROR(fit_bpr(rows, {.epochs = 0}), ErrorCode::invalid_argument, "epochs");
  CHECK_ERROR(fit_bpr(rows, {.learning_rate = 0}), ErrorCode::invalid_argument, "learning_rate");
  CHECK_ERROR(fit_bpr(rows, {.l2 = -1}), ErrorCode::invalid_argument, "l2");
  CHECK_ERROR(fit_bpr(rows, {.epochs = 50, .learning_rate = 1e6}), ErrorCode::not_finite,
              "fit_bpr");
  const auto stop = [](const Progress& progress) { return progress.done < 1; };
  CHECK_ERROR(fit_bpr(rows, {.progress = stop}), ErrorCode::cancelled, "bpr");
}

TEST_CASE("BPR keeps the scorer contract") {
  // A basket is folded in as a whole, and items of it may speak against others.
  const ScorerPromises folded_in{.sums_over_items = false, .explains_all = false};
  const CsrMatrix<float> rows = basket_items(toy_baskets());
  const auto bpr = fit_bpr(rows, {.factors = 6, .epochs = 5});
  check_scorer_contract(bpr, toy_items, folded_in);
  check_scorer_contract(quantize(bpr), toy_items, folded_in);
}

TEST_CASE(
    "linear algebra is guarded: BPR at rates that lead nowhere begins again at half of them") {
  for (const double rate : {1.0, 30.0, 300.0}) {
    const auto model = fit_bpr(toy_rows(), {.factors = 8, .epochs = 20, .learning_rate = rate});
    std::vector<float> scores(toy_rows().columns(), 0.0f);
    const auto basket = items({0, 2});
    model.add_scores({.basket = basket}, 1, scores);
    for (const float score : scores) CHECK(std::abs(score) < 10);
  }
  CHECK_ERROR(fit_bpr(toy_rows(), {.factors = 8, .epochs = 20, .learning_rate = 1e30}),
              ErrorCode::not_finite, "fit_bpr");
}
