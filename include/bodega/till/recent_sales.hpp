// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
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
#include <bodega/core/exact_sum.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/calendar.hpp>
#include <bodega/data/covariates.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/data/day_sales.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Room for the covariates of a window's days and its target.
using WindowCovariates = std::array<float, (window_days + 1) * max_covariates>;

/// `RecentSales` as numbers for a file; what they mean is said there.
struct RecentSalesRecord {
  static constexpr std::string_view kind = "recent_sales";

  Matrix<float> units, rest;       ///< items x (window_days + 1)
  std::vector<std::int32_t> days;  ///< closed ones, since 1970-01-01
  std::vector<std::int32_t> open;  ///< the day being sold, or nothing
  /// Of each item, a bit for each column of units.
  std::vector<std::uint16_t> known_on, in_shop_on, first_sale_on;

  /// Error (shape, not_finite, out_of_range) on what no sales could be.
  void validate(const std::string& where) const;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("units", self.units);
    visit("rest", self.rest);
    visit("days", self.days);
    visit("open", self.open);
    visit("known_on", self.known_on);
    visit("in_shop_on", self.in_shop_on);
    visit("first_sale_on", self.first_sale_on);
  }
};

/// The last `window_days` trading days of every item, and the day that is being sold, in a fixed
/// block of memory: what a till knows about demand. A day has traded once something was sold on it;
/// days without trade are skipped, they are not days of zero demand. A day on which an item was
/// sold out is unknown for it and holds 0, like a day before the first, and a day before the item
/// was in the shop: it is from its first sale on, or from what a history or `list` says.
///
/// The day being sold is not among `days()` until it is closed, by `close_day` or by a sale of a
/// later day: half a day is not a low day. Never allocates after construction.
/// Thread rule: const calls from many threads; a change excludes all others.
class RecentSales {
 public:
  explicit RecentSales(std::size_t items)
      : units_(items, window_days + 1),
        rest_(items, window_days + 1),
        known_on_(items, every_day),
        in_shop_on_(items, 0),
        first_sale_on_(items, 0) {}

  /// Starts from the last trading days of a history; all of them count as closed.
  explicit RecentSales(const DailySales& history) : RecentSales(history.items()) {
    const DailySales recent = history.trading_days();
    known_ = std::min(recent.days(), window_days);
    const std::size_t before = recent.days() - known_;
    for (std::size_t c = 0; c < known_; ++c) {
      const std::size_t slot = first() + c;
      days_[slot] = recent.day(before + c);
      for (std::uint32_t i = 0; i < items(); ++i) {
        const ItemIndex item(i);
        units_(i, slot) = recent.at(item, before + c);
        if (recent.first_sale(item, before + c)) set(first_sale_on_[i], slot);
        if (!recent.present(item, before + c)) continue;
        set(in_shop_on_[i], slot);
        if (slot + 1 == window_days) set(in_shop_on_[i], window_days);
        if (!recent.known(item, before + c)) clear(known_on_[i], slot);
      }
    }
  }

  /// The item was in the shop on all days that are known, and is, whether or not it sold.
  void list(ItemIndex item) noexcept {
    in_shop_on_[item.value()] = every_day;
    first_sale_on_[item.value()] = 0;
  }
  /// Whether the item is in the shop: it was sold, or is listed, and has not left.
  bool in_shop(ItemIndex item) const noexcept {
    return (in_shop_on_[item.value()] >> window_days & 1) != 0;
  }

  /// As it was recorded. Precondition: `validate` accepts the record.
  explicit RecentSales(const RecentSalesRecord& record)
      : units_(record.units),
        rest_(record.rest),
        known_on_(record.known_on),
        in_shop_on_(record.in_shop_on),
        first_sale_on_(record.first_sale_on),
        known_(record.days.size()) {
    for (std::size_t c = 0; c < known_; ++c) days_[first() + c] = Day::nearest(record.days[c]);
    if (!record.open.empty()) open_ = Day::nearest(record.open.front());
  }
  RecentSalesRecord record() const {
    RecentSalesRecord record{units_, rest_, {}, {}, known_on_, in_shop_on_, first_sale_on_};
    for (const Day day : days()) record.days.push_back(day.days_since_1970());
    if (open_) record.open.push_back(open_->days_since_1970());
    return record;
  }

