// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/coding/coded_numbers.hpp>
#include <bodega/tensor/coding/entropy_code.hpp>
#include <bodega/tensor/coding/number_block.hpp>
#include <bodega/tensor/coding/stored_tensor.hpp>
#include <bodega/tensor/half.hpp>
#include <bodega/tensor/parameters.hpp>

/// How the tensors of a model become bytes, without loss. Each is stored in the smallest of these
/// ways, and what was chosen can be read from the element type and the name:
///
///   "name"          the numbers, in the smallest element type that gives back each one bit for
///                   bit: indices below 65,536 take 2 bytes, and so do floats that are whole
///                   numbers (units sold) or halves
///   "name.coded"    whole numbers by their frequencies (coded_numbers.hpp): INT8 weights in 6 to 7
///                   bits, 4-bit weights in 3, pruned ones in a fraction of a bit
///   "name.gaps"     an unsigned vector that rises in runs (the columns of sparse rows, where rows
///                   start), coded likewise: what each number is above the one before it
///   "name.mask", "name.nonzero"
///                   floats of which many are 0: which are not (coded, a bit or less each), and
///                   those
///
/// The size report counts these bytes and the bundle writes them; decoding.hpp reads them.
namespace bodega::inline BODEGA_ABI {

namespace detail {

#if BODEGA_BODIES
/// Fewer numbers are stored as they are, to be read by anybody.
inline constexpr std::size_t fewest_coded = 9;

/// What one more tensor costs in a file's header: a mask must save more than that.
inline constexpr std::size_t header_entry_bytes = 64;

/// The numbers in an element type that holds each.
StoredTensor pack(std::string name, std::vector<std::size_t> shape, DType dtype,
                  const NumberBlock& block);

inline StoredTensor pack_code(std::string name, const std::vector<std::uint8_t>& code) {
  return pack(std::move(name), {code.size()}, DType::U8, block_of(code));
}

/// The code that `write(encoder)` makes of what has these sides.
template <class Write>
std::vector<std::uint8_t> coded_bytes(const NumberBlock& block, Write&& write) {
  ArithmeticEncoder encoder;
  coded::Sides{block.rows, block.columns}.code(encoder);
  write(encoder);
  return encoder.finish((block.count + coded::numbers_per_byte - 1) / coded::numbers_per_byte);
}

/// The most frequent value of each row: for INT8 with zero-points what stands for 0. None where it
/// is 0 throughout.
std::vector<std::int64_t> prevailing(const NumberBlock& block);

/// Whole numbers, with and without centres.
std::vector<std::uint8_t> code_numbers(const NumberBlock& block);

/// Unsigned numbers by runs.
std::vector<std::uint8_t> code_runs(const NumberBlock& block);

/// Whether a mask and the other numbers take fewer than `to_beat` bytes; then they go to `out`.
bool encode_masked(const std::string& name, const NumberBlock& block, std::size_t to_beat,
                   std::vector<StoredTensor>& out);

/// Whether `code_numbers` takes them: whole, and what they are read into knows them again.
bool may_be_numbers(DType dtype, const std::optional<WholeRange>& range) noexcept;
#endif

void encode_block(const std::string& name, const NumberBlock& block,
                  std::vector<StoredTensor>& out);

}  // namespace detail

/// Appends the model's tensors, their names beginning with "prefix." (or bare where it is empty).
template <Parameterised Model>
void encode(const Model& model, const std::string& prefix, std::vector<StoredTensor>& out) {
  for_each_tensor(
      model,
      [&](const std::string& name, const auto& leaf, Role) {
        detail::encode_block(name, detail::block_of(leaf), out);
      },
      prefix);
}

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE StoredTensor pack(std::string name, std::vector<std::size_t> shape, DType dtype,
                                const NumberBlock& block) {
  StoredTensor tensor{std::move(name), dtype, std::move(shape),
                      std::vector<std::byte>(block.count * size_of(dtype))};
  std::byte* to = tensor.bytes.data();
  if (dtype == block.dtype) {
    if (block.count > 0) std::memcpy(to, block.data, tensor.bytes.size());
  } else {
    for (std::size_t i = 0; i < block.count; ++i, to += size_of(dtype)) {
      if (dtype == DType::F16)
        store_as(to, float_to_half(load_as<float>(block.at(i))));
      else
        store_whole(dtype, to, block.whole(i));
    }
  }
  return tensor;
}

BODEGA_INLINE std::vector<std::int64_t> prevailing(const NumberBlock& block) {
  std::vector<std::int64_t> centres(block.rows);
  for (std::size_t i = 0; i < centres.size(); ++i) {
    std::array<std::size_t, 256> count{};
    for (std::size_t j = 0; j < block.columns; ++j)
      ++count[std::to_integer<std::uint8_t>(*block.at(i * block.columns + j))];
    centres[i] =
        static_cast<std::int8_t>(std::max_element(count.begin(), count.end()) - count.begin());
  }
  if (std::all_of(centres.begin(), centres.end(), [](std::int64_t c) { return c == 0; }))
    centres.clear();
  return centres;
}

BODEGA_INLINE std::vector<std::uint8_t> code_numbers(const NumberBlock& block) {
  const auto code = [&](std::vector<std::int64_t> centres) {
    return coded_bytes(block, [&](ArithmeticEncoder& encoder) {
      coded::numbers(encoder, {block.rows, block.columns}, centres,
                     [&](std::size_t i, auto&& number) { number(block.whole(i)); });
    });
  };
  std::vector<std::uint8_t> bytes = code({});
  if (block.dtype == DType::I8)
    if (auto centres = prevailing(block); !centres.empty())
      if (auto centred = code(std::move(centres)); centred.size() < bytes.size()) return centred;
  return bytes;
}

BODEGA_INLINE std::vector<std::uint8_t> code_runs(const NumberBlock& block) {
  return coded_bytes(block, [&](ArithmeticEncoder& encoder) {
    coded::runs(encoder, block.count, [&](std::size_t i, auto&& number) {
      number(static_cast<std::uint64_t>(block.whole(i)));
    });
  });
}

BODEGA_INLINE bool encode_masked(const std::string& name, const NumberBlock& block,
                                 std::size_t to_beat, std::vector<StoredTensor>& out) {
  std::vector<std::byte> numbers;
  for (std::size_t i = 0; i < block.count; ++i)
    if (!block.is_zero(i))
      numbers.insert(numbers.end(), block.at(i), block.at(i) + size_of(block.dtype));
  NumberBlock nonzero = block;
  nonzero.data = numbers.data();
  nonzero.count = numbers.size() / size_of(block.dtype);
  const DType dtype = narrowest(nonzero, whole_range(nonzero));
  const std::size_t size = nonzero.count * size_of(dtype) + header_entry_bytes;
  if (size >= to_beat) return false;
  const auto mask = coded_bytes(block, [&](ArithmeticEncoder& encoder) {
    coded::flags(encoder, block.count,
                 [&](std::size_t i, auto&& flag) { flag(!block.is_zero(i)); });
  });
  if (size + mask.size() >= to_beat) return false;
  out.push_back(pack_code(name + ".mask", mask));
  out.push_back(pack(name + ".nonzero", {nonzero.count}, dtype, nonzero));
  return true;
}

BODEGA_INLINE bool may_be_numbers(DType dtype, const std::optional<WholeRange>& range) noexcept {
  if (!range) return false;
  const std::uint64_t most = is_float(dtype)       ? std::numeric_limits<std::int32_t>::max()
                             : dtype == DType::U64 ? std::numeric_limits<std::int64_t>::max()
                                                   : ~std::uint64_t{0};
  return range->most <= most;
}

BODEGA_INLINE void encode_block(const std::string& name, const NumberBlock& block,
                                std::vector<StoredTensor>& out) {
  const std::optional<WholeRange> range = whole_range(block);
  const DType dtype = narrowest(block, range);
  const std::size_t smallest = block.count * size_of(dtype);
  if (block.sides > 0 && !block.is_text) {  // text and single numbers are never coded
    if (block.count >= fewest_coded && may_be_numbers(block.dtype, range)) {
      std::string way = ".coded";
      std::vector<std::uint8_t> code = code_numbers(block);
      if (block.sides == 1 && is_unsigned(block.dtype))
        if (auto gaps = code_runs(block); gaps.size() < code.size()) {
          way = ".gaps";
          code = std::move(gaps);
        }
      if (code.size() < smallest) {
        out.push_back(pack_code(name + way, code));
        return;
      }
    } else if (encode_masked(name, block, smallest, out)) {
      return;
    }
  }
  out.push_back(pack(name, block.shape(), dtype, block));
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
