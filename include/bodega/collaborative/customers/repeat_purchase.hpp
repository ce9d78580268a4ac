// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/fading.hpp>
#include <bodega/collaborative/customers/later_baskets.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/receipt.hpp>
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
///
/// `observe` adds a receipt to its customer's history, also of a customer never seen. Without
/// forgetting, and with a step of age, the history is a sum and the same as that fitted to all
/// receipts at once; with a power of age the customer's fitted items fade alike (`Fading` says how
/// far). The prior, and the mean size of a basket, stay as fitted.
/// Source: Bhagat, Muralidharan, Lobzhanidze, Vishwanath, "Buy It Again: modeling repeat purchase
/// recommendations", KDD 2018 (Poisson-gamma model).
/// Shape of `history`: customers x items. Thread safety: const calls from many threads; `observe`
/// excludes all others. Complexity: the customer's items and later lines, and with a prior one
/// division an item of the catalogue.
template <WeightFormat W = CsrMatrix<float>>
class RepeatPurchase {
 public:
  static constexpr std::string_view kind = "repeat_purchase";
  template <WeightFormat V>
  using with_weights = RepeatPurchase<V>;

  RepeatPurchase() = default;
  /// `fading`: how the history fades as later baskets come. Error (shape, not_finite, out_of_range)
  /// where sizes disagree or a number is not finite, not 0 or more, or makes a division by 0
  /// possible.
  RepeatPurchase(W history, std::vector<float> baskets, std::vector<float> prior = {},
                 std::vector<float> prior_baskets = {}, Fading fading = {})
      : history_(std::move(history)),
        baskets_(std::move(baskets)),
        prior_(std::move(prior)),
        prior_baskets_(std::move(prior_baskets)),
        fading_(std::move(fading)) {
    validate("RepeatPurchase");
    restore();
  }

  std::size_t items() const noexcept { return std::max(history_.columns(), later_.items()); }
  static constexpr QueryParts uses() noexcept { return QueryPart::customer; }
  std::size_t customers() const noexcept { return std::max(history_.rows(), later_.customers()); }
  /// As fitted.
  const W& history() const noexcept { return history_; }
  /// The latest day of a customer's basket; 1970-01-01 where it is not known.
  Day day() const noexcept { return std::max(fading_.as_of().value_or(Day()), later_.day()); }

  /// The catalogue has so many items now, the new ones at its end: they are heard of as others.
  void grow(std::size_t items) { later_.grow(items); }

  /// Adds what a receipt sells to its customer's history; items outside the catalogue, returns and
  /// receipts without a card say nothing. Strong guarantee. Complexity: the sort of the lines.
  void observe(const Receipt& receipt) { later_.observe(receipt); }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    const std::size_t u = query.customer.value();
    const History of = history_of(u);
    for (std::size_t i = 0; i < prior_.size(); ++i)
      scores[i] += weight * prior_[i] / (of.baskets + prior_baskets_[i]);
    if (!(of.baskets > 0)) return;
    if (u < history_.rows()) {
      if (prior_.empty())
        add_row(history_, u, weight * of.fitted / of.baskets, scores);
      else
        for_each_entry(history_, u, [&](std::uint32_t i, float count) {
          scores[i] += weight * of.fitted * count / (of.baskets + prior_baskets_[i]);
        });
    }
    for_each_later(u, [&](std::size_t basket, float counts) {
      for (const std::uint32_t i : later_[basket])
        scores[i] += weight * counts / (of.baskets + own_prior(i));
    });
  }

  /// "bought before" for the customer's own part, "popular" for that of the prior.
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (item.value() >= items()) return;
    const std::uint32_t i = item.value();
    const std::size_t u = query.customer.value();
    const History of = history_of(u);
    const float baskets = of.baskets + own_prior(i);
    if (of.baskets > 0) {
      float count =
          u < history_.rows() && i < history_.columns() ? of.fitted * entry(history_, u, i) : 0.0f;
      for_each_later(u, [&](std::size_t basket, float counts) {
        const auto lines = later_[basket];
        if (std::binary_search(lines.begin(), lines.end(), i)) count += counts;
      });
      reasons.offer({Reason::Kind::bought_before, ItemIndex::none(), Reason::no_term,
                     weight * count / baskets});
    }
    if (i < prior_.size())
      reasons.offer({Reason::Kind::popular, ItemIndex::none(), Reason::no_term,
                     weight * prior_[i] / baskets});
  }

  void validate(const std::string& where) const {
    validate_weights(history_, where + ", history");
    validate_size(baskets_.size(), history_.rows(), where + ", baskets");
    validate_size(prior_baskets_.size(), prior_.size(), where + ", prior_baskets");
    if (!prior_.empty()) validate_size(prior_.size(), history_.columns(), where + ", prior");
    check(baskets_, 0, where + ", baskets");
    check(prior_, 0, where + ", prior");
    check(prior_baskets_, least_baskets, where + ", prior_baskets");
    fading_.validate(where + ", fading");
    later_.validate(where + ", later", history_.columns());
  }

  /// Makes what the parameters imply.
  void restore() {
    fading_.restore(baskets_.empty() ? 0.0 : *std::max_element(baskets_.begin(), baskets_.end()));
    later_.restore(history_.columns());
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("history", self.history_, Role::weight);
    visit("baskets", self.baskets_);
    visit("prior", self.prior_);
    visit("prior_baskets", self.prior_baskets_);
    visit("fading", self.fading_);
    visit("later", self.later_);
  }

  /// Files of before do not say how their histories fade: not at all.
  static constexpr bool added_later(std::string_view parameter) noexcept {
    return parameter == "fading" || parameter == "later";
  }
  bool uses_added() const noexcept {
    return !(fading_ == Fading()) || !later_.empty() || later_.items() > history_.columns();
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

  /// What the customer's history is worth: all of it in baskets of today, and what is left of each
  /// fitted one.
  struct History {
    float baskets = 0, fitted = 1;
  };
  History history_of(std::size_t u) const noexcept {
    History of;
    if (u < history_.rows()) {
      const double sum = double{baskets_[u]};
      of.fitted = static_cast<float>(fading_.left(u, sum, later_.count(u), days_since_fit()));
      of.baskets = of.fitted * baskets_[u];
    }
    for_each_later(u, [&](std::size_t, float counts) { of.baskets += counts; });
    return of;
  }
  /// Calls `visit(basket, counts)` for the customer's later baskets.
  template <class Visit>
  void for_each_later(std::size_t u, Visit&& visit) const noexcept {
    later_.for_each_back(u, [&](std::size_t basket, std::size_t age) {
      const std::int64_t days =
          std::int64_t{day().days_since_1970()} - later_.day(basket).days_since_1970();
      visit(basket, static_cast<float>(fading_.later(age, days, later_[basket].size())));
    });
  }
  std::int64_t days_since_fit() const noexcept {
    const auto as_of = fading_.as_of();
    return as_of ? std::int64_t{day().days_since_1970()} - as_of->days_since_1970() : 0;
  }
  /// Of an item that was new after the fit as of one that nobody had bought.
  float own_prior(std::size_t i) const noexcept {
    return i < prior_.size() ? prior_baskets_[i] : prior_.empty() ? 0.0f : 1.0f;
  }

  W history_;
  std::vector<float> baskets_;                // of each customer
  std::vector<float> prior_, prior_baskets_;  // a and b of each item, or empty
  Fading fading_;
  LaterBaskets later_;
};

}  // namespace bodega::inline BODEGA_ABI
