// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/query.hpp>
#include <bodega/tensor/rows.hpp>

namespace bodega::inline BODEGA_ABI {

/// Returns the items that most make `a` and `b` alike: complements of both (`fit_complements`),
/// each with the product of its two weights, strongest first. Indices outside the catalogue share
/// nothing. Allocates nothing.
template <WeightFormat W>
Reasons shared_complements(const ItemItem<W>& complements, ItemIndex a, ItemIndex b) noexcept {
  Reasons shared;
  if (a.value() >= complements.items() || b.value() >= complements.items()) return shared;
  for_each_entry(complements.weights(), a.value(), [&](std::uint32_t item, float weight) {
    shared.offer({Reason::Kind::bought_together, ItemIndex(item), Reason::no_term,
                  weight * entry(complements.weights(), b.value(), item)});
  });
  return shared;
}

}  // namespace bodega::inline BODEGA_ABI
