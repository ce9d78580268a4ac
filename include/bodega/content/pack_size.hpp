// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bodega {

/// How much is in a pack, all of it together: six bottles of 33 cl are 1,980 ml.
struct PackSize {
  enum class Unit : std::uint8_t { piece, gram, millilitre };
  double amount = 0;  ///< above 0
  Unit unit = Unit::piece;

  bool operator==(const PackSize&) const = default;
};

namespace detail {

/// A number, or a run of letters, of a text that may tell a size.
struct SizeToken {
  double number = 0;   ///< 0 for a word
  std::string word;    ///< in lower case (ASCII)
  bool glued = false;  ///< a number right behind a letter, as in "A7"
};

inline std::vector<SizeToken> size_tokens(std::string_view text) {
  const auto digit = [&](std::size_t at) {
    return at < text.size() && text[at] >= '0' && text[at] <= '9';
  };
  const auto times = [&](std::size_t at) { return text.substr(at, 2) == "\xC3\x97"; };
  const auto letter = [&](std::size_t at) {
    return at < text.size() && !times(at) &&
           ((text[at] >= 'a' && text[at] <= 'z') || (text[at] >= 'A' && text[at] <= 'Z') ||
            static_cast<unsigned char>(text[at]) >= 0x80);
  };
  std::vector<SizeToken> tokens;
  for (std::size_t at = 0; at < text.size();) {
    if (digit(at)) {
      SizeToken& token = tokens.emplace_back();
      token.glued = at > 0 && letter(at - 1);
      for (; digit(at); ++at) token.number = 10 * token.number + (text[at] - '0');
      if (at + 1 < text.size() && (text[at] == '.' || text[at] == ',') && digit(at + 1)) {
        const bool thousands = text[at] == ',' && digit(at + 2) && digit(at + 3) && !digit(at + 4);
        double place = 1;
        for (++at; digit(at); ++at)
          if (thousands)
            token.number = 10 * token.number + (text[at] - '0');
          else
            token.number += (text[at] - '0') * (place /= 10);
      } else if (at + 1 < text.size() && text[at] == '/' && digit(at + 1)) {  // 1/2
        double below = 0;
        for (++at; digit(at); ++at) below = 10 * below + (text[at] - '0');
        token.number = below > 0 ? token.number / below : 0;
      }
    } else if (letter(at)) {
      SizeToken& token = tokens.emplace_back();
      for (; letter(at); ++at)
        token.word +=
            text[at] >= 'A' && text[at] <= 'Z' ? static_cast<char>(text[at] - 'A' + 'a') : text[at];
    } else {
      if (text[at] == '*' || times(at)) tokens.push_back({0, "x", false});
      at += times(at) ? 2 : 1;
    }
  }
  return tokens;
}

struct SizeUnit {
  std::string_view word;
  double factor;
  PackSize::Unit unit;
};
inline constexpr std::array size_units = {SizeUnit{"g", 1, PackSize::Unit::gram},
                                          SizeUnit{"gr", 1, PackSize::Unit::gram},
                                          SizeUnit{"kg", 1000, PackSize::Unit::gram},
                                          SizeUnit{"mg", 0.001, PackSize::Unit::gram},
                                          SizeUnit{"oz", 28.349523, PackSize::Unit::gram},
                                          SizeUnit{"lb", 453.59237, PackSize::Unit::gram},
                                          SizeUnit{"lbs", 453.59237, PackSize::Unit::gram},
                                          SizeUnit{"ml", 1, PackSize::Unit::millilitre},
                                          SizeUnit{"cl", 10, PackSize::Unit::millilitre},
                                          SizeUnit{"dl", 100, PackSize::Unit::millilitre},
                                          SizeUnit{"l", 1000, PackSize::Unit::millilitre},
                                          SizeUnit{"lt", 1000, PackSize::Unit::millilitre},
                                          SizeUnit{"ltr", 1000, PackSize::Unit::millilitre},
                                          SizeUnit{"litre", 1000, PackSize::Unit::millilitre},
                                          SizeUnit{"liter", 1000, PackSize::Unit::millilitre},
                                          SizeUnit{"pt", 473.176473, PackSize::Unit::millilitre},
                                          SizeUnit{"qt", 946.352946, PackSize::Unit::millilitre},
                                          SizeUnit{"ga", 3785.411784, PackSize::Unit::millilitre},
                                          SizeUnit{"gal", 3785.411784, PackSize::Unit::millilitre},
                                          SizeUnit{"pc", 1, PackSize::Unit::piece},
                                          SizeUnit{"pcs", 1, PackSize::Unit::piece},
                                          SizeUnit{"piece", 1, PackSize::Unit::piece},
                                          SizeUnit{"pieces", 1, PackSize::Unit::piece},
                                          SizeUnit{"ct", 1, PackSize::Unit::piece},
                                          SizeUnit{"pk", 1, PackSize::Unit::piece},
                                          SizeUnit{"pack", 1, PackSize::Unit::piece}};

}  // namespace detail

/// The size that a name or an attribute tells: a weight or volume ("500g", "1.5 L", "12 fl oz",
/// "1/2 gal", "6x33cl", "500 g x 6"), else a number of pieces ("SET OF 4", "SET/6", "PACK 20",
/// "6PC", "72 CT"). Nothing where it tells none; the first that it tells counts. An ounce is a
/// weight unless "fl" stands before it, pints, quarts and gallons are American. Reads ASCII; any
/// bytes are safe.
inline std::optional<PackSize> parse_pack_size(std::string_view text) {
  const std::vector<detail::SizeToken> tokens = detail::size_tokens(text);
  const auto word = [&](std::size_t at) {
    return at < tokens.size() ? std::string_view(tokens[at].word) : std::string_view();
  };
  const auto number = [&](std::size_t at) { return at < tokens.size() ? tokens[at].number : 0; };
  const auto free_number = [&](std::size_t at) {  // not the 7 of "A7"
    return at < tokens.size() && tokens[at].number > 0 &&
           (!tokens[at].glued || word(at - 1) == "x");
  };
  const auto sane = [](double amount) { return amount > 0 && amount < 1e9; };
  std::optional<PackSize> pieces;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (free_number(i)) {
      const bool fluid = word(i + 1) == "fl" && word(i + 2) == "oz";
      std::optional<PackSize> size;
      if (fluid) size = PackSize{29.5735296 * number(i), PackSize::Unit::millilitre};
      for (const detail::SizeUnit& unit : detail::size_units)
        if (word(i + 1) == unit.word) size = PackSize{unit.factor * number(i), unit.unit};
      if (size) {
        const std::size_t behind = i + (fluid ? 3 : 2);
        if (i > 1 && word(i - 1) == "x" && number(i - 2) > 0)
          size->amount *= number(i - 2);
        else if (word(behind) == "x" && number(behind + 1) > 0)
          size->amount *= number(behind + 1);
        if (!sane(size->amount)) continue;
        if (size->unit != PackSize::Unit::piece) return size;
        if (!pieces) pieces = size;
      }
    }
    const bool holds = word(i) == "set" || word(i) == "pack" || word(i) == "box" ||
                       word(i) == "case" || word(i) == "s";
    const std::size_t at = i + (word(i + 1) == "of" ? 2 : 1);
    if (holds && !pieces && number(at) > 0 && sane(number(at)) && (!tokens[at].glued) &&
        (word(i) != "s" || (at == i + 1 && text.find('/') != text.npos)))
      pieces = PackSize{number(at), PackSize::Unit::piece};
  }
  return pieces;
}

}  // namespace bodega
