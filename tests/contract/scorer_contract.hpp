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
#include <bodega/hybrid/any_scorer.hpp>
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

/// All of the contract but what goes by the model's parameters.
void check_behaviour(const bodega::AnyScorer& scorer, std::size_t items,
                     const ScorerPromises& promises);

/// Both answer the contract's baskets alike, to the bit.
void check_equal(const bodega::AnyScorer& copy, const bodega::AnyScorer& scorer);

template <class Leaf>
concept HasFloats = requires(Leaf leaf) {
  requires std::same_as < std::remove_cvref_t<decltype(leaf.data()[0])>,
  float > ;
};

/// Through its tensors and back it is the same scorer; with a NaN weight it is refused.
template <bodega::Parameterised S>
void check_parameters(const S& scorer) {
  CHECK(bodega::count_parameters(scorer) > 0);
  check_equal(bodega::AnyScorer(reload(scorer)), bodega::AnyScorer::refer_to(scorer));
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
  check_behaviour(bodega::AnyScorer::refer_to(scorer), items, promises);
  if constexpr (bodega::Parameterised<S>) check_parameters(scorer);
}

}  // namespace bodega_test
