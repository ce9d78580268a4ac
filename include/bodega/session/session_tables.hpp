// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/session/session_neighbours_options.hpp>
#include <bodega/session/session_window.hpp>

namespace bodega::inline BODEGA_ABI::detail {

/// What the options imply for every search: how fresh a session of an age is, and what is said of a
/// view so many places from the shared one.
class SessionTables {
 public:
  /// For windows of at most `capacity` sessions.
  void make(const SessionNeighboursOptions& options, std::size_t capacity);

  /// Half as much for each `half_life` of sessions since.
  float freshness(std::uint32_t age) const noexcept {
    return fresh_[age % fresh_step] * fresh_[fresh_step + age / fresh_step];
  }

  /// Whether what is said is not the same at all places.
  bool by_place() const noexcept { return by_place_; }
  /// What is said of each view of a session of which view `at` is the shared one.
  const float* from(std::uint32_t at) const noexcept {
    return by_offset_.data() + SessionWindow::longest - at;
  }

 private:
  static constexpr std::uint32_t fresh_step = 256;
  std::array<float, 2 * SessionWindow::longest + 1> by_offset_{};  // by places after the shared one
  bool by_place_ = false;
  std::vector<float> fresh_;  // of ages below fresh_step, and of its multiples
};

#if BODEGA_BODIES

BODEGA_INLINE void SessionTables::make(const SessionNeighboursOptions& options,
                                       std::size_t capacity) {
  for (std::size_t steps = 1; steps <= SessionWindow::longest; ++steps) {
    const float after = std::exp(-options.distance_decay * static_cast<float>(steps - 1));
    by_offset_[SessionWindow::longest + steps] = after;
    by_offset_[SessionWindow::longest - steps] = after * options.before;
  }
  by_offset_[SessionWindow::longest] = options.itself;
  by_place_ = options.distance_decay != 0 || options.before != 1 || options.itself != 1;
  fresh_.clear();
  if (!(options.half_life > 0)) return;
  const auto after = [&](std::size_t sessions) {
    return std::exp2(-static_cast<float>(sessions) / options.half_life);
  };
  for (std::size_t age = 0; age < fresh_step; ++age) fresh_.push_back(after(age));
  for (std::size_t age = 0; age <= capacity; age += fresh_step) fresh_.push_back(after(age));
}

#endif

}  // namespace bodega::inline BODEGA_ABI::detail
