// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/room.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/customer_table.hpp>

namespace bodega::inline BODEGA_ABI {

/// On which days a customer bought an item: the latest of them, how many days lie between the first
/// and the latest, and how many there were.
struct Purchases {
  static constexpr std::uint32_t most_days = 1u << 24;  ///< no shopper lives that long

  std::int32_t last = 0;  ///< since 1970-01-01
  std::int32_t span = 0;
  std::uint32_t count = 0;

  /// One more day; a day counts once if it is the first or the latest, so far.
  void add(Day day) noexcept;

  bool operator==(const Purchases&) const = default;
};

/// The purchases of customers that changed since a model was fitted, by customer and item. Of 4
/// million the half that was bought longest ago is let go.
/// Memory: 24 bytes a pair of a customer and an item, 4 a customer. Thread safety: const calls from
/// many threads; a change excludes all others.
class LaterPurchases {
 public:
  static constexpr std::size_t most = std::size_t{1} << 22;

  std::size_t size() const noexcept { return customer_.size(); }
  bool empty() const noexcept { return customer_.empty(); }
  /// One more than the highest customer index.
  std::size_t customers() const noexcept { return first_.size(); }
  /// The latest day; 1970-01-01 where there is none.
  Day day() const noexcept { return empty() ? Day() : Day::nearest(latest_); }

  /// Goes over a customer's items, rising; false at the end.
  class Iterator {
   public:
    Iterator(const LaterPurchases& of, std::uint32_t link) noexcept : of_(&of), link_(link) {}
    explicit operator bool() const noexcept { return link_ > 0; }
    std::uint32_t item() const noexcept { return of_->item_[link_ - 1]; }
    Purchases operator*() const noexcept { return of_->purchases(link_ - 1); }
    Iterator& operator++() noexcept {
      link_ = of_->next_[link_ - 1];
      return *this;
    }

   private:
    const LaterPurchases* of_;
    std::uint32_t link_;
  };
  Iterator begin(std::size_t customer) const noexcept {
    return {*this, customer < customers() ? first_[customer] : 0};
  }

  /// Makes room for so many items of a customer, so that `add` cannot fail. Precondition: a
  /// customer below `most_customers`.
  void make_room(std::uint32_t customer, std::size_t items);

  /// One more day of the customer's item, of which `before()` tells what was bought before if
  /// nothing is kept of it here. Precondition: room was made. Complexity: the customer's items.
  template <class Before>
  void add(std::uint32_t customer, std::uint32_t item, Day day, Before&& before) noexcept {
    if (customer >= customers()) first_.resize(customer + std::size_t{1}, 0);
    std::uint32_t* to = &first_[customer];
    while (*to > 0 && item_[*to - 1] < item) to = &next_[*to - 1];
    if (*to == 0 || item_[*to - 1] != item) {
      const Purchases fitted = before();
      customer_.push_back(customer);
      item_.push_back(item);
      last_.push_back(fitted.last);
      span_.push_back(fitted.span);
      count_.push_back(fitted.count);
      next_.push_back(*to);
      *to = static_cast<std::uint32_t>(size());
    }
    const std::size_t at = *to - 1;
    Purchases changed = purchases(at);
    changed.add(day);
    last_[at] = changed.last;
    span_[at] = changed.span;
    count_[at] = changed.count;
    latest_ = std::max(latest_, changed.last);
  }

  /// Throws Error(shape, format, out_of_range) on lists that are not of one length, a customer or
  /// an item out of range or twice, and days that are none. `items`: of the catalogue.
  void validate(const std::string& where, std::size_t items) const;

  /// Makes what the lists imply.
  void restore();

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("customer", self.customer_);
    visit("item", self.item_);
    visit("last", self.last_);
    visit("span", self.span_);
    visit("count", self.count_);
  }

  bool operator==(const LaterPurchases& other) const noexcept {
    return customer_ == other.customer_ && item_ == other.item_ && last_ == other.last_ &&
           span_ == other.span_ && count_ == other.count_;
  }

 private:
  Purchases purchases(std::size_t at) const noexcept { return {last_[at], span_[at], count_[at]}; }

  /// Links all pairs, by customer and item: without a walk for each, whatever their order.
  void link();

  LaterPurchases newer_half() const;

  std::vector<std::uint32_t> customer_, item_;  // of each pair, in the order they were heard
  std::vector<std::int32_t> last_, span_;
  std::vector<std::uint32_t> count_;
  // Made by restore(). Links are one more than a pair's number, 0 = none.
  std::vector<std::uint32_t> first_;  // of each customer
  std::vector<std::uint32_t> next_;   // of each pair: the customer's next item
  std::int32_t latest_ = std::numeric_limits<std::int32_t>::min();
};

