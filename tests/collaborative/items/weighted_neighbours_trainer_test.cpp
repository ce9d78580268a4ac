// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <bodega/collaborative/items/weighted_neighbours_trainer.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

/// Baskets x items of 0 and 1, and the number of baskets with each item.
struct Table {
  explicit Table(const Baskets& baskets) : holds(baskets.size()), count(baskets.items(), 0.0) {
    for (std::size_t b = 0; b < baskets.size(); ++b) {
      holds[b].assign(baskets.items(), false);
      for (const ItemIndex item : baskets[b]) {
        holds[b][item.value()] = true;
        ++count[item.value()];
      }
    }
  }
  std::vector<std::vector<bool>> holds;
  std::vector<double> count;
};

}  // namespace

TEST_CASE("BM25 neighbours are the product of the documents' BM25 vectors") {
  const Baskets baskets = bodega_test::toy_baskets();
  const Table table(baskets);
  const std::size_t n = baskets.items();
  double mean = 0;
  for (const double count : table.count) mean += count / static_cast<double>(n);
  for (const auto& [k1, b] : {std::pair{1.2, 0.75}, {1.2, 0.3}, {100.0, 0.8}}) {
    const auto found = fit_bm25_neighbours(baskets, {.k1 = k1, .b = b, .neighbours = 0}).weights();
    const auto weight = [&, k = k1, damped = b](std::size_t item, std::size_t basket) {
      if (!table.holds[basket][item]) return 0.0;
      const double idf = std::log(static_cast<double>(n)) -
                         std::log(1 + static_cast<double>(baskets[basket].size()));
      return idf * (k + 1) / (k * (1 - damped + damped * table.count[item] / mean) + 1);
    };
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        double expected = 0;
        for (std::size_t c = 0; c < baskets.size() && i != j; ++c)
          expected += weight(i, c) * weight(j, c);
        REQUIRE(found.at(i, j) == Approx(expected).epsilon(1e-5));
      }
  }
}

TEST_CASE("TF-IDF neighbours by hand") {
  // A catalogue of 8; baskets of 1, 2 and 3 items, so idf = ln 4, ln(8/3), ln 2.
  Baskets baskets(8);
  baskets.add({}, {}, std::vector{ItemIndex(0)});
  baskets.add({}, {}, std::vector{ItemIndex(0), ItemIndex(1)});
  baskets.add({}, {}, std::vector{ItemIndex(0), ItemIndex(1), ItemIndex(2)});
  const double a = std::log(4.0), b = std::log(8 / 3.0), c = std::log(2.0);
  const auto found = fit_tfidf_neighbours(baskets).weights();
  const double norm0 = a * a + b * b + c * c, norm1 = b * b + c * c;
  CHECK(found.at(0, 1) == Approx((b * b + c * c) / std::sqrt(norm0 * norm1)));
  CHECK(found.at(0, 2) == Approx(c * c / std::sqrt(norm0 * c * c)));
  CHECK(found.at(2, 1) == Approx(c * c / std::sqrt(norm1 * c * c)));
  CHECK(found.at(1, 0) == found.at(0, 1));
  CHECK(found.row(3).size() == 0);
  const auto one = fit_tfidf_neighbours(baskets, {.neighbours = 1}).weights();
  CHECK(one.row(0).size() == 1);
  // A basket of all items but one has an idf of 0 and says nothing.
  Baskets large(3);
  large.add({}, {}, std::vector{ItemIndex(0), ItemIndex(1)});
  CHECK(fit_tfidf_neighbours(large).weights().size() == 0);
  CHECK(fit_tfidf_neighbours(Baskets()).items() == 0);
}

