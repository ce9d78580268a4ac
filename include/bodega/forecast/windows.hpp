// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/covariates.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Every question that a table of daily sales answers: for an item and a trading day, the
/// `window_days` trading days before it, and what was really sold. A day on which the item's sales
/// are unknown is no target, and in a window it is marked; a window that knows no day, or only that
/// of a first sale, is left out.
/// Ordered by target day, then item, so that a slice is a stretch of time and splitting never looks
/// ahead. Immutable; copies and slices share one table of the trading days.
class SalesWindows {
 public:
  SalesWindows() = default;

  /// The windows of `items`, of all where none are given; an empty list has none. Days on which an
  /// item was not in the shop are unknown (DailySales): its zeros then are no demand.
  /// Throws Error(shape) for fewer than window_days + 1 days with trade, (out_of_range) if sales
  /// are negative (a return that found nothing to net with) or an item is beyond the table,
  /// (not_finite) if sales are NaN or infinite.
  explicit SalesWindows(const DailySales& sales,
                        std::optional<std::span<const ItemIndex>> items = {})
      : SalesWindows(sales, nullptr, items) {}
  /// The same with what is known ahead of each day. Error also (shape) where the covariates are of
  /// another number of items, (missing) where they do not cover a day with trade.
  SalesWindows(const DailySales& sales, const Covariates& covariates,
               std::optional<std::span<const ItemIndex>> items = {})
      : SalesWindows(sales, &covariates, items) {}

  std::size_t size() const noexcept { return end_ - begin_; }
  bool empty() const noexcept { return size() == 0; }
  /// Covariates of a day.
  std::size_t covariate_count() const noexcept { return covariate_count_; }

  /// Its sales and covariates live as long as this object or a copy or slice of it.
  SalesWindow operator[](std::size_t i) const noexcept {
    const auto [item, column] = place(i);
    const std::size_t from = column - window_days;
    SalesWindow window = window_of(
        item, sales_->row(item).subspan(from).first<window_days>(),
        [&](std::size_t d) { return sales_->day(from + d); },
        [&, of = item](std::size_t d) { return sales_->known(of, from + d); },
        [&, of = item](std::size_t d) { return sales_->first_sale(of, from + d); },
        sales_->day(column), covariates_of(item, from, window_days + 1));
    window.weighed = (*weighed_)[item.value()] != 0;
    if (levels_) window.level = (*levels_)[begin_ + i];
    return window;
  }
  /// What was sold on the target day.
  float actual(std::size_t i) const noexcept { return sales_->at(place(i).item, place(i).column); }
  ItemIndex item(std::size_t i) const noexcept { return place(i).item; }
  Day target(std::size_t i) const noexcept { return sales_->day(place(i).column); }

  /// These windows with a level for each, from a longer memory than theirs (`with_pooled_levels`).
  /// Error (shape) where there is not one for each.
  SalesWindows with_levels(std::span<const float> levels) const {
    validate_size(levels.size(), size(), "SalesWindows, levels");
    SalesWindows result = *this;
    auto all = std::make_shared<std::vector<float>>(levels_ ? *levels_ : std::vector<float>());
    all->resize(places_ ? places_->size() : 0, std::numeric_limits<float>::quiet_NaN());
    std::copy(levels.begin(), levels.end(), all->begin() + static_cast<std::ptrdiff_t>(begin_));
    result.levels_ = std::move(all);
    return result;
  }

  /// The table they are of: the days with trade, side by side. Want at least one window.
  const DailySales& table() const noexcept { return *sales_; }
  /// What was known ahead of a column of the table, or of several side by side; empty where there
  /// are no covariates.
  std::span<const float> covariates_of(ItemIndex item, std::size_t column,
                                       std::size_t columns = 1) const noexcept {
    if (covariate_count_ == 0) return {};
    return covariates_->row(covariates_->rows() > 1 ? item.value() : 0)
        .subspan(column * covariate_count_, columns * covariate_count_);
  }

  /// Windows [begin, end), clamped to those that are there.
  SalesWindows slice(std::size_t begin, std::size_t end) const noexcept {
    SalesWindows part = *this;
    part.begin_ = begin_ + std::min(begin, size());
    part.end_ = std::max(part.begin_, begin_ + std::min(end, size()));
    return part;
  }
  /// Those whose target lies before `day`, and those from it on.
  SalesWindows before(Day day) const noexcept { return slice(0, first_from(day)); }
  SalesWindows from(Day day) const noexcept { return slice(first_from(day), size()); }

  /// The first day of the last `fraction` (0 to 1) of the target days, for `before` and `from`.
  /// Want at least one window.
  Day last_part(double fraction) const noexcept {
    std::size_t first = place(0).column, last = place(size() - 1).column;
    const double days = static_cast<double>(last - first + 1);
    return sales_->day(
        std::min(last, first + static_cast<std::size_t>(days * (1 - fraction) + 0.5)));
  }

