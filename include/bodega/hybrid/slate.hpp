// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/units.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/tensor/select.hpp>
#include <bodega/tensor/top_k.hpp>

namespace bodega::inline BODEGA_ABI {

/// The memory of one answer, taken once for a catalogue and used again for every answer.
/// One per thread.
class Workspace {
 public:
  static constexpr std::size_t default_max_picks = 100;

  explicit Workspace(std::size_t items, std::size_t max_picks = default_max_picks);

  std::size_t items() const noexcept { return scores_.size(); }
  std::size_t max_picks() const noexcept { return max_picks_; }

  /// The query with every item of the basket once (at its first place, with all of its quantity)
  /// and without items outside the catalogue. Refers to this workspace.
  Query distinct(const Query& query) noexcept;

  /// All scores set to 0, for `Scorer::add_scores`.
  std::span<float> cleared_scores() noexcept {
    std::fill(scores_.begin(), scores_.end(), 0.0f);
    return scores_;
  }

  TopK& best(std::size_t k) noexcept {
    best_.reset(std::min(k, max_picks()));
    return best_;
  }

  std::vector<Pick>& cleared_picks() noexcept {
    picks_.clear();
    return picks_;
  }

 private:
  std::vector<float> scores_;
  TopK best_;
  std::vector<std::uint32_t> place_;  // in the basket, from 1 on; all 0 between calls
  std::vector<ItemIndex> basket_;
  std::vector<Quantity> quantities_;
  std::vector<Pick> picks_;
  std::size_t max_picks_;
};

/// Whether a slate may show what the query holds already.
enum class QueryItems {
  excluded,  ///< an open basket: an item named twice counts once and is not offered again
  allowed    ///< a session or the next basket: scorers see the query as it is, in order and with
             ///< repeats, and what was viewed or bought may come again
};
constexpr auto enum_names(QueryItems) noexcept {
  using enum QueryItems;
  return std::to_array<EnumName<QueryItems>>({{excluded, "excluded"}, {allowed, "allowed"}});
}

/// The best k items for a query, best first, equal scores by lower index, without their reasons:
/// `select_slate` less the explaining, and less making a query distinct.
template <Scorer S, Mask M>
std::span<Pick> select_picks(const S& scorer, const Query& query, const M& mask, std::size_t k,
                             Workspace& workspace,
                             QueryItems query_items = QueryItems::excluded) noexcept {
  std::vector<Pick>& picks = workspace.cleared_picks();
  if (workspace.items() != scorer.items() || k == 0) return picks;

  const std::span<float> scores = workspace.cleared_scores();
  scorer.add_scores(query, 1.0f, scores);
  if (query_items == QueryItems::excluded)
    for_each_query_item(query, scores.size(), [&](ItemIndex item) { scores[item.value()] = 0; });

  TopK& best = workspace.best(k);
  offer_above(scores, 0, 0.0f, best,
              [&](std::uint32_t index) { return mask.allows(ItemIndex(index)); });
  for (const ScoredIndex& kept : best.sorted())
    picks.emplace_back(Pick{ItemIndex(kept.index), kept.score, {}});
  return picks;
}

/// The best k items for a query, best first, equal scores by lower index, each with its reasons.
///
/// Promises: no item the mask forbids, none twice and, unless `query_items` allows them, none of
/// the basket and not the viewed item, and an item named twice in the basket counts once.
/// Only items with a score above 0 are shown: without evidence for an item its index would decide,
/// and a shop should not show what merely comes first in a file. (With a popularity in the blend
/// every item ever sold has a score.) So the slate is shorter than k, down to empty, where the
/// catalogue, the mask, the evidence or `max_picks` of the workspace end earlier. A workspace of
/// another catalogue's size gets an empty slate.
///
/// The answer stands in `workspace` until its next use. Safe from many threads, each with its
/// own workspace. Cost: the scorers', one pass over the scores (about 1 us for 10,000 items), and
/// explaining k picks.
template <Scorer S, Mask M>
std::span<const Pick> select_slate(const S& scorer, const Query& query, const M& mask,
                                   std::size_t k, Workspace& workspace,
                                   QueryItems query_items = QueryItems::excluded) noexcept {
  if (workspace.items() != scorer.items()) return {};
  const Query asked = query_items == QueryItems::excluded ? workspace.distinct(query) : query;
  const std::span<Pick> picks = select_picks(scorer, asked, mask, k, workspace, query_items);
  explain_all(scorer, asked, 1.0f, picks);
  return picks;
}

/// What gives a slate: every `Scorer`, and what selects in its own way (`TwoStage`).
template <class R>
concept Recommender = requires(const R& recommender, const Query& query, const ItemMask& mask,
                               std::size_t k, Workspace& workspace, QueryItems query_items) {
  { recommender.items() }
  noexcept->std::convertible_to<std::size_t>;
  { select_slate(recommender, query, mask, k, workspace, query_items) }
  noexcept->std::same_as<std::span<const Pick>>;
};

#if BODEGA_BODIES

BODEGA_INLINE Workspace::Workspace(std::size_t items, std::size_t max_picks)
    : scores_(items), best_(max_picks), place_(items, 0), max_picks_(max_picks) {
  basket_.reserve(items);
  quantities_.reserve(items);
  picks_.reserve(max_picks);
}

BODEGA_INLINE Query Workspace::distinct(const Query& query) noexcept {
  basket_.clear();
  quantities_.clear();
  for (std::size_t i = 0; i < query.basket.size(); ++i) {
    const ItemIndex item = query.basket[i];
    if (item.value() >= items()) continue;
    std::uint32_t& place = place_[item.value()];
    if (place > 0) {
      quantities_[place - 1] += query.quantity(i);
      continue;
    }
    basket_.push_back(item);  // never beyond the reserve: each item of the catalogue once
    quantities_.push_back(query.quantity(i));
    place = static_cast<std::uint32_t>(basket_.size());
  }
  for (const ItemIndex item : basket_) place_[item.value()] = 0;
  Query distinct = query;
  distinct.basket = basket_;
  distinct.quantities = {};
  if (query.parts().has(QueryPart::quantities)) distinct.quantities = quantities_;
  return distinct;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
