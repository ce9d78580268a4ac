// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/session/session_neighbours_options.hpp>
#include <bodega/session/session_tables.hpp>
#include <bodega/session/session_window.hpp>

namespace bodega::inline BODEGA_ABI::detail {

struct Neighbour {
  float alike;
  SessionWindow::Number session;
  std::uint32_t shared;  // a bit for each item of the search
};

/// The items that a query is compared by, the latest first, and the sessions most like it.
class SessionSearch {
 public:
  static constexpr std::size_t most_items = SessionNeighboursOptions::most_views;
  static constexpr std::size_t most_found = SessionNeighboursOptions::most_recent;

  std::array<std::uint32_t, most_items> item;
  std::array<float, most_items> weight;
  std::uint32_t size = 0;        // items
  std::uint32_t neighbours = 0;  // sessions

  SessionSearch(const SessionWindow& window, const SessionNeighboursOptions& options,
                const SessionTables& tables, const Query& query) noexcept;

  /// The n-th neighbour.
  const Neighbour& operator[](std::uint32_t n) const noexcept { return found[chosen[n]]; }

  float shared_weight(std::uint32_t shared) const noexcept;

  /// What the parts are to be multiplied by, 0 where no neighbour is alike.
  float scale(float weight_of_all) const noexcept {
    return total > 1e-30f ? weight_of_all / total : 0.0f;
  }

  /// Calls `visit(item, part)` for each distinct item of a neighbour: what it says of it, by its
  /// view nearest to the last of the shared item. Items may come again with a part of 0.
  template <class Visit>
  void for_each_part(const Neighbour& neighbour, Visit&& visit) const noexcept {
    const float constant = options_.rare_first ? window_.log_size() : 1.0f;
    const float slope = options_.rare_first ? -1.0f : 0.0f;
    const auto importance = [&](std::uint32_t of) {
      return constant + slope * window_.log_count(of);
    };
    if (!tables_.by_place()) {
      for (const std::uint32_t each : window_.distinct(neighbour.session))
        visit(each, neighbour.alike * importance(each));
      return;
    }
    const auto views = window_[neighbour.session];
    const auto again = window_.again(neighbour.session);
    const auto length = static_cast<std::uint32_t>(views.size());
    const std::uint32_t shared = item[static_cast<std::size_t>(std::countr_zero(neighbour.shared))];
    std::uint32_t at = length - 1;
    while (views[at] != shared) --at;
    const float* by_offset = tables_.from(at);
    const auto part = [&](std::uint32_t i) {
      return neighbour.alike * by_offset[i] * importance(views[i]);
    };
    if (again.empty()) {
      for (std::uint32_t i = 0; i < length; ++i) visit(views[i], part(i));
      return;
    }
    // Of an item's views the nearest counts, the later of two that are as near. As none of the
    // shared item is after `at`, only the next view of the item on the other side matters; 0 - 1,
    // where there is none, is far. No branch could be foreseen, so a mask makes a part 0.
    for (std::uint32_t i = 0; i < length; ++i) {
      const bool before = i < at;
      const std::uint32_t steps = before ? at - i : i - at;
      const std::uint32_t link = before ? again[i].next : again[i].previous;
      const bool far = link - 1u >= 2 * steps - !before, of_the_shared = before && link == steps;
      const std::uint32_t mask = 0u - (far != of_the_shared);  // never both
      visit(views[i], std::bit_cast<float>(std::bit_cast<std::uint32_t>(part(i)) & mask));
    }
  }

 private:
  static float power(float base, float exponent) noexcept {
    return exponent == 0 ? 1.0f : exponent == 1 ? base : std::pow(base, exponent);
  }

  /// What a view counts by how long it was.
  float attention(float dwell_seconds) const noexcept;

  /// ln(sessions / those that hold the item): 0 or more, as none is in more than all.
  float rarity(std::uint32_t of) const noexcept {
    return window_.log_size() - window_.log_count(of);
  }

  static constexpr std::uint32_t buckets = 256;
  static constexpr std::uint32_t table_items = 8;

  /// The postings that have sessions left, each with the bit of its item.
  struct Walks {
    std::array<SessionWindow::Newest, most_items> walk;
    std::array<std::uint32_t, most_items> bit;
    std::size_t size = 0;

    void add(const SessionWindow::Newest& next, std::uint32_t of) noexcept;
  };

