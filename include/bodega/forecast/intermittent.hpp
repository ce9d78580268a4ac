// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/data/day_sales.hpp>
#include <bodega/forecast/count_quantile.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/validate.hpp>

/// Items that sell on few days: how much, when they sell, and how often, are foreseen apart.
namespace bodega::inline BODEGA_ABI {

/// How an item sells, by the mean number of days from sale to sale (ADI, 1.32) and the squared
/// coefficient of variation of what sells on such a day (CV^2, 0.49). Source: Syntetos, Boylan,
/// Croston, "On the categorization of demand patterns", Journal of the OR Society 56, 2005.
enum class DemandPattern : std::uint8_t {
  smooth,        ///< often, and much the same
  erratic,       ///< often, how much varies
  intermittent,  ///< seldom, and much the same
  lumpy          ///< seldom, and how much varies
};
constexpr auto enum_names(DemandPattern) noexcept {
  using enum DemandPattern;
  return std::to_array<EnumName<DemandPattern>>(
      {{smooth, "smooth"}, {erratic, "erratic"}, {intermittent, "intermittent"}, {lumpy, "lumpy"}});
}

constexpr DemandPattern demand_pattern(double interval, double squared_variation) noexcept {
  const bool seldom = interval >= 1.32, varies = squared_variation >= 0.49;
  return seldom ? (varies ? DemandPattern::lumpy : DemandPattern::intermittent)
                : (varies ? DemandPattern::erratic : DemandPattern::smooth);
}

enum class IntermittentMethod : std::uint8_t {
  /// Size over interval, each smoothed at a sale. Croston, Operational Research Quarterly 23, 1972.
  croston,
  /// Less the bias that a ratio has: x (1 - smoothing / 2). Syntetos, Boylan, International Journal
  /// of Forecasting 21, 2005.
  sba,
  /// Size times the chance of a sale, which falls on every day without one: an item that dies is
  /// noticed. Teunter, Syntetos, Babai, European Journal of Operational Research 214, 2011.
  tsb,
  /// Croston for smooth, SBA for all other demand, as the source of DemandPattern finds; TSB once
  /// an
  /// item has not sold for three of its intervals, when only TSB still learns.
  by_pattern
};
constexpr auto enum_names(IntermittentMethod) noexcept {
  using enum IntermittentMethod;
  return std::to_array<EnumName<IntermittentMethod>>(
      {{croston, "croston"}, {sba, "sba"}, {tsb, "tsb"}, {by_pattern, "by_pattern"}});
}

/// The smoothings were chosen on held-out weeks of a gift wholesaler's 670 items that sold on 100
/// days or more; the usual 0.1 of the papers forgets too soon there.
struct IntermittentOptions {
  IntermittentMethod method = IntermittentMethod::by_pattern;
  float size_smoothing = 0.03f;
  float interval_smoothing = 0.05f;
  float chance_smoothing = 0.05f;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("method", self.method, "How demand is foreseen.");
    visit("size_smoothing", self.size_smoothing, "Of what sells on a day with a sale, 0 to 1.");
    visit("interval_smoothing", self.interval_smoothing, "Of the days from sale to sale.");
    visit("chance_smoothing", self.chance_smoothing, "Of the chance of a sale (TSB).");
  }
};

/// What one item's sales so far say. The first values are plain means, until as many were seen as
/// the smoothing remembers, so that it starts without a guess.
struct IntermittentState {
  float size = 0;              ///< units on a day with a sale, smoothed
  float interval = 0;          ///< days from sale to sale, smoothed
  float chance = 0;            ///< of a sale on a day, smoothed
  float waited = 0;            ///< days since the last sale
  float sales = 0;             ///< days with a sale
  float days = 0;              ///< known days from the first sale on
  float sum = 0, squares = 0;  ///< of the units of days with a sale

  bool started() const noexcept { return sales > 0; }

