// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/slate.hpp>

namespace bodega::inline BODEGA_ABI {

/// One scorer proposes, another ranks what was proposed: where the second knows the better order
/// but not what belongs here (a customer's taste, a margin, a campaign, a costly model).
/// `select_slate` and the evaluations take it as they take a scorer. It is no `Scorer`, because a
/// sum of scores knows no first stage: blend inside the stages.
///
/// The slate: the best `proposals` items of the first (at most `max_picks` of the workspace) in the
/// order of the second's scores, equal scores in the order of the first. A pick's score is the
/// second's and may be 0 or less: being proposed is the evidence. Its reasons are the second's, or
/// the first's where the second has none.
///
/// `Proposer` and `Ranker` are types (owned) or const references (referred to). As thread-safe as
/// both. Cost: both scorers, one pass over the first's scores, sorting the proposals.
template <class Proposer, class Ranker>
requires Scorer<std::remove_cvref_t<Proposer>> && Scorer<std::remove_cvref_t<Ranker>>
class TwoStage {
 public:
  /// Error (shape) for scorers of catalogues that differ in size, (invalid_argument) for no
  /// proposals.
  template <class P, class R>
  TwoStage(P&& proposer, R&& ranker, std::size_t proposals)
      : proposer_(std::forward<P>(proposer)),
        ranker_(std::forward<R>(ranker)),
        proposals_(proposals) {
    if (proposer_.items() != ranker_.items())
      throw Error(ErrorCode::shape, "TwoStage",
                  "scorers of " + std::to_string(proposer_.items()) + " items",
                  "one of " + std::to_string(ranker_.items()));
    if (proposals == 0)
      throw Error(ErrorCode::invalid_argument, "TwoStage, proposals", "1 or more", "0");
  }

  std::size_t items() const noexcept { return proposer_.items(); }
  constexpr QueryParts uses() const noexcept {
    return bodega::uses(proposer_) | bodega::uses(ranker_);
  }
  std::size_t proposals() const noexcept { return proposals_; }
  const auto& proposer() const noexcept { return proposer_; }
  const auto& ranker() const noexcept { return ranker_; }

 private:
  Proposer proposer_;
  Ranker ranker_;
  std::size_t proposals_;
};

/// A named scorer is referred to and must outlive the result; a temporary is owned.
template <class P, class R>
auto two_stage(P&& proposer, R&& ranker, std::size_t proposals = 50) {
  return TwoStage<BlendPart<P>, BlendPart<R>>(std::forward<P>(proposer), std::forward<R>(ranker),
                                              proposals);
}

/// As `select_slate` of a scorer; the slate is shorter than k where the first stage's would be.
template <class P, class R, Mask M>
std::span<const Pick> select_slate(const TwoStage<P, R>& stages, const Query& query, const M& mask,
                                   std::size_t k, Workspace& workspace,
                                   QueryItems query_items = QueryItems::excluded) noexcept {
  if (workspace.items() != stages.items() || k == 0) return {};
  const Query asked = query_items == QueryItems::excluded ? workspace.distinct(query) : query;
  std::span<Pick> picks = select_picks(stages.proposer(), asked, mask,
                                       std::max(k, stages.proposals()), workspace, query_items);
  const std::span<float> scores = workspace.cleared_scores();
  stages.ranker().add_scores(asked, 1.0f, scores);
  const std::size_t shown = std::min(k, picks.size());
  std::partial_sort(picks.begin(), picks.begin() + static_cast<std::ptrdiff_t>(shown), picks.end(),
                    [&](const Pick& a, const Pick& b) {
                      const float score_a = scores[a.item.value()];
                      const float score_b = scores[b.item.value()];
                      if (score_a != score_b) return score_a > score_b;
                      return ranks_before({a.score, a.item.value()}, {b.score, b.item.value()});
                    });
  picks = picks.first(shown);
  explain_all(stages.ranker(), asked, 1.0f, picks);
  for (Pick& pick : picks) {
    if (pick.because.empty()) stages.proposer().explain(asked, 1.0f, pick.item, pick.because);
    pick.score = scores[pick.item.value()];
  }
  return picks;
}

}  // namespace bodega::inline BODEGA_ABI
