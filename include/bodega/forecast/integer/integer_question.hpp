// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <bodega/core/abi.hpp>
#include <bodega/core/units.hpp>
#include <bodega/forecast/integer/integer_network.hpp>
#include <bodega/forecast/integer/integer_parts.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/sold_unit.hpp>
#include <bodega/tensor/kernels/fixed_point.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {

/// A positive, finite number to 16 bits.
fixed_point::Scaled to_scaled(float value) noexcept;
float to_real(fixed_point::Scaled value) noexcept;

}  // namespace detail

/// A window of floats in integers, as an integer forecaster of these parts takes it. Refers to the
/// window.
class IntegerQuestion {
 public:
  IntegerQuestion(const IntegerParts& parts, const SalesWindow& window) noexcept;
  IntegerQuestion(const IntegerQuestion&) = delete;
  IntegerQuestion& operator=(const IntegerQuestion&) = delete;

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

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE fixed_point::Scaled to_scaled(float value) noexcept {
  int exponent = 0;
  const float mantissa = std::frexp(value, &exponent);
  return fixed_point::scaled(static_cast<std::uint32_t>(std::ldexp(mantissa, 24)), exponent - 24);
}

BODEGA_INLINE float to_real(fixed_point::Scaled value) noexcept {
  if (value.exponent > 111) return std::numeric_limits<float>::max();
  if (value.exponent < -126) return 0.0f;
  return static_cast<float>(value.mantissa) *
         std::bit_cast<float>(static_cast<std::uint32_t>(value.exponent + 127) << 23);
}

}  // namespace detail

BODEGA_INLINE IntegerQuestion::IntegerQuestion(const IntegerParts& parts,
                                               const SalesWindow& window) noexcept {
  float most = 0, check = 0;
  for (std::size_t d = 0; d < window_days; ++d) {
    const float units = window.knows(d) ? window.sales[d] : 0.0f;
    check += units * 0;  // a NaN once a sale is none
    most = std::max(most, units);
  }
  bool finite = check == 0;
  const std::size_t used = std::max<std::size_t>(
      parts.covariates, parts.effects.size() > 19 ? parts.effects.size() - 19 : 0);
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
  window_.weighed = sold_unit(window) != 1;
  window_.has_level = !std::isnan(window.level);
  if (window.level > 0 && valid_) window_.level = detail::to_scaled(window.level);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
