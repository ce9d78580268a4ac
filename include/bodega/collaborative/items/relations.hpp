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

#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/items/item_neighbours.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/query.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/strongest_rows.hpp>
#include <bodega/tensor/validate.hpp>

/// What items are to each other, as two graphs. Complements go together: pasta and sauce.
/// Substitutes stand in for each other: two brands of milk, bought with the same things and seldom
/// both at once.
namespace bodega {

struct ComplementOptions {
  double significance = 10.83;  ///< least log-likelihood ratio; 10.83: chance does so once in 1000
  double shrinkage = 10;        ///< in baskets; damps what few baskets say
  std::size_t neighbours = 50;  ///< strongest kept for each item; 0 = all
  ProgressCallback progress = {};
};

/// Items bought together beyond chance: w(i, j) = ln((n_ij + s) / (e + s)), e = n_i n_j / N, s =
/// `shrinkage`, where n_ij is above e and the log-likelihood ratio of the pair is `significance` or
/// more. Equal weights keep the lower index. Error (invalid_argument) where an option is not a
/// finite number of 0 or more. Cost: linear in the pairs, times the logarithm of `neighbours`.
inline ItemItem<> fit_complements(const Cooccurrence& counts,
                                  const ComplementOptions& options = {}) {
  detail::check_damping(options.significance, "fit_complements, option significance");
  detail::check_damping(options.shrinkage, "fit_complements, option shrinkage");
  std::vector<double> count(counts.items());
  for (std::uint32_t i = 0; i < count.size(); ++i) count[i] = double{counts.count(ItemIndex(i))};
  const double baskets = counts.baskets();
  return detail::strongest_pairs(
      counts.pairs(), options.neighbours, options.progress,
      [&](std::size_t i, std::size_t j, double n_ij) {
        const PairCounts n{n_ij, count[i], count[j], baskets};
        const double chance = n.chance();
        if (!n.above_chance() || log_likelihood_ratio(n) < options.significance) return 0.0;
        return std::log((n_ij + options.shrinkage) / (chance + options.shrinkage));
      });
}

/// The items that most make `a` and `b` alike: complements of both, each with the product of its
/// two weights, strongest first. Indices outside the catalogue share nothing. Allocates nothing.
template <WeightFormat W>
Reasons shared_complements(const ItemItem<W>& complements, ItemIndex a, ItemIndex b) noexcept {
  Reasons shared;
  if (a.value() >= complements.items() || b.value() >= complements.items()) return shared;
  for_each_entry(complements.weights(), a.value(), [&](std::uint32_t item, float weight) {
    shared.offer({Reason::Kind::bought_together, ItemIndex(item), Reason::no_term,
                  weight * entry(complements.weights(), b.value(), item)});
  });
  return shared;
}

/// What could stand in for an item: the score of j is the sum of w(i, j) over the items i of the
/// query. For one that is sold out, ask with it as `viewed` and an empty basket.
/// Shape of `w`: items x items, a row for each query item. Thread rule: immutable, any number of
/// readers. Cost: the stored entries of the query's rows.
template <WeightFormat W = CsrMatrix<float>>
class Substitutes {
 public:
  static constexpr std::string_view kind = "substitutes";
  template <WeightFormat V>
  using with_weights = Substitutes<V>;

  Substitutes() = default;
  /// Error (shape, not_finite) where the table is not square or holds a NaN or an infinity.
  explicit Substitutes(W weights) : weights_(std::move(weights)) { validate("Substitutes"); }

  const W& weights() const noexcept { return weights_; }
  std::size_t items() const noexcept { return weights_.rows(); }

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

struct SubstituteOptions {
  /// Of these complements an item's company is made; `neighbours` limits it, so that it takes time.
  ComplementOptions complements = {};
  double most_together = 0.5;    ///< baskets with both, as a part of what chance expects; 0 to 1
  double least_alike = 0.2;      ///< cosine of the items' company, 0 to 1
  std::size_t least_shared = 2;  ///< complements that both have
  std::size_t neighbours = 20;   ///< strongest kept for each item; 0 = all
};

/// Items alike in the company they keep and rarely bought together: w(i, j) = c (1 - n_ij / e),
/// with c the cosine of their rows of `fit_complements` and e = n_i n_j / N, where c and what they
/// share are enough and n_ij is at most `most_together` e. Equal weights keep the lower index.
/// Error (out_of_range) where a part is not 0 to 1; those of `fit_complements`.
/// Memory: the complements twice, and the pairs. Cost: for each complement k of each item, the
/// items that have k as theirs.
inline Substitutes<> fit_substitutes(const Cooccurrence& counts,
                                     const SubstituteOptions& options = {}) {
  for (const auto& [name, value] :
       {std::pair{"most_together", options.most_together}, {"least_alike", options.least_alike}})
    if (!(value >= 0 && value <= 1))
      throw Error(ErrorCode::out_of_range, std::string("fit_substitutes, option ") + name, "0 to 1",
                  std::to_string(value));
  const ItemItem<> complements = fit_complements(counts, options.complements);
  const CsrMatrix<float>& company = complements.weights();
  const CsrMatrix<float> kept_by = company.transposed(), pairs = counts.pairs();
  const std::size_t n = counts.items();
  std::vector<double> norm(n, 0.0), product(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (const float weight : company.row(i).values) norm[i] += double{weight} * double{weight};
    norm[i] = std::sqrt(norm[i]);
  }
  StrongestRows rows(n, options.neighbours);
  std::vector<std::size_t> shared(n, 0);
  std::vector<std::uint32_t> others;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (i % (n / 20 + 1) == 0) report_progress(options.complements.progress, {"substitutes", i, n});
    const auto of_item = company.row(i);
    others.clear();
    for (std::size_t k = 0; k < of_item.size(); ++k) {
      const auto also = kept_by.row(of_item.columns[k]);
      for (std::size_t o = 0; o < also.size(); ++o) {
        const std::uint32_t other = also.columns[o];
        if (shared[other]++ == 0) others.push_back(other);
        product[other] += double{of_item.values[k]} * double{also.values[o]};
      }
    }
    std::sort(others.begin(), others.end());
    for (const std::uint32_t j : others) {
      const double alike = product[j] / (norm[i] * norm[j]);
      const PairCounts together{double{pairs.at(i, j)}, double{counts.count(ItemIndex(i))},
                                double{counts.count(ItemIndex(j))}, counts.baskets()};
      const double chance = together.chance();
      if (i != j && shared[j] >= options.least_shared && alike >= options.least_alike &&
          together.both * together.baskets /  // a quotient, for the reason of `ratio_of`
                  (together.first * together.second) <=
              options.most_together)
        rows.offer(j, static_cast<float>(alike * (1 - together.both / chance)));
      shared[j] = 0;
      product[j] = 0;
    }
    rows.end_row();
  }
  report_progress(options.complements.progress, {"substitutes", n, n});
  return Substitutes<>(rows.take());
}

}  // namespace bodega
