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
#include <bodega/tensor/coding/coded_numbers.hpp>
#include <bodega/tensor/coding/entropy_code.hpp>
#include <bodega/tensor/half.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>

/// How the tensors of a model become bytes, without loss. Each is stored in the smallest of these
/// ways, and what was chosen can be read from the element type and the name:
///
///   "name"          the numbers, in the smallest element type that gives back each one bit for
///   bit:
///                   indices below 65,536 take 2 bytes, and so do floats that are whole numbers
///                   (units sold) or halves
///   "name.coded"    whole numbers by their frequencies (coded_numbers.hpp): INT8 weights in 6 to 7
///                   bits, 4-bit weights in 3, pruned ones in a fraction of a bit
///   "name.gaps"     an unsigned vector that rises in runs (the columns of sparse rows, row
///   starts),
///                   coded likewise: what each number is above the one before it
///   "name.mask", "name.nonzero"
///                   floats of which many are 0: which are not (coded, a bit or less each), and
///                   those
///
/// The size report counts these bytes and the bundle writes them.
namespace bodega {

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

namespace detail {

/// A float that takes 16 bits on disk.
struct Half {
  constexpr Half() = default;
  constexpr explicit Half(float value) noexcept : bits(float_to_half(value)) {}
  constexpr explicit operator float() const noexcept { return half_to_float(bits); }
  std::uint16_t bits = 0;
};
static_assert(sizeof(Half) == 2);

template <class T>
constexpr DType dtype_of() noexcept {
  if constexpr (std::is_same_v<T, Half>)
    return DType::F16;
  else if constexpr (std::is_same_v<T, bool>)
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

/// What may stand for T on disk: T itself, or a smaller integer or half a float that loses nothing.
template <class Narrow, class T>
inline constexpr bool narrows = (std::is_same_v<Narrow, Half> && std::is_same_v<T, float>) ||
                                (!std::is_same_v<T, bool> && !std::is_same_v<T, char> &&
                                 std::is_integral_v<Narrow> && sizeof(Narrow) < sizeof(T) &&
                                 (std::is_unsigned_v<Narrow> || std::is_signed_v<T>));

template <class Narrow, class T>
bool holds(T value) noexcept {
  if constexpr (std::is_same_v<Narrow, Half>) {
    return is_half(value);
  } else if constexpr (std::is_unsigned_v<T>) {
    return value <= std::numeric_limits<Narrow>::max();
  } else {
    using Limits = std::numeric_limits<Narrow>;
    if (!(value >= static_cast<T>(Limits::min()) && value <= static_cast<T>(Limits::max())))
      return false;
    const T back = static_cast<T>(static_cast<Narrow>(value));
    return std::memcmp(&back, &value, sizeof(T)) == 0;  // -0.0 is not 0
  }
}

template <class Narrow, class T>
bool holds_all(std::span<const T> values) noexcept {
  return std::all_of(values.begin(), values.end(), holds<Narrow, T>);
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
                 std::uint32_t{}, std::int32_t{}, Half{});
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

/// Text and single numbers are never coded.
template <class Leaf>
inline constexpr bool may_be_coded =
    !std::is_arithmetic_v<Leaf> && !std::is_same_v<Leaf, std::vector<char>>;

/// Fewer numbers are stored as they are, to be read by anybody.
inline constexpr std::size_t fewest_coded = 9;

/// A code has a byte or more for so many numbers, so that few bytes never ask for much memory.
inline constexpr std::size_t numbers_per_byte = 64;

/// The code that `write(encoder)` makes of what has these sides.
template <class T, class Write>
std::vector<std::uint8_t> coded_bytes(const Block<T>& block, Write&& write) {
  ArithmeticEncoder encoder;
  coded::Sides{block.rows(), block.columns()}.code(encoder);
  write(encoder);
  return encoder.finish((block.values.size() + numbers_per_byte - 1) / numbers_per_byte);
}

/// The most frequent value of each row: for INT8 with zero-points what stands for 0. None where it
/// is 0 throughout.
inline std::vector<std::int64_t> prevailing(const Block<std::int8_t>& block) {
  std::vector<std::int64_t> centres(block.rows());
  for (std::size_t i = 0; i < centres.size(); ++i) {
    std::array<std::size_t, 256> count{};
    for (const std::int8_t value : block.values.subspan(i * block.columns(), block.columns()))
      ++count[static_cast<std::uint8_t>(value)];
    centres[i] =
        static_cast<std::int8_t>(std::max_element(count.begin(), count.end()) - count.begin());
  }
  if (std::all_of(centres.begin(), centres.end(), [](std::int64_t c) { return c == 0; }))
    centres.clear();
  return centres;
}

/// Whole numbers, with and without centres.
template <class T>
std::vector<std::uint8_t> code_numbers(const Block<T>& block) {
  const auto code = [&](std::vector<std::int64_t> centres) {
    return coded_bytes(block, [&](ArithmeticEncoder& encoder) {
      coded::numbers(encoder, {block.rows(), block.columns()}, centres,
                     [&](std::size_t i, auto&& number) {
                       number(static_cast<std::int64_t>(block.values[i]));
                     });
    });
  };
  std::vector<std::uint8_t> bytes = code({});
  if constexpr (std::is_same_v<T, std::int8_t>)
    if (auto centres = prevailing(block); !centres.empty())
      if (auto centred = code(std::move(centres)); centred.size() < bytes.size()) return centred;
  return bytes;
}

/// Unsigned numbers by runs.
template <class T>
std::vector<std::uint8_t> code_runs(const Block<T>& block) {
  return coded_bytes(block, [&](ArithmeticEncoder& encoder) {
    coded::runs(encoder, block.values.size(),
                [&](std::size_t i, auto&& number) { number(block.values[i]); });
  });
}

/// What one more tensor costs in a file's header: a mask must save more than that.
inline constexpr std::size_t header_entry_bytes = 64;

template <class T>
bool encode_masked(const std::string& name, const Block<T>& block, std::size_t to_beat,
                   std::vector<StoredTensor>& out) {
  std::vector<T> nonzero;
  const auto is_zero = [](T value) {  // -0.0 is not 0
    const T zero{};
    return std::memcmp(&value, &zero, sizeof(T)) == 0;
  };
  for (const T value : block.values)
    if (!is_zero(value)) nonzero.push_back(value);
  const std::size_t size = stored_size<T>(nonzero) + header_entry_bytes;
  if (size >= to_beat) return false;
  const auto mask = coded_bytes(block, [&](ArithmeticEncoder& encoder) {
    coded::flags(encoder, block.values.size(),
                 [&](std::size_t i, auto&& flag) { flag(!is_zero(block.values[i])); });
  });
  if (size + mask.size() >= to_beat) return false;
  out.push_back(pack<std::uint8_t>(name + ".mask", {mask.size()}, mask));
  out.push_back(pack<T>(name + ".nonzero", {nonzero.size()}, nonzero));
  return true;
}

template <TensorLeaf Leaf>
void encode_leaf(const std::string& name, const Leaf& leaf, std::vector<StoredTensor>& out) {
  const auto block = block_of(leaf);
  using T = std::remove_const_t<typename decltype(block.values)::element_type>;
  std::size_t smallest = stored_size(block.values);
  if constexpr (may_be_coded<Leaf>) {
    if (block.values.size() >= fewest_coded &&
        ((std::is_integral_v<T> && std::is_signed_v<T>) ||
         holds_all<std::conditional_t<std::is_integral_v<T>, std::int64_t, std::int32_t>>(
             block.values))) {
      std::string way = ".coded";
      std::vector<std::uint8_t> code = code_numbers(block);
      if constexpr (std::is_same_v<Leaf, std::vector<T>> && std::is_unsigned_v<T>)
        if (auto gaps = code_runs(block); gaps.size() < code.size()) {
          way = ".gaps";
          code = std::move(gaps);
        }
      if (code.size() < smallest) {
        out.push_back(pack<std::uint8_t>(name + way, {code.size()}, code));
        return;
      }
    } else if (encode_masked(name, block, smallest, out)) {
      return;
    }
  }
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
        read_if_narrower(std::int32_t{}) || read_if_narrower(Half{})))
    source.fail(ErrorCode::format, tensor.name,
                std::string(name(dtype_of<T>())) + " or what is narrower",
                std::string(name(tensor.dtype)));
  if constexpr (std::is_same_v<T, bool>)
    for (const std::uint8_t value : values)
      if (value > 1) source.fail(ErrorCode::format, tensor.name, "0 or 1", std::to_string(value));
  return values;
}

/// Starts to read a code: its sides go to `shape`. Error (shape) where it has too few bytes for
/// them or none for any number.
class CodeReader {
 public:
  CodeReader(const StoredTensor& tensor, const TensorSource& source,
             std::vector<std::size_t>& shape)
      : tensor_(&tensor),
        source_(&source),
        bytes_(unpack<std::uint8_t>(tensor, source)),
        decoder_(bytes_) {
    sides_.code(decoder_);
    const auto count = sides_.count();
    if (!count || *count == 0 || (*count - 1) / numbers_per_byte >= bytes_.size())
      source.fail(ErrorCode::shape, tensor.name,
                  "1 to " + std::to_string(numbers_per_byte) + " numbers a byte",
                  std::to_string(sides_.rows) + " x " + std::to_string(sides_.columns) + " in " +
                      std::to_string(bytes_.size()) + " bytes");
    shape = {static_cast<std::size_t>(sides_.rows), static_cast<std::size_t>(sides_.columns)};
  }

