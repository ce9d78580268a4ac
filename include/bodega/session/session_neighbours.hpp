// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/session/session_query.hpp>
#include <bodega/session/session_window.hpp>
#include <bodega/tensor/parameters.hpp>

namespace bodega {

/// The defaults are VMIS-kNN as published.
struct SessionNeighboursOptions {
  static constexpr std::uint32_t most_recent = 4096, most_views = 16;

  std::uint32_t recent = 1500;     ///< so many of the newest sessions that share an item: compared
  std::uint32_t neighbours = 300;  ///< so many of those that are most alike: asked
  std::uint32_t last_views = 4;   ///< so many views of the query are compared

  /// How alike a session is: the sum over the distinct items it shares with the query's last views.
  /// The item viewed last counts 1, those before less: with 0 evenly down to 1/n for n items, else
  /// exp(-view_decay) times as much with each.
  float view_decay = 0;
  float match_rarity = 0;  ///< a shared item counts ln(sessions / those that hold it) to this power
  float half_life = 0;     ///< a session that is so many sessions old is half as alike; 0 = never

  /// What a neighbour says of its items: as much as it is alike, and
  float match_decay = 0.1f;   ///< less by this for each view that the shared item is further back
  float distance_decay = 0;   ///< times exp(-this) for each step from the shared item beyond one
  float before = 1;           ///< times this where it stands before the shared item
  float itself = 1;           ///< times this for the shared item
  std::uint8_t rare_first = 1;  ///< times ln(sessions / those that hold the item); 0 = not
};

/// What those who viewed the same went on to: the scores come from the recent sessions that are
/// most like the query. With the defaults it is VMIS-kNN (Kersbergen, Sprangers, Schelter: Serenade,
/// SIGMOD 2022; after V-SKNN, Ludewig and Jannach, 2018), with the decays by position, age and
/// distance it is V-STAN (Garg et al., SIGIR 2019; Ludewig et al., 2019).
///
/// Scores are divided by the sum of what the neighbours are alike, so they are the share of
/// neighbours that hold the item, times its rarity: of like size for any query.
/// A finished session or basket is learnt at once by `append`, which lets the oldest go.
///
/// Thread rule: const calls from many threads; `append` excludes them. A call takes up to 50 KB of
/// stack and no other memory. Cost: `recent` steps through the postings of `last_views` items, then
/// the views of `neighbours` sessions. `explain` searches the neighbours again.
class SessionNeighbours {
 public:
  static constexpr std::string_view kind = "session_neighbours";

  SessionNeighbours() { make_offsets(); }

  /// Errors: those of SessionWindow; (out_of_range) for an option that is negative, not finite or
  /// too large: recent beyond 4,096, last_views beyond 16, a rarity beyond 8, another number beyond
  /// a million (half_life: a thousand million).
  explicit SessionNeighbours(std::size_t items, const SessionWindowOptions& window = {},
                             const SessionNeighboursOptions& options = {})
      : SessionNeighbours(SessionWindow(items, window), options) {}
  explicit SessionNeighbours(SessionWindow window, const SessionNeighboursOptions& options = {})
      : window_(std::move(window)), options_(options) {
    check_options(options_, "SessionNeighbours");
    make_offsets();
  }

  std::size_t items() const noexcept { return window_.items(); }
  const SessionWindow& window() const noexcept { return window_; }
  const SessionNeighboursOptions& options() const noexcept { return options_; }
  /// Other options on the same window; errors as of the constructor, and nothing is changed then.
  void set_options(const SessionNeighboursOptions& options) {
    check_options(options, "SessionNeighbours");
    options_ = options;
    make_offsets();
  }

  /// A session has ended, or a basket was paid. See SessionWindow::append.
  void append(std::span<const ItemIndex> session) noexcept { window_.append(session); }
  void expire_oldest() noexcept { window_.expire_oldest(); }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    Search search(*this, query);
    const float scale = search.scale(weight);
    for (const Neighbour& neighbour : search.neighbours())
      for_each_pick(neighbour, search, [&](std::uint32_t item, float part) {
        scores[item] += scale * part;
      });
  }

