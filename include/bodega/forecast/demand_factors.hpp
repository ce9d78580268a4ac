// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// What a day is worth: the factor by which its weekday, its month and its covariates (holiday,
/// promotion, log price) raise or lower demand, and the level that each series has at factor 1. The
/// calendar of a forecaster and part of it, so compressing the one compresses the other. Made by
/// `fit_demand_factors` (demand_factors_trainer.hpp).
///
/// Shapes: effects 1 x (19 + C), natural logs: Monday to Sunday, January to December, then C
/// covariates, each for a value of 1; or 1 x 0, all days alike. series 1 x S, logs of units a day;
/// or 1 x 0. A multiplicative Poisson regression, as in McCullagh, Nelder, "Generalized Linear
/// Models", 1989, ch. 6.
template <WeightFormat W = Matrix<float>>
class DemandFactors {
 public:
  static constexpr std::string_view kind = "demand_factors";
  template <WeightFormat V>
  using with_weights = DemandFactors<V>;
  static constexpr std::size_t calendar_effects = 19;  ///< weekdays and months

  /// All days alike, no series.
  DemandFactors() : effects_(zero_weights<W>(1, 0)), series_(zero_weights<W>(1, 0)) {}
  /// Error as `validate`.
  DemandFactors(W effects, W series) : effects_(std::move(effects)), series_(std::move(series)) {
    validate("DemandFactors");
  }

  const W& effects() const noexcept { return effects_; }
  const W& series_levels() const noexcept { return series_; }
  std::size_t covariates() const noexcept {
    return effects_.columns() > 0 ? effects_.columns() - calendar_effects : 0;
  }
  std::size_t series() const noexcept { return series_.columns(); }

  /// Above 0 and finite for covariates that are finite; those beyond `covariates()` count for
  /// nothing, missing ones as 0. NaN where a covariate is NaN.
  float factor(Day day, std::span<const float> covariates = {}) const noexcept {
    if (effects_.columns() == 0) return 1.0f;
    float sum = entry(effects_, 0, static_cast<std::size_t>(day.weekday())) +
                entry(effects_, 0, 6 + static_cast<std::size_t>(day.civil().month));
    const std::size_t used = std::min(covariates.size(), this->covariates());
    for (std::size_t c = 0; c < used; ++c)
      sum += entry(effects_, 0, calendar_effects + c) * covariates[c];
    return std::exp(std::clamp(sum, -most_effect, most_effect));
  }
  /// Units a day at factor 1; 0 where there is no number for the series.
  float series_level(ItemIndex series) const noexcept {
    if (series.value() >= this->series()) return 0.0f;
    return std::exp(std::clamp(entry(series_, 0, series.value()), -most_effect, most_effect));
  }

  /// Error (shape, not_finite, out_of_range).
  void validate(const std::string& where) const {
    validate_size(effects_.rows(), 1, where + ", rows of effects");
    validate_size(series_.rows(), 1, where + ", rows of series");
    if (effects_.columns() > 0 && effects_.columns() < calendar_effects)
      throw Error(ErrorCode::shape, where + ", columns of effects", "0, or 19 and the covariates",
                  std::to_string(effects_.columns()));
    validate_weights(effects_, where + ", effects");
    validate_weights(series_, where + ", series");
    for (std::size_t j = 0; j < std::min(calendar_effects, effects_.columns()); ++j)
      check(entry(effects_, 0, j), where + ", effect " + std::to_string(j));
    for (std::size_t j = 0; j < series_.columns(); ++j)
      check(entry(series_, 0, j), where + ", level of series " + std::to_string(j));
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("effects", self.effects_, Role::constant);
    visit("series", self.series_, Role::constant);
  }

 private:
  /// Logarithms: of floors such as 1e-6 too, but of nothing that multiplies by more than e^20.
  static void check(float logarithm, const std::string& where) {
    if (!(logarithm >= -most_effect && double{logarithm} <= plausible::effect + 1))
      throw Error(ErrorCode::out_of_range, where, "a logarithm from -40 to 21",
                  std::to_string(logarithm));
  }

  static constexpr float most_effect = 40;  // e^40 is 2e17: products with levels stay finite

  W effects_, series_;
};

}  // namespace bodega::inline BODEGA_ABI
