// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/simd.hpp>

/// The recurrent cells, each the only one for serving and training. A cell is handed the sums of its
/// step, four for each unit, and leaves in their place what back-propagation needs of them. Sizes
/// come as a `std::size_t` or, where they are known to the compiler, as an integral constant.
namespace bodega {

/// Hidden units at most, where their number is chosen at run time.
inline constexpr std::size_t max_hidden = 256;

/// Long short-term memory. Gates in the order input, forget, candidate, output, a sum for each.
/// Source: Hochreiter, Schmidhuber 1997, with the forget gate of Gers et al. 2000.
struct LstmCell {
  static constexpr std::string_view kind = "lstm";
  static constexpr std::size_t gates = 4;  ///< columns of the weights, for each unit
  static constexpr std::size_t sums = 4;   ///< numbers of the bias, for each unit

  /// Adds what the hidden state contributes to the sums.
  template <class Size, class W>
  static void add_hidden(Size n, const W& recurrent, const float* hidden, float* sums_of) noexcept {
    add_rows(recurrent, {hidden, n}, {sums_of, gates * n});
  }

  /// From the sums, and the memory before, to the memory and hidden state after; `squashed` receives
  /// tanh(after). The sums are left activated. No two arrays may overlap.
  template <class Size>
  static void step(Size n, float* __restrict sums_of, const float* __restrict before,
                   float* __restrict after, float* __restrict squashed,
                   float* __restrict hidden) noexcept {
    simd::sigmoid(sums_of, 2 * n);
    simd::tanh(sums_of + 2 * n, n);
    simd::sigmoid(sums_of + 3 * n, n);
    for (std::size_t j = 0; j < n; ++j)
      squashed[j] = after[j] = sums_of[n + j] * before[j] + sums_of[j] * sums_of[2 * n + j];
    simd::tanh(squashed, n);
    for (std::size_t j = 0; j < n; ++j) hidden[j] = sums_of[3 * n + j] * squashed[j];
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

  template <class Size, class W>
  static void add_hidden(Size n, const W& recurrent, const float* hidden, float* sums_of) noexcept {
    float products[gates * max_hidden];
    for (std::size_t j = 0; j < gates * n; ++j) products[j] = 0.0f;
    add_rows(recurrent, {hidden, n}, {products, gates * n});
    for (std::size_t j = 0; j < 2 * n; ++j) sums_of[j] += products[j];
    for (std::size_t j = 2 * n; j < 3 * n; ++j) sums_of[n + j] += products[j];
  }

  /// The memory is the hidden state; `squashed` is not used.
  template <class Size>
  static void step(Size n, float* __restrict sums_of, const float* __restrict before,
                   float* __restrict after, float* __restrict, float* __restrict hidden) noexcept {
    simd::sigmoid(sums_of, 2 * n);
    for (std::size_t j = 0; j < n; ++j) sums_of[2 * n + j] += sums_of[j] * sums_of[3 * n + j];
    simd::tanh(sums_of + 2 * n, n);
    for (std::size_t j = 0; j < n; ++j) {
      const float update = sums_of[n + j];
      hidden[j] = after[j] = (1.0f - update) * sums_of[2 * n + j] + update * before[j];
    }
  }
};

}  // namespace bodega
