// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/absences.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/daily_sales.hpp>

namespace bodega::inline BODEGA_ABI {

/// Where time is cut, the same for baskets and sales: train is before `valid_from`, test from
/// `test_from` on. Whole days, so that nothing of a day is known when it is judged.
struct TimeCut {
  Day valid_from, test_from;
};

template <class Data>
struct TimeSplit {
  Data train, valid, test;
};

/// The latest cut that leaves at least these fractions of the baskets to valid and to test (whole
/// days, so mostly a few more). Error (invalid_argument) where the fractions are below 0 or sum
/// to 1 or more.
inline TimeCut time_cut(const Baskets& baskets, double valid_fraction, double test_fraction) {
  if (!(valid_fraction >= 0) || !(test_fraction >= 0) || !(valid_fraction + test_fraction < 1))
    throw Error(ErrorCode::invalid_argument, "time_cut", "fractions of 0 or more, below 1 in sum",
                std::to_string(valid_fraction) + " and " + std::to_string(test_fraction));
  std::vector<Day> days;
  for (std::size_t i = 0; i < baskets.size(); ++i) days.push_back(baskets.day(i));
  std::sort(days.begin(), days.end());
  const auto cut = [&](double fraction) {
    const auto wanted = static_cast<std::size_t>(  // 0.1 + 0.2 of 10 days is 3 days, not 4
        std::ceil(fraction * static_cast<double>(days.size()) - 1e-9));
    if (wanted > 0) return days[days.size() - std::min(wanted, days.size())];
    return days.empty() ? Day() : days.back() + 1;
  };
  return {cut(valid_fraction + test_fraction), cut(test_fraction)};
}

/// Error (invalid_argument) where the cuts are not in order.
inline void validate_cut(const TimeCut& cut) {
  if (cut.test_from < cut.valid_from)
    throw Error(ErrorCode::invalid_argument, "split_by_time",
                "test_from on or after " + cut.valid_from.to_string(), cut.test_from.to_string());
}

/// Copies the baskets into three parts, each in the order it was. All parts keep the size of the
/// catalogue.
inline TimeSplit<Baskets> split_by_time(const Baskets& baskets, const TimeCut& cut) {
  validate_cut(cut);
  TimeSplit<Baskets> parts{Baskets(baskets.items()), Baskets(baskets.items()),
                           Baskets(baskets.items())};
  for (std::size_t i = 0; i < baskets.size(); ++i) {
    const Day day = baskets.day(i);
    Baskets& part = day < cut.valid_from  ? parts.train
                    : day < cut.test_from ? parts.valid
                                          : parts.test;
    part.add(baskets.when(i), baskets.customer(i), baskets[i], baskets.store(i), baskets.till(i));
  }
  return parts;
}

inline TimeSplit<Baskets> split_by_time(const Baskets& baskets, double valid_fraction,
                                        double test_fraction) {
  return split_by_time(baskets, time_cut(baskets, valid_fraction, test_fraction));
}

/// Cuts each customer's history, in the order of the baskets: the last `last` baskets are test, as
/// many before them valid, the rest train. Customers with fewer than 2 `last` + 1 baskets, and
/// baskets without a customer, are left out. Throws Error(invalid_argument) if `last` is 0.
inline TimeSplit<Baskets> split_last_baskets(const Baskets& baskets, std::size_t last = 1) {
  if (last == 0)
    throw Error(ErrorCode::invalid_argument, "split_last_baskets, last", "1 or more", "0");
  std::vector<std::size_t> left(baskets.customers(), 0);
  for (std::size_t b = 0; b < baskets.size(); ++b)
    if (!baskets.customer(b).is_none()) ++left[baskets.customer(b).value()];
  std::vector<bool> kept(left.size());
  for (std::size_t c = 0; c < left.size(); ++c) kept[c] = left[c] > 2 * last;
  TimeSplit<Baskets> parts{Baskets(baskets.items()), Baskets(baskets.items()),
                           Baskets(baskets.items())};
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    const CustomerIndex customer = baskets.customer(b);
    if (customer.is_none() || !kept[customer.value()]) continue;
    const std::size_t from_end = left[customer.value()]--;
    Baskets& part = from_end <= last       ? parts.test
                    : from_end <= 2 * last ? parts.valid
                                           : parts.train;
    part.add(baskets.when(b), customer, baskets[b], baskets.store(b), baskets.till(b));
  }
  return parts;
}

/// The columns before, between and from the cuts. Whether an item was away (`mark_absences`) is
/// told again of the first two, each by itself: what is before a cut does not know what came after.
inline TimeSplit<DailySales> split_by_time(const DailySales& sales, const TimeCut& cut,
                                           const AbsenceOptions& away = {}) {
  validate_cut(cut);
  const auto columns_before = [&](Day day) {
    std::size_t column = 0;
    while (column < sales.days() && sales.day(column) < day) ++column;
    return column;
  };
  const std::size_t valid = columns_before(cut.valid_from), test = columns_before(cut.test_from);
  const auto part = [&](std::size_t from, std::size_t to) {
    DailySales result = sales.slice(from, to);
    if (result.clear_away() > 0) mark_absences(result, away);
    return result;
  };
  return {part(0, valid), part(valid, test), sales.slice(test, sales.days())};
}

}  // namespace bodega::inline BODEGA_ABI
