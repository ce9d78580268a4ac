// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/items/ease_refit.hpp>
#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

using Dense = std::vector<std::vector<double>>;

/// Gauss and Jordan with row pivoting: slow, plain and owing nothing to the solver under test.
Dense inverse(Dense a) {
  const std::size_t n = a.size();
  Dense b(n, std::vector<double>(n, 0.0));
  for (std::size_t i = 0; i < n; ++i) b[i][i] = 1;
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c; r < n; ++r)
      if (std::abs(a[r][c]) > std::abs(a[pivot][c])) pivot = r;
    std::swap(a[c], a[pivot]);
    std::swap(b[c], b[pivot]);
    for (std::size_t r = 0; r < n; ++r) {
      const double factor = r == c ? 1 - 1 / a[c][c] : a[r][c] / a[c][c];
      for (std::size_t j = 0; j < n; ++j) b[r][j] -= factor * b[c][j];
      for (std::size_t j = 0; j < n; ++j)
        if (j != c) a[r][j] -= factor * a[c][j];
      a[r][c] = r == c ? 1 : 0;
    }
  }
  return b;
}

}  // namespace

TEST_CASE("EASE of two items by hand") {
  // n = 3 and 2, together 1, l2 = 1: P is the inverse of [4 1; 1 3], 1/11 [3 -1; -1 4].
  Cooccurrence counts(3);
  const std::vector both{ItemIndex(0), ItemIndex(1)}, first{ItemIndex(0)}, second{ItemIndex(1)};
  counts.add(both, Day(0));
  counts.add(first, Day(0), 2);
  counts.add(second, Day(0));
  for (const bool single : {false, true}) {
    const auto weights = fit_ease(counts, {.l2 = 1, .single_precision = single}).weights();
    CHECK(weights.at(0, 1) == Approx(1.0 / 4));  // -P01 / P11
    CHECK(weights.at(1, 0) == Approx(1.0 / 3));
    CHECK(weights.size() == 2);  // no diagonal; the item never sold has no weights
  }
}

TEST_CASE("EASE is the closed form of the paper") {
  const Cooccurrence counts(bodega_test::toy_baskets(), {.half_life_days = 60});
  const std::size_t n = bodega_test::toy_items;
  Dense gram(n, std::vector<double>(n, 0.0));
  for (std::uint32_t i = 0; i < n; ++i)
    for (std::uint32_t j = 0; j < n; ++j)
      gram[i][j] =
          i == j ? counts.count(ItemIndex(i)) + 15 : counts.pair(ItemIndex(i), ItemIndex(j));
  const Dense p = inverse(gram);
  const auto exact = fit_ease(counts, {.l2 = 15, .neighbours = 0}).weights();
  const auto single =
      fit_ease(counts, {.l2 = 15, .neighbours = 0, .single_precision = true}).weights();
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      const double expected = i == j ? 0 : -p[i][j] / p[j][j];
      REQUIRE(exact.at(i, j) == Approx(expected).margin(1e-7));
      REQUIRE(single.at(i, j) == Approx(expected).margin(1e-5));
    }

  const std::size_t kept = 20;
  const auto pruned = fit_ease(counts, {.l2 = 15, .neighbours = kept}).weights();
  bool some_negative = false;
  for (std::size_t i = 0; i + 1 < n; ++i) {
    REQUIRE(pruned.row(i).size() == kept);
    float weakest = INFINITY;
    for (std::size_t k = 0; k < kept; ++k) {
      const float value = pruned.row(i).values[k];
      CHECK(value == exact.at(i, pruned.row(i).columns[k]));
      weakest = std::min(weakest, std::abs(value));
      some_negative |= value < 0;
    }
    for (std::size_t j = 0; j < n; ++j)
      if (pruned.at(i, j) == 0) REQUIRE(std::abs(exact.at(i, j)) <= weakest);
  }
  CHECK(some_negative);  // strongest by magnitude, not by value
  CHECK(pruned.row(n - 1).size() == 0);
}

