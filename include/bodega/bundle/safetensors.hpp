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

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/tensor/coding/stored_tensor.hpp>

/// The safetensors container: 8 bytes of header length, a JSON header, the tensors without gaps.
/// Format: https://github.com/huggingface/safetensors#format
///
/// The header is JSON of one fixed form, read by the strict parser below: with nlohmann-json every
/// file that includes a till compiled 4.9 s instead of 2.6 s (GCC 12, -O2) and needed one package
/// more. The tests hold the parser against nlohmann-json.
namespace bodega::inline BODEGA_ABI {

using Metadata = std::vector<std::pair<std::string, std::string>>;

struct Safetensors {
  Metadata metadata;                  ///< of `__metadata__`, in file order
  std::vector<StoredTensor> tensors;  ///< in the order of their bytes
};

namespace detail {

/// The format's own limit.
inline constexpr std::size_t longest_header = 100'000'000;

/// Reads the JSON of a header. Errors (format, duplicate, out_of_range) name the byte. Text beyond
/// ASCII is taken as it stands.
class HeaderParser {
 public:
  struct Tensor {
    std::string name;
    DType dtype = DType::U8;
    std::vector<std::size_t> shape;
    std::size_t begin = 0, end = 0;
  };

  HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  void parse(Metadata& metadata, std::vector<Tensor>& tensors) {
    if (!text_.starts_with('{')) fail("'{'");
    object([&](std::string name) {
      if (name == "__metadata__")
        object([&](std::string key) { metadata.emplace_back(std::move(key), string()); });
      else
        tensors.push_back(tensor(std::move(name)));
    });
    skip_space();
    if (at_ != text_.size()) fail("nothing but spaces after the header");
  }

 private:
  [[noreturn]] void fail(const std::string& expected, ErrorCode code = ErrorCode::format) const {
    const bool ended = at_ >= text_.size();
    throw Error(code, where_ + ", header, byte " + std::to_string(8 + at_), expected,
                ended ? "the end of the header"
                      : "byte " + std::to_string(static_cast<unsigned char>(text_[at_])));
  }

  char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() noexcept {
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
  }

  bool accept(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!accept(c)) fail(std::string("'") + c + "'");
  }

  /// Calls `member(key)` where the value of each key stands. Error (duplicate) for a key again.
  template <class Member>
  void object(Member&& member) {
    std::vector<std::string> keys;
    expect('{');
    if (accept('}')) return;
    do {
      keys.push_back(string());
      expect(':');
      member(std::string(keys.back()));
    } while (accept(','));
    expect('}');
    // Sorted and not hashed: no choice of keys makes this slow.
    std::sort(keys.begin(), keys.end());
    if (const auto twice = std::adjacent_find(keys.begin(), keys.end()); twice != keys.end())
      throw Error(ErrorCode::duplicate, where_ + ", header", "one \"" + *twice + "\"", "two");
  }

  template <class Element>
  void array(Element&& element) {
    expect('[');
    if (accept(']')) return;
    do element();
    while (accept(','));
    expect(']');
  }

  std::size_t number() {
    skip_space();
    const std::size_t first = at_;
    std::size_t value = 0;
    for (; peek() >= '0' && peek() <= '9'; ++at_) {
      const auto digit = static_cast<std::size_t>(peek() - '0');
      if (value > (std::numeric_limits<std::size_t>::max() - digit) / 10)
        fail("a number that fits in memory", ErrorCode::out_of_range);
      value = value * 10 + digit;
    }
    if (at_ == first || (text_[first] == '0' && at_ > first + 1)) fail("a whole number");
    return value;
  }

  std::string string() {
    expect('"');
    std::string value;
    for (; peek() != '"'; ++at_) {
      if (static_cast<unsigned char>(peek()) < 0x20) fail("a string's next character");
      if (peek() == '\\')
        escape(value);
      else
        value += peek();
    }
    ++at_;
    return value;
  }

  /// At a backslash; leaves `at_` on the last character of the escape.
  void escape(std::string& value) {
    ++at_;
    constexpr std::string_view codes = "\"\\/bfnrt", characters = "\"\\/\b\f\n\r\t";
    if (const auto code = codes.find(peek()); code != std::string_view::npos && peek() != '\0') {
      value += characters[code];
      return;
    }
    if (peek() != 'u') fail("an escape");
    std::uint32_t point = hex4();
    if (point >= 0xD800 && point < 0xDC00) {  // the first half of a UTF-16 pair
      if (!text_.substr(at_ + 1).starts_with("\\u")) fail("the second half of a character");
      at_ += 2;
      const std::uint32_t low = hex4();
      if (low < 0xDC00 || low > 0xDFFF) fail("the second half of a character");
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    } else if (point >= 0xDC00 && point < 0xE000) {
      fail("the first half of a character");
    }
    const auto add = [&](std::uint32_t byte) { value += static_cast<char>(byte); };
    if (point < 0x80) {
      add(point);
    } else {
      if (point < 0x800) {
        add(0xC0 | point >> 6);
      } else {
        if (point < 0x10000) {
          add(0xE0 | point >> 12);
        } else {
          add(0xF0 | point >> 18);
          add(0x80 | (point >> 12 & 0x3F));
        }
        add(0x80 | (point >> 6 & 0x3F));
      }
      add(0x80 | (point & 0x3F));
    }
  }

