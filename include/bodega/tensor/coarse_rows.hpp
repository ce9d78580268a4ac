// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/byte_lanes.hpp>
#include <bodega/tensor/rows.hpp>

namespace bodega::inline BODEGA_ABI {

/// A rough copy of a table that says which rows a search can leave out, without ever leaving out a
/// right one. Each number is rounded to 7 or 8 bits, as this machine multiplies bytes, in a table
/// too large for a core's own cache to 4, so that less must be read; 16 rows share a step, lie side
/// by side, and keep how far the rounding moved the worst of them. With q the query, x a row and x'
/// its rough copy
///
///   q.x  <=  q'.x' + |q - q'| |x'| + |q| |x - x'|     (Cauchy and Schwarz)
///
/// so rows whose right side is not above what is asked for need not be looked at.
/// Memory: a byte a number (half a byte beyond `most_bytes` numbers) and 2 % more.
/// Thread rule: immutable, any number of readers.
class CoarseRows {
 public:
  static constexpr std::size_t most_columns = 512;
  /// Tables of more numbers than this keep 4 bits of each.
  static constexpr std::size_t most_bytes = std::size_t{1} << 21;

  /// Rows that are visited at once.
  static constexpr std::size_t most_listed = 1024;

  CoarseRows() = default;
  /// Of finite numbers; no more than `most_columns`, else it stays empty.
  template <class W>
  explicit CoarseRows(const W& table) : rows_(table.rows()), columns_(table.columns()) {
    if (columns_ > most_columns) rows_ = 0;
    depths_ = (columns_ + 15) / 16 * 16;
    packed_ = table.size() > most_bytes;
    largest_ = packed_ ? 15 : byte_lanes::limits(byte_lanes::best()).number;
    const std::size_t blocks = (rows_ + byte_lanes::rows - 1) / byte_lanes::rows;
    per_step_.resize(blocks);
    length_.resize(blocks);
    moved_.resize(blocks);
    numbers_.assign(blocks * block_bytes(), 0);
    std::vector<float> values(byte_lanes::rows * columns_);
    for (std::size_t b = 0; b < blocks; ++b) {
      std::fill(values.begin(), values.end(), 0.0f);
      const std::size_t first = b * byte_lanes::rows;
      for (std::size_t r = 0; r < std::min(byte_lanes::rows, rows_ - first); ++r)
        add_row(table, first + r, 1.0f, {values.data() + r * columns_, columns_});
      fill(b, values);
    }
  }

  std::size_t rows() const noexcept { return rows_; }
  std::size_t columns() const noexcept { return columns_; }
  /// Of memory.
  std::size_t bytes() const noexcept { return numbers_.size() + 3 * blocks() * sizeof(float); }

  /// Calls `visit(rows)` with lists of rows, none twice, in which are all whose product with
  /// `query` can be above `least()` or equal to it, and some others. `least()` is asked again
  /// before each call and may rise. The first list is of the most promising row in each 16 of the
  /// first 1,024, so that it rises soon. `query` has `columns()` numbers. Allocates nothing.
  template <class Least, class Visit>
  void visit_above(std::span<const float> query, Least&& least, Visit&& visit) const noexcept {
    const Rounded rounded(query, middle());
    std::array<std::int32_t, most_at_once> bounds;
    std::array<std::uint16_t, most_at_once + 3> hits;  // to be read in fours
    std::array<std::int32_t, most_listed> sums;
    std::array<std::uint32_t, most_listed + listed_at_once> rows;
    for (std::size_t done = 0, at_once = 0; done < blocks(); done += at_once) {
      at_once = std::min(most_at_once, blocks() - done);
      const auto set_bounds = [&] {
        const auto wanted = static_cast<float>(least());
        for (std::size_t b = 0; b < at_once; ++b)
          bounds[b] =
              rounded.bound(per_step_[done + b], length_[done + b], moved_[done + b], wanted);
      };
      const auto visit_hits = [&] {
        std::fill_n(hits.data() + at_once, 3, std::uint16_t{0});
        const std::size_t count =
            list({hits.data(), at_once}, done * byte_lanes::rows, rows.data());
        visit(std::span<const std::uint32_t>(rows.data(), count));
      };
      set_bounds();
      const byte_lanes::Scan scan{numbers_.data() + done * block_bytes(),
                                  at_once,
                                  depths_,
                                  rounded.numbers.data(),
                                  bounds.data(),
                                  hits.data(),
                                  done == 0 ? sums.data() : nullptr};
      if (packed_)
        byte_lanes::scan<byte_lanes::Packing::halves>(scan);
      else
        byte_lanes::scan<byte_lanes::Packing::bytes>(scan);
      if (done == 0) {
        std::array<std::uint16_t, most_at_once> first;
        for (std::size_t b = 0; b < at_once; ++b)
          hits[b] = first[b] = largest_of(&sums[b * byte_lanes::rows]);
        visit_hits();
        set_bounds();
        for (std::size_t b = 0; b < at_once; ++b)
          hits[b] =
              above(&sums[b * byte_lanes::rows], bounds[b]) & static_cast<std::uint16_t>(~first[b]);
      }
      visit_hits();
    }
  }

