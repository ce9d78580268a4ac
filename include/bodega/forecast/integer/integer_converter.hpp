// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/forecast/integer/integer_forecaster.hpp>
#include <bodega/forecast/integer/integer_parts.hpp>
#include <bodega/forecast/integer/integer_question.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {

/// A real factor as shifts and a multiplier: factor = multiplier / 2^15 / 2^shift.
struct IntegerScale {
  std::int16_t multiplier = 32767;
  std::uint8_t shift = 1;

  /// Error (out_of_range) where the factor is above a half; one that is too small becomes the
  /// least.
  IntegerScale(double factor, int most_shift, const std::string& where);
};

template <class T>
T to_integer_range(double value, const std::string& where) {
  const double rounded = std::round(value);
  if (!(rounded >= std::numeric_limits<T>::min() && rounded <= std::numeric_limits<T>::max()))
    throw Error(ErrorCode::out_of_range, where,
                std::to_string(std::numeric_limits<T>::min()) + " to " +
                    std::to_string(std::numeric_limits<T>::max()) + " steps",
                std::to_string(value));
  return static_cast<T>(rounded);
}

/// Makes the parts of one network.
template <class Cell, int Hidden, WeightFormat W>
class IntegerConverter {
 public:
  explicit IntegerConverter(const RecurrentForecaster<Cell, Hidden, W>& from) : from_(from) {
    from.validate(where_);
    n_ = from.hidden();
    inputs_ = from.inputs().count();
    parts_.input = Matrix<std::int8_t>(Cell::gates * n_, inputs_);
    parts_.recurrent = Matrix<std::int8_t>(Cell::gates * n_, n_);
    parts_.bias.resize(4 * n_);
    parts_.multiplier.resize(4);
    parts_.shift.resize(4);
    parts_.bias_shift.resize(4);
    const StoredInputs stored(from.inputs());
    parts_.kinds = stored.kinds;
    parts_.covariates = stored.covariates;
    parts_.quantiles.assign(from.quantiles().begin(), from.quantiles().end());
  }

  IntegerParts convert() {
    choose_scales();
    for (std::size_t s = 0; s < 4; ++s) fill_sum(s);
    fill_outputs();
    fill_factors();
    std::tie(parts_.prior, parts_.prior_exponent) = stored_scaled(from_.prior(), "prior");
    std::tie(parts_.prior_days, parts_.prior_days_exponent) =
        stored_scaled(from_.prior_days(), "prior_days");
    return std::move(parts_);
  }

 private:
  static constexpr bool gru = std::is_same_v<Cell, GruCell>;
  static constexpr double steps = 3456;  // of a sum, to an argument of 1 of tanh

  static std::size_t gate_of(std::size_t sum) noexcept { return gru && sum == 3 ? 2 : sum; }
  static bool is_sigmoid(std::size_t gate) noexcept { return gru ? gate < 2 : gate != 2; }
  double argument(std::size_t gate) const noexcept { return is_sigmoid(gate) ? 0.5 : 1.0; }

  double weight(const W& w, std::size_t row, std::size_t gate, std::size_t j) const noexcept {
    return entry(w, row, gate * n_ + j);
  }
  double largest(const W& w, std::size_t row, std::size_t gate) const noexcept {
    double most = 0;
    for (std::size_t j = 0; j < n_; ++j) most = std::max(most, std::abs(weight(w, row, gate, j)));
    return most;
  }

  /// A scale a gate, from its largest recurrent weight, so that weights that were trained or
  /// quantized on such a grid stay where they are; inputs get powers of two of it, one a row.
  /// Coarser where the inputs want it, and until no sum can leave 32 bits.
  void choose_scales() {
    scale_.assign(Cell::gates, 0.0);
    for (std::size_t gate = 0; gate < Cell::gates; ++gate) {
      double& scale = scale_[gate];
      for (std::size_t k = 0; k < n_; ++k)
        scale = std::max(scale, largest(from_.recurrent(), k, gate) / 127);
      for (std::size_t i = 0; i < inputs_; ++i)  // input_shift goes up to 8
        scale = std::max(scale, largest(from_.input(), i, gate) / 127 / 16);
      // IntegerForecaster's shift goes up to 14.
      scale = std::max(scale, 32768.0 / (steps * argument(gate)) / 16384 * 1.01);
    }
    for (int round = 0; round < 16; ++round) {
      choose_input_shifts();
      std::vector<bool> coarser(Cell::gates, false);
      for (std::size_t s = 0; s < 4; ++s)
        if (largest_sum(s) > 0x1p31 * 0.99) coarser[gate_of(s)] = true;
      if (std::find(coarser.begin(), coarser.end(), true) == coarser.end()) return;
      for (std::size_t gate = 0; gate < Cell::gates; ++gate)
        if (coarser[gate]) scale_[gate] *= 2;
    }
  }