  /// The newest sessions with any of the items, the newest first.
  void gather() noexcept;

  /// A merge of postings, in which the newest head is next and every posting that has it moves
  /// on, until one of them ends; or true when what was found is enough. Of `n` postings, which
  /// stay in registers, or (0) of any number.
  template <std::size_t n>
  bool merge(Walks& walks) noexcept {
    const std::uint32_t recent = options_.recent, wanted = options_.neighbours;
    const bool fades = options_.half_life > 0;
    const SessionWindow::Number end = window_.end();
    const std::size_t postings = n > 0 ? n : walks.size;
    std::array<SessionWindow::Newest, (n > 0 ? n : most_items)> walk;
    std::array<std::uint32_t, (n > 0 ? n : most_items)> bit;
    std::uint32_t all = 0;
    for (std::size_t i = 0; i < postings; ++i) {
      walk[i] = walks.walk[i];
      bit[i] = walks.bit[i];
      all |= bit[i];
    }
    std::uint32_t with_all = 0;  // sessions that share those, so none to come is more alike
    for (std::uint32_t f = 0; f < kept; ++f) with_all += (found[f].shared & all) == all;

    bool ended = false;
    while (kept < recent && with_all < wanted && !ended) {
      std::uint32_t newest = 0, shared = 0;
      for (std::size_t i = 0; i < postings; ++i) newest = std::max(newest, walk[i].head());
      for (std::size_t i = 0; i < postings; ++i) {
        const bool holds = walk[i].head() == newest;
        shared |= holds ? bit[i] : 0u;
        walk[i].advance(holds);
        ended |= walk[i].head() == 0;
      }
      float alike = sum_of[shared % sum_of.size()];
      for (std::uint32_t left = shared >> table_items; left != 0; left &= left - 1)
        alike += weight[table_items + static_cast<std::size_t>(std::countr_zero(left))];
      if (fades) alike *= tables_.freshness(end - newest);
      found[kept++] = {alike, newest - 1, shared};
      ++count[bucket(alike)];
      with_all += (shared & all) == all;
    }
    walks.size = 0;
    for (std::size_t i = 0; i < postings; ++i) walks.add(walk[i], bit[i]);
    return !ended;
  }

  std::uint32_t bucket(float alike) const noexcept {
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(alike * to_bucket));
  }

  /// The neighbours, each with what it will say.
  void choose() noexcept;

  /// The first `wanted` of an order by likeness, equally alike by the newer. By a histogram, as
  /// comparing all would mispredict every other branch; found are the newer first, so where the
  /// bucket on the edge holds one value alone its first ones are taken.
  void choose_most_alike(std::uint32_t wanted) noexcept;

  std::array<Neighbour, most_found> found;
  std::array<std::uint16_t, most_found> chosen;   // of those found
  std::array<std::uint32_t, buckets> count{};     // of those found, by how much they are alike
  std::array<float, 1u << table_items> sum_of{};  // the weights of the first items shared
  float to_bucket = 0;
  std::uint32_t kept = 0;
  float total = 0;

  const SessionWindow& window_;
  const SessionNeighboursOptions& options_;
  const SessionTables& tables_;
};

#if BODEGA_BODIES

BODEGA_INLINE SessionSearch::SessionSearch(const SessionWindow& window,
                                           const SessionNeighboursOptions& options,
                                           const SessionTables& tables, const Query& query) noexcept
    : window_(window), options_(options), tables_(tables) {
  std::array<float, most_items> dwell;
  for_each_view_back(query, window.items(), [&](const View& view, std::size_t back) {
    if (back >= options.last_views) return false;
    const auto end = item.begin() + static_cast<std::ptrdiff_t>(size);
    const auto at = std::find(item.begin(), end, view.item.value());
    if (at == end) {
      dwell[size] = view.dwell_seconds;
      item[size++] = view.item.value();
    } else if (float& known = dwell[static_cast<std::size_t>(at - item.begin())];
               view.knows_dwell()) {
      known = std::max(known, 0.0f) + view.dwell_seconds;
    }
    return true;
  });
  float most = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const auto steps = static_cast<float>(i), of = static_cast<float>(size);
    weight[i] =
        (options.view_decay > 0 ? std::exp(-options.view_decay * steps) : (of - steps) / of) *
        power(rarity(item[i]), options.match_rarity) * attention(dwell[i]);
    most += weight[i];
  }
  to_bucket = most > 1e-30f ? static_cast<float>(buckets - 1) / most : 0.0f;
  gather();
  choose();
}

