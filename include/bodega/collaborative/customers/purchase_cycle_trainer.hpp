// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/purchase_cycle.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega::inline BODEGA_ABI {

struct PurchaseCycleOptions {
  std::size_t least_purchases = 3;
  bool keep_counts = false;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("least_purchases", self.least_purchases,
          "Days with the item before its gap is believed; 2 or more.");
    visit("keep_counts", self.keep_counts,
          "Keep how often each item was bought, for receipts heard later to go on from.");
  }
};

namespace detail {

#if BODEGA_BODIES
/// A day on which a customer bought an item.
struct PurchaseDay {
  std::uint32_t customer, item;
  std::int32_t day;
  auto operator<=>(const PurchaseDay&) const = default;
};

/// The days of all customers, by customer, item and time; a day counts once.
std::vector<PurchaseDay> purchase_days(const Baskets& baskets);

/// The life table: for each step of a gap, how long was waited in it and what was bought.
class LifeTable {
 public:
  using Cycle = PurchaseCycle<>;

  /// One wait of so many gaps, which a purchase ended or the end of the baskets did.
  void wait(double gaps, bool bought) noexcept;

  std::vector<float> hazard() const;

 private:
  std::array<double, Cycle::steps> purchases_{}, waited_{};
};
#endif

}  // namespace detail

/// Learns gaps as means over all of a customer's days with the item. The hazard is a life table of
/// each gap in terms of the mean of those before it; the wait since the last purchase counts as one
/// that has not ended. `day()` is the day after the latest basket. Throws Error(invalid_argument)
/// for fewer than 2 purchases, (out_of_range) if the baskets span more than 65,535 days.
/// Complexity: the sort of each customer's lines.
PurchaseCycle<> fit_purchase_cycle(const Baskets& baskets,
                                   const PurchaseCycleOptions& options = {});

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE std::vector<PurchaseDay> purchase_days(const Baskets& baskets) {
  std::vector<PurchaseDay> lines;
  for (std::size_t b = 0; b < baskets.size(); ++b)
    if (!baskets.customer(b).is_none())
      for (const ItemIndex item : baskets[b])
        lines.push_back(
            {baskets.customer(b).value(), item.value(), baskets.day(b).days_since_1970()});
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return lines;
}

BODEGA_INLINE void LifeTable::wait(double gaps, bool bought) noexcept {
  for (std::size_t step = 0; step < Cycle::steps; ++step) {
    const double from = static_cast<double>(step) / Cycle::steps_per_gap;
    const bool open = step + 1 == Cycle::steps;
    waited_[step] += std::clamp(gaps - from, 0.0, open ? gaps : 1.0 / Cycle::steps_per_gap);
  }
  purchases_[Cycle::step_of(gaps)] += bought ? 1 : 0;
}

BODEGA_INLINE std::vector<float> LifeTable::hazard() const {
  double all_purchases = 0, all_waited = 0;
  for (std::size_t step = 0; step < Cycle::steps; ++step) {
    all_purchases += purchases_[step];
    all_waited += waited_[step];
  }
  constexpr double leaning = 1;  // gaps waited at the overall rate, if a step has seen little
  const double overall = all_waited > 0 ? all_purchases / all_waited : 1;
  std::vector<float> hazard(Cycle::steps);
  for (std::size_t step = 0; step < Cycle::steps; ++step)
    hazard[step] =
        static_cast<float>((purchases_[step] + leaning * overall) / (waited_[step] + leaning));
  return hazard;
}

}  // namespace detail

BODEGA_INLINE PurchaseCycle<> fit_purchase_cycle(const Baskets& baskets,
                                                 const PurchaseCycleOptions& options) {
  if (options.least_purchases < 2 || options.least_purchases > Purchases::most_days)
    throw Error(ErrorCode::invalid_argument, "fit_purchase_cycle, option least_purchases",
                "2 or more", std::to_string(options.least_purchases));
  const std::vector<detail::PurchaseDay> lines = detail::purchase_days(baskets);
  std::int32_t first = std::numeric_limits<std::int32_t>::max(), latest = 0;
  for (const detail::PurchaseDay& line : lines) {
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
  detail::LifeTable table;
  CsrMatrix<float> frequency(baskets.items());
  CsrMatrix<std::uint16_t> last(baskets.items());
  Cycle::Counts counts{.least_purchases = static_cast<std::uint32_t>(options.least_purchases)};
  std::vector<std::uint32_t> columns, last_columns;
  std::vector<float> frequencies;
  std::vector<std::uint16_t> lasts;
  std::size_t at = 0;
  for (std::uint32_t u = 0; u < baskets.customers(); ++u) {
    columns.clear();
    last_columns.clear();
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
      const bool has_gap = end - at >= options.least_purchases;
      if (has_gap) {
        for (std::size_t k = at + options.least_purchases; k < end; ++k)
          table.wait((lines[k].day - lines[k - 1].day) / mean_gap(at, k - 1), true);
        const double gap = mean_gap(at, end - 1);
        table.wait((latest + 1 - lines[end - 1].day) / gap, false);
        columns.push_back(lines[at].item);
        frequencies.push_back(Cycle::frequency_of(gap));
      }
      if (has_gap || options.keep_counts) {
        last_columns.push_back(lines[at].item);
        lasts.push_back(static_cast<std::uint16_t>(lines[end - 1].day - first));
      }
      if (options.keep_counts) {
        counts.days.push_back(static_cast<std::uint16_t>(std::min<std::size_t>(end - at, 65535)));
        counts.span.push_back(static_cast<std::uint16_t>(lines[end - 1].day - lines[at].day));
      }
      at = end;
    }
    frequency.add_row(columns, frequencies);
    last.add_row(last_columns, lasts);
  }
  return PurchaseCycle<>(std::move(frequency), std::move(last), table.hazard(), Day(first),
                         Day(latest + 1), std::move(counts));
}

#endif

}  // namespace bodega::inline BODEGA_ABI
