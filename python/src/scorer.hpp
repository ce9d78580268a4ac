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

/// Where, when and how is asked; what is None or "unknown" is not known. Error (invalid_argument).
Context context_of(StoreId store, const std::optional<Moment>& when,
                   const std::string& channel = "unknown", const std::string& rush = "unknown");

/// Views as Python gives them: items, or pairs of an item and seconds.
std::vector<View> to_session(const py::object& session);

/// A query that owns what it names.
struct OwnedQuery {
  std::vector<ItemIndex> basket;
  std::vector<Quantity> quantities;  // of each item of the basket, or none
  std::vector<View> session;
  ItemIndex viewed;
  CustomerIndex customer;
  Context context;

  OwnedQuery(const py::object& items, ItemIndex viewed_item, CustomerIndex who,
             const Context& where_and_when = {})
      : basket(to_items(items, "basket")),
        viewed(viewed_item),
        customer(who),
        context(where_and_when) {}
  /// Error (shape) unless there is a quantity for each item of the basket, or None.
  OwnedQuery& with(const py::object& quantities_given, const py::object& session_given);

  Query query() const noexcept {
    return {.basket = basket,
            .quantities = quantities,
            .viewed = viewed,
            .session = session,
            .customer = customer,
            .context = context};
  }
};

}  // namespace bodega::python
