// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <bodega/core/query.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/slate.hpp>

#include "model.hpp"

namespace bodega::python {

/// None (everything) or a boolean array with an entry for each item. Error (shape,
/// invalid_argument).
ItemMask to_mask(const py::object& allowed, std::size_t items, const char* where);
py::array_t<bool> from_mask(const ItemMask& mask);

/// Where and when is asked; what is None is not known.
inline Context context_of(StoreId store, const std::optional<Moment>& when) noexcept {
  return when ? Context(store, *when) : Context(store, -1, -1);
}

/// A query that owns its basket.
struct OwnedQuery {
  std::vector<ItemIndex> basket;
  ItemIndex viewed;
  CustomerIndex customer;
  Context context;

  OwnedQuery(const py::object& items, ItemIndex viewed_item, CustomerIndex who,
             const Context& where_and_when = {})
      : basket(to_items(items, "basket")),
        viewed(viewed_item),
        customer(who),
        context(where_and_when) {}
  Query query() const noexcept { return {.basket = basket, .viewed = viewed, .customer = customer, .context = context}; }
};

}  // namespace bodega::python
