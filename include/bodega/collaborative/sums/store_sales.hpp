// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/collaborative/sums/decay_clock.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

struct StoreSalesOptions {
  double half_life_days = 0;  ///< a sale this old counts half; 0 = all sales count the same
};

/// How often each item is sold in each store, and in the chain at each hour of the day and on each
/// weekday: sums, so a store adds its receipts one by one and the chain adds up its stores. The
/// training input of `ShopPrior`.
/// Memory: 4 bytes x items x (stores + 31). Whole counts are exact up to 16.7 million.
/// Thread rule: const calls from many threads; a change excludes all others.
class StoreSales {
 public:
  static constexpr std::string_view kind = "store_sales";
  static constexpr std::size_t hours = 24, weekdays = 7;

  StoreSales() : StoreSales(0) {}
  /// Error (invalid_argument) where the half-life is neither 0 nor a finite number above 0.
  explicit StoreSales(std::size_t items, const StoreSalesOptions& options = {})
      : clock_(options.half_life_days, "StoreSales"),
        stores_(0, items),
        hours_(hours, items),
        weekdays_(weekdays, items) {}

  std::size_t items() const noexcept { return hours_.columns(); }
  /// Stores with sales, in the order of their first one; `StoreId::none()` may be among them.
  std::size_t stores() const noexcept { return store_.size(); }
  StoreId store(std::size_t row) const noexcept { return StoreId(store_[row]); }

  // As of the latest day seen but for one factor that all share; one number an item.
  std::span<const float> of_store(std::size_t row) const noexcept { return stores_.row(row); }
  std::span<const float> at_hour(std::size_t hour) const noexcept { return hours_.row(hour); }
  std::span<const float> on_weekday(std::size_t day) const noexcept { return weekdays_.row(day); }
  /// The factor: times it, a sale of the latest day counts 1.
  double present() const noexcept { return clock_.present(); }

  /// Adds the sale of each item of a receipt, `weight` times; a store that is not known counts for
  /// the chain alone. Error (out_of_range, invalid_argument) on an item outside the catalogue or a
  /// weight that is not a finite number above 0; nothing is changed then. Cost: the items; of a
  /// store's first receipt a copy of the stores' sums.
  void add(StoreId store, Moment when, std::span<const ItemIndex> items_sold, float weight = 1) {
    if (!(weight > 0) || !std::isfinite(weight))
      throw Error(ErrorCode::invalid_argument, "StoreSales, weight of a receipt",
                  "a finite number above 0", std::to_string(weight));
    for (const ItemIndex item : items_sold)
      if (item.value() >= items())
        throw Error(ErrorCode::out_of_range, "StoreSales, item of a receipt",
                    "an item below " + std::to_string(items()), std::to_string(item.value()));
    if (items_sold.empty()) return;
    const std::size_t row = row_of(store);
    scale(clock_.advance(when.day()));
    const auto stored = static_cast<float>(clock_.weight(when.day()) * double{weight});
    const auto hour = static_cast<std::size_t>(when.second_of_day() / 3600);
    const auto weekday = static_cast<std::size_t>(when.day().weekday());
    for (const ItemIndex item : items_sold) {
      stores_(row, item.value()) += stored;
      hours_(hour, item.value()) += stored;
      weekdays_(weekday, item.value()) += stored;
    }
  }

  /// Adds the sums of other stores or another period. Error (shape, invalid_argument) where
  /// catalogue size or half-life differ. That both catalogues list the same items in the same order
  /// is the caller's to see to.
  void merge(const StoreSales& other) {
    if (other.items() != items())
      throw Error(ErrorCode::shape, "StoreSales::merge",
                  "sums over the same catalogue of " + std::to_string(items()) + " items",
                  std::to_string(other.items()) + " items");
    if (other.clock_.half_life_days() != clock_.half_life_days())
      throw Error(ErrorCode::invalid_argument, "StoreSales::merge",
                  "the same half-life of " + std::to_string(clock_.half_life_days()) + " days",
                  std::to_string(other.clock_.half_life_days()));
    std::vector<std::size_t> rows;
    for (const std::uint32_t id : other.store_) rows.push_back(row_of(StoreId(id)));
    const auto shifts = clock_.join(other.clock_);
    scale(shifts.mine);
    const float factor = std::ldexp(1.0f, shifts.others);
    const auto add_rows = [&](std::span<float> to, std::span<const float> from) {
      for (std::size_t i = 0; i < from.size(); ++i) to[i] += factor * from[i];
    };
    for (std::size_t r = 0; r < rows.size(); ++r) add_rows(stores_.row(rows[r]), other.of_store(r));
    add_rows(hours_.values(), other.hours_.values());
    add_rows(weekdays_.values(), other.weekdays_.values());
  }

  void validate(const std::string& where) const {
    clock_.validate(where + ", clock");
    const auto check = [&](const Matrix<float>& sums, std::size_t rows, const std::string& name) {
      validate_size(sums.rows(), rows, where + ", rows of " + name);
      validate_size(sums.columns(), items(), where + ", columns of " + name);
      validate_finite(sums.values(), where + ", " + name);
      for (const float sum : sums.values())
        if (sum < 0)
          throw Error(ErrorCode::out_of_range, where + ", " + name, "sums of 0 or more",
                      std::to_string(sum));
    };
    check(stores_, store_.size(), "stores");
    check(hours_, hours, "hours");
    check(weekdays_, weekdays, "weekdays");
    std::vector<std::uint32_t> sorted = store_;
    std::sort(sorted.begin(), sorted.end());
    if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
      throw Error(ErrorCode::duplicate, where + ", store", "each store once",
                  std::to_string(*twice) + " twice");
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("clock", self.clock_);
    visit("store", self.store_);
    visit("stores", self.stores_);
    visit("hours", self.hours_);
    visit("weekdays", self.weekdays_);
  }

  bool operator==(const StoreSales&) const = default;

 private:
  std::size_t row_of(StoreId store) {
    const auto at = std::find(store_.begin(), store_.end(), store.value());
    if (at != store_.end()) return static_cast<std::size_t>(at - store_.begin());
    Matrix<float> more(store_.size() + 1, items());
    std::copy(stores_.values().begin(), stores_.values().end(), more.values().begin());
    store_.push_back(store.value());
    stores_ = std::move(more);
    return store_.size() - 1;
  }

  void scale(int shift) noexcept {
    if (shift == 0) return;
    for (Matrix<float>* sums : {&stores_, &hours_, &weekdays_})
      for (float& sum : sums->values()) sum = std::ldexp(sum, shift);
  }

  DecayClock clock_;
  std::vector<std::uint32_t> store_;  // ids, by row
  Matrix<float> stores_, hours_, weekdays_;
};

}  // namespace bodega
