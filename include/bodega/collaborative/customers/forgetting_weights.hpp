// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/fading.hpp>
#include <bodega/collaborative/customers/forgetting.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega::inline BODEGA_ABI {

/// The weight of each basket, in the order of the baskets; those without a customer get 0. A
/// customer's baskets of the same moment are in the order they were added.
/// Error (invalid_argument) on a bad option. Cost: the sort of each customer's baskets.
std::vector<float> forgetting_weights(const Baskets& baskets, const Forgetting& forgetting);

/// The sum of the weights of each customer's baskets: how many of today's baskets the customer's
/// history is worth. Error (shape) where there is not one weight a basket.
std::vector<float> baskets_of_customers(const Baskets& baskets, const std::vector<float>& weights);

/// How histories that were fitted with `forgetting` fade as later baskets come; `weights` are those
/// of the baskets. Error (shape, invalid_argument) as above.
Fading fading_after(const Baskets& baskets, const Forgetting& forgetting,
                    const std::vector<float>& weights);

/// Customers x items: the share of the customer's baskets, faded, that hold the item.
CsrMatrix<float> purchase_shares(const Baskets& baskets, const Forgetting& forgetting);

#if BODEGA_BODIES

BODEGA_INLINE std::vector<float> forgetting_weights(const Baskets& baskets,
                                                    const Forgetting& forgetting) {
  forgetting.validate("Forgetting");

  std::vector<std::uint32_t> known;
  double lines = 0;
  std::int32_t latest = 0;
  for (std::uint32_t b = 0; b < baskets.size(); ++b) {
    if (baskets.customer(b).is_none()) continue;
    latest = std::max(known.empty() ? baskets.day(b).days_since_1970() : latest,
                      baskets.day(b).days_since_1970());
    known.push_back(b);
    lines += static_cast<double>(baskets[b].size());
  }
  const double mean_size = lines / static_cast<double>(std::max<std::size_t>(known.size(), 1));
  std::stable_sort(known.begin(), known.end(), [&](std::uint32_t a, std::uint32_t b) {
    return baskets.customer(a) != baskets.customer(b) ? baskets.customer(a) < baskets.customer(b)
                                                      : baskets.when(a) < baskets.when(b);
  });
  std::vector<float> weights(baskets.size(), 0.0f);
  double baskets_since = 0;
  for (std::size_t k = known.size(); k-- > 0;) {
    const std::uint32_t b = known[k];
    baskets_since = k + 1 < known.size() && baskets.customer(b) == baskets.customer(known[k + 1])
                        ? baskets_since + 1
                        : 0;
    const double age = forgetting.age == Forgetting::Age::baskets
                           ? baskets_since
                           : static_cast<double>(latest) - baskets.day(b).days_since_1970();
    weights[b] = static_cast<float>(
        forgetting.weight(age, static_cast<double>(baskets[b].size()) / mean_size));
  }
  return weights;
}

BODEGA_INLINE std::vector<float> baskets_of_customers(const Baskets& baskets,
                                                      const std::vector<float>& weights) {
  if (weights.size() != baskets.size())
    throw Error(ErrorCode::shape, "baskets_of_customers, weights", std::to_string(baskets.size()),
                std::to_string(weights.size()));
  std::vector<double> sum(baskets.customers(), 0.0);
  for (std::size_t b = 0; b < baskets.size(); ++b)
    if (!baskets.customer(b).is_none()) sum[baskets.customer(b).value()] += double{weights[b]};
  return {sum.begin(), sum.end()};
}

BODEGA_INLINE Fading fading_after(const Baskets& baskets, const Forgetting& forgetting,
                                  const std::vector<float>& weights) {
  if (weights.size() != baskets.size())
    throw Error(ErrorCode::shape, "fading_after, weights", std::to_string(baskets.size()),
                std::to_string(weights.size()));
  double known = 0, lines = 0;
  Day latest;
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    if (baskets.customer(b).is_none()) continue;
    latest = known > 0 ? std::max(latest, baskets.day(b)) : baskets.day(b);
    ++known;
    lines += static_cast<double>(baskets[b].size());
  }
  if (known == 0) return Fading(forgetting, Day(), 1);
  std::vector<float> ages;
  if (forgetting.age == Forgetting::Age::days && forgetting.power != 0) {
    std::vector<double> sum(baskets.customers(), 0.0), age(baskets.customers(), 0.0);
    for (std::size_t b = 0; b < baskets.size(); ++b) {
      if (baskets.customer(b).is_none()) continue;
      const std::size_t u = baskets.customer(b).value();
      sum[u] += double{weights[b]};
      age[u] += double{weights[b]} * (latest.days_since_1970() - baskets.day(b).days_since_1970());
    }
    for (std::size_t u = 0; u < sum.size(); ++u)
      ages.push_back(static_cast<float>(sum[u] > 0 ? age[u] / sum[u] : 0));
  }
  return Fading(forgetting, latest, lines / known, std::move(ages));
}

BODEGA_INLINE CsrMatrix<float> purchase_shares(const Baskets& baskets,
                                               const Forgetting& forgetting) {
  const std::vector<float> weights = forgetting_weights(baskets, forgetting);
  CsrMatrix<float> shares = user_items(baskets, weights);
  const std::vector<float> baskets_of = baskets_of_customers(baskets, weights);
  for (std::size_t u = 0; u < shares.rows(); ++u)
    for (float& share : shares.row(u).values) share /= baskets_of[u];
  return shares;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
