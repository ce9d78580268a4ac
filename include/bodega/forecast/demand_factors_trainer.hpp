// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/covariates.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/forecast/demand_factors.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/tensor/matrix.hpp>

namespace bodega::inline BODEGA_ABI {

struct DemandFactorsOptions {
  bool weekdays = true, months = true;
  /// A level for each series and calendar year rather than for each series: growth is not taken for
  /// a season. Without it where there is little more than a year.
  bool years = true;
  /// Keep each series' level at its end, so that a forecaster can lean on it. 4 bytes a series.
  bool series = false;
  std::size_t level_days = 182;
  /// Prior strength, in sales of the usual size, pulling each factor towards 1 (a gamma prior).
  float prior = 1;
  std::size_t max_sweeps = 100;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("weekdays", self.weekdays, "A factor for each weekday.");
    visit("months", self.months, "A factor for each month.");
    visit("years", self.years,
          "A level for each series and year, so that growth is not taken for a season.");
    visit("series", self.series, "Keep each series' level at its end. 4 bytes a series.");
    visit("level_days", self.level_days, "Trading days that such a level is of.");
    visit("prior", self.prior,
          "Sales of the usual size that hold each factor to 1: a weekday seen once is no rule.");
    visit("max_sweeps", self.max_sweeps, "Over all factors, at most.");
  }
};

namespace detail {

/// Units sold in all cells that share a group (a series in a year), a weekday, a month, and with
/// covariates a day.
struct FactorCell {
  std::uint32_t group = 0;
  std::uint8_t weekday = 0, month = 0;
  float days = 0;
  double sold = 0;
};

class FactorFit {
 public:
  /// `prior` in units.
  FactorFit(const DemandFactorsOptions& options, std::size_t covariates, double prior)
      : options_(options), prior_(prior), effects_(covariates, 0.0) {
    calendar_.fill(1.0);
  }

  /// Cells come series by series, days rising. Without covariates they are summed at once.
  void add(bool new_series, Day day, std::span<const float> covariates, float sold) {
    const Day::Civil civil = day.civil();
    if (new_series || (options_.years && civil.year != year_)) {
      levels_.push_back(0);
      first_of_group_ = cells_.size();
    }
    year_ = civil.year;
    const FactorCell cell{static_cast<std::uint32_t>(levels_.size() - 1),
                          static_cast<std::uint8_t>(day.weekday()),
                          static_cast<std::uint8_t>(civil.month - 1), 1, sold};
    if (effects_.empty()) {
      for (std::size_t i = first_of_group_; i < cells_.size(); ++i)
        if (cells_[i].weekday == cell.weekday && cells_[i].month == cell.month) {
          cells_[i].days += 1;
          cells_[i].sold += sold;
          return;
        }
    } else {
      values_.insert(values_.end(), covariates.begin(), covariates.end());
    }
    cells_.push_back(cell);
  }

  bool empty() const noexcept { return cells_.empty(); }

  Matrix<float> effects() {
    raised_.assign(effects_.empty() ? 0 : cells_.size(), 1.0);
    for (std::size_t sweep = 0; sweep < options_.max_sweeps; ++sweep) {
      fit_levels();
      double moved = 0;
      if (options_.weekdays) moved = std::max(moved, fit_calendar(0, 7));
      if (options_.months) moved = std::max(moved, fit_calendar(7, 12));
      for (std::size_t c = 0; c < effects_.size(); ++c) moved = std::max(moved, fit_covariate(c));
      if (moved < 1e-7) break;
    }
    Matrix<float> logs(1, calendar_.size() + effects_.size());
    for (std::size_t i = 0; i < calendar_.size(); ++i)
      logs(0, i) = static_cast<float>(std::log(calendar_[i]));
    for (std::size_t c = 0; c < effects_.size(); ++c)
      logs(0, calendar_.size() + c) = static_cast<float>(effects_[c]);
    return logs;
  }

 private:
  double calendar(const FactorCell& cell) const noexcept {
    return calendar_[cell.weekday] * calendar_[7u + cell.month];
  }
  double expected(std::size_t i) const noexcept {
    const FactorCell& cell = cells_[i];
    return levels_[cell.group] * calendar(cell) * cell.days * (raised_.empty() ? 1 : raised_[i]);
  }

  void fit_levels() {
    std::vector<double> sold(levels_.size(), 0.0), days(levels_.size(), 0.0);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const FactorCell& cell = cells_[i];
      sold[cell.group] += cell.sold;
      days[cell.group] += calendar(cell) * cell.days * (raised_.empty() ? 1 : raised_[i]);
    }
    for (std::size_t g = 0; g < levels_.size(); ++g) levels_[g] = sold[g] / days[g];
  }

