// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/content/pack_units.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/text/fold.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {

#if BODEGA_BODIES
/// A text that may tell a size, in few signs: folded letters, the digits 0 to 9, `. , ' /` as they
/// are, `|` within a fraction that is one sign, `*` for every sign of multiplication, `_` for
/// blanks that do not break, a blank for all else. Chinese characters stand apart.
class PlainSizeText {
 public:
  explicit PlainSizeText(std::string_view text);
  const std::string& text() const noexcept { return plain_; }

  void put(std::string_view letters, Script script);
  void left_out(char32_t) {}
  void gap() {
    if (between_ == ' ' || plain_.back() != ' ') plain_ += between_;
  }

 private:
  static bool is_fraction(char32_t value) noexcept {
    return (value >= 0xBC && value <= 0xBE) || (value >= 0x2150 && value <= 0x215E);
  }
  static char sign_of(char32_t value) noexcept;

  std::string plain_;
  char between_ = ' ';
};

/// A number, or a run of letters, of a text that may tell a size.
struct SizeToken {
  double number = 0;   ///< 0 for a word
  double grouped = 0;  ///< the number where its only mark is one of thousands; mostly the same
  std::string word = {};
  bool glued = false;  ///< a number right behind a letter, as in "A7"
};

/// Reads the tokens of a `PlainSizeText`.
class SizeReader {
 public:
  explicit SizeReader(const std::string& text);
  std::vector<SizeToken>&& tokens() && noexcept { return std::move(tokens_); }

 private:
  bool digit(std::size_t at) const noexcept {
    return at < text_.size() && text_[at] >= '0' && text_[at] <= '9';
  }
  bool letter(std::size_t at) const noexcept {
    return at < text_.size() && ((text_[at] >= 'a' && text_[at] <= 'z') ||
                                 static_cast<unsigned char>(text_[at]) >= 0x80);
  }
  std::size_t digits(std::size_t at) const noexcept;
  /// ".33": behind a letter the point ends an abbreviation, unless that is an x; a comma wants a
  /// blank before it.
  bool leading_point(std::size_t at) const noexcept;

  /// Says whether the sign at `at` may stand within a number that began at `begin`.
  bool mark(std::size_t at, std::size_t begin) const noexcept;

  void read_number();

  /// "1/2", and "1 1/2" for one and a half. Halves, thirds, quarters and eighths that cannot be
  /// shortened; others are numbers of packs, as in 4/6 oz.
  void read_fraction(SizeToken& token);

  static double value(const std::string& whole, const std::string& fraction) noexcept;

  const std::string& text_;
  std::size_t at_ = 0;
  std::vector<SizeToken> tokens_;
};
#endif

}  // namespace detail

/// Returns the size that a name or an attribute tells: a weight or volume ("500g", ".33 l", "12 fl
/// oz", "1 1/2 lb", "6x33cl", "24/330 ml", "500 g x 6", "6 pk 33cl"), else a number of pieces ("SET
/// OF 4", "SET/6", "PACK 20", "6PC", "72 CT"). Nothing where it tells none; the first that it tells
/// counts. Units are those of `detail::pack_units`: metric and American words, in Latin, Cyrillic,
/// Greek, Arabic, Chinese and Japanese. An ounce is a weight unless "fl" stands before it.
///
/// Numbers: of two kinds of marks the last is the decimal one; a mark that is there twice is one of
/// thousands. A point or comma alone before exactly three digits is decimal before a large unit
/// (1,250 l, 1.250 kg) and behind a 0 (0,750 l, 0.500 g), and a mark of thousands before g, mg, ml
/// and pieces (1,000 g, 1.000 g). An apostrophe, or a blank that does not break, before three
/// digits is a mark of thousands; a plain blank is one where the digits behind it begin with 0 (10
/// 000 g) or the number begins the text, since "stage 1 800 g" are 800 g. Any bytes are safe.
std::optional<PackSize> parse_pack_size(std::string_view text);

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE PlainSizeText::PlainSizeText(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint letter = decode_utf8(text, at);
    const std::string_view bytes = text.substr(at, letter.bytes);
    at += letter.bytes;
    if (const char sign = sign_of(letter.value); sign != 0) {
      plain_ += sign;
    } else if (is_fraction(letter.value)) {  // its digits come with a gap between them
      plain_ += ' ';
      between_ = '|';
      fold(bytes, *this);
      between_ = ' ';
    } else {
      fold(bytes, *this);
    }
  }
}

BODEGA_INLINE void PlainSizeText::put(std::string_view letters, Script script) {
  if (script == Script::sign) plain_ += ' ';
  plain_ += letters;
  if (script == Script::sign) plain_ += ' ';
}

