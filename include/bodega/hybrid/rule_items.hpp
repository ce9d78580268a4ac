// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/item_mask.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/hybrid/slate_rule.hpp>

/// The items of a rule in one catalogue.
namespace bodega::inline BODEGA_ABI::detail {

template <class Visit>
void for_each_attribute(const Catalog& catalog, std::string_view name, Visit&& visit) {
  for (std::uint32_t i = 0; i < catalog.size(); ++i)
    for (std::size_t n = 0; n < catalog.attribute_count(ItemIndex(i)); ++n)
      if (const auto attribute = catalog.attribute(ItemIndex(i), n); attribute.name == name)
        visit(ItemIndex(i), attribute.value);
}

/// Allows the items that fulfil all fields. Throws Error(unknown_id) for a code, an attribute or a
/// value that the catalogue does not have.
ItemMask select_items(const RuleItems& items, const Catalog& catalog, const std::string& where);

/// The items of each value of an attribute. The first value of an item decides; an item without
/// one is in no group.
class ItemGroups {
 public:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  ItemGroups() = default;
  /// Throws Error(unknown_id) where no item has the attribute.
  ItemGroups(const std::string& attribute, const Catalog& catalog, const std::string& where);

  bool empty() const noexcept { return of_.empty(); }
  std::uint32_t of(ItemIndex item) const noexcept { return of_[item.value()]; }
  bool alike(ItemIndex a, ItemIndex b) const noexcept { return of(a) != none && of(a) == of(b); }
  template <class Visit>
  void for_each_in(std::uint32_t group, Visit&& visit) const noexcept {
    for (std::uint32_t i = begin_[group]; i < begin_[group + 1]; ++i) visit(ItemIndex(items_[i]));
  }

 private:
  std::vector<std::uint32_t> of_, begin_, items_;
};

#if BODEGA_BODIES

BODEGA_INLINE ItemMask select_items(const RuleItems& items, const Catalog& catalog,
                                    const std::string& where) {
  ItemMask selected(catalog.size());
  for (const RuleItems::Field& field : items.wanted) {
    ItemMask these(catalog.size(), false);
    for (const std::string& value : field.values) {
      bool found = false;
      const auto take = [&](ItemIndex item) {
        these.allow(item);
        found = true;
      };
      if (field.name == "item") {
        if (const ItemIndex item = catalog.find(value); !item.is_none()) take(item);
      } else {
        for_each_attribute(catalog, field.name, [&](ItemIndex item, std::string_view has) {
          if (has == value) take(item);
        });
      }
      if (!found)
        throw Error(ErrorCode::unknown_id, where,
                    field.name == "item" ? "a code of the catalogue"
                                         : "an attribute and a value of the catalogue",
                    field.name + "=" + value);
    }
    selected &= these;
  }
  return selected;
}

BODEGA_INLINE ItemGroups::ItemGroups(const std::string& attribute, const Catalog& catalog,
                                     const std::string& where)
    : of_(catalog.size(), none) {
  StringSet values;
  for_each_attribute(catalog, attribute, [&](ItemIndex item, std::string_view value) {
    if (of_[item.value()] == none) of_[item.value()] = values.add(value);
  });
  if (values.empty())
    throw Error(ErrorCode::unknown_id, where, "an attribute of the catalogue", attribute);
  begin_.assign(values.size() + 1, 0);
  for (const std::uint32_t group : of_)
    if (group != none) ++begin_[group + 1];
  for (std::size_t g = 0; g < values.size(); ++g) begin_[g + 1] += begin_[g];
  items_.resize(begin_.back());
  std::vector<std::uint32_t> next(begin_.begin(), begin_.end() - 1);
  for (std::uint32_t item = 0; item < of_.size(); ++item)
    if (of_[item] != none) items_[next[of_[item]]++] = item;
}

#endif

}  // namespace bodega::inline BODEGA_ABI::detail
