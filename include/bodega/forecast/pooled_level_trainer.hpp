// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/forecast/demand_factors.hpp>
#include <bodega/forecast/pooled_level.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/tensor/parameters.hpp>

namespace bodega::inline BODEGA_ABI {

/// The windows with the level that each series had on the eve of its target, and `track`, where
/// given, as it is after the table's last day: what a till starts from. Learns from the whole table
/// of the windows, never ahead of a target. The factors should be fitted on days before those that
/// are scored.
template <WeightFormat W>
SalesWindows with_pooled_levels(const SalesWindows& windows, const DemandFactors<W>& factors,
                                const PooledLevelOptions& options = {},
                                PooledLevel* track = nullptr) {
  if (windows.empty()) return windows;
  const DailySales& sales = windows.table();
  PooledLevel levels(sales.items(), options);
  std::vector<float> found(windows.size());
  std::size_t next = 0;
  for (std::size_t c = 0; c < sales.days(); ++c) {
    for (; next < windows.size() && windows.target(next) == sales.day(c); ++next)
      found[next] = levels.level(windows.item(next));
    levels.close_day(sales.day_sales(c), factors,
                     [&](ItemIndex item) { return windows.covariates_of(item, c); });
  }
  if (track) *track = std::move(levels);
  return windows.with_levels(found);
}

}  // namespace bodega::inline BODEGA_ABI
