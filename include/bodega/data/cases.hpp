// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/options.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/item_mask.hpp>

/// Questions made of held-out baskets, with their answers, for models that have not learnt from
/// them.
namespace bodega::inline BODEGA_ABI {

/// Returns the items that at least so many baskets hold: the catalogue of a comparison, the same
/// for every model, taken from the baskets that models learn from.
ItemMask items_in_baskets(const Baskets& training, std::size_t at_least = 5);

struct LeaveOneOutOptions {
  std::size_t longest_basket = 30;
  std::size_t max_cases = 0;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("longest_basket", self.longest_basket,
          "Only the first so many items of a basket are kept.");
    visit("max_cases", self.max_cases,
          "0 = all; else every n-th case, so that at most this many stay.");
  }
};

/// Open baskets to be completed: every item of every held-out basket is hidden once. Items outside
/// the catalogue are removed first, then the first `longest_basket` are kept, and baskets with
/// fewer than two left are dropped. A basket of 30 weighs 30 cases.
/// Thread safety: any number of threads may read once it is filled.
class LeaveOneOut {
 public:
  struct Case {
    std::span<const ItemIndex> basket;  ///< with the hidden item
    std::size_t hidden = 0;             ///< its place in the basket
    CustomerIndex customer = CustomerIndex::none();
    std::size_t group = 0;  ///< which basket: cases of one are not independent
  };

  /// Throws Error(shape) if baskets and catalogue differ in size.
  LeaveOneOut(const Baskets& held_out, ItemMask catalogue, const LeaveOneOutOptions& options = {});

  /// Without cases, for those that somebody else has chosen and `add` takes.
  explicit LeaveOneOut(ItemMask catalogue) : catalogue_(std::move(catalogue)) {}

  /// Adds a case: an item of a basket is hidden. Precondition: cases of one basket follow each
  /// other; `new_basket` says that this is the first of another. Throws Error(out_of_range) if
  /// there is no such place or an item is not in the catalogue; nothing is changed then.
  void add(std::span<const ItemIndex> basket, std::size_t hidden, bool new_basket,
           CustomerIndex customer = CustomerIndex::none());

  std::size_t size() const noexcept { return cases_.size(); }
  std::size_t baskets() const noexcept { return baskets_; }
  /// Items of held-out baskets that are not in the catalogue.
  std::size_t removed_items() const noexcept { return removed_items_; }
  const ItemMask& catalogue() const noexcept { return catalogue_; }

  Case operator[](std::size_t i) const noexcept {
    const Held& held = held_[cases_[i].held];
    return {{items_.data() + held.begin, held.size}, cases_[i].hidden, held.customer, held.group};
  }

 private:
  struct Held {
    std::size_t begin, size;  // in items_
    CustomerIndex customer;
    std::size_t group;
  };
  struct Position {
    std::uint32_t held, hidden;
  };
  ItemMask catalogue_;
  std::vector<ItemIndex> items_;
  std::vector<Held> held_;
  std::vector<Position> cases_;
  std::size_t baskets_ = 0;
  std::size_t removed_items_ = 0;
};

/// Whole baskets to be foreseen: questions with a set of answers each.
/// Thread safety: any number of threads may read once it is filled.
class BasketCases {
 public:
  struct Case {
    CustomerIndex customer;
    std::span<const ItemIndex> query;  ///< the open basket, mostly empty
    std::span<const ItemIndex> target;
    std::span<const ItemIndex> seen;  ///< targets that the customer has bought before
    std::size_t group = 0;            ///< cases of one are not independent
  };

  /// Without cases. `catalogue`: what may be recommended.
  explicit BasketCases(ItemMask catalogue) : catalogue_(std::move(catalogue)) {}

  /// A case for each held-out basket: the query is empty, `seen` comes from `history`, the group is
  /// the customer. Throws Error(shape) if the catalogues differ in size.
  BasketCases(const Baskets& held_out, const Baskets& history, ItemMask catalogue);

  /// Adds a case. Precondition: cases of a group follow each other. Throws Error(invalid_argument)
  /// without a target, or if `seen` is not a part of it; nothing is changed then.
  void add(CustomerIndex customer, std::span<const ItemIndex> query,
           std::span<const ItemIndex> target, std::span<const ItemIndex> seen, std::size_t group);

  std::size_t size() const noexcept { return held_.size(); }
  const ItemMask& catalogue() const noexcept { return catalogue_; }

  Case operator[](std::size_t i) const noexcept {
    const Held& held = held_[i];
    const ItemIndex* const query = items_.data() + held.begin;
    return {held.customer,
            {query, held.query},
            {query + held.query, held.target},
            {query + held.query, held.seen},
            held.group};
  }

 private:
  struct Held {
    std::size_t begin, query, seen, target;
    CustomerIndex customer;
    std::size_t group;
  };
  ItemMask catalogue_;
  std::vector<ItemIndex> items_;
  std::vector<Held> held_;
};

#if BODEGA_BODIES

BODEGA_INLINE ItemMask items_in_baskets(const Baskets& training, std::size_t at_least) {
  std::vector<std::size_t> count(training.items(), 0);
  for (std::size_t b = 0; b < training.size(); ++b)
    for (const ItemIndex item : training[b]) ++count[item.value()];
  ItemMask often(training.items(), at_least == 0);
  for (std::uint32_t i = 0; i < count.size(); ++i)
    if (count[i] >= at_least) often.allow(ItemIndex(i));
  return often;
}