  std::size_t items() const noexcept { return units_.rows(); }
  /// More items at the end, which have not sold yet. Strong guarantee.
  void grow(std::size_t items) {
    if (items <= this->items()) return;
    RecentSales larger(items);
    for (std::size_t i = 0; i < this->items(); ++i) {
      std::copy_n(units_.row(i).begin(), window_days + 1, larger.units_.row(i).begin());
      std::copy_n(rest_.row(i).begin(), window_days + 1, larger.rest_.row(i).begin());
      larger.known_on_[i] = known_on_[i];
      larger.in_shop_on_[i] = in_shop_on_[i];
      larger.first_sale_on_[i] = first_sale_on_[i];
    }
    larger.days_ = days_;
    larger.known_ = known_;
    larger.open_ = open_;
    *this = std::move(larger);
  }

  /// The closed trading days, oldest first, at most `window_days`; and the item's units on them.
  std::span<const Day> days() const noexcept { return {days_.data() + first(), known_}; }
  std::span<const float> sales(ItemIndex item) const noexcept {
    return units_.row(item.value()).subspan(first(), known_);
  }

  /// What a forecaster is asked on the eve of `target`: the closed days, and before the first of
  /// them days that are unknown. Borrowed until the next change.
  SalesWindow window(ItemIndex item, Day target) const noexcept {
    const DayMask known = known_on(item.value());
    const DayMask first_sale = first_sale_on_[item.value()];
    SalesWindow window = window_of(
        item, units_.row(item.value()).first<window_days>(),
        [&](std::size_t d) {
          if (d >= first()) return days_[d];
          return (known_ > 0 ? days_[first()] : target) - static_cast<int>(first() - d);
        },
        [&](std::size_t d) { return d >= first() && (known >> d & 1) != 0; },
        [&](std::size_t d) { return (first_sale >> d & 1) != 0; }, target);
    window.away = !in_shop(item);
    return window;
  }
  /// The same with the covariates of its days, which are copied to `room`: borrowed too.
  SalesWindow window(ItemIndex item, Day target, const Covariates& covariates,
                     WindowCovariates& room) const noexcept {
    SalesWindow result = window(item, target);
    std::array<Day, window_days + 1> days;
    *std::copy(result.days.begin(), result.days.end(), days.begin()) = target;
    covariates.copy(item, days, room);
    result.covariates = std::span(room).first(days.size() * covariates.count());
    return result;
  }

  /// The item's units on a day of `days()`, where they are known.
  std::optional<float> units(ItemIndex item, std::size_t d) const noexcept {
    if ((known_on(item.value()) >> (first() + d) & 1) == 0) return std::nullopt;
    return sales(item)[d];
  }
  /// What all items sold on the latest of `days()`; borrowed until the next change.
  /// Precondition: there is one.
  DaySales last_closed() const noexcept { return {days_.back(), *this, known_ - 1}; }

  /// The item was sold out on the day being sold: that day's sales say only what there was to sell.
  /// Nothing happens where no day is being sold.
  void mark_unknown(ItemIndex item) noexcept {
    if (open_) clear(known_on_[item.value()], window_days);
  }

  /// The item is on the shelf again: the day being sold is known after all. Nothing happens where
  /// no day is being sold.
  void mark_known(ItemIndex item) noexcept {
    if (open_) set(known_on_[item.value()], window_days);
  }

