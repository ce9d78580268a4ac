// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <bodega/core/abi.hpp>
#include <bodega/forecast/recurrent/recurrent_cell.hpp>
#include <bodega/tensor/kernels/int16_lanes.hpp>

namespace bodega::inline BODEGA_ABI::detail {

/// The cell of Vectors x lanes units (or of one unit of as many items), whose four sums lie
/// `apart` numbers from each other.
template <class Cell, std::size_t Vectors>
void step_integer_units(const std::int16_t* sums, std::size_t apart, std::int16_t* memory,
                        std::int16_t* hidden) noexcept {
  using namespace int16_lanes;
  Int16s s[4][Vectors];
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t v = 0; v < Vectors; ++v) s[k][v] = load(sums + k * apart + v * lanes);
  Int16s& spare = s[1][Vectors - 1];  // of one vector each, the first two go together
  sigmoid_q15(s[0][0], Vectors == 2 ? s[0][Vectors - 1] : spare);
  if constexpr (Vectors == 2) sigmoid_q15(s[1][0], s[1][1]);
  Int16s next[Vectors];
  if constexpr (std::is_same_v<Cell, GruCell>) {
    Int16s candidate[Vectors];
    for (std::size_t v = 0; v < Vectors; ++v)
      candidate[v] =
          largest(add(s[2][v], product(s[0][v], s[3][v])), broadcast(std::int16_t{-32767}));
    Int16s none = candidate[0];
    tanh_q15(candidate[0], Vectors == 2 ? candidate[Vectors - 1] : none);
    for (std::size_t v = 0; v < Vectors; ++v) {
      next[v] = add(subtract(candidate[v], product(s[1][v], candidate[v])),
                    product(s[1][v], load(hidden + v * lanes)));
      store(hidden + v * lanes, next[v]);
    }
  } else {
    if constexpr (Vectors == 2) {
      tanh_q15(s[2][0], s[2][1]);
      sigmoid_q15(s[3][0], s[3][1]);
    } else {
      tanh_q15(s[2][0], s[3][0]);
      s[3][0] = add(half(s[3][0]), broadcast(std::int16_t{16384}));
    }
    Int16s squashed[2];
    for (std::size_t v = 0; v < Vectors; ++v) {
      const Int16s added = product(product(s[0][v], s[2][v]), broadcast(std::int16_t{2304}));
      next[v] = add(product(s[1][v], load(memory + v * lanes)), added);
      store(memory + v * lanes, next[v]);
      const Int16s once = size(next[v]);
      squashed[v] = add(add(once, once), once);
    }
    if constexpr (Vectors == 1) squashed[1] = squashed[0];
    squash(squashed[0], squashed[1]);
    for (std::size_t v = 0; v < Vectors; ++v)
      store(hidden + v * lanes, product(s[3][v], with_sign_of(squashed[v], next[v])));
  }
}

}  // namespace bodega::inline BODEGA_ABI::detail