  bool operator==(const CoarseRows&) const = default;

 private:
  static constexpr std::size_t most_at_once = most_listed / byte_lanes::rows;  // blocks
  static constexpr std::size_t listed_at_once = 4;                             // rows in one go

  /// The bit of the largest of a block's sums; of those that are above a bound.
  static std::uint16_t largest_of(const std::int32_t* sums) noexcept;
  static std::uint16_t above(const std::int32_t* sums, std::int32_t bound) noexcept;

  /// Lists the rows whose bits are set, as indices from `first` on, and returns how many. Looks at
  /// 64 rows at once and always writes a few: their positions are random, so a branch would
  /// mispredict.
  std::size_t list(std::span<const std::uint16_t> hits, std::size_t first,
                   std::uint32_t* rows) const noexcept;

  /// A query in steps, and what turns a product that is asked for into a sum of stored ones.
  struct Rounded {
    std::array<std::int8_t, most_columns> numbers{};
    float per_step = 1, offset, by_length, by_moved;

    Rounded(std::span<const float> query, double middle) noexcept;

    /// The sum of stored products above which a row of a block must be looked at, for a product
    /// above `wanted`. Without a branch, so that the loop over blocks is vectorised.
    std::int32_t bound(float block_per_step, float length, float moved,
                       float wanted) const noexcept;
  };

  /// How 16 rows are rounded: one step, the longest rough row, the farthest that a row moved.
  struct Rounding {
    float step = 1, length = 0, moved = 0;
  };

  std::size_t blocks() const noexcept { return per_step_.size(); }
  std::size_t block_bytes() const noexcept {
    return depths_ * byte_lanes::rows / (packed_ ? 2 : 1);
  }
  double middle() const noexcept { return 0.5 * largest_; }

  /// 4 bits are better spent on a range that cuts off the largest numbers: the best of a few is
  /// kept.
  void fill(std::size_t at, std::span<const float> values);

  std::uint8_t nearest(float value, float step) const noexcept {
    const double units = std::nearbyint(double{value} / double{step} + middle());
    return static_cast<std::uint8_t>(std::clamp(units, 0.0, double(largest_)));
  }

  Rounding rounded(std::span<const float> values, float step) const noexcept;

