// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/session/pick_table.hpp>
#include <bodega/session/session_neighbours_options.hpp>
#include <bodega/session/session_search.hpp>
#include <bodega/session/session_tables.hpp>
#include <bodega/session/session_window.hpp>
#include <bodega/tensor/parameters.hpp>

namespace bodega::inline BODEGA_ABI {

/// What those who viewed the same went on to: the scores come from the recent sessions that are
/// most like the query. With the defaults it is VMIS-kNN (Kersbergen, Sprangers, Schelter:
/// Serenade, SIGMOD 2022; after V-SKNN, Ludewig and Jannach, 2018), with the decays by position,
/// age and distance it is V-STAN (Garg et al., SIGIR 2019; Ludewig et al., 2019).
///
/// Scores are divided by the sum of what the neighbours are alike, so they are the share of
/// neighbours that hold the item, times its rarity: of like size for any query.
/// A finished session or basket is learnt at once by `append` or `observe`, which lets the oldest
/// go.
///
/// Thread rule: const calls from many threads; `append` excludes them. A call takes up to 75 KB of
/// stack and no other memory. Cost: `recent` steps through the postings of `last_views` items, then
/// the items of `neighbours` sessions. `explain` searches the neighbours again, `explain_all` once
/// for all picks.
class SessionNeighbours {
 public:
  static constexpr std::string_view kind = "session_neighbours";

  SessionNeighbours() { make_tables(); }

  /// Errors: those of SessionWindow and of the options.
  explicit SessionNeighbours(std::size_t items, const SessionWindowOptions& window = {},
                             const SessionNeighboursOptions& options = {})
      : SessionNeighbours(SessionWindow(items, window), options) {}
  explicit SessionNeighbours(SessionWindow window, const SessionNeighboursOptions& options = {});

  std::size_t items() const noexcept { return window_.items(); }
  QueryParts uses() const noexcept {
    return options_.half_dwell > 0 ? QueryParts::views() | QueryPart::dwell : QueryParts::views();
  }
  const SessionWindow& window() const noexcept { return window_; }
  const SessionNeighboursOptions& options() const noexcept { return options_; }
  /// Other options on the same window; errors as of the constructor, and nothing is changed then.
  void set_options(const SessionNeighboursOptions& options);

  /// A session has ended, or a basket was paid. See SessionWindow::append.
  void append(std::span<const ItemIndex> session) noexcept { window_.append(session); }
  void observe(const Receipt& receipt) noexcept { window_.observe(receipt); }
  /// See SessionWindow::grow.
  void grow(std::size_t items) { window_.grow(items); }
  void expire_oldest() noexcept { window_.expire_oldest(); }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept;

  /// A reason for each item shared with neighbours that hold `item`, by its part in how alike they
  /// are.
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept;

  void explain_all(const Query& query, float weight, std::span<Pick> picks) const noexcept;

  void validate(const std::string& where) const {
    window_.validate(where + ", window");
    options_.validate(where);
  }

  /// Makes what the parameters imply.
  void restore() {
    window_.restore();
    make_tables();
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    auto& o = self.options_;
    visit("window", self.window_);
    visit("recent", o.recent);
    visit("neighbours", o.neighbours);
    visit("last_views", o.last_views);
    visit("view_decay", o.view_decay);
    visit("match_rarity", o.match_rarity);
    visit("half_life", o.half_life);
    visit("match_decay", o.match_decay);
    visit("distance_decay", o.distance_decay);
    visit("before", o.before);
    visit("itself", o.itself);
    visit("rare_first", o.rare_first);
    visit("half_dwell", o.half_dwell);
  }

  /// Files of before use dwell as usual.
  static constexpr bool added_later(std::string_view parameter) noexcept {
    return parameter == "half_dwell";
  }
  bool uses_added() const noexcept {
    return options_.half_dwell != SessionNeighboursOptions::usual_half_dwell;
  }

 private:
  detail::SessionSearch search(const Query& query) const noexcept {
    return {window_, options_, tables_, query};
  }

  void explain_some(const detail::SessionSearch& search, float weight,
                    std::span<Pick> picks) const noexcept;

  void make_tables() { tables_.make(options_, window_.capacity()); }

  SessionWindow window_;
  SessionNeighboursOptions options_;
  detail::SessionTables tables_;  // made by restore()
};

#if BODEGA_BODIES

BODEGA_INLINE SessionNeighbours::SessionNeighbours(SessionWindow window,
                                                   const SessionNeighboursOptions& options)
    : window_(std::move(window)), options_(options) {
  options_.validate("SessionNeighbours");
  make_tables();
}

BODEGA_INLINE void SessionNeighbours::set_options(const SessionNeighboursOptions& options) {
  options.validate("SessionNeighbours");
  options_ = options;
  make_tables();
}

BODEGA_INLINE void SessionNeighbours::add_scores(const Query& query, float weight,
                                                 std::span<float> scores) const noexcept {
  const detail::SessionSearch found = search(query);
  const float scale = found.scale(weight);
  for (std::uint32_t n = 0; n < found.neighbours; ++n)
    found.for_each_part(found[n],
                        [&](std::uint32_t item, float part) { scores[item] += scale * part; });
}

BODEGA_INLINE void SessionNeighbours::explain(const Query& query, float weight, ItemIndex item,
                                              Reasons& reasons) const noexcept {
  explain_alone(*this, query, weight, item, reasons);
}

BODEGA_INLINE void SessionNeighbours::explain_all(const Query& query, float weight,
                                                  std::span<Pick> picks) const noexcept {
  const detail::SessionSearch found = search(query);
  constexpr std::size_t most = detail::PickTable::most;
  for (; !picks.empty(); picks = picks.subspan(std::min(picks.size(), most)))
    explain_some(found, weight, picks.first(std::min(picks.size(), most)));
}

BODEGA_INLINE void SessionNeighbours::explain_some(const detail::SessionSearch& search,
                                                   float weight,
                                                   std::span<Pick> picks) const noexcept {
  const detail::PickTable table(picks);
  const float scale = search.scale(weight);
  std::array<std::array<float, detail::SessionSearch::most_items>, detail::PickTable::most> said;
  std::fill_n(said.begin(), picks.size(), std::array<float, detail::SessionSearch::most_items>{});
  for (std::uint32_t n = 0; n < search.neighbours; ++n) {
    const detail::Neighbour& neighbour = search[n];
    const float share = scale / search.shared_weight(neighbour.shared);
    search.for_each_part(neighbour, [&](std::uint32_t item, float part) {
      const std::size_t pick = table[item];
      if (pick == 0) return;
      for (std::uint32_t left = neighbour.shared; left != 0; left &= left - 1) {
        const auto at = static_cast<std::size_t>(std::countr_zero(left));
        said[pick - 1][at] += part * share * search.weight[at];
      }
    });
  }
  for (std::size_t p = 0; p < picks.size(); ++p)
    for (std::size_t at = 0; at < search.size; ++at)
      picks[p].because.offer({Reason::Kind::bought_together, ItemIndex(search.item[at]),
                              Reason::no_term, said[p][at]});
}

#endif

}  // namespace bodega::inline BODEGA_ABI
