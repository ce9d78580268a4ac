// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/collaborative/items/substitutes.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/hybrid/compiled_rules.hpp>
#include <bodega/hybrid/confidence.hpp>
#include <bodega/hybrid/rule_set.hpp>
#include <bodega/hybrid/slate_steps.hpp>
#include <bodega/till/load_model.hpp>

namespace bodega::inline BODEGA_ABI {

/// What a bundle says of how a slate is made of scores; any part may be absent:
///
///   slate_rules  RuleSet
///   stand_ins    Substitutes: who takes the place of what is sold out
///   confidence   Confidence: how likely a pick is
///
/// Thread safety: const calls from many threads.
class SlateModels {
 public:
  SlateModels() = default;
  /// `stores` are the names of the stores that rules may name, in the order of their ids. Throws
  /// Error(format) for a model of another type, and what `CompiledRules` throws, naming `where`.
  SlateModels(const Bundle& bundle, const Catalog& catalog, std::vector<std::string> stores,
              const std::string& where)
      : stores_(std::move(stores)) {
    detail::load_model<RuleSet>(bundle, "slate_rules", where, [&](RuleSet rules) {
      rules_ = std::move(rules);
      follow(catalog);
    });
    detail::load_model<Substitutes<>>(bundle, "stand_ins", where, [&](Substitutes<> found) {
      detail::check_items(found.items(), catalog.size(), where, "stand_ins");
      stand_ins_ = std::move(found);
    });
    detail::load_model<Confidence>(bundle, "confidence", where,
                                   [&](Confidence found) { confidence_ = std::move(found); });
  }

  /// The catalogue has an item more, or a code was changed.
  void follow(const Catalog& catalog) {
    if (!rules_.empty()) compiled_ = CompiledRules(rules_, catalog, stores_);
  }

  const CompiledRules& rules() const noexcept { return compiled_; }
  /// Borrowed. `popularity` may be null.
  SlateSteps steps(const Popularity* popularity) const noexcept {
    return {.rules = compiled_.empty() ? nullptr : &compiled_,
            .substitutes = stand_ins_ ? &*stand_ins_ : nullptr,
            .confidence = confidence_ ? &*confidence_ : nullptr,
            .popularity = popularity};
  }

 private:
  std::vector<std::string> stores_;
  RuleSet rules_;
  CompiledRules compiled_;
  std::optional<Substitutes<>> stand_ins_;
  std::optional<Confidence> confidence_;
};

}  // namespace bodega::inline BODEGA_ABI
