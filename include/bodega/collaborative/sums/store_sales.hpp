// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/collaborative/sums/decayed_sums.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/context.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

struct StoreSalesOptions {
  double half_life_days = 0;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("half_life_days", self.half_life_days,
          "A sale this old counts half; 0 = all sales count the same.");
  }
};

/// How often each item is sold in each store, and in the chain at each hour of the day, on each
/// weekday, at kiosks and by the shop's people, in quiet and in busy times: sums, so a store adds
/// its receipts one by one and the chain adds up its stores. The training input of `ShopPrior`.
///
/// Stores may have names (`Receipts` give theirs). Then sums that were read apart, each of which
/// began its list of stores anew, are merged by name.
/// Memory: 4 bytes x items x (stores + 31, and 2 each where channels and rush are known). Whole
/// counts are exact up to 16.7 million.
/// Thread rule: const calls from many threads; a change excludes all others.
class StoreSales {
 public:
  static constexpr std::string_view kind = "store_sales";
  static constexpr std::size_t hours = 24, weekdays = 7, channels = 2, rushes = 2;

  StoreSales() : StoreSales(0) {}
  /// Error (invalid_argument) where the half-life is neither 0 nor a finite number above 0.
  explicit StoreSales(std::size_t items, const StoreSalesOptions& options = {});
  /// The sales of all lines, and the names of the stores where the receipts have them.
  template <ReceiptList Receipts>
  explicit StoreSales(const Receipts& receipts, const StoreSalesOptions& options = {})
      : StoreSales(receipts.catalog().size(), options) {
    if constexpr (requires { name_stores(receipts.stores()); }) name_stores(receipts.stores());
    for (std::size_t i = 0; i < receipts.size(); ++i) observe(receipts[i]);
  }
  /// Each item of each basket is one sale.
  explicit StoreSales(const Baskets& baskets, const StoreSalesOptions& options = {});

  std::size_t items() const noexcept { return hours_.columns(); }
  /// Stores with sales, in the order of their first one; `StoreId::none()` may be among them.
  std::size_t stores() const noexcept { return store_.size(); }
  StoreId store(std::size_t row) const noexcept { return StoreId(store_[row]); }

  /// The names of stores by StoreId; empty where they are only numbered.
  const StringSet& names() const noexcept { return names_; }
  /// The number of the store of that name; none() where there is none.
  StoreId store_named(std::string_view name) const noexcept {
    const std::uint32_t found = names_.find(name);
    return found == StringSet::none ? StoreId() : StoreId(found);
  }
  /// The number of the store of that name, the next one where it is new. Error (invalid_argument)
  /// on an empty name, and where a store with sales is only numbered.
  StoreId name_store(std::string_view name);
  /// Names stores by StoreId. Error (invalid_argument) where that would give a store another name.
  void name_stores(const StringSet& names);

  // As of the latest day seen but for one factor that all share; one number an item.
  std::span<const float> of_store(std::size_t row) const noexcept { return stores_.row(row); }
  std::span<const float> at_hour(std::size_t hour) const noexcept { return hours_.row(hour); }
  std::span<const float> on_weekday(std::size_t day) const noexcept { return weekdays_.row(day); }
  /// Of kiosks (0) and of the shop's people (1); none where no receipt told.
  const Matrix<float>& by_channel() const noexcept { return channels_; }
  /// In quiet (0) and in busy times (1); none where no receipt told.
  const Matrix<float>& by_rush() const noexcept { return rushes_; }
  /// The factor: times it, a sale of the latest day counts 1.
  double present() const noexcept { return clock_.present(); }

  /// Adds what a receipt sells, a sale for each line; its returns are left out. Error
  /// (out_of_range) on an item outside the catalogue; nothing is changed then.
  void observe(const Receipt& receipt);

  /// Adds the sale of each item of a receipt, `weight` times; a store that is not known counts for
  /// the chain alone. Error (out_of_range, invalid_argument) on an item outside the catalogue or a
  /// weight that is not a finite number above 0; nothing is changed then. Cost: the items; of a
  /// store's first receipt a copy of the stores' sums.
  void add(StoreId store, Moment when, std::span<const ItemIndex> items_sold, float weight = 1);

