// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>

namespace bodega::inline BODEGA_ABI {

/// A set of allowed items, one bit each: age limits, a campaign, what a kiosk sells.
/// Thread safety: many threads may read while nobody changes it.
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

  /// Forbids all that the other mask allows; items that this mask does not know are left alone.
  void forbid(const ItemMask& others) noexcept {
    for (std::size_t w = 0; w < std::min(words_.size(), others.words_.size()); ++w)
      words_[w] &= ~others.words_[w];
  }
  void allow_all() noexcept { std::fill(words_.begin(), words_.end(), ~std::uint64_t{0}); }

  /// Calls `visit(item)` for the allowed items in their order. Complexity: a word for 64 items, and
  /// the items.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w)
      for (std::uint64_t bits = words_[w]; bits != 0; bits &= bits - 1) {
        const std::size_t i = w * 64 + static_cast<std::size_t>(std::countr_zero(bits));
        if (i >= items_) return;
        visit(ItemIndex(static_cast<std::uint32_t>(i)));
      }
  }

  /// Returns the number of allowed items. Complexity: linear in the catalogue.
  std::size_t count() const noexcept;

  /// Keeps what both allow. Throws Error(shape) if the catalogues differ in size.
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

#if BODEGA_BODIES

BODEGA_INLINE std::size_t ItemMask::count() const noexcept {
  std::size_t allowed = 0;
  for (std::size_t i = 0; i < items_; ++i)
    allowed += allows(ItemIndex(static_cast<std::uint32_t>(i)));
  return allowed;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
