// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/tensor/coding/coded_numbers.hpp>
#include <bodega/tensor/coding/entropy_code.hpp>
#include <bodega/tensor/coding/number_block.hpp>
#include <bodega/tensor/coding/stored_tensor.hpp>
#include <bodega/tensor/half.hpp>
#include <bodega/tensor/parameters.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {

/// A parameter to be filled.
struct NumberSink {
  DType dtype = DType::U8;
  std::uint8_t sides = 0;  ///< 0: one number, 1: a vector, 2: a matrix
  bool is_text = false;
  void* leaf = nullptr;
  /// Gives the leaf this shape, of as many sides, filled with 0; returns where its numbers begin.
  std::byte* (*make_room)(void* leaf, std::span<const std::size_t> shape) = nullptr;
};

template <TensorLeaf Leaf>
NumberSink sink_of(Leaf& leaf) noexcept {
  const NumberBlock block = block_of(leaf);
  return {block.dtype, block.sides, block.is_text, &leaf,
          [](void* to, [[maybe_unused]] std::span<const std::size_t> shape) {
            Leaf& place = *static_cast<Leaf*>(to);
            if constexpr (std::is_arithmetic_v<Leaf>) {
              return reinterpret_cast<std::byte*>(&place);
            } else {
              if constexpr (requires { place.rows(); })
                place = Leaf(shape[0], shape[1]);
              else
                place = Leaf(shape[0]);
              return reinterpret_cast<std::byte*>(place.data());
            }
          }};
}

#if BODEGA_BODIES
/// Whether a stored type may stand for that of a parameter: the same, or a smaller one that loses
/// nothing.
constexpr bool may_stand_for(DType stored, DType wanted) noexcept {
  if (stored == wanted) return true;
  if (stored == DType::F16) return wanted == DType::F32;
  return !is_float(stored) && stored != DType::BOOL && size_of(stored) < size_of(wanted) &&
         wanted != DType::F16 && (is_unsigned(stored) || !is_unsigned(wanted));
}

/// Error (format) where its element type cannot stand for the wanted one or a BOOL is neither 0 nor
/// 1, (shape) where its bytes are not as many as its shape says.
void check_stored(const StoredTensor& tensor, DType wanted, const TensorSource& source);

/// The numbers of a checked tensor.
void unpack(const StoredTensor& tensor, DType wanted, std::byte* to) noexcept;

/// Error (shape).
void check_sides(std::size_t found, const std::string& name, const NumberSink& sink,
                 const TensorSource& source);

/// Starts to read a code. Error (shape) where it has too few bytes for its sides or none for any
/// number.
class CodeReader {
 public:
  CodeReader(const StoredTensor& tensor, const TensorSource& source);

  /// The leaf's numbers, 0 as yet. Error (shape) where it has another number of sides.
  std::byte* make_room(const std::string& name, const NumberSink& sink) const;

  std::size_t count() const noexcept { return static_cast<std::size_t>(*sides_.count()); }
  const coded::Sides& sides() const noexcept { return sides_; }
  ArithmeticDecoder& decoder() noexcept { return decoder_; }

  /// Stores a number. Error (out_of_range) where it is none of the type.
  template <class Number>
  void put(DType dtype, std::byte* to, Number number) const {
    WholeRange range;
    if (std::is_signed_v<Number> && number < 0)
      range.least = static_cast<std::int64_t>(number);
    else
      range.most = static_cast<std::uint64_t>(number);
    bool good = range.within(is_float(dtype) ? DType::I32 : dtype);
    store_whole(dtype, to, good ? static_cast<std::int64_t>(number) : 0);
    if (dtype == DType::F32)
      good = good && load_whole(dtype, to) == static_cast<std::int64_t>(number);
    if (!good)
      source_->fail(ErrorCode::out_of_range, tensor_->name,
                    "numbers of type " + std::string(name(dtype)), std::to_string(number));
  }
  /// Error (format) where more was stored than was read.
  void end() const {
    if (!decoder_.ended())
      source_->fail(ErrorCode::format, tensor_->name, "the end of the code", "more");
  }

 private:
  static std::span<const std::uint8_t> bytes_of(const StoredTensor& tensor,
                                                const TensorSource& source);

  const StoredTensor* tensor_;
  const TensorSource* source_;
  ArithmeticDecoder decoder_;
  coded::Sides sides_;
};

void decode_plain(const StoredTensor& tensor, const std::string& name, const NumberSink& sink,
                  const TensorSource& source);