TEST_CASE("RP3beta is the damped walk over the baskets") {
  const Baskets baskets = bodega_test::toy_baskets();
  const Table table(baskets);
  const std::size_t n = baskets.items();
  for (const auto& [alpha, beta] : {std::pair{0.8, 0.4}, {1.0, 0.0}}) {
    const auto found =
        fit_rp3beta(baskets, {.alpha = alpha, .beta = beta, .neighbours = 0}).weights();
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        double expected = 0;
        for (std::size_t c = 0; c < baskets.size() && i != j; ++c)
          if (table.holds[c][i] && table.holds[c][j])
            expected += 1 / (std::pow(table.count[i], alpha) * std::pow(table.count[j], beta) *
                             std::pow(static_cast<double>(baskets[c].size()), alpha));
        REQUIRE(found.at(i, j) == Approx(expected).epsilon(1e-5));
      }
  }
  // alpha 1, beta 0: where the walk goes from an item, itself included, sums to 1.
  const auto walk = fit_rp3beta(baskets, {.alpha = 1, .beta = 0, .neighbours = 0}).weights();
  double sum = 0, stays = 0;
  for (const float step : walk.row(0).values) sum += step;
  for (std::size_t c = 0; c < baskets.size(); ++c)
    if (table.holds[c][0]) stays += 1 / (table.count[0] * static_cast<double>(baskets[c].size()));
  CHECK(sum + stays == Approx(1).epsilon(1e-5));
}

TEST_CASE("weighted neighbours keep the strongest") {
  const Baskets baskets = bodega_test::toy_baskets();
  const auto all = fit_rp3beta(baskets, {.neighbours = 0}).weights();
  const auto few = fit_rp3beta(baskets, {.neighbours = 3}).weights();
  for (std::size_t i = 0; i + 1 < baskets.items(); ++i) {
    REQUIRE(few.row(i).size() == 3);
    float weakest = INFINITY;
    for (const float value : few.row(i).values) weakest = std::min(weakest, value);
    for (std::size_t k = 0; k < all.row(i).size(); ++k)
      if (few.at(i, all.row(i).columns[k]) == 0) REQUIRE(all.row(i).values[k] <= weakest);
  }
  CHECK(few.row(baskets.items() - 1).size() == 0);  // never sold
}

TEST_CASE("weighted neighbours: options that make no sense, cancelling, nothing to learn from") {
  const Baskets baskets = bodega_test::toy_baskets(20);
  CHECK_ERROR(fit_bm25_neighbours(baskets, {.k1 = -1}), ErrorCode::invalid_argument, "k1");
  CHECK_ERROR(fit_bm25_neighbours(baskets, {.b = 1.5}), ErrorCode::invalid_argument, "option b");
  CHECK_ERROR(fit_bm25_neighbours(baskets, {.b = NAN}), ErrorCode::invalid_argument, "option b");
  CHECK_ERROR(fit_rp3beta(baskets, {.alpha = INFINITY}), ErrorCode::invalid_argument, "alpha");
  CHECK_ERROR(fit_rp3beta(baskets, {.beta = -0.1}), ErrorCode::invalid_argument, "beta");
  const auto stop = [](const Progress&) { return false; };
  CHECK_ERROR(fit_bm25_neighbours(baskets, {.progress = stop}), ErrorCode::cancelled, "");
  CHECK_ERROR(fit_rp3beta(baskets, {.progress = stop}), ErrorCode::cancelled, "");
  CHECK(fit_bm25_neighbours(Baskets()).items() == 0);
  CHECK(fit_rp3beta(Baskets(3)).weights().size() == 0);
}

TEST_CASE("weighted neighbours of one item, and of a basket that holds the whole catalogue") {
  Baskets one(1), all(4);
  one.add({}, {}, std::vector{ItemIndex(0), ItemIndex(0)});
  all.add({}, {},
          std::vector{ItemIndex(3), ItemIndex(0), ItemIndex(2), ItemIndex(1), ItemIndex(3)});
  CHECK(fit_bm25_neighbours(one).weights().size() == 0);
  CHECK(fit_tfidf_neighbours(one).weights().size() == 0);
  CHECK(fit_rp3beta(one).weights().size() == 0);
  for (const auto& model :
       {fit_bm25_neighbours(all), fit_tfidf_neighbours(all), fit_rp3beta(all)}) {
    CHECK(model.weights().size() == 12);
    for (const float value : model.weights().values()) CHECK((std::isfinite(value) && value > 0));
  }
}
