// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/collaborative/sums/decayed_sums.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/room.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/parameters.hpp>

namespace bodega::inline BODEGA_ABI {

/// What a sale is to `Popularity`.
enum class SalesCount : std::uint8_t {
  receipts,  ///< a receipt with the item, however much of it: what many buy
  lines,     ///< a line of a receipt: an item scanned twice counts twice
  units      ///< a unit: what sells most, be it to few
};
constexpr auto enum_names(SalesCount) noexcept {
  using enum SalesCount;
  return std::to_array<EnumName<SalesCount>>(
      {{receipts, "receipts"}, {lines, "lines"}, {units, "units"}});
}

struct PopularityOptions {
  double half_life_days = 30;
  SalesCount count = SalesCount::receipts;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("half_life_days", self.half_life_days,
          "A sale this old counts half; 0 = all sales count the same.");
    visit("count", self.count, "What a sale is.");
  }
};

/// What sells these days, whatever is in the basket. The score is the item's share of all recent
/// sales: the chance that the next sale is of this item. It lies in [0, 1], sums to 1 over the
/// catalogue and, unlike a score relative to the best seller, does not jump for every item when
/// one of them sells out. Before the first sale all scores are 0.
/// Memory: 8 bytes an item. Thread rule: const calls from many threads; a change excludes them.
class Popularity {
 public:
  static constexpr std::string_view kind = "popularity";
  static constexpr float usual_weight = 0.3f;

  Popularity() = default;

  /// Error (invalid_argument) where the half-life is neither 0 nor a finite number above 0.
  explicit Popularity(std::size_t items, const PopularityOptions& options = {})
      : clock_(options.half_life_days, "Popularity"),
        count_(static_cast<std::uint8_t>(options.count)),
        sales_(items, 0.0f) {
    restore();
  }

  /// Each item of each basket is one sale: baskets know no lines and no units. Error
  /// (invalid_argument) where the option asks for those.
  explicit Popularity(const Baskets& baskets, const PopularityOptions& options = {})
      : Popularity(baskets.items(), options) {
    if (options.count != SalesCount::receipts)
      throw Error(ErrorCode::invalid_argument, "Popularity, option count",
                  "receipts, of which baskets are made, or Popularity(receipts)",
                  std::string(name(options.count)));
    for (std::size_t i = 0; i < baskets.size(); ++i)
      for (const ItemIndex item : baskets[i]) add(item, baskets.day(i));
  }

  /// The sales of all receipts.
  template <ReceiptList Receipts>
  explicit Popularity(const Receipts& receipts, const PopularityOptions& options = {})
      : Popularity(receipts.catalog().size(), options) {
    for (std::size_t i = 0; i < receipts.size(); ++i) observe(receipts[i]);
  }

  /// Adds what a receipt sells; its returns and items outside the catalogue are left out. Allocates
  /// nothing. Cost: linear in the lines, but for a pass over the catalogue once in 32 half-lives.
  void observe(const Receipt& receipt) noexcept {
    ++receipts_;
    for (const auto& [item, quantity, price] : receipt.lines) {
      if (item.value() >= items() || quantity <= Quantity()) continue;
      const bool again = std::exchange(seen_[item.value()], receipts_) == receipts_;
      if (again && count() == SalesCount::receipts) continue;
      add(item, receipt.when.day(),
          count() == SalesCount::units ? static_cast<float>(quantity.value()) : 1.0f);
    }
  }

  /// Adds one sale, `weight` times; an index outside the catalogue and a weight that is not a
  /// finite number above 0 are ignored. Allocates nothing. Cost: as `observe`.
  void add(ItemIndex item, Day day, float weight = 1) noexcept {
    if (item.value() >= items() || !DecayedSums::is_weight(weight)) return;
    const double stored = clock_.weigh(day, weight, sales_, total_);
    sales_[item.value()] += static_cast<float>(stored);
    total_ += stored;
  }

