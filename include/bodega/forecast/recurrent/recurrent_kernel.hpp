// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/forecast/recurrent/recurrent_cell.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>

namespace bodega::inline BODEGA_ABI::detail {

/// The steps of a recurrent network for serving: a copy of its weights as floats in the order in
/// which a step reads them, whatever format they are stored in. Units lie in tiles of a vector's
/// width; of a tile there is a row of biases, a row for each input and one for each hidden unit,
/// and of a row the four sums of its units:
///
///   tile | bias, inputs..., hidden... | sum | unit of the tile
///
/// so the sums of a tile are made, and its units stepped, without leaving the registers. One window
/// at a time, a vector is `width` units; many windows at a time, it is one unit of `width` windows
/// and the weights are read one by one.
///
/// Memory: 4 (1 + I + H) numbers a unit, units rounded up to whole vectors; made anew by whoever
/// changes the weights, never stored.
template <class Cell>
class RecurrentKernel {
 public:
  /// Inputs at most for many windows at a time.
  static constexpr std::size_t most_inputs = 32;
  /// Windows at a time, at most.
  static constexpr std::size_t most_windows = 3 * simd::width;

  RecurrentKernel() = default;
  /// Sizes must agree.
  template <WeightFormat W>
  RecurrentKernel(const W& input, const W& recurrent, std::span<const float> bias)
      : units_(recurrent.rows()),
        inputs_(input.rows()),
        tiles_((units_ + simd::width - 1) / simd::width),
        // One row more: what is read twice a turn may end beyond an odd last one.
        lines_((tiles_ * tile_size() + row_size + CacheLine::size - 1) / CacheLine::size) {
    for (std::size_t j = 0; j < bias.size(); ++j) weight(0, j / units_, j % units_) = bias[j];
    const auto place = [&](const W& w, std::size_t first, const auto& sum_of_gate) {
      for (std::size_t i = 0; i < w.rows(); ++i)
        for_each_entry(w, i, [&](std::uint32_t column, float value) {
          weight(first + i, sum_of_gate[column / units_], column % units_) = value;
        });
    };
    place(input, 1, Cell::sum_of_input);
    place(recurrent, 1 + inputs_, Cell::sum_of_hidden);
  }

  /// Room for the hidden state of `hidden` units and what rounds them up.
  static constexpr std::size_t room(std::size_t hidden) noexcept {
    return (hidden + simd::width - 1) / simd::width * simd::width + 1;
  }

  /// The hidden state after the last step, in `state`, which has `room(MostUnits)` numbers.
  /// `inputs_of(step, visit)` calls `visit(input, value)` for the inputs that are not 0.
  template <std::size_t MostUnits, class InputsOf>
  void run(InputsOf&& inputs_of, float* state) const noexcept {
    alignas(CacheLine) float other[room(MostUnits)], memory[room(MostUnits)];
    for (float* buffer : {state, other, memory}) std::fill_n(buffer, room(units_), 0.0f);
    std::array<NonZero, 268> inputs;  // as many as a window can have
    float* hidden[2] = {state, other};
    static_assert(window_days % 2 == 0, "the last step writes to `state`");
    for (std::size_t step = 0; step < window_days; ++step) {
      std::size_t count = 0;
      inputs_of(step, [&](std::size_t input, float value) {
        inputs[count++] = {static_cast<std::uint32_t>(1 + input), value};
      });
      const Step now{{inputs.data(), count},
                     step > 0 ? units_ : 0,
                     hidden[step % 2],
                     hidden[(step + 1) % 2],
                     memory};
      // To and fro: of weights that the first cache cannot hold, a part is still there.
      const std::size_t pairs = tiles_ / 2;
      if (step % 2 == 0) {
        for (std::size_t pair = 0; pair < pairs; ++pair) step_units<2>(2 * pair, now);
        if (tiles_ % 2 != 0) step_units<1>(tiles_ - 1, now);
      } else {
        if (tiles_ % 2 != 0) step_units<1>(tiles_ - 1, now);
        for (std::size_t pair = pairs; pair-- > 0;) step_units<2>(2 * pair, now);
      }
    }
  }

