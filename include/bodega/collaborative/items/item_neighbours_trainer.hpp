// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/items/similarity.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/strongest_rows.hpp>

namespace bodega::inline BODEGA_ABI {

struct ItemNeighboursOptions {
  Similarity similarity = Similarity::cosine;
  std::size_t neighbours = 50;
  double shrinkage = 10;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("similarity", self.similarity, "How alike two items are.");
    visit("neighbours", self.neighbours, "The strongest kept for each item; 0 = all.");
    visit("shrinkage", self.shrinkage, "In baskets; only shrunk_lift uses it.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

namespace detail {
/// A row for each item of its `neighbours` strongest pairs by `similarity(i, j, n_ij)`.
template <class SimilarityOf>
ItemItem<CsrMatrix<float>> strongest_pairs(const CsrMatrix<float>& pairs, std::size_t neighbours,
                                           const ProgressCallback& progress,
                                           SimilarityOf&& similarity) {
  const std::size_t n = pairs.rows();
  StrongestRows rows(n, neighbours);
  ProgressPulse pulse(progress, "item neighbours", n);
  for (std::size_t i = 0; i < n; ++i) {
    pulse(i);
    const auto row = pairs.row(i);
    for (std::size_t k = 0; k < row.size(); ++k)
      rows.offer(row.columns[k],
                 static_cast<float>(similarity(i, row.columns[k], double{row.values[k]})));
    rows.end_row();
  }
  pulse(n);
  return ItemItem<CsrMatrix<float>>(rows.take());
}

void check_damping(double value, const std::string& where);
}  // namespace detail

/// Item neighbours straight from the sums; equal similarity keeps the lower index. Error
/// (invalid_argument) where shrinkage is not a finite number of 0 or more. Cost: linear in the
/// pairs, times the logarithm of `neighbours`.
ItemItem<CsrMatrix<float>> fit_item_neighbours(const Cooccurrence& counts,
                                               const ItemNeighboursOptions& options = {});

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE void check_damping(double value, const std::string& where) {
  if (!(value >= 0) || !std::isfinite(value))
    throw Error(ErrorCode::invalid_argument, where, "a finite number of 0 or more",
                std::to_string(value));
}

}  // namespace detail

BODEGA_INLINE ItemItem<CsrMatrix<float>> fit_item_neighbours(const Cooccurrence& counts,
                                                             const ItemNeighboursOptions& options) {
  detail::check_damping(options.shrinkage, "fit_item_neighbours, option shrinkage");
  const std::size_t n = counts.items();
  std::vector<double> count(n);
  for (std::uint32_t i = 0; i < n; ++i) count[i] = counts.count(ItemIndex(i));
  const double baskets = counts.baskets();
  return detail::strongest_pairs(counts.pairs(), options.neighbours, options.progress,
                                 [&](std::size_t i, std::size_t j, double n_ij) {
                                   return similarity_of(options.similarity,
                                                        {n_ij, count[i], count[j], baskets},
                                                        options.shrinkage);
                                 });
}

#endif

}  // namespace bodega::inline BODEGA_ABI
