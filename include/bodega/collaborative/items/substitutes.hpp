// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// What could stand in for an item, as one brand of milk for another: the score of j is the sum of
/// w(i, j) over the items i of the query. For one that is sold out, ask with it as `viewed` and an
/// empty basket. Shape of `w`: items x items, a row for each query item. Thread rule: immutable,
/// any number of readers. Cost: the stored entries of the query's rows.
template <WeightFormat W = CsrMatrix<float>>
class Substitutes {
 public:
  static constexpr std::string_view kind = "substitutes";
  static constexpr float usual_weight = 0;  // they stand in for an item, not beside it
  template <WeightFormat V>
  using with_weights = Substitutes<V>;

  Substitutes() = default;
  /// Error (shape, not_finite) where the table is not square or holds a NaN or an infinity.
  explicit Substitutes(W weights) : weights_(std::move(weights)) { validate("Substitutes"); }

  const W& weights() const noexcept { return weights_; }
  std::size_t items() const noexcept { return weights_.rows(); }
  static constexpr QueryParts uses() noexcept { return QueryParts::items(); }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    for_each_query_item(query, items(),
                        [&](ItemIndex item) { add_row(weights_, item.value(), weight, scores); });
  }

  /// A reason for each query item that `item` could stand in for.
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (item.value() >= items()) return;
    for_each_query_item(query, items(), [&](ItemIndex like) {
      reasons.offer({Reason::Kind::alike, like, Reason::no_term,
                     weight * entry(weights_, like.value(), item.value())});
    });
  }

  void validate(const std::string& where) const {
    validate_weights(weights_, where + ", weights");
    validate_size(weights_.columns(), weights_.rows(), where + ", columns of weights");
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("weights", self.weights_, Role::weight);
  }

  bool operator==(const Substitutes&) const = default;

 private:
  W weights_;
};

}  // namespace bodega::inline BODEGA_ABI