#if BODEGA_BODIES

BODEGA_INLINE void Purchases::add(Day day) noexcept {
  const std::int32_t bought = day.days_since_1970();
  if (count == 0) {
    *this = {bought, 0, 1};
  } else if (bought > last) {
    span += bought - last;
    last = bought;
    count = std::min(count + 1, most_days);
  } else if (bought < last) {
    if (bought == last - span) return;
    span = std::max(span, last - bought);
    count = std::min(count + 1, most_days);
  }
}

BODEGA_INLINE void LaterPurchases::make_room(std::uint32_t customer, std::size_t items) {
  if (size() + items > most && !empty()) {
    LaterPurchases left = newer_half();
    left.make_room(customer, items);
    *this = std::move(left);
    return;
  }
  bodega::make_room(items, customer_, item_, last_, span_, count_, next_);
  if (customer >= customers()) bodega::make_room(customer + std::size_t{1} - customers(), first_);
}

BODEGA_INLINE void LaterPurchases::validate(const std::string& where, std::size_t items) const {
  if (size() > most || item_.size() != size() || last_.size() != size() || span_.size() != size() ||
      count_.size() != size())
    throw Error(ErrorCode::shape, where, "lists of one length, at most 4,194,304",
                std::to_string(size()) + " and others");
  const auto want = [&](bool good, std::size_t at, const char* what, const char* expected,
                        std::int64_t found) {
    if (!good)
      throw Error(ErrorCode::out_of_range, where + ", " + what + " " + std::to_string(at), expected,
                  std::to_string(found));
  };
  std::vector<std::uint64_t> pairs;
  for (std::size_t at = 0; at < size(); ++at) {
    want(customer_[at] < most_customers, at, "customer", "an index below 4,194,304", customer_[at]);
    want(item_[at] < items, at, "item", "an item of the catalogue", item_[at]);
    want(last_[at] >= Day::first_number && last_[at] <= Day::last_number, at, "last",
         "a day of the years 1 to 9999", last_[at]);
    want(span_[at] >= 0 && last_[at] - std::int64_t{span_[at]} >= Day::first_number, at, "span",
         "days of the years 1 to 9999", span_[at]);
    want(count_[at] > 0 && count_[at] <= Purchases::most_days, at, "count", "1 to 16,777,216",
         count_[at]);
    pairs.push_back(std::uint64_t{customer_[at]} << 32 | item_[at]);
  }
  std::sort(pairs.begin(), pairs.end());
  if (std::adjacent_find(pairs.begin(), pairs.end()) != pairs.end())
    throw Error(ErrorCode::duplicate, where, "each item of a customer once", "one twice");
}

BODEGA_INLINE void LaterPurchases::restore() {
  std::uint32_t customers = 0;
  for (const std::uint32_t customer : customer_) customers = std::max(customers, customer + 1);
  std::vector<std::uint32_t> first(customers, 0), next(size(), 0);
  first_.swap(first);
  next_.swap(next);
  link();
}

BODEGA_INLINE void LaterPurchases::link() {
  std::vector<std::uint32_t> order(size());
  for (std::uint32_t at = 0; at < order.size(); ++at) order[at] = at;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return customer_[a] != customer_[b] ? customer_[a] < customer_[b] : item_[a] > item_[b];
  });
  latest_ = std::numeric_limits<std::int32_t>::min();
  for (const std::uint32_t at : order) {
    next_[at] = first_[customer_[at]];
    first_[customer_[at]] = at + 1;
    latest_ = std::max(latest_, last_[at]);
  }
}

BODEGA_INLINE LaterPurchases LaterPurchases::newer_half() const {
  std::vector<std::int32_t> days = last_;
  const auto middle = days.begin() + static_cast<std::ptrdiff_t>(days.size() / 2);
  std::nth_element(days.begin(), middle, days.end());
  const bool one_day = std::count(last_.begin(), last_.end(), *middle) > std::ptrdiff_t{most} / 2;
  LaterPurchases left;
  for (std::size_t at = 0; at < size(); ++at) {
    if (one_day ? at < size() / 2 : last_[at] <= *middle) continue;
    left.customer_.push_back(customer_[at]);
    left.item_.push_back(item_[at]);
    left.last_.push_back(last_[at]);
    left.span_.push_back(span_[at]);
    left.count_.push_back(count_[at]);
  }
  left.restore();
  return left;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
