// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>

/// How good one list of recommendations is against a set of targets. `list`: best first, no item
/// twice; it is read up to place k, counted from 1. `targets`: each once, in any order; without
/// targets every metric is 0. Targets that no list can hold count all the same. Cost: the product
/// of both lengths.
namespace bodega::inline BODEGA_ABI {

namespace detail {
inline bool holds(std::span<const ItemIndex> items, ItemIndex item) noexcept {
  return std::find(items.begin(), items.end(), item) != items.end();
}
#if BODEGA_BODIES
/// Calls `visit(place, hits so far)` for each target in the first k.
template <class Visit>
void for_each_hit(std::span<const ItemIndex> list, std::span<const ItemIndex> targets,
                  std::size_t k, Visit&& visit) {
  std::size_t hits = 0;
  for (std::size_t place = 1; place <= std::min(k, list.size()); ++place)
    if (holds(targets, list[place - 1])) visit(place, ++hits);
}
#endif
inline double discount(std::size_t place) noexcept {
  return 1 / std::log2(1 + static_cast<double>(place));
}
}  // namespace detail

/// Targets among the first k / number of targets.
double recall_at(std::size_t k, std::span<const ItemIndex> list,
                 std::span<const ItemIndex> targets);

/// 1 / place of the first target, 0 beyond k.
double reciprocal_rank_at(std::size_t k, std::span<const ItemIndex> list,
                          std::span<const ItemIndex> targets);

/// Sum over targets at place r <= k of 1 / log2(r + 1), over that of the best possible list.
double ndcg_at(std::size_t k, std::span<const ItemIndex> list, std::span<const ItemIndex> targets);

/// The mean over targets of the precision at each one's place (0 beyond k), over min(k, targets);
/// its mean over cases is MAP@k.
double average_precision_at(std::size_t k, std::span<const ItemIndex> list,
                            std::span<const ItemIndex> targets);

#if BODEGA_BODIES

BODEGA_INLINE double recall_at(std::size_t k, std::span<const ItemIndex> list,
                               std::span<const ItemIndex> targets) {
  std::size_t found = 0;
  detail::for_each_hit(list, targets, k, [&](std::size_t, std::size_t hits) { found = hits; });
  return targets.empty() ? 0 : static_cast<double>(found) / static_cast<double>(targets.size());
}

BODEGA_INLINE double reciprocal_rank_at(std::size_t k, std::span<const ItemIndex> list,
                                        std::span<const ItemIndex> targets) {
  double rank = 0;
  detail::for_each_hit(list, targets, k, [&](std::size_t place, std::size_t hits) {
    if (hits == 1) rank = 1 / static_cast<double>(place);
  });
  return rank;
}

BODEGA_INLINE double ndcg_at(std::size_t k, std::span<const ItemIndex> list,
                             std::span<const ItemIndex> targets) {
  double gain = 0, best = 0;
  detail::for_each_hit(list, targets, k,
                       [&](std::size_t place, std::size_t) { gain += detail::discount(place); });
  for (std::size_t place = 1; place <= std::min(k, targets.size()); ++place)
    best += detail::discount(place);
  return best > 0 ? gain / best : 0;
}

BODEGA_INLINE double average_precision_at(std::size_t k, std::span<const ItemIndex> list,
                                          std::span<const ItemIndex> targets) {
  double sum = 0;
  detail::for_each_hit(list, targets, k, [&](std::size_t place, std::size_t hits) {
    sum += static_cast<double>(hits) / static_cast<double>(place);
  });
  const std::size_t most = std::min(k, targets.size());
  return most > 0 ? sum / static_cast<double>(most) : 0;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
