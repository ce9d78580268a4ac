// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

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
  static constexpr QueryParts uses() noexcept { return QueryPart::customer; }
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

}  // namespace bodega::inline BODEGA_ABI
