// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/forecast/demand_factors.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/window_inputs.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// The window's level times what the target day is worth: 19 numbers and as many as there are
/// covariates, and the rung of the ladder that a network has the most trouble with. Where the
/// window brings a level of a longer memory (pooled_level.hpp), it is that level times the factor.
template <WeightFormat W = Matrix<float>>
class FactorMean {
 public:
  static constexpr std::string_view kind = "factor_mean";
  template <WeightFormat V>
  using with_weights = FactorMean<V>;

  FactorMean() = default;
  /// A level is taken as if `prior` more units, and `prior_days` more days at the series' own
  /// level, had been seen (SalesShares). Error as `validate`.
  explicit FactorMean(DemandFactors<W> factors, float prior = 0, float prior_days = 0)
      : factors_(std::move(factors)), prior_(prior), prior_days_(prior_days) {
    validate("FactorMean");
  }

  const DemandFactors<W>& factors() const noexcept { return factors_; }
  float prior() const noexcept { return prior_; }
  float prior_days() const noexcept { return prior_days_; }

  /// Returns units, 0 or more; NaN if a known sale is NaN or nothing tells a level.
  float forecast(const SalesWindow& window) const noexcept {
    return SalesShares(window, factors_, prior_, prior_days_).scale;
  }

  /// Error (shape, not_finite, out_of_range).
  void validate(const std::string& where) const {
    factors_.validate(where + ", factors");
    const float priors[] = {prior_, prior_days_};
    validate_range(priors, 0, plausible::units, where + ", priors");
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("factors", self.factors_);
    visit("prior", self.prior_);
    visit("prior_days", self.prior_days_);
  }

 private:
  DemandFactors<W> factors_;
  float prior_ = 0, prior_days_ = 0;
};

}  // namespace bodega::inline BODEGA_ABI
