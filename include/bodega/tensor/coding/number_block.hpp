// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/coding/stored_tensor.hpp>
#include <bodega/tensor/half.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>

/// Numbers whose element type is told by a value, not by a C++ type, so that what stores and reads
/// them is compiled once and not for each type.
namespace bodega::inline BODEGA_ABI::detail {

constexpr bool is_float(DType dtype) noexcept {
  return dtype == DType::F16 || dtype == DType::F32 || dtype == DType::F64;
}
constexpr bool is_unsigned(DType dtype) noexcept {
  return dtype == DType::BOOL || dtype == DType::U8 || dtype == DType::U16 || dtype == DType::U32 ||
         dtype == DType::U64;
}

template <class T>
T load_as(const std::byte* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}
template <class T>
void store_as(std::byte* to, T value) noexcept {
  std::memcpy(to, &value, sizeof(T));
}

/// A whole number of a type other than F16; of a U64 the bits.
std::int64_t load_whole(DType dtype, const std::byte* from) noexcept;

/// Stores a whole number that the type holds; the reverse of `load_whole`.
void store_whole(DType dtype, std::byte* to, std::int64_t number) noexcept;

/// Whole numbers of a block lie from `least`, 0 or below, to `most`, 0 or above.
struct WholeRange {
  std::int64_t least = 0;
  std::uint64_t most = 0;

  /// Whether an integer type holds all of them.
  bool within(DType dtype) const noexcept;
};

/// A parameter's numbers, row by row. Borrowed.
struct NumberBlock {
  DType dtype = DType::U8;
  const std::byte* data = nullptr;
  std::size_t count = 0, rows = 1, columns = 1;
  std::uint8_t sides = 0;  ///< 0: one number, 1: a vector, 2: a matrix
  bool is_text = false;

  std::vector<std::size_t> shape() const;
  const std::byte* at(std::size_t i) const noexcept { return data + i * size_of(dtype); }
  std::int64_t whole(std::size_t i) const noexcept { return load_whole(dtype, at(i)); }
  /// No bit is set: -0.0 is not 0.
  bool is_zero(std::size_t i) const noexcept {
    constexpr std::byte zero[8] = {};
    return std::memcmp(at(i), zero, size_of(dtype)) == 0;
  }
};

template <TensorLeaf Leaf>
NumberBlock block_of(const Leaf& leaf) noexcept {
  NumberBlock block;
  const auto take = [&]<class T>(const T* numbers, std::size_t count) {
    block.dtype = dtype_of<T>();
    block.data = reinterpret_cast<const std::byte*>(numbers);
    block.count = count;
    block.is_text = std::is_same_v<T, char>;
  };
  if constexpr (std::is_arithmetic_v<Leaf>) {
    take(&leaf, 1);
  } else if constexpr (requires { leaf.rows(); }) {
    take(leaf.data(), leaf.size());
    block.sides = 2;
    block.rows = leaf.rows();
    block.columns = leaf.columns();
  } else {
    take(leaf.data(), leaf.size());
    block.sides = 1;
    block.columns = leaf.size();
  }
  return block;
}

/// The range of numbers that are all whole, none of them -0.0 and, of floats, from -2^31 to
/// 2^32 - 1; nothing where they are not.
std::optional<WholeRange> whole_range(const NumberBlock& block) noexcept;

/// The smallest element type that gives back each number, bit for bit; the block's own where no
/// smaller one does. `range` is the block's.
DType narrowest(const NumberBlock& block, const std::optional<WholeRange>& range) noexcept;

#if BODEGA_BODIES

BODEGA_INLINE std::int64_t load_whole(DType dtype, const std::byte* from) noexcept {
  switch (dtype) {
    case DType::I8:
      return load_as<std::int8_t>(from);
    case DType::U16:
      return load_as<std::uint16_t>(from);
    case DType::I16:
      return load_as<std::int16_t>(from);
    case DType::U32:
      return load_as<std::uint32_t>(from);
    case DType::I32:
      return load_as<std::int32_t>(from);
    case DType::F32:
      return static_cast<std::int64_t>(load_as<float>(from));
    case DType::F64:
      return static_cast<std::int64_t>(load_as<double>(from));
    case DType::U64:
    case DType::I64:
      return load_as<std::int64_t>(from);
    default:
      return load_as<std::uint8_t>(from);
  }
}

BODEGA_INLINE void store_whole(DType dtype, std::byte* to, std::int64_t number) noexcept {
  if (dtype == DType::F32) return store_as(to, static_cast<float>(number));
  if (dtype == DType::F64) return store_as(to, static_cast<double>(number));
  switch (size_of(dtype)) {  // of integers the low bytes
    case 1:
      return store_as(to, static_cast<std::uint8_t>(number));
    case 2:
      return store_as(to, static_cast<std::uint16_t>(number));
    case 4:
      return store_as(to, static_cast<std::uint32_t>(number));
    default:
      return store_as(to, number);
  }
}

BODEGA_INLINE bool WholeRange::within(DType dtype) const noexcept {
  const auto bits = static_cast<int>(8 * size_of(dtype));
  if (is_unsigned(dtype)) return least == 0 && (bits == 64 || most >> bits == 0);
  return most >> (bits - 1) == 0 && least >= -1 - static_cast<std::int64_t>(~0ull >> (65 - bits));
}

BODEGA_INLINE std::vector<std::size_t> NumberBlock::shape() const {
  return sides == 0   ? std::vector<std::size_t>()
         : sides == 1 ? std::vector{count}
                      : std::vector{rows, columns};
}

BODEGA_INLINE std::optional<WholeRange> whole_range(const NumberBlock& block) noexcept {
  WholeRange range;
  const auto is_whole = [&]<class T>(const std::byte* from, T) {
    const T value = load_as<T>(from);
    if (!(value >= T(-0x1p31) && value < T(0x1p32))) return false;
    const T back = static_cast<T>(static_cast<std::int64_t>(value));
    return std::memcmp(&back, &value, sizeof(T)) == 0;
  };
  for (std::size_t i = 0; i < block.count; ++i) {
    if (block.dtype == DType::F32 ? !is_whole(block.at(i), 0.0f)
                                  : block.dtype == DType::F64 && !is_whole(block.at(i), 0.0))
      return std::nullopt;
    const std::int64_t number = block.whole(i);
    if (number < 0 && block.dtype != DType::U64)
      range.least = std::min(range.least, number);
    else
      range.most = std::max(range.most, static_cast<std::uint64_t>(number));
  }
  return range;
}

BODEGA_INLINE DType narrowest(const NumberBlock& block,
                              const std::optional<WholeRange>& range) noexcept {
  for (const DType dtype : {DType::U8, DType::I8, DType::U16, DType::I16, DType::U32, DType::I32})
    if (size_of(dtype) < size_of(block.dtype) && range && range->within(dtype)) return dtype;
  if (block.dtype != DType::F32) return block.dtype;
  for (std::size_t i = 0; i < block.count; ++i)
    if (!is_half(load_as<float>(block.at(i)))) return block.dtype;
  return DType::F16;
}

#endif

}  // namespace bodega::inline BODEGA_ABI::detail
