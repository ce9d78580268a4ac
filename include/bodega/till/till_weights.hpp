// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/hybrid/part_weights.hpp>
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

}  // namespace bodega::inline BODEGA_ABI