TEST_CASE("EASE keeps the weights that are least well done without") {
  const Cooccurrence counts(bodega_test::toy_baskets());
  const std::size_t n = bodega_test::toy_items;
  const double l2 = 15;
  // The error of column j with some predictors, from the normal equations: A_jj - a' inv(A_SS) a.
  const auto a = [&](std::size_t i, std::size_t j) {
    const ItemIndex x(static_cast<std::uint32_t>(i)), y(static_cast<std::uint32_t>(j));
    return i == j ? counts.count(x) + l2 : double{counts.pair(x, y)};
  };
  const auto error = [&](std::size_t j, std::size_t without) {
    std::vector<std::size_t> support;
    for (std::size_t i = 0; i < n; ++i)
      if (i != j && i != without) support.push_back(i);
    Dense part(support.size(), std::vector<double>(support.size()));
    for (std::size_t x = 0; x < support.size(); ++x)
      for (std::size_t y = 0; y < support.size(); ++y) part[x][y] = a(support[x], support[y]);
    const Dense p = inverse(part);
    double explained = 0;
    for (std::size_t x = 0; x < support.size(); ++x)
      for (std::size_t y = 0; y < support.size(); ++y)
        explained += a(support[x], j) * p[x][y] * a(support[y], j);
    return a(j, j) - explained;
  };
  const auto all = fit_ease(counts, {.l2 = l2, .neighbours = 0}).weights();
  for (const bool single : {false, true}) {
    const auto kept =
        fit_ease(
            counts,
            {.l2 = l2, .neighbours = 8, .keep = EaseKeep::least_missed, .single_precision = single})
            .weights();
    CHECK(kept.size() == 8 * n);
    bool uneven = false;
    for (std::size_t i = 0; i < n; ++i) uneven |= kept.row(i).size() != 8;
    CHECK(uneven);
    double least_kept = INFINITY, most_missed = 0;
    for (const std::size_t j : {0, 7, 13}) {
      const double full = error(j, j);
      for (std::size_t i = 0; i < n; ++i) {
        if (i == j) continue;
        const double missed = error(j, i) - full;
        if (kept.at(i, j) != 0) {
          CHECK(kept.at(i, j) == Approx(all.at(i, j)).epsilon(1e-4));
          least_kept = std::min(least_kept, missed);
        } else {
          most_missed = std::max(most_missed, missed);
        }
      }
    }
    CHECK(least_kept >= most_missed);
    CHECK(most_missed > 0);
  }
  const auto plenty =
      fit_ease(counts, {.l2 = l2, .neighbours = n, .keep = EaseKeep::least_missed}).weights();
  CHECK(plenty == all);
}

TEST_CASE("EASE between regression and partial correlation") {
  const Cooccurrence counts(bodega_test::toy_baskets());
  const auto weights = [&](double symmetry) {
    return fit_ease(counts, {.l2 = 15, .neighbours = 0, .symmetry = symmetry}).weights();
  };
  const auto regression = weights(0), half_way = weights(0.25), correlation = weights(0.5);
  for (std::size_t i = 0; i < bodega_test::toy_items; ++i)
    for (std::size_t j = 0; j < i; ++j) {
      // w(i, j) w(j, i) is the squared partial correlation whatever the exponent.
      const double product = double{regression.at(i, j)} * regression.at(j, i);
      CHECK(correlation.at(i, j) == Approx(correlation.at(j, i)).epsilon(1e-5));
      CHECK(double{correlation.at(i, j)} * correlation.at(j, i) == Approx(product).epsilon(1e-5));
      CHECK(double{half_way.at(i, j)} * half_way.at(i, j) ==
            Approx(double{regression.at(i, j)} * correlation.at(i, j)).epsilon(1e-5));
    }
}

