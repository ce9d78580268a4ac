// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>

namespace bodega::inline BODEGA_ABI {

static_assert(std::endian::native == std::endian::little,
              "bodega stores tensors as they lie in memory, in little-endian order");

/// Element types, as safetensors names them.
enum class DType : std::uint8_t { BOOL, U8, I8, U16, I16, F16, U32, I32, F32, U64, I64, F64 };

inline constexpr std::array<std::string_view, 12> dtype_names = {
    "BOOL", "U8", "I8", "U16", "I16", "F16", "U32", "I32", "F32", "U64", "I64", "F64"};

constexpr std::string_view name(DType dtype) noexcept {
  return dtype_names[static_cast<std::size_t>(dtype)];
}

constexpr std::size_t size_of(DType dtype) noexcept {
  constexpr std::array<std::uint8_t, 12> sizes = {1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8};
  return sizes[static_cast<std::size_t>(dtype)];
}

/// The element type of that name, or nothing.
constexpr std::optional<DType> parse_dtype(std::string_view text) noexcept {
  for (std::size_t i = 0; i < dtype_names.size(); ++i)
    if (dtype_names[i] == text) return static_cast<DType>(i);
  return std::nullopt;
}

/// One named block of bytes. `bytes.size()` is the product of `shape` times the element's size.
struct StoredTensor {
  std::string name;
  DType dtype = DType::U8;
  std::vector<std::size_t> shape;  ///< empty: one number
  std::vector<std::byte> bytes;

  bool operator==(const StoredTensor&) const = default;
};

/// Stored tensors to read a model from, and what errors call the file they came from.
class TensorSource {
 public:
  /// Borrows the tensors, which are sorted by name.
  TensorSource(std::span<const StoredTensor> tensors, std::string file)
      : tensors_(tensors), file_(std::move(file)) {}

  /// Null where there is none.
  const StoredTensor* find(std::string_view name) const noexcept;

  [[noreturn]] void fail(ErrorCode code, std::string_view tensor, std::string expected,
                         std::string found) const;

 private:
  std::span<const StoredTensor> tensors_;
  std::string file_;
};

namespace detail {

template <class T>
constexpr DType dtype_of() noexcept {
  if constexpr (std::is_same_v<T, bool>)
    return DType::BOOL;
  else if constexpr (std::is_same_v<T, char>)
    return DType::U8;  // text, whatever the sign of char
  else if constexpr (std::is_floating_point_v<T>)
    return sizeof(T) == 4 ? DType::F32 : DType::F64;
  else if constexpr (sizeof(T) == 1)
    return std::is_signed_v<T> ? DType::I8 : DType::U8;
  else if constexpr (sizeof(T) == 2)
    return std::is_signed_v<T> ? DType::I16 : DType::U16;
  else if constexpr (sizeof(T) == 4)
    return std::is_signed_v<T> ? DType::I32 : DType::U32;
  else
    return std::is_signed_v<T> ? DType::I64 : DType::U64;
}

/// Number of elements of a shape; nothing where it overflows or, for a tensor without elements,
/// where another side is so long that only walking its rows would take minutes.
std::optional<std::size_t> element_count(std::span<const std::size_t> shape) noexcept;

}  // namespace detail
#if BODEGA_BODIES

BODEGA_INLINE const StoredTensor* TensorSource::find(std::string_view name) const noexcept {
  const auto at = std::lower_bound(
      tensors_.begin(), tensors_.end(), name,
      [](const StoredTensor& tensor, std::string_view wanted) { return tensor.name < wanted; });
  return at == tensors_.end() || at->name != name ? nullptr : &*at;
}

BODEGA_INLINE void TensorSource::fail(ErrorCode code, std::string_view tensor, std::string expected,
                                      std::string found) const {
  throw Error(code, file_ + ", tensor " + std::string(tensor), std::move(expected),
              std::move(found));
}

namespace detail {

BODEGA_INLINE std::optional<std::size_t> element_count(
    std::span<const std::size_t> shape) noexcept {
  constexpr std::size_t longest_of_empty = std::size_t{1} << 24;
  std::size_t count = 1;
  bool empty = false, long_side = false, overflow = false;
  for (const std::size_t side : shape) {
    empty |= side == 0;
    long_side |= side > longest_of_empty;
    overflow |= side != 0 && count > std::numeric_limits<std::size_t>::max() / side;
    if (side != 0) count *= side;
  }
  if (empty ? long_side : overflow) return std::nullopt;
  return empty ? 0 : count;
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