  std::uint32_t hex4() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      const char c = peek();
      const bool decimal = c >= '0' && c <= '9';
      const char letter = static_cast<char>(c | 0x20);
      if (!decimal && !(letter >= 'a' && letter <= 'f')) fail("four hexadecimal digits");
      value = value * 16 + static_cast<std::uint32_t>(decimal ? c - '0' : letter - 'a' + 10);
    }
    return value;
  }

  Tensor tensor(std::string name) {
    Tensor result;
    int members = 0;
    object([&](const std::string& key) {
      ++members;
      if (key == "dtype") {
        const std::string type = string();
        const auto known = parse_dtype(type);
        if (!known)
          throw Error(ErrorCode::format, where_ + ", tensor " + name,
                      "an element type that bodega reads", "\"" + type + "\"");
        result.dtype = *known;
      } else if (key == "shape") {
        array([&] { result.shape.push_back(number()); });
      } else if (key == "data_offsets") {
        std::vector<std::size_t> offsets;
        array([&] { offsets.push_back(number()); });
        if (offsets.size() != 2)
          throw Error(ErrorCode::format, where_ + ", tensor " + name, "two data_offsets",
                      std::to_string(offsets.size()));
        result.begin = offsets[0];
        result.end = offsets[1];
      } else {
        fail("\"dtype\", \"shape\" or \"data_offsets\" of tensor " + name + " before this");
      }
    });
    if (members != 3)
      throw Error(ErrorCode::format, where_ + ", tensor " + name, "dtype, shape and data_offsets",
                  std::to_string(members) + " of them");
    result.name = std::move(name);
    return result;
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
};

inline void append_json_string(std::string& json, std::string_view text) {
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

/// Length of the JSON header, of a file of `file_size` bytes of which the first eight are given.
/// Error (format) where the file is too short for it or it is longer than the format allows.
inline std::size_t safetensors_header_size(std::span<const std::byte> first, std::size_t file_size,
                                           const std::string& where) {
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
inline std::size_t safetensors_header_size(std::span<const std::byte> file,
                                           const std::string& where) {
  return safetensors_header_size(file, file.size(), where);
}

/// Reads any safetensors file of the element types that bodega knows, whose header text is given,
/// and `size` bytes of tensors behind it: `read(offset, to)` fills the bytes of one. All of the
/// header is checked before the first is read. Memory: the header and the tensors. Errors: format,
/// duplicate, out_of_range, shape; they name the byte of the header or the tensor.
template <class Read>
Safetensors read_safetensors(std::string_view header, std::size_t size, const std::string& where,
                             Read&& read) {
  Safetensors result;
  std::vector<detail::HeaderParser::Tensor> tensors;
  detail::HeaderParser(header, where).parse(result.metadata, tensors);
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
    if (detail::element_count(tensor.shape) != bytes / element || bytes % element != 0)
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
  for (auto& tensor : tensors) {
    result.tensors.push_back({std::move(tensor.name), tensor.dtype, std::move(tensor.shape),
                              std::vector<std::byte>(tensor.end - tensor.begin)});
    read(tensor.begin, std::span(result.tensors.back().bytes));
  }
  return result;
}

/// The same of a whole file in memory.
inline Safetensors read_safetensors(std::span<const std::byte> file, const std::string& where) {
  const std::size_t header_size = safetensors_header_size(file, where);
  const std::string_view header(reinterpret_cast<const char*>(file.data()) + 8, header_size);
  const auto data = file.subspan(8 + header_size);
  return read_safetensors(header, data.size(), where,
                          [&](std::size_t offset, std::span<std::byte> to) {
                            if (!to.empty())
                              std::memcpy(to.data(), data.data() + offset, to.size());
                          });
}

/// The order in which tensors are written: by falling element size, then by name. So each begins
/// at a multiple of its element size, and equal content gives equal bytes.
inline std::vector<const StoredTensor*> file_order(std::span<const StoredTensor> tensors) {
  std::vector<const StoredTensor*> order;
  for (const StoredTensor& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const StoredTensor* a, const StoredTensor* b) {
    const std::size_t a_size = size_of(a->dtype), b_size = size_of(b->dtype);
    return a_size > b_size || (a_size == b_size && a->name < b->name);
  });
  return order;
}

/// The bytes of a file: metadata in the given order, then the tensors in `file_order`. Names and
/// keys must be unique.
inline std::vector<std::byte> write_safetensors(const Metadata& metadata,
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

}  // namespace bodega::inline BODEGA_ABI
