// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include <bodega/data/baskets.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega {

/// Customers x items: in how many of a customer's baskets an item is. Baskets without a customer
/// are left out. Cost: the sort of each customer's items.
inline CsrMatrix<float> user_items(const Baskets& baskets) {
  std::vector<std::size_t> end(baskets.customers() + 1, 0);
  for (std::size_t b = 0; b < baskets.size(); ++b)
    if (!baskets.customer(b).is_none()) end[baskets.customer(b).value()] += baskets[b].size();
  std::partial_sum(end.begin(), end.end(), end.begin());
  std::vector<std::uint32_t> bought(end.back());
  for (std::size_t b = baskets.size(); b-- > 0;)
    if (!baskets.customer(b).is_none())
      for (const ItemIndex item : baskets[b])
        bought[--end[baskets.customer(b).value()]] = item.value();  // ends become begins

  CsrMatrix<float> result(baskets.items());
  std::vector<std::uint32_t> columns;
  std::vector<float> counts;
  for (std::size_t user = 0; user < baskets.customers(); ++user) {
    const auto first = bought.begin() + static_cast<std::ptrdiff_t>(end[user]);
    const auto last = bought.begin() + static_cast<std::ptrdiff_t>(end[user + 1]);
    std::sort(first, last);
    columns.clear();
    counts.clear();
    for (auto at = first; at != last; ++at)
      if (columns.empty() || columns.back() != *at) {
        columns.push_back(*at);
        counts.push_back(1);
      } else {
        ++counts.back();
      }
    result.add_row(columns, counts);
  }
  return result;
}

}  // namespace bodega
