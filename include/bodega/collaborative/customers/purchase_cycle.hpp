// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

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
  std::size_t customers() const noexcept { return frequency_.rows(); }
  /// The day that the scores are of.
  Day day() const noexcept { return Day(day_); }
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

struct PurchaseCycleOptions {
  std::size_t least_purchases = 3;  ///< days with the item before a gap is believed; 2 or more
};

/// Gaps are means over all of a customer's days with the item; the hazard is a life table of each
/// gap in terms of the mean of those before it, with the wait from the last purchase on as one that
/// has not ended. `day()` is the day after the latest basket. Error (invalid_argument) on fewer
/// than 2 purchases, (out_of_range) where the baskets span more than 65,535 days. Cost: the sort of
/// each customer's lines.
inline PurchaseCycle<> fit_purchase_cycle(const Baskets& baskets,
                                          const PurchaseCycleOptions& options = {}) {
  if (options.least_purchases < 2)
    throw Error(ErrorCode::invalid_argument, "fit_purchase_cycle, option least_purchases",
                "2 or more", std::to_string(options.least_purchases));
  struct Line {
    std::uint32_t customer, item;
    std::int32_t day;
    auto operator<=>(const Line&) const = default;
  };
  std::vector<Line> lines;
  for (std::size_t b = 0; b < baskets.size(); ++b)
    if (!baskets.customer(b).is_none())
      for (const ItemIndex item : baskets[b])
        lines.push_back(
            {baskets.customer(b).value(), item.value(), baskets.day(b).days_since_1970()});
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());  // a day counts once
  std::int32_t first = std::numeric_limits<std::int32_t>::max(), latest = 0;
  for (const Line& line : lines) {
    latest =
        first == std::numeric_limits<std::int32_t>::max() ? line.day : std::max(latest, line.day);
    first = std::min(first, line.day);
  }
  if (lines.empty()) first = 0;
  if (static_cast<std::int64_t>(latest) - first > std::numeric_limits<std::uint16_t>::max())
    throw Error(ErrorCode::out_of_range, "fit_purchase_cycle, baskets",
                "a span of at most 65,535 days",
                std::to_string(latest) + " after " + std::to_string(first));
  using Cycle = PurchaseCycle<>;
  std::array<double, Cycle::steps> purchases{}, waited{};
  const auto wait = [&](double gaps, bool bought) {
    for (std::size_t step = 0; step < Cycle::steps; ++step) {
      const double from = static_cast<double>(step) / Cycle::steps_per_gap;
      const bool open = step + 1 == Cycle::steps;
      waited[step] += std::clamp(gaps - from, 0.0, open ? gaps : 1.0 / Cycle::steps_per_gap);
    }
    purchases[Cycle::step_of(gaps)] += bought ? 1 : 0;
  };
  CsrMatrix<float> frequency(baskets.items());
  CsrMatrix<std::uint16_t> last(baskets.items());
  std::vector<std::uint32_t> columns;
  std::vector<float> frequencies;
  std::vector<std::uint16_t> lasts;
  std::size_t at = 0;
  for (std::uint32_t u = 0; u < baskets.customers(); ++u) {
    columns.clear();
    frequencies.clear();
    lasts.clear();
    while (at < lines.size() && lines[at].customer == u) {
      std::size_t end = at + 1;
      while (end < lines.size() && lines[end].customer == u && lines[end].item == lines[at].item)
        ++end;
      const auto mean_gap = [&](std::size_t from, std::size_t to) {  // of purchases from .. to
        return static_cast<double>(lines[to].day - lines[from].day) /
               static_cast<double>(to - from);
      };
      if (end - at >= options.least_purchases) {
        for (std::size_t k = at + options.least_purchases; k < end; ++k)
          wait((lines[k].day - lines[k - 1].day) / mean_gap(at, k - 1), true);
        const double gap = mean_gap(at, end - 1);
        wait((latest + 1 - lines[end - 1].day) / gap, false);
        columns.push_back(lines[at].item);
        frequencies.push_back(static_cast<float>(
            std::log2(Cycle::longest_gap / std::clamp(gap, 1.0, double{Cycle::longest_gap}))));
        lasts.push_back(static_cast<std::uint16_t>(lines[end - 1].day - first));
      }
      at = end;
    }
    frequency.add_row(columns, frequencies);
    last.add_row(columns, lasts);
  }
  double all_purchases = 0, all_waited = 0;
  for (std::size_t step = 0; step < Cycle::steps; ++step) {
    all_purchases += purchases[step];
    all_waited += waited[step];
  }
  constexpr double leaning = 1;  // gaps waited at the overall rate, where a step has seen little
  const double overall = all_waited > 0 ? all_purchases / all_waited : 1;
  std::vector<float> hazard(Cycle::steps);
  for (std::size_t step = 0; step < Cycle::steps; ++step)
    hazard[step] =
        static_cast<float>((purchases[step] + leaning * overall) / (waited[step] + leaning));
  return PurchaseCycle<>(std::move(frequency), std::move(last), std::move(hazard), Day(first),
                         Day(latest + 1));
}

}  // namespace bodega