  /// Adds the sums of other stores or another period; of stores that have names, by their names.
  /// Error (shape, invalid_argument) where catalogue size or half-life differ, or the stores of one
  /// have names and those of the other are only numbered. The caller must ensure that both mean the
  /// same by the numbers of items, and of stores without names.
  void merge(const StoreSales& other);

  void validate(const std::string& where) const;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("clock", self.clock_);
    visit("store", self.store_);
    visit("stores", self.stores_);
    visit("hours", self.hours_);
    visit("weekdays", self.weekdays_);
    visit("channels", self.channels_);
    visit("rushes", self.rushes_);
    visit("names", self.names_);
  }

  /// Files of before number their stores.
  static constexpr bool added_later(std::string_view parameter) noexcept {
    return parameter == "channels" || parameter == "rushes" || parameter == "names";
  }
  bool uses_added() const noexcept {
    return channels_.rows() > 0 || rushes_.rows() > 0 || !names_.empty();
  }
  void restore() { names_.restore(); }

  bool operator==(const StoreSales&) const = default;

 private:
  std::size_t row_of(StoreId store);

  /// Where the sales of a receipt are added, and what each adds.
  struct Place {
    std::size_t store, hour, weekday;
    float weight;
    Channel channel;
    Rush rush;
  };
  Place at(StoreId store, Moment when, float weight, Channel channel = Channel::unknown,
           Rush rush = Rush::unknown);
  void add(const Place& place, ItemIndex item) noexcept;
  /// Rows of zeros, where there are none and some are wanted.
  void make_rows(Matrix<float>& sums, std::size_t rows) {
    if (sums.rows() == 0 && rows > 0) sums = Matrix<float>(rows, items());
  }
  /// Error (invalid_argument) on a store with sales that has no name.
  void check_named(const std::string& where) const;

  DecayedSums clock_;
  std::vector<std::uint32_t> store_;  // ids, by row
  Matrix<float> stores_, hours_, weekdays_;
  Matrix<float> channels_, rushes_;  // no rows where nothing is known of them
  StringSet names_;                  // by id
};

#if BODEGA_BODIES

BODEGA_INLINE StoreSales::StoreSales(std::size_t items, const StoreSalesOptions& options)
    : clock_(options.half_life_days, "StoreSales"),
      stores_(0, items),
      hours_(hours, items),
      weekdays_(weekdays, items) {}

BODEGA_INLINE StoreSales::StoreSales(const Baskets& baskets, const StoreSalesOptions& options)
    : StoreSales(baskets.items(), options) {
  for (std::size_t b = 0; b < baskets.size(); ++b)
    add(baskets.store(b), baskets.when(b), baskets[b]);
}

BODEGA_INLINE void StoreSales::observe(const Receipt& receipt) {
  bool sells = false;
  for (const ReceiptLine& line : receipt.lines) {
    DecayedSums::check_item(line.item, items(), "StoreSales");
    sells |= line.quantity > Quantity();
  }
  if (!sells) return;
  const Place place = at(receipt.store, receipt.when, 1, receipt.channel, receipt.rush);
  for (const ReceiptLine& line : receipt.lines)
    if (line.quantity > Quantity()) add(place, line.item);
}

BODEGA_INLINE void StoreSales::add(StoreId store, Moment when,
                                   std::span<const ItemIndex> items_sold, float weight) {
  DecayedSums::check_weight(weight, "StoreSales");
  for (const ItemIndex item : items_sold) DecayedSums::check_item(item, items(), "StoreSales");
  if (items_sold.empty()) return;
  const Place place = at(store, when, weight);
  for (const ItemIndex item : items_sold) add(place, item);
}

BODEGA_INLINE StoreId StoreSales::name_store(std::string_view name) {
  if (name.empty())
    throw Error(ErrorCode::invalid_argument, "StoreSales::name_store", "a name", "none");
  check_named("StoreSales::name_store");
  return StoreId(names_.add(name));
}

BODEGA_INLINE void StoreSales::name_stores(const StringSet& names) {
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (i >= names.size() || names_[i] != names[i])
      throw Error(ErrorCode::invalid_argument,
                  "StoreSales::name_stores, store " + std::to_string(i),
                  "'" + std::string(names_[i]) + "' as before",
                  i < names.size() ? "'" + std::string(names[i]) + "'" : "no name");
  names_ = names;
}

