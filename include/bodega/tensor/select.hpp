// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/top_k.hpp>

namespace bodega::inline BODEGA_ABI {

/// Offers to `best` those scores that are above `least` and could earn a place, if
/// `allows(index)` says so; scores[k] is that of index `first + k`. Blocks must come in the order
/// of their indices, the first to an empty selection. Allocates nothing. Cost: one vectorised pass,
/// and little for the few that stop it: some k ln(n / k) of n scores in random order.
template <class Allows>
void offer_above(std::span<const float> scores, std::size_t first, float least, TopK& best,
                 Allows&& allows) noexcept {
  for (std::size_t k = 0;; ++k) {
    k += simd::find_above(scores.data() + k, scores.size() - k, best.threshold(least));
    if (k == scores.size()) return;
    const auto index = static_cast<std::uint32_t>(first + k);
    if (allows(index)) best.offer(scores[k], index);
  }
}

}  // namespace bodega::inline BODEGA_ABI
