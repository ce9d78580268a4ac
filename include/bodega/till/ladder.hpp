// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <bodega/bundle/signature.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/till/model_loader.hpp>
#include <bodega/till/part.hpp>

namespace bodega::inline BODEGA_ABI {

/// Says that a till forecasts by the bundle's model of that name, whichever of these types it is.
/// Any forecaster that a bundle holds will do, of the library or the caller's own. A model's type
/// may also have `inputs().covariates` and `factors()`, as recurrent networks have: without those
/// columns the bundle is refused, and long-term levels are read by those factors.
template <PartName Name, class... Models>
requires((Forecaster<Models> && Bundled<Models>)&&...) struct Rung {
  static constexpr std::string_view name = Name;

  static void load(detail::ModelLoader& loader) {
    if (loader.wants(name) && !(loader.template rung<Models>(name) || ...))
      loader.leave(name, sizeof...(Models));
  }
};

/// The forecasters that a till asks, best first: the first that has an answer gives it. Below them
/// are the rungs of every till (`forecast_with_fallback`), from the bundle's models demand_memory,
/// demand_factors and demand_baseline to the last known day.
template <class... Rungs>
struct Ladder {
  static void load(detail::ModelLoader& loader) { (Rungs::load(loader), ...); }
};

}  // namespace bodega::inline BODEGA_ABI
