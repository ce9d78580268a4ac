// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include <bodega/collaborative/factors/als_trainer.hpp>
#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "collaborative/factors/least_loss.hpp"
#include "contract/scorer_contract.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("ALS: item vectors are the least loss of the rows, which are that of the items") {
  // After a sweep the items fit rows that fitted the items before: at the end of many sweeps
  // neither moves, so the rows' closed form gives vectors whose own closed form are the items.
  const ImplicitLoss loss{.unobserved = 0.1, .l2 = 0.05};
  const auto model = fit_als(toy_rows(), {.factors = 4, .iterations = 120, .loss = loss});
  const CsrMatrix<float>& rows = toy_rows();
  Matrix<float> customers(rows.rows(), 4);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    std::vector<ItemIndex> basket;
    for (const std::uint32_t j : rows.row(r).columns) basket.emplace_back(j);
    model.fold_in({.basket = basket}, customers.row(r));
  }
  const CsrMatrix<float> columns = rows.transposed();
  for (const std::size_t j : {0u, 7u, 38u}) {
    std::vector<std::pair<std::size_t, double>> observed;
    for (const std::uint32_t r : columns.row(j).columns) observed.emplace_back(r, 1.0);
    const std::vector<double> expected = least_loss(customers, loss, observed);
    for (std::size_t k = 0; k < 4; ++k)
      CHECK(model.vectors()(j, k) == Approx(expected[k]).margin(5e-3));
  }
}

TEST_CASE(
    "ALS: the loss falls with every exact sweep, is what is said, and every solver gets there") {
  const AlsOptions exact{.factors = 24, .iterations = 12, .loss = {.unobserved = 0.1, .l2 = 0.01}};
  double least = 0;
  for (const auto& [solver, block, steps] : {std::tuple{AlsSolver::blocks, 0, 1},
                                             {AlsSolver::blocks, 16, 1},
                                             {AlsSolver::conjugate_gradients, 0, 5}}) {
    AlsOptions options = exact;
    options.solver = solver;
    options.block = static_cast<std::size_t>(block);
    options.steps = steps;
    double before = INFINITY;
    bool falls = true;
    options.progress = [&](const Progress& progress) {
      if (progress.done == 0) return true;
      falls &= progress.loss <= before * (1 + 1e-5);
      before = progress.loss;
      return true;
    };
    const auto model = fit_als(toy_rows(), options);
    CHECK(falls);
    if (least == 0) least = before;
    CHECK(before == Approx(least).epsilon(0.01));
    // Rows folded in afresh fit at least as well as those that the last sweep began with.
    CHECK(reached(model, toy_rows()) <= before * (1 + 1e-4));
    CHECK(reached(model, toy_rows()) == Approx(before).epsilon(0.02));
  }
}

TEST_CASE("ALS is the same for a seed at any number of threads") {
  for (const AlsSolver solver : {AlsSolver::blocks, AlsSolver::conjugate_gradients}) {
    const AlsOptions one{.factors = 12, .iterations = 2, .solver = solver, .threads = 1};
    AlsOptions three = one, other = one;
    three.threads = 3;
    other.seed = 2;
    CHECK(fit_als(toy_rows(), one) == fit_als(toy_rows(), three));
    CHECK_FALSE(fit_als(toy_rows(), one) == fit_als(toy_rows(), other));
  }
}

TEST_CASE("one item, one factor, rows that hold nothing: the closed form by hand") {
  // v of 2 customers with the item and one without: s stays below 1.
  CsrMatrix<float> rows(1);
  const std::vector<std::uint32_t> item{0};
  const std::vector<float> once{1.0f};
  rows.add_row(item, once);
  rows.add_row({}, {});
  rows.add_row(item, once);
  const auto model = fit_als(rows, {.factors = 1, .iterations = 50, .loss = {.l2 = 0.001}});
  std::vector<float> scores(1, 0.0f);
  const auto basket = items({0});
  model.add_scores({.basket = basket}, 1, scores);
  CHECK(scores[0] > 0.8f);
  CHECK(scores[0] < 1 / 1.1f + 1e-4f);  // 1 / (1 + unobserved) without a penalty
}

TEST_CASE("the more confidence, the nearer to 1") {
  for (const bool observed_too : {true, false}) {
    float before = 0;
    for (const float confidence : {1.0f, 3.0f, 10.0f}) {
      CsrMatrix<float> rows(3);
      for (int i = 0; i < 20; ++i) {
        rows.add_row(std::vector<std::uint32_t>{0, 1}, std::vector<float>(2, confidence));
        rows.add_row(std::vector<std::uint32_t>{1, 2}, std::vector<float>(2, confidence));
      }
      const auto model = fit_als(rows, {.factors = 2,
                                        .iterations = 30,
                                        .loss = {.unobserved = 0.5, .observed_too = observed_too}});
      std::vector<float> scores(3, 0.0f);
      const auto basket = items({0});
      model.add_scores({.basket = basket}, 1, scores);
      CHECK(scores[0] > before);
      CHECK(scores[0] < 1);
      before = scores[0];
    }
  }
}

