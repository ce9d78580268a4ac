// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/simd.hpp>

/// The recurrent cells, each the only one for serving and training. A cell is handed the sums of
/// its step, four for each unit, and leaves in their place what back-propagation needs of them.
namespace bodega::inline BODEGA_ABI {

/// Hidden units at most, where their number is chosen at run time.
inline constexpr std::size_t max_hidden = 256;

/// Long short-term memory. Gates in the order input, forget, candidate, output, a sum for each.
/// Source: Hochreiter, Schmidhuber 1997, with the forget gate of Gers et al. 2000.
struct LstmCell {
  static constexpr std::string_view kind = "lstm";
  static constexpr std::size_t gates = 4;  ///< columns of the weights, for each unit
  static constexpr std::size_t sums = 4;   ///< numbers of the bias, for each unit
  /// To which sum a gate's column of the input weights adds, and of the recurrent weights.
  static constexpr std::array<std::size_t, gates> sum_of_input{0, 1, 2, 3};
  static constexpr std::array<std::size_t, gates> sum_of_hidden{0, 1, 2, 3};

  /// The hidden state after the step. `memory` is carried on; `squashed` receives its tanh. V is a
  /// float, or a vector of them.
  template <class V>
  static V step(V (&sum)[4], V& memory, V& squashed) noexcept {
    sum[0] = simd::sigmoid(sum[0]);
    sum[1] = simd::sigmoid(sum[1]);
    sum[2] = simd::tanh(sum[2]);
    sum[3] = simd::sigmoid(sum[3]);
    memory = simd::mul_add(sum[1], memory, sum[0] * sum[2]);
    squashed = simd::tanh(memory);
    return sum[3] * squashed;
  }
};

/// Gated recurrent unit. Gates in the order reset, update, candidate; the candidate's sums of input
/// and of hidden state are kept apart, with a bias each, because the reset gate multiplies the
/// latter: reset, update, candidate of the input, candidate of the hidden state.
/// Source: Cho et al., EMNLP 2014, with the reset gate after the product, as cuDNN has it.
struct GruCell {
  static constexpr std::string_view kind = "gru";
  static constexpr std::size_t gates = 3;
  static constexpr std::size_t sums = 4;
  static constexpr std::array<std::size_t, gates> sum_of_input{0, 1, 2};
  static constexpr std::array<std::size_t, gates> sum_of_hidden{0, 1, 3};

  /// The memory is the hidden state; `squashed` is not used.
  template <class V>
  static V step(V (&sum)[4], V& memory, V&) noexcept {
    sum[0] = simd::sigmoid(sum[0]);
    sum[1] = simd::sigmoid(sum[1]);
    sum[2] = simd::tanh(simd::mul_add(sum[0], sum[3], sum[2]));
    memory = simd::mul_add(sum[1], memory - sum[2], sum[2]);
    return memory;
  }
};

/// A step of n units: from the sums (4 n, left activated) and the memory before, to memory, its
/// tanh and hidden state after. The arrays may not overlap.
template <class Cell>
void step_units(std::size_t n, float* sums, const float* before, float* after, float* squashed,
                float* hidden) noexcept {
  const auto step = [&](std::size_t j, auto load, auto store) {
    using V = decltype(load(sums));
    V of_unit[4] = {load(sums + j), load(sums + n + j), load(sums + 2 * n + j),
                    load(sums + 3 * n + j)};
    V memory = load(before + j), tanh_of_memory{};
    const V after_step = Cell::step(of_unit, memory, tanh_of_memory);
    for (std::size_t s = 0; s < 4; ++s) store(of_unit[s], sums + s * n + j);
    store(memory, after + j);
    store(tanh_of_memory, squashed + j);
    store(after_step, hidden + j);
  };
  std::size_t j = 0;
  for (; j + simd::width <= n; j += simd::width)
    step(
        j, [](const float* p) { return simd::load(p); },
        [](const simd::Floats& x, float* p) { simd::store(x, p); });
  for (; j < n; ++j)
    step(
        j, [](const float* p) { return *p; }, [](float x, float* p) { *p = x; });
}

}  // namespace bodega::inline BODEGA_ABI
