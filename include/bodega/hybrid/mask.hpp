// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <tuple>

#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/data/item_mask.hpp>

namespace bodega::inline BODEGA_ABI {

/// Says which items may be shown. Selection asks it only for items whose score would earn a place,
/// so a live source (the stock of a shop, a bit set, several at once) is asked directly and
/// nothing is copied per answer. Const, noexcept, no allocation.
template <class M>
concept Mask = requires(const M& mask, ItemIndex item) {
  { mask.allows(item) }
  noexcept->std::same_as<bool>;
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

}  // namespace bodega::inline BODEGA_ABI
