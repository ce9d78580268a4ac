// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <vector>

#include <bodega/collaborative/customers/customer_neighbours_trainer.hpp>
#include <bodega/collaborative/customers/tifu_vectors.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
/// Customers 0 and 1 share item 0; customer 2 has item 2 alone, customer 3 nothing.
CsrMatrix<float> history() {
  return {SparsePattern(4, {0, 2, 4, 5, 5}, {0, 1, 0, 3, 2}), {4, 1, 1, 2, 5}};
}
}  // namespace

TEST_CASE("A customer gets what customers alike have bought") {
  const auto model = fit_customer_neighbours(history(), {.neighbours = 2});
  std::vector<float> scores(4, 0.0f);
  model.add_scores({.customer = CustomerIndex(0)}, 1, scores);
  CHECK(scores == std::vector<float>{1, 0, 0, 2});  // customer 1 alone is like 0 at all
  CHECK(model.weights().row(2).size() == 0);        // like nobody
  CHECK(model.weights().row(3).size() == 0);        // without history
  Reasons reasons;
  model.explain({.customer = CustomerIndex(0)}, 1, ItemIndex(3), reasons);
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].kind == Reason::Kind::bought_by_alike);
  CHECK(reasons[0].contribution == 2.0f);
}

TEST_CASE("The likeness of customers weighs their rows") {
  const CsrMatrix<float> three(SparsePattern(3, {0, 2, 3, 5}, {0, 1, 0, 0, 2}), {1, 1, 9, 4, 4});
  const auto model = fit_customer_neighbours(three, {.neighbours = 2});
  const double rare0 = std::log1p(1.0), rare = std::log1p(3.0);
  const double length0 = std::hypot(rare0, rare), length2 = std::hypot(2 * rare0, 2 * rare);
  const double to1 = rare0 / length0, to2 = 2 * rare0 * rare0 / (length0 * length2);
  CHECK(model.weights().at(0, 0) == Approx((9 * to1 + 4 * to2) / (to1 + to2)));
  CHECK(model.weights().at(0, 2) == Approx(4 * to2 / (to1 + to2)));
  CHECK(fit_customer_neighbours(three, {.neighbours = 2, .items = 1}).weights().row(0).size() == 1);
}

TEST_CASE("The nearest customers count the same, whatever they share") {
  const auto model = fit_customer_neighbours(
      history(), {.similarity = CustomerSimilarity::euclidean, .neighbours = 1});
  // squared distances of 1 to 0 and 2: 14 and 30
  CHECK(model.weights().at(1, 0) == 4.0f);
  CHECK(model.weights().at(1, 1) == 1.0f);
  const auto all = fit_customer_neighbours(
      history(), {.similarity = CustomerSimilarity::euclidean, .neighbours = 99});
  CHECK(all.weights().at(2, 0) == 2.5f);  // the mean of 0 and 1
}

TEST_CASE("Neighbours are the same at any number of threads, and progress is told") {
  const auto vectors = tifu_vectors(bodega_test::toy_customer_baskets());
  const auto one = fit_customer_neighbours(vectors, {.threads = 1});
  std::size_t calls = 0;
  for (const std::size_t threads : {2, 5, 40})
    CHECK(fit_customer_neighbours(vectors, {.threads = threads, .progress = [&](const Progress&) {
                                              ++calls;
                                              return true;
                                            }}) == one);
  CHECK(calls > 10);
  CHECK_ERROR(fit_customer_neighbours(vectors, {.progress = [](const Progress&) { return false; }}),
              ErrorCode::cancelled, "customer neighbours");
}

TEST_CASE("Neighbours refuse what has no distance") {
  CHECK_ERROR(fit_customer_neighbours(history(), {.neighbours = 0}), ErrorCode::invalid_argument,
              "neighbours");
  CsrMatrix<float> bad = history();
  bad.values()[1] = -1;
  CHECK_ERROR(fit_customer_neighbours(bad), ErrorCode::out_of_range, "history");
  bad.values()[1] = std::numeric_limits<float>::infinity();
  CHECK_ERROR(fit_customer_neighbours(bad), ErrorCode::not_finite, "history");
  CHECK(fit_customer_neighbours(CsrMatrix<float>(3)).customers() == 0);
}
