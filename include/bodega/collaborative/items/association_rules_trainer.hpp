// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/items/association_rules.hpp>
#include <bodega/collaborative/items/frequent_itemsets.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/ratio.hpp>
#include <bodega/data/baskets.hpp>

namespace bodega::inline BODEGA_ABI {

struct AssociationRulesOptions {
  FrequentItemsetsOptions itemsets = {};
  double confidence = 0.1;
  double lift = 1;
  /// Of more rules those of the highest confidence stay (equal: larger support, then in order).
  std::size_t max_rules = 100'000;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    FrequentItemsetsOptions::options(self.itemsets, visit);
    visit("confidence", self.confidence, "Least one of a rule, 0 to 1.");
    visit("lift", self.lift, "Rules must be above this.");
    visit("max_rules", self.max_rules, "Of more rules those of the highest confidence stay.");
  }
};

/// The rules and what the limits did to them.
struct FittedAssociationRules {
  AssociationRules<> model;
  double support = 0;           ///< the least support in the end, of all baskets
  std::size_t longest = 0;      ///< items in antecedent and consequent at most, in the end
  std::size_t itemsets = 0;     ///< frequent sets that rules were made of
  std::size_t rules = 0;        ///< in the model
  std::size_t left_out = 0;     ///< rules good enough that `max_rules` had no room for
  std::size_t cut_baskets = 0;  ///< baskets larger than `max_basket`
};

/// All rules to one item from the frequent itemsets of the baskets.
/// Source: Agrawal, Srikant, "Fast algorithms for mining association rules", VLDB 1994 (rules);
/// `find_frequent_itemsets` (sets). Error (out_of_range, invalid_argument) where confidence is not
/// 0 to 1, lift not a finite number of 0 or more, or those of `find_frequent_itemsets`. Cost:
/// finding the sets; a look-up among them for each item of each.
FittedAssociationRules fit_association_rules(const Baskets& baskets,
                                             const AssociationRulesOptions& options = {});

#if BODEGA_BODIES

BODEGA_INLINE FittedAssociationRules fit_association_rules(const Baskets& baskets,
                                                           const AssociationRulesOptions& options) {
  const std::string where = "fit_association_rules, option ";
  if (!(options.confidence >= 0 && options.confidence <= 1))
    throw Error(ErrorCode::out_of_range, where + "confidence", "0 to 1",
                std::to_string(options.confidence));
  if (!(options.lift >= 0) || !std::isfinite(options.lift))
    throw Error(ErrorCode::invalid_argument, where + "lift", "a finite number of 0 or more",
                std::to_string(options.lift));
  const FrequentItemsets frequent = find_frequent_itemsets(baskets, options.itemsets);
  const auto all = static_cast<double>(baskets.size());

  struct Rule {
    std::size_t antecedent;
    std::uint32_t consequent, count;
    double confidence;
  };
  std::vector<Rule> rules;
  std::vector<std::uint32_t> rest;
  for (std::size_t s = 0; s < frequent.sets.rows(); ++s) {
    const auto set = frequent.sets.row(s);
    if (set.size() < 2) continue;
    for (std::size_t k = 0; k < set.size(); ++k) {
      rest.assign(set.begin(), set.end());
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(k));
      // What is part of a frequent set is frequent, so both are found.
      const std::size_t antecedent = frequent.find(rest);
      const std::uint64_t both = frequent.count[s], first = frequent.count[antecedent],
                          second = frequent.count[frequent.find(set.subspan(k, 1))];
      if (reaches(both, first, options.confidence) &&
          exceeds(both * baskets.size(), first * second, options.lift))
        rules.push_back({antecedent, set[k], frequent.count[s], ratio_of(both, first)});
    }
  }
  const auto in_order = [](const Rule& a, const Rule& b) {
    return a.antecedent != b.antecedent ? a.antecedent < b.antecedent : a.consequent < b.consequent;
  };
  FittedAssociationRules result;
  result.support = all > 0 ? frequent.min_count / all : 0;
  result.longest = frequent.longest;
  result.itemsets = frequent.sets.rows();
  result.cut_baskets = frequent.cut_baskets;
  if (rules.size() > options.max_rules) {
    result.left_out = rules.size() - options.max_rules;
    std::sort(rules.begin(), rules.end(), [&](const Rule& a, const Rule& b) {
      if (a.confidence != b.confidence) return a.confidence > b.confidence;
      return a.count != b.count ? a.count > b.count : in_order(a, b);
    });
    rules.resize(options.max_rules);
  }
  result.rules = rules.size();
  std::sort(rules.begin(), rules.end(), in_order);

  SparsePattern sets(baskets.items());
  CsrMatrix<float> confidence(baskets.items());
  std::vector<float> set_support, item_support(baskets.items(), 0.0f);
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
  for (std::size_t r = 0; r < rules.size(); ++r) {
    columns.push_back(rules[r].consequent);
    values.push_back(static_cast<float>(rules[r].confidence));
    if (r + 1 < rules.size() && rules[r + 1].antecedent == rules[r].antecedent) continue;
    sets.add_row(frequent.sets.row(rules[r].antecedent));
    set_support.push_back(static_cast<float>(frequent.count[rules[r].antecedent] / all));
    confidence.add_row(columns, values);
    columns.clear();
    values.clear();
  }
  for (std::size_t s = 0; s < frequent.sets.rows(); ++s)
    if (frequent.sets.row(s).size() == 1)
      item_support[frequent.sets.row(s).front()] = static_cast<float>(frequent.count[s] / all);
  result.model = AssociationRules<>(std::move(sets), std::move(confidence), std::move(set_support),
                                    std::move(item_support));
  return result;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
