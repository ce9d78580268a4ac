// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>

namespace bodega::inline BODEGA_ABI {

/// Which mark stands before the decimal places.
enum class DecimalMark {
  infer,  ///< told by the whole column
  point,
  comma
};
constexpr auto enum_names(DecimalMark) noexcept {
  using enum DecimalMark;
  return std::to_array<EnumName<DecimalMark>>(
      {{infer, "infer"}, {point, "point"}, {comma, "comma"}});
}

/// What one number says of the decimal mark of its column.
enum class DecimalEvidence {
  none,   ///< it has no mark: "12"
  point,  ///< "0.5", "1,234.5", "1,234,567"
  comma,  ///< "0,5", "1.234,5", "1.234.567"
  either  ///< "1.200" is 1.2 or 1200
};

/// A number as people and programs write it, taken apart: blanks around it, signs of currencies, a
/// minus before or behind or as parentheses, marks and blanks between thousands, an exponent.
/// Reads nothing from a text with anything else in it.
class NumberText {
 public:
  explicit NumberText(std::string_view text) noexcept {
    valid_ = take_apart(text) && place_marks();
  }

  bool valid() const noexcept { return valid_; }
  DecimalEvidence evidence() const noexcept { return evidence_; }

  /// The number with the decimal mark `mark`, times `scale` and rounded half away from zero;
  /// nothing if the text is no such number or the result does not fit. Precondition: `mark` is not
  /// `infer`; `scale` is a power of ten.
  std::optional<std::int64_t> scaled(DecimalMark mark, std::int64_t scale,
                                     bool* rounded = nullptr) const noexcept;

 private:
  static constexpr std::int64_t limit = INT64_MAX / 16;
  static constexpr std::size_t max_digits = 40;

  static bool take(std::string_view& text, std::string_view what) noexcept;
  static bool take_last(std::string_view& text, std::string_view what) noexcept;

  // No-break, figure, thin and narrow no-break spaces as well.
  static constexpr std::array<std::string_view, 6> blanks = {
      " ", "\t", "\xC2\xA0", "\xE2\x80\x87", "\xE2\x80\x89", "\xE2\x80\xAF"};
  static constexpr std::array<std::string_view, 13> currencies = {"$",
                                                                  "\xC2\xA3",
                                                                  "\xC2\xA5",
                                                                  "\xC2\xA2",
                                                                  "\xE2\x82\xAC",
                                                                  "\xE2\x82\xB9",
                                                                  "\xE2\x82\xBD",
                                                                  "\xE2\x82\xA9",
                                                                  "\xE2\x82\xAA",
                                                                  "\xE2\x82\xB4",
                                                                  "\xE2\x82\xBA",
                                                                  "\xE0\xB8\xBF",
                                                                  "R$"};

  static void trim(std::string_view& text) noexcept;

  /// Everything around the digits; false if something is left over.
  bool take_apart(std::string_view text) noexcept;

  bool take_digits(std::string_view text) noexcept;

  bool take_exponent(std::string_view text) noexcept;

  /// Says which marks part thousands, and what the last one may be; false if they make no number.
  bool place_marks() noexcept;

  /// Whether the first `count` marks are of one sign and part `digits` digits as thousands (or the
  /// Indian way, by twos before the last three).
  bool groups(std::size_t count, std::size_t digits) const noexcept;

  struct Mark {
    char sign = 0;
    std::size_t digits_before = 0;
  };
  static constexpr std::size_t max_marks = 12;

  bool valid_ = false, negative_ = false, signed_ = false, has_exponent_ = false;
  int exponent_ = 0;
  std::array<std::int8_t, max_digits> digit_ = {};
  std::size_t digits_ = 0;
  std::array<Mark, max_marks> mark_ = {};
  std::size_t marks_ = 0, digits_before_last_ = 0;
  char last_mark_ = 0;
  DecimalEvidence evidence_ = DecimalEvidence::none;
};

/// Whether a text has a point or a comma.
bool has_mark(std::string_view text) noexcept;

/// The column of a file that holds numbers, and the decimal mark it is read with.
class NumberColumn {
 public:
  explicit NumberColumn(DecimalMark mark = DecimalMark::infer) noexcept : mark_(mark) {}

  /// Learns the mark from a number; true if the number can be read already.
  bool learn(std::string_view text, std::size_t line);