BODEGA_INLINE void StoreSales::check_named(const std::string& where) const {
  for (const std::uint32_t id : store_)
    if (!StoreId(id).is_none() && id >= names_.size())
      throw Error(ErrorCode::invalid_argument, where + ", store " + std::to_string(id),
                  "a name, as other stores have one", "a number alone");
}

BODEGA_INLINE void StoreSales::merge(const StoreSales& other) {
  clock_.check_merge(other.clock_, items(), other.items(), "StoreSales::merge");
  if (!names_.empty() || !other.names_.empty()) {
    check_named("StoreSales::merge");
    other.check_named("StoreSales::merge, the other");
  }
  std::vector<std::size_t> rows;
  for (const std::uint32_t id : other.store_)
    rows.push_back(
        row_of(id < other.names_.size() ? StoreId(names_.add(other.names_[id])) : StoreId(id)));
  make_rows(channels_, other.channels_.rows());
  make_rows(rushes_, other.rushes_.rows());
  const double factor = clock_.join(other.clock_, stores_.values(), hours_.values(),
                                    weekdays_.values(), channels_.values(), rushes_.values());
  const auto add_sums = [&](std::span<float> to, std::span<const float> from) {
    DecayedSums::add(to, from, factor);
  };
  for (std::size_t r = 0; r < rows.size(); ++r) add_sums(stores_.row(rows[r]), other.of_store(r));
  add_sums(hours_.values(), other.hours_.values());
  add_sums(weekdays_.values(), other.weekdays_.values());
  add_sums(channels_.values(), other.channels_.values());
  add_sums(rushes_.values(), other.rushes_.values());
}

BODEGA_INLINE void StoreSales::validate(const std::string& where) const {
  clock_.validate(where + ", clock");
  const auto check = [&](const Matrix<float>& sums, std::size_t rows, const std::string& name) {
    validate_size(sums.rows(), rows, where + ", rows of " + name);
    validate_size(sums.columns(), items(), where + ", columns of " + name);
    DecayedSums::validate_sums(sums.values(), where + ", " + name);
  };
  check(stores_, store_.size(), "stores");
  check(hours_, hours, "hours");
  check(weekdays_, weekdays, "weekdays");
  if (channels_.rows() > 0) check(channels_, channels, "channels");
  if (rushes_.rows() > 0) check(rushes_, rushes, "rushes");
  names_.validate(where + ", names");
  std::vector<std::uint32_t> sorted = store_;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    throw Error(ErrorCode::duplicate, where + ", store", "each store once",
                std::to_string(*twice) + " twice");
}

BODEGA_INLINE std::size_t StoreSales::row_of(StoreId store) {
  const auto at = std::find(store_.begin(), store_.end(), store.value());
  if (at != store_.end()) return static_cast<std::size_t>(at - store_.begin());
  Matrix<float> more(store_.size() + 1, items());
  std::copy(stores_.values().begin(), stores_.values().end(), more.values().begin());
  store_.push_back(store.value());
  stores_ = std::move(more);
  return store_.size() - 1;
}

BODEGA_INLINE StoreSales::Place StoreSales::at(StoreId store, Moment when, float weight,
                                               Channel channel, Rush rush) {
  if (channel > Channel::assisted) channel = Channel::unknown;
  if (rush > Rush::busy) rush = Rush::unknown;
  make_rows(channels_, channel == Channel::unknown ? 0 : channels);
  make_rows(rushes_, rush == Rush::unknown ? 0 : rushes);
  const std::size_t row = row_of(store);
  const double stored = clock_.weigh(when.day(), weight, stores_.values(), hours_.values(),
                                     weekdays_.values(), channels_.values(), rushes_.values());
  return {row,
          static_cast<std::size_t>(when.second_of_day() / 3600),
          static_cast<std::size_t>(when.day().weekday()),
          static_cast<float>(stored),
          channel,
          rush};
}

BODEGA_INLINE void StoreSales::add(const Place& place, ItemIndex item) noexcept {
  stores_(place.store, item.value()) += place.weight;
  hours_(place.hour, item.value()) += place.weight;
  weekdays_(place.weekday, item.value()) += place.weight;
  if (place.channel != Channel::unknown)
    channels_(static_cast<std::size_t>(place.channel) - 1, item.value()) += place.weight;
  if (place.rush != Rush::unknown)
    rushes_(static_cast<std::size_t>(place.rush) - 1, item.value()) += place.weight;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