void decode_numbers(const StoredTensor& tensor, const std::string& name, const NumberSink& sink,
                    const TensorSource& source);

void decode_runs(const StoredTensor& tensor, const std::string& name, const NumberSink& sink,
                 const TensorSource& source);

void decode_masked(const StoredTensor& mask, const std::string& name, const NumberSink& sink,
                   const TensorSource& source);
#endif

void decode_block(const NumberSink& sink, const std::string& name, const TensorSource& source);

}  // namespace detail

/// Bytes that a stored tensor takes once it is decoded: those it has, and of a code as many numbers
/// of four bytes as it says, whether or not it then holds them.
std::size_t decoded_bytes(const StoredTensor& tensor);

/// Fills the model's tensors from those of the source. Errors name the tensor: missing, format
/// (element type), shape. No allocation exceeds a small multiple of the stored bytes. The caller
/// validates the model: sizes of different tensors may still disagree.
template <Parameterised Model>
void decode(Model& model, const std::string& prefix, const TensorSource& source) {
  for_each_tensor(
      model,
      [&](const std::string& name, auto& leaf, Role) {
        detail::decode_block(detail::sink_of(leaf), name, source);
      },
      prefix);
}

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE void check_stored(const StoredTensor& tensor, DType wanted,
                                const TensorSource& source) {
  const std::size_t size = size_of(tensor.dtype);
  if (element_count(tensor.shape) != tensor.bytes.size() / size || tensor.bytes.size() % size != 0)
    source.fail(ErrorCode::shape, tensor.name,
                "as many numbers of type " + std::string(name(tensor.dtype)) + " as its shape says",
                std::to_string(tensor.bytes.size()) + " bytes");
  if (!may_stand_for(tensor.dtype, wanted))
    source.fail(ErrorCode::format, tensor.name, std::string(name(wanted)) + " or what is narrower",
                std::string(name(tensor.dtype)));
  if (wanted == DType::BOOL)
    for (const std::byte value : tensor.bytes)
      if (std::to_integer<unsigned>(value) > 1)
        source.fail(ErrorCode::format, tensor.name, "0 or 1",
                    std::to_string(std::to_integer<unsigned>(value)));
}

BODEGA_INLINE void unpack(const StoredTensor& tensor, DType wanted, std::byte* to) noexcept {
  if (tensor.bytes.empty()) return;
  if (tensor.dtype == wanted) {
    std::memcpy(to, tensor.bytes.data(), tensor.bytes.size());
    return;
  }
  const std::size_t step = size_of(tensor.dtype);
  for (std::size_t at = 0; at < tensor.bytes.size(); at += step, to += size_of(wanted)) {
    const std::byte* const from = tensor.bytes.data() + at;
    if (tensor.dtype == DType::F16)
      store_as(to, half_to_float(load_as<std::uint16_t>(from)));
    else
      store_whole(wanted, to, load_whole(tensor.dtype, from));
  }
}

BODEGA_INLINE void check_sides(std::size_t found, const std::string& name, const NumberSink& sink,
                               const TensorSource& source) {
  if (found != sink.sides)
    source.fail(ErrorCode::shape, name, std::to_string(int{sink.sides}) + " sides",
                std::to_string(found));
}

BODEGA_INLINE CodeReader::CodeReader(const StoredTensor& tensor, const TensorSource& source)
    : tensor_(&tensor), source_(&source), decoder_(bytes_of(tensor, source)) {
  sides_.code(decoder_);
  const auto count = sides_.count();
  if (!count || *count == 0 || (*count - 1) / coded::numbers_per_byte >= tensor.bytes.size())
    source.fail(ErrorCode::shape, tensor.name,
                "1 to " + std::to_string(coded::numbers_per_byte) + " numbers a byte",
                std::to_string(sides_.rows) + " x " + std::to_string(sides_.columns) + " in " +
                    std::to_string(tensor.bytes.size()) + " bytes");
}

BODEGA_INLINE std::byte* CodeReader::make_room(const std::string& name,
                                               const NumberSink& sink) const {
  std::vector<std::size_t> shape{static_cast<std::size_t>(sides_.rows),
                                 static_cast<std::size_t>(sides_.columns)};
  if (sink.sides == 1 && shape[0] == 1) shape.erase(shape.begin());
  check_sides(shape.size(), name, sink, *source_);
  return sink.make_room(sink.leaf, shape);
}