 private:
  struct Place {
    ItemIndex item;
    std::uint32_t column;
  };

  SalesWindows(const DailySales& sales, const Covariates* covariates,
               std::optional<std::span<const ItemIndex>> items) {
    sales.validate("SalesWindows");
    auto trading = std::make_shared<const DailySales>(sales.trading_days());
    if (trading->days() < window_days + 1)
      throw Error(ErrorCode::shape, "SalesWindows",
                  std::to_string(window_days + 1) + " days with trade or more",
                  std::to_string(trading->days()));
    std::vector<ItemIndex> chosen;
    if (items)
      chosen.assign(items->begin(), items->end());
    else
      for (std::size_t i = 0; i < sales.items(); ++i)
        chosen.push_back(ItemIndex(static_cast<std::uint32_t>(i)));
    for (const ItemIndex item : chosen)
      if (item.value() >= sales.items())
        throw Error(ErrorCode::out_of_range, "SalesWindows",
                    "an item below " + std::to_string(sales.items()), std::to_string(item.value()));
    auto places = std::make_shared<std::vector<Place>>();
    std::vector<std::size_t> known(chosen.size(), 0);  // days of the window, but for a first sale
    const auto tells = [&](ItemIndex item, std::size_t column) {
      return trading->known(item, column) && !trading->first_sale(item, column) ? 1u : 0u;
    };
    for (std::size_t column = 0; column < trading->days(); ++column)
      for (std::size_t i = 0; i < chosen.size(); ++i) {
        const ItemIndex item = chosen[i];
        if (column >= window_days) {
          if (known[i] > 0 && trading->start(item) < column && trading->known(item, column))
            places->push_back({item, static_cast<std::uint32_t>(column)});
          known[i] -= tells(item, column - window_days);
        }
        known[i] += tells(item, column);
      }
    if (covariates && covariates->count() > 0) take_covariates(*covariates, *trading);
    auto weighed = std::make_shared<std::vector<std::uint8_t>>(trading->items(), std::uint8_t{0});
    for (const ItemIndex item : chosen)
      for (const float units : trading->row(item))
        if (units != std::floor(units)) (*weighed)[item.value()] = 1;
    weighed_ = std::move(weighed);
    end_ = places->size();
    sales_ = std::move(trading);
    places_ = std::move(places);
  }

  /// Copies the days with trade side by side, so that a window of them is one stretch.
  void take_covariates(const Covariates& covariates, const DailySales& trading) {
    if (covariates.items() > 0)
      validate_size(covariates.items(), trading.items(), "SalesWindows, items of covariates");
    const std::size_t count = covariates.count();
    auto table = std::make_shared<Matrix<float>>(std::max<std::size_t>(covariates.items(), 1),
                                                 trading.days() * count);
    std::vector<Day> days;
    for (std::size_t c = 0; c < trading.days(); ++c) {
      days.push_back(trading.day(c));
      if (!covariates.covers(days.back()))
        throw Error(ErrorCode::missing, "SalesWindows, covariates", "those of every day with trade",
                    "none of " + days.back().to_string());
    }
    for (std::size_t i = 0; i < table->rows(); ++i)
      covariates.copy(ItemIndex(static_cast<std::uint32_t>(i)), days, table->row(i));
    covariate_count_ = count;
    covariates_ = std::move(table);
  }

  const Place& place(std::size_t i) const noexcept { return (*places_)[begin_ + i]; }
  std::size_t first_from(Day day) const noexcept {
    std::size_t low = 0, high = size();
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (target(middle) < day)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }

  std::shared_ptr<const DailySales> sales_;
  std::shared_ptr<const std::vector<Place>> places_;
  std::shared_ptr<const std::vector<std::uint8_t>> weighed_;  // per item of the table
  std::shared_ptr<const Matrix<float>> covariates_;   // 1 or items x (days x covariate_count_)
  std::shared_ptr<const std::vector<float>> levels_;  // one for each place, or null
  std::size_t begin_ = 0, end_ = 0, covariate_count_ = 0;
};

/// The items sold on at least `days` days before `before`: those with enough history to learn from,
/// chosen without a look at what comes later.
inline std::vector<ItemIndex> items_with_sale_days(const DailySales& sales, std::size_t days,
                                                   Day before) {
  std::vector<ItemIndex> items;
  for (std::size_t i = 0; i < sales.items(); ++i) {
    const ItemIndex item(static_cast<std::uint32_t>(i));
    std::size_t sold = 0;
    for (std::size_t c = 0; c < sales.days() && sales.day(c) < before; ++c)
      sold += sales.at(item, c) > 0;
    if (sold >= days) items.push_back(item);
  }
  return items;
}

}  // namespace bodega::inline BODEGA_ABI
