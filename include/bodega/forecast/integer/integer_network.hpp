// SPDX-License-Identifier: MIT
#pragma once

#include <bodega/core/abi.hpp>
#include <bodega/tensor/kernels/fixed_point.hpp>

/// A recurrent forecaster (recurrent.hpp) in integers from the sales to the forecast: INT8 weights,
/// INT16 activations and cell, INT32 sums. In plain C++, one sum after another: the definition that
/// the fast path of IntegerForecaster is held to, and the text that a header for the smallest
/// devices carries. Nothing here allocates, throws or calls anything.
///
/// Formats: hidden state and gates Q15. Cell in steps of 1 / 2304: 14 steps add at most 1 each, so
/// it stays within 14 x 2304 = 32,256. Inputs and shares Q11 (within 16 of 0), effects and levels
/// of series as logarithms to base 2 in Q11. Units, levels and factors are `Scaled`.
///
/// A sum s of unit j is
///
///   bias << bias_shift[s] + inputs of the weights << input_shift + hidden of the weights,
///
/// then rounded by shift[s] to 16 bits, saturated, and multiplied by multiplier[s] in Q15, which
/// makes it the argument of tanh in steps of 1 / 3456; of a sigmoid, half the argument. What is
/// checked when a model is made or read: no order of the additions can leave 32 bits.
namespace bodega::inline BODEGA_ABI::fixed_point {

// clang-format off
BODEGA_CODE_AND_TEXT(network_text,

struct Network {
  bool gru;
  uint8_t kinds;
  uint16_t inputs;
  uint16_t covariates;
  uint16_t hidden;
  uint16_t outputs;
  const int8_t* input;
  const int8_t* recurrent;
  const int16_t* bias;
  const int16_t* multiplier;
  const uint8_t* shift;
  const uint8_t* bias_shift;
  const uint8_t* input_shift;
  const int8_t* output;
  const int16_t* output_bias;
  const int16_t* output_multiplier;
  const uint8_t* output_shift;
  const int8_t* skip;
  const int16_t* skip_multiplier;
  const uint8_t* skip_shift;
  const int16_t* effects;
  uint16_t effect_count;
  const int16_t* series;
  uint32_t series_count;
  Scaled prior;
  Scaled prior_days;
};

struct Window {
  const int32_t* sales;
  int32_t exponent;
  const int32_t* days;
  int32_t target;
  uint32_t known;
  const int16_t* covariates;
  uint32_t covariate_count;
  uint32_t series;
  bool has_level;
  Scaled level;
  bool weighed = false;
};

struct Calendar {
  Scaled target;
  Scaled days;
  int32_t weekday[15];
  uint32_t inverse_mantissa[16];
  int32_t inverse_exponent[16];
};

struct Shares {
  Scaled level;
  Scaled scale;
  int16_t share[16];
};

constexpr int32_t weekday_of(int32_t day) { return (day % 7 + 10) % 7; }

constexpr int32_t month_of(int32_t day) {
  const int32_t z = static_cast<int32_t>(static_cast<uint32_t>(day) + 719468u);
  const int32_t day_of_era = z - (z >= 0 ? z : z - 146096) / 146097 * 146097;
  const int32_t year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int32_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
  const int32_t month = (5 * day_of_year + 2) / 153;
  return month + (month < 10 ? 3 : -9);
}

constexpr int32_t season_of(int32_t day) {
  const int32_t turn = day % 146097 * 400 % 146097;
  return static_cast<int32_t>((static_cast<uint32_t>(turn < 0 ? turn + 146097 : turn) << 14) / 146097u) << 2;
}

constexpr int32_t covariate_of(const Window& window, int32_t day, uint32_t which) {
  return which < window.covariate_count ? window.covariates[static_cast<uint32_t>(day) * window.covariate_count + which] : 0;
}

constexpr int32_t log_factor(const Network& net, const Window& window, int32_t which, int32_t day) {
  int32_t sum = net.effects[weekday_of(day)] + net.effects[6 + month_of(day)];
  for (uint32_t c = 0; c + 19 < net.effect_count; ++c)
    sum += shift_rounded(net.effects[19 + c] * covariate_of(window, which, c), 11);
  return sum > 118000 ? 118000 : sum < -118000 ? -118000 : sum;
}

constexpr void find_calendar(const Network& net, const Window& window, Calendar& calendar) {
  calendar.target = {32768, -15};
  calendar.days = {0, 0};
  uint32_t known_days = 0;
  for (int32_t d = 0; d < 15; ++d) {
    const int32_t day = d < 14 ? window.days[d] : window.target;
    const bool known = d < 14 && (window.known >> d & 1u) != 0;
    calendar.weekday[d] = weekday_of(day);
    known_days += known;
    if (d < 14) {
      calendar.inverse_mantissa[d] = 32768;
      calendar.inverse_exponent[d] = -15;
    }
    if (net.effect_count == 0) continue;
    const int32_t log = log_factor(net, window, d, day);
    const Scaled factor = power_of_two(log);
    const Scaled inverse = power_of_two(-log);
    if (d == 14) {
      calendar.target = factor;
    } else {
      calendar.inverse_mantissa[d] = inverse.mantissa;
      calendar.inverse_exponent[d] = inverse.exponent;
      if (known) calendar.days = add(calendar.days, factor);
    }
  }
  if (net.effect_count == 0) calendar.days = scaled(known_days, 0);
}

constexpr bool find_shares(const Network& net, const Window& window, const Calendar& calendar, Shares& seen) {
  uint32_t units[16] = {};
  uint32_t sum = 0;
  uint32_t any = 0;
  for (int32_t d = 0; d < 14; ++d) {
    units[d] = (window.known >> d & 1u) != 0 && window.sales[d] > 0 ? static_cast<uint32_t>(window.sales[d]) : 0;
    sum += units[d];
    any |= units[d];
  }
  const Scaled prior = window.weighed ? multiply(net.prior, {33554, -25}) : net.prior;
  Scaled sold = add(prior, scaled(sum, window.exponent));
  Scaled days = calendar.days;
  if (net.prior_days.mantissa != 0 && window.series < net.series_count) {
    sold = add(sold, multiply(net.prior_days, power_of_two(net.series[window.series])));
    days = add(days, net.prior_days);
  }
  if (!window.has_level && days.mantissa == 0) return false;
  seen.level = window.has_level ? window.level : divide(sold, days);
  if (seen.level.mantissa == 0) return true;
  seen.scale = multiply(seen.level, calendar.target);
  const Scaled per_level = divide({32768, -15}, seen.level);
  const int32_t excess = any > 65535 ? 16 - __builtin_clz(any) : 0;
  const int32_t exponent = per_level.exponent + window.exponent + excess + 16 + 11;
  for (int32_t d = 0; d < 16; ++d) {
    const uint32_t per_unit = (per_level.mantissa * calendar.inverse_mantissa[d]) >> 16;
    const uint32_t product = (units[d] >> excess) * per_unit;
    const int32_t drop = -(exponent + calendar.inverse_exponent[d]);
    const int32_t bits = drop < 1 ? 0 : drop > 31 ? 31 : drop;
    const int32_t halves = bits > 0 ? 1 : 0;
    const uint32_t share = ((product >> (bits - halves)) + static_cast<uint32_t>(halves)) >> halves;
    const bool over = share > 32767 || (drop < 0 && product != 0);
    const uint32_t limited = over ? 32767 : drop > 31 ? 0 : share;
    seen.share[d] = static_cast<int16_t>(limited);
  }
  for (int32_t d = 0; d < 14; ++d)
    if ((window.known >> d & 1u) == 0) seen.share[d] = 2048;
  return true;
}

constexpr int32_t level_input(Scaled level, bool weighed) {
  const int32_t in_grams = weighed ? 20410 : 0;
  return level.mantissa == 0 ? 0 : saturate_int16(multiply_q15(log_of_two(level) + in_grams, 5678));
}

constexpr void find_more_inputs(const Network& net, const Window& window, const Shares& seen, int32_t step, int16_t* x) {
  if ((net.kinds & 2) != 0) {
    const int32_t season = season_of(step < 13 ? window.days[step + 1] : window.target);
    *x++ = static_cast<int16_t>(sine_q11(season));
    *x++ = static_cast<int16_t>(sine_q11(season + 16384));
  }
  if ((net.kinds & 4) != 0) *x++ = static_cast<int16_t>(level_input(seen.level, window.weighed));
  if ((net.kinds & 8) != 0) *x++ = (window.known >> step & 1u) == 0 ? 2048 : 0;
  for (uint32_t c = 0; c < net.covariates; ++c) *x++ = static_cast<int16_t>(covariate_of(window, step + 1, c));
}

constexpr int16_t is_target_weekday(const Calendar& calendar, int32_t step) { return calendar.weekday[step] == calendar.weekday[14] ? 2048 : 0; }

constexpr void find_inputs(const Network& net, const Window& window, const Calendar& calendar, const Shares& seen, int32_t step, int16_t* x) {
  *x++ = seen.share[step];
  if ((net.kinds & 1) != 0) {
    for (int32_t w = 0; w < 7; ++w) *x++ = w == calendar.weekday[step + 1] ? 2048 : 0;
    *x++ = is_target_weekday(calendar, step);
  }
  find_more_inputs(net, window, seen, step, x);
}

constexpr int32_t sum_of(const Network& net, int32_t s, int32_t j, const int16_t* x, const int16_t* hidden) {
  const int32_t n = net.hidden;
  int32_t sum = net.bias[s * n + j] * (1 << net.bias_shift[s]) + (1 << (net.shift[s] - 1));
  if (!net.gru || s < 3) {
    const int8_t* const row = net.input + (s * n + j) * net.inputs;
    for (int32_t i = 0; i < net.inputs; ++i) sum += row[i] * x[i] * (1 << net.input_shift[i]);
  }
  if (!net.gru || s != 2) {
    const int8_t* const row = net.recurrent + ((net.gru && s == 3 ? 2 : s) * n + j) * n;
    for (int32_t k = 0; k < n; ++k) sum += row[k] * hidden[k];
  }
  return multiply_q15(saturate_int16(sum >> net.shift[s]), net.multiplier[s]);
}

constexpr int32_t share_of(const Network& net, int32_t q, int32_t sum, const Shares& seen) {
  int32_t share = net.output_bias[q] + multiply_q15(saturate_int16(shift_rounded(sum, net.output_shift[q])), net.output_multiplier[q]);
  if (net.skip != nullptr) {
    int32_t direct = 0;
    for (int32_t d = 0; d < 14; ++d) direct += net.skip[q * 14 + d] * seen.share[d];
    share += multiply_q15(saturate_int16(shift_rounded(direct, net.skip_shift[q])), net.skip_multiplier[q]);
  }
  return share;
}

constexpr void answer(const Network& net, int32_t q, int32_t sum, const Shares& seen, Scaled* units) {
  const int32_t share = share_of(net, q, sum, seen);
  Scaled next = multiply(seen.scale, scaled(share > 0 ? static_cast<uint32_t>(share) : 0, -11));
  for (int32_t at = 1; at < q; ++at) {
    const Scaled before = units[at];
    if (is_less(next, before)) {
      units[at] = next;
      next = before;
    }
  }
  units[q] = next;
}

template <uint32_t most_hidden, uint32_t most_inputs>
constexpr bool forecast(const Network& net, const Window& window, Scaled* units) {
  const int32_t n = net.hidden;
  Calendar calendar = {};
  Shares seen = {};
  for (int32_t q = 0; q < net.outputs; ++q) units[q] = {0, 0};
  find_calendar(net, window, calendar);
  if (!find_shares(net, window, calendar, seen)) return false;
  if (seen.level.mantissa == 0) return true;
  int16_t x[most_inputs] = {};
  int16_t states[2][most_hidden] = {};
  int16_t cell[most_hidden] = {};
  for (int32_t step = 0; step < 14; ++step) {
    const int16_t* const before = states[step % 2];
    int16_t* const after = states[(step + 1) % 2];
    find_inputs(net, window, calendar, seen, step, x);
    for (int32_t j = 0; j < n; ++j) {
      const int32_t first = sigmoid_q15(sum_of(net, 0, j, x, before));
      const int32_t second = sigmoid_q15(sum_of(net, 1, j, x, before));
      const int32_t third = sum_of(net, 2, j, x, before);
      const int32_t fourth = sum_of(net, 3, j, x, before);
      if (net.gru) {
        const int32_t both = saturate_int16(third + multiply_q15(first, fourth));
        const int32_t candidate = tanh_q15(both < -32767 ? -32767 : both);
        after[j] = static_cast<int16_t>(saturate_int16(candidate - multiply_q15(second, candidate) + multiply_q15(second, before[j])));
      } else {
        const int32_t added = multiply_q15(multiply_q15(first, tanh_q15(third)), 2304);
        const int32_t memory = multiply_q15(second, cell[j]) + added;
        cell[j] = static_cast<int16_t>(memory);
        const int32_t size = memory < 0 ? -memory : memory;
        const int32_t squashed = squash(size > 10922 ? 32767 : 3 * size);
        after[j] = static_cast<int16_t>(multiply_q15(sigmoid_q15(fourth), memory < 0 ? -squashed : squashed));
      }
    }
  }
  for (int32_t q = 0; q < net.outputs; ++q) {
    int32_t sum = 0;
    for (int32_t j = 0; j < n; ++j) sum += net.output[q * n + j] * states[0][j];
    answer(net, q, sum, seen, units);
  }
  return true;
}

)
// clang-format on

}  // namespace bodega::inline BODEGA_ABI::fixed_point
