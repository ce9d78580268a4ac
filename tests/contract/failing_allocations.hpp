// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <new>

#include "allocation_counter.hpp"
#include "catch.hpp"

namespace bodega_test {

/// Fails every allocation of `change(object)` in turn, on a copy of `before` each time: the object
/// must stay as it was, be right by `check`, and take the change once memory is there again.
/// Returns how many allocations there were.
template <class T, class Change, class Check>
std::size_t check_failing_allocations(const T& before, Change&& change, Check&& check) {
  T after = before;
  change(after);
  for (std::size_t n = 0;; ++n) {
    T object = before;
    bool failed = false;
    fail_allocation(allocations_so_far() + n);
    try {
      change(object);
    } catch (const std::bad_alloc&) {
      failed = true;
    }
    fail_allocation(static_cast<std::size_t>(-1));
    INFO("allocation " << n);
    if (!failed) {
      CHECK(object == after);
      return n;
    }
    CHECK(object == before);
    check(object);
    change(object);
    CHECK(object == after);
    check(object);
  }
}

}  // namespace bodega_test
