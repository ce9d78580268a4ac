// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// How far forecasts were from what was sold, summed pair by pair. A pair whose sale is not known
/// (NaN) is left out. Shares are fractions, not percent. Each measure is NaN if there is nothing to
/// divide by: no pair, or no sale.
class ForecastErrors {
 public:
  void add(double actual, double forecast) noexcept;

  std::size_t count() const noexcept { return count_; }
  /// Forecasts left out, since what was sold is not known (NaN).
  std::size_t unknown() const noexcept { return unknown_; }
  /// Mean absolute error, in units.
  double mae() const noexcept { return share(absolute_, static_cast<double>(count_)); }
  /// Root of the mean squared error, in units.
  double rmse() const noexcept { return std::sqrt(share(squared_, static_cast<double>(count_))); }
  /// Sum of the absolute errors over the sum of sales: what an error costs a shop.
  double wmape() const noexcept { return share(absolute_, sold_); }
  /// Mean of |error| / sales over the days with sales; rewards forecasting too low.
  double mape() const noexcept { return share(relative_, static_cast<double>(sold_days_)); }
  /// Sum of the errors over the sum of sales: above 0 forecasts too much.
  double bias() const noexcept { return share(error_, sold_); }

 private:
  static double share(double part, double whole) noexcept {
    return whole > 0 ? part / whole : std::numeric_limits<double>::quiet_NaN();
  }

  std::size_t count_ = 0, unknown_ = 0, sold_days_ = 0;
  double sold_ = 0, error_ = 0, absolute_ = 0, squared_ = 0, relative_ = 0;
};

#if BODEGA_BODIES

BODEGA_INLINE void ForecastErrors::add(double actual, double forecast) noexcept {
  if (std::isnan(actual)) {
    ++unknown_;
    return;
  }
  const double error = forecast - actual;
  ++count_;
  sold_ += actual;
  error_ += error;
  absolute_ += std::abs(error);
  squared_ += error * error;
  if (actual > 0) {
    ++sold_days_;
    relative_ += std::abs(error) / actual;
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI
