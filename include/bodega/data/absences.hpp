// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/options.hpp>
#include <bodega/data/daily_sales.hpp>

namespace bodega::inline BODEGA_ABI {

struct AbsenceOptions {
  std::size_t least_days = 28;
  double chance = 1e-4;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("least_days", self.least_days,
          "Days with trade without a sale before an item may have left the shop; 0: none leaves.");
    visit("chance", self.chance,
          "An item was away where so long without a sale was less likely than this.");
  }
};

/// Which items of a table were not in the shop all the time.
struct AbsenceReport {
  static constexpr std::size_t most_named = 10;

  std::size_t never_sold = 0;   ///< nor listed: nothing is known of them
  std::size_t came_later = 0;   ///< were not there on the first day with trade
  std::size_t left = 0;         ///< are away on the last one
  std::size_t came_back = 0;    ///< were away and are there again
  std::size_t days_absent = 0;  ///< cells of days with trade, before, between and after
  std::vector<ItemIndex> first_left{}, first_back{};  ///< the first ten of each

  bool operator==(const AbsenceReport&) const = default;
};

/// Counts what a table says of absences. Complexity: a pass over it.
inline AbsenceReport absences(const DailySales& sales) {
  AbsenceReport report;
  for (std::uint32_t i = 0; i < sales.items(); ++i) {
    const ItemIndex item(i);
    bool first_day = true, was_away = false, there_before = false, back = false;
    for (std::size_t c = 0; c < sales.days(); ++c) {
      if (!sales.traded(c)) continue;
      const bool there = sales.present(item, c);
      report.days_absent += !there;
      report.came_later += !first_day && there && !there_before && !was_away;
      back = back || (there && was_away);
      was_away = was_away || (!there && there_before);
      there_before = there_before || there;
      first_day = false;
    }
    report.never_sold += !there_before;
    const auto note = [&](std::size_t& count, std::vector<ItemIndex>& named) {
      if (++count <= AbsenceReport::most_named) named.push_back(item);
    };
    if (sales.gone(item))
      note(report.left, report.first_left);
    else if (back)
      note(report.came_back, report.first_back);
  }
  return report;
}

/// Marks the days on which items were away from the shop (`DailySales::mark_away`), between two
/// sales or after the last: a stretch of `least_days` or more known days without a sale that is too
/// long for the item. With n sale days after the first one in d other known days, a stretch of m
/// days without one has a chance of (d / (d + m))^n; it was away where that is below `chance`. So
/// an item that sold daily for a month is gone after four weeks, one that sold once a month not for
/// a year, and one that sold once never. Returns what the table then says of absences. Throws
/// Error(invalid_argument) unless the chance is within 0 and 1. Complexity: a pass over the table
/// for each stretch of an item, at most. Source: the predictive distribution of an exponential
/// waiting time with an unknown rate, as in Gelman et al., "Bayesian Data Analysis", 2013, ch. 2.
inline AbsenceReport mark_absences(DailySales& sales, const AbsenceOptions& options = {}) {
  if (!(options.chance >= 0 && options.chance <= 1))
    throw Error(ErrorCode::invalid_argument, "mark_absences, option chance", "0 to 1",
                std::to_string(options.chance));
  struct Stretch {
    std::size_t first, last, days;  // columns [first, last), known days of them
    bool away = false;
  };
  for (std::uint32_t i = 0; i < sales.items() && options.least_days > 0; ++i) {
    const ItemIndex item(i);
    double sold = 0, known = 0;
    std::vector<Stretch> stretches;  // long enough to be looked at
    Stretch now{0, 0, 0};
    const auto end = [&](std::size_t column) {
      now.last = column;
      if (now.days >= options.least_days) stretches.push_back(now);
    };
    for (std::size_t c = sales.start(item); c < sales.days(); ++c) {
      if (!sales.known(item, c)) continue;
      ++known;
      if (!(sales.at(item, c) > 0)) {
        ++now.days;
        continue;
      }
      if (sold > 0) end(c);
      ++sold;
      now = {c + 1, 0, 0};
    }
    if (sold > 0) end(sales.days());
    for (bool found = true; found;) {  // what was away makes the rest more frequent
      found = false;
      for (Stretch& stretch : stretches) {
        const double others = known - static_cast<double>(stretch.days);
        if (stretch.away || !((sold - 1) * std::log(others / known) < std::log(options.chance)))
          continue;
        stretch.away = found = true;
        known = others;
      }
    }
    for (const Stretch& stretch : stretches)
      for (std::size_t c = stretch.first; stretch.away && c < stretch.last; ++c)
        if (sales.known(item, c)) sales.mark_away(item, sales.day(c));
  }
  return absences(sales);
}

}  // namespace bodega::inline BODEGA_ABI
