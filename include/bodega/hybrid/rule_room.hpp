// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/data/item_mask.hpp>
#include <bodega/hybrid/rule_set.hpp>

namespace bodega::inline BODEGA_ABI {

/// Which rules did something to a slate: a bit for each, in the order of the set.
class FiredRules {
 public:
  void set(std::size_t rule) noexcept { words_[rule / 64] |= std::uint64_t{1} << rule % 64; }
  bool test(std::size_t rule) const noexcept {
    return rule < RuleSet::max_rules && (words_[rule / 64] >> rule % 64 & 1) != 0;
  }
  std::size_t count() const noexcept;
  bool operator==(const FiredRules&) const = default;

 private:
  std::array<std::uint64_t, RuleSet::max_rules / 64> words_{};
};

/// The rules that hold for one query, and the items that they do not let through: memory of one
/// thread, taken once for a catalogue and used for every answer.
class RuleRoom {
 public:
  explicit RuleRoom(std::size_t items = 0) : allowed_(items) {}

  std::size_t items() const noexcept { return allowed_.items(); }
  /// Whether the rules let an item through. False outside the catalogue. It is a `Mask`.
  bool allows(ItemIndex item) const noexcept { return allowed_.allows(item); }

 private:
  friend class CompiledRules;

  ItemMask allowed_;
  std::array<std::uint16_t, RuleSet::max_rules> holding_{};  // places in the set, in its order
  std::size_t count_ = 0;
};

#if BODEGA_BODIES

BODEGA_INLINE std::size_t FiredRules::count() const noexcept {
  int fired = 0;
  for (const std::uint64_t word : words_) fired += std::popcount(word);
  return static_cast<std::size_t>(fired);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
