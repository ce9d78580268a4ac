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
#include <bodega/data/code_buffer.hpp>
#include <bodega/data/code_rule.hpp>
#include <bodega/data/gtin.hpp>

namespace bodega::inline BODEGA_ABI {

/// What a code says of a pack: its item, and the weight or price if they are in it.
struct ScannedItem {
  std::string_view code;  ///< the item's own
  std::optional<Quantity> weight = {};
  std::optional<Money> price = {};

  /// Returns the units of so many: a whole number is one of packs of the weight, any other quantity
  /// is the weight already. Nothing for more than a million packs.
  std::optional<Quantity> units(Quantity scanned) const noexcept;
};

namespace detail {
/// Takes away what scanners and spreadsheets add to what a scale prints.
inline void digits_of_scale(CodeBuffer& code) noexcept {
  apply(CodeRule::without_symbology, code);
  whole_number(code);
}
}  // namespace detail

/// Reads a code by a scheme such as "21IIIIIWWWWWC" (`VariableWeight`). The item's own code has
/// zeros for the weight or price, and its own check digit; it is put in `room`, which `code` must
/// not be a part of. Nothing if the code is not of the scheme. Precondition: the scheme is one that
/// `VariableWeight::validate` accepts.
std::optional<ScannedItem> read_variable_weight(std::string_view pattern, int places,
                                                std::string_view code, CodeBuffer& room) noexcept;

/// A scheme of codes that a scale prints, with the weight or the price in them, written as its
/// digits: "21IIIIIWWWWWC" is 21, five digits of the item, the weight with `places` decimal places,
/// and the check digit. P instead of W is the price, V a check digit of the weight or price. Check
/// digits are not looked at: scales print them as they like.
struct VariableWeight {
  static constexpr std::size_t longest = 32;      ///< of a pattern
  static constexpr std::size_t most_digits = 10;  ///< of a weight or price

  std::string pattern;
  int places = 3;  ///< of W or P

  /// Throws Error(invalid_argument) if the pattern is not such a scheme.
  void validate() const;

  /// As `read_variable_weight`.
  std::optional<ScannedItem> read(std::string_view code, CodeBuffer& room) const noexcept {
    return read_variable_weight(pattern, places, code, room);
  }
  bool operator==(const VariableWeight&) const = default;
};

#if BODEGA_BODIES

BODEGA_INLINE std::optional<Quantity> ScannedItem::units(Quantity scanned) const noexcept {
  constexpr auto most_packs = Quantity::from_whole(1'000'000);
  if (!weight || scanned.raw() % Quantity::scale != 0) return scanned;
  if (scanned > most_packs || scanned < -most_packs) return std::nullopt;
  return Quantity::from_raw(scanned.raw() / Quantity::scale * weight->raw());
}

BODEGA_INLINE std::optional<ScannedItem> read_variable_weight(std::string_view pattern, int places,
                                                              std::string_view code,
                                                              CodeBuffer& room) noexcept {
  if (code.size() != pattern.size()) return std::nullopt;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] < '0' || code[i] > '9') return std::nullopt;
    if (pattern[i] >= '0' && pattern[i] <= '9' && code[i] != pattern[i]) return std::nullopt;
  }
  room.clear();
  std::int64_t amount = 0;
  bool is_price = false;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char kind = pattern[i];
    const bool of_amount = kind == 'W' || kind == 'P';
    if (of_amount) amount = amount * 10 + (code[i] - '0');
    is_price = is_price || kind == 'P';
    if (kind == 'C')
      room.append(gtin_check_digit(room.text()));
    else
      room.append(of_amount || kind == 'V' ? '0' : code[i]);
  }
  std::int64_t scale = is_price ? Money::scale : Quantity::scale;
  for (int p = 0; p < places; ++p) scale /= 10;
  ScannedItem item{room.text()};
  if (is_price)
    item.price = Money::from_raw(amount * scale);
  else
    item.weight = Quantity::from_raw(amount * scale);
  return item;
}

BODEGA_INLINE void VariableWeight::validate() const {
  bool item = false, known = !pattern.empty() && pattern.size() <= longest;
  std::size_t weight = 0, price = 0;
  for (const char c : pattern) {
    item = item || c == 'I';
    weight += c == 'W';
    price += c == 'P';
    known = known &&
            ((c >= '0' && c <= '9') || std::string_view("IWPVC").find(c) != std::string_view::npos);
  }
  const bool one_amount = (weight == 0) != (price == 0) && weight + price <= most_digits;
  if (!known || !item || !one_amount || places < 0 || places > (price > 0 ? 4 : 3) ||
      pattern.find('C') < pattern.size() - 1)
    throw Error(
        ErrorCode::invalid_argument, "option variable_weight",
        "a pattern such as 21IIIIIWWWWWC, of a weight with 0 to 3 places or a price with 0 to 4",
        "'" + pattern + "' with " + std::to_string(places) + " places");
}

#endif

}  // namespace bodega::inline BODEGA_ABI
