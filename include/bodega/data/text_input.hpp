// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/utf8.hpp>

namespace bodega::inline BODEGA_ABI {

/// How the letters of a file are written.
enum class TextEncoding { utf8, utf16_little_endian, utf16_big_endian };

namespace detail {

/// Names what a file is that begins with these bytes, if it is no lines of text; else empty.
std::string_view not_text(std::string_view begin) noexcept;

}  // namespace detail

/// The text of a stream as UTF-8, block by block. A byte order mark is taken away; UTF-16 is told
/// by its mark, or by its zero bytes. Bytes that are no UTF-8 are passed on as they are.
class TextInput {
 public:
  /// `name` is what errors call the input. Borrows the stream.
  TextInput(std::istream& in, std::string name) : in_(in), name_(std::move(name)) {}

  /// Appends the next block to `text`; false at the end. Throws Error(format) if the input is no
  /// text, naming what it is, and Error(io) if it cannot be read.
  bool append_block(std::string& text);

  const std::string& name() const noexcept { return name_; }
  TextEncoding encoding() const noexcept { return encoding_; }
  /// Bytes of the input that have been read.
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  /// Tells the encoding by the first block, and takes the mark away.
  void begin(std::string& text, std::size_t at);

  /// Turns what stands from `at` on from UTF-16 into UTF-8. A unit that is cut by the end of the
  /// block, and half of a pair, wait for the next one.
  void recode(std::string& text, std::size_t at);

  std::istream& in_;
  std::string name_;
  TextEncoding encoding_ = TextEncoding::utf8;
  bool begun_ = false;
  std::size_t bytes_ = 0;
  std::string cut_;  // of UTF-16: what waits for the next block
};

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE std::string_view not_text(std::string_view begin) noexcept {
  struct Signature {
    std::string_view bytes, name;
  };
  static constexpr Signature signatures[] = {
      {"\x1F\x8B", "a gzip file; unpack it first"},
      {"PK\x03\x04", "a spreadsheet (xlsx, ods) or another zip file; save it as CSV"},
      {"\xD0\xCF\x11\xE0", "a spreadsheet (xls); save it as CSV"},
      {"\x28\xB5\x2F\xFD", "a zstd file; unpack it first"},
      {"BZh", "a bzip2 file; unpack it first"},
      {"\xFD\x37\x7A\x58\x5A", "an xz file; unpack it first"},
      {"%PDF-", "a PDF"},
      {"PAR1", "a Parquet file"},
      {"SQLite format 3", "an SQLite database"}};
  for (const Signature& signature : signatures)
    if (begin.starts_with(signature.bytes)) return signature.name;
  begin.remove_prefix(std::min(begin.find_first_not_of(" \t\r\n"), begin.size()));
  if (begin.starts_with("{\"") || begin.starts_with("[{")) return "JSON";
  for (const std::string_view page : {"<?xml", "<!doctype", "<html"}) {
    std::size_t same = 0;
    while (same < std::min(page.size(), begin.size()) &&
           (begin[same] | 0x20) == (page[same] | 0x20))
      ++same;
    if (same == page.size()) return "a page or another file of XML or HTML";
  }
  if (begin.find('\0') != begin.npos) return "zero bytes, as in a file that is no text";
  return {};
}

}  // namespace detail

BODEGA_INLINE bool TextInput::append_block(std::string& text) {
  constexpr std::size_t block = std::size_t{1} << 16;
  if (!in_.good()) return false;
  const std::size_t size = text.size();
  text.resize(size + block);
  in_.read(text.data() + size, static_cast<std::streamsize>(block));
  text.resize(size + static_cast<std::size_t>(in_.gcount()));
  if (in_.bad()) throw Error(ErrorCode::io, name_, "a stream to read", "a read error");
  bytes_ += text.size() - size;
  if (!begun_) {
    begun_ = true;
    begin(text, size);
  }
  if (encoding_ != TextEncoding::utf8) recode(text, size);
  return text.size() > size || in_.good();
}

BODEGA_INLINE void TextInput::begin(std::string& text, std::size_t at) {
  const std::string_view block = std::string_view(text).substr(at);
  std::size_t mark = 0;
  if (block.starts_with("\xEF\xBB\xBF")) {
    mark = 3;
  } else if (block.starts_with("\xFF\xFE")) {
    mark = 2;
    encoding_ = TextEncoding::utf16_little_endian;
  } else if (block.starts_with("\xFE\xFF")) {
    mark = 2;
    encoding_ = TextEncoding::utf16_big_endian;
  } else if (block.size() >= 4 && (block[0] == 0) != (block[1] == 0) &&
             (block[0] == 0) == (block[2] == 0) && (block[1] == 0) == (block[3] == 0)) {
    encoding_ = block[0] == 0 ? TextEncoding::utf16_big_endian : TextEncoding::utf16_little_endian;
  }
  if (encoding_ == TextEncoding::utf8)
    if (const std::string_view what = detail::not_text(block.substr(mark)); !what.empty())
      throw Error(ErrorCode::format, name_, "lines of text", std::string(what));
  text.erase(at, mark);
}

BODEGA_INLINE void TextInput::recode(std::string& text, std::size_t at) {
  const std::string units = cut_ + text.substr(at);
  text.resize(at);
  const bool little = encoding_ == TextEncoding::utf16_little_endian;
  const auto unit = [&](std::size_t i) {
    const auto low = static_cast<std::uint8_t>(units[i + (little ? 0 : 1)]);
    const auto high = static_cast<std::uint8_t>(units[i + (little ? 1 : 0)]);
    return static_cast<char32_t>(high << 8 | low);
  };
  std::size_t i = 0;
  while (i + 2 <= units.size()) {
    char32_t letter = unit(i);
    std::size_t taken = 2;
    if (letter >= 0xD800 && letter < 0xDC00) {
      if (i + 4 > units.size() && in_.good()) break;
      const char32_t second = i + 4 > units.size() ? 0 : unit(i + 2);
      const bool pair = second >= 0xDC00 && second < 0xE000;
      letter = pair ? 0x10000 + ((letter - 0xD800) << 10) + (second - 0xDC00) : 0xFFFD;
      taken = pair ? 4 : 2;
    } else if (letter == 0 || (letter >= 0xDC00 && letter < 0xE000)) {
      letter = 0xFFFD;
    }
    append_utf8(text, letter);
    i += taken;
  }
  cut_ = units.substr(i);
}

#endif

namespace detail {

/// How much of a stream is left to read; 0 where it cannot say.
inline std::size_t bytes_left(std::istream& in) {
  const auto here = in.tellg();
  if (here < 0) {
    in.clear(in.rdstate() & ~std::ios::failbit);
    return 0;
  }
  in.seekg(0, std::ios::end);
  const auto end = in.tellg();
  in.seekg(here);
  return end > here ? static_cast<std::size_t>(end - here) : 0;
}

}  // namespace detail

}  // namespace bodega::inline BODEGA_ABI
