// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/room.hpp>
#include <bodega/core/units.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// An article as it enters the catalogue.
struct Item {
  std::string id = {};           ///< the shop's own code; not empty
  std::string description = {};  ///< may be empty
  Money price = {};              ///< per unit; 0 = not known
  /// Name and value; a name may repeat.
  std::vector<std::pair<std::string, std::string>> attributes = {};
};

/// The articles of a shop: external id <-> ItemIndex, which is the order of `add`. Texts are kept
/// as they came, whatever their bytes. Const calls may run from many threads.
class Catalog {
 public:
  static constexpr std::string_view kind = "catalog";

  struct Attribute {
    std::string_view name, value;
  };

  /// Error (duplicate, invalid_argument, out_of_range) where the id is there already or empty, an
  /// attribute has no name, or the price is below 0; nothing is changed then, nor where memory
  /// ends.
  ItemIndex add(const Item& item);

  /// Returns the catalogue with another id for that item, all else being the same. Throws Error
  /// (unknown_id) for an index outside the catalogue, and what `add` throws for an id.
  /// Complexity: a copy.
  Catalog with_id(ItemIndex item, std::string_view new_id) const;

  std::size_t size() const noexcept { return ids_.size(); }

  /// `none()` where the id is not in the catalogue. Allocates nothing.
  ItemIndex find(std::string_view id) const noexcept { return ItemIndex(ids_.find(id)); }

  /// Error (unknown_id) where the id is not in the catalogue.
  ItemIndex at(std::string_view id) const;

  // These want an index below size(). Texts are borrowed until the next `add`.
  std::string_view id(ItemIndex item) const noexcept { return ids_[item.value()]; }
  std::string_view description(ItemIndex item) const noexcept {
    return descriptions_[item.value()];
  }
  /// Per unit; 0 = not known.
  Money price(ItemIndex item) const noexcept {
    return Money::from_raw(static_cast<std::int64_t>(prices_[item.value()]));
  }
  std::size_t attribute_count(ItemIndex item) const noexcept {
    return attribute_end_[item.value()] - attribute_begin(item);
  }
  /// The item's n-th attribute, n below attribute_count(item).
  Attribute attribute(ItemIndex item, std::size_t n) const noexcept {
    const std::size_t at = attribute_begin(item) + n;
    return {names_[attribute_names_[at]], values_[attribute_values_[at]]};
  }

  /// Returns the items of which a screen should not show some text as it is: id, description or an
  /// attribute is no valid UTF-8, or holds control characters. `printable` makes one that may be
  /// shown.
  std::vector<ItemIndex> unprintable() const;

  void validate(const std::string& where) const;

  /// Builds the indices that are not in a file; to be called after `validate` has accepted it.
  void restore();

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("ids", self.ids_);
    visit("descriptions", self.descriptions_);
    visit("prices", self.prices_);
    visit("names", self.names_);
    visit("values", self.values_);
    visit("attribute_end", self.attribute_end_);
    visit("attribute_names", self.attribute_names_);
    visit("attribute_values", self.attribute_values_);
  }

  bool operator==(const Catalog&) const = default;

 private:
  std::size_t attribute_begin(ItemIndex item) const noexcept {
    return item.value() > 0 ? attribute_end_[item.value() - 1] : 0;
  }

  StringSet ids_;
  StringTable descriptions_;
  std::vector<std::uint64_t> prices_;  // raw Money, never negative
  StringSet names_, values_;           // of attributes
  std::vector<std::uint32_t> attribute_end_, attribute_names_, attribute_values_;
};

#if BODEGA_BODIES

BODEGA_INLINE Catalog Catalog::with_id(ItemIndex item, std::string_view new_id) const {
  if (item.value() >= size())
    throw Error(ErrorCode::unknown_id, "Catalog", "an item of the catalogue", "another");
  if (!find(new_id).is_none())
    throw Error(ErrorCode::duplicate, "Catalog, item " + std::string(new_id), "each item id once",
                "twice");
  Catalog renamed;
  for (std::uint32_t i = 0; i < size(); ++i) {
    const ItemIndex one(i);
    Item copy{std::string(one == item ? new_id : id(one)), std::string(description(one)),
              price(one)};
    for (std::size_t n = 0; n < attribute_count(one); ++n)
      copy.attributes.emplace_back(attribute(one, n).name, attribute(one, n).value);
    renamed.add(copy);
  }
  return renamed;
}

