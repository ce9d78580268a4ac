// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/forgetting.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

/// What a known customer buys again: the score of item i for customer u is the expected share of
/// the customer's baskets that hold it,
///
///   (n_ui + a_i) / (N_u + b_i)
///
/// with n_ui the customer's baskets with i and N_u all of the customer's baskets, both faded. The
/// prior a_i / b_i is what customers buy on the whole, and b_i how many baskets of one's own
/// outweigh it: few for what some buy always and others never, many for what all buy now and then.
/// So one model ranks what was bought before and what was not. Without prior (`a`, `b` empty) it is
/// the plain personal frequency. Scores lie in [0, 1]. A customer without history, or outside the
/// list, gets the prior, or nothing where there is none.
/// Source: Bhagat, Muralidharan, Lobzhanidze, Vishwanath, "Buy It Again: modeling repeat purchase
/// recommendations", KDD 2018 (Poisson-gamma model).
/// Shape of `history`: customers x items. Thread rule: immutable, any number of readers. Cost: the
/// customer's items, and with a prior one division an item of the catalogue.
template <WeightFormat W = CsrMatrix<float>>
class RepeatPurchase {
 public:
  static constexpr std::string_view kind = "repeat_purchase";
  template <WeightFormat V>
  using with_weights = RepeatPurchase<V>;

  RepeatPurchase() = default;
  /// Error (shape, not_finite, out_of_range) where sizes disagree or a number is not finite, not 0
  /// or more, or makes a division by 0 possible.
  RepeatPurchase(W history, std::vector<float> baskets, std::vector<float> prior = {},
                 std::vector<float> prior_baskets = {})
      : history_(std::move(history)),
        baskets_(std::move(baskets)),
        prior_(std::move(prior)),
        prior_baskets_(std::move(prior_baskets)) {
    validate("RepeatPurchase");
  }

  std::size_t items() const noexcept { return history_.columns(); }
  std::size_t customers() const noexcept { return history_.rows(); }
  const W& history() const noexcept { return history_; }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    const bool known = query.customer.value() < customers();
    const std::size_t u = known ? query.customer.value() : 0;
    const float baskets = known ? baskets_[u] : 0.0f;
    for (std::size_t i = 0; i < prior_.size(); ++i)
      scores[i] += weight * prior_[i] / (baskets + prior_baskets_[i]);
    if (!known || !(baskets > 0)) return;
    if (prior_.empty())
      add_row(history_, u, weight / baskets, scores);
    else
      for_each_entry(history_, u, [&](std::uint32_t i, float count) {
        scores[i] += weight * count / (baskets + prior_baskets_[i]);
      });
  }

  /// "bought before" for the customer's own part, "popular" for that of the prior.
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (item.value() >= items()) return;
    const std::size_t i = item.value();
    const bool known = query.customer.value() < customers();
    const float own = known ? baskets_[query.customer.value()] : 0.0f;
    const float baskets = own + (prior_.empty() ? 0.0f : prior_baskets_[i]);
    if (own > 0)
      reasons.offer({Reason::Kind::bought_before, ItemIndex::none(), Reason::no_term,
                     weight * entry(history_, query.customer.value(), i) / baskets});
    if (!prior_.empty())
      reasons.offer({Reason::Kind::popular, ItemIndex::none(), Reason::no_term,
                     weight * prior_[i] / baskets});
  }

  void validate(const std::string& where) const {
    validate_weights(history_, where + ", history");
    validate_size(baskets_.size(), history_.rows(), where + ", baskets");
    validate_size(prior_baskets_.size(), prior_.size(), where + ", prior_baskets");
    if (!prior_.empty()) validate_size(prior_.size(), items(), where + ", prior");
    check(baskets_, 0, where + ", baskets");
    check(prior_, 0, where + ", prior");
    check(prior_baskets_, least_baskets, where + ", prior_baskets");
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("history", self.history_, Role::weight);
    visit("baskets", self.baskets_);
    visit("prior", self.prior_);
    visit("prior_baskets", self.prior_baskets_);
  }

  bool operator==(const RepeatPurchase&) const = default;

 private:
  static constexpr float least_baskets = 1e-6f;

  static void check(const std::vector<float>& numbers, float least, const std::string& where) {
    for (std::size_t i = 0; i < numbers.size(); ++i)
      if (!(numbers[i] >= least) || !std::isfinite(numbers[i]))
        throw Error(std::isfinite(numbers[i]) ? ErrorCode::out_of_range : ErrorCode::not_finite,
                    where + ", number " + std::to_string(i),
                    "a finite number of at least " + std::to_string(least),
                    std::to_string(numbers[i]));
  }

  W history_;
  std::vector<float> baskets_;                // of each customer
  std::vector<float> prior_, prior_baskets_;  // a and b of each item, or empty
};

/// Customers x items: the share of the customer's baskets, faded, that hold the item.
inline CsrMatrix<float> purchase_shares(const Baskets& baskets, const Forgetting& forgetting) {
  const std::vector<float> weights = forgetting_weights(baskets, forgetting);
  CsrMatrix<float> shares = user_items(baskets, weights);
  const std::vector<float> baskets_of = baskets_of_customers(baskets, weights);
  for (std::size_t u = 0; u < shares.rows(); ++u)
    for (float& share : shares.row(u).values) share /= baskets_of[u];
  return shares;
}

struct RepeatPurchaseOptions {
  Forgetting forgetting = {};
  /// The prior's baskets are multiplied by this; 0 = no prior, which is the plain personal
  /// frequency. 1 = as estimated.
  double prior = 1;
};

namespace detail {

/// For each item b_i m_i, the shape of a gamma distribution over customers whose relative variance
/// is that of the purchase rates: 1 / shape + 1 = sum n (n - 1) / (m^2 sum N^2) by moments, n =
/// baskets of a customer with the item, N = all of the customer's, m = sum n / sum N. Items with
/// few repeats lean on the 400 items that sell most like them.
inline std::vector<double> prior_shapes(const CsrMatrix<float>& counts,
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

/// Counts each customer's baskets under `forgetting` and estimates the prior: its mean is the
/// item's share of all customers' faded baskets, its strength comes from how differently
/// customers buy it (`detail::prior_shapes`). Error (invalid_argument) on a bad option. Cost: the
/// sort of each customer's items.
inline RepeatPurchase<> fit_repeat_purchase(const Baskets& baskets,
                                            const RepeatPurchaseOptions& options = {}) {
  if (!(options.prior >= 0) || !std::isfinite(options.prior))
    throw Error(ErrorCode::invalid_argument, "fit_repeat_purchase, option prior",
                "a finite number of 0 or more", std::to_string(options.prior));
  const std::vector<float> weights = forgetting_weights(baskets, options.forgetting);
  CsrMatrix<float> history = user_items(baskets, weights);
  std::vector<float> baskets_of = baskets_of_customers(baskets, weights);
  if (options.prior == 0) return RepeatPurchase<>(std::move(history), std::move(baskets_of));

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
                          std::move(prior_baskets));
}

}  // namespace bodega
