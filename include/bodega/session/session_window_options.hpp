// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <bodega/core/abi.hpp>
#include <bodega/core/options.hpp>

namespace bodega::inline BODEGA_ABI {

struct SessionWindowOptions {
  std::size_t sessions = 100'000;
  std::size_t views = 0;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("sessions", self.sessions, "How many are kept at most.");
    visit("views", self.views, "How many views they may have together; 0 = 6 a session.");
  }
};

}  // namespace bodega::inline BODEGA_ABI
