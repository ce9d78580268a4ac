// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega::inline BODEGA_ABI {

/// Customers x items: in how many of a customer's baskets an item is, basket b counted `weights[b]`
/// times (once where there are none). Baskets without a customer are left out, and so are those of
/// weight 0. Error (shape) where weights are given that are not one a basket. Cost: the sort of
/// each customer's items.
CsrMatrix<float> user_items(const Baskets& baskets, std::span<const float> weights = {});

/// Baskets x items: 1 where the basket holds the item. Cost: the sort of each basket's items.
CsrMatrix<float> basket_items(const Baskets& baskets);

#if BODEGA_BODIES

BODEGA_INLINE CsrMatrix<float> user_items(const Baskets& baskets, std::span<const float> weights) {
  if (!weights.empty() && weights.size() != baskets.size())
    throw Error(ErrorCode::shape, "user_items, weights", std::to_string(baskets.size()),
                std::to_string(weights.size()));
  const auto counts = [&](std::size_t b) {
    return !baskets.customer(b).is_none() && (weights.empty() || weights[b] != 0);
  };
  std::vector<std::size_t> end(baskets.customers() + 1, 0);
  for (std::size_t b = 0; b < baskets.size(); ++b)
    if (counts(b)) end[baskets.customer(b).value()] += baskets[b].size();
  std::partial_sum(end.begin(), end.end(), end.begin());
  std::vector<std::pair<std::uint32_t, float>> bought(end.back());
  for (std::size_t b = baskets.size(); b-- > 0;)
    if (counts(b))
      for (const ItemIndex item : baskets[b])
        bought[--end[baskets.customer(b).value()]] = {
            // ends become begins
            item.value(), weights.empty() ? 1.0f : weights[b]};

  CsrMatrix<float> result(baskets.items());
  std::vector<std::uint32_t> columns;
  std::vector<float> sums;
  for (std::size_t user = 0; user < baskets.customers(); ++user) {
    const auto first = bought.begin() + static_cast<std::ptrdiff_t>(end[user]);
    const auto last = bought.begin() + static_cast<std::ptrdiff_t>(end[user + 1]);
    std::sort(first, last);
    columns.clear();
    sums.clear();
    for (auto at = first; at != last; ++at)
      if (columns.empty() || columns.back() != at->first) {
        columns.push_back(at->first);
        sums.push_back(at->second);
      } else {
        sums.back() += at->second;
      }
    result.add_row(columns, sums);
  }
  return result;
}

BODEGA_INLINE CsrMatrix<float> basket_items(const Baskets& baskets) {
  CsrMatrix<float> result(baskets.items());
  std::vector<std::uint32_t> columns;
  std::vector<float> ones;
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    columns.clear();
    for (const ItemIndex item : baskets[b]) columns.push_back(item.value());
    std::sort(columns.begin(), columns.end());
    ones.resize(columns.size(), 1.0f);
    result.add_row(columns, ones);
  }
  return result;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
