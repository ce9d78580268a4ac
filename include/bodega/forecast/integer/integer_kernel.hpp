// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/forecast/integer/integer_network.hpp>
#include <bodega/forecast/integer/integer_parts.hpp>
#include <bodega/forecast/integer/integer_question.hpp>
#include <bodega/forecast/integer/integer_units.hpp>
#include <bodega/forecast/recurrent/recurrent_cell.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/window_inputs.hpp>
#include <bodega/tensor/kernels/int16_lanes.hpp>

namespace bodega::inline BODEGA_ABI::detail {

/// The steps of an integer network for serving: a copy of its weights as the fast path reads them,
/// 16 bits, in pairs of rows, in the order of its sums. Made anew by whoever changes the weights,
/// never stored.
template <class Cell>
class IntegerKernel {
 public:
  static constexpr std::size_t max_inputs = 13 + 255;
  /// Numbers of inputs and hidden state.
  static constexpr std::size_t max_state = max_inputs + 2 + max_hidden + int16_lanes::lanes;

  IntegerKernel() = default;
  /// Of parts that are valid.
  explicit IntegerKernel(const IntegerParts& parts)
      : hidden_(parts.hidden()), inputs_(parts.inputs()) {
    using int16_lanes::lanes;
    padded_ = (hidden_ + lanes - 1) / lanes * lanes;
    first_rest_ = inputs_.weekday ? 9 : 1;
    rest_ = parts.input.columns() - first_rest_;
    input_rows_ = (1 + (inputs_.weekday ? 1 : 0) + rest_ + 1) / 2 * 2;
    const std::size_t columns = 4 * padded_, rows = input_rows_ + padded_;
    weights_.assign((columns * rows + sizeof(Line) / 2 - 1) / (sizeof(Line) / 2), Line{});
    starts_.assign((inputs_.weekday ? 7 : 1) * columns, 0);
    std::int16_t* const weights = weights_.front().numbers;
    for (std::size_t s = 0; s < 4; ++s) {
      multiplier_[s] = parts.multiplier[s];
      shift_[s] = parts.shift[s];
      for (std::size_t u = 0; u < padded_ / lanes; ++u) {
        multipliers_[s * padded_ / lanes + u] = parts.multiplier[s];
        shifts_[s * padded_ / lanes + u] = parts.shift[s];
      }
      for (std::size_t j = 0; j < hidden_; ++j) {
        const std::size_t column = s * padded_ + j;
        const auto put = [&](std::size_t row, int weight) {
          weights[weight_at(row, column)] = static_cast<std::int16_t>(weight);
        };
        if (const std::size_t gate = Gates::of_input(s); gate < Cell::gates) {
          const auto row = parts.input.row(gate * hidden_ + j);
          put(0, row[0] * (1 << parts.input_shift[0]));
          if (inputs_.weekday) put(1, row[8] * (1 << parts.input_shift[8]));
          for (std::size_t i = 0; i < rest_; ++i)
            put((inputs_.weekday ? 2 : 1) + i,
                row[first_rest_ + i] * (1 << parts.input_shift[first_rest_ + i]));
        }
        if (const std::size_t gate = Gates::of_hidden(s); gate < Cell::gates)
          for (std::size_t k = 0; k < hidden_; ++k)
            put(input_rows_ + k, parts.recurrent(gate * hidden_ + j, k));
        for (std::size_t w = 0; w < (inputs_.weekday ? 7 : 1); ++w) {
          std::int32_t start = parts.bias[s * hidden_ + j] * (1 << parts.bias_shift[s]) +
                               (1 << (parts.shift[s] - 1));
          if (inputs_.weekday && Gates::of_input(s) < Cell::gates)
            start += parts.input(Gates::of_input(s) * hidden_ + j, 1 + w) * 2048 *
                     (1 << parts.input_shift[1 + w]);
          starts_[w * columns + start_at(column)] = start;
        }
      }
    }
    outputs_.assign(parts.output.rows() * padded_, 0);
    for (std::size_t q = 0; q < parts.output.rows(); ++q)
      for (std::size_t j = 0; j < hidden_; ++j) outputs_[q * padded_ + j] = parts.output(q, j);
  }