  /// The item's next known day with trade. Days before its first sale are not its.
  void observe(float units, const IntermittentOptions& options) noexcept {
    if (!(units >= 0) || !std::isfinite(units) || (!started() && units == 0)) return;
    const auto towards = [](float& mean, float value, float smoothing, float seen) {
      mean += std::max(smoothing, 1 / seen) * (value - mean);
    };
    ++days;
    ++waited;
    towards(chance, units > 0 ? 1.0f : 0.0f, options.chance_smoothing, days);
    if (units == 0) return;
    ++sales;
    towards(size, units, options.size_smoothing, sales);
    towards(interval, waited, options.interval_smoothing, sales);
    waited = 0;
    sum += units;
    squares += units * units;
  }

  /// Squared coefficient of variation of the units on days with a sale.
  float squared_variation() const noexcept {
    const float mean = sum / sales;
    return started() ? std::max(0.0f, squares / sales / (mean * mean) - 1) : 0.0f;
  }
  DemandPattern pattern() const noexcept {
    return demand_pattern(started() ? double{days} / double{sales} : 1e9,
                          double{squared_variation()});
  }
  /// What `by_pattern` chooses.
  IntermittentMethod chosen(const IntermittentOptions& options) const noexcept {
    if (options.method != IntermittentMethod::by_pattern) return options.method;
    if (waited > 3 * interval) return IntermittentMethod::tsb;
    return pattern() == DemandPattern::smooth ? IntermittentMethod::croston
                                              : IntermittentMethod::sba;
  }

  /// Units a day; 0 for an item that never sold.
  float mean(const IntermittentOptions& options) const noexcept {
    if (!started()) return 0;
    switch (chosen(options)) {
      case IntermittentMethod::croston:
        return size / interval;
      case IntermittentMethod::sba:
        return (1 - options.interval_smoothing / 2) * size / interval;
      default:
        return chance * size;
    }
  }
  /// The units that a day stays at or below with probability `level`: none with the chance of no
  /// sale, else one and a negative binomial number of the item's own variation.
  float quantile(const IntermittentOptions& options, float level) const noexcept {
    if (!started()) return 0;
    const float sale = chosen(options) == IntermittentMethod::tsb ? chance : 1 / interval;
    const float rest = (level - (1 - sale)) / sale;
    if (!(rest > 0)) return 0;
    if (size <= 1) return size;
    const float more = size - 1, variance = squared_variation() * size * size;
    const float dispersion = std::max(0.0f, (variance - more) / (more * more));
    return 1 + count_quantile(more, dispersion, std::min(rest, 0.9999f));
  }
};

/// Croston, SBA or TSB over the known days of one window: what an item without a longer memory has.
class WindowIntermittent {
 public:
  explicit WindowIntermittent(const IntermittentOptions& options = {}) noexcept
      : options_(options) {}

  float forecast(const SalesWindow& window) const noexcept {
    IntermittentState state;
    for (std::size_t d = 0; d < window_days; ++d)
      if (window.knows(d)) state.observe(window.sales[d], options_);
    return state.mean(options_);
  }

 private:
  IntermittentOptions options_;
};

/// Croston, SBA or TSB for every item of a shop, over all days that it has seen: eight numbers an
/// item, carried on at the till day by day.
/// Threads: const calls from many; `close_day` excludes all others.
class IntermittentDemand {
 public:
  static constexpr std::string_view kind = "intermittent_demand";

  IntermittentDemand() = default;
  /// Error (out_of_range) where a smoothing is not above 0 and at most 1.
  explicit IntermittentDemand(std::size_t items, const IntermittentOptions& options = {})
      : method_(static_cast<std::uint8_t>(options.method)),
        smoothing_{options.size_smoothing, options.interval_smoothing, options.chance_smoothing},
        state_(items, fields) {
    validate("IntermittentDemand");
  }
  /// The same, having seen these sales.
  explicit IntermittentDemand(const DailySales& sales, const IntermittentOptions& options = {})
      : IntermittentDemand(sales.items(), options) {
    sales.validate("IntermittentDemand");
    for (std::size_t c = 0; c < sales.days(); ++c)
      if (sales.traded(c)) close_day(sales.day_sales(c));
  }

