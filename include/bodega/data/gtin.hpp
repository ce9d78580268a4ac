// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/data/code_buffer.hpp>

namespace bodega::inline BODEGA_ABI {

/// Returns the check digit that belongs behind the digits of an article number (GTIN). Zeros in
/// front change nothing. Precondition: digits alone.
/// Source: GS1 General Specifications, "Check digit calculations".
constexpr char gtin_check_digit(std::string_view digits) noexcept {
  int sum = 0;
  for (std::size_t i = digits.size(), weight = 3; i > 0; --i, weight = 4 - weight)
    sum += static_cast<int>(weight) * (digits[i - 1] - '0');
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

/// A whole number as spreadsheets write it is the number: "36000291452.0" and "3.6000291452E+10"
/// are "36000291452", and so is "'36000291452", the mark of a text. Blanks at both ends go. What is
/// no whole number, or has lost digits, stays as it is. Allocates nothing.
void whole_number(CodeBuffer& code) noexcept;

/// The one spelling of an article number: GTIN-8, UPC-A, EAN-13 and GTIN-14, with zeros in front or
/// without, are 13 digits, or 14 if the first of 14 is not 0. Spreadsheets' spellings are read by
/// `whole_number`. A code whose check digit is wrong, of fewer than seven digits but for zeros in
/// front, or of anything but digits is a shop's own and stays as it is, without blanks at its ends.
/// Allocates nothing.
void gtin(CodeBuffer& code) noexcept;

namespace detail {
/// A rule on a text; one of more bytes than a `CodeBuffer` takes stays as it is.
void change_code(std::string& code, void (*rule)(CodeBuffer&) noexcept);
}  // namespace detail

inline void whole_number(std::string& code) { detail::change_code(code, whole_number); }
inline void gtin(std::string& code) { detail::change_code(code, gtin); }

#if BODEGA_BODIES

BODEGA_INLINE void whole_number(CodeBuffer& code) noexcept {
  std::string_view text = trimmed(code.text());
  while (text.starts_with('\'')) text = trimmed(text.substr(1));
  CodeBuffer digits;
  std::size_t point = std::string_view::npos, at = 0;
  for (; at < text.size() && (text[at] == '.' || (text[at] >= '0' && text[at] <= '9')); ++at) {
    if (text[at] != '.') {
      digits.append(text[at]);
    } else if (point == std::string_view::npos && at > 0) {
      point = at;
    } else {
      break;
    }
  }
  if (point == std::string_view::npos) point = digits.size();
  std::size_t exponent = 0;
  // Spreadsheets write the plus; "12E0" is a shop's own code.
  const std::string_view mark = at < text.size() ? text.substr(at, 2) : std::string_view();
  if (digits.size() > 0 && (mark == "E+" || mark == "e+")) {
    const std::string_view power = text.substr(at + 2);
    at = power.empty() || power.size() > 2 ? 0 : text.size();
    for (const char c : power) {
      if (c < '0' || c > '9') at = 0;
      exponent = exponent * 10 + static_cast<std::size_t>(c - '0');
    }
  }
  const std::size_t whole = point + exponent;
  // Digits behind the number must be zeros, and none may be missing.
  const bool exact = at == text.size() && digits.size() > 0 && whole <= digits.size() &&
                     digits.text().find_first_not_of('0', whole) == std::string_view::npos;
  code.assign(exact ? digits.text().substr(0, whole) : text);
}

BODEGA_INLINE void gtin(CodeBuffer& code) noexcept {
  whole_number(code);
  const std::size_t first = code.text().find_first_not_of('0');
  if (first == std::string_view::npos ||
      code.text().find_first_not_of("0123456789") != std::string_view::npos)
    return;
  const std::string_view digits = code.text().substr(first);
  if (digits.size() < 7 || digits.size() > 14) return;
  if (gtin_check_digit(digits.substr(0, digits.size() - 1)) != digits.back()) return;
  CodeBuffer article;
  if (digits.size() < 14) article.append(std::string_view("0000000").substr(digits.size() - 6));
  article.append(digits);
  code.assign(article.text());
}

namespace detail {

BODEGA_INLINE void change_code(std::string& code, void (*rule)(CodeBuffer&) noexcept) {
  CodeBuffer buffer;
  if (!buffer.assign(code)) return;
  rule(buffer);
  code = buffer.text();
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
