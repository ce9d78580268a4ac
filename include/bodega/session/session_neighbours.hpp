// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/query.hpp>
#include <bodega/session/session_query.hpp>
#include <bodega/session/session_window.hpp>
#include <bodega/tensor/parameters.hpp>

namespace bodega {

/// The defaults are VMIS-kNN as published.
struct SessionNeighboursOptions {
  static constexpr std::uint32_t most_recent = 4096, most_views = 16;

  std::uint32_t recent = 1500;
  std::uint32_t neighbours = 300;
  std::uint32_t last_views = 4;

  /// How alike a session is: the sum over the distinct items it shares with the query's last views.
  /// The item viewed last counts 1, those before less: with 0 evenly down to 1/n for n items, else
  /// exp(-view_decay) times as much with each.
  float view_decay = 0;
  float match_rarity = 0;
  float half_life = 0;

  /// What a neighbour says of its items: as much as it is alike, and
  float match_decay = 0.1f;
  float distance_decay = 0;
  float before = 1;
  float itself = 1;
  std::uint8_t rare_first = 1;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("recent", self.recent, "So many of the newest sessions that share an item are compared.");
    visit("neighbours", self.neighbours, "So many of those that are most alike are asked.");
    visit("last_views", self.last_views, "So many views of the query are compared.");
    visit("view_decay", self.view_decay,
          "Older views count exp(-this) times as much each; 0: evenly down to 1/n.");
    visit("match_rarity", self.match_rarity,
          "A shared item counts ln(sessions / those that hold it) to this power.");
    visit("half_life", self.half_life,
          "A session that is so many sessions old is half as alike; 0 = never.");
    visit("match_decay", self.match_decay,
          "Less by this for each view that the shared item is further back.");
    visit("distance_decay", self.distance_decay,
          "Times exp(-this) for each step from the shared item beyond one.");
    visit("before", self.before, "Times this where an item stands before the shared one.");
    visit("itself", self.itself, "Times this for the shared item.");
    visit("rare_first", self.rare_first,
          "1: times ln(sessions / those that hold the item); 0: not.");
  }
};

/// What those who viewed the same went on to: the scores come from the recent sessions that are
/// most like the query. With the defaults it is VMIS-kNN (Kersbergen, Sprangers, Schelter:
/// Serenade, SIGMOD 2022; after V-SKNN, Ludewig and Jannach, 2018), with the decays by position,
/// age and distance it is V-STAN (Garg et al., SIGIR 2019; Ludewig et al., 2019).
///
/// Scores are divided by the sum of what the neighbours are alike, so they are the share of
/// neighbours that hold the item, times its rarity: of like size for any query.
/// A finished session or basket is learnt at once by `append`, which lets the oldest go.
///
/// Thread rule: const calls from many threads; `append` excludes them. A call takes up to 75 KB of
/// stack and no other memory. Cost: `recent` steps through the postings of `last_views` items, then
/// the items of `neighbours` sessions. `explain` searches the neighbours again, `explain_all` once
/// for all picks.
class SessionNeighbours {
 public:
  static constexpr std::string_view kind = "session_neighbours";

  SessionNeighbours() { make_tables(); }

  /// Errors: those of SessionWindow; (out_of_range) for an option that is negative, not finite or
  /// too large: recent beyond 4,096, last_views beyond 16, a rarity beyond 8, another number beyond
  /// a million (half_life: a thousand million).
  explicit SessionNeighbours(std::size_t items, const SessionWindowOptions& window = {},
                             const SessionNeighboursOptions& options = {})
      : SessionNeighbours(SessionWindow(items, window), options) {}
  explicit SessionNeighbours(SessionWindow window, const SessionNeighboursOptions& options = {})
      : window_(std::move(window)), options_(options) {
    check_options(options_, "SessionNeighbours");
    make_tables();
  }

  std::size_t items() const noexcept { return window_.items(); }
  const SessionWindow& window() const noexcept { return window_; }
  const SessionNeighboursOptions& options() const noexcept { return options_; }
  /// Other options on the same window; errors as of the constructor, and nothing is changed then.
  void set_options(const SessionNeighboursOptions& options) {
    check_options(options, "SessionNeighbours");
    options_ = options;
    make_tables();
  }

