// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// What comes after what: the score of item j is w(i, j) of the item i viewed last, plus
/// `view_decay` times that of the one before it, and so on over the last ten views. Rules of one
/// step ahead are a Markov chain. Shape of `w`: items x items, a row for each viewed item.
/// Thread rule: immutable, any number of readers. Cost: the stored entries of the rows.
template <WeightFormat W = CsrMatrix<float>>
class SequentialRules {
 public:
  static constexpr std::string_view kind = "sequential_rules";
  static constexpr std::size_t last_views = 10;
  template <WeightFormat V>
  using with_weights = SequentialRules<V>;

  SequentialRules() = default;
  /// Error (shape, not_finite) where the table is not square or holds a NaN or an infinity,
  /// (out_of_range) for a decay that is not between 0 and 1.
  explicit SequentialRules(W weights, float view_decay = 0)
      : weights_(std::move(weights)), view_decay_(view_decay) {
    validate("SequentialRules");
  }

  const W& weights() const noexcept { return weights_; }
  float view_decay() const noexcept { return view_decay_; }
  std::size_t items() const noexcept { return weights_.rows(); }
  static constexpr QueryParts uses() noexcept { return QueryParts::views(); }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    for_each_view(query, weight, [&](ItemIndex viewed, float of_view) {
      add_row(weights_, viewed.value(), of_view, scores);
    });
  }

  /// A reason for each view that `item` comes after.
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (item.value() >= items()) return;
    for_each_view(query, weight, [&](ItemIndex viewed, float of_view) {
      reasons.offer({Reason::Kind::bought_together, viewed, Reason::no_term,
                     of_view * entry(weights_, viewed.value(), item.value())});
    });
  }

  void validate(const std::string& where) const {
    validate_weights(weights_, where + ", weights");
    validate_size(weights_.columns(), weights_.rows(), where + ", columns of weights");
    if (!(view_decay_ >= 0 && view_decay_ <= 1))
      throw Error(ErrorCode::out_of_range, where + ", view_decay", "0 to 1",
                  std::to_string(view_decay_));
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("weights", self.weights_, Role::weight);
    visit("view_decay", self.view_decay_);
  }

  bool operator==(const SequentialRules&) const = default;

 private:
  template <class Visit>
  void for_each_view(const Query& query, float weight, Visit&& visit) const noexcept {
    for_each_view_back(query, items(), [&](const View& view, std::size_t back) {
      if (back == last_views) return false;
      visit(view.item, weight);
      weight *= view_decay_;
      return view_decay_ > 0;
    });
  }

  W weights_;
  float view_decay_ = 0;
};

}  // namespace bodega::inline BODEGA_ABI