  /// How many windows `run_many` takes at a time.
  template <std::size_t MostUnits>
  std::size_t windows_at_once() const noexcept {
    return std::clamp<std::size_t>(many_room(MostUnits) / (units_ * simd::width), 1, 3) *
           simd::width;
  }
  /// The hidden states of `count` windows, at most `windows_at_once()`, after the last step.
  /// `inputs_of(window, step, visit)` as above; `take(window, state)` receives each.
  template <std::size_t MostUnits, class InputsOf, class Take>
  void run_many(std::size_t count, InputsOf&& inputs_of, Take&& take) const noexcept {
    switch ((count + simd::width - 1) / simd::width) {
      case 1:
        return run_vectors<1, MostUnits>(count, inputs_of, take);
      case 2:
        return run_vectors<2, MostUnits>(count, inputs_of, take);
      default:
        return run_vectors<3, MostUnits>(count, inputs_of, take);
    }
  }

 private:
  using Floats = simd::Floats;
  static constexpr std::size_t width = simd::width;
  static constexpr std::size_t row_size = 4 * width;

  struct alignas(64) CacheLine {
    static constexpr std::size_t size = 16;
    float numbers[size] = {};
  };
  struct NonZero {
    std::uint32_t row;
    float value;
  };
  struct Step {
    std::span<const NonZero> inputs;
    std::size_t units;    // 0 in the first step, which has no hidden state to read
    const float* before;  // hidden state
    float* after;
    float* memory;
  };

  std::size_t tile_size() const noexcept { return (1 + inputs_ + units_) * row_size; }
  const float* tile(std::size_t t) const noexcept {
    const float* const numbers = lines_.data()->numbers;  // one stretch over all lines
    return numbers + t * tile_size();
  }
  float& weight(std::size_t row, std::size_t sum, std::size_t unit) noexcept {
    float* const numbers = lines_.data()->numbers;
    return numbers[unit / width * tile_size() + row * row_size + sum * width + unit % width];
  }

  /// Two tiles at once, so that eight additions are under way; of a last single one, two rows.
  template <std::size_t Tiles>
  void step_units(std::size_t first, const Step& step) const noexcept {
    static_assert(Tiles == 1 || Tiles == 2);
    constexpr std::size_t rows = Tiles == 2 ? 1 : 2;
    const float* row = tile(first);
    const std::size_t beside = Tiles == 2 ? tile_size() : row_size;
    Floats sums[2][4];
#pragma GCC unroll 4
    for (std::size_t s = 0; s < 4; ++s) {
      sums[0][s] = simd::load(row + s * width);
      sums[1][s] = Tiles == 2 ? simd::load(row + beside + s * width) : Floats(0.0f);
    }
    for (const NonZero& input : step.inputs) {
      const Floats value(input.value);
      const float* from = row + input.row * row_size;
#pragma GCC unroll 4
      for (std::size_t s = 0; s < 4; ++s) {
        sums[0][s] = simd::mul_add(value, simd::load(from + s * width), sums[0][s]);
        if constexpr (Tiles == 2)
          sums[1][s] = simd::mul_add(value, simd::load(from + beside + s * width), sums[1][s]);
      }
    }
    row += (1 + inputs_) * row_size;
    for (std::size_t k = 0; k < step.units; k += rows, row += rows * row_size) {
      const Floats value(step.before[k]), next(step.before[k + rows - 1]);
#pragma GCC unroll 4
      for (std::size_t s = 0; s < 4; ++s)
        sums[0][s] = simd::mul_add(value, simd::load(row + s * width), sums[0][s]);
#pragma GCC unroll 4
      for (std::size_t s = 0; s < 4; ++s)
        sums[1][s] = simd::mul_add(next, simd::load(row + beside + s * width), sums[1][s]);
    }
    if constexpr (Tiles == 1)
      for (std::size_t s = 0; s < 4; ++s) sums[0][s] = sums[0][s] + sums[1][s];
#pragma GCC unroll 2
    for (std::size_t t = 0; t < Tiles; ++t) {
      const std::size_t at = (first + t) * width;
      Floats memory = simd::load(step.memory + at), squashed;
      simd::store(Cell::step(sums[t], memory, squashed), step.after + at);
      simd::store(memory, step.memory + at);
    }
  }