  /// Scales the factors [from, from + count) until each one's expected sales are its sales. Those
  /// of days that were seen have mean 1. Returns the largest relative change.
  double fit_calendar(std::size_t from, std::size_t count) {
    std::array<double, 12> sold{}, expects{}, days{};
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const std::size_t at = from == 0 ? cells_[i].weekday : cells_[i].month;
      sold[at] += cells_[i].sold;
      expects[at] += expected(i);
      days[at] += cells_[i].days;
    }
    std::array<double, 12> now{};
    double sum = 0, seen = 0;
    for (std::size_t at = 0; at < count; ++at) {
      if (days[at] == 0) continue;
      // The prior's expectation is `prior` units at factor 1, `prior` x factor at this one.
      const double before = calendar_[from + at], prior = prior_;
      now[at] = expects[at] + prior > 0
                    ? std::max(before * (sold[at] + prior) / (expects[at] + prior * before), 1e-6)
                    : before;
      sum += now[at];
      ++seen;
    }
    double moved = 0;
    for (std::size_t at = 0; at < count; ++at) {
      if (days[at] == 0) continue;
      const double next = now[at] * seen / sum;
      moved = std::max(moved, std::abs(next / calendar_[from + at] - 1));
      calendar_[from + at] = next;
    }
    // Levels go the other way, so that the next block sees the same expectations.
    if (seen > 0)
      for (double& level : levels_) level *= sum / seen;
    return moved;
  }

  /// A Newton step on the likelihood; no longer than e, so that it cannot run away.
  double fit_covariate(std::size_t c) {
    double slope = -prior_ * effects_[c], curvature = prior_;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const double x = values_[i * effects_.size() + c];
      if (x == 0) continue;
      const double e = expected(i);
      slope += (cells_[i].sold - e) * x;
      curvature += e * x * x;
    }
    if (!(curvature > 0)) return 0;
    const double step = std::clamp(slope / curvature, -1.0, 1.0);
    const double next = std::clamp(effects_[c] + step, -20.0, 20.0), moved = next - effects_[c];
    effects_[c] = next;
    for (std::size_t i = 0; i < cells_.size(); ++i)
      if (const double x = values_[i * effects_.size() + c]; x != 0)
        raised_[i] = std::clamp(raised_[i] * std::exp(moved * x), 1e-9, 1e9);
    return std::abs(moved);
  }

  const DemandFactorsOptions& options_;
  double prior_;
  std::array<double, 19> calendar_{};
  std::vector<double> effects_;  // of covariates, logs
  std::vector<double> levels_;   // of groups
  std::vector<FactorCell> cells_;
  std::vector<float> values_;   // cells x covariates
  std::vector<double> raised_;  // exp(effects . values) of each cell; empty without covariates
  std::size_t first_of_group_ = 0;
  int year_ = 0;
};

/// `covariates(item, column)` gives those of a cell; `items` are all where empty; columns [begin,
/// end) are read where they are known, but for first sales.
template <class CovariatesOf>
DemandFactors<> fit_factors(const DailySales& sales, std::span<const ItemIndex> items,
                            std::size_t begin, std::size_t end, std::size_t covariates,
                            CovariatesOf&& covariates_of, const DemandFactorsOptions& options) {
  if (!(options.prior >= 0) || !std::isfinite(options.prior))
    throw Error(ErrorCode::out_of_range, "fit_demand_factors, option prior", "0 or more",
                std::to_string(options.prior));
  const auto visit = [&](ItemIndex item, auto&& use) {
    for (std::size_t c = begin; c < end; ++c)
      if (sales.known(item, c) && !sales.first_sale(item, c)) use(c);
  };
  double units = 0, sale_days = 0;
  for (const ItemIndex item : items)
    visit(item, [&](std::size_t c) {
      units += double{sales.at(item, c)};
      sale_days += sales.at(item, c) > 0;
    });
  const double mean_sale = sale_days > 0 ? units / sale_days : 1;
  FactorFit fit(options, covariates, double{options.prior} * mean_sale);
  for (const ItemIndex item : items) {
    bool first = true;
    visit(item, [&](std::size_t c) {
      fit.add(first, sales.day(c), covariates_of(item, c), sales.at(item, c));
      first = false;
    });
  }
  if (fit.empty())
    throw Error(ErrorCode::invalid_argument, "fit_demand_factors", "at least one day with sales",
                "none");
  Matrix<float> effects = fit.effects();
  if (!options.series) return {std::move(effects), Matrix<float>(1, 0)};

  const DemandFactors<> calendar(effects, Matrix<float>(1, 0));
  Matrix<float> levels(1, sales.items());
  std::vector<bool> known(sales.items(), false);
  double sum = 0, found = 0;
  for (const ItemIndex item : items) {
    std::vector<std::size_t> columns;
    visit(item, [&](std::size_t c) { columns.push_back(c); });
    if (columns.empty()) continue;
    const std::size_t from = columns.size() - std::min(columns.size(), options.level_days);
    double sold = 0, expected = 0, all = 0, sold_days = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const double now = double{sales.at(item, columns[i])};
      all += now;
      sold_days += now > 0;
      if (i < from) continue;
      sold += now;
      expected += calendar.factor(sales.day(columns[i]), covariates_of(item, columns[i]));
    }
    // Half a sale where nothing was sold of late: a logarithm wants a number.
    const double usual = sold_days > 0 ? all / sold_days : mean_sale;
    const double level = std::log(std::max(sold, 0.5 * usual) / expected);
    levels(0, item.value()) = static_cast<float>(level);
    known[item.value()] = true;
    sum += level;
    ++found;
  }
  for (std::size_t i = 0; i < known.size(); ++i)
    if (!known[i]) levels(0, i) = static_cast<float>(sum / found);
  return {std::move(effects), std::move(levels)};
}

