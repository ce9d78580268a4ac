// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/embedding/item_vectors.hpp>
#include <bodega/tensor/eigenvectors.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

struct ItemVectorsOptions {
  std::size_t dimensions = 64;
  /// Pairs must be bought together this many times as often as by chance to count at all.
  double shift = 1;
  std::uint64_t seed = 1;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("dimensions", self.dimensions, "Numbers in a vector; up to 512.");
    visit("shift", self.shift, "Pairs rarer than this times chance do not count.");
    visit("seed", self.seed, "Of the decomposition.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

/// Item vectors from how often items are bought together (`Cooccurrence::pairs()`: symmetric,
/// without diagonal): the leading eigenvectors of the shifted positive pointwise mutual information
/// max(0, ln(n_ij n / (n_i n_j)) - ln shift), n_i the sum of row i, n of all; rows then brought to
/// length 1. An item without pairs gets zeros; dimensions beyond the number of items are zero.
/// Source: Levy and Goldberg, "Neural word embedding as implicit matrix factorization", NIPS 2014.
/// Error (shape, out_of_range, invalid_argument) where `pairs` is not square or holds a number that
/// is negative or not finite, or an option makes no sense. Cost: some ten passes over
/// pairs x dimensions; memory a few times items x dimensions floats.
ItemVectors<Matrix<float>> fit_item_vectors(const CsrMatrix<float>& pairs,
                                            const ItemVectorsOptions& options = {});
#if BODEGA_BODIES
BODEGA_INLINE ItemVectors<Matrix<float>> fit_item_vectors(const CsrMatrix<float>& pairs,
                                                          const ItemVectorsOptions& options) {
  validate_size(pairs.columns(), pairs.rows(), "fit_item_vectors, columns of pairs");
  for (const float value : pairs.values())
    if (!(value >= 0) || !std::isfinite(value))
      throw Error(ErrorCode::out_of_range, "fit_item_vectors, pairs", "finite counts of 0 or more",
                  std::to_string(value));
  if (options.dimensions < 1 || options.dimensions > ItemVectors<>::most_dimensions)
    throw Error(ErrorCode::invalid_argument, "fit_item_vectors, option dimensions",
                "1 to " + std::to_string(ItemVectors<>::most_dimensions),
                std::to_string(options.dimensions));
  if (!(options.shift > 0) || !std::isfinite(options.shift))
    throw Error(ErrorCode::invalid_argument, "fit_item_vectors, option shift",
                "a finite number above 0", std::to_string(options.shift));

  report_progress(options.progress, {"item vectors: mutual information", 0, 2});
  const std::size_t n = pairs.rows();
  std::vector<double> row_sum(n, 0.0);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (const float value : pairs.row(i).values) row_sum[i] += value;
    sum += row_sum[i];
  }
  CsrMatrix<float> information(n);
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
  for (std::size_t i = 0; i < n; ++i) {
    columns.clear();
    values.clear();
    const auto row = pairs.row(i);
    for (std::size_t k = 0; k < row.size(); ++k) {
      const double chance = row_sum[i] * row_sum[row.columns[k]] * options.shift;
      if (row.values[k] * sum > chance) {
        columns.push_back(row.columns[k]);
        values.push_back(static_cast<float>(std::log(row.values[k] * sum / chance)));
      }
    }
    information.add_row(columns, values);
  }

  ProgressPulse pulse(options.progress, "item vectors: eigenvectors", 2);
  pulse(1);
  Matrix<float> vectors =
      leading_eigenvectors(information, options.dimensions, options.seed, 8, &pulse);
  for (std::size_t i = 0; i < n; ++i) {
    double squares = 0;
    for (const float x : vectors.row(i)) squares += double{x} * x;
    const auto factor = static_cast<float>(squares > 0 ? 1 / std::sqrt(squares) : 0);
    for (float& x : vectors.row(i)) x *= factor;
  }
  pulse(2);
  return ItemVectors<Matrix<float>>(std::move(vectors));
}
#endif

}  // namespace bodega::inline BODEGA_ABI
