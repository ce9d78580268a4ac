// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/forecast/any_forecaster.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/factor_mean.hpp>
#include <bodega/forecast/intermittent.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/forecast/sold_unit.hpp>

namespace bodega::inline BODEGA_ABI {

/// Names of the steps of a ladder, best first; forecasters that have a name go by their own.
namespace rung {
inline constexpr std::string_view network = "network", intermittent = "intermittent",
                                  factor_mean = "factor_mean", weekday_mean = "weekday_mean",
                                  mean = "mean", last_day = "last_day", none = "none";
}  // namespace rung

/// A forecaster and the name that its answers bear.
struct NamedForecaster {
  std::string_view name;
  AnyForecaster forecaster;
};

/// Units expected on one day, and who says so.
struct Forecast {
  float units = 0;
  std::string_view answered_by = rung::none;  ///< one of `rung`, or the forecaster's own name
};

/// What a shop has of forecasters; nullptr: not this one. Borrowed.
template <Forecaster Network = AnyForecaster>
struct ForecastLadder {
  const Network* network = nullptr;
  std::span<const NamedForecaster> more = {};  ///< asked after `network`, in this order
  const IntermittentDemand* intermittent = nullptr;
  const FactorMean<>* factor_mean = nullptr;
  const WeekdayMean* weekday_mean = nullptr;
  /// Items that sell seldom (pattern intermittent or lumpy) ask `intermittent` before the network.
  bool intermittent_first = false;
  /// For the quantiles of a rung that has none of its own: demand is taken for negative binomial of
  /// variance units + dispersion x units^2, in the unit that the item is sold by. `fit_dispersion`
  /// (dispersion_trainer.hpp) finds it.
  float dispersion = 0;
};

/// The ladder that always answers: the network, and more forecasters where there are; for an item
/// that sells seldom its intermittent demand, unless the window brings a level of a longer memory,
/// on which the factors are better (docs/forecasting.md, real demand); the factors; the weekday
/// factors; the mean; the last known day; whatever is remembered of the item's earlier demand; else
/// 0 units from nobody. A rung is passed over when its answer is not a finite number of 0 or more.
/// All but the last day and what is remembered want 7 known days in the window (or a level that it
/// brings), so that a few first days are not taken for a level. Of an item that is not in the shop
/// (`SalesWindow::away`) nothing is expected: 0 units from nobody.
///
/// `quantiles` receives the units for each of `levels` (rising, within 0 and 1), 0 or more and
/// rising: the network's where it foresees these very levels, the intermittent item's own, else
/// those of negative binomial demand around the answer; zeros where nobody answers. Allocates
/// nothing. Precondition: quantiles.size() == levels.size().
template <Forecaster Network>
Forecast forecast_with_fallback(const ForecastLadder<Network>& ladder, const SalesWindow& asked,
                                std::span<const float> levels = {},
                                std::span<float> quantiles = {}) noexcept {
  const auto usable = [](float units) { return std::isfinite(units) && units >= 0; };
  const bool enough = std::popcount(asked.known) >= 7 || std::isfinite(asked.level);
  const IntermittentState rare =
      ladder.intermittent ? ladder.intermittent->state(asked.series) : IntermittentState();
  SalesWindow window = asked;
  window.weighed = window.weighed || rare.weighed();
  const auto around = [&](float units, std::string_view rung) -> Forecast {
    if (quantiles.empty()) return {units, rung};
    const DemandAround demand(window, ladder.dispersion);
    for (std::size_t q = 0; q < quantiles.size(); ++q)
      quantiles[q] = demand.quantile(units, levels[q]);
    return {units, rung};
  };
  const auto remembered = [&](Forecast& answer) {
    if (!rare.started()) return false;
    const IntermittentOptions how = ladder.intermittent->options();
    answer = {rare.mean(how), rung::intermittent};
    for (std::size_t q = 0; q < quantiles.size(); ++q) quantiles[q] = rare.quantile(how, levels[q]);
    return usable(answer.units);
  };
  const bool seldom = rare.sales > 1 && (rare.pattern() == DemandPattern::intermittent ||
                                         rare.pattern() == DemandPattern::lumpy);

  Forecast answer;
  if (window.away) {
    std::fill(quantiles.begin(), quantiles.end(), 0.0f);
    return answer;
  }
  if (seldom && ladder.intermittent_first && remembered(answer)) return answer;
  const auto ask = [&]<class N>(const N& network, std::string_view by) {
    if constexpr (requires {
                    { network.forecast(window, quantiles) }
                    noexcept->std::same_as<float>;
                    network.quantiles();
                  }) {
      const std::span<const float> own = network.quantiles();
      if (!quantiles.empty() && std::equal(own.begin(), own.end(), levels.begin(), levels.end())) {
        answer = {network.forecast(window, quantiles), by};
        if (usable(answer.units) && std::all_of(quantiles.begin(), quantiles.end(), usable))
          return true;
      }
    }
    const float units = network.forecast(window);
    if (!usable(units)) return false;
    answer = around(units, by);
    return true;
  };
  if (enough) {
    if (ladder.network && ask(*ladder.network, rung::network)) return answer;
    for (const NamedForecaster& one : ladder.more)
      if (ask(one.forecaster, one.name)) return answer;
  }
  const bool long_level = ladder.factor_mean && std::isfinite(window.level);
  if (seldom && !long_level && remembered(answer)) return answer;
  if (enough) {
    if (ladder.factor_mean)
      if (const float units = ladder.factor_mean->forecast(window); usable(units))
        return around(units, rung::factor_mean);
    if (ladder.weekday_mean && window.known != 0)
      if (const float units = ladder.weekday_mean->forecast(window); usable(units))
        return around(units, rung::weekday_mean);
  }
  if (std::popcount(window.known) >= 7)
    if (const float units = WindowMean{}.forecast(window); usable(units))
      return around(units, rung::mean);
  if (window.known != 0)
    if (const float units = LastDay{}.forecast(window); usable(units))
      return around(units, rung::last_day);
  if (remembered(answer)) return answer;
  std::fill(quantiles.begin(), quantiles.end(), 0.0f);
  return {};
}

}  // namespace bodega::inline BODEGA_ABI