BODEGA_INLINE LeaveOneOut::LeaveOneOut(const Baskets& held_out, ItemMask catalogue,
                                       const LeaveOneOutOptions& options)
    : catalogue_(std::move(catalogue)) {
  if (held_out.items() != catalogue_.items())
    throw Error(ErrorCode::shape, "LeaveOneOut",
                "baskets of a catalogue of " + std::to_string(catalogue_.items()),
                std::to_string(held_out.items()));
  std::vector<Position> all;
  for (std::size_t b = 0; b < held_out.size(); ++b) {
    const std::size_t begin = items_.size();
    for (const ItemIndex item : held_out[b]) {
      if (!catalogue_.allows(item))
        ++removed_items_;
      else if (items_.size() - begin < options.longest_basket)
        items_.push_back(item);
    }
    const std::size_t size = items_.size() - begin;
    if (size < 2) {
      items_.resize(begin);
      continue;
    }
    for (std::size_t i = 0; i < size; ++i)
      all.push_back({static_cast<std::uint32_t>(held_.size()), static_cast<std::uint32_t>(i)});
    held_.push_back({begin, size, held_out.customer(b), baskets_++});
  }
  const std::size_t most = options.max_cases > 0 ? options.max_cases : all.size();
  const std::size_t step = all.size() > most ? (all.size() + most - 1) / most : 1;
  for (std::size_t i = 0; i < all.size(); i += step) cases_.push_back(all[i]);
}

BODEGA_INLINE void LeaveOneOut::add(std::span<const ItemIndex> basket, std::size_t hidden,
                                    bool new_basket, CustomerIndex customer) {
  if (hidden >= basket.size())
    throw Error(ErrorCode::out_of_range, "LeaveOneOut, place of the hidden item",
                "below " + std::to_string(basket.size()), std::to_string(hidden));
  for (const ItemIndex item : basket)
    if (!catalogue_.allows(item))
      throw Error(ErrorCode::out_of_range, "LeaveOneOut, item of a case",
                  "an item of the catalogue", std::to_string(item.value()));
  if (new_basket || baskets_ == 0) ++baskets_;
  cases_.push_back({static_cast<std::uint32_t>(held_.size()), static_cast<std::uint32_t>(hidden)});
  held_.push_back({items_.size(), basket.size(), customer, baskets_ - 1});
  items_.insert(items_.end(), basket.begin(), basket.end());
}

BODEGA_INLINE BasketCases::BasketCases(const Baskets& held_out, const Baskets& history,
                                       ItemMask catalogue)
    : BasketCases(std::move(catalogue)) {
  for (const Baskets* baskets : {&held_out, &history})
    if (baskets->items() != catalogue_.items())
      throw Error(ErrorCode::shape, "BasketCases",
                  "baskets of a catalogue of " + std::to_string(catalogue_.items()),
                  std::to_string(baskets->items()));
  std::vector<std::size_t> order(held_out.size());
  for (std::size_t b = 0; b < order.size(); ++b) order[b] = b;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return held_out.customer(a) < held_out.customer(b);
  });
  std::vector<std::pair<CustomerIndex, ItemIndex>> bought;
  for (std::size_t b = 0; b < history.size(); ++b)
    if (!history.customer(b).is_none())
      for (const ItemIndex item : history[b]) bought.emplace_back(history.customer(b), item);
  std::sort(bought.begin(), bought.end());
  std::vector<ItemIndex> seen;
  for (const std::size_t b : order) {
    const CustomerIndex customer = held_out.customer(b);
    seen.clear();
    for (const ItemIndex item : held_out[b])
      if (std::binary_search(bought.begin(), bought.end(), std::pair(customer, item)))
        seen.push_back(item);
    add(customer, {}, held_out[b], seen, customer.is_none() ? size() : customer.value());
  }
}

BODEGA_INLINE void BasketCases::add(CustomerIndex customer, std::span<const ItemIndex> query,
                                    std::span<const ItemIndex> target,
                                    std::span<const ItemIndex> seen, std::size_t group) {
  if (target.empty())
    throw Error(ErrorCode::invalid_argument, "BasketCases, case " + std::to_string(size()),
                "a target", "none");
  const auto holds = [](std::span<const ItemIndex> items, ItemIndex item) {
    return std::find(items.begin(), items.end(), item) != items.end();
  };
  for (const ItemIndex item : seen)
    if (!holds(target, item))
      throw Error(ErrorCode::invalid_argument,
                  "BasketCases, seen of case " + std::to_string(size()), "targets",
                  std::to_string(item.value()));
  // Targets stand with those seen first, so that both parts are one span.
  const std::size_t begin = items_.size();
  items_.insert(items_.end(), query.begin(), query.end());
  items_.insert(items_.end(), seen.begin(), seen.end());
  for (const ItemIndex item : target)
    if (!holds(seen, item)) items_.push_back(item);
  held_.push_back(
      {begin, query.size(), seen.size(), items_.size() - begin - query.size(), customer, group});
}

#endif

}  // namespace bodega::inline BODEGA_ABI
