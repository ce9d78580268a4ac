// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/units.hpp>
#include <bodega/forecast/demand_factors.hpp>
#include <bodega/forecast/integer/integer_kernel.hpp>
#include <bodega/forecast/integer/integer_network.hpp>
#include <bodega/forecast/integer/integer_parts.hpp>
#include <bodega/forecast/integer/integer_question.hpp>
#include <bodega/forecast/recurrent/recurrent_cell.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/window_inputs.hpp>
#include <bodega/tensor/kernels/int16_lanes.hpp>
#include <bodega/tensor/matrix.hpp>

namespace bodega::inline BODEGA_ABI {

/// A recurrent forecaster that computes in integers from the sales to the forecast, and gives the
/// same bits on every machine and instruction set: INT8 weights, INT16 activations and cell, INT32
/// sums that cannot overflow, tanh and sigmoid from a table of 16 parabolas (off by at most 3.3e-4
/// and 1.8e-4, rounding and saturation included). Made by `to_integer` (integer_converter.hpp) of
/// a trained network; written for devices without a file system by `export_header`.
///
/// Sales count to 1 / 2^23 of the largest of the window, levels and factors to 1 / 65,536. Shares,
/// covariates and log levels saturate at 16, a forecast at 48 times its level. A negative sale
/// counts as 0. Const calls may run from many threads.
template <class Cell>
class IntegerForecaster {
 public:
  static constexpr std::string_view kind = std::is_same_v<Cell, GruCell>
                                               ? std::string_view("integer_gru")
                                               : std::string_view("integer_lstm");
  using cell = Cell;

  /// Empty, to be read into.
  IntegerForecaster() = default;
  /// Error as `validate`.
  explicit IntegerForecaster(IntegerParts parts) : parts_(std::move(parts)) {
    validate(std::string(kind));
    restore();
  }

  const IntegerParts& parts() const noexcept { return parts_; }
  std::size_t hidden() const noexcept { return parts_.hidden(); }
  WindowInputs inputs() const noexcept { return parts_.inputs(); }
  /// What days and series are worth to it, as floats.
  DemandFactors<> factors() const {
    const auto logarithms = [](const std::vector<std::int16_t>& binary) {
      Matrix<float> natural(1, binary.size());
      for (std::size_t i = 0; i < binary.size(); ++i)
        natural(0, i) = static_cast<float>(binary[i]) / 2048 * std::numbers::ln2_v<float>;
      return natural;
    };
    return DemandFactors<>(logarithms(parts_.effects), logarithms(parts_.series));
  }
  /// Levels of the quantile outputs.
  std::span<const float> quantiles() const noexcept { return parts_.quantiles; }

  /// Units expected on the target day, 0 or more; NaN where a known sale, a level or a covariate
  /// that counts is not finite, or nothing tells the level. No allocation.
  float forecast(const SalesWindow& window) const noexcept { return forecast(window, {}); }
  float forecast(std::span<const float, window_days> sales, Day target) const noexcept {
    return forecast(SalesWindow(sales, target));
  }
  /// Also fills the first `units.size()` quantiles, rising; those beyond `quantiles()` with NaN.
  float forecast(const SalesWindow& window, std::span<float> units) const noexcept {
    std::fill(units.begin(), units.end(), nan);
    fixed_point::Scaled answers[detail::max_integer_outputs];
    const IntegerQuestion question(parts_, window);
    if (!question.valid() || !forecast(question.window(), answers)) return nan;
    for (std::size_t q = 0; q < std::min(units.size(), quantiles().size()); ++q)
      units[q] = detail::to_real(answers[q + 1]);
    return detail::to_real(answers[0]);
  }

  /// Forecasts of many windows, units[i] that of windows[i], and their quantiles where `quantiles`
  /// has room for them: those of window i from i * quantiles().size() on. Equal to the bit to one
  /// by one. A window to each 16-bit lane where neighbouring windows have the same days (a shop's
  /// forecasts of one evening). No allocation; up to 60 KB of stack. Windows without room for their
  /// answers are not looked at.
  void forecast_many(std::span<const SalesWindow> windows, std::span<float> units,
                     std::span<float> quantiles = {}) const noexcept {
    using int16_lanes::lanes;
    const std::size_t outputs = parts_.quantiles.size();
    std::size_t count = std::min(windows.size(), units.size());
    if (!quantiles.empty() && outputs > 0) count = std::min(count, quantiles.size() / outputs);
    const auto quantiles_of = [&](std::size_t i, std::size_t many) {
      return quantiles.empty() ? quantiles : quantiles.subspan(i * outputs, many * outputs);
    };
    for (std::size_t i = 0; i < count;) {
      std::size_t same = 1;
      while (same < lanes && i + same < count && same_days(windows[i], windows[i + same])) ++same;
      if (same > lanes / 4 && kernel_.takes_lanes()) {
        kernel_.forecast_lanes(network(), parts_, windows.subspan(i, same), units.data() + i,
                               quantiles_of(i, same));
        i += same;
      } else {
        units[i] = forecast(windows[i], quantiles_of(i, 1));
        ++i;
      }
    }
  }

  /// From integers to integers: `units` receives the point forecast and the quantiles. False where
  /// nothing tells the level.
  bool forecast(const fixed_point::Window& window, fixed_point::Scaled* units) const noexcept {
    const fixed_point::Network net = network();
    std::fill_n(units, net.outputs, fixed_point::Scaled{0, 0});
    fixed_point::Calendar calendar{};
    fixed_point::Shares seen{};
    fixed_point::find_calendar(net, window, calendar);
    if (!fixed_point::find_shares(net, window, calendar, seen)) return false;
    if (seen.level.mantissa == 0) return true;
    alignas(64) std::int16_t state[Kernel::max_state];
    const std::int16_t* const last = kernel_.run(net, window, calendar, seen, state);
    for (std::size_t q = 0; q < net.outputs; ++q) {
      std::int32_t sum = 0;
      for (std::size_t j = 0; j < hidden(); ++j) sum += parts_.output(q, j) * last[j];
      fixed_point::answer(net, static_cast<std::int32_t>(q), sum, seen, units);
    }
    return true;
  }

  /// The same by the plain definition, sum for sum: for tests, and for whom 6 KB of code are many.
  bool forecast_plain(const fixed_point::Window& window,
                      fixed_point::Scaled* units) const noexcept {
    return fixed_point::forecast<max_hidden, Kernel::max_inputs>(network(), window, units);
  }

  /// The model as the plain definition reads it; refers to this object.
  fixed_point::Network network() const noexcept { return detail::network_of<Cell>(parts_); }

  /// Error (shape, out_of_range, not_finite) where sizes do not fit, a multiplier is not above 0, a
  /// shift is out of its range, or a sum could leave 32 bits.
  void validate(const std::string& where) const { detail::validate_parts<Cell>(parts_, where); }

  /// Makes the weights ready to serve. Precondition: `validate` accepts them.
  void restore() { kernel_ = Kernel(parts_); }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    IntegerParts::parameters(self.parts_, visit);
  }

 private:
  using Kernel = detail::IntegerKernel<Cell>;
  static constexpr float nan = std::numeric_limits<float>::quiet_NaN();

  static bool same_days(const SalesWindow& a, const SalesWindow& b) noexcept {
    return a.target == b.target && a.days == b.days;
  }

  IntegerParts parts_;
  Kernel kernel_;  // what restore() makes
};

using IntegerLstm = IntegerForecaster<LstmCell>;
using IntegerGru = IntegerForecaster<GruCell>;

}  // namespace bodega::inline BODEGA_ABI
