// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// An item and the day a customer bought it last.
struct Purchase {
  ItemIndex item = ItemIndex::none();
  Day day = {};
};

/// What rules want to know beside the query. Nothing is guessed: where something is not known, a
/// rule that restricts holds, and one that promotes does not. Spans are borrowed for the call.
struct Shopper {
  std::optional<Moment> now = {};            ///< of the shop's clock
  int verified_age = 0;                      ///< years at least; 0: nobody has looked
  bool card_holder = false;                  ///< whether a loyalty card was shown
  std::uint64_t tags = 0;                    ///< bits of `CompiledRules::tag`: "vegan", "staff"
  std::span<const Purchase> purchases = {};  ///< the customer's, in any order
};

}  // namespace bodega::inline BODEGA_ABI
