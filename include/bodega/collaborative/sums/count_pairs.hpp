// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/tensor/sparse.hpp>

/// X'X of baskets, the half above the diagonal: how often every two items stand in one basket.
namespace bodega::inline BODEGA_ABI {

/// A sparse matrix of pairs under construction, row by row.
class PairRows {
 public:
  /// Address space for `expected` entries is taken at once; what is not filled costs no memory.
  PairRows(std::size_t items, std::size_t expected) : matrix_(items) {
    matrix_.reserve(items, expected);
  }
  /// Error (out_of_range) beyond what 32 bits can number.
  void add_row(std::span<const std::uint32_t> columns, std::span<const float> values);
  CsrMatrix<float> matrix() && { return std::move(matrix_); }

 private:
  CsrMatrix<float> matrix_;
};

/// Sorts what a basket holds and drops what it holds twice; the largest number may not be in it.
/// Each number's place is the number of smaller ones, found by comparing all with all: no branch,
/// and vectors of them at once, for baskets of a shop's size several times as fast as to sort.
void sort_distinct(std::vector<std::uint32_t>& items);

struct CountPairsOptions {
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

/// For every two items i < j the sum of the weights (above 0) of the baskets that hold both, at row
/// i, column j. `baskets` is baskets x items, with a weight for each basket. Method: of some items
/// at a time, what stands behind them in their baskets is added to rows of sums that stay in a near
/// cache (Gustavson, "Two fast algorithms for sparse matrices", 1978, on the half of X'X that is
/// needed). As many rows at a time as that holds, so that a basket is not looked at anew for each
/// of its items; then it waits in the list of the rows that it comes to next. Cost: an addition a
/// pair, and a look at every 16 of items^2 / 2 sums. Memory: 8 bytes a pair found, 8 a basket, and
/// 0.5 MB of sums, or one row of them; address space for as many pairs as there can be. Error
/// (cancelled) where `progress` says so, (out_of_range) where 32 bits cannot number the pairs.
CsrMatrix<float> count_pairs(const SparsePattern& baskets, std::span<const float> weights,
                             const CountPairsOptions& options = {});
#if BODEGA_BODIES
BODEGA_INLINE CsrMatrix<float> count_pairs(const SparsePattern& baskets,
                                           std::span<const float> weights,
                                           const CountPairsOptions& options) {
  const std::size_t n = baskets.columns();
  const std::uint32_t* const item = baskets.column().data();

  // Blocks of rows, of each the part behind the diagonal.
  constexpr std::size_t cells = 1 << 17;
  const auto triangle = [n](std::size_t row) { return row * (2 * n - row - 1) / 2; };
  std::vector<std::uint32_t> first_row{0}, block_of(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (triangle(i + 1) - triangle(first_row.back()) > cells && i > first_row.back())
      first_row.push_back(static_cast<std::uint32_t>(i));
    block_of[i] = static_cast<std::uint32_t>(first_row.size() - 1);
  }
  const std::size_t blocks = first_row.size();
  first_row.push_back(static_cast<std::uint32_t>(n));

  constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> waiting(blocks, none), next(baskets.rows()), reached(baskets.rows());
  const auto wait = [&](std::size_t basket, std::uint32_t at) {
    if (at + 1 >= baskets.end(basket)) return;  // nothing stands behind it
    reached[basket] = at;
    next[basket] = std::exchange(waiting[block_of[item[at]]], static_cast<std::uint32_t>(basket));
  };
  std::size_t additions = 0;
  for (std::size_t basket = baskets.rows(); basket-- > 0;) {
    const std::size_t size = baskets.row(basket).size();
    additions += size * (size - 1) / 2;
    wait(basket, baskets.begin(basket));
  }

  constexpr std::size_t group = 16;
  std::vector<float> sums(std::max(cells, n) + group), values(n + group);
  std::vector<std::uint32_t> columns(n + group);
  PairRows rows(n, std::min(additions, triangle(n)));
  ProgressPulse pulse(options.progress, "counting pairs", n);
  for (std::size_t block = 0; block < blocks; ++block) {
    pulse(first_row[block]);
    const std::uint32_t last = first_row[block + 1];
    const std::size_t begun = triangle(first_row[block]);
    std::size_t counted = 0;
    for (std::uint32_t basket = waiting[block]; basket != none;) {
      if (++counted % 64 == 0) pulse();
      const float weight = weights[basket];
      const std::uint32_t end = baskets.end(basket), after = next[basket];
      std::uint32_t at = reached[basket];
      for (; at < end && item[at] < last; ++at) {
        const std::size_t row = triangle(item[at]) - begun - item[at] - 1;
        for (std::uint32_t with = at + 1; with < end; ++with) sums[row + item[with]] += weight;
      }
      wait(basket, at);
      basket = after;
    }
    for (std::size_t i = first_row[block]; i < last; ++i) {
      if (i % 64 == 0) pulse();
      const std::size_t size = n - i - 1;
      float* const row = sums.data() + (triangle(i) - begun);
      std::size_t found = 0;
      for (std::size_t k = 0; k < size; k += group) {
        const std::size_t end = std::min(k + group, size);
        std::uint32_t bits = 0;
        for (std::size_t cell = k; cell < end; ++cell)
          bits |= std::bit_cast<std::uint32_t>(row[cell]);
        if (bits == 0) continue;
        for (std::size_t cell = k; cell < end; ++cell) {  // written always, kept where not 0
          columns[found] = static_cast<std::uint32_t>(i + 1 + cell);
          values[found] = row[cell];
          found += row[cell] != 0;
          row[cell] = 0;
        }
      }
      rows.add_row({columns.data(), found}, {values.data(), found});
    }
  }
  pulse(n);
  return std::move(rows).matrix();
}
#endif

#if BODEGA_BODIES

BODEGA_INLINE void PairRows::add_row(std::span<const std::uint32_t> columns,
                                     std::span<const float> values) {
  if (columns.size() > std::numeric_limits<std::uint32_t>::max() - matrix_.size())
    throw Error(ErrorCode::out_of_range, "Cooccurrence", "at most 4,294,967,295 pairs",
                "more; leave rare items out or split the catalogue");
  matrix_.add_row(columns, values);
}

BODEGA_INLINE void sort_distinct(std::vector<std::uint32_t>& items) {
  constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  const std::size_t size = items.size();
  // A width known to the compiler leaves one loop, without branches in it.
  const auto place = [&]<std::size_t Width>(std::integral_constant<std::size_t, Width>) {
    // Signed in the same order: SSE2 compares no others.
    std::array<std::int32_t, Width> from;
    from.fill(std::numeric_limits<std::int32_t>::max());
    for (std::size_t x = 0; x < size; ++x)
      from[x] = static_cast<std::int32_t>(items[x] ^ 0x80000000u);
    std::fill(items.begin(), items.end(), none);
    for (std::size_t x = 0; x < size; ++x) {
      const std::int32_t item = from[x];
      std::int32_t smaller = 0;
      for (std::size_t y = 0; y < Width; ++y) smaller += from[y] < item;
      items[static_cast<std::size_t>(smaller)] = static_cast<std::uint32_t>(item) ^ 0x80000000u;
    }
    std::uint32_t gaps = 0;  // left by what stood twice
    for (std::size_t k = 0; k < size; ++k) gaps |= items[k] == none;
    if (gaps != 0) std::erase(items, none);
  };
  if (size <= 8) return place(std::integral_constant<std::size_t, 8>());
  if (size <= 16) return place(std::integral_constant<std::size_t, 16>());
  if (size <= 32) return place(std::integral_constant<std::size_t, 32>());
  if (size <= 64) return place(std::integral_constant<std::size_t, 64>());
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

#endif

}  // namespace bodega::inline BODEGA_ABI
