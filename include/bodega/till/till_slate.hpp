// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/query.hpp>

namespace bodega::inline BODEGA_ABI {

/// What a slate rests on, best first.
enum class SlateRung : std::uint8_t {
  blend,       ///< at least one pick has a reason in the query
  popularity,  ///< nothing in the query led anywhere: what many buy
  none         ///< no item with evidence is allowed: the slate is empty
};
constexpr auto enum_names(SlateRung) noexcept {
  using enum SlateRung;
  return std::to_array<EnumName<SlateRung>>(
      {{blend, "blend"}, {popularity, "popularity"}, {none, "none"}});
}

/// A till's answer, best pick first. Stands in its workspace until that is used again.
struct Slate {
  std::span<const Pick> picks;
  SlateRung answered_by = SlateRung::none;

  const Pick* begin() const noexcept { return picks.data(); }
  const Pick* end() const noexcept { return picks.data() + picks.size(); }
  std::size_t size() const noexcept { return picks.size(); }
  bool empty() const noexcept { return picks.empty(); }
  const Pick& operator[](std::size_t i) const noexcept { return picks[i]; }
};

/// The slate of these picks, and what it rests on.
inline Slate slate_of(std::span<const Pick> picks) noexcept {
  if (picks.empty()) return {picks, SlateRung::none};
  for (const Pick& pick : picks)
    for (const Reason& reason : pick.because)
      if (reason.kind != Reason::Kind::popular) return {picks, SlateRung::blend};
  return {picks, SlateRung::popularity};
}

}  // namespace bodega::inline BODEGA_ABI
