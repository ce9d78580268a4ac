// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>

/// How the tensors of a model become bytes, without loss. Each is stored in the smallest of these
/// ways, and what was chosen can be read from the element type and the name:
///
///   "name"                     the numbers, in the smallest element type that gives back each one
///                              bit for bit: indices below 65,536 take 2 bytes, and so do floats
///                              that are whole numbers (units sold, counts)
///   "name.delta"               a rising unsigned vector (row starts) as differences of neighbours
///   "name.mask", "name.other"  a tensor in which one value prevails (a pruned weight: 0): one bit
///                              per number, set where another value stands, and those values. The
///                              mask begins with rows and columns (32 bits each; a vector is one
///                              row); bit i % 8 of byte i / 8 belongs to number i
///   "name.fill"                with a mask, where the prevailing value is not 0: one per row (INT8
///                              rows with zero-points)
///
/// The size report counts these bytes and the bundle writes them.
namespace bodega {

static_assert(std::endian::native == std::endian::little,
              "bodega stores tensors as they lie in memory, in little-endian order");

/// Element types, as safetensors names them.
enum class DType : std::uint8_t { BOOL, U8, I8, U16, I16, U32, I32, F32, U64, I64, F64 };

inline constexpr std::array<std::string_view, 11> dtype_names = {
    "BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "F32", "U64", "I64", "F64"};

constexpr std::string_view name(DType dtype) noexcept {
  return dtype_names[static_cast<std::size_t>(dtype)];
}

constexpr std::size_t size_of(DType dtype) noexcept {
  constexpr std::array<std::uint8_t, 11> sizes = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
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

namespace detail {

template <class T>
constexpr DType dtype_of() noexcept {
  if constexpr (std::is_same_v<T, bool>) return DType::BOOL;
  else if constexpr (std::is_same_v<T, char>) return DType::U8;  // text, whatever the sign of char
  else if constexpr (std::is_floating_point_v<T>) return sizeof(T) == 4 ? DType::F32 : DType::F64;
  else if constexpr (sizeof(T) == 1) return std::is_signed_v<T> ? DType::I8 : DType::U8;
  else if constexpr (sizeof(T) == 2) return std::is_signed_v<T> ? DType::I16 : DType::U16;
  else if constexpr (sizeof(T) == 4) return std::is_signed_v<T> ? DType::I32 : DType::U32;
  else return std::is_signed_v<T> ? DType::I64 : DType::U64;
}

/// What may stand for T on disk: T itself or a smaller integer that loses nothing.
template <class Narrow, class T>
inline constexpr bool narrows =
    !std::is_same_v<T, bool> && !std::is_same_v<T, char> && std::is_integral_v<Narrow> &&
    sizeof(Narrow) < sizeof(T) && (std::is_unsigned_v<Narrow> || std::is_signed_v<T>);

template <class Narrow, class T>
bool holds_all(std::span<const T> values) noexcept {
  using Limits = std::numeric_limits<Narrow>;
  return std::all_of(values.begin(), values.end(), [](T value) {
    if constexpr (std::is_unsigned_v<T>) {
      return value <= Limits::max();
    } else {
      if (!(value >= static_cast<T>(Limits::min()) && value <= static_cast<T>(Limits::max())))
        return false;
      const T back = static_cast<T>(static_cast<Narrow>(value));
      return std::memcmp(&back, &value, sizeof(T)) == 0;  // -0.0 is not 0
    }
  });
}

/// Calls `use` with a value of the smallest type that holds all values; returns its result.
template <class T, class Use>
auto with_narrowest(std::span<const T> values, Use&& use) {
  auto attempt = [&]<class First, class... Rest>(auto& self, First first, Rest... rest) {
    if constexpr (narrows<First, T>) {
      if (holds_all<First>(values)) return use(first);
    }
    if constexpr (sizeof...(Rest) > 0)
      return self(self, rest...);
    else
      return use(T{});
  };
  return attempt(attempt, std::uint8_t{}, std::int8_t{}, std::uint16_t{}, std::int16_t{},
                 std::uint32_t{}, std::int32_t{});
}

template <class T>
std::size_t stored_size(std::span<const T> values) {
  return with_narrowest(values, [&](auto narrow) { return values.size() * sizeof(narrow); });
}

template <class T>
StoredTensor pack(std::string name, std::vector<std::size_t> shape, std::span<const T> values) {
  return with_narrowest(values, [&]<class Narrow>(Narrow) {
    StoredTensor tensor{std::move(name), dtype_of<Narrow>(), std::move(shape),
                        std::vector<std::byte>(values.size() * sizeof(Narrow))};
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Narrow value = static_cast<Narrow>(values[i]);
      std::memcpy(tensor.bytes.data() + i * sizeof(Narrow), &value, sizeof(Narrow));
    }
    return tensor;
  });
}

/// A leaf as rows of numbers.
template <class T>
struct Block {
  std::span<const T> values;
  std::vector<std::size_t> shape;
  std::size_t rows() const noexcept { return shape.size() == 2 ? shape[0] : 1; }
  std::size_t columns() const noexcept { return shape.empty() ? 1 : shape.back(); }
};

template <class T>
Block<T> block_of(const T& number) {
  return {{&number, 1}, {}};
}
template <class T>
Block<T> block_of(const std::vector<T>& vector) {
  return {vector, {vector.size()}};
}
template <class T>
Block<T> block_of(const Matrix<T>& matrix) {
  return {matrix.values(), {matrix.rows(), matrix.columns()}};
}

/// The most frequent value of each row of INT8; empty where that is 0 throughout, as it is taken
/// to be for the other types.
template <class T>
std::vector<T> prevailing(const Block<T>& block) {
  std::vector<T> fill;
  if constexpr (std::is_same_v<T, std::int8_t>) {
    fill.resize(block.rows());
    for (std::size_t i = 0; i < fill.size(); ++i) {
      std::array<std::size_t, 256> count{};
      for (const T value : block.values.subspan(i * block.columns(), block.columns()))
        ++count[static_cast<std::uint8_t>(value)];
      fill[i] = static_cast<T>(std::max_element(count.begin(), count.end()) - count.begin());
    }
    if (std::all_of(fill.begin(), fill.end(), [](T value) { return value == 0; })) fill.clear();
  }
  return fill;
}

/// Text and single numbers never are.
template <class Leaf>
inline constexpr bool may_be_masked =
    !std::is_arithmetic_v<Leaf> && !std::is_same_v<Leaf, std::vector<char>>;

/// What one more tensor costs in a file's header: a mask must save more than that.
inline constexpr std::size_t header_entry_bytes = 64;

template <class T>
bool encode_masked(const std::string& name, const Block<T>& block, std::size_t to_beat,
                   std::vector<StoredTensor>& out) {
  constexpr std::size_t limit = std::numeric_limits<std::uint32_t>::max();
  if (block.values.size() < 2 || block.rows() > limit || block.columns() > limit) return false;
  const std::vector<T> fill = prevailing(block);
  const bool zero_fill = fill.empty();
  std::vector<std::uint8_t> mask(8 + (block.values.size() + 7) / 8);
  const std::uint32_t dimensions[2] = {static_cast<std::uint32_t>(block.rows()),
                                       static_cast<std::uint32_t>(block.columns())};
  std::memcpy(mask.data(), dimensions, 8);
  std::vector<T> other;
  for (std::size_t i = 0; i < block.values.size(); ++i) {
    const T common = zero_fill ? T{} : fill[i / block.columns()];
    if (std::memcmp(&block.values[i], &common, sizeof(T)) == 0) continue;
    mask[8 + i / 8] = static_cast<std::uint8_t>(mask[8 + i / 8] | 1u << i % 8);
    other.push_back(block.values[i]);
  }
  const std::size_t size = mask.size() + stored_size<T>(other) + header_entry_bytes +
                           (zero_fill ? 0 : fill.size() * sizeof(T) + header_entry_bytes);
  if (size >= to_beat) return false;
  out.push_back(pack<std::uint8_t>(name + ".mask", {mask.size()}, mask));
  out.push_back(pack<T>(name + ".other", {other.size()}, other));
  if (!zero_fill) out.push_back(pack<T>(name + ".fill", {fill.size()}, fill));
  return true;
}

template <TensorLeaf Leaf>
void encode_leaf(const std::string& name, const Leaf& leaf, std::vector<StoredTensor>& out) {
  const auto block = block_of(leaf);
  using T = std::remove_const_t<typename decltype(block.values)::element_type>;
  const std::size_t plain = stored_size(block.values);
  if constexpr (std::is_same_v<Leaf, std::vector<T>> && std::is_unsigned_v<T>) {
    if (leaf.size() > 1 && std::is_sorted(leaf.begin(), leaf.end())) {
      std::vector<T> delta(leaf);
      for (std::size_t i = delta.size() - 1; i > 0; --i)
        delta[i] = static_cast<T>(delta[i] - delta[i - 1]);
      if (stored_size<T>(delta) < plain) {
        out.push_back(pack<T>(name + ".delta", block.shape, delta));
        return;
      }
    }
  }
  if constexpr (may_be_masked<Leaf>)
    if (encode_masked(name, block, plain, out)) return;
  out.push_back(pack(name, block.shape, block.values));
}

/// Number of elements of a shape; nothing where it overflows or, for a tensor without elements,
/// where another side is so long that only walking its rows would take minutes.
inline std::optional<std::size_t> element_count(std::span<const std::size_t> shape) noexcept {
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

/// Stored tensors to read a model from, and what errors call the file they came from.
class TensorSource {
 public:
  /// Borrows the tensors, which are sorted by name.
  TensorSource(std::span<const StoredTensor> tensors, std::string file)
      : tensors_(tensors), file_(std::move(file)) {}

  /// Null where there is none.
  const StoredTensor* find(std::string_view name) const noexcept {
    const auto at = std::lower_bound(
        tensors_.begin(), tensors_.end(), name,
        [](const StoredTensor& tensor, std::string_view wanted) { return tensor.name < wanted; });
    return at == tensors_.end() || at->name != name ? nullptr : &*at;
  }

  [[noreturn]] void fail(ErrorCode code, std::string_view tensor, std::string expected,
                         std::string found) const {
    throw Error(code, file_ + ", tensor " + std::string(tensor), std::move(expected),
                std::move(found));
  }

 private:
  std::span<const StoredTensor> tensors_;
  std::string file_;
};

namespace detail {

/// What a vector of T is made of (std::vector<bool> has no elements to point at).
template <class T>
using Held = std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>;

/// The numbers of a stored tensor. Error (format) where its element type cannot stand for T or a
/// BOOL is neither 0 nor 1, (shape) where its bytes are not as many as its shape says.
template <class T>
std::vector<Held<T>> unpack(const StoredTensor& tensor, const TensorSource& source) {
  const std::size_t size = tensor.bytes.size() / size_of(tensor.dtype);
  if (element_count(tensor.shape) != size || tensor.bytes.size() % size_of(tensor.dtype) != 0)
    source.fail(ErrorCode::shape, tensor.name,
                "as many numbers of type " + std::string(name(tensor.dtype)) + " as its shape says",
                std::to_string(tensor.bytes.size()) + " bytes");
  std::vector<Held<T>> values(size);
  const auto read_as = [&]<class Stored>(DType dtype, Stored value) {
    if (tensor.dtype != dtype) return false;
    for (std::size_t i = 0; i < size; ++i) {
      std::memcpy(&value, tensor.bytes.data() + i * sizeof(Stored), sizeof(Stored));
      values[i] = static_cast<Held<T>>(value);
    }
    return true;
  };
  const auto read_if_narrower = [&]<class Narrow>(Narrow narrow) {
    if constexpr (narrows<Narrow, T>) return read_as(dtype_of<Narrow>(), narrow);
    return false;
  };
  if (!(read_as(dtype_of<T>(), Held<T>{}) || read_if_narrower(std::uint8_t{}) ||
        read_if_narrower(std::int8_t{}) || read_if_narrower(std::uint16_t{}) ||
        read_if_narrower(std::int16_t{}) || read_if_narrower(std::uint32_t{}) ||
        read_if_narrower(std::int32_t{})))
    source.fail(ErrorCode::format, tensor.name,
                std::string(name(dtype_of<T>())) + " or a narrower integer",
                std::string(name(tensor.dtype)));
  if constexpr (std::is_same_v<T, bool>)
    for (const std::uint8_t value : values)
      if (value > 1) source.fail(ErrorCode::format, tensor.name, "0 or 1", std::to_string(value));
  return values;
}

template <class T>
void undo_delta(std::vector<T>& values, const StoredTensor& tensor, const TensorSource& source) {
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i] > std::numeric_limits<T>::max() - values[i - 1])
      source.fail(ErrorCode::out_of_range, tensor.name,
                  "sums up to " + std::to_string(std::numeric_limits<T>::max()), "more");
    values[i] = static_cast<T>(values[i] + values[i - 1]);
  }
}

/// The numbers that a mask and its other tensors stand for, and the sides of their matrix.
template <class T>
std::vector<T> unmask(const std::string& name, const StoredTensor& stored_mask,
                      const TensorSource& source, std::vector<std::size_t>& shape) {
  const auto mask = unpack<std::uint8_t>(stored_mask, source);
  std::uint32_t dimensions[2] = {0, 0};
  if (mask.size() >= sizeof(dimensions)) std::memcpy(dimensions, mask.data(), sizeof(dimensions));
  const std::size_t rows = dimensions[0], columns = dimensions[1];
  const std::uint64_t count = std::uint64_t{dimensions[0]} * dimensions[1];
  if (count == 0 || count / 8 + (count % 8 != 0) != mask.size() - sizeof(dimensions))
    source.fail(ErrorCode::shape, stored_mask.name,
                "8 bytes of sizes and a bit for each number of " + std::to_string(rows) + " x " +
                    std::to_string(columns),
                std::to_string(mask.size()) + " bytes");
  const StoredTensor* const stored_other = source.find(name + ".other");
  if (stored_other == nullptr)
    source.fail(ErrorCode::missing, name + ".other", "the numbers of the mask", "none");
  const std::vector<T> other = unpack<T>(*stored_other, source);
  std::vector<T> fill;
  if (const StoredTensor* const stored_fill = source.find(name + ".fill")) {
    fill = unpack<T>(*stored_fill, source);
    if (fill.size() != rows)
      source.fail(ErrorCode::shape, stored_fill->name, std::to_string(rows) + " rows",
                  std::to_string(fill.size()));
  }
  std::vector<T> values(static_cast<std::size_t>(count));
  std::size_t used = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_other = mask[sizeof(dimensions) + i / 8] >> i % 8 & 1;
    if (!is_other)
      values[i] = fill.empty() ? T{} : fill[i / columns];
    else if (used < other.size())
      values[i] = other[used];
    used += is_other;
  }
  if (used != other.size())
    source.fail(ErrorCode::shape, stored_other->name,
                std::to_string(used) + " numbers, as the mask has bits",
                std::to_string(other.size()));
  shape = {rows, columns};
  return values;
}

template <TensorLeaf Leaf>
void decode_leaf(Leaf& leaf, const std::string& name, const TensorSource& source) {
  using T = std::remove_const_t<typename decltype(block_of(leaf).values)::element_type>;
  constexpr bool is_vector = std::is_same_v<Leaf, std::vector<T>>;
  std::vector<std::size_t> shape;
  std::vector<Held<T>> values;
  if (const StoredTensor* const plain = source.find(name)) {
    shape = plain->shape;
    values = unpack<T>(*plain, source);
  } else if (const StoredTensor* const delta = source.find(name + ".delta");
             delta && is_vector && std::is_unsigned_v<T>) {
    shape = delta->shape;
    values = unpack<T>(*delta, source);
    if constexpr (std::is_unsigned_v<T>) undo_delta(values, *delta, source);
  } else if (const StoredTensor* const mask = source.find(name + ".mask");
             mask && may_be_masked<Leaf>) {
    if constexpr (may_be_masked<Leaf>) values = unmask<T>(name, *mask, source, shape);
    if (is_vector && shape[0] == 1) shape.erase(shape.begin());
  } else {
    source.fail(ErrorCode::missing, name, "this tensor", "none of that name");
  }

  constexpr std::size_t sides = std::is_arithmetic_v<Leaf> ? 0 : is_vector ? 1 : 2;
  if (shape.size() != sides)
    source.fail(ErrorCode::shape, name, std::to_string(sides) + " sides",
                std::to_string(shape.size()));
  if constexpr (sides == 0)
    leaf = static_cast<T>(values[0]);
  else if constexpr (sides == 1)
    leaf = std::move(values);
  else
    leaf = Leaf(shape[0], shape[1], std::move(values));
}

}  // namespace detail

/// Appends the model's tensors, their names beginning with "prefix." (or bare where it is empty).
template <Parameterised Model>
void encode(const Model& model, const std::string& prefix, std::vector<StoredTensor>& out) {
  for_each_tensor(
      model,
      [&]<class Leaf>(const std::string& name, const Leaf& leaf, Role) {
        detail::encode_leaf(name, leaf, out);
      },
      prefix);
}

/// Fills the model's tensors from those of the source. Errors name the tensor: missing, format
/// (element type), shape. No allocation exceeds a small multiple of the stored bytes. The caller
/// validates the model: sizes of different tensors may still disagree.
template <Parameterised Model>
void decode(Model& model, const std::string& prefix, const TensorSource& source) {
  for_each_tensor(
      model,
      [&]<class Leaf>(const std::string& name, Leaf& leaf, Role) {
        detail::decode_leaf(leaf, name, source);
      },
      prefix);
}

}  // namespace bodega
