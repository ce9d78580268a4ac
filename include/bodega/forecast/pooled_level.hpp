// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/room.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/day_sales.hpp>
#include <bodega/forecast/demand_factors.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

struct PooledLevelOptions {
  float half_life_days = 182;
  float pool_half_life_days = 7;
  /// The pool of each series, from 0 (a store's series, say); empty: all are one.
  std::vector<std::uint32_t> pools = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("half_life_days", self.half_life_days,
          "Trading days after which a sale counts half for its series.");
    visit("pool_half_life_days", self.pool_half_life_days,
          "The same for what all series of a pool do together.");
    visit("pools", self.pools, "The pool of each series, from 0; empty: all are one.");
  }
};

/// Levels of a longer memory than a window: what a series sells over its days' factors, remembered
/// for months, times what all series of its pool sold lately over what these levels let expect. A
/// series has too few sales to tell growth from luck, all together do not; and what moves them
/// together (a holiday, the weather) moves each. A level is two sums, so a till carries it on:
///
///   level(s) = sold(s) / factors(s) x pool sold / pool expected
///
/// Exponential forgetting as in Brown, "Statistical Forecasting for Inventory Control", 1959.
/// Threads: const calls from many; `close_day` excludes all others.
class PooledLevel {
 public:
  static constexpr std::string_view kind = "pooled_level";

  PooledLevel() = default;
  /// Errors: out_of_range (a half-life that is not above 0), shape (not a pool for each series).
  explicit PooledLevel(std::size_t series, PooledLevelOptions options = {})
      : half_life_(options.half_life_days),
        pool_half_life_(options.pool_half_life_days),
        pools_(std::move(options.pools)),
        sold_(series, 0.0f),
        factors_(series, 0.0f) {
    const std::uint32_t last = pools_.empty() ? 0 : *std::max_element(pools_.begin(), pools_.end());
    if (last > series)
      throw Error(ErrorCode::out_of_range, "PooledLevel, option pools", "no more pools than series",
                  "pool " + std::to_string(last));
    pool_sold_.assign(std::size_t{last} + 1, 0.0f);
    pool_expected_.assign(std::size_t{last} + 1, 0.0f);
    validate("PooledLevel");
  }

  std::size_t series() const noexcept { return sold_.size(); }
  /// The latest day that it has learnt.
  Day last_day() const noexcept { return Day::nearest(last_day_); }
  /// More series at the end, that have not sold yet, of the first pool. Strong guarantee.
  void grow(std::size_t series) {
    if (series <= this->series()) return;
    make_room(series - this->series(), pools_, sold_, factors_);
    if (!pools_.empty()) pools_.resize(series, 0);
    sold_.resize(series, 0.0f);
    factors_.resize(series, 0.0f);
  }
  /// Learns days after `day` again: a wrong clock had dated those it knows.
  void go_back(Day day) noexcept { last_day_ = std::min(last_day_, day.days_since_1970()); }

  /// Units a day at factor 1; NaN for a series of which nothing is known but a first sale.
  float level(ItemIndex series) const noexcept {
    if (series.value() >= this->series() || !(factors_[series.value()] > begun))
      return std::numeric_limits<float>::quiet_NaN();
    const std::size_t pool = pool_of(series.value());
    const float own = sold_[series.value()] / factors_[series.value()];
    const float all = pool_sold_[pool] / pool_expected_[pool];
    return std::isfinite(all) && all > 0 ? own * all : own;
  }

