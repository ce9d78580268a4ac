// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>

namespace bodega {

/// Says which items may be shown. Selection asks it only for items whose score would earn a place,
/// so a live source (the stock of a shop, a bit set, several at once) is asked directly and
/// nothing is copied per answer. Const, noexcept, no allocation.
template <class M>
concept Mask = requires(const M& mask, ItemIndex item) {
  { mask.allows(item) }
  noexcept->std::same_as<bool>;
};

/// A set of allowed items, one bit each: age limits, a campaign, what a kiosk sells.
/// Reading from many threads is safe while nobody changes it.
class ItemMask {
 public:
  ItemMask() = default;
  /// All of `items` allowed, or all forbidden.
  explicit ItemMask(std::size_t items, bool allowed = true)
      : words_((items + 63) / 64, allowed ? ~std::uint64_t{0} : 0), items_(items) {}

  std::size_t items() const noexcept { return items_; }

  /// False for an index outside the catalogue.
  bool allows(ItemIndex item) const noexcept {
    return item.value() < items_ && (words_[item.value() / 64] & bit(item)) != 0;
  }

  /// Both leave an index outside the catalogue alone.
  void allow(ItemIndex item) noexcept {
    if (item.value() < items_) words_[item.value() / 64] |= bit(item);
  }
  void forbid(ItemIndex item) noexcept {
    if (item.value() < items_) words_[item.value() / 64] &= ~bit(item);
  }

  /// Number of allowed items. Cost: linear in the catalogue.
  std::size_t count() const noexcept {
    std::size_t allowed = 0;
    for (std::size_t i = 0; i < items_; ++i)
      allowed += allows(ItemIndex(static_cast<std::uint32_t>(i)));
    return allowed;
  }

  /// Keeps what both allow. Error (shape) where the catalogues differ in size.
  ItemMask& operator&=(const ItemMask& other) {
    if (other.items_ != items_)
      throw Error(ErrorCode::shape, "ItemMask", std::to_string(items_) + " items",
                  std::to_string(other.items_));
    for (std::size_t w = 0; w < words_.size(); ++w) words_[w] &= other.words_[w];
    return *this;
  }
  friend ItemMask operator&(ItemMask a, const ItemMask& b) { return a &= b; }

 private:
  static constexpr std::uint64_t bit(ItemIndex item) noexcept {
    return std::uint64_t{1} << (item.value() % 64);
  }
  std::vector<std::uint64_t> words_;
  std::size_t items_ = 0;
};

/// Allows what all of several masks allow; refers to them, so a change in one shows at once.
template <Mask... Masks>
class AllOf {
 public:
  explicit AllOf(const Masks&... masks) noexcept : masks_(masks...) {}
  bool allows(ItemIndex item) const noexcept {
    return std::apply([&](const Masks&... masks) { return (masks.allows(item) && ...); }, masks_);
  }

 private:
  std::tuple<const Masks&...> masks_;
};

}  // namespace bodega