BODEGA_INLINE char PlainSizeText::sign_of(char32_t value) noexcept {
  switch (value) {
    case '.':
    case 0xFF0E:
    case 0x066B:
      return '.';
    case ',':
    case 0xFF0C:
    case 0x066C:
      return ',';
    case '\'':
    case 0x2019:
      return '\'';
    case '/':
    case 0xFF0F:
    case 0x2044:
      return '/';
    case '*':
    case 0xD7:
    case 0x2217:
    case 0x2715:
    case 0x2716:
    case 0x2A2F:
    case 0xFF0A:
      return '*';
    case 0xA0:
    case 0x2007:
    case 0x2009:
    case 0x202F:
      return '_';
    default:
      return 0;
  }
}

BODEGA_INLINE SizeReader::SizeReader(const std::string& text) : text_(text) {
  while (at_ < text_.size()) {
    if (digit(at_) || leading_point(at_)) {
      read_number();
    } else if (letter(at_)) {
      SizeToken& token = tokens_.emplace_back();
      for (; letter(at_); ++at_) token.word += text_[at_];
      if (token.word == "\u0445" || token.word == "\u03C7") token.word = "x";  // typed for it
    } else {
      if (text_[at_] == '*') tokens_.push_back({.word = "x"});
      ++at_;
    }
  }
}

BODEGA_INLINE std::size_t SizeReader::digits(std::size_t at) const noexcept {
  std::size_t count = 0;
  while (digit(at + count)) ++count;
  return count;
}

BODEGA_INLINE bool SizeReader::leading_point(std::size_t at) const noexcept {
  if (!digit(at + 1)) return false;
  if (text_[at] == ',') return at == 0 || text_[at - 1] == ' ' || text_[at - 1] == '_';
  return text_[at] == '.' &&
         (at == 0 || !letter(at - 1) || (!tokens_.empty() && tokens_.back().word == "x"));
}

BODEGA_INLINE bool SizeReader::mark(std::size_t at, std::size_t begin) const noexcept {
  if (at >= text_.size() || !digit(at + 1)) return false;
  switch (text_[at]) {
    case '.':
    case ',':
      return true;
    case '\'':
    case '_':
      return digits(at + 1) == 3;
    case ' ':  // 10 000; but "stage 1 800 g" are two numbers
      return digits(at + 1) == 3 && (at - begin <= 3 || (at - begin > 4 && text_[at - 4] == ' ')) &&
             (text_[at + 1] == '0' || text_.find_first_not_of(" _") == begin);
    default:
      return false;
  }
}

BODEGA_INLINE void SizeReader::read_number() {
  const bool glued = at_ > 0 && letter(at_ - 1);
  const std::size_t begin = at_;
  std::string whole, fraction;
  std::string marks;
  for (; digit(at_); ++at_) whole += text_[at_];
  bool threes =  // every group but the first has three digits, the first one to three
      !whole.empty() && whole.size() <= 3 && whole[0] != '0';
  while (mark(at_, begin)) {
    marks += text_[at_++];
    whole += fraction;
    threes &= fraction.empty() || fraction.size() == 3;
    fraction.assign(text_, at_, digits(at_));
    at_ += fraction.size();
  }
  SizeToken token;
  token.glued = glued;
  const double decimal = value(whole, fraction), grouped = value(whole + fraction, "");
  const bool all_threes = threes && fraction.size() == 3;
  const bool one_kind = marks.find_first_not_of(marks.substr(0, 1)) == marks.npos;
  if (marks.size() <= 1) {
    const bool of_thousands = marks == "_" || marks == " " || marks == "'";
    token.number = of_thousands && all_threes ? grouped : decimal;
    token.grouped = all_threes ? grouped : decimal;
  } else if (one_kind) {  // 1.000.000; 12.03.2024 is no number
    token.number = token.grouped = all_threes ? grouped : 0;
  } else {  // 1.234,5: the last mark is another one
    const bool others_alike =
        marks.find_first_not_of(marks[0]) == marks.size() - 1 && marks.back() != ' ';
    token.number = token.grouped = threes && others_alike ? decimal : 0;
  }
  if (marks.empty()) read_fraction(token);
  tokens_.push_back(std::move(token));
  if (at_ + 1 < text_.size() && text_[at_] == '/') {  // 24/330 ml
    tokens_.push_back({.word = "x"});
    if (digit(at_ + 1) || leading_point(at_ + 1))
      ++at_;
    else
      tokens_.pop_back();
  }
}