  /// Whether `forecast_lanes` takes the model.
  bool takes_lanes() const noexcept { return input_rows_ <= max_lane_rows; }

  /// Leaves inputs and hidden state of the last day in `state`; returns where the hidden state is.
  const std::int16_t* run(const fixed_point::Network& net, const fixed_point::Window& window,
                          const fixed_point::Calendar& calendar, const fixed_point::Shares& seen,
                          std::int16_t* state) const noexcept {
    alignas(64) std::int16_t gates[4 * (max_hidden + int16_lanes::lanes)];
    alignas(64) std::int16_t memory[max_hidden + int16_lanes::lanes];
    std::fill_n(state, input_rows_ + padded_, std::int16_t{0});
    std::fill_n(memory, padded_, std::int16_t{0});
    for (std::size_t step = 0; step < window_days; ++step) {
      gather_inputs(net, window, calendar, seen, step, state);
      make_sums(state, (step == 0 ? input_rows_ : input_rows_ + padded_) / 2,
                starts(calendar, step), gates);
      std::size_t j = 0;
      for (; j + 2 * int16_lanes::lanes <= padded_; j += 2 * int16_lanes::lanes)
        step_integer_units<Cell, 2>(gates + j, padded_, memory + j, state + input_rows_ + j);
      if (j < padded_)
        step_integer_units<Cell, 1>(gates + j, padded_, memory + j, state + input_rows_ + j);
    }
    return state + input_rows_;
  }

  /// Up to `lanes` windows of the same days, for a model of at most `max_lane_rows` rows of inputs.
  void forecast_lanes(const fixed_point::Network& net, const IntegerParts& parts,
                      std::span<const SalesWindow> windows, float* units,
                      std::span<float> quantiles) const noexcept {
    using namespace int16_lanes;
    alignas(64) std::int16_t inputs_of[window_days][max_lane_rows][lanes];
    fixed_point::Shares seen[lanes] = {};
    bool answered[lanes] = {};
    fixed_point::Calendar calendar{};
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const IntegerQuestion question(parts, windows[i]);
      const fixed_point::Window& window = question.window();
      const bool is_new =
          window.covariate_count > 0 || i == 0 || window.known != windows[i - 1].known;
      if (is_new) fixed_point::find_calendar(net, window, calendar);
      answered[i] = question.valid() && fixed_point::find_shares(net, window, calendar, seen[i]);
      // The calendar's inputs are all items', those of covariates and unknown days may not be.
      for (std::size_t step = 0; step < window_days && is_new; ++step) {
        std::int16_t rows[max_lane_rows] = {};
        gather_inputs(net, window, calendar, seen[i], step, rows);
        for (std::size_t row = 0; row < input_rows_; ++row)
          std::fill(inputs_of[step][row] + i, inputs_of[step][row] + lanes, rows[row]);
      }
      for (std::size_t step = 0; step < window_days; ++step)
        inputs_of[step][0][i] = seen[i].share[step];
      if (inputs_.level) {
        const std::size_t row = level_row();
        const auto level =
            static_cast<std::int16_t>(fixed_point::level_input(seen[i].level, window.weighed));
        for (std::size_t step = 0; step < window_days; ++step) inputs_of[step][row][i] = level;
      }
    }

