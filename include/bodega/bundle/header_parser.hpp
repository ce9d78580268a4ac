// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/tensor/coding/stored_tensor.hpp>

namespace bodega::inline BODEGA_ABI {

/// Pairs of key and value, of a file's `__metadata__`.
using Metadata = std::vector<std::pair<std::string, std::string>>;

#if BODEGA_BODIES

namespace detail {

/// Reads the JSON of a safetensors header, which has one fixed form. Errors (format, duplicate,
/// out_of_range) name the byte. Text beyond ASCII is taken as it stands. With nlohmann-json every
/// file that includes a till compiled 4.9 s instead of 2.6 s (GCC 12, -O2) and needed one package
/// more; the tests hold the two against each other.
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

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
