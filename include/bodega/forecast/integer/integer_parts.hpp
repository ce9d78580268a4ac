// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/forecast/integer/integer_network.hpp>
#include <bodega/forecast/recurrent/recurrent_cell.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/window_inputs.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// What an integer forecaster is made of: every stored number. Formats and rounding:
/// integer_network.hpp. I inputs, H hidden units, G gates of the cell, Q outputs. A row of weights
/// is one sum's.
struct IntegerParts {
  Matrix<std::int8_t> input;             ///< GH x I
  Matrix<std::int8_t> recurrent;         ///< GH x H
  std::vector<std::int16_t> bias;        ///< 4H
  std::vector<std::int16_t> multiplier;  ///< of each of the cell's four kinds of sums, Q15, above 0
  std::vector<std::uint8_t> shift;       ///< 4, 1 to 14
  std::vector<std::uint8_t> bias_shift;  ///< 4, up to 14
  std::vector<std::uint8_t> input_shift;        ///< I, up to 8
  Matrix<std::int8_t> output;                   ///< Q x H
  std::vector<std::int16_t> output_bias;        ///< Q, Q11
  std::vector<std::int16_t> output_multiplier;  ///< Q, Q15, above 0
  std::vector<std::uint8_t> output_shift;       ///< Q, 1 to 24
  Matrix<std::int8_t> skip;                     ///< Q x 14, or Q x 0
  std::vector<std::int16_t> skip_multiplier;    ///< Q, Q15, above 0; or none
  std::vector<std::uint8_t> skip_shift;         ///< Q, 1 to 24; or none
  std::vector<std::int16_t> effects;            ///< 19 + C, binary logarithms in Q11; or none
  std::vector<std::int16_t> series;             ///< binary logarithms of levels in Q11
  std::uint8_t kinds = 0, covariates = 0;       ///< the inputs, as in a RecurrentForecaster
  std::uint16_t prior = 0, prior_days = 0;      ///< mantissas, 2^15 and more or 0
  std::int8_t prior_exponent = 0, prior_days_exponent = 0;
  std::vector<float> quantiles;  ///< levels of the outputs after the first

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("input", self.input, Role::weight);
    visit("recurrent", self.recurrent, Role::weight);
    visit("bias", self.bias);
    visit("multiplier", self.multiplier);
    visit("shift", self.shift);
    visit("bias_shift", self.bias_shift);
    visit("input_shift", self.input_shift);
    visit("output", self.output, Role::weight);
    visit("output_bias", self.output_bias);
    visit("output_multiplier", self.output_multiplier);
    visit("output_shift", self.output_shift);
    visit("skip", self.skip, Role::weight);
    visit("skip_multiplier", self.skip_multiplier);
    visit("skip_shift", self.skip_shift);
    visit("effects", self.effects);
    visit("series", self.series);
    visit("inputs", self.kinds);
    visit("covariates", self.covariates);
    visit("prior", self.prior);
    visit("prior_exponent", self.prior_exponent);
    visit("prior_days", self.prior_days);
    visit("prior_days_exponent", self.prior_days_exponent);
    visit("quantiles", self.quantiles);
  }

  std::size_t hidden() const noexcept { return recurrent.columns(); }
  detail::StoredInputs stored_inputs() const noexcept;
  WindowInputs inputs() const noexcept { return stored_inputs().inputs(); }
};

