// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/forecast/any_forecaster.hpp>
#include <bodega/forecast/demand_factors.hpp>
#include <bodega/forecast/forecast.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/rows.hpp>

namespace bodega::inline BODEGA_ABI {

/// A forecaster of a till as it was read from a bundle, its type left behind.
struct TillRung {
  NamedForecaster answers;
  std::optional<DemandFactors<>> factors = {};  ///< what days are worth to it, if it says
  std::size_t covariates = 0;                   ///< columns that it was trained with
};

namespace detail {

template <WeightFormat W>
DemandFactors<> factors_as_floats(const DemandFactors<W>& factors) {
  const auto copy = [](const W& from) {
    Matrix<float> to(1, from.columns());
    for (std::size_t j = 0; j < from.columns(); ++j) to(0, j) = entry(from, 0, j);
    return to;
  };
  return {copy(factors.effects()), copy(factors.series_levels())};
}

template <Forecaster M>
TillRung make_rung(std::string_view name, M model) {
  TillRung rung{{name, {}}};
  if constexpr (requires { model.inputs().covariates; })
    rung.covariates = model.inputs().covariates;
  if constexpr (requires { factors_as_floats(model.factors()); }) {
    rung.factors = factors_as_floats(model.factors());
    rung.covariates = std::max(rung.covariates, rung.factors->covariates());
  }
  rung.answers.forecaster = AnyForecaster(std::move(model));
  return rung;
}

}  // namespace detail
}  // namespace bodega::inline BODEGA_ABI