TEST_CASE("EASE: the weights kept are fitted again, each answer over its own support") {
  const Cooccurrence counts(bodega_test::toy_baskets());
  const std::size_t n = bodega_test::toy_items;
  const double again = 5;
  for (const EaseKeep keep : {EaseKeep::strongest, EaseKeep::least_missed}) {
    const EaseOptions options{.l2 = 15, .neighbours = 6, .keep = keep};
    EaseOptions fitted = options;
    fitted.refit_l2 = again;
    const auto pruned = fit_ease(counts, options).weights();
    const auto refitted = fit_ease(counts, fitted).weights();
    CHECK(refitted.pattern() == pruned.pattern());
    CHECK_FALSE(refitted == pruned);
    for (const std::size_t j : {0u, 7u, 38u}) {  // the normal equations of the answer
      std::vector<std::uint32_t> support;
      for (std::uint32_t i = 0; i < n; ++i)
        if (pruned.pattern().find(i, static_cast<std::uint32_t>(j)) < pruned.size())
          support.push_back(i);
      Dense part(support.size(), std::vector<double>(support.size()));
      for (std::size_t x = 0; x < support.size(); ++x)
        for (std::size_t y = 0; y < support.size(); ++y)
          part[x][y] = x == y ? counts.count(ItemIndex(support[x])) + again
                              : counts.pair(ItemIndex(support[x]), ItemIndex(support[y]));
      const Dense p = inverse(part);
      for (std::size_t x = 0; x < support.size(); ++x) {
        double expected = 0;
        for (std::size_t y = 0; y < support.size(); ++y)
          expected += p[x][y] *
                      counts.pair(ItemIndex(support[y]), ItemIndex(static_cast<std::uint32_t>(j)));
        CHECK(refitted.at(support[x], j) == Approx(expected).margin(1e-6));
      }
    }
    // All items as support, and the same penalty: the dense solution itself.
    EaseOptions all{.l2 = 15, .neighbours = n, .keep = keep, .refit_l2 = 15};
    const auto whole = fit_ease(counts, all).weights();
    const auto dense = fit_ease(counts, {.l2 = 15, .neighbours = 0}).weights();
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        REQUIRE(whole.at(i, j) == Approx(dense.at(i, j)).margin(1e-6));
  }
}

TEST_CASE("EASE from candidates is the dense solution of each small table") {
  const Cooccurrence counts(bodega_test::toy_baskets());
  const std::size_t n = bodega_test::toy_items;
  const auto dense = fit_ease(counts, {.l2 = 15, .neighbours = 0}).weights();
  CHECK(fit_ease(counts, {.l2 = 15, .neighbours = 0, .candidates = n - 1}).weights() == dense);

  const auto answers =
      fit_ease(counts, {.l2 = 15, .neighbours = 0, .candidates = 7}).weights().transposed();
  for (std::uint32_t j = 0; j + 1 < n; ++j) {
    const auto support = answers.row(j).columns;
    REQUIRE(support.size() == 7);
    const double n_j = counts.count(ItemIndex(j));
    double least = INFINITY, best_left = 0;
    for (std::uint32_t i = 0; i + 1 < n; ++i) {
      const double n_i = counts.count(ItemIndex(i)), pair = counts.pair(ItemIndex(i), ItemIndex(j));
      if (i == j || pair == 0) continue;
      const double alone = std::abs(pair - n_i * n_j / counts.baskets()) / std::sqrt(n_i + 15);
      if (std::find(support.begin(), support.end(), i) != support.end())
        least = std::min(least, alone);
      else
        best_left = std::max(best_left, alone);
    }
    CHECK(least >= best_left * (1 - 1e-5));
    Dense part(7, std::vector<double>(7));
    for (std::size_t x = 0; x < 7; ++x)
      for (std::size_t y = 0; y < 7; ++y)
        part[x][y] = x == y ? counts.count(ItemIndex(support[x])) + 15
                            : counts.pair(ItemIndex(support[x]), ItemIndex(support[y]));
    const Dense p = inverse(part);
    for (std::size_t x = 0; x < 7; ++x) {
      double expected = 0;
      for (std::size_t y = 0; y < 7; ++y)
        expected += p[x][y] * counts.pair(ItemIndex(support[y]), ItemIndex(j));
      CHECK(answers.row(j).values[x] == Approx(expected).margin(1e-6));
    }
  }
  CHECK(answers.row(n - 1).size() == 0);  // never sold
  for (const EaseKeep keep : {EaseKeep::strongest, EaseKeep::least_missed}) {
    EaseOptions options{
        .l2 = 15, .neighbours = 4, .keep = keep, .refit_l2 = 15, .symmetry = 0.25, .candidates = 7};
    const auto one = fit_ease(counts, options).weights();
    CHECK(one.size() <= 4 * n);
    CHECK(one.size() > 3 * n);
    for (std::size_t i = 0; i < n; ++i) CHECK(one.at(i, i) == 0);
    options.threads = 3;
    CHECK(fit_ease(counts, options).weights() == one);
  }
}