  /// Numbers in a buffer of `run_many`: three vectors of up to 64 units, one of more.
  static constexpr std::size_t many_room(std::size_t most_units) noexcept {
    return std::max(most_units, 3 * std::min<std::size_t>(most_units, 64)) * width;
  }

  template <std::size_t Vectors, std::size_t MostUnits, class InputsOf, class Take>
  void run_vectors(std::size_t count, InputsOf& inputs_of, Take& take) const noexcept {
    constexpr std::size_t lanes = Vectors * width;
    alignas(CacheLine) float buffers[3][many_room(MostUnits)];
    alignas(CacheLine) float inputs[most_inputs][lanes];
    std::array<std::uint32_t, most_inputs> rows;
    for (auto& buffer : buffers) std::fill_n(buffer, units_ * lanes, 0.0f);
    for (std::size_t step = 0; step < window_days; ++step) {
      bool seen[most_inputs] = {};
      for (std::size_t i = 0; i < count; ++i)
        inputs_of(i, step, [&](std::size_t input, float value) {
          if (!seen[input]) std::fill_n(inputs[input], lanes, 0.0f);
          seen[input] = true;
          inputs[input][i] = value;
        });
      std::size_t used = 0;
      for (std::uint32_t i = 0; i < inputs_; ++i)
        if (seen[i]) rows[used++] = i;
      const float* before = buffers[step % 2];
      float *after = buffers[(step + 1) % 2], *memory = buffers[2];
      for (std::size_t unit = 0; unit < units_; ++unit) {
        const float* row = tile(unit / width) + unit % width;
        Floats sums[Vectors][4];
#pragma GCC unroll 4
        for (std::size_t s = 0; s < 4; ++s)
#pragma GCC unroll 4
          for (std::size_t v = 0; v < Vectors; ++v) sums[v][s] = Floats(row[s * width]);
        for (std::size_t i = 0; i < used; ++i)
          add_lanes<Vectors>(row + (1 + rows[i]) * row_size, inputs[rows[i]], sums);
        if (step > 0)
          for (std::size_t k = 0; k < units_; ++k)
            add_lanes<Vectors>(row + (1 + inputs_ + k) * row_size, before + k * lanes, sums);
#pragma GCC unroll 4
        for (std::size_t v = 0; v < Vectors; ++v) {
          const std::size_t at = unit * lanes + v * width;
          Floats kept = simd::load(memory + at), squashed;
          simd::store(Cell::step(sums[v], kept, squashed), after + at);
          simd::store(kept, memory + at);
        }
      }
    }
    float state[MostUnits];
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t k = 0; k < units_; ++k) state[k] = buffers[0][k * lanes + i];
      take(i, static_cast<const float*>(state));
    }
  }

  /// The sums of one unit in each window: += the row's weights times a number of each window.
  template <std::size_t Vectors>
  static void add_lanes(const float* row, const float* numbers,
                        Floats (&sums)[Vectors][4]) noexcept {
    Floats values[Vectors];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < Vectors; ++v) values[v] = simd::load(numbers + v * width);
#pragma GCC unroll 4
    for (std::size_t s = 0; s < 4; ++s) {
      const Floats by(row[s * width]);
#pragma GCC unroll 4
      for (std::size_t v = 0; v < Vectors; ++v)
        sums[v][s] = simd::mul_add(by, values[v], sums[v][s]);
    }
  }

  std::size_t units_ = 0, inputs_ = 0, tiles_ = 0;
  std::vector<CacheLine> lines_;
};

}  // namespace bodega::inline BODEGA_ABI::detail
