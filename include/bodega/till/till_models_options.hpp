// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/hybrid/part_weights.hpp>

namespace bodega::inline BODEGA_ABI {

/// What a model or a weight of a bundle does that no list of the till's parts knows.
enum class UnknownParts {
  ignore,  ///< `TillModels::unknown` names it
  refuse   ///< it is an Error
};
constexpr auto enum_names(UnknownParts) noexcept {
  return std::to_array<EnumName<UnknownParts>>(
      {{UnknownParts::ignore, "ignore"}, {UnknownParts::refuse, "refuse"}});
}

struct TillModelsOptions {
  UnknownParts unknown_parts = UnknownParts::ignore;
  std::optional<PartWeights> weights = {};
  std::vector<std::string> stores = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("unknown_parts", self.unknown_parts,
          "What a model or a weight does that the till does not know.");
    visit("weights", self.weights, "Else those of the bundle, else each part's usual one.");
    visit("stores", self.stores, "Names of the stores that rules may name, in the order of ids.");
  }
};

}  // namespace bodega::inline BODEGA_ABI
