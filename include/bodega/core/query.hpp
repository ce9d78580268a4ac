// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <bodega/core/abi.hpp>
#include <bodega/core/context.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/query_parts.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// An item of a session, and how long it was looked at.
struct View {
  static constexpr float no_dwell = -1;

  ItemIndex item = ItemIndex::none();
  float dwell_seconds = no_dwell;  ///< a number that is not 0 or more: not known

  constexpr bool knows_dwell() const noexcept { return dwell_seconds >= 0; }
};

/// What is asked for: any part may be absent. Spans are borrowed for the length of the call.
/// Item indices outside the catalogue are ignored by every scorer.
struct Query {
  std::span<const ItemIndex> basket{};             ///< in the order of scanning
  std::span<const Quantity> quantities{};          ///< of each item of the basket; none: not known
  ItemIndex viewed = ItemIndex::none();            ///< the item on the screen
  std::span<const View> session{};                 ///< what was looked at, the earliest first
  CustomerIndex customer = CustomerIndex::none();  ///< who holds the loyalty card
  Context context = {};

  /// How much of the basket's i-th item; 1 where there is not one number for each.
  Quantity quantity(std::size_t i) const noexcept {
    return quantities.size() == basket.size() ? quantities[i] : Quantity::from_whole(1);
  }

  /// The parts that say something.
  QueryParts parts() const noexcept {
    QueryParts parts;
    const auto add = [&](bool known, QueryPart part) {
      if (known) parts |= part;
    };
    add(!basket.empty(), QueryPart::basket);
    add(!basket.empty() && quantities.size() == basket.size(), QueryPart::quantities);
    add(!viewed.is_none(), QueryPart::viewed);
    add(!session.empty(), QueryPart::session);
    for (const View& view : session) add(view.knows_dwell(), QueryPart::dwell);
    add(!customer.is_none(), QueryPart::customer);
    add(!context.store.is_none(), QueryPart::store);
    add(context.knows_weekday(), QueryPart::weekday);
    add(context.knows_hour(), QueryPart::hour);
    add(context.channel != Channel::unknown, QueryPart::channel);
    add(context.rush != Rush::unknown, QueryPart::rush);
    return parts;
  }
};

/// One cause of a pick.
struct Reason {
  enum class Kind : std::uint8_t {
    bought_together,  ///< `item` (in the basket or viewed) is bought with it
    alike,            ///< `item` shares the word or attribute `term` of the content model
    popular,          ///< many buy it these days
    bought_before,    ///< the customer has bought it before
    due,              ///< the customer buys it again and again, and about now is the time
    bought_by_alike,  ///< customers who buy much the same buy it
    now,              ///< it sells more than else at this hour, or at such a checkout
    matches           ///< the text searched for finds it by the word `term` of the search index
  };
  static constexpr std::uint32_t no_term = UINT32_MAX;
  static constexpr std::uint8_t no_part = UINT8_MAX;

  Kind kind = Kind::popular;
  ItemIndex item = ItemIndex::none();
  std::uint32_t term = no_term;
  float contribution = 0;       ///< its share of the pick's score
  std::uint8_t part = no_part;  ///< of a `PartBlend`: the number of the scorer that says so
};
constexpr auto enum_names(Reason::Kind) noexcept {
  using enum Reason::Kind;
  return std::to_array<EnumName<Reason::Kind>>({{bought_together, "bought_together"},
                                                {alike, "alike"},
                                                {popular, "popular"},
                                                {bought_before, "bought_before"},
                                                {due, "due"},
                                                {bought_by_alike, "bought_by_alike"},
                                                {now, "now"},
                                                {matches, "matches"}});
}

/// The strongest few reasons, strongest first. Fixed in size, so explaining allocates nothing.
class Reasons {
 public:
  static constexpr std::size_t capacity = 3;

  /// Keeps `reason` if it is among the strongest seen; equal strength keeps the earlier one.
  void offer(const Reason& reason) noexcept {
    if (!(reason.contribution > 0)) return;
    std::size_t at = size_;
    while (at > 0 && reasons_[at - 1].contribution < reason.contribution) --at;
    if (at == capacity) return;
    if (size_ < capacity) ++size_;
    for (std::size_t i = size_ - 1; i > at; --i) reasons_[i] = reasons_[i - 1];
    reasons_[at] = reason;
    if (part_ != Reason::no_part) reasons_[at].part = part_;
  }

  /// Reasons offered from now on come from this part of a blend; `Reason::no_part`: as they say.
  void speak_for(std::uint8_t part) noexcept { part_ = part; }

