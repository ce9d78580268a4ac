// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/simd.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

/// What an LSTM sees at each of the steps of a window. Part of the model and of its file.
enum class LstmInputs : std::uint8_t {
  window = 0,   ///< the day's sales over the window's level, and nothing else
  calendar = 1  ///< also the weekday that comes next (after the last step: the target's), one of
                ///< seven inputs set to 1, and a 1 where the day has the target's weekday
};

/// Inputs of one step.
constexpr std::size_t input_count(LstmInputs inputs) noexcept {
  return inputs == LstmInputs::calendar ? 9 : 1;
}

namespace detail {

/// What a window's sales are divided by: their mean, as if `prior` more units had been sold, so that
/// one sale after a quiet fortnight is not an endless rise and a window of zeros has a level.
inline float lstm_level(const SalesWindow& window, float prior) noexcept {
  float sum = prior;
  for (const float units : window.sales) sum += units;
  return sum / static_cast<float>(window_days);
}

/// Calls `visit(input, value)` for the inputs of a step that are not 0.
template <class Visit>
void for_each_lstm_input(const SalesWindow& window, LstmInputs inputs, float level,
                         std::size_t step, Visit&& visit) noexcept {
  visit(std::size_t{0}, window.sales[step] / level);
  if (inputs == LstmInputs::window) return;
  const Day next = step + 1 < window_days ? window.days[step + 1] : window.target;
  visit(1 + static_cast<std::size_t>(next.weekday()), 1.0f);
  if (window.days[step].weekday() == window.target.weekday()) visit(std::size_t{8}, 1.0f);
}

/// The LSTM cell after its sums are made, the only one for serving and training. `gates` holds the
/// sums of input, forget, candidate and output gate, Hidden each, and is left activated; `squashed`
/// receives tanh(cell). The arrays must not overlap.
/// Source: Hochreiter, Schmidhuber 1997, with the forget gate of Gers et al. 2000.
template <int Hidden>
void lstm_cell(float* __restrict gates, const float* __restrict cell_before,
               float* __restrict cell, float* __restrict squashed,
               float* __restrict hidden) noexcept {
  constexpr std::size_t n = Hidden;
  simd::sigmoid(gates, 2 * n);
  simd::tanh(gates + 2 * n, n);
  simd::sigmoid(gates + 3 * n, n);
  for (std::size_t j = 0; j < n; ++j)
    squashed[j] = cell[j] = gates[n + j] * cell_before[j] + gates[j] * gates[2 * n + j];
  simd::tanh(squashed, n);
  for (std::size_t j = 0; j < n; ++j) hidden[j] = gates[3 * n + j] * squashed[j];
}

template <WeightFormat W>
W zero_weights(std::size_t rows, std::size_t columns) {
  if constexpr (std::same_as<W, Matrix<float>>) {
    return W(rows, columns);
  } else if constexpr (std::same_as<W, QuantizedMatrix>) {
    return W(Matrix<std::int8_t>(rows, columns), {});
  } else {
    SparsePattern nothing(columns, std::vector<std::uint32_t>(rows + 1, 0), {});
    if constexpr (std::same_as<W, CsrMatrix<float>>)
      return W(std::move(nothing), {});
    else
      return W(CsrMatrix<std::int8_t>(std::move(nothing), {}), {});
  }
}

}  // namespace detail

/// A long short-term memory over the window's days and one linear output: the share of the
/// window's level that is expected on the target day, so one small network serves every item of a
/// shop and needs no constants per item. Weights lie input-major (inputs x 4 Hidden), so that a step
/// adds whole rows to the gates, in any weight format. Made by `train_lstm` (lstm_trainer.hpp).
///
/// Shapes: input I x 4H, recurrent H x 4H, bias 4H, output 1 x H; gates in the order input,
/// forget, candidate, output. With H = 16: 1,681 numbers, 1,169 without the calendar.
template <int Hidden, WeightFormat W = Matrix<float>>
class Lstm {
  static_assert(Hidden > 0, "Lstm: the hidden size must be above 0");

 public:
  static constexpr std::string_view kind = "lstm";
  static constexpr int hidden_size = Hidden;
  template <WeightFormat V>
  using with_weights = Lstm<Hidden, V>;

  /// All weights zero; the output bias of 1 makes that the window's level.
  explicit Lstm(LstmInputs inputs = LstmInputs::calendar, float prior = 1.0f)
      : input_(detail::zero_weights<W>(input_count(inputs), kGates)),
        recurrent_(detail::zero_weights<W>(Hidden, kGates)),
        bias_(kGates, 0.0f),
        output_(detail::zero_weights<W>(1, Hidden)),
        inputs_(static_cast<std::uint8_t>(inputs)),
        prior_(prior) {}

