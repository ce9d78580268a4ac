// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/options.hpp>
#include <bodega/hybrid/part_weights.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// How much each recommender of a till counts. The defaults were chosen on held-out baskets of a
/// gift wholesaler of 3,800 items with EASE for `items`: hit rate@10 0.295, 0.005 +- 0.004 above
/// EASE alone; content 0.1 or popularity 10 already cost. The back office may choose its own with
/// `evaluate_ranking` and store them in the bundle under "weights".
struct TillWeights {
  static constexpr std::string_view kind = "till_weights";

  float items = 1;          ///< bought together
  float content = 0.02f;    ///< alike by description and attributes: leads where sales say little
  float popularity = 0.3f;  ///< a share of all sales: decides where the others are silent

  /// Error (not_finite), (out_of_range) for a size beyond 1e9, and where none is above 0: every
  /// answer would be empty.
  void validate(const std::string& where) const {
    const float all[] = {items, content, popularity};
    validate_range(all, -plausible::weight, plausible::weight, where);
    if (!(items > 0 || content > 0 || popularity > 0))
      throw Error(ErrorCode::out_of_range, where, "a weight above 0", "none");
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("items", self.items);
    visit("content", self.content);
    visit("popularity", self.popularity);
  }
};

/// The same by the parts' names, in every situation.
inline PartWeights part_weights(const TillWeights& weights) {
  const std::string names[] = {"items", "content", "popularity"};
  const float numbers[] = {weights.items, weights.content, weights.popularity};
  PartWeights by_name(names);
  by_name.set(Situation(), numbers);
  return by_name;
}

/// What a receipt with items that the catalogue does not hold does.
enum class UnknownItems {
  skip,   ///< the other lines count, and these are counted
  refuse  ///< it is an Error
};

constexpr auto enum_names(UnknownItems) noexcept {
  return std::to_array<EnumName<UnknownItems>>(
      {{UnknownItems::skip, "skip"}, {UnknownItems::refuse, "refuse"}});
}

struct TillOptions {
  std::optional<TillWeights> weights = {};
  std::size_t max_picks = Workspace::default_max_picks;
  std::size_t max_file_bytes = std::size_t{1} << 30;
  std::size_t max_decoded_bytes = 0;
  UnknownItems unknown_items = UnknownItems::skip;
  int day_starts_at = 0;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("weights", self.weights, "Else those of the bundle, else the defaults.");
    visit("max_picks", self.max_picks, "Most picks of `recommend` without a workspace.");
    visit("max_file_bytes", self.max_file_bytes, "A larger file is not opened.");
    visit("max_decoded_bytes", self.max_decoded_bytes,
          "A file whose codes stand for more is not opened; 0: 64 MiB and 64 times the file.");
    visit("unknown_items", self.unknown_items,
          "What a receipt with items that the catalogue does not hold does.");
    visit("day_starts_at", self.day_starts_at,
          "When the business day begins, in seconds after midnight.");
  }
};

}  // namespace bodega::inline BODEGA_ABI