inline std::vector<ItemIndex> all_items(const DailySales& sales) {
  std::vector<ItemIndex> items;
  for (std::uint32_t i = 0; i < sales.items(); ++i) items.emplace_back(i);
  return items;
}

}  // namespace detail

/// Weekday, month and covariate factors of a table of daily sales as Poisson means: series (in each
/// year) x weekday x month x covariates, found by cyclic scaling, each factor in turn until its
/// expected sales are its sales (a covariate: by Newton's method). Only known cells of days with
/// trade are read, and no first sale, which says nothing of how often (DailySales). A weekday or
/// month never seen keeps factor 1. A series without a known day gets the mean level of the others.
/// Errors: invalid_argument (no day with sales), out_of_range (options); with covariates as for
/// SalesWindows. Cost: a pass over the table, then up to `max_sweeps` over series x years x 84
/// sums; with covariates over all cells.
inline DemandFactors<> fit_demand_factors(const DailySales& sales,
                                          const DemandFactorsOptions& options = {}) {
  sales.validate("fit_demand_factors");
  return detail::fit_factors(
      sales, detail::all_items(sales), 0, sales.days(), 0,
      [](ItemIndex, std::size_t) { return std::span<const float>(); }, options);
}
inline DemandFactors<> fit_demand_factors(const DailySales& sales, const Covariates& covariates,
                                          const DemandFactorsOptions& options = {}) {
  sales.validate("fit_demand_factors");
  if (covariates.items() > 0)
    validate_size(covariates.items(), sales.items(), "fit_demand_factors, items of covariates");
  for (std::size_t c = 0; c < sales.days(); ++c)
    if (sales.traded(c) && covariates.count() > 0 && !covariates.covers(sales.day(c)))
      throw Error(ErrorCode::missing, "fit_demand_factors, covariates",
                  "those of every day with trade", "none of " + sales.day(c).to_string());
  return detail::fit_factors(
      sales, detail::all_items(sales), 0, sales.days(), covariates.count(),
      [&](ItemIndex item, std::size_t c) { return covariates.at(item, sales.day(c)); }, options);
}
/// The same of all that these windows tell: their targets and the days before, their items.
inline DemandFactors<> fit_demand_factors(const SalesWindows& windows,
                                          const DemandFactorsOptions& options = {}) {
  if (windows.empty())
    throw Error(ErrorCode::invalid_argument, "fit_demand_factors", "at least one window", "none");
  const DailySales& sales = windows.table();
  std::vector<bool> present(sales.items(), false);
  std::vector<ItemIndex> items;
  for (std::size_t i = 0; i < windows.size(); ++i) present[windows.item(i).value()] = true;
  for (std::uint32_t i = 0; i < present.size(); ++i)
    if (present[i]) items.emplace_back(i);
  return detail::fit_factors(
      sales, items, sales.column(windows.target(0)) - window_days,
      sales.column(windows.target(windows.size() - 1)) + 1, windows.covariate_count(),
      [&](ItemIndex item, std::size_t c) { return windows.covariates_of(item, c); }, options);
}

}  // namespace bodega::inline BODEGA_ABI
