// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/tensor/parameters.hpp>

#include "catch.hpp"
#include "reload.hpp"

/// The one contract of every Scorer. A new scorer is tested for the price of a constructor:
///
///   check_scorer_contract(MyScorer(baskets), baskets.items());
namespace bodega_test {

/// What a scorer promises beyond the contract; a scorer that does not says so.
struct ScorerPromises {
  /// The score of a query is the sum of its items' scores.
  bool sums_over_items = true;
  /// The contributions of all reasons sum to the score, leaving out what speaks against the item.
  bool explains_all = true;
  /// The order of the items of a query does not matter.
  bool any_order = true;
  /// Rounding, relative to the largest score.
  float tolerance = 1e-5f;
  /// How many customers it knows; the first ones are asked for.
  std::size_t customers = 0;
};

/// A scorer whose type is left behind, so that the contract is compiled once and not for each type.
/// Refers to the scorer.
class AnyScorer {
 public:
  template <bodega::Scorer S>
  requires(!std::same_as<S, AnyScorer>) explicit AnyScorer(const S& scorer) noexcept
      : scorer_(&scorer),
        items_([](const void* self) noexcept { return std::size_t{as<S>(self).items()}; }),
        add_scores_([](const void* self, const bodega::Query& query, float weight,
                       std::span<float> scores) noexcept {
          as<S>(self).add_scores(query, weight, scores);
        }),
        explain_([](const void* self, const bodega::Query& query, float weight,
                    bodega::ItemIndex item, bodega::Reasons& reasons) noexcept {
          as<S>(self).explain(query, weight, item, reasons);
        }),
        explain_all_([](const void* self, const bodega::Query& query, float weight,
                        std::span<bodega::Pick> picks) noexcept {
          bodega::explain_all(as<S>(self), query, weight, picks);
        }) {}

  std::size_t items() const noexcept { return items_(scorer_); }
  void add_scores(const bodega::Query& query, float weight,
                  std::span<float> scores) const noexcept {
    add_scores_(scorer_, query, weight, scores);
  }
  void explain(const bodega::Query& query, float weight, bodega::ItemIndex item,
               bodega::Reasons& reasons) const noexcept {
    explain_(scorer_, query, weight, item, reasons);
  }
  void explain_all(const bodega::Query& query, float weight,
                   std::span<bodega::Pick> picks) const noexcept {
    explain_all_(scorer_, query, weight, picks);
  }

 private:
  template <class S>
  static const S& as(const void* scorer) noexcept {
    return *static_cast<const S*>(scorer);
  }

  const void* scorer_;
  std::size_t (*items_)(const void*) noexcept;
  void (*add_scores_)(const void*, const bodega::Query&, float, std::span<float>) noexcept;
  void (*explain_)(const void*, const bodega::Query&, float, bodega::ItemIndex,
                   bodega::Reasons&) noexcept;
  void (*explain_all_)(const void*, const bodega::Query&, float, std::span<bodega::Pick>) noexcept;
};

/// All of the contract but what goes by the model's parameters.
void check_behaviour(const AnyScorer& scorer, std::size_t items, const ScorerPromises& promises);

/// Both answer the contract's baskets alike, to the bit.
void check_equal(const AnyScorer& copy, const AnyScorer& scorer);

template <class Leaf>
concept HasFloats = requires(Leaf leaf) {
  requires std::same_as < std::remove_cvref_t<decltype(leaf.data()[0])>,
  float > ;
};

/// Through its tensors and back it is the same scorer; with a NaN weight it is refused.
template <bodega::Parameterised S>
void check_parameters(const S& scorer) {
  CHECK(bodega::count_parameters(scorer) > 0);
  check_equal(AnyScorer(reload(scorer)), AnyScorer(scorer));
  std::vector<std::string> floats;
  bodega::for_each_tensor(scorer,
                          [&]<class Leaf>(const std::string& name, const Leaf& leaf, bodega::Role) {
                            if constexpr (std::same_as<Leaf, float>)
                              floats.push_back(name);
                            else if constexpr (HasFloats<Leaf>)
                              if (leaf.size() > 0) floats.push_back(name);
                          });
  CHECK_FALSE(floats.empty());
  for (const std::string& spoilt : floats) {
    INFO("NaN in " << spoilt);
    CHECK_THROWS_AS(reload(scorer,
                           [&]<class Leaf>(const std::string& name, Leaf& leaf, bodega::Role) {
                             constexpr float nan = std::numeric_limits<float>::quiet_NaN();
                             if (name != spoilt) return;
                             if constexpr (std::same_as<Leaf, float>)
                               leaf = nan;
                             else if constexpr (HasFloats<Leaf>)
                               leaf.data()[leaf.size() / 2] = nan;
                           }),
                    bodega::Error);
  }
}

template <bodega::Scorer S>
void check_scorer_contract(const S& scorer, std::size_t items,
                           const ScorerPromises& promises = {}) {
  check_behaviour(AnyScorer(scorer), items, promises);
  if constexpr (bodega::Parameterised<S>) check_parameters(scorer);
}

}  // namespace bodega_test
