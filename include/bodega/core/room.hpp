// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// Room in each of some vectors for `more` elements, so that adding them cannot fail: who adds to
/// several vectors makes room in all before it changes the first. Grows by half at least, so that
/// many calls cost as little as one. Throws std::bad_alloc with no element changed.
template <class... Vectors>
void make_room(std::size_t more, Vectors&... vectors) {
  const auto in = [more](auto& vector) {
    const std::size_t wanted = vector.size() + more;
    if (wanted > vector.capacity())
      vector.reserve(std::max(wanted, vector.capacity() + vector.capacity() / 2));
  };
  (in(vectors), ...);
}

}  // namespace bodega::inline BODEGA_ABI
