// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/catalog_reader.hpp>
#include <bodega/data/net_returns.hpp>
#include <bodega/data/string_table.hpp>

namespace bodega::inline BODEGA_ABI {

/// Says which codes, as normalised, are articles. Empty = all are.
using IsItem = std::function<bool(std::string_view item_id)>;

/// What the item codes of a file stand for: their spellings are normalised, and each code is an
/// item of the catalogue that was given, or becomes one of a new catalogue with its first sale.
class ItemCodes {
 public:
  static constexpr std::uint32_t none = StringSet::none;

  /// Items are numbered by their first sale.
  ItemCodes(NormaliseItem normalise, IsItem is_item)
      : normalise_(std::move(normalise)), is_item_(std::move(is_item)) {}
  /// Items are those of `catalog`.
  ItemCodes(NormaliseItem normalise, IsItem is_item, Catalog catalog);

  /// Whether a catalogue was given.
  bool given() const noexcept { return given_; }

  /// The number of the code that a spelling stands for, `none` where nothing is left of it. The
  /// hooks are asked once for each spelling.
  std::uint32_t find(std::string_view spelling);

  bool is_item(std::uint32_t code) const noexcept { return codes_[code].is_item; }
  /// none() for a code that is not in the catalogue given, or not sold yet.
  ItemIndex item(std::uint32_t code) const noexcept { return codes_[code].item; }

  /// Keeps the first description that is not empty and the latest price above 0.
  void note_sale(std::uint32_t number, Moment when, Money price, std::string_view description);

  /// Notes again what items cost, of the sales of these lines alone where there are any of it;
  /// `when(line)` is their time.
  void note_prices(std::span<const DraftLine> lines, const auto& when) {
    std::vector<bool> noted(codes_.size(), false);
    for (const DraftLine& line : lines) {
      if (!line.sold || !(line.price > Money())) continue;
      if (!noted[line.code]) codes_[line.code].price = Money();
      noted[line.code] = true;
      note_sale(line.code, when(line), line.price, {});
    }
  }

  /// The catalogue that was given, or the new one; once, when all is read.
  Catalog take_catalog();

 private:
  struct Code {
    bool is_item = true;
    ItemIndex item;
    std::string description;
    Money price;
    Moment price_when;
  };

  NormaliseItem normalise_;
  IsItem is_item_;
  bool given_ = false;
  Catalog catalog_;
  StringSet spellings_, ids_;
  std::vector<std::uint32_t> code_of_;  // by spelling
  std::vector<Code> codes_;             // by ids_
  std::vector<std::uint32_t> sold_;     // codes in the order of their first sale
};

#if BODEGA_BODIES

BODEGA_INLINE ItemCodes::ItemCodes(NormaliseItem normalise, IsItem is_item, Catalog catalog)
    : normalise_(std::move(normalise)),
      is_item_(std::move(is_item)),
      given_(true),
      catalog_(std::move(catalog)) {}

BODEGA_INLINE std::uint32_t ItemCodes::find(std::string_view spelling) {
  const std::uint32_t known = spellings_.find(spelling);
  if (known != StringSet::none) return code_of_[known];
  std::string id(spelling);
  if (normalise_) normalise_(id);
  std::uint32_t code = id.empty() ? none : ids_.find(id);
  if (!id.empty() && code == none) {
    if (codes_.size() == DraftLine::most_codes)
      throw Error(ErrorCode::out_of_range, "item codes", "at most 2^28 different ones", "more");
    Code fresh;
    fresh.is_item = !is_item_ || is_item_(id);
    if (given_) fresh.item = catalog_.find(id);
    codes_.push_back(std::move(fresh));
    code = ids_.add(id);
  }
  spellings_.add(spelling);
  code_of_.push_back(code);
  return code;
}

BODEGA_INLINE void ItemCodes::note_sale(std::uint32_t number, Moment when, Money price,
                                        std::string_view description) {
  Code& code = codes_[number];
  if (code.item.is_none()) {
    code.item = ItemIndex(static_cast<std::uint32_t>(sold_.size()));
    sold_.push_back(number);
  }
  if (code.description.empty()) code.description = description;
  if (price > Money() && (code.price == Money() || when >= code.price_when)) {
    code.price = price;
    code.price_when = when;
  }
}

BODEGA_INLINE Catalog ItemCodes::take_catalog() {
  for (const std::uint32_t number : sold_)
    catalog_.add({.id = std::string(ids_[number]),
                  .description = codes_[number].description,
                  .price = codes_[number].price});
  return std::move(catalog_);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
