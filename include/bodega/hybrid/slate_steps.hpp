// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <bodega/collaborative/items/substitutes.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/hybrid/compiled_rules.hpp>
#include <bodega/hybrid/confidence.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/rule_room.hpp>
#include <bodega/hybrid/shopper.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/select.hpp>
#include <bodega/tensor/top_k.hpp>

namespace bodega::inline BODEGA_ABI {

/// What follows the scores on the way to a slate; each step may be left out (null). Borrowed.
struct SlateSteps {
  const CompiledRules* rules = nullptr;
  /// Who stands in for what is sold out.
  const Substitutes<>* substitutes = nullptr;
  /// How likely each pick is, and that at least one of them is taken.
  const Confidence* confidence = nullptr;
  const Popularity* popularity = nullptr;  ///< a sign for `confidence`; null: not known
  /// Only picks whose probability is at least so high for sure are shown; 0: all. Nothing passes
  /// where nothing is calibrated.
  float at_least = 0;
};

/// A slate, and the rules that did something to it.
struct SteppedSlate {
  std::span<const Pick> picks;
  FiredRules fired;
  Confidence::Any any = {};    ///< that at least one pick is taken; NaN where nobody has said
  std::size_t below_gate = 0;  ///< picks that the gate kept away
};

/// So many more than asked for are looked at first, for what rules and the shelf take away.
inline constexpr std::size_t spare_candidates = 16;

/// The memory of one answer with steps, taken once for a catalogue. One per thread.
class StepsWorkspace {
 public:
  explicit StepsWorkspace(std::size_t items, std::size_t max_picks = Workspace::default_max_picks)
      : workspace_(items, max_picks + spare_candidates), rules_(items), max_picks_(max_picks) {
    candidates_.reserve(max_picks + spare_candidates);
    slate_.reserve(max_picks);
    picked_.reserve(max_picks);
    pinned_.reserve(max_picks);
    probabilities_.reserve(max_picks);
  }

  std::size_t items() const noexcept { return workspace_.items(); }

 private:
  template <Scorer S, Mask M>
  friend class SlateSelection;

  struct Pin {
    std::size_t slot = 0;
    Pick pick;
  };

  Workspace workspace_;
  RuleRoom rules_;
  std::vector<ScoredIndex> candidates_;
  std::vector<Pick> slate_, picked_;
  std::vector<Pin> pinned_;
  std::vector<float> probabilities_;
  std::size_t max_picks_;
};

/// What the i-th pick of a slate looks like to `Confidence`.
inline PickSigns pick_signs(std::span<const Pick> slate, std::size_t i, std::size_t basket,
                            const Popularity* popularity) noexcept {
  return {.score = slate[i].score,
          .next_score = i + 1 < slate.size() ? slate[i + 1].score : 0.0f,
          .rank = static_cast<std::uint32_t>(i + 1),
          .basket = basket,
          .popularity = popularity ? popularity->share(slate[i].item) : 0.0f};
}

/// One selection of `select_slate` with steps: its parts share what the answer is made of.
template <Scorer S, Mask M>
class SlateSelection {
 public:
  SlateSelection(const S& scorer, const Query& query, const Shopper& shopper, const M& shelf,
                 const SlateSteps& steps, StepsWorkspace& room) noexcept
      : scorer_(scorer),
        query_(room.workspace_.distinct(query)),
        shopper_(shopper),
        shelf_(shelf),
        steps_(steps),
        room_(room) {}

  SteppedSlate operator()(std::size_t k) noexcept {
    room_.slate_.clear();
    room_.pinned_.clear();
    if (room_.items() != scorer_.items() || k == 0) return {};
    if (steps_.rules && steps_.rules->items() != scorer_.items()) return {};
    k = std::min(k, room_.max_picks_);
    scores_ = room_.workspace_.cleared_scores();
    scorer_.add_scores(query_, 1.0f, scores_);
    for_each_query_item(query_, scores_.size(), [&](ItemIndex item) { scores_[item.value()] = 0; });
    if (steps_.rules) {
      steps_.rules->begin(query_, shopper_, room_.rules_);
      steps_.rules->boost(room_.rules_, scores_);
      place_pins(k);
    }
    fill(k);
    for (const auto& [slot, pick] : room_.pinned_)
      room_.slate_.insert(
          room_.slate_.begin() + static_cast<std::ptrdiff_t>(std::min(slot, room_.slate_.size())),
          pick);
    if (steps_.rules)
      for (const Pick& pick : room_.slate_)
        steps_.rules->for_each_boost(room_.rules_, pick.item,
                                     [&](std::size_t rule) { fired_.set(rule); });
    explain_all(scorer_, query_, 1.0f, std::span<Pick>(room_.slate_));
    Confidence::Any any;
    if (steps_.confidence) rate();
    std::size_t below_gate = 0;
    if (steps_.at_least > 0)
      below_gate = std::erase_if(room_.slate_, [&](const Pick& pick) {
        return !(pick.probability_lower >= steps_.at_least);
      });
    if (steps_.confidence) {
      room_.probabilities_.clear();
      for (const Pick& pick : room_.slate_) room_.probabilities_.push_back(pick.probability);
      if (!room_.slate_.empty()) any = steps_.confidence->any(room_.probabilities_);
    }
    return {room_.slate_, fired_, any, below_gate};
  }

