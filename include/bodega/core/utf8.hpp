// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// A letter, digit or sign of a UTF-8 text, and how many bytes it takes there.
struct CodePoint {
  static constexpr char32_t none = 0xFFFFFFFF;

  char32_t value = none;  ///< `none` for a byte that is no UTF-8
  std::size_t bytes = 0;

  constexpr bool valid() const noexcept { return value != none; }
};

/// Says whether all bytes are ASCII.
bool is_ascii(std::string_view text) noexcept;

/// Returns the code point that begins at `at`; for a byte that begins none (half of a letter, an
/// overlong form, a surrogate) the value `none` and one byte. Precondition: `at` is below the size.
constexpr CodePoint decode_utf8(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t k) { return static_cast<std::uint8_t>(text[at + k]); };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead < 0xC2   ? 0
                            : lead < 0xE0 ? 2
                            : lead < 0xF0 ? 3
                            : lead < 0xF5 ? 4
                                          : 0;
  if (bytes == 0 || bytes > text.size() - at) return {CodePoint::none, 1};
  std::uint32_t value = lead & (0x7Fu >> bytes);
  for (std::size_t k = 1; k < bytes; ++k) {
    if ((byte(k) & 0xC0) != 0x80) return {CodePoint::none, 1};
    value = value << 6 | (byte(k) & 0x3Fu);
  }
  const bool least = value >= (bytes == 2 ? 0x80u : bytes == 3 ? 0x800u : 0x10000u);
  if (!least || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
    return {CodePoint::none, 1};
  return {value, bytes};
}

/// Writes a code point as one to four bytes; returns how many.
constexpr std::size_t encode_utf8(char32_t value, char (&bytes)[4]) noexcept {
  const std::size_t count = value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4;
  for (std::size_t k = count; k-- > 1; value >>= 6)
    bytes[k] = static_cast<char>(0x80 | (value & 0x3F));
  bytes[0] = static_cast<char>(count == 1 ? value : (0xF00u >> count & 0xFF) | value);
  return count;
}

/// Appends a code point. Allocates nothing where `text` has room for four bytes more.
inline void append_utf8(std::string& text, char32_t value) {
  char bytes[4] = {};
  text.append(bytes, encode_utf8(value, bytes));
}

/// Returns a text of Windows-1252 (Latin-1 and some signs) as UTF-8; the five bytes without a
/// meaning there become the replacement character.
std::string from_windows_1252(std::string_view text);

/// Says whether a code point acts on a screen rather than being shown: control characters, line and
/// paragraph separators, and what turns the direction of writing.
constexpr bool is_control(char32_t value) noexcept {
  return value < 0x20 || (value >= 0x7F && value < 0xA0) || value == 0x2028 || value == 0x2029 ||
         (value >= 0x202A && value <= 0x202E) || (value >= 0x2066 && value <= 0x2069);
}

/// Says whether a code point shows nothing: blanks of every kind, the one that does not break among
/// them, line ends, signs without width and the byte order mark.
constexpr bool is_blank(char32_t value) noexcept {
  return value == 0x20 || (value >= 9 && value <= 13) || value == 0x85 || value == 0xA0 ||
         value == 0xAD || value == 0x1680 || value == 0x180E ||
         (value >= 0x2000 && value <= 0x200F) || value == 0x2028 || value == 0x2029 ||
         value == 0x202F || value == 0x205F || value == 0x2060 || value == 0x3000 ||
         value == 0xFEFF;
}

/// Returns the text without what `is_blank` at its ends.
constexpr std::string_view trimmed(std::string_view text) noexcept {
  std::size_t begin = text.size(), end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint letter = decode_utf8(text, at);
    if (!is_blank(letter.value)) {
      begin = begin < at ? begin : at;
      end = at + letter.bytes;
    }
    at += letter.bytes;
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

/// Says whether a text may go to a screen or a log as it is: valid UTF-8 without control
/// characters.
constexpr bool is_printable(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint letter = decode_utf8(text, at);
    if (!letter.valid() || is_control(letter.value)) return false;
    at += letter.bytes;
  }
  return true;
}

/// Returns the text as it may go to a screen or a log, in about `max_bytes` bytes: bytes that are
/// no UTF-8 as "\xFF", control characters as "\n" or "\u{1B}", and of a long text its beginning and
/// its end with what is left out counted. What is printable and short enough comes back unchanged.
std::string printable(std::string_view text, std::size_t max_bytes = 400);

#if BODEGA_BODIES

BODEGA_INLINE bool is_ascii(std::string_view text) noexcept {
  std::size_t at = 0;
  std::uint64_t seen = 0;
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    seen |= word;
  }
  for (; at < text.size(); ++at) seen |= static_cast<std::uint8_t>(text[at]);
  return (seen & 0x8080808080808080u) == 0;
}

BODEGA_INLINE std::string from_windows_1252(std::string_view text) {
  static constexpr char16_t signs[32] = {
      0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
      0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    append_utf8(result, byte >= 0x80 && byte < 0xA0 ? signs[byte - 0x80] : char32_t{byte});
  }
  return result;
}

BODEGA_INLINE std::string printable(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes && is_printable(text)) return std::string(text);
  const auto hex = [](std::string& to, std::uint32_t value, unsigned least_digits) {
    for (unsigned digits = 8; digits > 0; --digits)
      if (digits <= least_digits || value >> (4 * (digits - 1)) != 0)
        to += "0123456789ABCDEF"[value >> (4 * (digits - 1)) & 0xF];
  };
  const auto append = [&](std::string& to, const CodePoint& letter, std::size_t at) {
    if (!letter.valid()) {
      to += "\\x";
      hex(to, static_cast<std::uint8_t>(text[at]), 2);
    } else if (letter.value == '\n' || letter.value == '\r' || letter.value == '\t') {
      to += letter.value == '\n' ? "\\n" : letter.value == '\r' ? "\\r" : "\\t";
    } else if (is_control(letter.value)) {
      to += "\\u{";
      hex(to, letter.value, 2);
      to += '}';
    } else {
      to += text.substr(at, letter.bytes);
    }
  };
  // Two thirds from the beginning; the rest of the room for the end, and for the count between.
  std::string shown;
  std::size_t at = 0, end_of_beginning = 0, beginning = 0;
  for (; at < text.size() && shown.size() <= max_bytes;) {
    const CodePoint letter = decode_utf8(text, at);
    append(shown, letter, at);
    at += letter.bytes;
    if (shown.size() <= max_bytes / 3 * 2) {
      beginning = shown.size();
      end_of_beginning = at;
    }
  }
  if (shown.size() <= max_bytes) return shown;
  shown.resize(beginning);
  // Escapes are up to eight times as long as what they stand for.
  std::string tail;
  std::size_t from = text.size();
  while (from > end_of_beginning) {
    std::size_t before = from - 1;
    for (std::size_t k = 1; k <= 4 && k <= from - end_of_beginning; ++k)
      if (const CodePoint letter = decode_utf8(text, from - k); letter.valid() && letter.bytes == k)
        before = from - k;
    std::string letter;
    append(letter, decode_utf8(text, before), before);
    if (letter.size() + tail.size() > max_bytes / 6) break;
    tail.insert(0, letter);
    from = before;
  }
  return shown + "... (" + std::to_string(from - end_of_beginning) + " bytes left out) ..." + tail;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
