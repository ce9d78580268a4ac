// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/hybrid/any_scorer.hpp>
#include <bodega/hybrid/part_weights.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// The weighted sum of any scorers, itself a scorer: what `Blend` is for scorers that are known
/// when a program is compiled. The weights are those of the situation that a query is asked in, and
/// each reason says which part it comes from (`Reason::part`, the part's number here).
///
/// A part of fewer items than the blend speaks for the first of them: a catalogue grows at its end.
/// Thread safety: as its parts. Complexity: theirs. Allocates nothing once it is made.
class PartBlend {
 public:
  static constexpr std::size_t most_parts = Reason::no_part;

  /// Of no part: no item has a score.
  explicit PartBlend(std::size_t items = 0) noexcept : items_(items) {}
  /// `weights`: Situation::count x parts. Throws Error(shape, not_finite), also where a part has
  /// more items than the blend, and (out_of_range) for more than 255 parts.
  PartBlend(std::size_t items, std::vector<AnyScorer> parts, Matrix<float> weights);

  std::size_t items() const noexcept { return items_; }
  std::size_t parts() const noexcept { return parts_.size(); }
  /// What any part uses that has a weight in some situation.
  QueryParts uses() const noexcept;
  const AnyScorer& part(std::size_t number) const noexcept { return parts_[number]; }
  /// One for each part.
  std::span<const float> weights(Situation situation) const noexcept {
    if (parts_.empty()) return {};
    return weights_.row(situation.index());
  }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    for_each_part(query, [&](std::size_t p, float own) {
      const std::size_t items = std::min(parts_[p].items(), scores.size());
      parts_[p].add_scores(query, weight * own, scores.first(items));
    });
  }

  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    for_each_part(query, [&](std::size_t p, float own) {
      reasons.speak_for(static_cast<std::uint8_t>(p));
      parts_[p].explain(query, weight * own, item, reasons);
    });
    reasons.speak_for(Reason::no_part);
  }

  void explain_all(const Query& query, float weight, std::span<Pick> picks) const noexcept {
    const auto speak_for = [&](std::uint8_t part) {
      for (Pick& pick : picks) pick.because.speak_for(part);
    };
    for_each_part(query, [&](std::size_t p, float own) {
      speak_for(static_cast<std::uint8_t>(p));
      parts_[p].explain_all(query, weight * own, picks);
    });
    speak_for(Reason::no_part);
  }

 private:
  template <class Visit>
  void for_each_part(const Query& query, Visit&& visit) const noexcept {
    const std::span<const float> weights = this->weights(Situation(query));
    for (std::size_t p = 0; p < parts_.size(); ++p)
      if (weights[p] != 0) visit(p, weights[p]);
  }

  std::size_t items_ = 0;
  std::vector<AnyScorer> parts_;
  Matrix<float> weights_;  // situations x parts
};

#if BODEGA_BODIES

BODEGA_INLINE PartBlend::PartBlend(std::size_t items, std::vector<AnyScorer> parts,
                                   Matrix<float> weights)
    : items_(items), parts_(std::move(parts)), weights_(std::move(weights)) {
  if (parts_.size() > most_parts)
    throw Error(ErrorCode::out_of_range, "PartBlend", "at most 255 parts",
                std::to_string(parts_.size()));
  validate_size(weights_.rows(), Situation::count, "PartBlend, rows of weights");
  validate_size(weights_.columns(), parts_.size(), "PartBlend, columns of weights");
  validate_finite(weights_.values(), "PartBlend, weights");
  for (const AnyScorer& part : parts_)
    if (part.items() > items_)
      throw Error(ErrorCode::shape, "PartBlend",
                  "parts of at most " + std::to_string(items_) + " items",
                  "one of " + std::to_string(part.items()));
}

BODEGA_INLINE QueryParts PartBlend::uses() const noexcept {
  QueryParts used;
  for (std::size_t s = 0; s < Situation::count; ++s)
    for (std::size_t p = 0; p < parts_.size(); ++p)
      if (weights_(s, p) != 0) used |= parts_[p].uses();
  return used;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
