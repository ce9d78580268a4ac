// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
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
#include <bodega/forecast/any_forecaster.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/demand_factors.hpp>
#include <bodega/forecast/factor_mean.hpp>
#include <bodega/forecast/forecast.hpp>
#include <bodega/forecast/intermittent.hpp>
#include <bodega/forecast/pooled_level.hpp>
#include <bodega/till/load_model.hpp>
#include <bodega/till/recent_sales.hpp>
#include <bodega/till/till_rung.hpp>

namespace bodega::inline BODEGA_ABI {

/// What a shop remembers of its sales: data that events alone change, the half of a till's demand
/// that is state.
struct DemandMemory {
  explicit DemandMemory(std::size_t of_items) : sales(of_items) {}

  RecentSales sales;
  std::optional<IntermittentDemand> items;  ///< "demand_memory" of the bundle
  std::optional<PooledLevel> levels;        ///< "demand_levels" of the bundle

  /// Forgets the days after `day`, which a wrong clock has dated.
  void go_back(Day day) noexcept {
    sales.go_back(day);
    const Day before = day - 1;
    if (items) items->go_back(before);
    if (levels) levels->go_back(before);
  }
};

/// The half of a till's models that forecasts: the rungs of its ladder, the bundle's `covariates`
/// and `history`, and the memories that the file begins with. All may be absent, and then the next
/// rung answers. Thread safety: const calls from many threads.
class DemandModels {
 public:
  /// Throws Error(format) for a model of a type that is not known under its name, (shape) for one
  /// of another number of items, (missing) without covariates that a forecaster was trained with,
  /// and what is wrong with a model's numbers. `where` names the file in them.
  DemandModels(const Bundle& bundle, std::vector<TillRung> rungs, std::size_t items,
               const std::string& where);

  /// What a till without any event remembers: the file's history, learnt.
  const DemandMemory& memory() const noexcept { return memory_; }
  /// The last day of the file's history.
  std::optional<Day> known_until() const noexcept { return known_until_; }

  Covariates& covariates() noexcept { return covariates_; }
  const Covariates& covariates() const noexcept { return covariates_; }

  /// Units expected on `memory.sales.target()`, and by whom (`forecast_with_fallback` has the
  /// ladder); `quantiles` receives those of each of `levels`. An item that is not of the shop, and
  /// a shop without a known day, get 0 from nobody. Allocates nothing.
  /// Precondition: as many `quantiles` as levels.
  Forecast forecast(const DemandMemory& memory, ItemIndex item, std::span<const float> levels,
                    std::span<float> quantiles) const noexcept;

  /// The day being sold is over: forecasts are for the next one, and what remembers more than 14
  /// days learns it. Nothing happens where no day is being sold. Allocates nothing.
  void close_day(DemandMemory& memory) const noexcept;

  /// What the longer memories learn of a closed day, unless they know it already: as many
  /// covariates as a day has, by the factors of the file. Allocates nothing.
  void learn(DemandMemory& memory, const DaySales& sales) const noexcept {
    if (memory.items) memory.items->close_day(sales);
    if (memory.levels)
      memory.levels->close_day(sales, factors_,
                               [&](ItemIndex item) { return covariates_.at(item, sales.day()); });
  }

