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

/// The linear item-item recommender: the score of item j is the sum of w(i, j) over the items i of
/// the query. Neighbours, EASE and whatever else learns such a table differ only in how `w` was
/// found. Shape of `w`: items x items, a row for each query item.
/// Thread rule: immutable, any number of readers. Cost: the stored entries of the query's rows.
template <WeightFormat W = CsrMatrix<float>>
class ItemItem {
 public:
  static constexpr std::string_view kind = "item_item";
  template <WeightFormat V>
  using with_weights = ItemItem<V>;

  ItemItem() = default;
  /// Error (shape, not_finite) where the table is not square or holds a NaN or an infinity.
  explicit ItemItem(W weights) : weights_(std::move(weights)) { validate("ItemItem"); }

  const W& weights() const noexcept { return weights_; }
  std::size_t items() const noexcept { return weights_.rows(); }
  static constexpr QueryParts uses() noexcept { return QueryParts::items(); }

  /// An item that stands twice in the basket counts twice.
  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    for_each_query_item(query, items(),
                        [&](ItemIndex item) { add_row(weights_, item.value(), weight, scores); });
  }

  /// One reason for each query item that speaks for `item`; those that speak against it give none.
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (item.value() >= items()) return;
    for_each_query_item(query, items(), [&](ItemIndex with) {
      reasons.offer({Reason::Kind::bought_together, with, Reason::no_term,
                     weight * entry(weights_, with.value(), item.value())});
    });
  }

  void validate(const std::string& where) const {
    validate_weights(weights_, where + ", weights");
    if (weights_.rows() != weights_.columns())
      throw Error(ErrorCode::shape, where + ", weights", "as many rows as columns",
                  std::to_string(weights_.rows()) + " x " + std::to_string(weights_.columns()));
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("weights", self.weights_, Role::weight);
  }

  bool operator==(const ItemItem&) const = default;

 private:
  W weights_;
};

}  // namespace bodega::inline BODEGA_ABI
