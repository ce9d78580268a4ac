// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>

#include <bodega/core/query.hpp>

namespace bodega {

/// A scorer whose type is known only when a file is opened: one of `Scorers` (say a model in float
/// or in INT8), or nothing, which adds nothing. Costs one indirect call on top of the scorer.
/// As thread-safe as the scorer; changing it while another thread scores is not safe.
template <Scorer... Scorers>
class OneOf {
 public:
  /// Nothing, for a catalogue of `items`.
  explicit OneOf(std::size_t items) noexcept : items_(items) {}
  template <Scorer S>
  requires(std::same_as<S, Scorers> || ...) explicit OneOf(S scorer)
      : items_(scorer.items()), scorer_(std::move(scorer)) {}

  bool empty() const noexcept { return scorer_.index() == 0; }
  std::size_t items() const noexcept { return items_; }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    visit([&](const auto& scorer) { scorer.add_scores(query, weight, scores); });
  }
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    visit([&](const auto& scorer) { scorer.explain(query, weight, item, reasons); });
  }
  void explain_all(const Query& query, float weight, std::span<Pick> picks) const noexcept {
    visit([&](const auto& scorer) { bodega::explain_all(scorer, query, weight, picks); });
  }

  /// Calls `use(scorer)` where there is one.
  template <class Use>
  void visit(Use&& use) const {
    std::visit(
        [&]<class S>(const S& scorer) {
          if constexpr (!std::is_same_v<S, std::monostate>) use(scorer);
        },
        scorer_);
  }
  /// The scorer if it is an `S`, else null.
  template <class S>
  S* get_if() noexcept {
    return std::get_if<S>(&scorer_);
  }
  template <class S>
  const S* get_if() const noexcept {
    return std::get_if<S>(&scorer_);
  }

 private:
  std::size_t items_;
  std::variant<std::monostate, Scorers...> scorer_;
};

}  // namespace bodega
