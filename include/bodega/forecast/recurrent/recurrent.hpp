// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/forecast/demand_factors.hpp>
#include <bodega/forecast/recurrent/recurrent_cell.hpp>
#include <bodega/forecast/recurrent/recurrent_kernel.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/window_inputs.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// For `Hidden`: the hidden size is chosen at run time, up to `max_hidden`.
inline constexpr int run_time = 0;

/// What a recurrent forecaster is made of. I inputs, H hidden units, G gates of the cell, Q
/// outputs.
template <WeightFormat W = Matrix<float>>
struct RecurrentParts {
  W input;                               ///< I x GH
  W recurrent;                           ///< H x GH
  std::vector<float> bias;               ///< a number for each sum of the cell: 4H
  W output;                              ///< Q x H
  std::vector<float> output_bias{1.0f};  ///< Q
  /// Q x 14, weights on the window's shares past the network (autoregression); or Q x 0, none.
  W skip = zero_weights<W>(1, 0);
  DemandFactors<W> factors{};
  WindowInputs inputs{};
  float prior = 1;       ///< units added to the sum of a window before it is taken for a level
  float prior_days = 0;  ///< days that the level of a known series counts
  std::vector<float> quantiles{};  ///< levels of the outputs after the first: Q - 1, rising, 0 to 1
};

/// A recurrent network over the window's days and a linear output: the share of the window's level
/// that is expected on the target day, so one small network serves every item of a shop.
///
///   forecast = level * factor(target) * (output . h + output_bias + skip . shares)
///
/// Output 0 is the point forecast, the others are quantiles. Weights lie input-major, so that a
/// step adds whole rows to the gates, in any weight format. Made by `train_lstm`, `train_gru`
/// (recurrent_trainer.hpp) or from numbers trained elsewhere; of a GRU in PyTorch's order of gates.
/// Lstm<16> without skip and factors: 1,681 numbers, 1,169 where it sees no weekday.
template <class Cell, int Hidden, WeightFormat W = Matrix<float>>
class RecurrentForecaster {
  static_assert(Hidden >= 0 && Hidden <= static_cast<int>(max_hidden),
                "RecurrentForecaster: the hidden size must be 1 to 256, or run_time");

 public:
  static constexpr std::string_view kind = Cell::kind;
  static constexpr int hidden_size = Hidden;
  using cell = Cell;
  template <WeightFormat V>
  using with_weights = RecurrentForecaster<Cell, Hidden, V>;

  /// All weights zero; the output bias of 1 makes that the window's level. `hidden` may be given
  /// where it is chosen at run time; without it the model is an empty one, to be read into.
  explicit RecurrentForecaster(const WindowInputs& inputs = {}, float prior = 1.0f,
                               std::size_t hidden = Hidden)
      : input_(zero_weights<W>(inputs.count(), Cell::gates * hidden)),
        recurrent_(zero_weights<W>(hidden, Cell::gates * hidden)),
        bias_(Cell::sums * hidden, 0.0f),
        output_(zero_weights<W>(1, hidden)),
        output_bias_{1.0f},
        skip_(zero_weights<W>(1, 0)),
        inputs_(inputs),
        prior_(prior) {
    restore();
  }

  /// Error as `validate`.
  explicit RecurrentForecaster(RecurrentParts<W> parts)
      : input_(std::move(parts.input)),
        recurrent_(std::move(parts.recurrent)),
        bias_(std::move(parts.bias)),
        output_(std::move(parts.output)),
        output_bias_(std::move(parts.output_bias)),
        skip_(std::move(parts.skip)),
        factors_(std::move(parts.factors)),
        inputs_(parts.inputs),
        prior_(parts.prior),
        prior_days_(parts.prior_days),
        quantiles_(std::move(parts.quantiles)) {
    validate(std::string(kind));
    restore();
  }

  /// A copy of what it is made of, to make another model of it.
  RecurrentParts<W> parts() const {
    return {input_,   recurrent_, bias_,  output_,     output_bias_, skip_,
            factors_, inputs(),   prior_, prior_days_, quantiles_};
  }

  /// An integral constant where the type fixes it.
  auto hidden() const noexcept {
    if constexpr (Hidden == run_time)
      return bias_.size() / Cell::sums;
    else
      return std::integral_constant<std::size_t, static_cast<std::size_t>(Hidden)>();
  }
  WindowInputs inputs() const noexcept { return inputs_.inputs(); }
  float prior() const noexcept { return prior_; }
  float prior_days() const noexcept { return prior_days_; }
  const W& input() const noexcept { return input_; }
  const W& recurrent() const noexcept { return recurrent_; }
  std::span<const float> bias() const noexcept { return bias_; }
  const W& output() const noexcept { return output_; }
  std::span<const float> output_bias() const noexcept { return output_bias_; }
  const W& skip() const noexcept { return skip_; }
  const DemandFactors<W>& factors() const noexcept { return factors_; }
  /// Levels of the quantile outputs.
  std::span<const float> quantiles() const noexcept { return quantiles_; }

