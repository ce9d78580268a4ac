// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/top_k.hpp>

namespace bodega::inline BODEGA_ABI {

/// Builds a sparse matrix row by row from each row's `k` entries of largest magnitude (equal
/// magnitude: lower column), all of them where k is 0. Zeros are not stored.
/// Cost of an offer: that of `TopK::offer`.
class StrongestRows {
 public:
  StrongestRows(std::size_t columns, std::size_t k) : result_(columns), best_(k), k_(k) {}

  /// An entry of the row under way; columns must rise.
  void offer(std::uint32_t column, float value);

  void end_row();

  /// The matrix of the rows ended so far; ends the building.
  CsrMatrix<float> take() { return std::move(result_); }

 private:
  CsrMatrix<float> result_;
  TopK best_;
  std::size_t k_;
  std::vector<std::uint32_t> columns_, kept_;
  std::vector<float> values_;
};

#if BODEGA_BODIES

BODEGA_INLINE void StrongestRows::offer(std::uint32_t column, float value) {
  if (value == 0) return;
  if (k_ > 0) best_.offer(std::abs(value), static_cast<std::uint32_t>(columns_.size()));
  columns_.push_back(column);
  values_.push_back(value);
}

BODEGA_INLINE void StrongestRows::end_row() {
  if (k_ > 0) {
    kept_.clear();
    for (const ScoredIndex& entry : best_.sorted()) kept_.push_back(entry.index);
    std::sort(kept_.begin(), kept_.end());
    for (std::size_t k = 0; k < kept_.size(); ++k) {
      columns_[k] = columns_[kept_[k]];
      values_[k] = values_[kept_[k]];
    }
    columns_.resize(kept_.size());
    values_.resize(kept_.size());
    best_.reset(k_);
  }
  result_.add_row(columns_, values_);
  columns_.clear();
  values_.clear();
}

#endif

}  // namespace bodega::inline BODEGA_ABI