 private:
  bool lets_through(ItemIndex item) const noexcept {
    return !steps_.rules || room_.rules_.allows(item);
  }
  /// Whether an item that `shelf_` does not allow is to be replaced: not where the mask says that
  /// it is kept away for another reason.
  bool sold_out(ItemIndex item) const noexcept {
    if constexpr (requires { shelf_.sold_out(item); })
      return shelf_.sold_out(item);
    else
      return true;
  }
  bool in_query(ItemIndex item) const noexcept {
    return item == query_.viewed ||
           std::find(query_.basket.begin(), query_.basket.end(), item) != query_.basket.end();
  }
  bool in_slate(ItemIndex item) const noexcept {
    const auto is = [&](const Pick& pick) { return pick.item == item; };
    return std::any_of(room_.slate_.begin(), room_.slate_.end(), is) ||
           std::any_of(room_.pinned_.begin(), room_.pinned_.end(),
                       [&](const auto& pin) { return is(pin.pick); });
  }
  /// All picks so far. Borrowed until the next pick.
  std::span<const Pick> all_picked() noexcept {
    room_.picked_.assign(room_.slate_.begin(), room_.slate_.end());  // within the reserve
    for (const auto& pin : room_.pinned_) room_.picked_.push_back(pin.pick);
    return room_.picked_;
  }
  /// What caps do not let stand beside the newest pick is let through no more.
  void close_caps(ItemIndex newest) noexcept {
    if (steps_.rules) steps_.rules->close_caps(newest, all_picked(), room_.rules_);
  }

  template <class Allows>
  std::span<const ScoredIndex> best_of(std::size_t k, Allows&& allows) noexcept {
    TopK& best = room_.workspace_.best(k);
    offer_above(scores_, 0, 0.0f, best,
                [&](std::uint32_t index) { return allows(ItemIndex(index)); });
    return best.sorted();
  }

  void place_pins(std::size_t k) noexcept {
    steps_.rules->for_each_pin(room_.rules_, [&](std::size_t rule, std::size_t slot) {
      if (slot >= k || room_.pinned_.size() == k) return;
      ScoredIndex best{-1, 0};
      bool found = false;
      steps_.rules->for_each_item(rule, [&](ItemIndex item) {
        const ScoredIndex other{scores_[item.value()], item.value()};
        if ((found && !ranks_before(other, best)) || !lets_through(item) || in_query(item) ||
            in_slate(item) || !shelf_.allows(item))
          return;
        best = other;
        found = true;
      });
      if (!found) return;  // all sold out or not to be shown: the slot is free
      fired_.set(rule);
      const auto at = std::find_if(room_.pinned_.begin(), room_.pinned_.end(),
                                   [&](const auto& pin) { return pin.slot > slot; });
      room_.pinned_.insert(at, {slot, Pick{ItemIndex(best.index), best.score, {}}});
      close_caps(ItemIndex(best.index));
    });
  }

