// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace bodega_test {

/// What this thread has taken from the heap so far: every test program's operator new counts
/// (allocation_counter.cpp).
std::size_t allocations_so_far() noexcept;

/// The allocation of this thread with that number, counted from 0, fails.
void fail_allocation(std::size_t number) noexcept;

/// Allocations of this thread while `body` ran.
template <class Body>
std::size_t allocations_in(Body&& body) {
  const std::size_t before = allocations_so_far();
  body();
  return allocations_so_far() - before;
}

}  // namespace bodega_test