  /// The shares that the network sees of a window, and the scale of its answer.
  SalesShares shares(const SalesWindow& window) const noexcept {
    return SalesShares(window, factors_, prior_, prior_days_);
  }

  /// Returns the units expected on the target day, 0 or more; NaN if a known sale or the level is
  /// NaN. A level of 0 gives 0. Allocates nothing.
  float forecast(const SalesWindow& window) const noexcept { return forecast(window, {}); }
  /// The same for a shop that trades every day.
  float forecast(std::span<const float, window_days> sales, Day target) const noexcept {
    return forecast(SalesWindow(sales, target));
  }
  /// Also fills the first `units.size()` quantiles: rising (sorted where outputs cross, which is
  /// never worse: Chernozhukov, Fernandez-Val, Galichon, Econometrica 2010), 0 or more. Those
  /// beyond `quantiles()` are filled with NaN.
  float forecast(const SalesWindow& window, std::span<float> units) const noexcept {
    const SalesShares seen = shares(window);
    if (!needs_network(window, seen)) return answer_without(window, seen, units);
    const WindowInputs kinds = inputs();
    alignas(64) float state[Kernel::room(most)];
    kernel_.template run<most>(
        [&](std::size_t step, auto&& visit) {
          detail::for_each_input(window, kinds, seen, step, visit);
        },
        state);
    return answer(seen, state, units);
  }

  /// Forecasts of many windows, units[i] that of windows[i], and their quantiles where `quantiles`
  /// has room for them: those of window i from i * quantiles().size() on. Agrees with `forecast` to
  /// rounding (1e-5 of the level, tested). A window to each lane of a vector: more than twice as
  /// fast as one by one. No allocation; about 30 KB of stack, 50 where the size is chosen at run
  /// time. Windows without room for their answers are not looked at.
  void forecast_many(std::span<const SalesWindow> windows, std::span<float> units,
                     std::span<float> quantiles = {}) const noexcept {
    const std::size_t outputs = quantiles_.size();
    std::size_t count = std::min(windows.size(), units.size());
    if (!quantiles.empty() && outputs > 0) count = std::min(count, quantiles.size() / outputs);
    const auto quantiles_of = [&](std::size_t i) {
      return quantiles.empty() ? quantiles : quantiles.subspan(i * outputs, outputs);
    };
    const WindowInputs kinds = inputs();
    if (kinds.count() > Kernel::most_inputs || hidden() == 0) {
      for (std::size_t i = 0; i < count; ++i) units[i] = forecast(windows[i], quantiles_of(i));
      return;
    }
    const std::size_t at_once = kernel_.template windows_at_once<most>();
    std::array<SalesShares, Kernel::most_windows> seen;
    std::array<bool, Kernel::most_windows> asked;
    for (std::size_t first = 0; first < count; first += at_once) {
      const std::size_t now = std::min(at_once, count - first);
      for (std::size_t i = 0; i < now; ++i) {
        seen[i] = shares(windows[first + i]);
        asked[i] = needs_network(windows[first + i], seen[i]);
      }
      kernel_.template run_many<most>(
          now,
          [&](std::size_t i, std::size_t step, auto&& visit) {
            if (asked[i]) detail::for_each_input(windows[first + i], kinds, seen[i], step, visit);
          },
          [&](std::size_t i, const float* state) {
            units[first + i] =
                asked[i] ? answer(seen[i], state, quantiles_of(first + i))
                         : answer_without(windows[first + i], seen[i], quantiles_of(first + i));
          });
    }
  }

  /// Throws Error(shape, not_finite, out_of_range) if sizes do not fit, a number is not finite, a
  /// prior is negative, quantiles do not rise within 0 and 1, or the inputs are of an unknown kind.
  void validate(const std::string& where) const {
    inputs_.validate(where);
    const std::size_t n = hidden(), outputs = 1 + quantiles_.size();
    if (n == 0 || n > max_hidden)
      throw Error(ErrorCode::shape, where + ", hidden size", "1 to " + std::to_string(max_hidden),
                  std::to_string(n));
    const auto check = [&](const W& w, std::size_t rows, std::size_t columns, const char* name) {
      validate_size(w.rows(), rows, where + ", rows of " + name);
      validate_size(w.columns(), columns, where + ", columns of " + name);
      validate_weights(w, where + ", " + name, plausible::share);
    };
    check(input_, inputs().count(), Cell::gates * n, "input");
    check(recurrent_, n, Cell::gates * n, "recurrent");
    check(output_, outputs, n, "output");
    check(skip_, outputs, skip_.columns() == 0 ? 0 : window_days, "skip");
    validate_size(bias_.size(), Cell::sums * n, where + ", bias");
    validate_size(output_bias_.size(), outputs, where + ", output_bias");
    validate_range(bias_, -plausible::share, plausible::share, where + ", bias");
    validate_range(output_bias_, -plausible::share, plausible::share, where + ", output_bias");
    factors_.validate(where + ", factors");
    for (const auto& [value, name] : {std::pair(prior_, "prior"), {prior_days_, "prior_days"}}) {
      validate_range({&value, 1}, 0, plausible::units, where + ", " + name);
    }
    validate_quantiles(quantiles_, where + ", quantiles");
  }