BODEGA_INLINE float SessionSearch::shared_weight(std::uint32_t shared) const noexcept {
  float sum = 0;
  for (; shared != 0; shared &= shared - 1)
    sum += weight[static_cast<std::size_t>(std::countr_zero(shared))];
  return sum;
}

BODEGA_INLINE float SessionSearch::attention(float dwell_seconds) const noexcept {
  const float half = options_.half_dwell;
  if (!(dwell_seconds >= 0) || !(half > 0)) return 1;
  return std::max(0.1f, 2 - 2 * half / (std::min(dwell_seconds, 1e9f) + half));
}

BODEGA_INLINE void SessionSearch::Walks::add(const SessionWindow::Newest& next,
                                             std::uint32_t of) noexcept {
  walk[size] = next;
  bit[size] = of;
  size += next.head() > 0;
}

BODEGA_INLINE void SessionSearch::gather() noexcept {
  for (std::uint32_t i = 0; i < std::min(size, table_items); ++i)
    for (std::uint32_t shared = 0; shared < 1u << i; ++shared)
      sum_of[shared + (1u << i)] = sum_of[shared] + weight[i];
  Walks walks;
  for (std::uint32_t i = 0; i < size; ++i) walks.add(window_.newest(item[i]), 1u << i);
  bool enough = false;
  while (walks.size > 0 && !enough) switch (walks.size) {
      case 1:
        enough = merge<1>(walks);
        break;
      case 2:
        enough = merge<2>(walks);
        break;
      case 3:
        enough = merge<3>(walks);
        break;
      case 4:
        enough = merge<4>(walks);
        break;
      case 5:
        enough = merge<5>(walks);
        break;
      case 6:
        enough = merge<6>(walks);
        break;
      default:
        enough = merge<0>(walks);
    }
}

BODEGA_INLINE void SessionSearch::choose() noexcept {
  if (kept > options_.neighbours) {
    choose_most_alike(options_.neighbours);
  } else {
    for (; neighbours < kept; ++neighbours)
      chosen[neighbours] = static_cast<std::uint16_t>(neighbours);
  }
  for (std::uint32_t n = 0; n < neighbours; ++n) window_.prefetch_place(found[chosen[n]].session);
  for (std::uint32_t n = 0; n < neighbours; ++n) {
    Neighbour& neighbour = found[chosen[n]];
    const auto back = static_cast<float>(std::countr_zero(neighbour.shared) + 1);
    neighbour.alike *= std::max(0.0f, 1 - options_.match_decay * back);
    total += neighbour.alike;
    if (tables_.by_place())
      window_.prefetch_views(neighbour.session);
    else
      window_.prefetch_distinct(neighbour.session);
  }
}

BODEGA_INLINE void SessionSearch::choose_most_alike(std::uint32_t wanted) noexcept {
  if (wanted == 0 || to_bucket == 0) return;  // none is alike
  std::uint32_t edge = buckets - 1, above = 0;
  while (above + count[edge] < wanted) above += count[edge--];

  std::array<std::uint16_t, most_found> on_edge;
  std::uint32_t of_edge = 0;
  for (std::uint32_t n = 0; n < kept; ++n) {
    const std::uint32_t at = bucket(found[n].alike);
    chosen[neighbours] = on_edge[of_edge] = static_cast<std::uint16_t>(n);
    neighbours += at > edge;
    of_edge += at == edge;
  }
  float lowest = found[on_edge[0]].alike, highest = lowest;
  for (std::uint32_t n = 1; n < of_edge; ++n) {
    lowest = std::min(lowest, found[on_edge[n]].alike);
    highest = std::max(highest, found[on_edge[n]].alike);
  }
  if (lowest < highest)
    std::nth_element(on_edge.begin(), on_edge.begin() + (wanted - above), on_edge.begin() + of_edge,
                     [&](std::uint16_t a, std::uint16_t b) {
                       return found[a].alike > found[b].alike ||
                              (found[a].alike == found[b].alike && a < b);
                     });
  std::copy_n(on_edge.begin(), wanted - above, chosen.begin() + neighbours);
  neighbours = wanted;
}

#endif

}  // namespace bodega::inline BODEGA_ABI::detail
