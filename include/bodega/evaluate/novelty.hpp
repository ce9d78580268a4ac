// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>

/// What a list of recommendations offers besides hits: how little known its items are, and how
/// little alike.
namespace bodega::inline BODEGA_ABI {

/// The sum over the list of -log2 of the share of all baskets that hold the item: how much of a
/// surprise the items are. Over all places of all lists its mean is novelty.
/// Source: Zhou et al., "Solving the apparent diversity-accuracy dilemma of recommender systems",
/// PNAS 2010. Cost: one look-up an item.
double surprise(std::span<const ItemIndex> list, const Cooccurrence& sold);

/// The mean over all pairs of a list of 1 - the cosine of the two items by their baskets; NaN for
/// fewer than two items. Its mean over lists is diversity.
/// Source: Smyth, McClave, "Similarity vs. diversity", ICCBR 2001. Cost: one look-up a pair.
double difference(std::span<const ItemIndex> list, const Cooccurrence& sold);

#if BODEGA_BODIES

BODEGA_INLINE double surprise(std::span<const ItemIndex> list, const Cooccurrence& sold) {
  double sum = 0;
  for (const ItemIndex item : list) {
    const double count = std::max(1.0, double{sold.count(item)});
    sum += std::log2(std::max(count, sold.baskets()) / count);
  }
  return sum;
}

BODEGA_INLINE double difference(std::span<const ItemIndex> list, const Cooccurrence& sold) {
  if (list.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  const auto count = [&](ItemIndex item) { return std::max(1.0, double{sold.count(item)}); };
  double sum = 0;
  for (std::size_t a = 0; a < list.size(); ++a)
    for (std::size_t b = 0; b < a; ++b)
      sum += 1 - sold.pair(list[a], list[b]) / std::sqrt(count(list[a]) * count(list[b]));
  return 2 * sum / static_cast<double>(list.size() * (list.size() - 1));
}

#endif

}  // namespace bodega::inline BODEGA_ABI
