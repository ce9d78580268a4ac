// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/data/covariates.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/forecast/forecast.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>
#include <bodega/till/demand_models.hpp>
#include <bodega/till/load_model.hpp>
#include <bodega/till/recent_sales.hpp>

namespace bodega::inline BODEGA_ABI {

/// The half of a till that forecasts: the models of a bundle whose names begin with `demand`, its
/// `covariates` and `history`, the last days' sales, and what is remembered of all days before.
/// All but the sales may be absent, and then the next rung answers. `Till` lists the names.
/// Threads: const calls from many; a change excludes all others.
class TillDemand {
 public:
  /// Errors: those of `DemandModels`.
  TillDemand(const Bundle& bundle, std::size_t items, const std::string& where)
      : models_(bundle, networks(bundle, where), items, where), memory_(models_.memory()) {}

  const RecentSales& sales() const noexcept { return memory_.sales; }
  RecentSales& sales() noexcept { return memory_.sales; }
  Covariates& covariates() noexcept { return models_.covariates(); }
  const Covariates& covariates() const noexcept { return models_.covariates(); }

  /// See `DemandModels::forecast`.
  Forecast forecast(ItemIndex item, std::span<const float> levels,
                    std::span<float> quantiles) const noexcept {
    return models_.forecast(memory_, item, levels, quantiles);
  }

  /// A receipt was paid: its sales are those of its day.
  void observe(const Receipt& receipt) noexcept { memory_.sales.observe(receipt); }

  /// Forgets the days after `day`, which a wrong clock has dated.
  void go_back(Day day) noexcept { memory_.go_back(day); }

  /// See `DemandModels::close_day`.
  void close_day() noexcept { models_.close_day(memory_); }

 private:
  static std::vector<TillRung> networks(const Bundle& bundle, const std::string& where) {
    std::vector<TillRung> rungs;
    detail::load_model<Lstm<run_time>, Lstm<run_time, QuantizedMatrix>>(
        bundle, "demand", where,
        [&](auto network) { rungs.push_back(detail::make_rung("demand", std::move(network))); });
    return rungs;
  }

  DemandModels models_;
  DemandMemory memory_;
};

}  // namespace bodega::inline BODEGA_ABI
