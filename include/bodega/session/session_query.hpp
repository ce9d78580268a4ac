// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <bodega/core/query.hpp>

namespace bodega {

/// Calls `visit(item, back)` for the views of a session from the latest (`back` 0) to the first, as
/// long as it returns true. The session is the basket in its order and with its repeats, then the
/// viewed item where that is not the last of the basket already. Items outside the catalogue are
/// left out and no step is counted for them.
template <class Visit>
void for_each_view_back(const Query& query, std::size_t items, Visit&& visit) noexcept {
  std::size_t back = 0;
  std::size_t left = query.basket.size();
  while (left > 0 && query.basket[left - 1].value() >= items) --left;
  if (query.viewed.value() < items && (left == 0 || query.basket[left - 1] != query.viewed))
    if (!visit(query.viewed, back++)) return;
  for (; left > 0; --left)
    if (query.basket[left - 1].value() < items)
      if (!visit(query.basket[left - 1], back++)) return;
}

}  // namespace bodega
