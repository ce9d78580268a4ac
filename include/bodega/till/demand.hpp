// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/data/covariates.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/data/day_sales.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/forecast/any_forecaster.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/demand_factors.hpp>
#include <bodega/forecast/factor_mean.hpp>
#include <bodega/forecast/forecast.hpp>
#include <bodega/forecast/intermittent.hpp>
#include <bodega/forecast/pooled_level.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>
#include <bodega/till/load_model.hpp>
#include <bodega/till/recent_sales.hpp>

namespace bodega::inline BODEGA_ABI {

/// The half of a till that forecasts: the models of a bundle whose names begin with `demand`, its
/// `covariates` and `history`, the last days' sales, and what is remembered of all days before.
/// All but the sales may be absent, and then the next rung answers. `Till` lists the names.
/// Threads: const calls from many; a change excludes all others.
class TillDemand {
 public:
  /// Errors: format (a model of a type that is not known under its name), shape (a model of
  /// another number of items), missing (covariates that a forecaster was trained with), and what is
  /// wrong with a model's numbers. `where` names the file in them.
  TillDemand(const Bundle& bundle, std::size_t items, const std::string& where);

  const RecentSales& sales() const noexcept { return sales_; }
  RecentSales& sales() noexcept { return sales_; }
  Covariates& covariates() noexcept { return covariates_; }
  const Covariates& covariates() const noexcept { return covariates_; }

  /// Units expected on `sales().target()`, and by whom (`forecast_with_fallback` has the ladder);
  /// `quantiles` receives those of each of `levels`. An item that is not of the shop, and a shop
  /// without a known day, get 0 from nobody. Allocates nothing.
  /// Precondition: as many `quantiles` as levels.
  Forecast forecast(ItemIndex item, std::span<const float> levels,
                    std::span<float> quantiles) const noexcept;

  /// A receipt was paid: its sales are those of its day.
  void observe(const Receipt& receipt) noexcept { sales_.observe(receipt); }

  /// Forgets the days after `day`, which a wrong clock has dated.
  void go_back(Day day) noexcept {
    sales_.go_back(day);
    const Day before = day - 1;
    if (memory_) memory_->go_back(before);
    if (levels_) levels_->go_back(before);
  }

  /// The day being sold is over: forecasts are for the next one, and what remembers more than 14
  /// days learns it. Nothing happens where no day is being sold. Allocates nothing.
  void close_day() noexcept;

 private:
  template <class Model>
  static void load(const Bundle& bundle, const char* name, const std::string& where,
                   std::optional<Model>& into) {
    detail::load_model<Model>(bundle, name, where, [&](Model model) { into = std::move(model); });
  }

  template <WeightFormat W>
  static DemandFactors<> as_floats(const DemandFactors<W>& factors) {
    const auto copy = [](const W& from) {
      Matrix<float> to(1, from.columns());
      for (std::size_t j = 0; j < from.columns(); ++j) to(0, j) = entry(from, 0, j);
      return to;
    };
    return {copy(factors.effects()), copy(factors.series_levels())};
  }

  /// Unless it is known already.
  void learn(const DaySales& sales) noexcept {
    if (memory_) memory_->close_day(sales);
    if (levels_)
      levels_->close_day(sales, factors_,
                         [&](ItemIndex item) { return covariates_.at(item, sales.day()); });
  }

  AnyForecaster network_;
  std::optional<FactorMean<>> factor_mean_;
  std::optional<WeekdayMean> baseline_;
  std::optional<IntermittentDemand> memory_;
  std::optional<PooledLevel> levels_;
  DemandFactors<> factors_;  // that levels are of: the network's, else those of factor_mean_
  Covariates covariates_;
  RecentSales sales_;
};

#if BODEGA_BODIES

BODEGA_INLINE TillDemand::TillDemand(const Bundle& bundle, std::size_t items,
                                     const std::string& where)
    : sales_(items) {
  std::size_t wanted = 0;  // covariates
  std::vector<bool> gone(items, false);
  const auto check = [&](std::size_t found, const char* name) {
    detail::check_items(found, items, where, name);
  };
  load<WeekdayMean>(bundle, "demand_baseline", where, baseline_);
  load<FactorMean<>>(bundle, "demand_factors", where, factor_mean_);
  if (factor_mean_) {
    factors_ = factor_mean_->factors();
    wanted = factors_.covariates();
  }
  detail::load_model<Lstm<run_time>,
                     Lstm<run_time, QuantizedMatrix>>(bundle, "demand", where, [&](auto network) {
    factors_ = as_floats(network.factors());
    wanted = std::max({wanted, factors_.covariates(), std::size_t{network.inputs().covariates}});
    network_ = AnyForecaster(std::move(network));
  });
  detail::load_model<Covariates>(bundle, "covariates", where, [&](Covariates covariates) {
    if (covariates.items() > 0) check(covariates.items(), "covariates");
    covariates_ = std::move(covariates);
  });
  load<IntermittentDemand>(bundle, "demand_memory", where, memory_);
  if (memory_) check(memory_->items(), "demand_memory");
  load<PooledLevel>(bundle, "demand_levels", where, levels_);
  if (levels_) check(levels_->series(), "demand_levels");
  // A network that was trained with covariates is not to be asked without: zeros would pass for
  // usual days.
  if (wanted > covariates_.count())
    throw Error(ErrorCode::missing, where + ", model covariates",
                std::to_string(wanted) + " columns, as its forecaster was trained with",
                std::to_string(covariates_.count()));
  detail::load_model<DailySales>(bundle, "history", where, [&](const DailySales& history) {
    check(history.items(), "history");
    if (history.days() > 0)  // beyond it every receipt would be late, or early
      for (const Day day : {history.first_day(), history.last_day()})
        validate_day(day.days_since_1970(), where + ", model history");
    for (std::uint32_t i = 0; i < history.items(); ++i)
      validate_range(history.row(ItemIndex(i)), 0, plausible::units,
                     where + ", model history, item " + std::to_string(i));
    sales_ = RecentSales(history);
    for (std::size_t c = 0; c < history.days(); ++c)
      if (history.traded(c)) learn(history.day_sales(c));
    for (std::uint32_t i = 0; i < history.items(); ++i) gone[i] = history.gone(ItemIndex(i));
  });
  // What the memory has seen sell is in the shop, though a short history may not show it.
  for (std::uint32_t i = 0; memory_ && i < items; ++i)
    if (memory_->knows(ItemIndex(i)) && !sales_.in_shop(ItemIndex(i)) && !gone[i])
      sales_.list(ItemIndex(i));
}

BODEGA_INLINE Forecast TillDemand::forecast(ItemIndex item, std::span<const float> levels,
                                            std::span<float> quantiles) const noexcept {
  const auto day = sales_.target();
  if (item.value() >= sales_.items() || !day) {
    std::fill(quantiles.begin(), quantiles.end(), 0.0f);
    return {};
  }
  WindowCovariates room;
  SalesWindow window = sales_.window(item, *day, covariates_, room);
  if (levels_) window.level = levels_->level(item);
  return forecast_with_fallback(
      ForecastLadder<AnyForecaster>{network_ ? &network_ : nullptr, memory_ ? &*memory_ : nullptr,
                                    factor_mean_ ? &*factor_mean_ : nullptr,
                                    baseline_ ? &*baseline_ : nullptr},
      window, levels, quantiles);
}

BODEGA_INLINE void TillDemand::close_day() noexcept {
  if (!sales_.open_day()) return;
  sales_.close_day();
  learn(sales_.last_closed());
}

#endif

}  // namespace bodega::inline BODEGA_ABI