  /// A day with trade is over, worth what `factors` tell; `covariates(series)` gives those of the
  /// day. A day that is not after `last_day` is left out. A series begins the day after its first
  /// sale, which says that it is there but not how often it sells. Allocates nothing. Cost: two
  /// passes over the series.
  template <WeightFormat W, class CovariatesOf>
  void close_day(const DaySales& sales, const DemandFactors<W>& factors,
                 CovariatesOf&& covariates) noexcept {
    const Day day = sales.day();
    if (day.days_since_1970() <= last_day_) return;
    last_day_ = day.days_since_1970();
    const float keep = std::exp2(-1 / half_life_), pool_keep = std::exp2(-1 / pool_half_life_);
    for (float& sum : pool_sold_) sum *= pool_keep;
    for (float& sum : pool_expected_) sum *= pool_keep;
    const float usual = factors.factor(day);
    for (std::uint32_t s = 0; s < series(); ++s) {
      const std::optional<float> sold = sales.units(ItemIndex(s));
      if (!sold) continue;
      const float units = *sold;
      if (!(factors_[s] > 0)) {
        if (units > 0) factors_[s] = begun;
        continue;
      }
      const float factor =
          factors.covariates() > 0 ? factors.factor(day, covariates(ItemIndex(s))) : usual;
      if (!std::isfinite(factor)) continue;
      if (factors_[s] > begun) {
        pool_sold_[pool_of(s)] += units;
        pool_expected_[pool_of(s)] += sold_[s] / factors_[s] * factor;
      }
      sold_[s] = keep * sold_[s] + units;
      factors_[s] = keep * factors_[s] + factor;
    }
  }
  template <WeightFormat W>
  void close_day(const DaySales& sales, const DemandFactors<W>& factors) noexcept {
    close_day(sales, factors, [](ItemIndex) { return std::span<const float>(); });
  }

  void validate(const std::string& where) const {
    for (const float half_life : {half_life_, pool_half_life_})
      if (!(double{half_life} >= plausible::shortest && double{half_life} <= plausible::longest))
        throw Error(ErrorCode::out_of_range, where + ", half-life", "0.001 to 1e9 days",
                    std::to_string(half_life));
    if (last_day_ != never) validate_day(last_day_, where + ", last_day");
    validate_size(factors_.size(), series(), where + ", factors");
    if (!pools_.empty()) validate_size(pools_.size(), series(), where + ", pools");
    validate_size(pool_expected_.size(), pool_sold_.size(), where + ", pool_expected");
    for (std::uint32_t s = 0; s < series(); ++s)
      if (pool_of(s) >= pool_sold_.size())
        throw Error(ErrorCode::out_of_range, where + ", pool of series " + std::to_string(s),
                    "one of " + std::to_string(pool_sold_.size()), std::to_string(pool_of(s)));
    const auto check = [&](std::span<const float> sums, const char* name) {
      validate_range(sums, 0, plausible::sum, where + ", " + name);
    };
    check(sold_, "sold");
    check(factors_, "factors");
    check(pool_sold_, "pool_sold");
    check(pool_expected_, "pool_expected");
    for (std::size_t s = 0; s < series(); ++s)
      if (sold_[s] > 0 &&
          !(factors_[s] > 0 && double{sold_[s]} <= plausible::units * double{factors_[s]}))
        throw Error(ErrorCode::out_of_range, where + ", factors",
                    "above 0 where something was sold, and a level of at most 1e9 units",
                    std::to_string(factors_[s]));
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("half_life", self.half_life_);
    visit("pool_half_life", self.pool_half_life_);
    visit("last_day", self.last_day_);
    visit("pools", self.pools_);
    visit("sold", self.sold_);
    visit("factors", self.factors_);
    visit("pool_sold", self.pool_sold_);
    visit("pool_expected", self.pool_expected_);
  }

 private:
  std::size_t pool_of(std::uint32_t series) const noexcept {
    return pools_.empty() ? 0 : pools_[series];
  }

  static constexpr std::int32_t never = -2'000'000;  // before the year 1
  // The factors of a series that was sold once: a trace, lost in the first real ones.
  static constexpr float begun = std::numeric_limits<float>::min();

  float half_life_ = 182, pool_half_life_ = 7;
  std::int32_t last_day_ = never;  // since 1970-01-01
  std::vector<std::uint32_t> pools_;
  std::vector<float> sold_, factors_;  // of each series, forgotten by half_life_
  std::vector<float> pool_sold_{0.0f}, pool_expected_{0.0f};  // of each pool
};

}  // namespace bodega::inline BODEGA_ABI