  std::size_t items() const noexcept { return state_.rows(); }
  Day last_day() const noexcept { return Day(last_day_); }
  IntermittentOptions options() const noexcept {
    return {static_cast<IntermittentMethod>(method_), smoothing_[0], smoothing_[1], smoothing_[2]};
  }

  /// Nothing seen, for an item that it does not know.
  IntermittentState state(ItemIndex item) const noexcept {
    if (item.value() >= items()) return {};
    const auto s = state_.row(item.value());
    return {s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]};
  }
  bool knows(ItemIndex item) const noexcept { return state(item).started(); }
  DemandPattern pattern(ItemIndex item) const noexcept { return state(item).pattern(); }
  /// Units expected on the next day with trade; 0 for an item that never sold.
  float forecast(ItemIndex item) const noexcept { return state(item).mean(options()); }
  float quantile(ItemIndex item, float level) const noexcept {
    return state(item).quantile(options(), level);
  }

  /// A day with trade is over. One that is not after `last_day` is left out. Allocates nothing.
  void close_day(const DaySales& sales) noexcept {
    if (sales.day().days_since_1970() <= last_day_) return;
    last_day_ = sales.day().days_since_1970();
    const IntermittentOptions how = options();
    for (std::uint32_t i = 0; i < items(); ++i) {
      const std::optional<float> units = sales.units(ItemIndex(i));
      if (!units) continue;
      IntermittentState s = state(ItemIndex(i));
      s.observe(*units, how);
      const std::array<float, fields> numbers{s.size,  s.interval, s.chance, s.waited,
                                              s.sales, s.days,     s.sum,    s.squares};
      std::copy(numbers.begin(), numbers.end(), state_.row(i).begin());
    }
  }

  void validate(const std::string& where) const {
    if (method_ > static_cast<std::uint8_t>(IntermittentMethod::by_pattern))
      throw Error(ErrorCode::out_of_range, where + ", method", "0 to 3", std::to_string(method_));
    validate_size(smoothing_.size(), 3, where + ", smoothing");
    for (const float s : smoothing_)
      if (!(s > 0 && s <= 1))
        throw Error(ErrorCode::out_of_range, where + ", smoothing", "above 0, at most 1",
                    std::to_string(s));
    if (state_.size() > 0) validate_size(state_.columns(), fields, where + ", columns of state");
    validate_finite(state_.values(), where + ", state");
    for (std::size_t i = 0; i < state_.rows(); ++i) {
      const IntermittentState s = state(ItemIndex(static_cast<std::uint32_t>(i)));
      const auto row = state_.row(i);
      if (std::any_of(row.begin(), row.end(), [](float number) { return number < 0; }) ||
          s.chance > 1 || (s.started() && !(s.interval >= 1 && s.size > 0 && s.sum > 0)))
        throw Error(ErrorCode::out_of_range, where + ", state of item " + std::to_string(i),
                    "numbers of 0 or more, a chance of at most 1, intervals of a day or more",
                    "others");
    }
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("method", self.method_);
    visit("smoothing", self.smoothing_);
    visit("last_day", self.last_day_);
    visit("state", self.state_);
  }

 private:
  static constexpr std::size_t fields = 8;

  std::uint8_t method_ = static_cast<std::uint8_t>(IntermittentMethod::by_pattern);
  std::vector<float> smoothing_{0.03f, 0.05f, 0.05f};  // of size, interval, chance
  std::int32_t last_day_ = -2'000'000;                 // since 1970-01-01; before the year 1
  Matrix<float> state_;  // items x the numbers of IntermittentState, in its order
};

}  // namespace bodega::inline BODEGA_ABI
