// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/forgetting_weights.hpp>
#include <bodega/collaborative/customers/repeat_purchase.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega::inline BODEGA_ABI {

struct RepeatPurchaseOptions {
  Forgetting forgetting = {};
  /// The prior's baskets are multiplied by this; 0 = no prior, which is the plain personal
  /// frequency. 1 = as estimated.
  double prior = 1;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    Forgetting::options(self.forgetting, visit);
    visit("prior", self.prior,
          "Strength of what all buy: 1 = as estimated, 0 = the plain personal frequency.");
  }
};

namespace detail {

#if BODEGA_BODIES
/// For each item b_i m_i, the shape of a gamma distribution over customers whose relative variance
/// is that of the purchase rates: 1 / shape + 1 = sum n (n - 1) / (m^2 sum N^2) by moments, n =
/// baskets of a customer with the item, N = all of the customer's, m = sum n / sum N. Items with
/// few repeats lean on the 400 items that sell most like them.
std::vector<double> prior_shapes(const CsrMatrix<float>& counts,
                                 const std::vector<double>& baskets_of);
#endif

}  // namespace detail

/// Counts each customer's baskets under `forgetting` and estimates the prior: its mean is the
/// item's share of all customers' faded baskets, its strength comes from how differently
/// customers buy it (`detail::prior_shapes`). Error (invalid_argument) on a bad option. Cost: the
/// sort of each customer's items.
RepeatPurchase<> fit_repeat_purchase(const Baskets& baskets,
                                     const RepeatPurchaseOptions& options = {});

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE std::vector<double> prior_shapes(const CsrMatrix<float>& counts,
                                               const std::vector<double>& baskets_of) {
  const std::size_t items = counts.columns();
  std::vector<double> sold(items, 0.0), repeated(items, 0.0), expected(items, 0.0);
  double baskets = 0, squares = 0;
  for (const double n : baskets_of) {
    baskets += n;
    squares += n * n;
  }
  for (std::size_t u = 0; u < counts.rows(); ++u) {
    const auto row = counts.row(u);
    for (std::size_t k = 0; k < row.size(); ++k) {
      const double n = double{row.values[k]};
      sold[row.columns[k]] += n;
      repeated[row.columns[k]] += n * (n - 1);
    }
  }
  for (std::size_t i = 0; i < items && baskets > 0; ++i)
    expected[i] = sold[i] / baskets * sold[i] / baskets * squares;

  constexpr std::size_t around = 200;      // items on each side
  constexpr double leaning = 3;            // repeats that the neighbours' are worth
  constexpr double least_variance = 0.02;  // else the prior outweighs any history
  std::vector<std::uint32_t> order(items);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return sold[a] > sold[b]; });
  std::vector<double> repeated_to(items + 1, 0.0), expected_to(items + 1, 0.0);
  for (std::size_t rank = 0; rank < items; ++rank) {
    repeated_to[rank + 1] = repeated_to[rank] + repeated[order[rank]];
    expected_to[rank + 1] = expected_to[rank] + expected[order[rank]];
  }
  std::vector<double> shape(items, 0.0);
  for (std::size_t rank = 0; rank < items; ++rank) {
    const std::uint32_t i = order[rank];
    if (sold[i] == 0) break;
    const std::size_t from = rank - std::min(rank, around), to = std::min(items, rank + around);
    const double alike = std::max(
        1.0, (repeated_to[to] - repeated_to[from]) / (expected_to[to] - expected_to[from]));
    const double ratio = (repeated[i] + leaning) / (expected[i] + leaning / alike);
    shape[i] = 1 / std::max(ratio - 1, least_variance);
  }
  return shape;
}

}  // namespace detail

BODEGA_INLINE RepeatPurchase<> fit_repeat_purchase(const Baskets& baskets,
                                                   const RepeatPurchaseOptions& options) {
  if (!(options.prior >= 0) || !std::isfinite(options.prior))
    throw Error(ErrorCode::invalid_argument, "fit_repeat_purchase, option prior",
                "a finite number of 0 or more", std::to_string(options.prior));
  const std::vector<float> weights = forgetting_weights(baskets, options.forgetting);
  CsrMatrix<float> history = user_items(baskets, weights);
  std::vector<float> baskets_of = baskets_of_customers(baskets, weights);
  Fading fading = fading_after(baskets, options.forgetting, weights);
  if (options.prior == 0)
    return RepeatPurchase<>(std::move(history), std::move(baskets_of), {}, {}, std::move(fading));

  std::vector<double> plain_baskets(baskets.customers(), 0.0);
  for (std::size_t b = 0; b < baskets.size(); ++b)
    if (!baskets.customer(b).is_none()) ++plain_baskets[baskets.customer(b).value()];
  const std::vector<double> shape = detail::prior_shapes(user_items(baskets), plain_baskets);
  std::vector<double> mean(baskets.items(), 0.0);
  double all = 0;
  for (const float n : baskets_of) all += double{n};
  for (std::size_t u = 0; u < history.rows(); ++u) {
    const auto row = history.row(u);
    for (std::size_t k = 0; k < row.size(); ++k) mean[row.columns[k]] += double{row.values[k]};
  }
  std::vector<float> prior(baskets.items(), 0.0f), prior_baskets(baskets.items(), 1.0f);
  for (std::size_t i = 0; i < prior.size(); ++i) {
    if (!(mean[i] > 0)) continue;
    mean[i] /= all;
    // An item that all but nobody buys any more has a mean near 0.
    const double strength = std::clamp(options.prior * shape[i] / mean[i], 1e-5, 1e9);
    prior[i] = static_cast<float>(strength * mean[i]);
    prior_baskets[i] = static_cast<float>(strength);
  }
  return RepeatPurchase<>(std::move(history), std::move(baskets_of), std::move(prior),
                          std::move(prior_baskets), std::move(fading));
}

#endif

}  // namespace bodega::inline BODEGA_ABI
