// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/coding/entropy_code.hpp>

/// The three sequences that a model file codes: whole numbers in rows, runs of rising numbers, and
/// masks. Each is described once for writing and reading: `each(i, code)` is called for every
/// number; a writer returns `code(number)`, a reader keeps what `code(0)` gives.
namespace bodega::inline BODEGA_ABI::coded {

/// A code has a byte or more for so many numbers, so that few bytes never ask for much memory.
inline constexpr std::size_t numbers_per_byte = 64;

/// Rows and columns of what is coded; a vector is one row. They stand first in a code.
struct Sides {
  std::uint64_t rows = 0, columns = 0;

  template <class Coder>
  void code(Coder& coder) {
    AdaptiveNumber side;
    rows = side.code(coder, rows);
    columns = side.code(coder, columns);
  }
  /// Their product; nothing where it is too large for 64 bits.
  std::optional<std::uint64_t> count() const noexcept {
    if (columns != 0 && rows > ~std::uint64_t{0} / columns) return std::nullopt;
    return rows * columns;
  }
};

/// Whole numbers around 0, or around a centre for each row (INT8 with zero-points), which is coded
/// too. No centres: give none, or get none.
template <class Coder, class Each>
void numbers(Coder& coder, const Sides& sides, std::vector<std::int64_t>& centres, Each&& each) {
  // Of many numbers, the size of the one before says something of the next one.
  const bool by_size = sides.rows * sides.columns >= 4096;
  std::vector<AdaptiveSigned> contexts(by_size ? 65 : 1);
  AdaptiveSigned centre_context;
  std::size_t context = 0, i = 0;
  const bool centred = coder.even_bit(!centres.empty());
  if (centred) centres.resize(static_cast<std::size_t>(sides.rows));
  for (std::uint64_t row = 0; row < sides.rows; ++row) {
    std::uint64_t centre = 0;
    if (centred) {
      std::int64_t& stored = centres[static_cast<std::size_t>(row)];
      stored = centre_context.code(coder, stored);
      centre = static_cast<std::uint64_t>(stored);
    }
    for (std::uint64_t column = 0; column < sides.columns; ++column)
      each(i++, [&](std::int64_t number) {
        // Unsigned, so that what is no code may overflow.
        const auto off = static_cast<std::int64_t>(static_cast<std::uint64_t>(number) - centre);
        const std::int64_t found = contexts[context].code(coder, off);
        if (by_size) context = static_cast<std::size_t>(std::bit_width(magnitude(found)));
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(found) + centre);
      });
  }
}

/// Unsigned numbers that rise in runs, as the columns of one sparse row after the other: what each
/// is above the one before it. One that is below starts a run and is told as it is. Gaps have
/// contexts by the size of the number before: popular items stand together.
template <class Coder, class Each>
void runs(Coder& coder, std::uint64_t count, Each&& each) {
  struct Context {
    AdaptiveBit starts;
    AdaptiveNumber gap;
  };
  std::vector<Context> contexts(65);
  AdaptiveNumber first;
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < count; ++i)
    each(static_cast<std::size_t>(i), [&](std::uint64_t number) {
      Context& context = contexts[static_cast<std::size_t>(std::bit_width(last))];
      if (coder.bit(context.starts, number < last))
        last = first.code(coder, number);
      else
        last += context.gap.code(coder, number - last);
      return last;
    });
}

/// Flags, of which one value may prevail.
template <class Coder, class Each>
void flags(Coder& coder, std::uint64_t count, Each&& each) {
  AdaptiveBit context;
  for (std::uint64_t i = 0; i < count; ++i)
    each(static_cast<std::size_t>(i), [&](bool flag) { return coder.bit(context, flag); });
}

}  // namespace bodega::inline BODEGA_ABI::coded