  /// Takes trained numbers. Error as `validate`.
  Lstm(LstmInputs inputs, float prior, W input, W recurrent, std::vector<float> bias, W output,
       float output_bias)
      : input_(std::move(input)),
        recurrent_(std::move(recurrent)),
        bias_(std::move(bias)),
        output_(std::move(output)),
        output_bias_(output_bias),
        inputs_(static_cast<std::uint8_t>(inputs)),
        prior_(prior) {
    validate("Lstm");
  }

  LstmInputs inputs() const noexcept { return static_cast<LstmInputs>(inputs_); }
  /// Units added to the sum of the window before it is taken for a level.
  float prior() const noexcept { return prior_; }
  const W& input() const noexcept { return input_; }
  const W& recurrent() const noexcept { return recurrent_; }
  std::span<const float> bias() const noexcept { return bias_; }
  const W& output() const noexcept { return output_; }
  float output_bias() const noexcept { return output_bias_; }

  /// Units expected on the target day, 0 or more; not a number where a sale or the sum of the sales
  /// is none. A window of zeros is answered from the prior, with 0 where that is 0. No allocation.
  float forecast(const SalesWindow& window) const noexcept {
    const float level = detail::lstm_level(window, prior_);
    if (!std::isfinite(level)) return std::numeric_limits<float>::quiet_NaN();
    if (level <= 0) return 0.0f;
    float gates[kGates], squashed[Hidden], hidden[Hidden] = {}, cells[2][Hidden] = {};
    for (std::size_t step = 0; step < window_days; ++step) {
      for (std::size_t j = 0; j < kGates; ++j) gates[j] = bias_[j];
      detail::for_each_lstm_input(window, inputs(), level, step, [&](std::size_t row, float value) {
        add_row(input_, row, value, gates);
      });
      if (step > 0) add_rows(recurrent_, hidden, gates);
      detail::lstm_cell<Hidden>(gates, cells[step % 2], cells[(step + 1) % 2], squashed, hidden);
    }
    const float units = level * (dot_row(output_, 0, hidden) + output_bias_);
    return units < 0 ? 0.0f : units;
  }
  /// The same for a shop that trades every day.
  float forecast(std::span<const float, window_days> sales, Day target) const noexcept {
    return forecast(SalesWindow(sales, target));
  }

  /// Error (shape, not_finite, out_of_range) where sizes do not fit, a number is none, the prior is
  /// negative or the inputs are of an unknown kind.
  void validate(const std::string& where) const {
    if (inputs_ > static_cast<std::uint8_t>(LstmInputs::calendar))
      throw Error(ErrorCode::out_of_range, where + ", inputs", "0 (window) or 1 (calendar)",
                  std::to_string(inputs_));
    const auto check = [&](const W& w, std::size_t rows, std::size_t columns, const char* name) {
      validate_size(w.rows(), rows, where + ", rows of " + name);
      validate_size(w.columns(), columns, where + ", columns of " + name);
      validate_weights(w, where + ", " + name);
    };
    check(input_, input_count(inputs()), kGates, "input");
    check(recurrent_, Hidden, kGates, "recurrent");
    check(output_, 1, Hidden, "output");
    validate_size(bias_.size(), kGates, where + ", bias");
    validate_finite(bias_, where + ", bias");
    validate_finite({&output_bias_, 1}, where + ", output_bias");
    validate_finite({&prior_, 1}, where + ", prior");
    if (prior_ < 0)
      throw Error(ErrorCode::out_of_range, where + ", prior", "0 units or more",
                  std::to_string(prior_));
  }

  /// What training changes; the rest of `parameters` are constants.
  template <class Self, class Visit>
  static void learned(Self& self, Visit&& visit) {
    visit("input", self.input_, Role::weight);
    visit("recurrent", self.recurrent_, Role::weight);
    visit("bias", self.bias_, Role::state);
    visit("output", self.output_, Role::weight);
    visit("output_bias", self.output_bias_, Role::state);
  }
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    learned(self, visit);
    visit("inputs", self.inputs_, Role::state);
    visit("prior", self.prior_, Role::state);
  }

 private:
  static constexpr std::size_t kGates = 4 * Hidden;

  W input_, recurrent_;
  std::vector<float> bias_;
  W output_;
  float output_bias_ = 1.0f;
  std::uint8_t inputs_;
  float prior_;
};

}  // namespace bodega
