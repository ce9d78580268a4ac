// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/data/code_buffer.hpp>
#include <bodega/data/gtin.hpp>
#include <bodega/text/fold.hpp>
#include <bodega/text/upper_case.hpp>

/// The steps by which the spellings of a code become one.
namespace bodega::inline BODEGA_ABI {

/// One step by which a code becomes the one spelling that is used. A bundle holds the numbers, so
/// they never change.
enum class CodeRule : std::uint8_t {
  trimmed = 0,             ///< blanks of every kind and signs without width at both ends go
  upper_case_trimmed = 1,  ///< and letters are capitals by Unicode's rules
  folded = 2,              ///< as texts are for search: "Café-12 " is "cafe 12"
  whole_number = 3,        ///< `whole_number`: "17850.0" is "17850"
  gtin = 4,                ///< `gtin`: one of the spellings of an article number
  without_zeros = 5,       ///< "00042" is "42"
  joined = 6,              ///< blanks and dashes go: "0-36000 29145-2" is "036000291452"
  without_symbology = 7,   ///< what scanners put in front: "]E00036000291452" is "0036000291452"
};

constexpr auto enum_names(CodeRule) noexcept {
  using enum CodeRule;
  return std::to_array<EnumName<CodeRule>>({{trimmed, "trimmed"},
                                            {upper_case_trimmed, "upper_case_trimmed"},
                                            {folded, "folded"},
                                            {whole_number, "whole_number"},
                                            {gtin, "gtin"},
                                            {without_zeros, "without_zeros"},
                                            {joined, "joined"},
                                            {without_symbology, "without_symbology"}});
}

namespace detail {

void upper_case(CodeBuffer& code) noexcept;

#if BODEGA_BODIES
void fold_code(CodeBuffer& code) noexcept;

void join_code(CodeBuffer& code) noexcept;
#endif

}  // namespace detail

/// Changes a code by a rule. A code that would become longer than a `CodeBuffer` stays as it is.
void apply(CodeRule rule, CodeBuffer& code) noexcept;

/// Whether two texts are the same but for the case of ASCII letters.
bool same_but_case(std::string_view a, std::string_view b) noexcept;

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE void upper_case(CodeBuffer& code) noexcept {
  const std::string_view text = trimmed(code.text());
  CodeBuffer upper;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint letter = decode_utf8(text, at);
    char bytes[4] = {};
    const std::size_t size =
        letter.valid() ? encode_utf8(bodega::upper_case(letter.value), bytes) : 0;
    if (!upper.append(size > 0 ? std::string_view(bytes, size) : text.substr(at, letter.bytes)))
      return;
    at += letter.bytes;
  }
  code.assign(upper.text());
}

BODEGA_INLINE void fold_code(CodeBuffer& code) noexcept {
  struct Sink {
    CodeBuffer folded;
    bool gap_before = false, fits = true;
    void put(std::string_view letters, Script) noexcept {
      if (gap_before && folded.size() > 0) fits = fits && folded.append(' ');
      gap_before = false;
      fits = fits && folded.append(letters);
    }
    void left_out(char32_t) noexcept {}
    void gap() noexcept { gap_before = true; }
  } sink;
  fold(code.text(), sink);
  if (sink.fits) code.assign(sink.folded.text());
}

BODEGA_INLINE void join_code(CodeBuffer& code) noexcept {
  const std::string_view text = code.text();
  CodeBuffer joined;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint letter = decode_utf8(text, at);
    const bool dash = letter.value == '-' || (letter.value >= 0x2010 && letter.value <= 0x2015);
    if (!dash && !is_blank(letter.value)) joined.append(text.substr(at, letter.bytes));
    at += letter.bytes;
  }
  code.assign(joined.text());
}

}  // namespace detail

BODEGA_INLINE void apply(CodeRule rule, CodeBuffer& code) noexcept {
  const auto keep = [&](std::string_view part) { code.assign(part); };
  keep(trimmed(code.text()));
  const std::string_view text = code.text();
  switch (rule) {
    case CodeRule::trimmed:
      return;
    case CodeRule::upper_case_trimmed:
      return detail::upper_case(code);
    case CodeRule::folded:
      return detail::fold_code(code);
    case CodeRule::whole_number:
      return whole_number(code);
    case CodeRule::gtin:
      return gtin(code);
    case CodeRule::without_zeros:
      return keep(text.substr(
          std::min(text.find_first_not_of('0'), std::max<std::size_t>(text.size(), 1) - 1)));
    case CodeRule::joined:
      return detail::join_code(code);
    case CodeRule::without_symbology: {
      const auto is = [&](std::size_t i, char from, char to) {
        return text[i] >= from && text[i] <= to;
      };
      if (text.size() > 3 && text[0] == ']' && (is(1, 'a', 'z') || is(1, 'A', 'Z')) &&
          (is(2, '0', '9') || is(2, 'a', 'z') || is(2, 'A', 'Z')))
        keep(text.substr(3));
      return;
    }
  }
}

BODEGA_INLINE bool same_but_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