  std::size_t count() const noexcept { return static_cast<std::size_t>(*sides_.count()); }
  const coded::Sides& sides() const noexcept { return sides_; }
  ArithmeticDecoder& decoder() noexcept { return decoder_; }

  /// Error (out_of_range) where the number is none of T.
  template <class T, class Number>
  T checked(Number number) const {
    using Wide = std::conditional_t<std::is_signed_v<Number>, std::int64_t, std::uint64_t>;
    bool good;
    if constexpr (std::is_integral_v<T>)
      good = std::in_range<T>(number);
    else
      good = std::in_range<std::int32_t>(number) &&
             static_cast<Wide>(static_cast<T>(number)) == number;
    if (!good)
      source_->fail(ErrorCode::out_of_range, tensor_->name,
                    "numbers of type " + std::string(name(dtype_of<T>())), std::to_string(number));
    return static_cast<T>(number);
  }
  /// Error (format) where more was stored than was read.
  void end() const {
    if (!decoder_.ended())
      source_->fail(ErrorCode::format, tensor_->name, "the end of the code", "more");
  }

 private:
  const StoredTensor* tensor_;
  const TensorSource* source_;
  std::vector<std::uint8_t> bytes_;
  ArithmeticDecoder decoder_;
  coded::Sides sides_;
};

template <class T>
std::vector<T> decode_numbers(const StoredTensor& tensor, const TensorSource& source,
                              std::vector<std::size_t>& shape) {
  CodeReader reader(tensor, source, shape);
  std::vector<T> values(reader.count());
  std::vector<std::int64_t> centres;
  coded::numbers(reader.decoder(), reader.sides(), centres, [&](std::size_t i, auto&& number) {
    values[i] = reader.template checked<T>(number(0));
  });
  reader.end();
  return values;
}

template <class T>
std::vector<T> decode_runs(const StoredTensor& tensor, const TensorSource& source,
                           std::vector<std::size_t>& shape) {
  CodeReader reader(tensor, source, shape);
  std::vector<T> values(reader.count());
  coded::runs(reader.decoder(), reader.count(), [&](std::size_t i, auto&& number) {
    values[i] = reader.template checked<T>(number(0));
  });
  reader.end();
  return values;
}

template <class T>
std::vector<T> decode_masked(const std::string& name, const StoredTensor& mask,
                             const TensorSource& source, std::vector<std::size_t>& shape) {
  const StoredTensor* const stored = source.find(name + ".nonzero");
  if (stored == nullptr)
    source.fail(ErrorCode::missing, name + ".nonzero", "the numbers of the mask", "none");
  const std::vector<T> nonzero = unpack<T>(*stored, source);
  CodeReader reader(mask, source, shape);
  std::vector<T> values(reader.count());
  std::size_t used = 0;
  coded::flags(reader.decoder(), reader.count(), [&](std::size_t i, auto&& flag) {
    if (!flag(false)) return;
    if (used < nonzero.size()) values[i] = nonzero[used];
    ++used;
  });
  reader.end();
  if (used != nonzero.size())
    source.fail(ErrorCode::shape, stored->name,
                std::to_string(used) + " numbers, as the mask tells",
                std::to_string(nonzero.size()));
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
  } else if constexpr (may_be_coded<Leaf>) {
    if (const StoredTensor* const code = source.find(name + ".coded"))
      values = decode_numbers<T>(*code, source, shape);
    else if (const StoredTensor* const gaps = source.find(name + ".gaps");
             gaps && std::is_unsigned_v<T>)
      values = decode_runs<T>(*gaps, source, shape);
    else if (const StoredTensor* const mask = source.find(name + ".mask"))
      values = decode_masked<T>(name, *mask, source, shape);
    else
      source.fail(ErrorCode::missing, name, "this tensor", "none of that name");
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