  /// A reason for each item shared with neighbours that hold `item`, by its part in how alike they
  /// are.
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (item.value() >= items()) return;
    Search search(*this, query);
    const float scale = search.scale(weight);
    std::array<float, SessionNeighboursOptions::most_views> said{};
    for (const Neighbour& neighbour : search.neighbours())
      for_each_pick(neighbour, search, [&](std::uint32_t pick, float part) {
        if (pick != item.value()) return;
        const float share = scale * part / search.shared_weight(neighbour.shared);
        for (std::uint32_t left = neighbour.shared; left != 0; left &= left - 1) {
          const auto at = static_cast<std::size_t>(std::countr_zero(left));
          said[at] += share * search.weight[at];
        }
      });
    for (std::size_t at = 0; at < search.size; ++at)
      reasons.offer({Reason::Kind::bought_together, ItemIndex(search.item[at]), Reason::no_term,
                     said[at]});
  }

  void validate(const std::string& where) const {
    window_.validate(where + ", window");
    check_options(options_, where);
  }

  /// Makes what the parameters imply.
  void restore() {
    window_.restore();
    make_offsets();
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
  }

 private:
  struct Neighbour {
    float alike;
    SessionWindow::Number session;
    std::uint32_t shared;  // a bit for each item of the search

    /// Equally alike: the newer first.
    friend bool operator<(const Neighbour& a, const Neighbour& b) noexcept {
      return a.alike > b.alike || (a.alike == b.alike && a.session > b.session);
    }
  };

  /// The items that a query is compared by, the latest first, and the sessions most like it.
  struct Search {
    std::array<std::uint32_t, SessionNeighboursOptions::most_views> item;
    std::array<float, SessionNeighboursOptions::most_views> weight;
    std::size_t size = 0;

    Search(const SessionNeighbours& model, const Query& query) noexcept {
      const SessionNeighboursOptions& options = model.options_;
      for_each_view_back(query, model.items(), [&](ItemIndex viewed, std::size_t back) {
        if (back >= options.last_views) return false;
        const auto end = item.begin() + static_cast<std::ptrdiff_t>(size);
        if (std::find(item.begin(), end, viewed.value()) == end) item[size++] = viewed.value();
        return true;
      });
      for (std::size_t i = 0; i < size; ++i) {
        const auto steps = static_cast<float>(i), of = static_cast<float>(size);
        weight[i] = (options.view_decay > 0 ? std::exp(-options.view_decay * steps)
                                            : (of - steps) / of) *
                    power(model.rarity(item[i]), options.match_rarity);
      }
      gather(model);
      choose(model.window_, options);
    }

    std::span<const Neighbour> neighbours() const noexcept { return {found.data(), kept}; }

    float shared_weight(std::uint32_t shared) const noexcept {
      float sum = 0;
      for (; shared != 0; shared &= shared - 1)
        sum += weight[static_cast<std::size_t>(std::countr_zero(shared))];
      return sum;
    }

    /// What the parts are to be multiplied by, 0 where no neighbour is alike.
    float scale(float weight_of_all) const noexcept {
      return total > 1e-30f ? weight_of_all / total : 0.0f;
    }

   private:
    /// The newest sessions with any of the items: a merge of their postings, in which the newest
    /// head is next and every posting that has it moves on.
    void gather(const SessionNeighbours& model) noexcept {
      const SessionWindow& window = model.window_;
      std::array<SessionWindow::Newest, SessionNeighboursOptions::most_views> walk;
      std::uint32_t all = 0;  // the items with sessions left
      for (std::size_t i = 0; i < size; ++i) {
        walk[i] = window.newest(item[i]);
        if (walk[i].head() > 0) all |= 1u << i;
      }
      const float per_session = model.options_.half_life > 0 ? -1 / model.options_.half_life : 0.0f;
      std::uint32_t with_all = 0;  // sessions found that share those, so none to come is more alike
      while (kept < model.options_.recent && with_all < model.options_.neighbours && all != 0) {
        std::uint32_t newest = 0;
        for (std::size_t i = 0; i < size; ++i) newest = std::max(newest, walk[i].head());
        float alike = 0;
        std::uint32_t shared = 0, left = 0;
        for (std::size_t i = 0; i < size; ++i) {
          const std::uint32_t holds = walk[i].head() == newest;
          alike += holds != 0 ? weight[i] : 0.0f;
          shared |= holds << i;
          walk[i].advance(holds);
          left |= static_cast<std::uint32_t>(walk[i].head() > 0) << i;
        }
        if (per_session < 0)
          alike *= std::exp2(per_session * static_cast<float>(window.end() - newest));
        found[kept++] = {alike, newest - 1, shared};
        with_all += (shared & all) == all;
        if (left != all) {
          all = left;
          with_all = 0;
          for (std::uint32_t n = 0; n < kept; ++n) with_all += (found[n].shared & all) == all;
        }
      }
    }

    /// Leaves the neighbours, each with what it will say.
    void choose(const SessionWindow& window, const SessionNeighboursOptions& options) noexcept {
      if (kept > options.neighbours) leave_most_alike(options.neighbours);
      for (std::uint32_t n = 0; n < kept; ++n) window.prefetch_place(found[n].session);
      for (std::uint32_t n = 0; n < kept; ++n) {
        const auto back = static_cast<float>(std::countr_zero(found[n].shared) + 1);
        found[n].alike *= std::max(0.0f, 1 - options.match_decay * back);
        total += found[n].alike;
        window.prefetch_views(found[n].session);
      }
    }

    /// The first `wanted` of an order by likeness, equally alike by the newer. By a histogram, as
    /// comparing all would mispredict every other branch; found are the newer first, so where the
    /// bucket on the edge holds one value alone its first ones are taken.
    void leave_most_alike(std::uint32_t wanted) noexcept {
      float most = 0;
      for (std::uint32_t n = 0; n < kept; ++n) most = std::max(most, found[n].alike);
      if (wanted == 0 || !(most > 1e-30f)) {
        kept = 0;  // none is alike
        return;
      }
      constexpr std::uint32_t buckets = 256;
      const float to_bucket = static_cast<float>(buckets - 1) / most;
      const auto bucket = [&](const Neighbour& one) {
        return static_cast<std::uint32_t>(static_cast<std::int32_t>(one.alike * to_bucket));
      };
      std::array<std::uint32_t, buckets + 1> count{};
      for (std::uint32_t n = 0; n < kept; ++n) ++count[bucket(found[n])];
      std::uint32_t edge = buckets, above = 0;
      while (above + count[edge] < wanted) above += count[edge--];

      std::uint32_t left = 0;
      float lowest = most, highest = 0;  // on the edge
      for (std::uint32_t n = 0; n < kept; ++n) {
        const Neighbour one = found[n];
        const std::uint32_t at = bucket(one);
        lowest = at == edge ? std::min(lowest, one.alike) : lowest;
        highest = at == edge ? std::max(highest, one.alike) : highest;
        found[left] = one;
        left += at >= edge;
      }
      kept = left;
      if (kept == wanted) return;
      if (lowest < highest) {
        std::nth_element(found.begin(), found.begin() + wanted, found.begin() + kept);
        kept = wanted;
        return;
      }
      std::uint32_t of_edge = wanted - above;
      left = 0;
      for (std::uint32_t n = 0; n < kept; ++n) {
        const Neighbour one = found[n];
        const bool on_edge = one.alike == lowest;
        const bool stays = !on_edge || of_edge > 0;
        of_edge -= on_edge && stays;
        found[left] = one;
        left += stays;
      }
      kept = left;
    }

    std::array<Neighbour, SessionNeighboursOptions::most_recent> found;
    std::uint32_t kept = 0;
    float total = 0;
  };

  static float power(float base, float exponent) noexcept {
    return exponent == 0 ? 1.0f : exponent == 1 ? base : std::pow(base, exponent);
  }

  /// ln(sessions / those that hold the item): 0 or more, as none is in more than all.
  float rarity(std::uint32_t item) const noexcept {
    return window_.log_size() - window_.log_count(item);
  }

  /// Calls `visit(item, part)` for each distinct item of a neighbour: what it says of it, by its
  /// view nearest to the last of the shared item.
  template <class Visit>
  void for_each_pick(const Neighbour& neighbour, const Search& search,
                     Visit&& visit) const noexcept {
    const auto views = window_[neighbour.session];
    const auto again = window_.again(neighbour.session);
    const std::uint32_t shared =
        search.item[static_cast<std::size_t>(std::countr_zero(neighbour.shared))];
    std::size_t at = views.size() - 1;
    while (views[at] != shared) --at;
    const float* by_offset = by_offset_.data() + SessionWindow::longest - at;
    const float constant = options_.rare_first ? window_.log_size() : 1.0f;
    const float slope = options_.rare_first ? -1.0f : 0.0f;
    const auto say = [&](std::size_t i, bool nearest) {
      const float part = neighbour.alike * by_offset[i] *
                         (constant + slope * window_.log_count(views[i]));
      visit(views[i], nearest ? part : 0.0f);  // a branch could not be foreseen
    };
    if (again.empty()) {
      for (std::size_t i = 0; i < views.size(); ++i) say(i, true);
      return;
    }
    // Of an item's views the nearest counts, the later of two that are as near. As none of the
    // shared item is after `at`, only the next view of the item on the other side matters; 0 - 1,
    // where there is none, is far.
    for (std::uint32_t i = 0; i < at; ++i) {
      const auto steps = static_cast<std::uint32_t>(at) - i;
      const bool far = again[i].next - 1u >= 2 * steps, of_the_shared = again[i].next == steps;
      say(i, far != of_the_shared);  // never both
    }
    say(at, again[at].previous == 0);
    for (auto i = static_cast<std::uint32_t>(at) + 1; i < views.size(); ++i)
      say(i, again[i].previous - 1u >= 2 * (i - static_cast<std::uint32_t>(at)) - 1);
  }

  void make_offsets() noexcept {
    for (std::size_t steps = 1; steps <= SessionWindow::longest; ++steps) {
      const float after =
          std::exp(-options_.distance_decay * static_cast<float>(steps - 1));
      by_offset_[SessionWindow::longest + steps] = after;
      by_offset_[SessionWindow::longest - steps] = after * options_.before;
    }
    by_offset_[SessionWindow::longest] = options_.itself;
  }

  static void check_options(const SessionNeighboursOptions& options, const std::string& where) {
    const auto check = [&](double value, double most, const char* option) {
      if (!(value >= 0 && value <= most))
        throw Error(ErrorCode::out_of_range, where + ", option " + option,
                    "0 to " + std::to_string(most), std::to_string(value));
    };
    check(options.recent, SessionNeighboursOptions::most_recent, "recent");
    check(options.last_views, SessionNeighboursOptions::most_views, "last_views");
    check(options.view_decay, 1e6, "view_decay");
    check(options.match_rarity, 8, "match_rarity");
    check(options.half_life, 1e9, "half_life");
    check(options.match_decay, 1e6, "match_decay");
    check(options.distance_decay, 1e6, "distance_decay");
    check(options.before, 1e6, "before");
    check(options.itself, 1e6, "itself");
    check(options.rare_first, 1, "rare_first");
  }

  SessionWindow window_;
  SessionNeighboursOptions options_;
  /// What is said of a view so many places after (before) the shared one; made by restore().
  std::array<float, 2 * SessionWindow::longest + 1> by_offset_{};
};

}  // namespace bodega
