// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/hybrid/part_blend.hpp>
#include <bodega/till/lane_memory.hpp>
#include <bodega/till/shelf.hpp>
#include <bodega/till/till_state.hpp>

namespace bodega::inline BODEGA_ABI {

/// One of the two copies of what lanes read: models, state, and the blend over both.
/// Thread safety: const calls from many threads; `LeftRight` keeps changes apart.
struct TillSide {
  TillSide(std::shared_ptr<TillGeneration> of, const TillState& from)
      : generation(std::move(of)),
        state(from),
        blend(generation->models->blend(state.live())),
        memories(0) {}
  TillSide(const TillSide& other)
      : generation(other.generation),
        state(other.state),
        blend(generation->models->blend(state.live())),
        memories(other.memories) {}
  TillSide& operator=(const TillSide& other) {
    state = other.state;
    memories = other.memories;
    generation = other.generation;
    refer();
    return *this;
  }

  /// The blend speaks for the generation and the state as they are now.
  void refer() { blend = generation->models->blend(state.live()); }

  std::shared_ptr<TillGeneration> generation;
  TillState state;
  PartBlend blend;
  std::vector<LaneMemory*> memories;  // of the generation, by the lane's number
};

}  // namespace bodega::inline BODEGA_ABI
