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
#include <bodega/core/room.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/customer_table.hpp>
#include <bodega/data/receipt.hpp>

namespace bodega::inline BODEGA_ABI {

/// What customers bought since a model was fitted: their baskets, each customer's in order of time
/// (of one moment, as they were heard), so that the model can count them beside what it was fitted
/// on. Of 4 million lines the older half is let go.
/// Memory: 4 bytes a line and 20 a basket, 8 a customer, 4 an item. Thread safety: const calls from
/// many threads; `observe` excludes all others.
class LaterBaskets {
 public:
  static constexpr std::size_t most_lines = std::size_t{1} << 22;
  static constexpr std::size_t most_items = std::size_t{1} << 24;  ///< that a catalogue grows to

  LaterBaskets() = default;
  /// None yet; `items` is the size of the catalogue.
  explicit LaterBaskets(std::size_t items)
      : items_(static_cast<std::uint32_t>(items)), basket_of_(items, 0) {}

  std::size_t items() const noexcept { return basket_of_.size(); }
  /// The catalogue has so many items now, the new ones at its end; fewer change nothing.
  void grow(std::size_t items) {
    if (items <= this->items() || items > most_items) return;
    basket_of_.resize(items, 0);
    items_ = static_cast<std::uint32_t>(items);
  }
  std::size_t size() const noexcept { return customer_.size(); }
  bool empty() const noexcept { return customer_.empty(); }
  /// One more than the highest customer index heard.
  std::size_t customers() const noexcept { return newest_.size(); }
  /// How many of the baskets are the customer's.
  std::size_t count(std::size_t customer) const noexcept {
    return customer < customers() ? count_[customer] : 0;
  }
  /// The latest day of a basket; 1970-01-01 where there is none.
  Day day() const noexcept { return day_of(latest_); }

  std::span<const std::uint32_t> lines() const noexcept { return item_; }
  /// The distinct items of a basket, rising.
  std::span<const std::uint32_t> operator[](std::size_t basket) const noexcept {
    const std::size_t begin = basket > 0 ? end_[basket - 1] : 0;
    return {item_.data() + begin, end_[basket] - begin};
  }
  /// The day of a basket.
  Day day(std::size_t basket) const noexcept { return day_of(when_[basket]); }

  /// Calls `visit(basket, age)` for the customer's baskets, the newest first with age 0.
  template <class Visit>
  void for_each_back(std::size_t customer, Visit&& visit) const noexcept {
    if (customer >= customers()) return;
    std::size_t age = 0;
    for (std::uint32_t at = newest_[customer]; at > 0; at = older_[at - 1]) visit(at - 1, age++);
  }

  /// Keeps what a receipt sells to a known customer; items outside the catalogue, returns, receipts
  /// without a card and customers from `most_customers` on are left out. Returns the basket's
  /// number; nothing is kept, and `size()` returned, where there is nothing to keep. Strong
  /// guarantee. Complexity: the sort of the lines, and the customer's baskets of a later moment.
  std::size_t observe(const Receipt& receipt);

  /// Throws Error(shape, format, out_of_range) on lists that are not of one length, items or
  /// customers out of range, and baskets that are empty or not of rising items. `items`: of the
  /// catalogue that the model was fitted to.
  void validate(const std::string& where, std::size_t items) const;

  /// Makes what the lists imply; `items` is the size of that catalogue.
  void restore(std::size_t items);

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("items", self.items_);
    visit("customer", self.customer_);
    visit("when", self.when_);
    visit("end", self.end_);
    visit("item", self.item_);
  }

  bool operator==(const LaterBaskets& other) const noexcept {
    return items_ == other.items_ && customer_ == other.customer_ && when_ == other.when_ &&
           end_ == other.end_ && item_ == other.item_;
  }

 private:
  static constexpr std::int64_t first_second = std::int64_t{Day::first_number} * 86400,
                                last_second = std::int64_t{Day::last_number} * 86400 + 86399;

  static Day day_of(std::int64_t seconds) noexcept {
    return Day::nearest(seconds / 86400 - (seconds % 86400 < 0));
  }

  /// Puts a basket into its customer's list. Room is made.
  void link(std::size_t basket) noexcept;

  /// The baskets heard first go, until half of the lines are left.
  void forget_older_half() noexcept;

  std::uint32_t items_ = 0;
  std::vector<std::uint32_t> customer_;  // of each basket, in the order they were heard
  std::vector<std::int64_t> when_;
  std::vector<std::uint32_t> end_;  // of its lines
  std::vector<std::uint32_t> item_;
  // Made by restore(). Links are one more than a basket's number, 0 = none.
  std::vector<std::uint32_t> newest_, count_;  // of each customer
  std::vector<std::uint32_t> older_;           // of each basket: the one before it
  std::vector<std::uint32_t> basket_of_;       // of each item; 0 between calls
  std::int64_t latest_ = 0;
};

#if BODEGA_BODIES

