// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>

namespace bodega::inline BODEGA_ABI {

/// How strongly item i of the basket speaks for item j, from n_i, n_j (baskets with the item), n_ij
/// (with both) and N (all baskets); e = n_i n_j / N is what chance expects of n_ij.
enum class Similarity {
  cosine,         ///< n_ij / sqrt(n_i n_j)
  conditional,    ///< n_ij / n_i: the share of i's baskets that hold j
  shrunk_lift,    ///< (n_ij - e) / (e + shrinkage): beyond chance, damped where chance expects next
                  ///< to nothing; pairs below chance are left out
  jaccard,        ///< n_ij / (n_i + n_j - n_ij): of the baskets with either, the share with both
  ppmi,           ///< max(0, ln(n_ij / e)), positive pointwise mutual information (Church, Hanks,
                  ///< "Word association norms, mutual information, and lexicography", 1990)
  log_likelihood  ///< `log_likelihood_ratio`; pairs not above chance are left out
};
constexpr auto enum_names(Similarity) noexcept {
  using enum Similarity;
  return std::to_array<EnumName<Similarity>>({{cosine, "cosine"},
                                              {conditional, "conditional"},
                                              {shrunk_lift, "shrunk_lift"},
                                              {jaccard, "jaccard"},
                                              {ppmi, "ppmi"},
                                              {log_likelihood, "log_likelihood"}});
}

/// n_ij, n_i, n_j and N of a pair.
struct PairCounts {
  double both = 0;     ///< baskets with both items
  double first = 0;    ///< with the first
  double second = 0;   ///< with the second
  double baskets = 0;  ///< all

  /// Baskets that would hold both if neither cared for the other.
  double chance() const noexcept { return baskets > 0 ? first * second / baskets : 0; }
  /// Whether `both` is more than chance, decided without a quotient, whose rounding might.
  bool above_chance() const noexcept { return both * baskets > first * second; }
};

/// G^2 = 2 sum of k ln(k / e) over the four kinds of basket (both, first only, second only,
/// neither), e what chance expects: how surely two items have to do with each other, be it that
/// they seek or avoid each other. By chance it is above 3.84 for one pair in 20 and above 10.83 for
/// one in 1000. Counts may be sums with decay. Source: Dunning, "Accurate methods for the
/// statistics of surprise and coincidence", Computational Linguistics 1993.
double log_likelihood_ratio(const PairCounts& n) noexcept;

/// One similarity of a pair bought together (n.both above 0).
double similarity_of(Similarity similarity, const PairCounts& n, double shrinkage) noexcept;

#if BODEGA_BODIES

BODEGA_INLINE double log_likelihood_ratio(const PairCounts& n) noexcept {
  const double chance = n.chance();
  const auto term = [](double found, double expected) {
    return found > 0 && expected > 0 ? found * std::log(found / expected) : 0;
  };
  // What is left of a sum of floats may be a little below 0.
  return std::max(0.0, 2 * (term(n.both, chance) + term(n.first - n.both, n.first - chance) +
                            term(n.second - n.both, n.second - chance) +
                            term(n.baskets - n.first - n.second + n.both,
                                 n.baskets - n.first - n.second + chance)));
}

BODEGA_INLINE double similarity_of(Similarity similarity, const PairCounts& n,
                                   double shrinkage) noexcept {
  const double chance = n.chance();
  const bool beyond_chance = similarity == Similarity::shrunk_lift ||
                             similarity == Similarity::ppmi ||
                             similarity == Similarity::log_likelihood;
  if (beyond_chance && !n.above_chance()) return 0;
  switch (similarity) {
    case Similarity::cosine:
      return n.both / std::sqrt(n.first * n.second);
    case Similarity::conditional:
      return n.both / n.first;
    case Similarity::jaccard:
      return n.both / (n.first + n.second - n.both);
    case Similarity::ppmi:
      return std::log(n.both / chance);
    case Similarity::log_likelihood:
      return log_likelihood_ratio(n);
    case Similarity::shrunk_lift:
      break;
  }
  return std::max(0.0, n.both - chance) / (chance + shrinkage);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