  /// Error (out_of_range) where the levels do not rise within 0 and 1.
  static void validate_quantiles(std::span<const float> levels, const std::string& where) {
    for (std::size_t q = 0; q < levels.size(); ++q)
      if (!(levels[q] > (q == 0 ? 0.0f : levels[q - 1]) && levels[q] < 1))
        throw Error(ErrorCode::out_of_range, where, "levels that rise, above 0 and below 1",
                    std::to_string(levels[q]));
  }

  /// The gates are blocks of columns.
  static constexpr std::size_t column_blocks(std::string_view parameter) noexcept {
    return parameter == "input" || parameter == "recurrent" ? Cell::gates : 1;
  }

  /// What training changes; the rest of `parameters` are constants.
  template <class Self, class Visit>
  static void learned(Self& self, Visit&& visit) {
    visit("input", self.input_, Role::weight);
    visit("recurrent", self.recurrent_, Role::weight);
    visit("bias", self.bias_, Role::state);
    visit("output", self.output_, Role::weight);
    visit("output_bias", self.output_bias_, Role::state);
    visit("skip", self.skip_, Role::weight);
  }
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    learned(self, visit);
    visit("factors", self.factors_);
    visit("inputs", self.inputs_.kinds);
    visit("covariates", self.inputs_.covariates);
    visit("prior", self.prior_);
    visit("prior_days", self.prior_days_);
    visit("quantiles", self.quantiles_);
  }

  /// Makes the weights ready to serve. To be called when parameters were changed in place; needs
  /// sizes that `validate` accepts. Costs one pass over the weights and as much memory as they take
  /// as floats.
  void restore() { kernel_ = Kernel(input_, recurrent_, bias_); }

 private:
  using Kernel = detail::RecurrentKernel<Cell>;
  static constexpr std::size_t most =
      Hidden == run_time ? max_hidden : static_cast<std::size_t>(Hidden);

  /// Those that are inputs: the network's squashing would hide a NaN.
  bool finite_covariates(const SalesWindow& window) const noexcept {
    for (std::size_t d = 1; inputs_.covariates > 0 && d <= window_days; ++d)
      for (const float value : window.covariates_of(d))
        if (!std::isfinite(value)) return false;
    return true;
  }

  bool needs_network(const SalesWindow& window, const SalesShares& seen) const noexcept {
    return std::isfinite(seen.scale) && seen.level > 0 && finite_covariates(window);
  }
  /// Where nothing is expected, or where that cannot be said.
  float answer_without(const SalesWindow& window, const SalesShares& seen,
                       std::span<float> units) const noexcept {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    const float all = std::isfinite(seen.scale) && finite_covariates(window) ? 0.0f : nan;
    for (std::size_t q = 0; q < units.size(); ++q) units[q] = q < quantiles_.size() ? all : nan;
    return all;
  }
  float answer(const SalesShares& seen, const float* state, std::span<float> units) const noexcept {
    for (std::size_t q = 0; q < units.size(); ++q) {
      if (q >= quantiles_.size()) {
        units[q] = std::numeric_limits<float>::quiet_NaN();
        continue;
      }
      float next = output(q + 1, seen, state);
      for (std::size_t at = 0; at < q; ++at)
        if (next < units[at]) std::swap(next, units[at]);
      units[q] = next;
    }
    return output(0, seen, state);
  }
  float output(std::size_t q, const SalesShares& seen, const float* state) const noexcept {
    float share = dot_row(output_, q, {state, hidden()}) + output_bias_[q];
    if (skip_.columns() > 0) share += dot_row(skip_, q, seen.share);
    const float units = seen.scale * share;
    return units < 0 ? 0.0f : units;
  }

  W input_, recurrent_;
  std::vector<float> bias_;
  W output_;
  std::vector<float> output_bias_;
  W skip_;
  DemandFactors<W> factors_;
  detail::StoredInputs inputs_;
  float prior_, prior_days_ = 0;
  std::vector<float> quantiles_;
  Kernel kernel_;  // what restore() makes
};

/// Shapes: input I x 4H, recurrent H x 4H, bias 4H, output Q x H.
template <int Hidden, WeightFormat W = Matrix<float>>
using Lstm = RecurrentForecaster<LstmCell, Hidden, W>;
/// Shapes: input I x 3H, recurrent H x 3H, bias 4H, output Q x H.
template <int Hidden, WeightFormat W = Matrix<float>>
using Gru = RecurrentForecaster<GruCell, Hidden, W>;

}  // namespace bodega::inline BODEGA_ABI