  /// A session has ended, or a basket was paid. See SessionWindow::append.
  void append(std::span<const ItemIndex> session) noexcept { window_.append(session); }
  void expire_oldest() noexcept { window_.expire_oldest(); }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    const Search search(*this, query);
    const float scale = search.scale(weight);
    for (std::uint32_t n = 0; n < search.neighbours; ++n)
      for_each_part(search[n], search,
                    [&](std::uint32_t item, float part) { scores[item] += scale * part; });
  }

  /// A reason for each item shared with neighbours that hold `item`, by its part in how alike they
  /// are.
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    Pick pick{item, 0, reasons};
    explain_all(query, weight, {&pick, 1});
    reasons = pick.because;
  }

  void explain_all(const Query& query, float weight, std::span<Pick> picks) const noexcept {
    const Search search(*this, query);
    for (; !picks.empty(); picks = picks.subspan(std::min(picks.size(), PickTable::most)))
      explain_some(search, weight, picks.first(std::min(picks.size(), PickTable::most)));
  }

  void validate(const std::string& where) const {
    window_.validate(where + ", window");
    check_options(options_, where);
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
  }

 private:
  struct Neighbour {
    float alike;
    SessionWindow::Number session;
    std::uint32_t shared;  // a bit for each item of the search
  };

  /// The items that a query is compared by, the latest first, and the sessions most like it.
  struct Search {
    static constexpr std::size_t most_items = SessionNeighboursOptions::most_views;
    static constexpr std::size_t most_found = SessionNeighboursOptions::most_recent;

    std::array<std::uint32_t, most_items> item;
    std::array<float, most_items> weight;
    std::uint32_t size = 0;        // items
    std::uint32_t neighbours = 0;  // sessions

    Search(const SessionNeighbours& model, const Query& query) noexcept {
      const SessionNeighboursOptions& options = model.options_;
      for_each_view_back(query, model.items(), [&](ItemIndex viewed, std::size_t back) {
        if (back >= options.last_views) return false;
        const auto end = item.begin() + static_cast<std::ptrdiff_t>(size);
        if (std::find(item.begin(), end, viewed.value()) == end) item[size++] = viewed.value();
        return true;
      });
      float most = 0;
      for (std::size_t i = 0; i < size; ++i) {
        const auto steps = static_cast<float>(i), of = static_cast<float>(size);
        weight[i] =
            (options.view_decay > 0 ? std::exp(-options.view_decay * steps) : (of - steps) / of) *
            power(model.rarity(item[i]), options.match_rarity);
        most += weight[i];
      }
      to_bucket = most > 1e-30f ? static_cast<float>(buckets - 1) / most : 0.0f;
      gather(model);
      choose(model);
    }

    /// The n-th neighbour.
    const Neighbour& operator[](std::uint32_t n) const noexcept { return found[chosen[n]]; }

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
    static constexpr std::uint32_t buckets = 256;
    static constexpr std::uint32_t table_items = 8;

    /// The postings that have sessions left, each with the bit of its item.
    struct Walks {
      std::array<SessionWindow::Newest, most_items> walk;
      std::array<std::uint32_t, most_items> bit;
      std::size_t size = 0;

      void add(const SessionWindow::Newest& next, std::uint32_t of) noexcept {
        walk[size] = next;
        bit[size] = of;
        size += next.head() > 0;
      }
    };

    /// The newest sessions with any of the items, the newest first.
    void gather(const SessionNeighbours& model) noexcept {
      for (std::uint32_t i = 0; i < std::min(size, table_items); ++i)
        for (std::uint32_t shared = 0; shared < 1u << i; ++shared)
          sum_of[shared + (1u << i)] = sum_of[shared] + weight[i];
      Walks walks;
      for (std::uint32_t i = 0; i < size; ++i) walks.add(model.window_.newest(item[i]), 1u << i);
      bool enough = false;
      while (walks.size > 0 && !enough) switch (walks.size) {
          case 1:
            enough = merge<1>(model, walks);
            break;
          case 2:
            enough = merge<2>(model, walks);
            break;
          case 3:
            enough = merge<3>(model, walks);
            break;
          case 4:
            enough = merge<4>(model, walks);
            break;
          case 5:
            enough = merge<5>(model, walks);
            break;
          case 6:
            enough = merge<6>(model, walks);
            break;
          default:
            enough = merge<0>(model, walks);
        }
    }

    /// A merge of postings, in which the newest head is next and every posting that has it moves
    /// on, until one of them ends; or true when what was found is enough. Of `n` postings, which
    /// stay in registers, or (0) of any number.
    template <std::size_t n>
    bool merge(const SessionNeighbours& model, Walks& walks) noexcept {
      const std::uint32_t recent = model.options_.recent, wanted = model.options_.neighbours;
      const bool fades = model.options_.half_life > 0;
      const SessionWindow::Number end = model.window_.end();
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
        if (fades) alike *= model.freshness(end - newest);
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
    void choose(const SessionNeighbours& model) noexcept {
      const SessionWindow& window = model.window_;
      const SessionNeighboursOptions& options = model.options_;
      if (kept > options.neighbours) {
        choose_most_alike(options.neighbours);
      } else {
        for (; neighbours < kept; ++neighbours)
          chosen[neighbours] = static_cast<std::uint16_t>(neighbours);
      }
      for (std::uint32_t n = 0; n < neighbours; ++n)
        window.prefetch_place(found[chosen[n]].session);
      for (std::uint32_t n = 0; n < neighbours; ++n) {
        Neighbour& neighbour = found[chosen[n]];
        const auto back = static_cast<float>(std::countr_zero(neighbour.shared) + 1);
        neighbour.alike *= std::max(0.0f, 1 - options.match_decay * back);
        total += neighbour.alike;
        if (model.by_place_)
          window.prefetch_views(neighbour.session);
        else
          window.prefetch_distinct(neighbour.session);
      }
    }

    /// The first `wanted` of an order by likeness, equally alike by the newer. By a histogram, as
    /// comparing all would mispredict every other branch; found are the newer first, so where the
    /// bucket on the edge holds one value alone its first ones are taken.
    void choose_most_alike(std::uint32_t wanted) noexcept {
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
        std::nth_element(on_edge.begin(), on_edge.begin() + (wanted - above),
                         on_edge.begin() + of_edge, [&](std::uint16_t a, std::uint16_t b) {
                           return found[a].alike > found[b].alike ||
                                  (found[a].alike == found[b].alike && a < b);
                         });
      std::copy_n(on_edge.begin(), wanted - above, chosen.begin() + neighbours);
      neighbours = wanted;
    }

    std::array<Neighbour, most_found> found;
    std::array<std::uint16_t, most_found> chosen;   // of those found
    std::array<std::uint32_t, buckets> count{};     // of those found, by how much they are alike
    std::array<float, 1u << table_items> sum_of{};  // the weights of the first items shared
    float to_bucket = 0;
    std::uint32_t kept = 0;
    float total = 0;
  };

  /// Which of a few picks an item is.
  class PickTable {
   public:
    static constexpr std::size_t most = 64;

    explicit PickTable(std::span<const Pick> picks) noexcept {
      for (std::size_t p = 0; p < picks.size(); ++p) {
        std::size_t slot = slot_of(picks[p].item.value());
        while (pick_[slot] > 0) slot = (slot + 1) % slots;
        pick_[slot] = static_cast<std::uint8_t>(p + 1);
        item_[slot] = picks[p].item.value();
      }
    }
    /// One more than the pick's index; 0 where the item is none of them.
    std::size_t operator[](std::uint32_t item) const noexcept {
      std::size_t slot = slot_of(item);
      while (pick_[slot] > 0 && item_[slot] != item) slot = (slot + 1) % slots;
      return pick_[slot];
    }

   private:
    static constexpr std::size_t slots = 4 * most;
    static std::size_t slot_of(std::uint32_t item) noexcept { return (item * 2654435761u) >> 24; }

    std::array<std::uint32_t, slots> item_;
    std::array<std::uint8_t, slots> pick_{};
  };

  void explain_some(const Search& search, float weight, std::span<Pick> picks) const noexcept {
    const PickTable table(picks);
    const float scale = search.scale(weight);
    std::array<std::array<float, Search::most_items>, PickTable::most> said;
    std::fill_n(said.begin(), picks.size(), std::array<float, Search::most_items>{});
    for (std::uint32_t n = 0; n < search.neighbours; ++n) {
      const Neighbour& neighbour = search[n];
      const float share = scale / search.shared_weight(neighbour.shared);
      for_each_part(neighbour, search, [&](std::uint32_t item, float part) {
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

  static float power(float base, float exponent) noexcept {
    return exponent == 0 ? 1.0f : exponent == 1 ? base : std::pow(base, exponent);
  }

  /// ln(sessions / those that hold the item): 0 or more, as none is in more than all.
  float rarity(std::uint32_t item) const noexcept {
    return window_.log_size() - window_.log_count(item);
  }

  /// Half as much for each `half_life` of sessions since.
  float freshness(std::uint32_t age) const noexcept {
    return fresh_[age % fresh_step] * fresh_[fresh_step + age / fresh_step];
  }

  /// Calls `visit(item, part)` for each distinct item of a neighbour: what it says of it, by its
  /// view nearest to the last of the shared item. Items may come again with a part of 0.
  template <class Visit>
  void for_each_part(const Neighbour& neighbour, const Search& search,
                     Visit&& visit) const noexcept {
    const float constant = options_.rare_first ? window_.log_size() : 1.0f;
    const float slope = options_.rare_first ? -1.0f : 0.0f;
    const auto importance = [&](std::uint32_t item) {
      return constant + slope * window_.log_count(item);
    };
    if (!by_place_) {
      for (const std::uint32_t item : window_.distinct(neighbour.session))
        visit(item, neighbour.alike * importance(item));
      return;
    }
    const auto views = window_[neighbour.session];
    const auto again = window_.again(neighbour.session);
    const auto size = static_cast<std::uint32_t>(views.size());
    const std::uint32_t shared =
        search.item[static_cast<std::size_t>(std::countr_zero(neighbour.shared))];
    std::uint32_t at = size - 1;
    while (views[at] != shared) --at;
    const float* by_offset = by_offset_.data() + SessionWindow::longest - at;
    const auto part = [&](std::uint32_t i) {
      return neighbour.alike * by_offset[i] * importance(views[i]);
    };
    if (again.empty()) {
      for (std::uint32_t i = 0; i < size; ++i) visit(views[i], part(i));
      return;
    }
    // Of an item's views the nearest counts, the later of two that are as near. As none of the
    // shared item is after `at`, only the next view of the item on the other side matters; 0 - 1,
    // where there is none, is far. No branch could be foreseen, so a mask makes a part 0.
    for (std::uint32_t i = 0; i < size; ++i) {
      const bool before = i < at;
      const std::uint32_t steps = before ? at - i : i - at;
      const std::uint32_t link = before ? again[i].next : again[i].previous;
      const bool far = link - 1u >= 2 * steps - !before, of_the_shared = before && link == steps;
      const std::uint32_t mask = 0u - (far != of_the_shared);  // never both
      visit(views[i], std::bit_cast<float>(std::bit_cast<std::uint32_t>(part(i)) & mask));
    }
  }

  void make_tables() {
    for (std::size_t steps = 1; steps <= SessionWindow::longest; ++steps) {
      const float after = std::exp(-options_.distance_decay * static_cast<float>(steps - 1));
      by_offset_[SessionWindow::longest + steps] = after;
      by_offset_[SessionWindow::longest - steps] = after * options_.before;
    }
    by_offset_[SessionWindow::longest] = options_.itself;
    by_place_ = options_.distance_decay != 0 || options_.before != 1 || options_.itself != 1;
    fresh_.clear();
    if (!(options_.half_life > 0)) return;
    const auto after = [&](std::size_t sessions) {
      return std::exp2(-static_cast<float>(sessions) / options_.half_life);
    };
    for (std::size_t age = 0; age < fresh_step; ++age) fresh_.push_back(after(age));
    for (std::size_t age = 0; age <= window_.capacity(); age += fresh_step)
      fresh_.push_back(after(age));
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
  // Made by restore(): what is said of a view so many places after (before) the shared one, and
  // whether that is not the same for all; the freshness of ages below fresh_step, and of its
  // multiples.
  static constexpr std::uint32_t fresh_step = 256;
  std::array<float, 2 * SessionWindow::longest + 1> by_offset_{};
  bool by_place_ = false;
  std::vector<float> fresh_;
};

}  // namespace bodega