  const Reason* begin() const noexcept { return reasons_.data(); }
  const Reason* end() const noexcept { return reasons_.data() + size_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  const Reason& operator[](std::size_t i) const noexcept { return reasons_[i]; }
  void clear() noexcept { size_ = 0; }

 private:
  std::array<Reason, capacity> reasons_{};
  std::uint8_t size_ = 0, part_ = Reason::no_part;
};

/// One place of a slate.
struct Pick {
  ItemIndex item = ItemIndex::none();
  float score = 0;
  Reasons because;
  ItemIndex instead_of = ItemIndex::none();  ///< what it stands in for: sold out, or none
  float probability = std::numeric_limits<float>::quiet_NaN();        ///< NaN: nobody has said
  float probability_lower = std::numeric_limits<float>::quiet_NaN();  ///< what it is at least
};

/// A recommender: it adds `weight` times its scores into the caller's buffer (one float per item
/// of the catalogue), so that composing recommenders is addition, and it says which parts of the
/// query caused one item's score. Both calls are const, noexcept, allocate nothing and may run
/// from many threads.
template <class S>
concept Scorer = requires(const S& scorer, const Query& query, float weight,
                          std::span<float> scores, ItemIndex item, Reasons& reasons) {
  { scorer.items() }
  noexcept->std::convertible_to<std::size_t>;
  { scorer.add_scores(query, weight, scores) }
  noexcept->std::same_as<void>;
  { scorer.explain(query, weight, item, reasons) }
  noexcept->std::same_as<void>;
};

/// Adds the reasons of several picks, none of them twice: as `explain` does one by one, or by the
/// scorer's own `explain_all(query, weight, picks)`, which those have for whom the picks of a query
/// have most of the work in common.
template <Scorer S>
void explain_all(const S& scorer, const Query& query, float weight,
                 std::span<Pick> picks) noexcept {
  if constexpr (requires { scorer.explain_all(query, weight, picks); })
    scorer.explain_all(query, weight, picks);
  else
    for (Pick& pick : picks) scorer.explain(query, weight, pick.item, pick.because);
}

/// Returns the parts of a query that the scorer's answers depend on, as its own `uses()` says; all
/// of them for a scorer that does not say. What a scorer does not use changes none of its scores.
template <Scorer S>
constexpr QueryParts uses(const S& scorer) noexcept {
  if constexpr (requires { scorer.uses(); })
    return scorer.uses();
  else
    return QueryParts::all();
}

/// What `explain` of a scorer does that finds reasons by its own `explain_all`: for one pick alone.
template <class S>
void explain_alone(const S& scorer, const Query& query, float weight, ItemIndex item,
                   Reasons& reasons) noexcept {
  Pick pick{item, 0, reasons};
  scorer.explain_all(query, weight, {&pick, 1});
  reasons = pick.because;
}

/// Calls `visit(item)` for the items a query names (basket, then viewed), skipping indices that
/// are not below `items` and the viewed item if it is in the basket as well.
template <class Visit>
void for_each_query_item(const Query& query, std::size_t items, Visit&& visit) noexcept {
  bool viewed_in_basket = false;
  for (const ItemIndex item : query.basket) {
    viewed_in_basket |= item == query.viewed;
    if (item.value() < items) visit(item);
  }
  if (!viewed_in_basket && query.viewed.value() < items) visit(query.viewed);
}

/// Calls `visit(view, back)` for the views of a query from the latest (`back` 0) to the first, as
/// long as it returns true. They are the basket in its order and with its repeats, then the session
/// likewise, then the viewed item where that is not the last of them already. Items outside the
/// catalogue are left out and no step is counted for them. Of the basket and the item on the screen
/// no dwell is known.
template <class Visit>
void for_each_view_back(const Query& query, std::size_t items, Visit&& visit) noexcept {
  const std::size_t scanned = query.basket.size();
  const auto at = [&](std::size_t i) {
    return i < scanned ? View{query.basket[i]} : query.session[i - scanned];
  };
  std::size_t back = 0;
  std::size_t left = scanned + query.session.size();
  while (left > 0 && at(left - 1).item.value() >= items) --left;
  if (query.viewed.value() < items && (left == 0 || at(left - 1).item != query.viewed))
    if (!visit(View{query.viewed}, back++)) return;
  for (; left > 0; --left)
    if (const View view = at(left - 1); view.item.value() < items)
      if (!visit(view, back++)) return;
}

}  // namespace bodega::inline BODEGA_ABI