BODEGA_INLINE ItemIndex Catalog::add(const Item& item) {
  if (item.id.empty())
    throw Error(ErrorCode::invalid_argument, "Catalog", "an item id", "an empty text");
  if (!find(item.id).is_none())
    throw Error(ErrorCode::duplicate, "Catalog, item " + item.id, "each item id once", "twice");
  if (item.price < Money())
    throw Error(ErrorCode::out_of_range, "Catalog, price of item " + item.id, "0 or more",
                std::to_string(item.price.value()));
  for (const auto& [name, value] : item.attributes)
    if (name.empty())
      throw Error(ErrorCode::invalid_argument, "Catalog, item " + item.id, "attributes with names",
                  "'" + value + "' without");
  const std::size_t items = size(), attributes = attribute_names_.size(), names = names_.size(),
                    values = values_.size();
  try {
    make_room(1, prices_, attribute_end_);
    make_room(item.attributes.size(), attribute_names_, attribute_values_);
    const ItemIndex index(ids_.add(item.id));
    descriptions_.add(item.description);
    for (const auto& [name, value] : item.attributes) {
      attribute_names_.push_back(names_.add(name));
      attribute_values_.push_back(values_.add(value));
    }
    prices_.push_back(static_cast<std::uint64_t>(item.price.raw()));
    attribute_end_.push_back(static_cast<std::uint32_t>(attribute_names_.size()));
    return index;
  } catch (...) {
    ids_.truncate(items);
    descriptions_.truncate(items);
    names_.truncate(names);
    values_.truncate(values);
    attribute_names_.resize(attributes);
    attribute_values_.resize(std::min(attributes, attribute_values_.size()));
    throw;
  }
}

BODEGA_INLINE ItemIndex Catalog::at(std::string_view id) const {
  const ItemIndex index = find(id);
  if (index.is_none())
    throw Error(ErrorCode::unknown_id, "Catalog", "an item id of the catalogue",
                "'" + std::string(id) + "'");
  return index;
}

BODEGA_INLINE std::vector<ItemIndex> Catalog::unprintable() const {
  std::vector<ItemIndex> found;
  for (std::uint32_t i = 0; i < size(); ++i) {
    const ItemIndex item(i);
    bool good = is_printable(id(item)) && is_printable(description(item));
    for (std::size_t n = 0; n < attribute_count(item) && good; ++n)
      good = is_printable(attribute(item, n).name) && is_printable(attribute(item, n).value);
    if (!good) found.push_back(item);
  }
  return found;
}

BODEGA_INLINE void Catalog::validate(const std::string& where) const {
  ids_.validate(where + ", ids");
  descriptions_.validate(where + ", descriptions");
  names_.validate(where + ", names");
  values_.validate(where + ", values");
  validate_size(descriptions_.size(), size(), where + ", descriptions");
  validate_size(prices_.size(), size(), where + ", prices");
  validate_size(attribute_end_.size(), size(), where + ", attribute_end");
  validate_size(attribute_values_.size(), attribute_names_.size(), where + ", attribute_values");
  std::uint32_t begin = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    const std::string item = ", item " + std::to_string(i);
    if (ids_[i].empty())
      throw Error(ErrorCode::format, where + item, "an item id", "an empty text");
    if (prices_[i] > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      throw Error(ErrorCode::out_of_range, where + ", prices" + item, "a price",
                  std::to_string(prices_[i]));
    if (attribute_end_[i] < begin)
      throw Error(ErrorCode::format, where + ", attribute_end" + item,
                  std::to_string(begin) + " or more", std::to_string(attribute_end_[i]));
    begin = attribute_end_[i];
  }
  validate_size(attribute_names_.size(), begin, where + ", attribute_names");
  for (std::size_t i = 0; i < attribute_names_.size(); ++i)
    if (attribute_names_[i] >= names_.size() || attribute_values_[i] >= values_.size())
      throw Error(
          ErrorCode::out_of_range, where + ", attribute " + std::to_string(i),
          "name below " + std::to_string(names_.size()) + " and value below " +
              std::to_string(values_.size()),
          std::to_string(attribute_names_[i]) + " and " + std::to_string(attribute_values_[i]));
}

BODEGA_INLINE void Catalog::restore() {
  ids_.restore();
  names_.restore();
  values_.restore();
}

#endif

}  // namespace bodega::inline BODEGA_ABI
