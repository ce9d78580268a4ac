// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>

namespace bodega::inline BODEGA_ABI {

/// The defaults are VMIS-kNN as published.
struct SessionNeighboursOptions {
  static constexpr std::uint32_t most_recent = 4096, most_views = 16;

  std::uint32_t recent = 1500;
  std::uint32_t neighbours = 300;
  std::uint32_t last_views = 4;

  /// How alike a session is: the sum over the distinct items it shares with the query's last views.
  /// The item viewed last counts 1, those before less: with 0 evenly down to 1/n for n items, else
  /// exp(-view_decay) times as much with each.
  float view_decay = 0;
  float match_rarity = 0;
  float half_life = 0;

  /// What a neighbour says of its items: as much as it is alike, and
  float match_decay = 0.1f;
  float distance_decay = 0;
  float before = 1;
  float itself = 1;
  std::uint8_t rare_first = 1;

  /// Of the query's views that it is known of: a view of d seconds counts 2 d / (d + half_dwell)
  /// times, at least a tenth; one of `half_dwell` seconds as much as one of unknown length.
  static constexpr float usual_half_dwell = 20;
  float half_dwell = usual_half_dwell;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("recent", self.recent, "So many of the newest sessions that share an item are compared.");
    visit("neighbours", self.neighbours, "So many of those that are most alike are asked.");
    visit("last_views", self.last_views, "So many views of the query are compared.");
    visit("view_decay", self.view_decay,
          "Older views count exp(-this) times as much each; 0: evenly down to 1/n.");
    visit("match_rarity", self.match_rarity,
          "A shared item counts ln(sessions / those that hold it) to this power.");
    visit("half_life", self.half_life,
          "A session that is so many sessions old is half as alike; 0 = never.");
    visit("match_decay", self.match_decay,
          "Less by this for each view that the shared item is further back.");
    visit("distance_decay", self.distance_decay,
          "Times exp(-this) for each step from the shared item beyond one.");
    visit("before", self.before, "Times this where an item stands before the shared one.");
    visit("itself", self.itself, "Times this for the shared item.");
    visit("rare_first", self.rare_first,
          "1: times ln(sessions / those that hold the item); 0: not.");
    visit("half_dwell", self.half_dwell,
          "A view of d seconds counts 2 d / (d + this), at least 0.1; 0: dwell is not used.");
  }

  /// Error (out_of_range) for an option that is negative, not finite or too large: recent beyond
  /// 4,096, last_views beyond 16, a rarity beyond 8, another number beyond a million (half_life: a
  /// thousand million).
  void validate(const std::string& where) const;
};

#if BODEGA_BODIES

BODEGA_INLINE void SessionNeighboursOptions::validate(const std::string& where) const {
  const auto check = [&](double value, double most, const char* name) {
    if (!(value >= 0 && value <= most))
      throw Error(ErrorCode::out_of_range, where + ", option " + name,
                  "0 to " + std::to_string(most), std::to_string(value));
  };
  check(recent, most_recent, "recent");
  check(last_views, most_views, "last_views");
  check(view_decay, 1e6, "view_decay");
  check(match_rarity, 8, "match_rarity");
  check(half_life, 1e9, "half_life");
  check(match_decay, 1e6, "match_decay");
  check(distance_decay, 1e6, "distance_decay");
  check(before, 1e6, "before");
  check(itself, 1e6, "itself");
  check(rare_first, 1, "rare_first");
  check(half_dwell, 1e6, "half_dwell");
}

#endif

}  // namespace bodega::inline BODEGA_ABI