BODEGA_INLINE std::size_t LaterBaskets::observe(const Receipt& receipt) {
  const std::uint32_t customer = receipt.customer.value();
  if (customer >= most_customers) return size();
  const std::size_t lines = item_.size(), room = std::min(receipt.lines.size(), items());
  bodega::make_room(room, item_);
  bodega::make_room(1, customer_, when_, end_, older_);
  if (customer >= customers()) {
    const std::size_t more = customer + std::size_t{1} - customers();
    bodega::make_room(more, newest_, count_);
  }
  if (lines + room > most_lines) forget_older_half();
  const std::size_t begin = item_.size();
  const auto number = static_cast<std::uint32_t>(size() + 1);
  for (const ReceiptLine& line : receipt.lines) {
    const std::uint32_t item = line.item.value();
    if (item < items() && line.quantity > Quantity() &&
        std::exchange(basket_of_[item], number) != number)
      item_.push_back(item);
  }
  for (std::size_t i = begin; i < item_.size(); ++i) basket_of_[item_[i]] = 0;
  if (item_.size() == begin) return size();
  std::sort(item_.begin() + static_cast<std::ptrdiff_t>(begin), item_.end());
  customer_.push_back(customer);
  when_.push_back(receipt.when.seconds_since_1970());
  end_.push_back(static_cast<std::uint32_t>(item_.size()));
  link(size() - 1);
  return size() - 1;
}

BODEGA_INLINE void LaterBaskets::validate(const std::string& where, std::size_t items) const {
  if (items_ > std::max(items, most_items))
    throw Error(ErrorCode::out_of_range, where + ", items", "at most 16,777,216 in a catalogue",
                std::to_string(items_));
  items = std::max<std::size_t>(items, items_);
  const auto want = [&](bool good, const char* what, const char* expected, std::uint64_t found) {
    if (!good) throw Error(ErrorCode::format, where + ", " + what, expected, std::to_string(found));
  };
  if (when_.size() != size() || end_.size() != size())
    throw Error(ErrorCode::shape, where, std::to_string(size()) + " moments and ends",
                std::to_string(when_.size()) + " and " + std::to_string(end_.size()));
  std::uint32_t begin = 0;
  for (std::size_t b = 0; b < size(); ++b) {
    want(end_[b] > begin && end_[b] <= item_.size(), "end", "ends that rise to the last line",
         end_[b]);
    want(customer_[b] < most_customers, "customer", "an index below 4,194,304", customer_[b]);
    if (when_[b] < first_second || when_[b] > last_second)
      throw Error(ErrorCode::out_of_range, where + ", when", "a moment of the years 1 to 9999",
                  std::to_string(when_[b]));
    for (std::uint32_t i = begin; i < end_[b]; ++i) {
      if (item_[i] >= items)
        throw Error(ErrorCode::out_of_range, where + ", item",
                    "an item below " + std::to_string(items), std::to_string(item_[i]));
      want(i == begin || item_[i] > item_[i - 1], "items of a basket", "rising", item_[i]);
    }
    begin = end_[b];
  }
  want(begin == item_.size() && item_.size() <= most_lines, "lines",
       "as many as the baskets have, at most 4,194,304", item_.size());
}

BODEGA_INLINE void LaterBaskets::restore(std::size_t items) {
  items_ = std::max(items_, static_cast<std::uint32_t>(items));
  basket_of_.assign(items_, 0);
  std::uint32_t customers = 0;
  for (const std::uint32_t customer : customer_) customers = std::max(customers, customer + 1);
  newest_.assign(0, 0);
  newest_.reserve(customers);
  count_.assign(0, 0);
  count_.reserve(customers);
  older_.assign(0, 0);
  older_.reserve(size());
  latest_ = 0;
  for (std::size_t b = 0; b < size(); ++b) link(b);
}

BODEGA_INLINE void LaterBaskets::link(std::size_t basket) noexcept {
  const std::size_t customer = customer_[basket];
  if (customer >= customers()) {
    newest_.resize(customer + 1, 0);
    count_.resize(customer + 1, 0);
  }
  const auto moment = [&](std::uint32_t at) { return when_[at - 1]; };
  std::uint32_t* to = &newest_[customer];
  while (*to > 0 && moment(*to) > when_[basket]) to = &older_[*to - 1];
  older_.push_back(*to);
  *to = static_cast<std::uint32_t>(basket + 1);
  ++count_[customer];
  latest_ = basket == 0 ? when_[0] : std::max(latest_, when_[basket]);
}

BODEGA_INLINE void LaterBaskets::forget_older_half() noexcept {
  std::size_t gone = 0;
  while (gone < size() && item_.size() - end_[gone] > most_lines / 2) ++gone;
  gone = std::min(gone + 1, size());
  if (gone == 0) return;
  const std::uint32_t lines = end_[gone - 1];
  const auto cut = [](auto& list, std::size_t count) {
    list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(count));
  };
  cut(item_, lines);
  cut(customer_, gone);
  cut(when_, gone);
  cut(end_, gone);
  for (std::uint32_t& end : end_) end -= lines;
  std::fill(newest_.begin(), newest_.end(), 0u);
  std::fill(count_.begin(), count_.end(), 0u);
  older_.clear();
  latest_ = 0;
  for (std::size_t b = 0; b < size(); ++b) link(b);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