    // Pairs of rows, interleaved; the hidden state twice, before and after a step.
    alignas(64) std::int16_t state[2][max_lane_rows / 2 + max_hidden / 2][2][lanes];
    alignas(64) std::int16_t memory[max_hidden + 1][lanes] = {};
    alignas(64) std::int16_t hidden_of[max_hidden + 1][lanes] = {};
    alignas(64) std::int16_t sums_of[4][2][lanes] = {};
    const std::size_t input_pairs = input_rows_ / 2, hidden_pairs = (hidden_ + 1) / 2;
    const auto interleave = [](const std::int16_t(*rows)[lanes], std::int16_t(*to)[lanes]) {
      const Int16s a = load(rows[0]), b = load(rows[1]);
      store(to[0], interleave_low(a, b));
      store(to[1], interleave_high(a, b));
    };
    for (std::size_t step = 0; step < window_days; ++step) {
      auto* const before = state[step % 2];
      auto* const after = state[(step + 1) % 2];
      for (std::size_t p = 0; p < input_pairs; ++p) interleave(inputs_of[step] + 2 * p, before[p]);
      const std::size_t pairs = step == 0 ? input_pairs : input_pairs + hidden_pairs;
      const std::int32_t* const start = starts(calendar, step);
      for (std::size_t j = 0; j < hidden_; j += 2) {
        for (std::size_t unit = 0; unit < 2 && j + unit < hidden_; ++unit)
          lane_sums(before, pairs, start, j + unit, sums_of[0][unit]);
        step_integer_units<Cell, 2>(sums_of[0][0], 2 * lanes, memory[j], hidden_of[j]);
      }
      for (std::size_t p = 0; p < hidden_pairs; ++p)
        interleave(hidden_of + 2 * p, after[input_pairs + p]);
    }

    const std::size_t outputs = quantiles.empty() ? 1 : net.outputs;
    std::int32_t sums[max_integer_outputs][2][lanes / 2];
    for (std::size_t q = 0; q < outputs; ++q) {
      Int32s low = broadcast(std::int32_t{0}), high = low;
      for (std::size_t p = 0; p < hidden_pairs; ++p) {
        const Int16s weights = broadcast_pair(outputs_.data() + q * padded_ + 2 * p);
        low = add_products(low, weights, load(state[0][input_pairs + p][0]));
        high = add_products(high, weights, load(state[0][input_pairs + p][1]));
      }
      store(sums[q][0], low);
      store(sums[q][1], high);
    }
    for (std::size_t i = 0; i < windows.size(); ++i) {
      fixed_point::Scaled answers[max_integer_outputs] = {};
      for (std::size_t q = 0; q < outputs && answered[i] && seen[i].level.mantissa != 0; ++q)
        fixed_point::answer(net, static_cast<std::int32_t>(q), sums[q][sum_vector(i)][sum_place(i)],
                            seen[i], answers);
      units[i] = answered[i] ? to_real(answers[0]) : std::numeric_limits<float>::quiet_NaN();
      for (std::size_t q = 1; q < outputs; ++q)
        quantiles[i * (outputs - 1) + q - 1] =
            answered[i] ? to_real(answers[q]) : std::numeric_limits<float>::quiet_NaN();
    }
  }

 private:
  using Gates = IntegerGates<Cell>;
  static constexpr std::size_t max_lane_rows = 16;
  static constexpr std::size_t group = 4;  ///< vectors of sums that are made together, in registers

  struct alignas(64) Line {
    std::int16_t numbers[32];
  };

  /// Where the weight of a row for a column of 4 x padded_ lies: groups of vectors, pairs of rows,
  /// and within these the vectors of the sums.
  std::size_t weight_at(std::size_t row, std::size_t column) const noexcept {
    using int16_lanes::lanes;
    const std::size_t pairs = (input_rows_ + padded_) / 2, wide = group * lanes;
    const std::size_t vector = column / lanes % group, c = column % lanes;
    return ((column / wide * pairs + row / 2) * 2 * group + 2 * vector +
            int16_lanes::sum_vector(c)) *
               lanes +
           2 * int16_lanes::sum_place(c) + row % 2;
  }
  static std::size_t start_at(std::size_t column) noexcept {
    using int16_lanes::lanes;
    const std::size_t c = column % lanes;
    return column / lanes * lanes + int16_lanes::sum_vector(c) * (lanes / 2) +
           int16_lanes::sum_place(c);
  }
  /// What the sums of a step begin with.
  const std::int32_t* starts(const fixed_point::Calendar& calendar,
                             std::size_t step) const noexcept {
    const std::size_t weekday =
        inputs_.weekday ? static_cast<std::size_t>(calendar.weekday[step + 1]) : 0;
    return starts_.data() + weekday * 4 * padded_;
  }

