// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
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
#include <bodega/forecast/integer/integer_network.hpp>
#include <bodega/forecast/recurrent/recurrent_cell.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/window_inputs.hpp>
#include <bodega/tensor/kernels/int16_lanes.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

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
};

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
  std::size_t hidden() const noexcept { return parts_.recurrent.columns(); }
  WindowInputs inputs() const noexcept { return stored_inputs().inputs(); }
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
    fixed_point::Scaled answers[max_outputs];
    const Question question(*this, window);
    if (!question.valid() || !forecast(question.window(), answers)) return nan;
    for (std::size_t q = 0; q < std::min(units.size(), quantiles().size()); ++q)
      units[q] = real(answers[q + 1]);
    return real(answers[0]);
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
      if (same > lanes / 4 && input_rows_ <= max_lane_rows) {
        forecast_lanes(windows.subspan(i, same), units.data() + i, quantiles_of(i, same));
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
    alignas(64) std::int16_t state[max_state];
    run(net, window, calendar, seen, state);
    const std::int16_t* const last = state + input_rows_;
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
    return fixed_point::forecast<max_hidden, max_inputs>(network(), window, units);
  }

  /// The model as the plain definition reads it; refers to this object.
  fixed_point::Network network() const noexcept {
    fixed_point::Network net{};
    net.gru = gru;
    net.kinds = parts_.kinds;
    net.inputs = static_cast<std::uint16_t>(parts_.input.columns());
    net.covariates = parts_.covariates;
    net.hidden = static_cast<std::uint16_t>(hidden());
    net.outputs = static_cast<std::uint16_t>(parts_.output.rows());
    net.input = parts_.input.data();
    net.recurrent = parts_.recurrent.data();
    net.bias = parts_.bias.data();
    net.multiplier = parts_.multiplier.data();
    net.shift = parts_.shift.data();
    net.bias_shift = parts_.bias_shift.data();
    net.input_shift = parts_.input_shift.data();
    net.output = parts_.output.data();
    net.output_bias = parts_.output_bias.data();
    net.output_multiplier = parts_.output_multiplier.data();
    net.output_shift = parts_.output_shift.data();
    net.skip = parts_.skip.columns() > 0 ? parts_.skip.data() : nullptr;
    net.skip_multiplier = parts_.skip_multiplier.data();
    net.skip_shift = parts_.skip_shift.data();
    net.effects = parts_.effects.data();
    net.effect_count = static_cast<std::uint16_t>(parts_.effects.size());
    net.series = parts_.series.data();
    net.series_count = static_cast<std::uint32_t>(parts_.series.size());
    net.prior = {parts_.prior, parts_.prior_exponent};
    net.prior_days = {parts_.prior_days, parts_.prior_days_exponent};
    return net;
  }

  /// A window of floats in integers, as the forecaster takes it. Refers to this object and to the
  /// window.
  class Question {
   public:
    Question(const IntegerForecaster& model, const SalesWindow& window) noexcept {
      float most = 0, check = 0;
      for (std::size_t d = 0; d < window_days; ++d) {
        const float units = window.knows(d) ? window.sales[d] : 0.0f;
        check += units * 0;  // a NaN once a sale is none
        most = std::max(most, units);
      }
      bool finite = check == 0;
      const std::size_t used = std::max<std::size_t>(
          model.parts_.covariates,
          model.parts_.effects.size() > 19 ? model.parts_.effects.size() - 19 : 0);
      const std::size_t given = std::min(used, window.covariate_count());
      for (std::size_t d = 0; d <= window_days && given > 0; ++d)
        for (std::size_t c = 0; c < given; ++c) {
          const float value = window.covariates_of(d)[c];
          finite = finite && std::isfinite(value);
          covariates_[d * given + c] = to_q11(value);
        }
      valid_ = finite && !std::isinf(window.level);
      if (!finite) most = 0;
      const std::int32_t power =
          static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(most) >> 23) - 127;
      window_.exponent = most > 0 ? std::max(power - 22, -100) : 0;
      const float scale = power_of_two(-window_.exponent);
      for (std::size_t d = 0; d < window_days; ++d) {
        const float units = finite && window.knows(d) ? std::max(window.sales[d], 0.0f) : 0.0f;
        sales_[d] = static_cast<std::int32_t>(units * scale + 0.5f);
        days_[d] = window.days[d].days_since_1970();
      }
      window_.sales = sales_;
      window_.days = days_;
      window_.target = window.target.days_since_1970();
      window_.known = window.known;
      window_.covariates = covariates_;
      window_.covariate_count = static_cast<std::uint32_t>(given);
      window_.series = window.series.value();
      window_.has_level = !std::isnan(window.level);
      if (window.level > 0 && valid_) window_.level = scaled(window.level);
    }
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;

    bool valid() const noexcept { return valid_; }
    const fixed_point::Window& window() const noexcept { return window_; }

   private:
    static float power_of_two(std::int32_t exponent) noexcept {
      return std::bit_cast<float>(static_cast<std::uint32_t>(exponent + 127) << 23);
    }
    static std::int16_t to_q11(float value) noexcept {
      const float steps = std::clamp(value * 2048.0f, -32768.0f, 32767.0f);
      return std::isnan(value) ? std::int16_t{0} : static_cast<std::int16_t>(std::lrint(steps));
    }

    std::int32_t sales_[window_days], days_[window_days];
    std::int16_t covariates_[(window_days + 1) * 255];
    fixed_point::Window window_{};
    bool valid_;
  };

  /// A positive, finite number to 16 bits.
  static fixed_point::Scaled scaled(float value) noexcept {
    int exponent = 0;
    const float mantissa = std::frexp(value, &exponent);
    return fixed_point::scaled(static_cast<std::uint32_t>(std::ldexp(mantissa, 24)), exponent - 24);
  }
  static float real(fixed_point::Scaled value) noexcept {
    if (value.exponent > 111) return std::numeric_limits<float>::max();
    if (value.exponent < -126) return 0.0f;
    return static_cast<float>(value.mantissa) *
           std::bit_cast<float>(static_cast<std::uint32_t>(value.exponent + 127) << 23);
  }

  /// Error (shape, out_of_range, not_finite) where sizes do not fit, a multiplier is not above 0, a
  /// shift is out of its range, or a sum could leave 32 bits.
  void validate(const std::string& where) const {
    const IntegerParts& p = parts_;
    stored_inputs().validate(where);
    const std::size_t n = hidden(), count = inputs().count(), outputs = 1 + p.quantiles.size();
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
    if (outputs > max_outputs)
      throw Error(ErrorCode::out_of_range, where + ", quantiles",
                  "at most " + std::to_string(max_outputs - 1), std::to_string(p.quantiles.size()));
    for (std::size_t s = 0; s < 4; ++s)
      for (std::size_t j = 0; j < n; ++j)
        if (const std::int64_t most = most_sum(s, j);
            most > std::numeric_limits<std::int32_t>::max())
          throw Error(ErrorCode::out_of_range,
                      where + ", sum " + std::to_string(s) + " of unit " + std::to_string(j),
                      "at most 2147483647 whatever the inputs", std::to_string(most));
  }

  /// The weights as the fast path reads them: 16 bits, in pairs of rows, in the order of its sums.
  void restore() {
    using int16_lanes::lanes;
    padded_ = (hidden() + lanes - 1) / lanes * lanes;
    first_rest_ = inputs().weekday ? 9 : 1;
    rest_ = parts_.input.columns() - first_rest_;
    input_rows_ = (1 + (inputs().weekday ? 1 : 0) + rest_ + 1) / 2 * 2;
    const std::size_t columns = 4 * padded_, rows = input_rows_ + padded_;
    weights_.assign((columns * rows + sizeof(Line) / 2 - 1) / (sizeof(Line) / 2), Line{});
    starts_.assign((inputs().weekday ? 7 : 1) * columns, 0);
    std::int16_t* const weights = weights_.front().numbers;
    for (std::size_t s = 0; s < 4; ++s) {
      for (std::size_t u = 0; u < padded_ / lanes; ++u) {
        multipliers_[s * padded_ / lanes + u] = parts_.multiplier[s];
        shifts_[s * padded_ / lanes + u] = parts_.shift[s];
      }
      for (std::size_t j = 0; j < hidden(); ++j) {
        const std::size_t column = s * padded_ + j;
        const auto put = [&](std::size_t row, int weight) {
          weights[weight_at(row, column)] = static_cast<std::int16_t>(weight);
        };
        if (const std::size_t gate = input_gate(s); gate < Cell::gates) {
          const auto row = parts_.input.row(gate * hidden() + j);
          put(0, row[0] * (1 << parts_.input_shift[0]));
          if (inputs().weekday) put(1, row[8] * (1 << parts_.input_shift[8]));
          for (std::size_t i = 0; i < rest_; ++i)
            put((inputs().weekday ? 2 : 1) + i,
                row[first_rest_ + i] * (1 << parts_.input_shift[first_rest_ + i]));
        }
        if (const std::size_t gate = hidden_gate(s); gate < Cell::gates)
          for (std::size_t k = 0; k < hidden(); ++k)
            put(input_rows_ + k, parts_.recurrent(gate * hidden() + j, k));
        for (std::size_t w = 0; w < (inputs().weekday ? 7 : 1); ++w) {
          std::int32_t start = parts_.bias[s * hidden() + j] * (1 << parts_.bias_shift[s]) +
                               (1 << (parts_.shift[s] - 1));
          if (inputs().weekday && input_gate(s) < Cell::gates)
            start += parts_.input(input_gate(s) * hidden() + j, 1 + w) * 2048 *
                     (1 << parts_.input_shift[1 + w]);
          starts_[w * columns + start_at(column)] = start;
        }
      }
    }
    outputs_.assign(parts_.output.rows() * padded_, 0);
    for (std::size_t q = 0; q < parts_.output.rows(); ++q)
      for (std::size_t j = 0; j < hidden(); ++j) outputs_[q * padded_ + j] = parts_.output(q, j);
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    IntegerParts::parameters(self.parts_, visit);
  }

 private:
  static constexpr bool gru = std::is_same_v<Cell, GruCell>;
  static constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  static constexpr std::size_t max_outputs = 32;
  static constexpr std::size_t max_inputs = 13 + 255;
  static constexpr std::size_t max_state = max_inputs + 2 + max_hidden + int16_lanes::lanes;
  static constexpr std::size_t max_lane_rows = 16;
  static constexpr std::size_t group = 4;  ///< vectors of sums that are made together, in registers

  struct alignas(64) Line {
    std::int16_t numbers[32];
  };

  /// The gate whose weights sum s takes, or `gates`: none. A GRU keeps its candidate's sums apart.
  static constexpr std::size_t input_gate(std::size_t s) noexcept { return gru && s == 3 ? 3 : s; }
  static constexpr std::size_t hidden_gate(std::size_t s) noexcept {
    return !gru ? s : s == 2 ? 3 : s == 3 ? 2 : s;
  }

  detail::StoredInputs stored_inputs() const noexcept {
    detail::StoredInputs inputs;
    inputs.kinds = parts_.kinds;
    inputs.covariates = parts_.covariates;
    return inputs;
  }

  static void validate_shifts(const std::vector<std::uint8_t>& shifts, std::size_t size, int least,
                              int most, const std::string& where) {
    validate_size(shifts.size(), size, where);
    for (const int shift : shifts)
      if (shift < least || shift > most)
        throw Error(ErrorCode::out_of_range, where,
                    std::to_string(least) + " to " + std::to_string(most), std::to_string(shift));
  }
  static void validate_scales(const std::vector<std::int16_t>& multipliers,
                              const std::vector<std::uint8_t>& shifts, std::size_t size, int most,
                              const std::string& where) {
    validate_size(multipliers.size(), size, where + ", multiplier");
    for (const int multiplier : multipliers)
      if (multiplier <= 0)
        throw Error(ErrorCode::out_of_range, where + ", multiplier", "above 0",
                    std::to_string(multiplier));
    validate_shifts(shifts, size, 1, most, where + ", shift");
  }

  /// No partial sum is larger. Shares, log levels and covariates are at most 32,768, the others
  /// 2,048, and one weekday at a time is set.
  std::int64_t most_sum(std::size_t s, std::size_t j) const noexcept {
    const IntegerParts& p = parts_;
    const auto size = [](int x) { return std::int64_t{x < 0 ? -x : x}; };
    std::int64_t most =
        (size(p.bias[s * hidden() + j]) << p.bias_shift[s]) + (1 << (p.shift[s] - 1));
    if (const std::size_t gate = input_gate(s); gate < Cell::gates) {
      const auto row = p.input.row(gate * hidden() + j);
      const std::size_t ones = inputs().weekday ? 8 : 0;
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
    if (const std::size_t gate = hidden_gate(s); gate < Cell::gates)
      for (const std::int8_t weight : p.recurrent.row(gate * hidden() + j))
        most += size(weight) * 32768;
    return most;
  }

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
        inputs().weekday ? static_cast<std::size_t>(calendar.weekday[step + 1]) : 0;
    return starts_.data() + weekday * 4 * padded_;
  }

  /// The inputs of a step that are not looked up by weekday, in the order of the rows.
  void gather_inputs(const fixed_point::Network& net, const fixed_point::Window& window,
                     const fixed_point::Calendar& calendar, const fixed_point::Shares& seen,
                     std::size_t step, std::int16_t* rows) const noexcept {
    const auto day = static_cast<std::int32_t>(step);
    *rows++ = seen.share[step];
    if (inputs().weekday) *rows++ = fixed_point::is_target_weekday(calendar, day);
    fixed_point::find_more_inputs(net, window, seen, day, rows);
  }

  /// Leaves inputs and hidden state of the last day in `state`, inputs first.
  void run(const fixed_point::Network& net, const fixed_point::Window& window,
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
        step_units<2>(gates + j, padded_, memory + j, state + input_rows_ + j);
      if (j < padded_) step_units<1>(gates + j, padded_, memory + j, state + input_rows_ + j);
    }
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

  /// The cell of Vectors x lanes units (or of one unit of as many items), whose four sums lie
  /// `apart` numbers from each other.
  template <std::size_t Vectors>
  static void step_units(const std::int16_t* sums, std::size_t apart, std::int16_t* memory,
                         std::int16_t* hidden) noexcept {
    using namespace int16_lanes;
    Int16s s[4][Vectors];
    for (std::size_t k = 0; k < 4; ++k)
      for (std::size_t v = 0; v < Vectors; ++v) s[k][v] = load(sums + k * apart + v * lanes);
    Int16s& spare = s[1][Vectors - 1];  // of one vector each, the first two go together
    sigmoid_q15(s[0][0], Vectors == 2 ? s[0][Vectors - 1] : spare);
    if constexpr (Vectors == 2) sigmoid_q15(s[1][0], s[1][1]);
    Int16s next[Vectors];
    if constexpr (gru) {
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

  static bool same_days(const SalesWindow& a, const SalesWindow& b) noexcept {
    return a.target == b.target && a.days == b.days;
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
      store(to + s * 2 * lanes,
            product(narrow(low[s], high[s], broadcast(std::int32_t{parts_.shift[s]})),
                    broadcast(parts_.multiplier[s])));
  }

  std::size_t level_row() const noexcept {
    return 1u + (inputs().weekday ? 1u : 0u) + (inputs().season ? 2u : 0u);
  }

  /// Up to `lanes` windows of the same days, for a model of at most `max_lane_rows` rows of inputs.
  void forecast_lanes(std::span<const SalesWindow> windows, float* units,
                      std::span<float> quantiles) const noexcept;

  IntegerParts parts_;
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

template <class Cell>
void IntegerForecaster<Cell>::forecast_lanes(std::span<const SalesWindow> windows, float* units,
                                             std::span<float> quantiles) const noexcept {
  using namespace int16_lanes;
  const fixed_point::Network net = network();
  alignas(64) std::int16_t inputs_of[window_days][max_lane_rows][lanes];
  fixed_point::Shares seen[lanes] = {};
  bool answered[lanes] = {};
  fixed_point::Calendar calendar{};
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const Question question(*this, windows[i]);
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
    if (inputs().level) {
      const std::size_t row = level_row();
      const auto level = static_cast<std::int16_t>(fixed_point::level_input(seen[i].level));
      for (std::size_t step = 0; step < window_days; ++step) inputs_of[step][row][i] = level;
    }
  }

  // Pairs of rows, interleaved; the hidden state twice, before and after a step.
  alignas(64) std::int16_t state[2][max_lane_rows / 2 + max_hidden / 2][2][lanes];
  alignas(64) std::int16_t memory[max_hidden + 1][lanes] = {};
  alignas(64) std::int16_t hidden_of[max_hidden + 1][lanes] = {};
  alignas(64) std::int16_t sums_of[4][2][lanes] = {};
  const std::size_t input_pairs = input_rows_ / 2, hidden_pairs = (hidden() + 1) / 2;
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
    for (std::size_t j = 0; j < hidden(); j += 2) {
      for (std::size_t unit = 0; unit < 2 && j + unit < hidden(); ++unit)
        lane_sums(before, pairs, start, j + unit, sums_of[0][unit]);
      step_units<2>(sums_of[0][0], 2 * lanes, memory[j], hidden_of[j]);
    }
    for (std::size_t p = 0; p < hidden_pairs; ++p)
      interleave(hidden_of + 2 * p, after[input_pairs + p]);
  }

  const std::size_t outputs = quantiles.empty() ? 1 : net.outputs;
  std::int32_t sums[max_outputs][2][lanes / 2];
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
    fixed_point::Scaled answers[max_outputs] = {};
    for (std::size_t q = 0; q < outputs && answered[i] && seen[i].level.mantissa != 0; ++q)
      fixed_point::answer(net, static_cast<std::int32_t>(q), sums[q][sum_vector(i)][sum_place(i)],
                          seen[i], answers);
    units[i] = answered[i] ? real(answers[0]) : nan;
    for (std::size_t q = 1; q < outputs; ++q)
      quantiles[i * (outputs - 1) + q - 1] = answered[i] ? real(answers[q]) : nan;
  }
}

using IntegerLstm = IntegerForecaster<LstmCell>;
using IntegerGru = IntegerForecaster<GruCell>;

}  // namespace bodega