BODEGA_INLINE std::span<const std::uint8_t> CodeReader::bytes_of(const StoredTensor& tensor,
                                                                 const TensorSource& source) {
  check_stored(tensor, DType::U8, source);
  return {reinterpret_cast<const std::uint8_t*>(tensor.bytes.data()), tensor.bytes.size()};
}

BODEGA_INLINE void decode_plain(const StoredTensor& tensor, const std::string& name,
                                const NumberSink& sink, const TensorSource& source) {
  check_stored(tensor, sink.dtype, source);
  check_sides(tensor.shape.size(), name, sink, source);
  unpack(tensor, sink.dtype, sink.make_room(sink.leaf, tensor.shape));
}

BODEGA_INLINE void decode_numbers(const StoredTensor& tensor, const std::string& name,
                                  const NumberSink& sink, const TensorSource& source) {
  CodeReader reader(tensor, source);
  std::byte* const to = reader.make_room(name, sink);
  const std::size_t size = size_of(sink.dtype);
  std::vector<std::int64_t> centres;
  coded::numbers(reader.decoder(), reader.sides(), centres, [&](std::size_t i, auto&& number) {
    reader.put(sink.dtype, to + i * size, number(0));
  });
  reader.end();
}

BODEGA_INLINE void decode_runs(const StoredTensor& tensor, const std::string& name,
                               const NumberSink& sink, const TensorSource& source) {
  CodeReader reader(tensor, source);
  std::byte* const to = reader.make_room(name, sink);
  const std::size_t size = size_of(sink.dtype);
  coded::runs(reader.decoder(), reader.count(), [&](std::size_t i, auto&& number) {
    reader.put(sink.dtype, to + i * size, number(0));
  });
  reader.end();
}

BODEGA_INLINE void decode_masked(const StoredTensor& mask, const std::string& name,
                                 const NumberSink& sink, const TensorSource& source) {
  const StoredTensor* const stored = source.find(name + ".nonzero");
  if (stored == nullptr)
    source.fail(ErrorCode::missing, name + ".nonzero", "the numbers of the mask", "none");
  check_stored(*stored, sink.dtype, source);
  const std::size_t size = size_of(sink.dtype);
  const std::size_t given = stored->bytes.size() / size_of(stored->dtype);
  std::vector<std::byte> nonzero(given * size);
  unpack(*stored, sink.dtype, nonzero.data());
  CodeReader reader(mask, source);
  std::byte* const to = reader.make_room(name, sink);
  std::size_t used = 0;
  coded::flags(reader.decoder(), reader.count(), [&](std::size_t i, auto&& flag) {
    if (!flag(false)) return;
    if (used < given) std::memcpy(to + i * size, nonzero.data() + used * size, size);
    ++used;
  });
  reader.end();
  if (used != given)
    source.fail(ErrorCode::shape, stored->name,
                std::to_string(used) + " numbers, as the mask tells", std::to_string(given));
}

BODEGA_INLINE void decode_block(const NumberSink& sink, const std::string& name,
                                const TensorSource& source) {
  if (const StoredTensor* const plain = source.find(name))
    return decode_plain(*plain, name, sink, source);
  if (sink.sides > 0 && !sink.is_text) {
    if (const StoredTensor* const code = source.find(name + ".coded"))
      return decode_numbers(*code, name, sink, source);
    if (is_unsigned(sink.dtype))
      if (const StoredTensor* const gaps = source.find(name + ".gaps"))
        return decode_runs(*gaps, name, sink, source);
    if (const StoredTensor* const mask = source.find(name + ".mask"))
      return decode_masked(*mask, name, sink, source);
  }
  source.fail(ErrorCode::missing, name, "this tensor", "none of that name");
}

}  // namespace detail

BODEGA_INLINE std::size_t decoded_bytes(const StoredTensor& tensor) {
  const std::string_view name = tensor.name;
  constexpr std::array<std::string_view, 3> codes{".coded", ".gaps", ".mask"};
  if (tensor.dtype != DType::U8 ||
      std::none_of(codes.begin(), codes.end(), [&](auto code) { return name.ends_with(code); }))
    return tensor.bytes.size();
  ArithmeticDecoder decoder(
      std::span(reinterpret_cast<const std::uint8_t*>(tensor.bytes.data()), tensor.bytes.size()));
  coded::Sides sides;
  sides.code(decoder);
  const auto count = sides.count();
  // More numbers than its bytes can hold: refused when it is decoded, before memory is taken.
  if (!count || *count / coded::numbers_per_byte > tensor.bytes.size()) return tensor.bytes.size();
  return static_cast<std::size_t>(*count) * 4;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