  /// The catalogue has so many items now, the new ones at its end; nothing where it has no more.
  void grow(std::size_t items) {
    if (items <= this->items()) return;
    make_room(items - this->items(), sales_, seen_);
    sales_.resize(items, 0.0f);
    seen_.resize(items, 0);
  }

  /// Adds the sales of another store or period; both are read as of the later day from then on.
  /// Error (shape, invalid_argument) where catalogue size, half-life or what is counted differ. The
  /// caller must ensure that both catalogues list the same items in the same order.
  void merge(const Popularity& other) {
    clock_.check_merge(other.clock_, items(), other.items(), "Popularity::merge");
    if (other.count_ != count_)
      throw Error(ErrorCode::invalid_argument, "Popularity::merge",
                  "counts of " + std::string(name(count())), std::string(name(other.count())));
    const double factor = clock_.join(other.clock_, sales_, total_);
    DecayedSums::add(std::span(sales_), std::span<const float>(other.sales_), factor);
    total_ += factor * other.total_;
  }

  /// The latest day of a sale. 1970-01-01 before the first.
  Day day() const noexcept { return clock_.day(); }
  double half_life_days() const noexcept { return clock_.half_life_days(); }
  SalesCount count() const noexcept { return static_cast<SalesCount>(count_); }
  std::size_t items() const noexcept { return sales_.size(); }
  static constexpr QueryParts uses() noexcept { return {}; }
  /// Share of all sales; 0 for an index outside the catalogue.
  float share(ItemIndex item) const noexcept {
    return item.value() < items() ? sales_[item.value()] * per_sale() : 0;
  }

  void add_scores(const Query&, float weight, std::span<float> scores) const noexcept {
    simd::axpy(weight * per_sale(), sales_.data(), scores.data(), sales_.size());
  }

  void explain(const Query&, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    reasons.offer(
        {Reason::Kind::popular, ItemIndex::none(), Reason::no_term, weight * share(item)});
  }

  void validate(const std::string& where) const {
    clock_.validate(where + ", clock");
    if (count_ > static_cast<std::uint8_t>(SalesCount::units))
      throw Error(ErrorCode::out_of_range, where + ", count", "0 to 2", std::to_string(count_));
    DecayedSums::validate_sum(total_, where + ", total");
    DecayedSums::validate_sums(std::span(sales_), where + ", sales");
    for (std::size_t i = 0; i < items(); ++i)
      if (!(sales_[i] <= total_ * 1.001))  // rounding of many small sums
        throw Error(ErrorCode::out_of_range, where + ", sales of item " + std::to_string(i),
                    "from 0 to the total of " + std::to_string(total_), std::to_string(sales_[i]));
  }

  /// Makes room for `observe` after reading from a file.
  void restore() { seen_.assign(items(), 0); }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("clock", self.clock_);
    visit("total", self.total_);
    visit("sales", self.sales_);
    visit("count", self.count_);
  }

  /// Files of before count receipts.
  static constexpr bool added_later(std::string_view parameter) noexcept {
    return parameter == "count";
  }
  bool uses_added() const noexcept { return count() != SalesCount::receipts; }

  bool operator==(const Popularity& other) const noexcept {
    return clock_ == other.clock_ && count_ == other.count_ && total_ == other.total_ &&
           sales_ == other.sales_;
  }

 private:
  float per_sale() const noexcept { return total_ > 0 ? static_cast<float>(1 / total_) : 0.0f; }

  DecayedSums clock_;
  std::uint8_t count_ = static_cast<std::uint8_t>(SalesCount::receipts);
  double total_ = 0;
  std::vector<float> sales_;         // as stored by the clock
  std::vector<std::uint32_t> seen_;  // the last receipt that had the item; made by restore()
  std::uint32_t receipts_ = 0;       // observed
};

}  // namespace bodega::inline BODEGA_ABI
