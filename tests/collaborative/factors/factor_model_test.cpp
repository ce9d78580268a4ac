// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include <bodega/collaborative/factors/als_trainer.hpp>
#include <bodega/collaborative/factors/bpr_trainer.hpp>
#include <bodega/collaborative/factors/factor_model.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/embedding/item_vectors.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

using Dense = std::vector<std::vector<double>>;

/// x with a x = b, by Gauss: owes nothing to the solvers under test.
std::vector<double> solved(Dense a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t c = 0; c < n; ++c)
    for (std::size_t r = 0; r < n; ++r) {
      if (r == c) continue;
      const double factor = a[r][c] / a[c][c];
      for (std::size_t j = 0; j < n; ++j) a[r][j] -= factor * a[c][j];
      b[r] -= factor * b[c];
    }
  for (std::size_t c = 0; c < n; ++c) b[c] /= a[c][c];
  return b;
}

/// The vector of least loss of a row whose observations are given, from the normal equations.
std::vector<double> least_loss(const Matrix<float>& others, const ImplicitLoss& loss,
                               const std::vector<std::pair<std::size_t, double>>& observed) {
  const std::size_t f = others.columns();
  Dense a(f, std::vector<double>(f, 0.0));
  std::vector<double> b(f, 0.0);
  const auto add = [&](std::size_t j, double factor) {
    for (std::size_t x = 0; x < f; ++x)
      for (std::size_t y = 0; y < f; ++y)
        a[x][y] += factor * double{others(j, x)} * double{others(j, y)};
  };
  for (std::size_t j = 0; j < others.rows(); ++j) add(j, loss.unobserved);
  for (const auto& [j, c] : observed) {
    add(j, loss.observed_too ? c : c - loss.unobserved);
    for (std::size_t x = 0; x < f; ++x) b[x] += c * double{others(j, x)};
  }
  const double penalty =
      loss.l2 * std::pow(static_cast<double>(observed.size()) +
                             loss.unobserved * static_cast<double>(others.rows()),
                         loss.frequency_scaling);
  for (std::size_t x = 0; x < f; ++x) a[x][x] += penalty;
  return solved(a, b);
}

const CsrMatrix<float>& toy_rows() {
  static const CsrMatrix<float> rows = basket_items(bodega_test::toy_baskets());
  return rows;
}

std::vector<ItemIndex> items(std::initializer_list<std::uint32_t> indices) {
  std::vector<ItemIndex> result;
  for (const std::uint32_t i : indices) result.emplace_back(i);
  return result;
}

/// The objective that ImplicitLoss tells, for item vectors and rows folded in exactly.
double reached(const FactorModel<>& model, const CsrMatrix<float>& rows) {
  const ImplicitLoss& loss = model.loss();
  const Matrix<float>& v = model.vectors();
  double sum = 0;
  std::vector<double> known(v.rows(), 0.0);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    std::vector<std::pair<std::size_t, double>> observed;
    for (const std::uint32_t j : rows.row(r).columns) {
      observed.emplace_back(j, 1.0);
      ++known[j];
    }
    const std::vector<double> u = least_loss(v, loss, observed);
    double squares = 0;
    for (const double x : u) squares += x * x;
    sum +=
        squares * loss.penalty(static_cast<double>(observed.size()), static_cast<double>(v.rows()));
    for (std::size_t j = 0; j < v.rows(); ++j) {
      double s = 0;
      for (std::size_t k = 0; k < u.size(); ++k) s += u[k] * double{v(j, k)};
      sum += loss.unobserved * s * s + (rows.at(r, j) > 0 ? (1 - s) * (1 - s) : 0.0);
    }
  }
  for (std::size_t j = 0; j < v.rows(); ++j)
    for (const float x : v.row(j))
      sum += loss.penalty(known[j], static_cast<double>(rows.rows())) * double{x} * double{x};
  return sum / static_cast<double>(rows.size());
}

}  // namespace

TEST_CASE("a basket is folded in by the closed form") {
  for (const bool observed_too : {true, false})
    for (const double scaling : {0.0, 0.5, 1.0}) {
      const auto model = fit_als(toy_rows(), {.factors = 10,
                                              .iterations = 3,
                                              .loss = {.unobserved = 0.2,
                                                       .observed_too = observed_too,
                                                       .l2 = 0.02,
                                                       .frequency_scaling = scaling}});
      for (const auto& basket : {items({3}), items({0, 5, 11}), items({1, 1, 6}),
                                 items({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})}) {
        std::vector<std::pair<std::size_t, double>> observed;
        for (const ItemIndex item : basket) observed.emplace_back(item.value(), 1.0);
        const std::vector<double> expected = least_loss(model.vectors(), model.loss(), observed);
        std::vector<float> found(10);
        model.fold_in({.basket = basket}, found);
        for (std::size_t k = 0; k < 10; ++k) CHECK(found[k] == Approx(expected[k]).margin(1e-5));
      }
    }
}

