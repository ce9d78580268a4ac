// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <bodega/collaborative/cooccurrence.hpp>
#include <bodega/collaborative/item_item.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/tensor/strongest_rows.hpp>

namespace bodega {

/// How strongly item i of the basket speaks for item j, from n_i, n_j (baskets with the item), n_ij
/// (with both) and N (all baskets).
enum class Similarity {
  cosine,       ///< n_ij / sqrt(n_i n_j)
  conditional,  ///< n_ij / n_i: the share of i's baskets that hold j
  shrunk_lift   ///< (n_ij - e) / (e + shrinkage), e = n_i n_j / N: beyond chance, damped where
                ///< chance expects next to nothing; pairs below chance are left out
};

struct NeighbourOptions {
  Similarity similarity = Similarity::cosine;
  std::size_t neighbours = 50;  ///< strongest kept for each item; 0 = all
  double shrinkage = 10;        ///< in baskets; only shrunk_lift uses it
  ProgressCallback progress = {};
};

/// Item neighbours straight from the sums; equal similarity keeps the lower index. Error
/// (invalid_argument) where shrinkage is not a finite number of 0 or more. Cost: linear in the
/// pairs, times the logarithm of `neighbours`.
inline ItemItem<CsrMatrix<float>> fit_item_neighbours(const Cooccurrence& counts,
                                                      const NeighbourOptions& options = {}) {
  if (!(options.shrinkage >= 0) || !std::isfinite(options.shrinkage))
    throw Error(ErrorCode::invalid_argument, "fit_item_neighbours, option shrinkage",
                "a finite number of 0 or more", std::to_string(options.shrinkage));
  const CsrMatrix<float> pairs = counts.pairs();
  const std::size_t n = counts.items();
  std::vector<double> count(n);
  for (std::uint32_t i = 0; i < n; ++i) count[i] = counts.count(ItemIndex(i));
  const double baskets = counts.baskets();
  const auto similarity = [&](double n_i, double n_j, double n_ij) {
    switch (options.similarity) {
      case Similarity::cosine: return n_ij / std::sqrt(n_i * n_j);
      case Similarity::conditional: return n_ij / n_i;
      case Similarity::shrunk_lift: break;
    }
    const double chance = n_i * n_j / baskets;
    return std::max(0.0, (n_ij - chance) / (chance + options.shrinkage));
  };
  StrongestRows rows(n, options.neighbours);
  for (std::size_t i = 0; i < n; ++i) {
    if (i % (n / 20 + 1) == 0) report_progress(options.progress, {"item neighbours", i, n});
    const auto row = pairs.row(i);
    for (std::size_t k = 0; k < row.size(); ++k)
      rows.offer(row.columns[k], static_cast<float>(
                                     similarity(count[i], count[row.columns[k]], row.values[k])));
    rows.end_row();
  }
  report_progress(options.progress, {"item neighbours", n, n});
  return ItemItem<CsrMatrix<float>>(rows.take());
}

}  // namespace bodega