  /// The inputs of a step that are not looked up by weekday, in the order of the rows.
  void gather_inputs(const fixed_point::Network& net, const fixed_point::Window& window,
                     const fixed_point::Calendar& calendar, const fixed_point::Shares& seen,
                     std::size_t step, std::int16_t* rows) const noexcept {
    const auto day = static_cast<std::int32_t>(step);
    *rows++ = seen.share[step];
    if (inputs_.weekday) *rows++ = fixed_point::is_target_weekday(calendar, day);
    fixed_point::find_more_inputs(net, window, seen, day, rows);
  }

  void make_sums(const std::int16_t* state, std::size_t pairs, const std::int32_t* start,
                 std::int16_t* gates) const noexcept {
    using namespace int16_lanes;
    const std::size_t all_pairs = (input_rows_ + padded_) / 2;
    const std::int16_t* weights = weights_.front().numbers;
    for (std::size_t v = 0; v < 4 * padded_ / lanes; v += group) {
      Int32s sums[2 * group];
#pragma GCC unroll 8
      for (std::size_t k = 0; k < 2 * group; ++k) sums[k] = load(start + (2 * v + k) * (lanes / 2));
      for (std::size_t p = 0; p < pairs; ++p) {
        const Int16s pair = broadcast_pair(state + 2 * p);
#pragma GCC unroll 8
        for (std::size_t k = 0; k < 2 * group; ++k)
          sums[k] = add_products(sums[k], pair, load(weights + (p * 2 * group + k) * lanes));
      }
#pragma GCC unroll 4
      for (std::size_t k = 0; k < group; ++k)
        store(gates + (v + k) * lanes,
              product(narrow(sums[2 * k], sums[2 * k + 1], broadcast(shifts_[v + k])),
                      broadcast(multipliers_[v + k])));
      weights += all_pairs * 2 * group * lanes;
    }
  }

  /// The four sums of a unit for `lanes` items, 2 x lanes numbers apart.
  void lane_sums(const std::int16_t (*state)[2][int16_lanes::lanes], std::size_t pairs,
                 const std::int32_t* start, std::size_t unit, std::int16_t* to) const noexcept {
    using namespace int16_lanes;
    const std::int16_t* const first = weights_.front().numbers;  // one stretch over all lines
    const std::int16_t* weights[4];
    Int32s low[4], high[4];
#pragma GCC unroll 4
    for (std::size_t s = 0; s < 4; ++s) {
      weights[s] = first + weight_at(0, s * padded_ + unit);
      low[s] = high[s] = broadcast(start[start_at(s * padded_ + unit)]);
    }
    for (std::size_t p = 0; p < pairs; ++p) {
      const Int16s a = load(state[p][0]), b = load(state[p][1]);
#pragma GCC unroll 4
      for (std::size_t s = 0; s < 4; ++s) {
        const Int16s pair = broadcast_pair(weights[s] + p * 2 * group * lanes);
        low[s] = add_products(low[s], pair, a);
        high[s] = add_products(high[s], pair, b);
      }
    }
#pragma GCC unroll 4
    for (std::size_t s = 0; s < 4; ++s)
      store(to + s * 2 * lanes, product(narrow(low[s], high[s], broadcast(std::int32_t{shift_[s]})),
                                        broadcast(multiplier_[s])));
  }

  std::size_t level_row() const noexcept {
    return 1u + (inputs_.weekday ? 1u : 0u) + (inputs_.season ? 2u : 0u);
  }

  std::size_t hidden_ = 0;
  WindowInputs inputs_;
  std::array<std::int16_t, 4> multiplier_{};
  std::array<std::uint8_t, 4> shift_{};
  std::size_t padded_ = 0;      ///< hidden units, rounded up to whole vectors
  std::size_t first_rest_ = 0;  ///< the first input after the weekdays
  std::size_t rest_ = 0;        ///< inputs from there on
  std::size_t input_rows_ = 0;  ///< share, same-weekday flag, the rest; rounded up to pairs
  std::vector<Line> weights_;
  std::vector<std::int32_t> starts_;  ///< what the sums begin with: bias, rounding, weekday
  std::vector<std::int16_t> outputs_;
  std::array<std::int16_t, 4 * max_hidden / 8 + 4> multipliers_{};
  std::array<std::int32_t, 4 * max_hidden / 8 + 4> shifts_{};
};

}  // namespace bodega::inline BODEGA_ABI::detail