 private:
  std::vector<NamedForecaster> rungs_;
  std::optional<FactorMean<>> factor_mean_;
  std::optional<WeekdayMean> baseline_;
  DemandFactors<> factors_;  // that levels are of: the first rung's that says, else factor_mean_'s
  Covariates covariates_;
  DemandMemory memory_;
  std::optional<Day> known_until_;
};

#if BODEGA_BODIES

BODEGA_INLINE DemandModels::DemandModels(const Bundle& bundle, std::vector<TillRung> rungs,
                                         std::size_t items, const std::string& where)
    : memory_(items) {
  std::size_t wanted = 0;  // covariates
  std::vector<bool> gone(items, false);
  const auto check = [&](std::size_t found, const char* name) {
    detail::check_items(found, items, where, name);
  };
  const auto load = [&]<class Model>(const char* name, std::optional<Model>& into) {
    detail::load_model<Model>(bundle, name, where, [&](Model model) { into = std::move(model); });
  };
  load("demand_baseline", baseline_);
  load("demand_factors", factor_mean_);
  if (factor_mean_) {
    factors_ = factor_mean_->factors();
    wanted = factors_.covariates();
  }
  for (bool first = true; TillRung & rung : rungs) {
    if (first && rung.factors) factors_ = *rung.factors;
    first = first && !rung.factors;
    wanted = std::max(wanted, rung.covariates);
    rungs_.push_back(std::move(rung.answers));
  }
  detail::load_model<Covariates>(bundle, "covariates", where, [&](Covariates covariates) {
    if (covariates.items() > 0) check(covariates.items(), "covariates");
    covariates_ = std::move(covariates);
  });
  load("demand_memory", memory_.items);
  if (memory_.items) check(memory_.items->items(), "demand_memory");
  load("demand_levels", memory_.levels);
  if (memory_.levels) check(memory_.levels->series(), "demand_levels");
  // A network that was trained with covariates is not to be asked without: zeros would pass for
  // usual days.
  if (wanted > covariates_.count())
    throw Error(ErrorCode::missing, where + ", model covariates",
                std::to_string(wanted) + " columns, as its forecaster was trained with",
                std::to_string(covariates_.count()));
  detail::load_model<DailySales>(bundle, "history", where, [&](const DailySales& history) {
    check(history.items(), "history");
    if (history.days() == 0) return;
    // Beyond these days every receipt would be late, or early.
    for (const Day day : {history.first_day(), history.last_day()})
      validate_day(day.days_since_1970(), where + ", model history");
    for (std::uint32_t i = 0; i < history.items(); ++i)
      validate_range(history.row(ItemIndex(i)), 0, plausible::units,
                     where + ", model history, item " + std::to_string(i));
    memory_.sales = RecentSales(history);
    known_until_ = history.last_day();
    for (std::size_t c = 0; c < history.days(); ++c)
      if (history.traded(c)) learn(memory_, history.day_sales(c));
    for (std::uint32_t i = 0; i < history.items(); ++i) gone[i] = history.gone(ItemIndex(i));
  });
  // What the memory has seen sell is in the shop, though a short history may not show it.
  for (std::uint32_t i = 0; memory_.items && i < items; ++i)
    if (memory_.items->knows(ItemIndex(i)) && !memory_.sales.in_shop(ItemIndex(i)) && !gone[i])
      memory_.sales.list(ItemIndex(i));
}

BODEGA_INLINE Forecast DemandModels::forecast(const DemandMemory& memory, ItemIndex item,
                                              std::span<const float> levels,
                                              std::span<float> quantiles) const noexcept {
  const auto day = memory.sales.target();
  if (item.value() >= memory.sales.items() || !day) {
    std::fill(quantiles.begin(), quantiles.end(), 0.0f);
    return {};
  }
  WindowCovariates room;
  SalesWindow window = memory.sales.window(item, *day, covariates_, room);
  if (memory.levels) window.level = memory.levels->level(item);
  return forecast_with_fallback(
      ForecastLadder<>{.more = rungs_,
                       .intermittent = memory.items ? &*memory.items : nullptr,
                       .factor_mean = factor_mean_ ? &*factor_mean_ : nullptr,
                       .weekday_mean = baseline_ ? &*baseline_ : nullptr},
      window, levels, quantiles);
}

BODEGA_INLINE void DemandModels::close_day(DemandMemory& memory) const noexcept {
  if (!memory.sales.open_day()) return;
  memory.sales.close_day();
  learn(memory, memory.sales.last_closed());
}

#endif

}  // namespace bodega::inline BODEGA_ABI
