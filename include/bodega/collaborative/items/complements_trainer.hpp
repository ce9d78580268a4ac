// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/collaborative/items/similarity.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/progress.hpp>

namespace bodega::inline BODEGA_ABI {

struct ComplementsOptions {
  double significance = 10.83;
  double shrinkage = 10;
  std::size_t neighbours = 50;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("significance", self.significance,
          "Least log-likelihood ratio of a pair; chance passes 10.83 once in 1000.");
    visit("shrinkage", self.shrinkage, "In baskets; damps what few baskets say.");
    visit("neighbours", self.neighbours, "The strongest kept for each item; 0 = all.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

/// Finds complements, items bought together beyond chance as pasta and sauce are: w(i, j) =
/// ln((n_ij + s) / (e + s)), e = n_i n_j / N, s = `shrinkage`, where n_ij is above e and the
/// log-likelihood ratio of the pair is `significance` or more. Equal weights keep the lower index.
/// Throws Error(invalid_argument) if an option is not a finite number of 0 or more. Complexity:
/// linear in the pairs, times the logarithm of `neighbours`.
ItemItem<> fit_complements(const Cooccurrence& counts, const ComplementsOptions& options = {});

#if BODEGA_BODIES

BODEGA_INLINE ItemItem<> fit_complements(const Cooccurrence& counts,
                                         const ComplementsOptions& options) {
  detail::check_damping(options.significance, "fit_complements, option significance");
  detail::check_damping(options.shrinkage, "fit_complements, option shrinkage");
  std::vector<double> count(counts.items());
  for (std::uint32_t i = 0; i < count.size(); ++i) count[i] = double{counts.count(ItemIndex(i))};
  const double baskets = counts.baskets();
  return detail::strongest_pairs(
      counts.pairs(), options.neighbours, options.progress,
      [&](std::size_t i, std::size_t j, double n_ij) {
        const PairCounts n{n_ij, count[i], count[j], baskets};
        const double chance = n.chance();
        if (!n.above_chance() || log_likelihood_ratio(n) < options.significance) return 0.0;
        return std::log((n_ij + options.shrinkage) / (chance + options.shrinkage));
      });
}

#endif

}  // namespace bodega::inline BODEGA_ABI
