// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/items/complements_trainer.hpp>
#include <bodega/collaborative/items/similarity.hpp>
#include <bodega/collaborative/items/substitutes.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/strongest_rows.hpp>

namespace bodega::inline BODEGA_ABI {

struct SubstitutesOptions {
  /// Of these complements an item's company is made; `neighbours` limits it, so that it takes time.
  ComplementsOptions complements = {};
  double most_together = 0.5;
  double least_alike = 0.2;
  std::size_t least_shared = 2;
  std::size_t neighbours = 20;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("significance", self.complements.significance,
          "Least log-likelihood ratio of a complement.");
    visit("shrinkage", self.complements.shrinkage, "In baskets; damps what few baskets say.");
    visit("complements", self.complements.neighbours,
          "Complements of each item that are compared.");
    visit("most_together", self.most_together,
          "Baskets with both, as a part of what chance expects; 0 to 1.");
    visit("least_alike", self.least_alike, "Cosine of the items' company, 0 to 1.");
    visit("least_shared", self.least_shared, "Complements that both have.");
    visit("neighbours", self.neighbours, "The strongest kept for each item; 0 = all.");
    visit("progress", self.complements.progress, "Hears how far the work is, and may end it.");
  }
};

/// Items alike in the company they keep and rarely bought together: w(i, j) = c (1 - n_ij / e),
/// with c the cosine of their rows of `fit_complements` and e = n_i n_j / N, where c and what they
/// share are enough and n_ij is at most `most_together` e. Equal weights keep the lower index.
/// Error (out_of_range) where a part is not 0 to 1; those of `fit_complements`.
/// Memory: the complements twice, and the pairs. Cost: for each complement k of each item, the
/// items that have k as theirs.
Substitutes<> fit_substitutes(const Cooccurrence& counts, const SubstitutesOptions& options = {});

#if BODEGA_BODIES

BODEGA_INLINE Substitutes<> fit_substitutes(const Cooccurrence& counts,
                                            const SubstitutesOptions& options) {
  for (const auto& [name, value] :
       {std::pair{"most_together", options.most_together}, {"least_alike", options.least_alike}})
    if (!(value >= 0 && value <= 1))
      throw Error(ErrorCode::out_of_range, std::string("fit_substitutes, option ") + name, "0 to 1",
                  std::to_string(value));
  const ItemItem<> complements = fit_complements(counts, options.complements);
  const CsrMatrix<float>& company = complements.weights();
  const CsrMatrix<float> kept_by = company.transposed(), pairs = counts.pairs();
  const std::size_t n = counts.items();
  std::vector<double> norm(n, 0.0), product(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (const float weight : company.row(i).values) norm[i] += double{weight} * double{weight};
    norm[i] = std::sqrt(norm[i]);
  }
  StrongestRows rows(n, options.neighbours);
  std::vector<std::size_t> shared(n, 0);
  std::vector<std::uint32_t> others;
  ProgressPulse pulse(options.complements.progress, "substitutes", n);
  for (std::uint32_t i = 0; i < n; ++i) {
    pulse(i);
    const auto of_item = company.row(i);
    others.clear();
    for (std::size_t k = 0; k < of_item.size(); ++k) {
      const auto also = kept_by.row(of_item.columns[k]);
      for (std::size_t o = 0; o < also.size(); ++o) {
        const std::uint32_t other = also.columns[o];
        if (shared[other]++ == 0) others.push_back(other);
        product[other] += double{of_item.values[k]} * double{also.values[o]};
      }
    }
    std::sort(others.begin(), others.end());
    for (const std::uint32_t j : others) {
      const double alike = product[j] / (norm[i] * norm[j]);
      const PairCounts together{double{pairs.at(i, j)}, double{counts.count(ItemIndex(i))},
                                double{counts.count(ItemIndex(j))}, counts.baskets()};
      const double chance = together.chance();
      if (i != j && shared[j] >= options.least_shared && alike >= options.least_alike &&
          together.both * together.baskets /  // a quotient, for the reason of `ratio_of`
                  (together.first * together.second) <=
              options.most_together)
        rows.offer(j, static_cast<float>(alike * (1 - together.both / chance)));
      shared[j] = 0;
      product[j] = 0;
    }
    rows.end_row();
  }
  pulse(n);
  return Substitutes<>(rows.take());
}

#endif

}  // namespace bodega::inline BODEGA_ABI