TEST_CASE("a basket of thousands, an empty one and one of unknown items are folded in") {
  const auto model = fit_als(toy_rows(), {.factors = 20, .iterations = 3});
  std::vector<ItemIndex> giant;
  std::vector<std::pair<std::size_t, double>> observed;
  for (std::uint32_t k = 0; k < 6000; ++k) {
    giant.emplace_back(k * k % 39);
    observed.emplace_back(k * k % 39, 1.0);
  }
  std::vector<float> found(20);
  model.fold_in({.basket = giant}, found);
  const std::vector<double> expected = least_loss(model.vectors(), model.loss(), observed);
  for (std::size_t k = 0; k < 20; ++k) CHECK(found[k] == Approx(expected[k]).margin(1e-3));
  for (const auto& basket : {items({}), items({40, 4'000'000'000u})}) {
    model.fold_in({.basket = basket}, found);
    for (const float x : found) CHECK(x == 0);
  }
}

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

TEST_CASE("ALS and BPR are the same for a seed, ALS at any number of threads") {
  for (const AlsSolver solver : {AlsSolver::blocks, AlsSolver::conjugate_gradients}) {
    const AlsOptions one{.factors = 12, .iterations = 2, .solver = solver, .threads = 1};
    AlsOptions three = one, other = one;
    three.threads = 3;
    other.seed = 2;
    CHECK(fit_als(toy_rows(), one) == fit_als(toy_rows(), three));
    CHECK_FALSE(fit_als(toy_rows(), one) == fit_als(toy_rows(), other));
  }
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

TEST_CASE("the vectors of a factor model serve as item vectors") {
  const auto model = fit_als(toy_rows(), {.factors = 16});
  const ItemVectors<> vectors(model.directions());
  CHECK(vectors.cosine(ItemIndex(3), ItemIndex(3)) == Approx(1.0));
  CHECK(vectors.cosine(ItemIndex(39), ItemIndex(39)) == 0);  // never sold: nothing is known
  const auto near = vectors.nearest(ItemIndex(7), 3);
  REQUIRE(near.size() == 3);
  for (const auto& one : near) CHECK(one.index % 5 == 7 % 5);
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
  CHECK(scores[0] < 1 / 1.1f + 1e-4f);         // 1 / (1 + unobserved) without a penalty
  fit_bpr(rows, {.factors = 1, .epochs = 1});  // nothing to prefer the item to
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

TEST_CASE("factor models refuse what they cannot learn from") {
  const CsrMatrix<float>& rows = toy_rows();
  for (const std::size_t factors : {std::size_t{0}, std::size_t{513}}) {
    CHECK_ERROR(fit_als(rows, {.factors = factors}), ErrorCode::invalid_argument, "factors");
    CHECK_ERROR(fit_bpr(rows, {.factors = factors}), ErrorCode::invalid_argument, "factors");
  }
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), INFINITY, 0.0f, -1.0f}) {
    CsrMatrix<float> spoilt(3);
    spoilt.add_row(std::vector<std::uint32_t>{1}, std::vector<float>{1.0f});
    spoilt.add_row(std::vector<std::uint32_t>{0, 2}, std::vector<float>{1.0f, bad});
    CHECK_ERROR(fit_als(spoilt), ErrorCode::out_of_range, "row 1");
    CHECK_ERROR(fit_bpr(spoilt), ErrorCode::out_of_range, "row 1");
  }
  CsrMatrix<float> nothing(3);
  CHECK_ERROR(fit_als(nothing), ErrorCode::invalid_argument, "fit_als");
  nothing.add_row({}, {});
  CHECK_ERROR(fit_als(nothing), ErrorCode::invalid_argument, "fit_als");
  CHECK_ERROR(fit_bpr(nothing), ErrorCode::invalid_argument, "fit_bpr");

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
  CHECK_ERROR(fit_bpr(rows, {.epochs = 0}), ErrorCode::invalid_argument, "epochs");
  CHECK_ERROR(fit_bpr(rows, {.learning_rate = 0}), ErrorCode::invalid_argument, "learning_rate");
  CHECK_ERROR(fit_bpr(rows, {.l2 = -1}), ErrorCode::invalid_argument, "l2");
  CHECK_ERROR(fit_bpr(rows, {.epochs = 50, .learning_rate = 1e6}), ErrorCode::not_finite,
              "fit_bpr");
  const auto stop = [](const Progress& progress) { return progress.done < 1; };
  CHECK_ERROR(fit_als(rows, {.progress = stop}), ErrorCode::cancelled, "als");
  CHECK_ERROR(fit_bpr(rows, {.progress = stop}), ErrorCode::cancelled, "bpr");

  CHECK_ERROR(FactorModel<>(Matrix<float>(2, 513), ImplicitLoss{}), ErrorCode::shape, "vectors");
  CHECK_ERROR(FactorModel<>(Matrix<float>(2, 2, NAN), ImplicitLoss{}), ErrorCode::not_finite,
              "vectors");
  CHECK_ERROR(FactorModel<>(Matrix<float>(2, 2), ImplicitLoss{.l2 = -1}),
              ErrorCode::invalid_argument, "l2");
  CHECK_ERROR(FactorModel<>(Matrix<float>(2, 2), ImplicitLoss{}, 0), ErrorCode::invalid_argument,
              "confidence");
}

TEST_CASE("factor models keep the scorer contract") {
  // A basket is folded in as a whole, and items of it may speak against others.
  const bodega_test::ScorerPromises folded_in{.sums_over_items = false, .explains_all = false};
  const CsrMatrix<float> rows = basket_items(bodega_test::toy_baskets());
  const auto als = fit_als(rows, {.factors = 12, .iterations = 4});
  bodega_test::check_scorer_contract(als, bodega_test::toy_items, folded_in);
  bodega_test::check_scorer_contract(quantize(als), bodega_test::toy_items, folded_in);
  const auto bpr = fit_bpr(rows, {.factors = 6, .epochs = 5});
  bodega_test::check_scorer_contract(bpr, bodega_test::toy_items, folded_in);
  bodega_test::check_scorer_contract(quantize(bpr), bodega_test::toy_items, folded_in);
}
