// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// Where and when is asked; any part may be absent.
struct Context {
  StoreId store = StoreId::none();
  std::int8_t weekday = -1;  ///< 0 = Monday to 6 = Sunday; any other number: not known
  std::int8_t hour = -1;     ///< of the shop's clock, 0 to 23; any other number: not known

  constexpr Context() noexcept = default;
  constexpr Context(StoreId of, std::int8_t on_weekday, std::int8_t at_hour) noexcept
      : store(of), weekday(on_weekday), hour(at_hour) {}
  constexpr Context(StoreId of, Moment when) noexcept
      : store(of),
        weekday(static_cast<std::int8_t>(when.day().weekday())),
        hour(static_cast<std::int8_t>(when.second_of_day() / 3600)) {}
};

/// What is asked for: any part may be absent. Spans are borrowed for the length of the call.
/// Item indices outside the catalogue are ignored by every scorer.
struct Query {
  std::span<const ItemIndex> basket{};             ///< in the order of scanning
  ItemIndex viewed = ItemIndex::none();            ///< the item on the screen
  CustomerIndex customer = CustomerIndex::none();  ///< who holds the loyalty card
  Context context = {};
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
    matches           ///< the text searched for finds it by the word `term` of the search index
  };
  static constexpr std::uint32_t no_term = UINT32_MAX;

  Kind kind = Kind::popular;
  ItemIndex item = ItemIndex::none();
  std::uint32_t term = no_term;
  float contribution = 0;  ///< its part of the pick's score
};
constexpr auto enum_names(Reason::Kind) noexcept {
  using enum Reason::Kind;
  return std::to_array<EnumName<Reason::Kind>>({{bought_together, "bought_together"},
                                                {alike, "alike"},
                                                {popular, "popular"},
                                                {bought_before, "bought_before"},
                                                {due, "due"},
                                                {bought_by_alike, "bought_by_alike"},
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
  }

  const Reason* begin() const noexcept { return reasons_.data(); }
  const Reason* end() const noexcept { return reasons_.data() + size_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  const Reason& operator[](std::size_t i) const noexcept { return reasons_[i]; }
  void clear() noexcept { size_ = 0; }

 private:
  std::array<Reason, capacity> reasons_{};
  std::uint8_t size_ = 0;
};

/// One place of a slate.
struct Pick {
  ItemIndex item = ItemIndex::none();
  float score = 0;
  Reasons because;
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

/// Calls `visit(item, back)` for the views of a session from the latest (`back` 0) to the first, as
/// long as it returns true. The session is the basket in its order and with its repeats, then the
/// viewed item where that is not the last of the basket already. Items outside the catalogue are
/// left out and no step is counted for them.
template <class Visit>
void for_each_view_back(const Query& query, std::size_t items, Visit&& visit) noexcept {
  std::size_t back = 0;
  std::size_t left = query.basket.size();
  while (left > 0 && query.basket[left - 1].value() >= items) --left;
  if (query.viewed.value() < items && (left == 0 || query.basket[left - 1] != query.viewed))
    if (!visit(query.viewed, back++)) return;
  for (; left > 0; --left)
    if (query.basket[left - 1].value() < items)
      if (!visit(query.basket[left - 1], back++)) return;
}

}  // namespace bodega::inline BODEGA_ABI
