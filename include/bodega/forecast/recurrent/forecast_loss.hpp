// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>

namespace bodega::inline BODEGA_ABI {

/// What a miss of the point forecast costs. f is the forecast and y what was sold, both over the
/// scale of the window (its level times the target's factor).
enum class ForecastLoss {
  squared,   ///< half the square: learns the mean, at the mercy of single large orders
  absolute,  ///< learns the median: too low where most days sell nothing
  huber,     ///< squared up to `huber_delta`, absolute beyond
  relative,  ///< absolute over what was sold, as MAPE counts with a `level_power` of 0: learns to
             ///< forecast too low, and nothing from target days without a sale
  poisson,   ///< f - y log f: learns the mean, large sales weighing less than in the square; with a
             ///< `level_power` of 1 the likelihood of units that are Poisson
  negative_binomial  ///< the same for units of variance m + `dispersion` m^2 about their mean m
};
constexpr auto enum_names(ForecastLoss) noexcept {
  using enum ForecastLoss;
  return std::to_array<EnumName<ForecastLoss>>({{squared, "squared"},
                                                {absolute, "absolute"},
                                                {huber, "huber"},
                                                {relative, "relative"},
                                                {poisson, "poisson"},
                                                {negative_binomial, "negative_binomial"}});
}

namespace detail {

/// Cost of a miss and its derivative by f.
struct ForecastCost {
  ForecastLoss loss = ForecastLoss::huber;
  float huber_delta = 3;
  float dispersion = 0;

  struct Result {
    float cost, slope;
  };

  Result operator()(float f, float y, float scale) const noexcept {
    const float error = f - y, size = std::abs(error);
    switch (loss) {
      case ForecastLoss::squared:
        return {0.5f * error * error, error};
      case ForecastLoss::absolute:
      case ForecastLoss::relative:
        break;
      case ForecastLoss::huber:
        return {
            size <= huber_delta ? 0.5f * error * error : huber_delta * (size - 0.5f * huber_delta),
            std::clamp(error, -huber_delta, huber_delta)};
      case ForecastLoss::poisson:
        return count(f, y, 0);
      case ForecastLoss::negative_binomial:
        return count(f, y, dispersion * scale);
    }
    return {size, static_cast<float>((error > 0) - (error < 0))};
  }

  /// Of the quantile `level`. Source: Koenker, Bassett, "Regression quantiles", Econometrica 1978.
  static Result pinball(float f, float y, float level) noexcept {
    return y > f ? Result{level * (y - f), -level} : Result{(1 - level) * (f - y), 1 - level};
  }

 private:
  /// Minus the logarithm of the likelihood over the scale, without what does not depend on f; a is
  /// the dispersion in shares, 0 for Poisson. A line below f = `least`, where an answer cannot be
  /// a mean and the logarithm has no value.
  static Result count(float f, float y, float a) noexcept;
};

}  // namespace detail

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE ForecastCost::Result ForecastCost::count(float f, float y, float a) noexcept {
  constexpr float least = 0.01f;
  const float mean = std::max(f, least), spread = 1 + a * mean;
  const float slope = (mean - y) / (mean * spread);
  const float expected = a > 0 ? std::log1p(a * mean) / a : mean;
  const float cost = expected - y * (std::log(mean) - std::log1p(a * mean));
  return {cost + (f - mean) * slope, slope};
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