  /// `infer` while no number has told.
  DecimalMark mark() const noexcept { return mark_; }
  /// The line that told the mark, 0 if the caller did.
  std::size_t decided_line() const noexcept { return decided_line_; }
  /// The first number that could not be read, and its line.
  const std::string& ambiguous() const noexcept { return ambiguous_; }
  std::size_t ambiguous_line() const noexcept { return ambiguous_line_; }

  /// The number as a `FixedPoint`, rounded to its places; nothing if it is none.
  template <class Fixed>
  std::optional<Fixed> read(std::string_view text, bool* rounded) const noexcept {
    *rounded = false;
    if (mark_ != DecimalMark::comma || !has_mark(text))
      if (const auto plain = Fixed::parse(text)) return plain;
    const DecimalMark mark = mark_ == DecimalMark::infer ? DecimalMark::point : mark_;
    const auto raw = NumberText(text).scaled(mark, Fixed::scale, rounded);
    if (!raw) return std::nullopt;
    return Fixed::from_raw(*raw);
  }

 private:
  DecimalMark mark_;
  std::size_t decided_line_ = 0, ambiguous_line_ = 0;
  std::string ambiguous_;
};

/// The Error of a column that stays ambiguous: `text` with both its readings.
Error ambiguous_number(std::string where, const std::string& text);

#if BODEGA_BODIES

BODEGA_INLINE std::optional<std::int64_t> NumberText::scaled(DecimalMark mark, std::int64_t scale,
                                                             bool* rounded) const noexcept {
  if (!valid_) return std::nullopt;
  const bool by_point = mark == DecimalMark::point;
  if (evidence_ == (by_point ? DecimalEvidence::comma : DecimalEvidence::point))
    return std::nullopt;
  // Places behind the mark, if it is the decimal one; what else is a mark parts thousands.
  int places = -exponent_;
  if (marks_ > 0 && last_mark_ == (by_point ? '.' : ','))
    places += static_cast<int>(digits_ - digits_before_last_);
  for (std::int64_t s = scale; s > 1; s /= 10) --places;
  std::int64_t value = 0;
  bool lost = false;
  int next = 0;  // the first digit that is dropped
  const int kept = static_cast<int>(digits_) - std::max(places, 0);
  for (int i = 0; i < static_cast<int>(digits_); ++i) {
    const int digit = digit_[static_cast<std::size_t>(i)];
    if (i < kept) {
      if (value > (limit - digit) / 10) return std::nullopt;
      value = value * 10 + digit;
    } else {
      if (i == kept) next = digit;
      lost = lost || digit != 0;
    }
  }
  for (; places < 0; ++places) {
    if (value > limit / 10) return std::nullopt;
    value *= 10;
  }
  if (kept >= 0 && next >= 5) ++value;
  if (rounded != nullptr) *rounded = lost;
  return negative_ ? -value : value;
}

BODEGA_INLINE bool NumberText::take(std::string_view& text, std::string_view what) noexcept {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

BODEGA_INLINE bool NumberText::take_last(std::string_view& text, std::string_view what) noexcept {
  if (!text.ends_with(what)) return false;
  text.remove_suffix(what.size());
  return true;
}

BODEGA_INLINE void NumberText::trim(std::string_view& text) noexcept {
  for (bool more = true; more;) {
    more = false;
    for (const std::string_view blank : blanks)
      more = take(text, blank) || take_last(text, blank) || more;
  }
}

BODEGA_INLINE bool NumberText::take_apart(std::string_view text) noexcept {
  trim(text);
  take(text, "'");  // how a spreadsheet marks a text
  for (bool more = true; more;) {
    more = false;
    trim(text);
    if (!negative_ && text.size() > 2 && text.front() == '(' && text.back() == ')') {
      text = text.substr(1, text.size() - 2);
      negative_ = more = true;
    }
    for (const std::string_view sign : currencies)
      more = take(text, sign) || take_last(text, sign) || more;
    for (const std::string_view minus : {"-", "\xE2\x88\x92"})
      if (!signed_ && (take(text, minus) || take_last(text, minus)))
        negative_ = signed_ = more = true;
    if (!signed_ && take(text, "+")) signed_ = more = true;
  }
  return take_digits(text);
}

BODEGA_INLINE bool NumberText::take_digits(std::string_view text) noexcept {
  while (!text.empty()) {
    const char c = text.front();
    if (c >= '0' && c <= '9') {
      if (digits_ == max_digits) return false;
      digit_[digits_++] = static_cast<std::int8_t>(c - '0');
      text.remove_prefix(1);
    } else if (c == '.' || c == ',') {
      if (marks_ == max_marks) return false;
      mark_[marks_++] = {c, digits_};
      text.remove_prefix(1);
    } else if (c == 'e' || c == 'E') {
      return digits_ > 0 && take_exponent(text.substr(1));
    } else {
      bool part = take(text, "'") || take(text, "\xE2\x80\x99");
      for (const std::string_view blank : blanks) part = part || take(text, blank);
      if (!part || marks_ == max_marks || digits_ == 0) return false;
      mark_[marks_++] = {' ', digits_};
    }
  }
  return digits_ > 0;
}

BODEGA_INLINE bool NumberText::take_exponent(std::string_view text) noexcept {
  const bool below = take(text, "-");
  if (!below) take(text, "+");
  if (text.empty() || text.size() > 3) return false;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    exponent_ = exponent_ * 10 + (c - '0');
  }
  if (exponent_ > 30) return false;
  if (below) exponent_ = -exponent_;
  has_exponent_ = true;
  return true;
}

BODEGA_INLINE bool NumberText::place_marks() noexcept {
  if (marks_ == 0) return true;
  last_mark_ = mark_[marks_ - 1].sign;
  digits_before_last_ = mark_[marks_ - 1].digits_before;
  std::size_t alike = 0;
  for (std::size_t i = 0; i < marks_; ++i) alike += mark_[i].sign == last_mark_;
  // Blanks and apostrophes part thousands, and so do several equal marks.
  const bool last_parts = last_mark_ == ' ' || alike > 1;
  if (!groups(marks_ - (last_parts ? 0 : 1), last_parts ? digits_ : digits_before_last_))
    return false;
  const DecimalEvidence of_mark =
      last_mark_ == '.' ? DecimalEvidence::point : DecimalEvidence::comma;
  if (last_parts) {
    if (has_exponent_) return false;
    if (last_mark_ != ' ')
      evidence_ = last_mark_ == '.' ? DecimalEvidence::comma : DecimalEvidence::point;
  } else if (marks_ == 1 && !has_exponent_ && digits_ - digits_before_last_ == 3 &&
             digits_before_last_ >= 1 && digits_before_last_ <= 3 && digit_[0] != 0) {
    evidence_ = DecimalEvidence::either;
  } else {
    evidence_ = of_mark;
  }
  return true;
}

BODEGA_INLINE bool NumberText::groups(std::size_t count, std::size_t digits) const noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    if (mark_[i].sign != mark_[0].sign) return false;
    const std::size_t next = i + 1 < count ? mark_[i + 1].digits_before : digits;
    const std::size_t size = next - mark_[i].digits_before;
    if (size != 3 && !(size == 2 && i + 1 < count)) return false;
  }
  return count == 0 || (mark_[0].digits_before >= 1 && mark_[0].digits_before <= 3);
}

BODEGA_INLINE bool has_mark(std::string_view text) noexcept {
  for (const char c : text)
    if (c == '.' || c == ',') return true;
  return false;
}

BODEGA_INLINE bool NumberColumn::learn(std::string_view text, std::size_t line) {
  if (mark_ != DecimalMark::infer) return true;
  if (!has_mark(text)) return true;
  switch (NumberText(text).evidence()) {
    case DecimalEvidence::none:
      return true;
    case DecimalEvidence::either:
      if (ambiguous_.empty()) ambiguous_ = text, ambiguous_line_ = line;
      return false;
    case DecimalEvidence::point:
      mark_ = DecimalMark::point;
      break;
    case DecimalEvidence::comma:
      mark_ = DecimalMark::comma;
      break;
  }
  decided_line_ = line;
  return true;
}

BODEGA_INLINE Error ambiguous_number(std::string where, const std::string& text) {
  std::string as_decimal = text, as_whole;
  for (char& c : as_decimal) {
    if (c != '.' && c != ',') as_whole += c;
    if (c == ',') c = '.';
  }
  return Error(ErrorCode::format, std::move(where),
               "a number that tells the decimal mark, or the option decimal_mark",
               "'" + text + "' alone, which is " + as_decimal + " or " + as_whole);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
