// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>

namespace bodega::inline BODEGA_ABI::detail {

/// Which of a few picks an item is.
class PickTable {
 public:
  static constexpr std::size_t most = 64;

  explicit PickTable(std::span<const Pick> picks) noexcept;
  /// Returns one more than the pick's index; 0 if the item is not a pick.
  std::size_t operator[](std::uint32_t item) const noexcept {
    std::size_t slot = slot_of(item);
    while (pick_[slot] > 0 && item_[slot] != item) slot = (slot + 1) % slots;
    return pick_[slot];
  }

 private:
  static constexpr std::size_t slots = 4 * most;
  static std::size_t slot_of(std::uint32_t item) noexcept { return (item * 2654435761u) >> 24; }

  std::array<std::uint32_t, slots> item_;
  std::array<std::uint8_t, slots> pick_{};
};

#if BODEGA_BODIES

BODEGA_INLINE PickTable::PickTable(std::span<const Pick> picks) noexcept {
  for (std::size_t p = 0; p < picks.size(); ++p) {
    std::size_t slot = slot_of(picks[p].item.value());
    while (pick_[slot] > 0) slot = (slot + 1) % slots;
    pick_[slot] = static_cast<std::uint8_t>(p + 1);
    item_[slot] = picks[p].item.value();
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI::detail
