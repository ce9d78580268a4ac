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

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/units.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// What is due: a customer who buys coffee every 9 days and bought it 8 days ago will want it about
/// now. The score of an item is the number of purchases to expect per day as of `day()`,
///
///   hazard((day - last purchase) / mean gap) / mean gap
///
/// where the hazard says how readily one buys again after so many of one's usual gaps. It is
/// learnt from all customers and items together, so it knows how regular shoppers of this shop are
/// and that a habit is over when the item is three gaps late. Items bought too seldom to have a
/// gap, and customers outside the list, get nothing.
/// Scores lie far below 1; they are of the size of a `RepeatPurchase` score divided by the days
/// between the customer's baskets.
/// Shape of the frequencies: customers x items, log2(1024 days / gap), 0 to 10, so that INT8 keeps
/// short and long gaps to a few percent and pruning takes the longest. Memory beside them: 2 bytes
/// and a column an entry. Thread rule: const calls from many threads; `advance` excludes them.
/// Cost: the customer's items with a gap.
/// Source of the hazard: life tables; Berkson, Gage, "Calculation of survival rates for cancer",
/// 1950; for repeat purchases Du, Wang, He, Sun, Song, "Time-sensitive recommendation from
/// recurrent user activities", NIPS 2015, has the idea.
template <WeightFormat W = CsrMatrix<float>>
class PurchaseCycle {
 public:
  static constexpr std::string_view kind = "purchase_cycle";
  template <WeightFormat V>
  using with_weights = PurchaseCycle<V>;

  static constexpr std::size_t steps_per_gap = 8;  ///< the hazard's steps in a mean gap
  static constexpr std::size_t steps = 33;         ///< the last one is of 4 gaps and more
  static constexpr float longest_gap = 1024;       ///< days; longer ones count as this

  PurchaseCycle() = default;
  /// `last`: days from `first_day` to the latest purchase of each entry of `frequency` (more
  /// entries are ignored, one that is missing has no score). Error (shape, not_finite,
  /// out_of_range) where sizes disagree or a hazard is not a finite number of 0 or more.
  PurchaseCycle(W frequency, CsrMatrix<std::uint16_t> last, std::vector<float> hazard,
                Day first_day, Day day)
      : frequency_(std::move(frequency)),
        last_(std::move(last)),
        hazard_(std::move(hazard)),
        first_day_(first_day.days_since_1970()),
        day_(day.days_since_1970()) {
    validate("PurchaseCycle");
  }

  std::size_t items() const noexcept { return frequency_.columns(); }
  static constexpr QueryParts uses() noexcept { return QueryPart::customer; }
  std::size_t customers() const noexcept { return frequency_.rows(); }
  /// The day that the scores are of.
  Day day() const noexcept { return Day::nearest(day_); }
  /// Notes that `day` has come; an earlier day changes nothing.
  void advance(Day day) noexcept { day_ = std::max(day_, day.days_since_1970()); }
  /// Purchases to expect in a mean gap, `gaps` mean gaps after the last one.
  float hazard(float gaps) const noexcept { return hazard_[step_of(gaps)]; }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    if (query.customer.value() >= customers()) return;
    const auto last = last_.row(query.customer.value());
    std::size_t at = 0;
    for_each_entry(frequency_, query.customer.value(), [&](std::uint32_t item, float frequency) {
      while (at < last.size() && last.columns[at] < item) ++at;
      if (at < last.size() && last.columns[at] == item)
        scores[item] += weight * due(frequency, last.values[at]).score;
    });
  }

  /// "due" from three quarters of the mean gap on, before that "bought before".
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (query.customer.value() >= customers() || item.value() >= items()) return;
    const std::size_t u = query.customer.value();
    const std::size_t at = last_.pattern().find(u, item.value());
    if (at == last_.size() || !is_stored(u, item.value())) return;
    const Due now = due(entry(frequency_, u, item.value()), last_.values()[at]);
    reasons.offer({now.gaps >= 0.75f ? Reason::Kind::due : Reason::Kind::bought_before,
                   ItemIndex::none(), Reason::no_term, weight * now.score});
  }

  void validate(const std::string& where) const {
    validate_weights(frequency_, where + ", frequency");
    last_.validate(where + ", last");
    validate_size(last_.rows(), frequency_.rows(), where + ", rows of last");
    validate_size(last_.columns(), frequency_.columns(), where + ", columns of last");
    validate_size(hazard_.size(), steps, where + ", hazard");
    for (std::size_t i = 0; i < hazard_.size(); ++i)
      if (!(hazard_[i] >= 0) || !std::isfinite(hazard_[i]))
        throw Error(std::isfinite(hazard_[i]) ? ErrorCode::out_of_range : ErrorCode::not_finite,
                    where + ", hazard " + std::to_string(i), "a finite number of 0 or more",
                    std::to_string(hazard_[i]));
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("frequency", self.frequency_, Role::weight);
    visit("last", self.last_);
    visit("hazard", self.hazard_);
    visit("first_day", self.first_day_);
    visit("day", self.day_);
  }

  bool operator==(const PurchaseCycle&) const = default;

  static std::size_t step_of(double gaps) noexcept {
    return static_cast<std::size_t>(
        std::clamp(gaps * steps_per_gap, 0.0, static_cast<double>(steps - 1)));
  }

 private:
  struct Due {
    float gaps, score;
  };
  Due due(float frequency, std::uint16_t last) const noexcept {
    const float per_day = std::exp2(std::clamp(frequency, 0.0f, 10.0f)) / longest_gap;
    const std::int64_t days =
        std::max<std::int64_t>(0, std::int64_t{day_} - first_day_ - std::int64_t{last});
    const float gaps = static_cast<float>(days) * per_day;
    return {gaps, hazard(gaps) * per_day};
  }
  /// Whether pruning has left the entry, which may stand for 0.
  bool is_stored(std::size_t u, std::uint32_t item) const noexcept {
    if constexpr (requires { frequency_.pattern(); })
      return frequency_.pattern().find(u, item) < frequency_.size();
    else if constexpr (requires { frequency_.stored().pattern(); })
      return frequency_.stored().pattern().find(u, item) < frequency_.size();
    else
      return true;
  }

  W frequency_;
  CsrMatrix<std::uint16_t> last_;
  std::vector<float> hazard_ = std::vector<float>(steps, 0.0f);
  std::int32_t first_day_ = 0, day_ = 0;
};

}  // namespace bodega::inline BODEGA_ABI
