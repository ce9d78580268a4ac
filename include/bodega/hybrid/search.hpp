// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include <bodega/content/search_index.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/query.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/slate.hpp>

namespace bodega::inline BODEGA_ABI {

struct SearchOptions {
  MatchOptions match = {};
  /// How far taste may raise a match: that of the best liked item 1 + taste times. 0 = the match
  /// alone. 3 was best on held-out baskets of two shops, with every scorer tried.
  float taste = 3;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("match", self.match, "How words match.");
    visit("taste", self.taste,
          "How far taste may raise a match: the best liked item's 1 + taste times.");
  }
};

/// The memory of one search, taken once for a catalogue. One per thread.
struct SearchWorkspace {
  explicit SearchWorkspace(std::size_t items, std::size_t max_picks = Workspace::default_max_picks)
      : answer(items, max_picks), matches(items) {}

  Workspace answer;
  SearchMatches matches;
};

/// The best k items that match a text, best first, equal scores by lower index, each with its
/// reasons: the text ranked by match and by any scorer's taste for the query (a popularity for the
/// shop, `RepeatPurchase` for the customer, EASE for the basket, a blend of them).
///
///   score = match / best match * (1 + options.taste * taste / best taste)
///
/// over what was found, a taste below 0 counting as 0: so the weight means the same whatever the
/// scorer's scale, and an item that matches half of the words does not lead for being liked.
///
/// Promises: only what matches, no item the mask forbids, none twice. What the query holds may be
/// found, unless `query_items` says otherwise. An empty answer for a text without words, and for an
/// index, scorer and workspace that are not of one catalogue's size. A weight of taste that is not
/// a finite number above 0 counts as 0.
///
/// The answer stands in `workspace` until its next use. Safe from many threads, each with its own
/// workspace; allocates nothing. Cost: the match, the scorer and one pass over what was found.
template <WeightFormat W, Scorer S, Mask M>
std::span<const Pick> search(const SearchIndex<W>& index, std::string_view text, const S& scorer,
                             const Query& query, const M& mask, std::size_t k,
                             SearchWorkspace& workspace, const SearchOptions& options = {},
                             QueryItems query_items = QueryItems::allowed) noexcept {
  std::vector<Pick>& picks = workspace.answer.cleared_picks();
  SearchMatches& matches = workspace.matches;
  if (index.items() != scorer.items() || workspace.answer.items() != scorer.items()) return picks;
  index.match(text, matches, options.match);
  if (matches.found().empty()) return picks;

  const bool exclude = query_items == QueryItems::excluded;
  const Query asked = exclude ? workspace.answer.distinct(query) : query;
  const std::span<float> tastes = workspace.answer.cleared_scores();
  const bool by_taste = options.taste > 0 && options.taste <= std::numeric_limits<float>::max();
  if (by_taste) scorer.add_scores(asked, 1.0f, tastes);
  float best_match = 0, best_taste = 0;
  for (const ItemIndex item : matches.found()) {
    best_match = std::max(best_match, matches.score(item));
    best_taste = std::max(best_taste, tastes[item.value()]);
  }
  const float match_factor = 1 / best_match;
  constexpr float least_taste = 1e-30f;  // less is rounding, and its inverse might overflow
  const float taste_factor = best_taste > least_taste ? options.taste / best_taste : 0;

  const auto held = [&](ItemIndex item) {
    return item == asked.viewed ||
           std::find(asked.basket.begin(), asked.basket.end(), item) != asked.basket.end();
  };
  TopK& best = workspace.answer.best(k);
  for (const ItemIndex item : matches.found()) {
    const float score = match_factor * matches.score(item) *
                        (1 + taste_factor * std::max(0.0f, tastes[item.value()]));
    if (best.may_enter(score) && mask.allows(item) && !(exclude && held(item)))
      best.offer(score, item.value());
  }
  for (const ScoredIndex& kept : best.sorted()) {
    Pick& pick = picks.emplace_back(Pick{ItemIndex(kept.index), kept.score, {}});
    const float match = match_factor * matches.score(pick.item);
    pick.because.offer({Reason::Kind::matches, ItemIndex::none(), matches.term(pick.item), match});
    if (taste_factor > 0) scorer.explain(asked, match * taste_factor, pick.item, pick.because);
  }
  return picks;
}

}  // namespace bodega::inline BODEGA_ABI