  /// Forgets the days after `day`: a wrong clock has dated them.
  void go_back(Day day) noexcept {
    if (open_ && *open_ > day) {
      for (std::size_t i = 0; i < items(); ++i) {
        units_(i, window_days) = rest_(i, window_days) = 0;
        set(known_on_[i], window_days);
        clear(first_sale_on_[i], window_days);
        as_on(i, known_ > 0 ? window_days - 1 : 0);
      }
      open_.reset();
    }
    while (known_ > 0 && days_.back() > day) {
      std::copy_backward(days_.begin(), days_.end() - 1, days_.end());
      --known_;
      for (std::size_t i = 0; i < items(); ++i) {
        for (Matrix<float>* of : {&units_, &rest_}) {
          const auto closed = of->row(i).first(window_days);
          std::copy_backward(closed.begin(), closed.end() - 1, closed.end());
        }
        const auto back = [](DayMask mask, unsigned oldest) {
          const unsigned today = mask & 1u << window_days;
          return static_cast<DayMask>(((mask << 1 | oldest) & ((1u << window_days) - 1)) | today);
        };
        known_on_[i] = back(known_on_[i], 1);
        first_sale_on_[i] = back(first_sale_on_[i], 0);
        in_shop_on_[i] = back(in_shop_on_[i], in_shop_on_[i] & 1u);
        as_on(i, window_days - 1);
      }
    }
  }

  /// The day being sold, if any, and the item's units on it so far (after more returns than sales
  /// below 0).
  std::optional<Day> open_day() const noexcept { return open_; }
  float sold_today(ItemIndex item) const noexcept { return units_(item.value(), window_days); }

  /// The latest day of which there was a sale.
  std::optional<Day> last_day() const noexcept {
    if (open_ || known_ == 0) return open_;
    return days_.back();
  }

  /// The day that a forecast from `days()` is for: the day being sold, else the next one on a
  /// weekday among `days()` (any weekday while fewer than 7 days are known). Nothing before the
  /// first sale.
  std::optional<Day> target() const noexcept {
    if (open_ || known_ == 0) return open_;
    Weekdays traded;
    if (known_ >= 7)
      for (const Day day : days()) traded = traded.with(day.weekday());
    return next_trading_day(days_.back(), traded);
  }

  /// Adds what a receipt sells and takes back; items outside the catalogue are left out.
  void observe(const Receipt& receipt) noexcept {
    for (const ReceiptLine& line : receipt.lines)
      if (line.item.value() < items()) add(line.item, receipt.when.day(), line.quantity.value());
  }

  /// Adds units sold, below 0 for a return. A later day closes the day being sold; a late receipt
  /// still counts for its own day (not below 0) while that is among `days()`. A day that is not
  /// is too old to matter and is left out. Cost: constant; a new day moves the whole block.
  void add(ItemIndex item, Day day, double units) noexcept {
    open(day);
    if (open_ == day) {
      add_exactly(units_(item.value(), window_days), rest_(item.value(), window_days), units,
                  -std::numeric_limits<double>::infinity());
      moved(item.value(), window_days);
      return;
    }
    const auto at = std::find(days().begin(), days().end(), day);
    if (at == days().end()) return;
    const std::size_t slot = first() + static_cast<std::size_t>(at - days().begin());
    if ((known_on_[item.value()] >> slot & 1) == 0) return;
    add_exactly(units_(item.value(), slot), rest_(item.value(), slot), units, 0);
    moved(item.value(), slot);
  }

  /// The shop trades on that day, whether or not something is sold: a later day than all closes the
  /// day being sold, an earlier one changes nothing.
  void open(Day day) noexcept {
    if (const auto last = last_day(); last && day <= *last) return;
    close_day();
    open_ = day;
  }

  /// The day being sold is over: it is known from now on, and `target` is a later day. Nothing
  /// happens where no day is being sold.
  void close_day() noexcept {
    if (!open_) return;
    std::copy(days_.begin() + 1, days_.end(), days_.begin());
    days_.back() = *open_;
    known_ = std::min(known_ + 1, window_days);
    open_.reset();
    for (std::size_t i = 0; i < items(); ++i) {
      const auto row = units_.row(i);
      const bool known = (known_on_[i] >> window_days & 1) != 0;
      row.back() = known ? std::max(0.0f, row.back()) : 0.0f;
      const auto rest = rest_.row(i);
      if (row.back() == 0) rest.back() = 0;
      std::copy(row.begin() + 1, row.end(), row.begin());
      std::copy(rest.begin() + 1, rest.end(), rest.begin());
      row.back() = rest.back() = 0;
      known_on_[i] = static_cast<DayMask>(known_on_[i] >> 1 | 1u << window_days);
      first_sale_on_[i] = static_cast<DayMask>(first_sale_on_[i] >> 1);
      in_shop_on_[i] =
          static_cast<DayMask>(in_shop_on_[i] >> 1 | (in_shop_on_[i] & 1u << window_days));
    }
  }