namespace detail {

inline constexpr std::size_t max_integer_outputs = 32;

/// The gate whose weights sum s takes, or `Cell::gates`: none. A GRU keeps its candidate's sums
/// apart.
template <class Cell>
struct IntegerGates {
  static constexpr bool gru = std::is_same_v<Cell, GruCell>;
  static constexpr std::size_t of_input(std::size_t s) noexcept { return gru && s == 3 ? 3 : s; }
  static constexpr std::size_t of_hidden(std::size_t s) noexcept {
    return !gru ? s : s == 2 ? 3 : s == 3 ? 2 : s;
  }
};

void validate_shifts(const std::vector<std::uint8_t>& shifts, std::size_t size, int least, int most,
                     const std::string& where);
void validate_scales(const std::vector<std::int16_t>& multipliers,
                     const std::vector<std::uint8_t>& shifts, std::size_t size, int most,
                     const std::string& where);

/// No partial sum is larger. Shares, log levels and covariates are at most 32,768, the others
/// 2,048, and one weekday at a time is set.
template <class Cell>
std::int64_t most_sum(const IntegerParts& p, std::size_t s, std::size_t j) noexcept {
  const auto size = [](int x) { return std::int64_t{x < 0 ? -x : x}; };
  std::int64_t most =
      (size(p.bias[s * p.hidden() + j]) << p.bias_shift[s]) + (1 << (p.shift[s] - 1));
  if (const std::size_t gate = IntegerGates<Cell>::of_input(s); gate < Cell::gates) {
    const auto row = p.input.row(gate * p.hidden() + j);
    const std::size_t ones = p.inputs().weekday ? 8 : 0;
    std::int64_t weekday = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool is_weekday = i > 0 && i < ones;
      const std::int64_t part = size(row[i]) * (i > 0 && i <= ones ? 2048 : 32768)
                                << p.input_shift[i];
      if (is_weekday)
        weekday = std::max(weekday, part);
      else
        most += part;
    }
    most += weekday;
  }
  if (const std::size_t gate = IntegerGates<Cell>::of_hidden(s); gate < Cell::gates)
    for (const std::int8_t weight : p.recurrent.row(gate * p.hidden() + j))
      most += size(weight) * 32768;
  return most;
}

/// Error (shape, out_of_range, not_finite) where sizes do not fit, a multiplier is not above 0, a
/// shift is out of its range, or a sum could leave 32 bits.
template <class Cell>
void validate_parts(const IntegerParts& p, const std::string& where) {
  p.stored_inputs().validate(where);
  const std::size_t n = p.hidden(), count = p.inputs().count(), outputs = 1 + p.quantiles.size();
  if (n == 0 || n > max_hidden)
    throw Error(ErrorCode::shape, where + ", hidden size", "1 to " + std::to_string(max_hidden),
                std::to_string(n));
  const auto check = [&](const Matrix<std::int8_t>& w, std::size_t rows, std::size_t columns,
                         const char* name) {
    validate_size(w.rows(), rows, where + ", rows of " + name);
    validate_size(w.columns(), columns, where + ", columns of " + name);
  };
  check(p.input, Cell::gates * n, count, "input");
  check(p.recurrent, Cell::gates * n, n, "recurrent");
  check(p.output, outputs, n, "output");
  check(p.skip, outputs, p.skip.columns() == 0 ? 0 : window_days, "skip");
  validate_size(p.bias.size(), 4 * n, where + ", bias");
  validate_size(p.output_bias.size(), outputs, where + ", output_bias");
  validate_scales(p.multiplier, p.shift, 4, 14, where);
  validate_scales(p.output_multiplier, p.output_shift, outputs, 24, where + ", output");
  validate_scales(p.skip_multiplier, p.skip_shift, p.skip.columns() == 0 ? 0 : outputs, 24,
                  where + ", skip");
  validate_shifts(p.bias_shift, 4, 0, 14, where + ", bias_shift");
  validate_shifts(p.input_shift, count, 0, 8, where + ", input_shift");
  if (!p.effects.empty() && (p.effects.size() < 19 || p.effects.size() > 19 + 255))
    throw Error(ErrorCode::shape, where + ", effects", "0, or 19 and at most 255 covariates",
                std::to_string(p.effects.size()));
  for (const auto& [mantissa, exponent, name] :
       {std::tuple(p.prior, p.prior_exponent, "prior"),
        std::tuple(p.prior_days, p.prior_days_exponent, "prior_days")})
    if ((mantissa != 0 && mantissa < 32768) || exponent < -100 || exponent > 100)
      throw Error(ErrorCode::out_of_range, where + ", " + name,
                  "a mantissa of 0 or 32768 and more, an exponent within 100 of 0",
                  std::to_string(mantissa) + " x 2^" + std::to_string(exponent));
  validate_finite(p.quantiles, where + ", quantiles");
  for (std::size_t q = 0; q < p.quantiles.size(); ++q)
    if (!(p.quantiles[q] > (q == 0 ? 0.0f : p.quantiles[q - 1]) && p.quantiles[q] < 1))
      throw Error(ErrorCode::out_of_range, where + ", quantiles",
                  "levels that rise, above 0 and below 1", std::to_string(p.quantiles[q]));
  if (outputs > max_integer_outputs)
    throw Error(ErrorCode::out_of_range, where + ", quantiles",
                "at most " + std::to_string(max_integer_outputs - 1),
                std::to_string(p.quantiles.size()));
  for (std::size_t s = 0; s < 4; ++s)
    for (std::size_t j = 0; j < n; ++j)
      if (const std::int64_t most = most_sum<Cell>(p, s, j);
          most > std::numeric_limits<std::int32_t>::max())
        throw Error(ErrorCode::out_of_range,
                    where + ", sum " + std::to_string(s) + " of unit " + std::to_string(j),
                    "at most 2147483647 whatever the inputs", std::to_string(most));
}