  /// The places that no pin has, best first. The best of all items come first, so that what rules
  /// or the shelf keep from standing among them is seen, and replaced. Where these do not fill the
  /// slate the best of what may be shown follow, until none is left.
  void fill(std::size_t k) noexcept {
    const std::size_t places = k - room_.pinned_.size();
    const std::size_t wanted = k + spare_candidates;
    if (steps_.rules || steps_.substitutes) {
      keep(best_of(wanted, [](ItemIndex) { return true; }));
      note_blocked(k);
      take(places);
      if (room_.candidates_.size() < wanted) return;
    }
    std::size_t before = 0;
    while (room_.slate_.size() < places) {
      before = room_.slate_.size();
      keep(best_of(wanted, [&](ItemIndex item) {
        return lets_through(item) && shelf_.allows(item) && !in_slate(item);
      }));
      take(places);
      if (room_.slate_.size() == before || room_.candidates_.size() < wanted) return;
    }
  }
  /// Which rules kept an item out that would have stood among the k best.
  void note_blocked(std::size_t k) noexcept {
    if (!steps_.rules) return;
    for (std::size_t i = 0; i < std::min(k, room_.candidates_.size()); ++i)
      if (const auto rule = steps_.rules->blocked_by(ItemIndex(room_.candidates_[i].index),
                                                     shopper_, room_.rules_))
        fired_.set(*rule);
  }
  void keep(std::span<const ScoredIndex> best) noexcept {
    room_.candidates_.assign(best.begin(), best.end());  // within the reserve
  }
  void take(std::size_t places) noexcept {
    for (const ScoredIndex& candidate : room_.candidates_) {
      if (room_.slate_.size() >= places) return;
      const ItemIndex item(candidate.index);
      if (in_slate(item) || replaced(item)) continue;
      if (!lets_through(item)) {
        if (const auto cap = steps_.rules->capped_by(item, all_picked(), room_.rules_))
          fired_.set(*cap);
        continue;
      }
      if (shelf_.allows(item))
        put(Pick{item, candidate.score, {}});
      else if (steps_.substitutes && sold_out(item))
        if (const auto other = substitute(item)) put(Pick{*other, candidate.score, {}, item});
    }
  }
  void put(const Pick& pick) noexcept {
    room_.slate_.push_back(pick);  // within the reserve
    close_caps(pick.item);
  }
  bool replaced(ItemIndex item) const noexcept {
    return std::any_of(room_.slate_.begin(), room_.slate_.end(),
                       [&](const Pick& pick) { return pick.instead_of == item; });
  }
  /// The nearest that is on the shelf and may be shown.
  std::optional<ItemIndex> substitute(ItemIndex sold_out) noexcept {
    if (sold_out.value() >= steps_.substitutes->items()) return std::nullopt;
    ScoredIndex best{0, 0};
    for_each_entry(steps_.substitutes->weights(), sold_out.value(),
                   [&](std::uint32_t index, float weight) {
                     const ScoredIndex other{weight, index};
                     const ItemIndex item(index);
                     if (ranks_before(other, best) && weight > 0 && lets_through(item) &&
                         !in_query(item) && !in_slate(item) && shelf_.allows(item))
                       best = other;
                   });
    return best.score > 0 ? std::optional(ItemIndex(best.index)) : std::nullopt;
  }

  /// What each pick looks like, and how likely it is.
  void rate() noexcept {
    for (std::size_t i = 0; i < room_.slate_.size(); ++i) {
      const PickSigns signs = pick_signs(room_.slate_, i, query_.basket.size(), steps_.popularity);
      room_.slate_[i].probability = steps_.confidence->probability(signs);
      room_.slate_[i].probability_lower = steps_.confidence->lower(signs);
    }
  }

  const S& scorer_;
  const Query query_;
  const Shopper& shopper_;
  const M& shelf_;
  const SlateSteps& steps_;
  StepsWorkspace& room_;
  std::span<float> scores_;
  FiredRules fired_;
};

/// The slate of `select_slate` after further steps: what rules do not let through is not shown,
/// what they boost counts more, pins stand in their slots and caps hold. A pick that would have
/// stood in the slate but is not on the shelf is replaced by its best substitute that is, which
/// says so (`Pick::instead_of`); without a substitute the next best follows. `RuleSet` has the
/// precedence.
///
/// Promises, whatever the rules: nothing that `shelf` or a rule forbids, nothing twice, nothing
/// that the query holds, no more of anything than a cap allows. A slate without pins holds only
/// what has a score above 0, a pinned item may have none. A pin beyond the last place moves up to
/// it. Without steps the answer is that of `select_slate`. A room or rules of another catalogue's
/// size get an empty slate.
///
/// The answer stands in `room` until its next use; allocates nothing. Thread safety: many threads,
/// each with its own room. Complexity: the scorers', a pass over the scores, more where rules
/// or the shelf take the best away, and a bit an item for each rule that holds.
template <Scorer S, Mask M>
SteppedSlate select_slate(const S& scorer, const Query& query, const Shopper& shopper,
                          const M& shelf, std::size_t k, const SlateSteps& steps,
                          StepsWorkspace& room) noexcept {
  return SlateSelection<S, M>(scorer, query, shopper, shelf, steps, room)(k);
}

}  // namespace bodega::inline BODEGA_ABI