 private:
  static constexpr DayMask every_day = (1u << (window_days + 1)) - 1;

  std::size_t first() const noexcept { return window_days - known_; }
  static void set(DayMask& mask, std::size_t slot) noexcept {
    mask = static_cast<DayMask>(mask | 1u << slot);
  }
  static void clear(DayMask& mask, std::size_t slot) noexcept {
    mask = static_cast<DayMask>(mask & ~(1u << slot));
  }
  DayMask known_on(std::size_t item) const noexcept {
    return static_cast<DayMask>(known_on_[item] & in_shop_on_[item]);
  }
  /// Whether the item is in the shop today is what it was on that day.
  void as_on(std::size_t item, std::size_t slot) noexcept {
    clear(in_shop_on_[item], window_days);
    if ((in_shop_on_[item] >> slot & 1) != 0) set(in_shop_on_[item], window_days);
  }
  /// The units of a day were changed: the item may have begun on it, or not have after all.
  void moved(std::size_t item, std::size_t slot) noexcept {
    DayMask &in_shop = in_shop_on_[item], &first_sale = first_sale_on_[item];
    if (units_(item, slot) > 0) {
      if ((in_shop >> slot & 1) != 0) return;
      const bool oldest =
          slot == window_days ? known_ == 0 : slot == first() && known_ < window_days;
      first_sale = static_cast<DayMask>(first_sale & ((1u << slot) - 1));
      if (!oldest) set(first_sale, slot);
      for (std::size_t after = slot; after <= window_days; ++after) set(in_shop, after);
    } else if ((first_sale >> slot & 1) != 0) {
      clear(first_sale, slot);
      for (; slot <= window_days && !(units_(item, slot) > 0); ++slot) clear(in_shop, slot);
      if (slot <= window_days) set(first_sale, slot);
    }
  }

  Matrix<float> units_;  // items x closed days, right-aligned, then the day being sold
  Matrix<float> rest_;   // what these floats could not hold
  std::array<Day, window_days> days_{};  // right-aligned as well
  // Per item, a bit for each column of units_: not sold out; in the shop; in it for all we know
  // because of that day's sale.
  std::vector<DayMask> known_on_, in_shop_on_, first_sale_on_;
  std::size_t known_ = 0;  // closed days
  std::optional<Day> open_;
};

#if BODEGA_BODIES

BODEGA_INLINE void RecentSalesRecord::validate(const std::string& where) const {
  validate_size(units.columns(), window_days + 1, where + ", columns of units");
  validate_size(rest.columns(), window_days + 1, where + ", columns of rest");
  validate_size(rest.rows(), units.rows(), where + ", rows of rest");
  for (const auto* masks : {&known_on, &in_shop_on, &first_sale_on}) {
    validate_size(masks->size(), units.rows(), where + ", bits of items");
    for (const std::uint16_t mask : *masks)
      if (mask >> (window_days + 1) != 0)
        throw Error(ErrorCode::out_of_range, where + ", bits of items", "a bit for each column",
                    std::to_string(mask));
  }
  // Beyond what a day may sell, since it is what many receipts of the largest quantity add up to.
  validate_range(units.values(), -plausible::sum, plausible::sum, where + ", units");
  validate_range(rest.values(), -plausible::sum, plausible::sum, where + ", rest");
  const auto wrong = [&](const std::string& what, std::int32_t found) {
    throw Error(ErrorCode::out_of_range, where + ", " + what, "days that rise, up to the open one",
                std::to_string(found));
  };
  if (days.size() > window_days) wrong("days", static_cast<std::int32_t>(days.size()));
  if (open.size() > 1) wrong("open", static_cast<std::int32_t>(open.size()));
  std::int32_t last = std::numeric_limits<std::int32_t>::min();
  for (const std::vector<std::int32_t>* some : {&days, &open})
    for (const std::int32_t day : *some) {
      validate_day(day, where + ", days");
      if (day <= last) wrong("days", day);
      last = day;
    }
}

#endif

}  // namespace bodega::inline BODEGA_ABI
