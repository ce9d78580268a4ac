// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/customer_baskets.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega::inline BODEGA_ABI {

/// The baskets of all customers, each in order of time (of one moment, as they were added); those
/// without a customer are left out. Error (invalid_argument) on a bad option, also for an age in
/// days. Cost: the sort of the baskets and of each one's items.
CustomerBaskets fit_customer_baskets(const Baskets& baskets,
                                     const CustomerBasketsOptions& options = {});

#if BODEGA_BODIES

BODEGA_INLINE CustomerBaskets fit_customer_baskets(const Baskets& baskets,
                                                   const CustomerBasketsOptions& options) {
  if (options.forgetting.age != Forgetting::Age::baskets)
    throw Error(ErrorCode::invalid_argument, "fit_customer_baskets, option forgetting.age",
                "an age in baskets", "one in days");
  std::vector<std::uint32_t> order;
  for (std::uint32_t b = 0; b < baskets.size(); ++b)
    if (!baskets.customer(b).is_none()) order.push_back(b);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return baskets.customer(a) != baskets.customer(b) ? baskets.customer(a) < baskets.customer(b)
                                                      : baskets.when(a) < baskets.when(b);
  });
  SparsePattern rows(baskets.items());
  std::vector<std::uint32_t> begin{0}, columns;
  for (const std::uint32_t b : order) {
    begin.resize(std::max<std::size_t>(begin.size(), baskets.customer(b).value() + std::size_t{1}),
                 static_cast<std::uint32_t>(rows.rows()));
    columns.clear();
    for (const ItemIndex item : baskets[b]) columns.push_back(item.value());
    std::sort(columns.begin(), columns.end());
    rows.add_row(columns);
  }
  begin.resize(baskets.customers() + 1, static_cast<std::uint32_t>(rows.rows()));
  std::optional<Day> as_of;
  for (const std::uint32_t b : order)
    as_of = std::max(as_of.value_or(baskets.day(b)), baskets.day(b));
  return {std::move(rows), std::move(begin), options, as_of};
}

#endif

}  // namespace bodega::inline BODEGA_ABI
