// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/collaborative/sums/decay_clock.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

struct PopularityOptions {
  double half_life_days = 30;  ///< a sale this old counts half; 0 = all sales count the same
};

/// What sells these days, whatever is in the basket. The score is the item's share of all recent
/// sales: the chance that the next line sold is this item. It lies in [0, 1], sums to 1 over the
/// catalogue and, unlike a score relative to the best seller, does not jump for every item when
/// one of them sells out. Before the first sale all scores are 0.
/// Memory: 4 bytes an item. Thread rule: const calls from many threads; `observe` excludes them.
class Popularity {
 public:
  static constexpr std::string_view kind = "popularity";

  Popularity() = default;

  /// Error (invalid_argument) where the half-life is neither 0 nor a finite number above 0.
  explicit Popularity(std::size_t items, const PopularityOptions& options = {})
      : clock_(options.half_life_days, "Popularity"), sales_(items, 0.0f) {}

  /// Each item of each basket is one sale.
  explicit Popularity(const Baskets& baskets, const PopularityOptions& options = {})
      : Popularity(baskets.items(), options) {
    for (std::size_t i = 0; i < baskets.size(); ++i)
      for (const ItemIndex item : baskets[i]) observe(item, baskets.day(i));
  }

  /// One more sale, with `weight`; an index outside the catalogue and a weight that is not a finite
  /// number above 0 are ignored. Allocates nothing. Cost: constant, but for a pass over the
  /// catalogue once in 32 half-lives.
  void observe(ItemIndex item, Day day, float weight = 1) noexcept {
    if (item.value() >= items() || !(weight > 0) || !std::isfinite(weight)) return;
    if (const int shift = clock_.advance(day); shift != 0) {
      for (float& sales : sales_) sales = std::ldexp(sales, shift);
      total_ = std::ldexp(total_, shift);
    }
    const double stored = clock_.weight(day) * weight;
    sales_[item.value()] += static_cast<float>(stored);
    total_ += stored;
  }

  std::size_t items() const noexcept { return sales_.size(); }
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
    validate_finite(sales_, where + ", sales");
    for (std::size_t i = 0; i < items(); ++i)
      if (!(sales_[i] >= 0 && sales_[i] <= total_ * 1.001))  // rounding of many small sums
        throw Error(ErrorCode::out_of_range, where + ", sales of item " + std::to_string(i),
                    "from 0 to the total of " + std::to_string(total_), std::to_string(sales_[i]));
    if (!(total_ >= 0) || !std::isfinite(total_))
      throw Error(ErrorCode::not_finite, where + ", total", "a finite number of 0 or more",
                  std::to_string(total_));
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("clock", self.clock_);
    visit("total", self.total_);
    visit("sales", self.sales_);
  }

  bool operator==(const Popularity&) const = default;

 private:
  float per_sale() const noexcept { return total_ > 0 ? static_cast<float>(1 / total_) : 0.0f; }

  DecayClock clock_;
  double total_ = 0;
  std::vector<float> sales_;  // as stored by the clock
};

}  // namespace bodega
