// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/spellings.hpp>

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
/// no whole number, or has lost digits, stays as it is.
inline void whole_number(std::string& code) {
  std::string_view text = trimmed(code);
  while (text.starts_with('\'')) text = trimmed(text.substr(1));
  std::string digits;
  std::size_t point = std::string::npos, at = 0;
  for (; at < text.size() && (text[at] == '.' || (text[at] >= '0' && text[at] <= '9')); ++at) {
    if (text[at] != '.') {
      digits += text[at];
    } else if (point == std::string::npos && at > 0) {
      point = at;
    } else {
      break;
    }
  }
  if (point == std::string::npos) point = digits.size();
  std::size_t exponent = 0;
  // Spreadsheets write the plus; "12E0" is a shop's own code.
  const std::string_view mark = at < text.size() ? text.substr(at, 2) : std::string_view();
  if (!digits.empty() && (mark == "E+" || mark == "e+")) {
    const std::string_view power = text.substr(at + 2);
    at = power.empty() || power.size() > 2 ? 0 : text.size();
    for (const char c : power) {
      if (c < '0' || c > '9') at = 0;
      exponent = exponent * 10 + static_cast<std::size_t>(c - '0');
    }
  }
  const std::size_t whole = point + exponent;
  // Digits behind the number must be zeros, and none may be missing.
  const bool exact = at == text.size() && !digits.empty() && whole <= digits.size() &&
                     digits.find_first_not_of('0', whole) == std::string::npos;
  code = exact ? digits.substr(0, whole) : std::string(text);
}

/// The one spelling of an article number: GTIN-8, UPC-A, EAN-13 and GTIN-14, with zeros in front or
/// without, are 13 digits, or 14 if the first of 14 is not 0. Spreadsheets' spellings are read by
/// `whole_number`. A code whose check digit is wrong, of fewer than seven digits but for zeros in
/// front, or of anything but digits is a shop's own and stays as it is, without blanks at its ends.
inline void gtin(std::string& code) {
  whole_number(code);
  const std::size_t first = code.find_first_not_of('0');
  if (first == std::string::npos || code.find_first_not_of("0123456789") != std::string::npos)
    return;
  const std::string digits = code.substr(first);
  if (digits.size() < 7 || digits.size() > 14) return;
  if (gtin_check_digit(std::string_view(digits).substr(0, digits.size() - 1)) != digits.back())
    return;
  code = digits.size() == 14 ? digits : std::string(13 - digits.size(), '0') + digits;
}

/// A scheme of codes that a scale prints, with the weight or the price in them, written as its
/// digits: "21IIIIIWWWWWC" is 21, five digits of the item, the weight with `places` decimal places,
/// and the check digit. P instead of W is the price, V a check digit of the weight or price. Check
/// digits are not looked at: scales print them as they like.
struct VariableWeight {
  std::string pattern;
  int places = 3;  ///< of W or P

  /// Throws Error(invalid_argument) if the pattern is not such a scheme.
  void validate() const {
    bool item = false, amount = false, known = !pattern.empty();
    for (const char c : pattern) {
      item = item || c == 'I';
      amount = amount || c == 'W' || c == 'P';
      known = known && ((c >= '0' && c <= '9') ||
                        std::string_view("IWPVC").find(c) != std::string_view::npos);
    }
    const bool both = pattern.find('W') != pattern.npos && pattern.find('P') != pattern.npos;
    if (!known || !item || !amount || both || places < 0 ||
        places > (pattern.find('P') != pattern.npos ? 4 : 3) ||
        pattern.find('C') < pattern.size() - 1)
      throw Error(
          ErrorCode::invalid_argument, "option variable_weight",
          "a pattern such as 21IIIIIWWWWWC, of a weight with 0 to 3 places or a price with 0 to 4",
          "'" + pattern + "' with " + std::to_string(places) + " places");
  }

  /// What a code says: the item's own code, with zeros for the weight or price, and the amount.
  struct Read {
    std::string item;
    std::optional<Quantity> weight = {};
    std::optional<Money> price = {};
  };

  /// Nothing if the code is not of this scheme or its check digit is wrong. Precondition:
  /// validated.
  std::optional<Read> read(std::string_view code) const {
    if (code.size() != pattern.size()) return std::nullopt;
    Read result;
    std::int64_t amount = 0;
    bool is_price = false;
    for (std::size_t i = 0; i < code.size(); ++i) {
      const char kind = pattern[i], digit = code[i];
      if (digit < '0' || digit > '9') return std::nullopt;
      if (kind >= '0' && kind <= '9' && digit != kind) return std::nullopt;
      const bool of_amount = kind == 'W' || kind == 'P';
      if (of_amount) amount = amount * 10 + (digit - '0');
      is_price = is_price || kind == 'P';
      if (kind == 'C') {
        result.item += gtin_check_digit(result.item);
      } else {
        result.item += of_amount || kind == 'V' ? '0' : digit;
      }
    }
    std::int64_t scale = is_price ? Money::scale : Quantity::scale;
    for (int p = 0; p < places; ++p) scale /= 10;
    if (is_price) {
      result.price = Money::from_raw(amount * scale);
    } else {
      result.weight = Quantity::from_raw(amount * scale);
    }
    return result;
  }
};

}  // namespace bodega::inline BODEGA_ABI
