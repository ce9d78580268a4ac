// SPDX-License-Identifier: MIT
#pragma once

namespace bodega {

/// Asks memory for the cache line at `address`, which will soon be read. A hint, and nothing where
/// the compiler knows no such thing; any address will do.
inline void prefetch(const void* address) noexcept {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#else
  static_cast<void>(address);
#endif
}

}  // namespace bodega
