// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/collaborative/items/similarity.hpp>
#include <bodega/collaborative/sums/basket_weights.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/data/baskets.hpp>

/// Item neighbours in which a shared basket counts the more, the smaller it is. In all models the
/// part of an item and the part of a basket are factors, so each is a sum of weighted pairs times
/// a number for each of the two items.
namespace bodega::inline BODEGA_ABI {

struct Bm25NeighboursOptions {
  double k1 = 1.2;
  double b = 0.75;
  std::size_t neighbours = 50;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("k1", self.k1, "How soon more baskets with an item stop to count; large = late.");
    visit("b", self.b, "How far popular items are damped, 0 to 1.");
    visit("neighbours", self.neighbours, "The strongest kept for each item; 0 = all.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

struct TfidfNeighboursOptions {
  std::size_t neighbours = 50;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("neighbours", self.neighbours, "The strongest kept for each item; 0 = all.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

struct Rp3betaOptions {
  double alpha = 0.8;
  double beta = 0.4;
  std::size_t neighbours = 50;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("alpha", self.alpha, "Damps steps out of popular items and large baskets.");
    visit("beta", self.beta, "Damps popular items as answers.");
    visit("neighbours", self.neighbours, "The strongest kept for each item; 0 = all.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

namespace detail {
#if BODEGA_BODIES
/// Baskets with each item, unweighted.
std::vector<double> baskets_with(const Baskets& baskets);
#endif
}  // namespace detail

/// Items as documents, baskets as their words: w(i, j) = sum over shared baskets of idf^2, times
/// g_i g_j; idf = ln(items) - ln(1 + size of the basket), g_i = (k1 + 1) / (k1 (1 - b + b n_i / m)
/// + 1), n_i = baskets with i, m = the mean of n. Equal weights keep the lower index.
/// Source: Robertson, Walker, Jones, Hancock-Beaulieu, Gatford, "Okapi at TREC-3", 1994.
/// Error (invalid_argument) where k1 or b is not a finite number of 0 or more, or b is above 1.
/// Cost: counting the pairs, and the logarithm of `neighbours` for each.
ItemItem<CsrMatrix<float>> fit_bm25_neighbours(const Baskets& baskets,
                                               const Bm25NeighboursOptions& options = {});

/// Items as documents, baskets as their words: the cosine of two items' TF-IDF vectors, which is
/// w(i, j) = s_ij / sqrt(s_i s_j) with s the sums of idf^2 (see `squared_idf_weights`) over the
/// baskets with i, with j, with both. Equal weights keep the lower index.
/// Source: Salton, Buckley, "Term-weighting approaches in automatic text retrieval", 1988.
/// Cost: counting the pairs, and the logarithm of `neighbours` for each.
ItemItem<CsrMatrix<float>> fit_tfidf_neighbours(const Baskets& baskets,
                                                const TfidfNeighboursOptions& options = {});

/// A walk of two steps from item to basket to item: w(i, j) = sum over shared baskets of
/// 1 / (n_i^alpha size^alpha n_j^beta). Equal weights keep the lower index.
/// Source: Paudel, Christoffel, Newell, Bernstein, "Updatable, accurate, diverse, and scalable
/// recommendations for interactive applications", ACM TiiS 2017.
/// Error (invalid_argument) where alpha or beta is not a finite number of 0 or more. Cost: counting
/// the pairs, and the logarithm of `neighbours` for each.
ItemItem<CsrMatrix<float>> fit_rp3beta(const Baskets& baskets, const Rp3betaOptions& options = {});

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE std::vector<double> baskets_with(const Baskets& baskets) {
  std::vector<double> count(baskets.items(), 0.0);
  for (std::size_t b = 0; b < baskets.size(); ++b)
    for (const ItemIndex item : baskets[b]) ++count[item.value()];
  return count;
}

}  // namespace detail

BODEGA_INLINE ItemItem<CsrMatrix<float>> fit_bm25_neighbours(const Baskets& baskets,
                                                             const Bm25NeighboursOptions& options) {
  detail::check_damping(options.k1, "fit_bm25_neighbours, option k1");
  detail::check_damping(options.b, "fit_bm25_neighbours, option b");
  if (options.b > 1)
    throw Error(ErrorCode::invalid_argument, "fit_bm25_neighbours, option b", "0 to 1",
                std::to_string(options.b));
  const auto items = static_cast<double>(baskets.items());
  std::vector<double> g = detail::baskets_with(baskets);
  double lines = 0;
  for (const double n_i : g) lines += n_i;
  for (double& of_item : g)
    of_item =
        (options.k1 + 1) /
        (options.k1 * (1 - options.b + options.b * of_item * items / std::max(lines, 1.0)) + 1);
  const Cooccurrence counts(
      baskets, {.weights = squared_idf_weights(baskets), .progress = options.progress});
  return detail::strongest_pairs(
      counts.pairs(), options.neighbours, options.progress,
      [&](std::size_t i, std::size_t j, double n_ij) { return n_ij * g[i] * g[j]; });
}

BODEGA_INLINE ItemItem<CsrMatrix<float>> fit_tfidf_neighbours(
    const Baskets& baskets, const TfidfNeighboursOptions& options) {
  return fit_item_neighbours(Cooccurrence(baskets, {.weights = squared_idf_weights(baskets),
                                                    .progress = options.progress}),
                             {.similarity = Similarity::cosine,
                              .neighbours = options.neighbours,
                              .progress = options.progress});
}

BODEGA_INLINE ItemItem<CsrMatrix<float>> fit_rp3beta(const Baskets& baskets,
                                                     const Rp3betaOptions& options) {
  detail::check_damping(options.alpha, "fit_rp3beta, option alpha");
  detail::check_damping(options.beta, "fit_rp3beta, option beta");
  const std::vector<double> count = detail::baskets_with(baskets);
  std::vector<double> from(count.size()), to(count.size());  // items without baskets have no pairs
  for (std::size_t i = 0; i < count.size(); ++i) {
    from[i] = std::pow(count[i], -options.alpha);
    to[i] = std::pow(count[i], -options.beta);
  }
  const Cooccurrence counts(baskets, {.weights = inverse_size_weights(baskets, options.alpha),
                                      .progress = options.progress});
  return detail::strongest_pairs(
      counts.pairs(), options.neighbours, options.progress,
      [&](std::size_t i, std::size_t j, double n_ij) { return n_ij * from[i] * to[j]; });
}

#endif

}  // namespace bodega::inline BODEGA_ABI
