// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/data/baskets.hpp>

/// How much each basket counts in a `Cooccurrence`.
namespace bodega::inline BODEGA_ABI {

/// `weight(size)` for the number of items of each basket.
template <class WeightOfSize>
std::vector<float> weights_by_size(const Baskets& baskets, WeightOfSize&& weight) {
  std::vector<float> weights(baskets.size());
  for (std::size_t b = 0; b < baskets.size(); ++b)
    weights[b] = static_cast<float>(weight(static_cast<double>(baskets[b].size())));
  return weights;
}

/// size^-power: a basket of n items has n (n - 1) pairs, so where all count the same (power 0), a
/// few giant orders drown the daily shopping. With power 1 every line counts the same.
inline std::vector<float> inverse_size_weights(const Baskets& baskets, double power) {
  return weights_by_size(baskets, [power](double size) { return std::pow(size, -power); });
}

/// idf^2, idf = ln(items) - ln(1 + size): with baskets as the words and items as the documents, a
/// basket of many items says little about each.
std::vector<float> squared_idf_weights(const Baskets& baskets);

#if BODEGA_BODIES

BODEGA_INLINE std::vector<float> squared_idf_weights(const Baskets& baskets) {
  const double log_items = std::log(static_cast<double>(baskets.items()));
  return weights_by_size(baskets, [log_items](double size) {
    const double idf = log_items - std::log(1 + size);
    return idf * idf;
  });
}

#endif

}  // namespace bodega::inline BODEGA_ABI
