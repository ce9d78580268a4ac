// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// What quantiles were worth, summed day by day: the pinball loss, which is least for the true
/// quantile, and how often sales fell between the outer two. Each measure is NaN without a day.
/// Source: Koenker, Bassett, "Regression quantiles", Econometrica 1978.
class QuantileErrors {
 public:
  /// Precondition: one level or more, rising, each within 0 and 1.
  explicit QuantileErrors(std::span<const float> levels)
      : levels_(levels.begin(), levels.end()), loss_(levels.size(), 0.0) {}

  /// A day whose sale is not known (NaN) is left out. Precondition: a quantile for each level.
  void add(double actual, std::span<const float> quantiles) noexcept;

  std::size_t count() const noexcept { return count_; }
  /// The loss of one level, in units.
  double pinball(std::size_t level) const noexcept { return mean(loss_[level]); }
  /// The mean over the levels.
  double pinball() const noexcept;
  /// Share of the days that sold from the lowest to the highest quantile.
  double coverage() const noexcept { return mean(static_cast<double>(covered_)); }

 private:
  double mean(double sum) const noexcept {
    return count_ > 0 ? sum / static_cast<double>(count_)
                      : std::numeric_limits<double>::quiet_NaN();
  }

  std::vector<float> levels_;
  std::vector<double> loss_;
  std::size_t count_ = 0, covered_ = 0;
};

#if BODEGA_BODIES

BODEGA_INLINE void QuantileErrors::add(double actual, std::span<const float> quantiles) noexcept {
  if (std::isnan(actual)) return;
  ++count_;
  for (std::size_t q = 0; q < levels_.size(); ++q) {
    const double error = actual - double{quantiles[q]}, level = double{levels_[q]};
    loss_[q] += std::max(level * error, (level - 1) * error);
  }
  covered_ += actual >= double{quantiles.front()} && actual <= double{quantiles.back()};
}

BODEGA_INLINE double QuantileErrors::pinball() const noexcept {
  double sum = 0;
  for (std::size_t q = 0; q < levels_.size(); ++q) sum += pinball(q);
  return sum / static_cast<double>(levels_.size());
}

#endif

}  // namespace bodega::inline BODEGA_ABI