  void choose_input_shifts() {
    parts_.input_shift.assign(inputs_, 0);
    for (std::size_t i = 0; i < inputs_; ++i)
      for (std::size_t gate = 0; gate < Cell::gates; ++gate)
        while (parts_.input_shift[i] < 8 &&
               largest(from_.input(), i, gate) > 127.49 * input_scale(i, gate))
          ++parts_.input_shift[i];
  }
  /// The hidden state is in Q15, inputs in Q11.
  double input_scale(std::size_t i, std::size_t gate) const noexcept {
    return std::ldexp(scale_[gate], parts_.input_shift[i] - 4);
  }

  /// A bound of what the validation of an IntegerForecaster adds up.
  double largest_sum(std::size_t s) const noexcept {
    const std::size_t gate = gate_of(s);
    const double unit = scale_[gate] / 32768;
    double most = 0;
    for (std::size_t j = 0; j < n_; ++j) {
      double sum = std::abs(from_.bias()[s * n_ + j]) / unit + 16384;
      if (!(gru && s == 3))
        for (std::size_t i = 0; i < inputs_; ++i) {
          const bool is_one = i > 0 && from_.inputs().weekday && i <= 8;
          const double stored =
              std::abs(weight(from_.input(), i, gate, j)) / input_scale(i, gate) + 0.5;
          sum += std::ldexp(stored, parts_.input_shift[i]) * (is_one ? 2048 : 32768);
        }
      if (!(gru && s == 2))
        for (std::size_t k = 0; k < n_; ++k)
          sum += (std::abs(weight(from_.recurrent(), k, gate, j)) / scale_[gate] + 0.5) * 32768;
      most = std::max(most, sum);
    }
    return most;
  }

  void fill_sum(std::size_t s) {
    const std::size_t gate = gate_of(s);
    const std::string where = where_ + ", gate " + std::to_string(gate);
    // From sums to steps of the argument, of which the last multiplication is by less than 1.
    const IntegerScale scale(scale_[gate] / 32768 * steps * argument(gate), 14, where);
    parts_.multiplier[s] = scale.multiplier;
    parts_.shift[s] = scale.shift;
    parts_.bias_shift[s] = scale.shift;
    const double unit = scale_[gate] / 32768;
    double most = 0;
    for (std::size_t j = 0; j < n_; ++j)
      most = std::max<double>(most, std::abs(from_.bias()[s * n_ + j]));
    while (parts_.bias_shift[s] < 14 && std::ldexp(most / unit, -parts_.bias_shift[s]) > 32767)
      ++parts_.bias_shift[s];
    for (std::size_t j = 0; j < n_; ++j)
      parts_.bias[s * n_ + j] = to_integer_range<std::int16_t>(
          std::ldexp(from_.bias()[s * n_ + j] / unit, -parts_.bias_shift[s]), where + ", bias");
    if (gru && s == 3) return;
    for (std::size_t j = 0; j < n_; ++j) {
      for (std::size_t i = 0; i < inputs_; ++i)
        parts_.input(gate * n_ + j, i) =
            stored(weight(from_.input(), i, gate, j) / input_scale(i, gate));
      for (std::size_t k = 0; k < n_; ++k)
        parts_.recurrent(gate * n_ + j, k) =
            stored(weight(from_.recurrent(), k, gate, j) / scale_[gate]);
    }
  }

  static std::int8_t stored(double steps_of) noexcept {
    return static_cast<std::int8_t>(std::clamp(std::round(steps_of), -127.0, 127.0));
  }

  /// A row of INT8 with its own scale; returns the scale.
  double fill_row(const W& from, std::size_t row, Matrix<std::int8_t>& to) const {
    double most = 0;
    for (std::size_t j = 0; j < to.columns(); ++j)
      most = std::max<double>(most, std::abs(entry(from, row, j)));
    const double scale = most > 0 ? most / 127 : 0x1p-20;
    for (std::size_t j = 0; j < to.columns(); ++j) to(row, j) = stored(entry(from, row, j) / scale);
    return scale;
  }

  void fill_outputs() {
    const std::size_t outputs = from_.output_bias().size();
    const bool has_skip = from_.skip().columns() > 0;
    parts_.output = Matrix<std::int8_t>(outputs, n_);
    parts_.skip = Matrix<std::int8_t>(outputs, has_skip ? window_days : 0);
    for (std::size_t q = 0; q < outputs; ++q) {
      const std::string where = where_ + ", output " + std::to_string(q);
      const IntegerScale scale(fill_row(from_.output(), q, parts_.output) * 2048 / 32768, 24,
                               where);
      parts_.output_multiplier.push_back(scale.multiplier);
      parts_.output_shift.push_back(scale.shift);
      parts_.output_bias.push_back(
          to_integer_range<std::int16_t>(from_.output_bias()[q] * 2048.0, where + ", bias"));
      if (!has_skip) continue;
      const IntegerScale skip(fill_row(from_.skip(), q, parts_.skip), 24, where + ", skip");
      parts_.skip_multiplier.push_back(skip.multiplier);
      parts_.skip_shift.push_back(skip.shift);
    }
  }

  void fill_factors() {
    const auto logarithms = [](const W& from, std::vector<std::int16_t>& to,
                               const std::string& where) {
      for (std::size_t j = 0; j < from.columns(); ++j)
        to.push_back(to_integer_range<std::int16_t>(
            entry(from, 0, j) * (2048 * std::numbers::log2e), where));
    };
    logarithms(from_.factors().effects(), parts_.effects, where_ + ", effects");
    logarithms(from_.factors().series_levels(), parts_.series, where_ + ", series");
  }

  std::pair<std::uint16_t, std::int8_t> stored_scaled(float value, const std::string& name) const {
    if (value == 0) return {std::uint16_t{0}, std::int8_t{0}};
    const fixed_point::Scaled scaled = to_scaled(value);
    if (scaled.exponent < -100 || scaled.exponent > 100)
      throw Error(ErrorCode::out_of_range, where_ + ", " + name, "0, or 1e-25 to 1e34",
                  std::to_string(value));
    return {static_cast<std::uint16_t>(scaled.mantissa), static_cast<std::int8_t>(scaled.exponent)};
  }

  static inline const std::string where_ = "to_integer";

  const RecurrentForecaster<Cell, Hidden, W>& from_;
  IntegerParts parts_;
  std::vector<double> scale_;  // of a gate's recurrent weights
  std::size_t n_ = 0, inputs_ = 0;
};

}  // namespace detail

/// The network in integers. Weights are rounded to INT8 with one symmetric scale for each gate and
/// a power of two of it for each input, so weights that lie on such a grid already stay exact;
/// biases, factors and levels to 16 bits. Cost: a few passes over the weights.
/// Error: those of the network's `validate`; out_of_range where a number is too large for its
/// format (recurrent weights beyond 1,200, biases of outputs beyond 16, factors beyond 2^16 or
/// below 2^-16).
template <class Cell, int Hidden, WeightFormat W>
IntegerForecaster<Cell> to_integer(const RecurrentForecaster<Cell, Hidden, W>& network) {
  return IntegerForecaster<Cell>(detail::IntegerConverter(network).convert());
}

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE IntegerScale::IntegerScale(double factor, int most_shift, const std::string& where) {
  int exponent = 0;
  const double mantissa = std::frexp(factor, &exponent);  // 0.5 to 1
  if (exponent > -1)
    throw Error(ErrorCode::out_of_range, where, "weights that 16-bit steps can hold",
                std::to_string(factor));
  shift = static_cast<std::uint8_t>(std::min(-exponent, most_shift));
  multiplier = static_cast<std::int16_t>(
      std::clamp(std::round(std::ldexp(mantissa, exponent + shift + 15)), 1.0, 32767.0));
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