BODEGA_INLINE void SizeReader::read_fraction(SizeToken& token) {
  std::size_t at = at_, above = 0, below = 0;
  const auto number = [&](std::size_t& of) {
    const std::size_t count = digits(at);
    for (std::size_t k = 0; k < count && k < 3; ++k)
      of = 10 * of + static_cast<std::size_t>(text_[at + k] - '0');
    at += count;
    return count > 0 && count <= 2;
  };
  const bool mixed = at < text_.size() && text_[at] == ' ';
  if (mixed) {
    while (at < text_.size() && text_[at] == ' ') ++at;
    if (!number(above)) return;
  } else {
    above = token.number < 100 ? static_cast<std::size_t>(token.number) : 100;
  }
  if (at >= text_.size() || (text_[at] != '/' && text_[at] != '|')) return;
  const bool one_sign = text_[at++] == '|';
  if (!number(below) || above >= below) return;
  const bool usual = below <= 4 || below == 8;
  if (!one_sign && (!usual || std::gcd(above, below) != 1)) return;
  const double part = static_cast<double>(above) / static_cast<double>(below);
  token.number = token.grouped = mixed ? token.number + part : part;
  at_ = at;
}

BODEGA_INLINE double SizeReader::value(const std::string& whole,
                                       const std::string& fraction) noexcept {
  double number = 0, place = 1;
  for (const char c : whole) number = 10 * number + (c - '0');
  for (const char c : fraction) number += (c - '0') * (place /= 10);
  return number;
}

}  // namespace detail

BODEGA_INLINE std::optional<PackSize> parse_pack_size(std::string_view text) {
  const detail::PlainSizeText plain(text);
  const std::vector<detail::SizeToken> tokens = detail::SizeReader(plain.text()).tokens();
  const auto word = [&](std::size_t at) {
    return at < tokens.size() ? std::string_view(tokens[at].word) : std::string_view();
  };
  const auto count = [&](std::size_t at) { return at < tokens.size() ? tokens[at].grouped : 0; };
  const auto free_number = [&](std::size_t at) {  // not the 7 of "A7"
    return count(at) > 0 && (!tokens[at].glued || word(at - 1) == "x");
  };
  const auto is_pack = [&](std::size_t at) {
    return at < tokens.size() && detail::holds_word(" pk pks pack packs ", word(at));
  };
  // The unit at `at`, and of how many words.
  const auto unit_at = [&](std::size_t at) {
    std::pair<const detail::PackUnit*, std::size_t> found{nullptr, 0};
    std::string two;
    if (!word(at).empty() && !word(at + 1).empty())
      two.append(word(at)).append("_").append(word(at + 1));
    for (const detail::PackUnit& unit : detail::pack_units) {
      if (detail::holds_word(unit.words, two)) return std::pair{&unit, std::size_t{2}};
      if (detail::holds_word(unit.words, word(at))) found = {&unit, 1};
    }
    return found;
  };
  const auto sane = [](double amount) { return amount > 0 && amount < 1e9; };
  std::optional<PackSize> pieces;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (free_number(i)) {
      const auto [unit, words] = unit_at(i + 1);
      if (unit != nullptr) {
        const double number = unit->large() ? tokens[i].number : tokens[i].grouped;
        PackSize size{unit->factor * number, unit->unit};
        std::size_t first = i, behind = i + 1 + words;
        while (first > 1 && word(first - 1) == "x") {  // 4x6x33cl, and 6 pk x 33cl
          std::size_t before = first - 2;
          if (const auto of = unit_at(before).first;
              before > 0 && of != nullptr && of->unit == PackSize::Unit::piece)
            --before;
          if (!(count(before) > 0)) break;
          size.amount *= count(before);
          first = before;
        }
        if (first == i)
          for (; word(behind) == "x" && count(behind + 1) > 0; behind += 2)
            size.amount *= count(behind + 1);
        if (first == i && behind == i + 1 + words && size.unit != PackSize::Unit::piece) {
          if (is_pack(i - 1) && i > 1 && free_number(i - 2))  // 6 pk 33cl, 33cl 6 pk
            size.amount *= count(i - 2);
          else if (free_number(behind) && is_pack(behind + 1) && word(behind + 2) != "of")
            size.amount *= count(behind);
        }
        if (!sane(size.amount)) continue;
        if (size.unit != PackSize::Unit::piece) return size;
        if (!pieces) pieces = size;
      }
    }
    const std::size_t at = i + (word(i + 1) == "of" ? 2 : 1);
    if (detail::holds_word(detail::pack_holders, word(i)) && !pieces && sane(count(at)) &&
        !tokens[at].glued && (word(i) != "s" || (at == i + 1 && text.find('/') != text.npos)))
      pieces = PackSize{count(at), PackSize::Unit::piece};
  }
  return pieces;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