/// The parts as the plain definition reads them; refers to them.
template <class Cell>
fixed_point::Network network_of(const IntegerParts& parts) noexcept {
  fixed_point::Network net{};
  net.gru = std::is_same_v<Cell, GruCell>;
  net.kinds = parts.kinds;
  net.inputs = static_cast<std::uint16_t>(parts.input.columns());
  net.covariates = parts.covariates;
  net.hidden = static_cast<std::uint16_t>(parts.hidden());
  net.outputs = static_cast<std::uint16_t>(parts.output.rows());
  net.input = parts.input.data();
  net.recurrent = parts.recurrent.data();
  net.bias = parts.bias.data();
  net.multiplier = parts.multiplier.data();
  net.shift = parts.shift.data();
  net.bias_shift = parts.bias_shift.data();
  net.input_shift = parts.input_shift.data();
  net.output = parts.output.data();
  net.output_bias = parts.output_bias.data();
  net.output_multiplier = parts.output_multiplier.data();
  net.output_shift = parts.output_shift.data();
  net.skip = parts.skip.columns() > 0 ? parts.skip.data() : nullptr;
  net.skip_multiplier = parts.skip_multiplier.data();
  net.skip_shift = parts.skip_shift.data();
  net.effects = parts.effects.data();
  net.effect_count = static_cast<std::uint16_t>(parts.effects.size());
  net.series = parts.series.data();
  net.series_count = static_cast<std::uint32_t>(parts.series.size());
  net.prior = {parts.prior, parts.prior_exponent};
  net.prior_days = {parts.prior_days, parts.prior_days_exponent};
  return net;
}

}  // namespace detail
#if BODEGA_BODIES

BODEGA_INLINE detail::StoredInputs IntegerParts::stored_inputs() const noexcept {
  detail::StoredInputs inputs;
  inputs.kinds = kinds;
  inputs.covariates = covariates;
  return inputs;
}

namespace detail {

BODEGA_INLINE void validate_shifts(const std::vector<std::uint8_t>& shifts, std::size_t size,
                                   int least, int most, const std::string& where) {
  validate_size(shifts.size(), size, where);
  for (const int shift : shifts)
    if (shift < least || shift > most)
      throw Error(ErrorCode::out_of_range, where,
                  std::to_string(least) + " to " + std::to_string(most), std::to_string(shift));
}

BODEGA_INLINE void validate_scales(const std::vector<std::int16_t>& multipliers,
                                   const std::vector<std::uint8_t>& shifts, std::size_t size,
                                   int most, const std::string& where) {
  validate_size(multipliers.size(), size, where + ", multiplier");
  for (const int multiplier : multipliers)
    if (multiplier <= 0)
      throw Error(ErrorCode::out_of_range, where + ", multiplier", "above 0",
                  std::to_string(multiplier));
  validate_shifts(shifts, size, 1, most, where + ", shift");
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
