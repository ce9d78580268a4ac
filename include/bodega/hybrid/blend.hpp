// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>

namespace bodega::inline BODEGA_ABI {

/// The weighted sum of several scorers, itself a scorer, so blends nest. Scores are added as they
/// are: a weight means what it says only where the parts' scores are of like size (an item-item
/// score grows with the basket, a cosine stays below 1, a popularity is a small share), so choose
/// weights on held-out baskets. `Scorers` are types (owned) or const references (referred to).
/// As thread-safe as its parts; costs what they cost.
template <class... Scorers>
requires(sizeof...(Scorers) > 0 && (Scorer<std::remove_cvref_t<Scorers>> && ...)) class Blend {
 public:
  using Weights = std::array<float, sizeof...(Scorers)>;

  /// Error (not_finite) for a weight that is not a finite number, (shape) for scorers of
  /// catalogues that differ in size.
  template <class... Given>
  explicit Blend(const Weights& weights, Given&&... scorers)
      : scorers_(std::forward<Given>(scorers)...), weights_(weights) {
    for (std::size_t i = 0; i < weights_.size(); ++i)
      if (!std::isfinite(weights_[i]))
        throw Error(ErrorCode::not_finite, "blend, weight " + std::to_string(i), "a finite number",
                    std::to_string(weights_[i]));
    for_each([&](const auto& scorer, float) {
      if (scorer.items() != items())
        throw Error(ErrorCode::shape, "blend", "scorers of " + std::to_string(items()) + " items",
                    "one of " + std::to_string(scorer.items()));
    });
  }

  std::size_t items() const noexcept { return std::get<0>(scorers_).items(); }
  const Weights& weights() const noexcept { return weights_; }
  /// What any part uses that has a weight.
  constexpr QueryParts uses() const noexcept {
    QueryParts parts;
    for_each([&](const auto& scorer, float own) {
      if (own != 0) parts |= bodega::uses(scorer);
    });
    return parts;
  }
  /// The n-th scorer; changing one that the blend owns is for one thread alone.
  template <std::size_t N>
  const auto& part() const noexcept {
    return std::get<N>(scorers_);
  }
  template <std::size_t N>
  auto& part() noexcept {
    return std::get<N>(scorers_);
  }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    for_each([&](const auto& scorer, float own) {
      if (own != 0) scorer.add_scores(query, weight * own, scores);
    });
  }

  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    for_each([&](const auto& scorer, float own) {
      if (own != 0) scorer.explain(query, weight * own, item, reasons);
    });
  }
  void explain_all(const Query& query, float weight, std::span<Pick> picks) const noexcept {
    for_each([&](const auto& scorer, float own) {
      if (own != 0) bodega::explain_all(scorer, query, weight * own, picks);
    });
  }

 private:
  template <class Visit>
  constexpr void for_each(Visit&& visit) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (visit(std::get<I>(scorers_), weights_[I]), ...);
    }
    (std::index_sequence_for<Scorers...>{});
  }

  std::tuple<Scorers...> scorers_;
  Weights weights_;
};

/// How a scorer that is handed over is kept: a named one by reference, a temporary by value.
template <class Given>
using BlendPart = std::conditional_t<std::is_lvalue_reference_v<Given>,
                                     const std::remove_cvref_t<Given>&, std::remove_cvref_t<Given>>;

namespace detail {
template <class Arguments, std::size_t... I>
auto blend_pairs(Arguments arguments, std::index_sequence<I...>) {
  return Blend<BlendPart<std::tuple_element_t<2 * I, Arguments>>...>(
      {static_cast<float>(std::get<2 * I + 1>(arguments))...},
      std::get<2 * I>(std::move(arguments))...);
}
}  // namespace detail

/// `blend(ease, 0.7f, content, 0.3f)`: scorers and weights by turns. A named scorer is referred to
/// and must outlive the blend (models are large); a temporary, or `std::move(ease)`, is owned.
template <class... Arguments>
requires(sizeof...(Arguments) > 0 &&
         sizeof...(Arguments) % 2 == 0) auto blend(Arguments&&... scorers_and_weights) {
  return detail::blend_pairs(
      std::tuple<Arguments&&...>(std::forward<Arguments>(scorers_and_weights)...),
      std::make_index_sequence<sizeof...(Arguments) / 2>{});
}

}  // namespace bodega::inline BODEGA_ABI
