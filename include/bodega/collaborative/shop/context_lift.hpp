// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/collaborative/sums/context_counts.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// What sells more here and now than on the whole: the score of an item is how its share of the
/// sales in the query's context compares with its share of all sales, as a logarithm, less where
/// little is known. Above 0 it sells more, below less. It says nothing of how much an item sells:
/// it is a part of a blend, beside popularity or what is bought together.
/// Contexts are a block of three hours of a weekday, and the kind of checkout that is busy or
/// quiet; each adds its own where the query knows it. `fit_context_lift` makes it.
/// Shape of the tables: contexts x items. Thread safety: immutable, any number of readers.
/// Complexity: two passes over the catalogue.
template <WeightFormat W = Matrix<float>>
class ContextLift {
 public:
  static constexpr std::string_view kind = "context_lift";
  static constexpr float usual_weight = 0;  // a logarithm: how much it counts is the blend's matter
  template <WeightFormat V>
  using with_weights = ContextLift<V>;

  ContextLift() = default;
  /// Throws Error(shape, not_finite, out_of_range) for tables of other sizes or numbers that are no
  /// logarithms of ratios.
  ContextLift(W moments, W checkouts)
      : moments_(std::move(moments)), checkouts_(std::move(checkouts)) {
    validate("ContextLift");
  }

  std::size_t items() const noexcept { return moments_.columns(); }
  const W& by_moment() const noexcept { return moments_; }
  const W& by_checkout() const noexcept { return checkouts_; }
  static constexpr QueryParts uses() noexcept {
    return {QueryPart::weekday, QueryPart::hour, QueryPart::channel, QueryPart::rush};
  }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    for_each_context(query,
                     [&](const W& table, std::size_t row) { add_row(table, row, weight, scores); });
  }

  /// A reason where the item sells more in the query's context.
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (item.value() >= items()) return;
    float lift = 0;
    for_each_context(
        query, [&](const W& table, std::size_t row) { lift += entry(table, row, item.value()); });
    reasons.offer({Reason::Kind::now, ItemIndex::none(), Reason::no_term, weight * lift});
  }

  void validate(const std::string& where) const {
    validate_weights(moments_, where + ", moments");
    validate_weights(checkouts_, where + ", checkouts");
    if (items() == 0 && checkouts_.columns() == 0) return;
    validate_size(moments_.rows(), ContextCounts::moments, where + ", rows of moments");
    validate_size(checkouts_.rows(), ContextCounts::checkouts, where + ", rows of checkouts");
    validate_size(checkouts_.columns(), items(), where + ", columns of checkouts");
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("moments", self.moments_, Role::weight);
    visit("checkouts", self.checkouts_, Role::weight);
  }

  bool operator==(const ContextLift&) const = default;

 private:
  template <class Visit>
  void for_each_context(const Query& query, Visit&& visit) const noexcept {
    const std::size_t moment = ContextCounts::moment(query.context);
    const std::size_t checkout = ContextCounts::checkout(query.context);
    if (moment < moments_.rows()) visit(moments_, moment);
    if (checkout < checkouts_.rows()) visit(checkouts_, checkout);
  }

  W moments_, checkouts_;
};

}  // namespace bodega::inline BODEGA_ABI
