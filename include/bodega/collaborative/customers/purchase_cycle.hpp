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

#include <bodega/collaborative/customers/later_purchases.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/customer_table.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// What is due: a customer who buys coffee every 9 days and bought it 8 days ago will want it about
/// now. The score of an item is the number of purchases to expect per day as of `today()`,
///
///   hazard((today - last purchase) / mean gap) / mean gap
///
/// where the hazard says how readily one buys again after so many of one's usual gaps. It is
/// learnt from all customers and items together, so it knows how regular shoppers of this shop are
/// and that a habit is over when the item is three gaps late. Items bought too seldom to have a
/// gap, and customers outside the list, get nothing.
/// Scores lie far below 1; they are of the size of a `RepeatPurchase` score divided by the days
/// between the customer's baskets.
///
/// `observe` adds a receipt to what its customer, known or not, bought on which days. Fitted with
/// `keep_counts`, gaps and last purchases are then those fitted to all receipts at once; without,
/// a fitted gap counts as one of `least_purchases` days, and an item that was not bought often
/// enough to have one begins anew. The hazard stays as fitted.
/// Shape of the frequencies: customers x items, log2(1024 days / gap), 0 to 10, so that INT8 keeps
/// short and long gaps to a few percent and pruning takes the longest. Memory beside them: 2 bytes
/// and a column an entry. Thread safety: const calls from many threads; `observe` and `close_day`
/// exclude all others. Complexity: the customer's items with a gap, and those bought since.
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
  static constexpr std::size_t most_items = std::size_t{1} << 24;  ///< that a catalogue grows to
  static constexpr float longest_gap = 1024;  ///< days; longer ones count as this

  /// Days with each entry of `last`, and days between the first and the last of them; both may be
  /// empty.
  struct Counts {
    std::uint32_t least_purchases = 3;  ///< days with an item before its gap is believed
    std::vector<std::uint16_t> days = {}, span = {};
  };

  PurchaseCycle() = default;
  /// `last`: days from `first_day` to the latest purchase of each entry of `frequency`, and of
  /// items without a gap; an entry of `frequency` that is missing there has no score. Error (shape,
  /// not_finite, out_of_range) where sizes disagree or a hazard is not a finite number of 0 or
  /// more.
  PurchaseCycle(W frequency, CsrMatrix<std::uint16_t> last, std::vector<float> hazard,
                Day first_day, Day today, Counts counts = {})
      : frequency_(std::move(frequency)),
        last_(std::move(last)),
        hazard_(std::move(hazard)),
        first_day_(first_day.days_since_1970()),
        today_(today.days_since_1970()),
        counts_(std::move(counts)) {
    validate("PurchaseCycle");
    restore();
  }

  std::size_t items() const noexcept { return std::max<std::size_t>(frequency_.columns(), grown_); }
  static constexpr QueryParts uses() noexcept { return QueryPart::customer; }
  std::size_t customers() const noexcept { return std::max(frequency_.rows(), later_.customers()); }
  /// The day that the scores are of: the day being sold, or the next once it is closed.
  Day today() const noexcept { return Day::nearest(today_); }
  /// The latest day that receipts were heard of.
  Day day() const noexcept { return Day::nearest(heard_); }

  /// The catalogue has so many items now, the new ones at its end: they are heard of as others.
  void grow(std::size_t items) noexcept {
    if (items > this->items() && items <= most_items) grown_ = static_cast<std::uint32_t>(items);
  }

  /// A receipt was paid: its day has come, and its customer bought on it what it sells. Items
  /// outside the catalogue, returns and customers from `most_customers` on are left out. Strong
  /// guarantee. Complexity: the lines, each by the customer's items bought since the fit.
  void observe(const Receipt& receipt) {
    const std::uint32_t customer = receipt.customer.value();
    const Day day = receipt.when.day();
    if (customer < most_customers) {
      later_.make_room(customer, std::min(receipt.lines.size(), items()));
      for (const ReceiptLine& line : receipt.lines)
        if (const std::uint32_t item = line.item.value();
            item < items() && line.quantity > Quantity())
          later_.add(customer, item, day, [&] { return fitted(customer, item); });
    }
    today_ = std::max(today_, day.days_since_1970());
    heard_ = std::max(heard_, day.days_since_1970());
  }
  /// The day is over: scores are of the next one. An earlier day changes nothing.
  void close_day(Day day) noexcept {
    today_ =
        std::max(today_, Day::nearest(std::int64_t{day.days_since_1970()} + 1).days_since_1970());
  }
  /// Purchases to expect in a mean gap, `gaps` mean gaps after the last one.
  float hazard(float gaps) const noexcept { return hazard_[step_of(gaps)]; }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    for_each_due(query.customer.value(),
                 [&](std::uint32_t item, const Due& now) { scores[item] += weight * now.score; });
  }

  /// "due" from three quarters of the mean gap on, before that "bought before".
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    const std::size_t u = query.customer.value();
    const auto offer = [&](const Due& now) {
      reasons.offer({now.gaps >= 0.75f ? Reason::Kind::due : Reason::Kind::bought_before,
                     ItemIndex::none(), Reason::no_term, weight * now.score});
    };
    for (auto later = later_.begin(u); later && later.item() <= item.value(); ++later)
      if (later.item() == item.value()) {
        if (has_gap(*later)) offer(due(*later));
        return;
      }
    if (u >= frequency_.rows() || item.value() >= items()) return;
    const std::size_t at = last_.pattern().find(u, item.value());
    if (at == last_.size() || !is_stored(u, item.value())) return;
    offer(due(entry(frequency_, u, item.value()), std::int64_t{first_day_} + last_.values()[at]));
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
    for (const std::int32_t day : {first_day_, today_})
      if (day < Day::first_number || day > Day::last_number)
        throw Error(ErrorCode::out_of_range, where + ", day", "a day of the years 1 to 9999",
                    std::to_string(day));
    if (!counts_.days.empty() || !counts_.span.empty()) {
      validate_size(counts_.days.size(), last_.size(), where + ", counted");
      validate_size(counts_.span.size(), last_.size(), where + ", span");
      for (std::size_t i = 0; i < last_.size(); ++i)
        if (counts_.days[i] == 0)
          throw Error(ErrorCode::out_of_range, where + ", counted " + std::to_string(i),
                      "1 day or more", "0");
    }
    if (counts_.least_purchases < 2)
      throw Error(ErrorCode::out_of_range, where + ", least_purchases", "2 or more",
                  std::to_string(counts_.least_purchases));
    if (grown_ > most_items)
      throw Error(ErrorCode::out_of_range, where + ", grown", "at most 16,777,216 items",
                  std::to_string(grown_));
    later_.validate(where + ", later", items());
  }

  /// Makes what the parameters imply.
  void restore() {
    later_.restore();
    heard_ = std::max(today_ - 1, later_.day().days_since_1970());
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("frequency", self.frequency_, Role::weight);
    visit("last", self.last_);
    visit("hazard", self.hazard_);
    visit("first_day", self.first_day_);
    visit("day", self.today_);
    visit("least_purchases", self.counts_.least_purchases);
    visit("counted", self.counts_.days);
    visit("span", self.counts_.span);
    visit("grown", self.grown_);
    visit("later", self.later_);
  }

  /// Files of before have gaps and no counts.
  static constexpr bool added_later(std::string_view parameter) noexcept {
    return parameter == "least_purchases" || parameter == "counted" || parameter == "span" ||
           parameter == "grown" || parameter == "later";
  }
  bool uses_added() const noexcept {
    return counts_.least_purchases != Counts().least_purchases || !counts_.days.empty() ||
           !later_.empty() || grown_ > frequency_.columns();
  }

  bool operator==(const PurchaseCycle& other) const {
    return frequency_ == other.frequency_ && last_ == other.last_ && hazard_ == other.hazard_ &&
           first_day_ == other.first_day_ && today_ == other.today_ &&
           counts_.least_purchases == other.counts_.least_purchases &&
           counts_.days == other.counts_.days && counts_.span == other.counts_.span &&
           grown_ == other.grown_ && later_ == other.later_;
  }

  /// As the table of frequencies has it.
  static float frequency_of(double gap) noexcept {
    constexpr double longest = longest_gap;
    return static_cast<float>(std::log2(longest / std::clamp(gap, 1.0, longest)));
  }

  static std::size_t step_of(double gaps) noexcept {
    return static_cast<std::size_t>(
        std::clamp(gaps * steps_per_gap, 0.0, static_cast<double>(steps - 1)));
  }

 private:
  struct Due {
    float gaps, score;
  };
  /// `last`: since 1970-01-01.
  Due due(float frequency, std::int64_t last) const noexcept {
    const float per_day = std::exp2(std::clamp(frequency, 0.0f, 10.0f)) / longest_gap;
    const std::int64_t days = std::max<std::int64_t>(0, std::int64_t{today_} - last);
    const float gaps = static_cast<float>(days) * per_day;
    return {gaps, hazard(gaps) * per_day};
  }

  bool has_gap(const Purchases& bought) const noexcept {
    return bought.count >= counts_.least_purchases && bought.span > 0;
  }
  Due due(const Purchases& bought) const noexcept {
    return due(frequency_of(static_cast<double>(bought.span) / (bought.count - 1)), bought.last);
  }

  /// Calls `visit(item, due)` for the customer's items with a gap: as fitted, or as heard since.
  template <class Visit>
  void for_each_due(std::size_t customer, Visit&& visit) const noexcept {
    const auto visit_later = [&](std::uint32_t item, const Purchases& bought) {
      if (has_gap(bought)) visit(item, due(bought));
    };
    auto later = later_.begin(customer);
    if (customer < frequency_.rows()) {
      const auto last = last_.row(customer);
      std::size_t at = 0;
      for_each_entry(frequency_, customer, [&](std::uint32_t item, float frequency) {
        for (; later && later.item() < item; ++later) visit_later(later.item(), *later);
        if (later && later.item() == item) return;
        while (at < last.size() && last.columns[at] < item) ++at;
        if (at < last.size() && last.columns[at] == item)
          visit(item, due(frequency, std::int64_t{first_day_} + last.values[at]));
      });
    }
    for (; later; ++later) visit_later(later.item(), *later);
  }

  /// What the fit knows of a customer's item.
  Purchases fitted(std::uint32_t customer, std::uint32_t item) const noexcept {
    if (customer >= last_.rows()) return {};
    const std::size_t at = last_.pattern().find(customer, item);
    if (at == last_.size()) return {};
    const std::int32_t last =
        Day::nearest(std::int64_t{first_day_} + last_.values()[at]).days_since_1970();
    if (!counts_.days.empty()) return {last, counts_.span[at], counts_.days[at]};
    if (!is_stored(customer, item)) return {last, 0, 1};
    const float frequency = std::clamp(entry(frequency_, customer, item), 0.0f, 10.0f);
    const float gap = longest_gap / std::exp2(frequency);
    const auto gaps = static_cast<float>(counts_.least_purchases - 1);
    return {last, static_cast<std::int32_t>(std::min(std::round(gap * gaps), 65535.0f)),
            counts_.least_purchases};
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
  std::int32_t first_day_ = 0, today_ = 0;
  Counts counts_;
  std::uint32_t grown_ = 0;  // items of the catalogue of today, where they are more
  LaterPurchases later_;
  std::int32_t heard_ = 0;  // made by restore()
};

}  // namespace bodega::inline BODEGA_ABI