  std::size_t rows_ = 0, columns_ = 0, depths_ = 0;
  bool packed_ = false;
  int largest_ = 0;                               // number
  std::vector<float> per_step_, length_, moved_;  // of each block
  std::vector<std::uint8_t> numbers_;
};

#if BODEGA_BODIES

BODEGA_INLINE std::uint16_t CoarseRows::largest_of(const std::int32_t* sums) noexcept {
  std::int64_t best = std::numeric_limits<std::int64_t>::min();
  for (std::size_t r = 0; r < byte_lanes::rows; ++r)  // without a branch
    best = std::max(best, std::int64_t{sums[r]} * 16 + static_cast<std::int64_t>(r));
  return static_cast<std::uint16_t>(1u << (best & 15));
}

BODEGA_INLINE std::uint16_t CoarseRows::above(const std::int32_t* sums,
                                              std::int32_t bound) noexcept {
  unsigned bits = 0;
  for (std::size_t r = 0; r < byte_lanes::rows; ++r) bits |= unsigned{sums[r] > bound} << r;
  return static_cast<std::uint16_t>(bits);
}

BODEGA_INLINE std::size_t CoarseRows::list(std::span<const std::uint16_t> hits, std::size_t first,
                                           std::uint32_t* rows) const noexcept {
  std::size_t listed = 0;
  for (std::size_t b = 0; b < hits.size(); b += 4, first += 64) {
    std::uint64_t left = std::uint64_t{hits[b]} | std::uint64_t{hits[b + 1]} << 16 |
                         std::uint64_t{hits[b + 2]} << 32 | std::uint64_t{hits[b + 3]} << 48;
    if (rows_ - first < 64) left &= (std::uint64_t{1} << (rows_ - first)) - 1;
    const auto next = [&] {
      rows[listed] =
          static_cast<std::uint32_t>(first + static_cast<std::size_t>(std::countr_zero(left)));
      listed += left != 0;
      left &= left - 1;
    };
    for (std::size_t k = 0; k < listed_at_once; ++k) next();
    while (left != 0) next();
  }
  return listed;
}

BODEGA_INLINE CoarseRows::Rounded::Rounded(std::span<const float> query, double middle) noexcept {
  float largest = 0;
  for (const float x : query) largest = std::max(largest, std::abs(x));
  if (largest > 0)
    per_step = static_cast<float>(byte_lanes::limits(byte_lanes::best()).query) / largest;
  const float step = 1 / per_step;
  std::array<float, most_columns> moves;
  int sum = 0;
  for (std::size_t d = 0; d < query.size(); ++d) {
    const float scaled = query[d] * per_step;
    const int nearest = static_cast<int>(scaled + (scaled < 0 ? -0.5f : 0.5f));
    numbers[d] = static_cast<std::int8_t>(nearest);
    moves[d] = query[d] - step * static_cast<float>(nearest);
    sum += nearest;
  }
  const float length = std::sqrt(simd::dot(query.data(), query.data(), query.size()));
  const float moved = std::sqrt(simd::dot(moves.data(), moves.data(), query.size()));
  // Sums of floats, here and in a product, are off by some 1e-6 of the lengths, what follows by
  // 4 units at most.
  by_length = moved + 1e-5f * length;
  by_moved = length * (1 + 1e-5f);
  offset = static_cast<float>(middle * sum - 4);
}

BODEGA_INLINE std::int32_t CoarseRows::Rounded::bound(float block_per_step, float length,
                                                      float moved, float wanted) const noexcept {
  const float slack = by_length * length + by_moved * moved;
  const float units = (wanted - slack) * (block_per_step * per_step) + offset;
  constexpr float most = 1e9f;  // beyond every sum
  const float low = units > -most ? units : -most;
  return static_cast<std::int32_t>(low < most ? low : most);
}

BODEGA_INLINE void CoarseRows::fill(std::size_t at, std::span<const float> values) {
  float largest = 1e-12f;  // a step must be a number that can be divided by
  for (const float x : values) largest = std::max(largest, std::abs(x));
  Rounding best{1, 0, std::numeric_limits<float>::infinity()};
  for (const double share : {1.0, 0.9, 0.8, 0.7, 0.6}) {
    const Rounding found = rounded(values, static_cast<float>(share * double{largest} / middle()));
    if (found.moved < best.moved) best = found;
  }
  per_step_[at] = 1 / best.step;
  length_[at] = best.length;
  moved_[at] = best.moved;
  std::uint8_t* const to = numbers_.data() + at * block_bytes();
  for (std::size_t r = 0; r < byte_lanes::rows; ++r)
    for (std::size_t d = 0; d < columns_; ++d) {
      const std::uint8_t stored = nearest(values[r * columns_ + d], best.step);
      const std::size_t group = d / byte_lanes::depth,
                        place = r * byte_lanes::depth + d % byte_lanes::depth;
      constexpr std::size_t tile = byte_lanes::rows * byte_lanes::depth;
      if (packed_)
        to[group / 2 * tile + place] |= static_cast<std::uint8_t>(stored << (group % 2 * 4));
      else
        to[group * tile + place] = stored;
    }
}

BODEGA_INLINE CoarseRows::Rounding CoarseRows::rounded(std::span<const float> values,
                                                       float step) const noexcept {
  double longest = 0, farthest = 0;
  for (std::size_t r = 0; r < byte_lanes::rows; ++r) {
    double squares = 0, moves = 0;
    for (const float value : values.subspan(r * columns_, columns_)) {
      const double rough = double{step} * (nearest(value, step) - middle());
      squares += rough * rough;
      moves += (double{value} - rough) * (double{value} - rough);
    }
    longest = std::max(longest, squares);
    farthest = std::max(farthest, moves);
  }
  constexpr double up = 1 + 1e-6;  // for the rounding to float
  return {step, static_cast<float>(up * std::sqrt(longest)),
          static_cast<float>(up * std::sqrt(farthest))};
}

#endif

}  // namespace bodega::inline BODEGA_ABI
