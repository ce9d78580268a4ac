// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/bundle/header_parser.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/tensor/coding/stored_tensor.hpp>

/// The safetensors container: 8 bytes of header length, a JSON header, the tensors without gaps.
/// Format: https://github.com/huggingface/safetensors#format
namespace bodega::inline BODEGA_ABI {

struct Safetensors {
  Metadata metadata;                  ///< of `__metadata__`, in file order
  std::vector<StoredTensor> tensors;  ///< in the order of their bytes
};

namespace detail {

#if BODEGA_BODIES
/// The format's own limit.
inline constexpr std::size_t longest_header = 100'000'000;

void append_json_string(std::string& json, std::string_view text);
#endif

/// What a header says, checked against `size` bytes of tensors; their bytes are still zeros.
Safetensors laid_out(std::string_view header, std::size_t size, const std::string& where);

}  // namespace detail

/// Length of the JSON header, of a file of `file_size` bytes of which the first eight are given.
/// Error (format) where the file is too short for it or it is longer than the format allows.
std::size_t safetensors_header_size(std::span<const std::byte> first, std::size_t file_size,
                                    const std::string& where);
std::size_t safetensors_header_size(std::span<const std::byte> file, const std::string& where);

/// Reads any safetensors file of the element types that bodega knows, whose header text is given,
/// and `size` bytes of tensors behind it: `read(offset, to)` fills the bytes of one. All of the
/// header is checked before the first is read. Memory: the header and the tensors. Errors: format,
/// duplicate, out_of_range, shape; they name the byte of the header or the tensor.
template <class Read>
Safetensors read_safetensors(std::string_view header, std::size_t size, const std::string& where,
                             Read&& read) {
  Safetensors result = detail::laid_out(header, size, where);
  std::size_t begin = 0;
  for (StoredTensor& tensor : result.tensors) {
    read(begin, std::span(tensor.bytes));
    begin += tensor.bytes.size();
  }
  return result;
}

/// The same of a whole file in memory.
Safetensors read_safetensors(std::span<const std::byte> file, const std::string& where);

/// The order in which tensors are written: by falling element size, then by name. So each begins
/// at a multiple of its element size, and equal content gives equal bytes.
std::vector<const StoredTensor*> file_order(std::span<const StoredTensor> tensors);

/// The bytes of a file: metadata in the given order, then the tensors in `file_order`. Names and
/// keys must be unique.
std::vector<std::byte> write_safetensors(const Metadata& metadata,
                                         std::span<const StoredTensor> tensors);

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE Safetensors laid_out(std::string_view header, std::size_t size,
                                   const std::string& where) {
  Safetensors result;
  std::vector<HeaderParser::Tensor> tensors;
  HeaderParser(header, where).parse(result.metadata, tensors);
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::size_t next = 0;
  for (const auto& tensor : tensors) {
    const std::string at = where + ", tensor " + tensor.name;
    if (tensor.begin != next || tensor.end < tensor.begin)
      throw Error(ErrorCode::format, at, "bytes that begin at " + std::to_string(next),
                  std::to_string(tensor.begin) + " to " + std::to_string(tensor.end));
    if (tensor.end > size)
      throw Error(ErrorCode::format, at, "bytes up to " + std::to_string(tensor.end),
                  "the end of the file after " + std::to_string(size));
    const std::size_t bytes = tensor.end - next, element = size_of(tensor.dtype);
    if (element_count(tensor.shape) != bytes / element || bytes % element != 0)
      throw Error(
          ErrorCode::shape, at,
          "as many numbers of type " + std::string(name(tensor.dtype)) + " as its shape says",
          std::to_string(bytes) + " bytes");
    next = tensor.end;
  }
  if (next != size)
    throw Error(ErrorCode::format, where,
                "the end of the file after " + std::to_string(next) + " bytes of tensors",
                std::to_string(size) + " bytes");
  for (auto& tensor : tensors)
    result.tensors.push_back({std::move(tensor.name), tensor.dtype, std::move(tensor.shape),
                              std::vector<std::byte>(tensor.end - tensor.begin)});
  return result;
}

}  // namespace detail

#endif

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE void append_json_string(std::string& json, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  json += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (byte < 0x20) {
      json += "\\u00";
      json += hex[byte >> 4];
      json += hex[byte & 15];
    } else {
      json += c;
    }
  }
  json += '"';
}

}  // namespace detail

BODEGA_INLINE std::size_t safetensors_header_size(std::span<const std::byte> first,
                                                  std::size_t file_size, const std::string& where) {
  if (first.size() < 8 || file_size < 8)
    throw Error(ErrorCode::format, where + ", header", "at least 8 bytes",
                std::to_string(std::min(first.size(), file_size)));
  std::uint64_t size = 0;
  std::memcpy(&size, first.data(), 8);
  if (size > detail::longest_header || size > file_size - 8)
    throw Error(ErrorCode::format, where + ", header",
                "a header of at most " +
                    std::to_string(std::min(file_size - 8, detail::longest_header)) + " bytes",
                "one of " + std::to_string(size));
  return static_cast<std::size_t>(size);
}

BODEGA_INLINE std::size_t safetensors_header_size(std::span<const std::byte> file,
                                                  const std::string& where) {
  return safetensors_header_size(file, file.size(), where);
}

BODEGA_INLINE Safetensors read_safetensors(std::span<const std::byte> file,
                                           const std::string& where) {
  const std::size_t header_size = safetensors_header_size(file, where);
  const std::string_view header(reinterpret_cast<const char*>(file.data()) + 8, header_size);
  const auto data = file.subspan(8 + header_size);
  return read_safetensors(header, data.size(), where,
                          [&](std::size_t offset, std::span<std::byte> to) {
                            if (!to.empty())
                              std::memcpy(to.data(), data.data() + offset, to.size());
                          });
}

BODEGA_INLINE std::vector<const StoredTensor*> file_order(std::span<const StoredTensor> tensors) {
  std::vector<const StoredTensor*> order;
  for (const StoredTensor& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const StoredTensor* a, const StoredTensor* b) {
    const std::size_t a_size = size_of(a->dtype), b_size = size_of(b->dtype);
    return a_size > b_size || (a_size == b_size && a->name < b->name);
  });
  return order;
}

BODEGA_INLINE std::vector<std::byte> write_safetensors(const Metadata& metadata,
                                                       std::span<const StoredTensor> tensors) {
  const auto order = file_order(tensors);
  std::string header = "{\"__metadata__\":{";
  for (const auto& [key, value] : metadata) {
    if (header.back() != '{') header += ',';
    detail::append_json_string(header, key);
    header += ':';
    detail::append_json_string(header, value);
  }
  header += '}';
  std::size_t begin = 0;
  for (const StoredTensor* tensor : order) {
    header += ',';
    detail::append_json_string(header, tensor->name);
    header += ":{\"dtype\":\"";
    header += name(tensor->dtype);
    header += "\",\"shape\":[";
    for (const std::size_t side : tensor->shape) {
      if (header.back() != '[') header += ',';
      header += std::to_string(side);
    }
    const std::size_t end = begin + tensor->bytes.size();
    header += "],\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(end) + "]}";
    begin = end;
  }
  header += '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::vector<std::byte> file(8 + header.size());
  const std::uint64_t size = header.size();
  std::memcpy(file.data(), &size, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  file.reserve(file.size() + begin);
  for (const StoredTensor* tensor : order)
    file.insert(file.end(), tensor->bytes.begin(), tensor->bytes.end());
  return file;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
