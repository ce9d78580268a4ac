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
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/data/day_sales.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/intermittent_state.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/validate.hpp>

/// Items that sell on few days: how much, when they sell, and how often, are foreseen apart.
namespace bodega::inline BODEGA_ABI {

/// Croston, SBA or TSB over the known days of one window: what an item without a longer memory has.
/// A window with one day of a sale tells no interval: its mean then.
class WindowIntermittent {
 public:
  explicit WindowIntermittent(const IntermittentOptions& options = {}) noexcept
      : options_(options) {}

  float forecast(const SalesWindow& window) const noexcept {
    IntermittentState state;
    for (std::size_t d = 0; d < window_days; ++d)
      if (window.knows(d)) state.observe(window.sales[d], options_);
    return state.sales > 1 ? state.mean(options_) : WindowMean{}.forecast(window);
  }

 private:
  IntermittentOptions options_;
};

/// Croston, SBA or TSB for every item of a shop, over all days that it has seen: 48 numbers an
/// item, most of them 0 where few different amounts are sold, carried on at the till day by day.
/// Threads: const calls from many; `close_day` excludes all others.
class IntermittentDemand {
 public:
  static constexpr std::string_view kind = "intermittent_demand";

  IntermittentDemand() = default;
  /// Error (out_of_range) where a smoothing is not above 0 and at most 1.
  explicit IntermittentDemand(std::size_t items, const IntermittentOptions& options = {})
      : method_(static_cast<std::uint8_t>(options.method)),
        smoothing_{options.size_smoothing, options.interval_smoothing, options.chance_smoothing},
        state_(items, fields),
        sizes_(items, 2 * IntermittentState::most_sizes) {
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
  Day last_day() const noexcept { return Day::nearest(last_day_); }
  /// More items at the end, that have not sold yet. Strong guarantee.
  void grow(std::size_t items) {
    if (items <= this->items()) return;
    const auto larger = [items](const Matrix<float>& of) {
      Matrix<float> result(items, of.columns());
      std::copy(of.values().begin(), of.values().end(), result.values().begin());
      return result;
    };
    Matrix<float> state = larger(state_);
    sizes_ = larger(sizes_);
    state_ = std::move(state);
  }
  /// Learns days after `day` again: a wrong clock had dated those it knows.
  void go_back(Day day) noexcept { last_day_ = std::min(last_day_, day.days_since_1970()); }
  IntermittentOptions options() const noexcept {
    return {static_cast<IntermittentMethod>(method_), smoothing_[0], smoothing_[1], smoothing_[2]};
  }

  /// Nothing seen, for an item that it does not know.
  IntermittentState state(ItemIndex item) const noexcept {
    if (item.value() >= items()) return {};
    const auto s = state_.row(item.value());
    IntermittentState state{s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]};
    if (sizes_.size() == 0) return state;
    const auto of_sizes = sizes_.row(item.value());
    std::copy_n(of_sizes.begin(), IntermittentState::most_sizes, state.sizes.begin());
    std::copy_n(of_sizes.begin() + IntermittentState::most_sizes, IntermittentState::most_sizes,
                state.counts.begin());
    return state;
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
      std::copy(s.counts.begin(), s.counts.end(),
                std::copy(s.sizes.begin(), s.sizes.end(), sizes_.row(i).begin()));
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
    const bool of_before = sizes_.size() == 0;  // a file without sizes, not yet restored
    if (!of_before) validate_size(sizes_.rows(), items(), where + ", rows of sizes");
    if (!of_before)
      validate_size(sizes_.columns(), 2 * IntermittentState::most_sizes,
                    where + ", columns of sizes");
    if (last_day_ != never) validate_day(last_day_, where + ", last_day");
    validate_finite(state_.values(), where + ", state");
    validate_finite(sizes_.values(), where + ", sizes");
    for (std::size_t i = 0; i < state_.rows(); ++i) {
      const IntermittentState s = state(ItemIndex(static_cast<std::uint32_t>(i)));
      const auto row = state_.row(i);
      const auto below_0 = [](float number) { return number < 0 || number > 1e24f; };  // squares
      const auto of_sizes = of_before ? std::span<const float>() : sizes_.row(i);
      double counted = of_before ? double{s.sales} : 0;
      bool rising = true;
      for (std::size_t k = 0; k < IntermittentState::most_sizes; ++k) {
        counted += double{s.counts[k]};
        rising &= double{s.sizes[k]} <= plausible::units;
        rising &= s.counts[k] == 0 ? k + 1 == IntermittentState::most_sizes || s.counts[k + 1] == 0
                                   : s.sizes[k] > (k > 0 ? s.sizes[k - 1] : 0.0f);
      }
      if (std::any_of(row.begin(), row.end(), below_0) ||
          std::any_of(of_sizes.begin(), of_sizes.end(), below_0) || s.chance > 1 ||
          s.days < s.sales || counted != double{s.sales} || !rising ||
          (s.started() && !(s.size > 0 && double{s.size} <= plausible::units && s.sum > 0)) ||
          (s.sales > 1 && !(s.interval >= 1)))
        throw Error(ErrorCode::out_of_range, where + ", state of item " + std::to_string(i),
                    "numbers of 0 or more, a chance of at most 1, intervals of a day or more, "
                    "sizes that rise and are as many as the days with a sale",
                    "others");
    }
  }

  /// A file of before has no sizes: each item then sold its mean.
  void restore() {
    if (sizes_.rows() == items()) return;
    sizes_ = Matrix<float>(items(), 2 * IntermittentState::most_sizes);
    for (std::size_t i = 0; i < items(); ++i)
      if (const auto s = state_.row(i); s[4] > 0) {
        sizes_(i, 0) = s[6] / s[4];
        sizes_(i, IntermittentState::most_sizes) = s[4];
      }
  }
  static constexpr bool added_later(std::string_view parameter) noexcept {
    return parameter == "sizes";
  }
  bool uses_added() const noexcept {
    return std::any_of(sizes_.values().begin(), sizes_.values().end(),
                       [](float number) { return number > 0; });
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("method", self.method_);
    visit("smoothing", self.smoothing_);
    visit("last_day", self.last_day_);
    visit("state", self.state_);
    visit("sizes", self.sizes_);
  }

 private:
  static constexpr std::size_t fields = 8;
  static constexpr std::int32_t never = -2'000'000;  // before the year 1

  std::uint8_t method_ = static_cast<std::uint8_t>(IntermittentMethod::by_pattern);
  std::vector<float> smoothing_{0.03f, 0.05f, 0.05f};  // of size, interval, chance
  std::int32_t last_day_ = never;                      // since 1970-01-01
  Matrix<float> state_;  // items x the first eight numbers of IntermittentState, in its order
  Matrix<float> sizes_;  // items x its sizes, then its counts
};

}  // namespace bodega::inline BODEGA_ABI