TEST_CASE("EASE refuses what it cannot do") {
  const Cooccurrence counts(bodega_test::toy_baskets());
  CHECK_ERROR(fit_ease(counts, {.l2 = 0}), ErrorCode::invalid_argument, "l2");
  CHECK_ERROR(fit_ease(counts, {.l2 = -3}), ErrorCode::invalid_argument, "l2");
  CHECK_ERROR(fit_ease(counts, {.l2 = NAN}), ErrorCode::invalid_argument, "l2");
  CHECK_ERROR(fit_ease(counts, {.symmetry = -0.1}), ErrorCode::invalid_argument, "symmetry");
  CHECK_ERROR(fit_ease(counts, {.symmetry = 0.6}), ErrorCode::invalid_argument, "symmetry");
  CHECK_ERROR(fit_ease(counts, {.symmetry = NAN}), ErrorCode::invalid_argument, "symmetry");
  CHECK_ERROR(fit_ease(counts, {.refit_l2 = -1}), ErrorCode::invalid_argument, "refit_l2");
  CHECK_ERROR(fit_ease(counts, {.refit_l2 = NAN}), ErrorCode::invalid_argument, "refit_l2");
  CHECK_ERROR(fit_ease(counts, {.candidates = 5, .max_bytes = 4000}), ErrorCode::out_of_range,
              "catalogue of 40 items");
  const std::size_t needed = 8 * bodega_test::toy_items * (bodega_test::toy_items + 768);
  CHECK_ERROR(fit_ease(counts, {.max_bytes = needed - 1}), ErrorCode::out_of_range,
              "catalogue of 40 items");
  CHECK(fit_ease(counts, {.max_bytes = needed}).items() == bodega_test::toy_items);
  CHECK(fit_ease(counts, {.single_precision = true, .max_bytes = needed / 2}).items() ==
        bodega_test::toy_items);
}

TEST_CASE("EASE reports its stages and can be cancelled at each") {
  const Cooccurrence counts(bodega_test::toy_baskets());
  std::vector<std::string> stages;
  fit_ease(counts, {.progress = [&](const Progress& progress) {
             stages.emplace_back(progress.task);
             return true;
           }});
  REQUIRE(stages.size() == 4);
  for (std::size_t stop = 0; stop < stages.size(); ++stop) {
    std::size_t calls = 0;
    const auto cancel = [&](const Progress&) { return calls++ < stop; };
    CHECK_ERROR(fit_ease(counts, {.progress = cancel}), ErrorCode::cancelled, "ease");
  }
}

TEST_CASE("EASE of an empty catalogue is empty") {
  CHECK(fit_ease(Cooccurrence()).items() == 0);
  CHECK(fit_ease(Cooccurrence(), {.refit_l2 = 1, .candidates = 3}).items() == 0);
}

TEST_CASE("EASE of one item, and of items never sold, has no weights") {
  for (const std::size_t items : {1, 5})
    for (const std::size_t candidates : {0, 2}) {
      const EaseOptions options{
          .keep = EaseKeep::least_missed, .refit_l2 = 1, .candidates = candidates};
      const auto model = fit_ease(Cooccurrence(items), options);
      CHECK(model.items() == items);
      CHECK(model.weights().size() == 0);
    }
}

TEST_CASE("EASE keeps the scorer contract") {
  const auto model =
      fit_ease(Cooccurrence(bodega_test::toy_baskets()), {.l2 = 20, .neighbours = 10});
  bodega_test::check_scorer_contract(model, bodega_test::toy_items);
  bodega_test::check_scorer_contract(quantize(model), bodega_test::toy_items);
}

TEST_CASE("linear algebra is guarded: EASE with a penalty that floats lose beside the counts") {
  // 0 and 1 always together, 2 and 3 likewise and a little less often: w is n / (n + l2), nearly 1.
  Cooccurrence counts(5);
  const std::vector one{ItemIndex(0), ItemIndex(1)}, two{ItemIndex(2), ItemIndex(3)};
  counts.add(one, Day(0), 3e7f);
  counts.add(two, Day(0), 2e7f);
  for (const double l2 : {1.0, 1e-3, 1e-9})
    for (const bool single : {false, true})
      for (const std::size_t candidates : {std::size_t{0}, std::size_t{3}}) {
        CAPTURE(l2, single, candidates);
        const auto model =
            fit_ease(counts, {.l2 = l2, .candidates = candidates, .single_precision = single});
        for (const auto& weights :
             {model.weights(), refit_ease(model, counts, {.l2 = l2, .threads = 1}).weights()})
          for (std::size_t i = 0; i < 4; ++i)
            for (std::size_t j = 0; j < 4; ++j)
              if (i != j)
                CHECK(weights.at(i, j) == Approx(i / 2 == j / 2 ? 1.0 : 0.0).margin(0.01));
      }
}