TEST_CASE("ALS refuses what it cannot learn from") {
  const CsrMatrix<float>& rows = toy_rows();
  for (const std::size_t factors : {std::size_t{0}, std::size_t{513}})
    CHECK_ERROR(fit_als(rows, {.factors = factors}), ErrorCode::invalid_argument, "factors");
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), INFINITY, 0.0f, -1.0f}) {
    CsrMatrix<float> spoilt(3);
    spoilt.add_row(std::vector<std::uint32_t>{1}, std::vector<float>{1.0f});
    spoilt.add_row(std::vector<std::uint32_t>{0, 2}, std::vector<float>{1.0f, bad});
    CHECK_ERROR(fit_als(spoilt), ErrorCode::out_of_range, "row 1");
  }
  CsrMatrix<float> nothing(3);
  CHECK_ERROR(fit_als(nothing), ErrorCode::invalid_argument, "fit_als");
  nothing.add_row({}, {});
  CHECK_ERROR(fit_als(nothing), ErrorCode::invalid_argument, "fit_als");
  CHECK_ERROR(fit_als(rows, {.iterations = 0}), ErrorCode::invalid_argument, "iterations");
  CHECK_ERROR(fit_als(rows, {.steps = 0}), ErrorCode::invalid_argument, "steps");
  CHECK_ERROR(fit_als(rows, {.deviation = 0}), ErrorCode::invalid_argument, "deviation");
  CHECK_ERROR(fit_als(rows, {.loss = {.unobserved = 0}}), ErrorCode::invalid_argument,
              "unobserved");
  CHECK_ERROR(fit_als(rows, {.loss = {.l2 = NAN}}), ErrorCode::invalid_argument, "l2");
  CHECK_ERROR(fit_als(rows, {.loss = {.frequency_scaling = 1.5}}), ErrorCode::invalid_argument,
              "frequency_scaling");
  CHECK_ERROR(fit_als(rows, {.loss = {.unobserved = 2, .observed_too = false}}),
              ErrorCode::out_of_range, "confidence");
  const auto stop = [](const Progress& progress) { return progress.done < 1; };
  CHECK_ERROR(fit_als(rows, {.progress = stop}), ErrorCode::cancelled, "als");
}

TEST_CASE("ALS keeps the scorer contract") {
  // A basket is folded in as a whole, and items of it may speak against others.
  const ScorerPromises folded_in{.sums_over_items = false, .explains_all = false};
  const CsrMatrix<float> rows = basket_items(toy_baskets());
  const auto als = fit_als(rows, {.factors = 12, .iterations = 4});
  check_scorer_contract(als, toy_items, folded_in);
  check_scorer_contract(quantize(als), toy_items, folded_in);
}

TEST_CASE("linear algebra is guarded: ALS by every solver with confidences beyond its penalty") {
  for (const AlsSolver solver : {AlsSolver::blocks, AlsSolver::conjugate_gradients})
    for (const std::size_t block : {std::size_t{0}, std::size_t{16}})
      for (const double scaling : {0.0, 1.0})
        for (const float confidence : {600.0f, 1e4f, 1e6f, 1e9f}) {
          CAPTURE(solver == AlsSolver::blocks, block, scaling, confidence);
          CsrMatrix<float> rows(5);
          for (int i = 0; i < 20; ++i)
            rows.add_row(std::vector<std::uint32_t>{0, 1, 2, 3, 4},
                         std::vector<float>(5, confidence));
          const auto model = fit_als(rows, {.loss = {.frequency_scaling = scaling},
                                            .solver = solver,
                                            .block = block,
                                            .threads = 1});
          for (const auto& basket : {items({3}), items({0, 1, 2, 3, 4}), items({3, 3, 3, 1})}) {
            std::vector<float> scores(5, 0.0f);
            model.add_scores({.basket = basket}, 1, scores);
            for (const float score : scores) CHECK(score == Approx(0.99).margin(0.015));
          }
        }
}

TEST_CASE("linear algebra is guarded: confidences of every size in one table") {
  CsrMatrix<float> rows(40);
  for (std::uint32_t i = 0; i < 60; ++i) {
    std::vector<std::uint32_t> columns;
    std::vector<float> values;
    for (std::uint32_t j = i % 2; j < 40; j += 2)
      if ((i * 7 + j * 3) % 5 != 0) {
        columns.push_back(j);
        values.push_back(std::pow(10.0f, static_cast<float>((i * 13 + j * 11) % 15) - 6.0f));
      }
    rows.add_row(columns, values);
  }
  for (const AlsSolver solver : {AlsSolver::blocks, AlsSolver::conjugate_gradients}) {
    const auto model = fit_als(rows, {.factors = 16, .solver = solver, .threads = 1});
    std::vector<float> scores(40, 0.0f);
    const auto basket = items({0, 2, 4, 6});
    model.add_scores({.basket = basket}, 1, scores);
    for (const float score : scores) CHECK(std::abs(score) < 1.1f);
  }
  std::vector<float> too_sure(rows.values().begin(), rows.values().end());
  too_sure[0] = 2e9f;
  CHECK_ERROR(fit_als(CsrMatrix<float>(rows.pattern(), too_sure)), ErrorCode::out_of_range,
              "row 0");
}
