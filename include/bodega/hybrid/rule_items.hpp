// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
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

/// A set of items, a bit each.
class RuleBits {
 public:
  explicit RuleBits(std::size_t items = 0, bool all = false)
      : words_((items + 63) / 64, all ? ~std::uint64_t{0} : 0) {
    if (all && items % 64 != 0) words_.back() = (std::uint64_t{1} << items % 64) - 1;
  }
  /// Those that fulfil all fields. Throws Error(unknown_id) for a code, an attribute or a value
  /// that the catalogue does not have.
  RuleBits(const RuleItems& items, const Catalog& catalog, const std::string& where);

  bool has(ItemIndex item) const noexcept {
    return item.value() / 64 < words_.size() &&
           (words_[item.value() / 64] >> item.value() % 64 & 1) != 0;
  }
  void add(ItemIndex item) noexcept {
    words_[item.value() / 64] |= std::uint64_t{1} << item.value() % 64;
  }
  void remove(ItemIndex item) noexcept {
    words_[item.value() / 64] &= ~(std::uint64_t{1} << item.value() % 64);
  }
  const std::vector<std::uint64_t>& words() const noexcept { return words_; }
  std::vector<std::uint64_t>& words() noexcept { return words_; }

  template <class Visit>
  void for_each(Visit&& visit) const noexcept {
    for (std::size_t w = 0; w < words_.size(); ++w)
      for (std::uint64_t bits = words_[w]; bits != 0; bits &= bits - 1)
        visit(ItemIndex(static_cast<std::uint32_t>(w * 64) +
                        static_cast<std::uint32_t>(std::countr_zero(bits))));
  }

 private:
  std::vector<std::uint64_t> words_;
};

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

BODEGA_INLINE RuleBits::RuleBits(const RuleItems& items, const Catalog& catalog,
                                 const std::string& where)
    : RuleBits(catalog.size(), true) {
  for (const RuleItems::Field& field : items.wanted) {
    RuleBits these(catalog.size());
    for (const std::string& value : field.values) {
      bool found = false;
      const auto take = [&](ItemIndex item) {
        these.add(item);
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
    for (std::size_t w = 0; w < words_.size(); ++w) words_[w] &= these.words_[w];
  }
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
