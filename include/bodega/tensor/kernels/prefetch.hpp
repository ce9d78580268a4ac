// SPDX-License-Identifier: MIT
#pragma once

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// Asks memory for the cache line at `address`, which will soon be read. A hint, and nothing where
/// the compiler knows no such thing; any address will do.
inline void prefetch(const void* address) noexcept {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#else
  static_cast<void>(address);
#endif
}

}  // namespace bodega::inline BODEGA_ABI
