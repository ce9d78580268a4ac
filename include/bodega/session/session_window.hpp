// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/session/session_window_options.hpp>
#include <bodega/tensor/kernels/prefetch.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// The newest sessions (or baskets), each a sequence of items with repeats, in memory that is taken
/// once: appending one lets the oldest go when there is no room. It knows for each item which
/// sessions hold it, the newest first. Sessions are numbered in order of arrival; a number is not
/// used again.
///
/// The postings of an item are a queue of cache lines with 13 session numbers each, from one pool:
/// walking it costs one miss in 13 steps, and appending and expiring take constant time an item.
/// Memory: 10 bytes a view, 9 a session, 24 an item, and the pool: 5 bytes a view and up to 128 an
/// item. Files hold the sessions alone; all else is made again from them.
/// Thread rule: const calls from many threads; `append` and `expire_oldest` exclude them.
class SessionWindow {
 public:
  static constexpr std::string_view kind = "session_window";
  static constexpr std::size_t longest = 255;  ///< of a longer session the last 255 views are kept

  using Number = std::uint32_t;  ///< of a session

  SessionWindow() = default;

  /// `items` is the size of the catalogue. Error (out_of_range) for a window without room for a
  /// session of `longest` views, or of more views or sessions than 32 bits count.
  explicit SessionWindow(std::size_t items, const SessionWindowOptions& options = {})
      : items_(static_cast<std::uint32_t>(items)) {
    const std::size_t views =
        std::max(options.views > 0 ? options.views : 6 * options.sessions, longest);
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max() / 2;
    if (options.sessions == 0 || options.sessions > most || views > most || items > most)
      throw Error(ErrorCode::out_of_range, "SessionWindow",
                  "1 session or more, and items, sessions and views below 2^31",
                  std::to_string(items) + ", " + std::to_string(options.sessions) + " and " +
                      std::to_string(views));
    length_.resize(options.sessions);
    views_.resize(views + longest - 1);
    restore();
  }

  std::size_t items() const noexcept { return items_; }
  /// Sessions in the window now, and at most.
  std::size_t size() const noexcept { return end_ - oldest_; }
  std::size_t capacity() const noexcept { return length_.size(); }
  /// The sessions in the window are numbered from `oldest` to before `end`.
  Number oldest() const noexcept { return oldest_; }
  Number end() const noexcept { return end_; }

  /// The items of a session of the window, in order.
  std::span<const std::uint32_t> operator[](Number session) const noexcept {
    const Place& place = places_[slot_of(session)];
    return {views_.data() + place.begin, place.length};
  }

  /// Each of its items once.
  std::span<const std::uint32_t> distinct(Number session) const noexcept {
    const Place& place = places_[slot_of(session)];
    return {distinct_.data() + place.begin, place.distinct};
  }

  /// For each view of the session the steps to the previous view of the same item, and to the next;
  /// 0 where there is none. Empty where no item is viewed twice.
  struct Again {
    std::uint8_t previous = 0, next = 0;
  };
  std::span<const Again> again(Number session) const noexcept {
    const Place& place = places_[slot_of(session)];
    return {again_.data() + place.begin,
            place.distinct < place.length ? place.length : std::size_t{0}};
  }

  /// Say in turn that a session will be asked for, so that memory can get it ready.
  void prefetch_place(Number session) const noexcept {
    prefetch(places_.data() + slot_of(session));
  }
  void prefetch_views(Number session) const noexcept {
    const Place& place = places_[slot_of(session)];
    prefetch(views_.data() + place.begin);
    prefetch(views_.data() + place.begin + place.length - 1);
    prefetch(again_.data() + place.begin);
  }
  void prefetch_distinct(Number session) const noexcept {
    const std::uint32_t* items = distinct_.data() + places_[slot_of(session)].begin;
    prefetch(items);
    prefetch(items + 12);
  }

  /// In how many sessions of the window the item is, and the natural logarithm of that (0 for
  /// none); for an index of the catalogue.
  std::uint32_t count(std::uint32_t item) const noexcept { return postings_[item].count; }
  float log_count(std::uint32_t item) const noexcept { return log_count_[item]; }
  /// The natural logarithm of how many sessions the window has.
  float log_size() const noexcept { return log_size_; }

  /// A session has ended. Items outside the catalogue are left out; a session without any others
  /// is not kept. Allocates nothing. Cost: linear in the views of this session and of those that
  /// must go.
  void append(std::span<const ItemIndex> session) noexcept {
    append_each(session, [](ItemIndex item) { return item; });
  }
  /// A receipt was paid: appends the items that it sells, in the order of its lines.
  void observe(const Receipt& receipt) noexcept {
    append_each(receipt.lines, [](const ReceiptLine& line) {
      return line.quantity > Quantity() ? line.item : ItemIndex::none();
    });
  }

  /// The catalogue has so many items now, the new ones at its end; nothing where it has no more.
  void grow(std::size_t items) {
    if (items <= items_) return;
    items_ = static_cast<std::uint32_t>(items);
    restore();
  }

  /// Lets the oldest session go; none where there is none.
  void expire_oldest() noexcept {
    if (size() == 0) return;
    for (const std::uint32_t item : distinct(oldest_)) pop(item);
    const std::size_t slot = slot_of(oldest_);
    std::fill_n(views_.begin() + places_[slot].begin, length_[slot], 0u);  // none of it in a file
    length_[slot] = 0;
    ++oldest_;
    if (oldest_ % capacity() == 0) base_ = oldest_;
    first_ = size() > 0 ? places_[slot_of(oldest_)].begin : 0;
    count_sessions();
  }

 private:
  static constexpr std::uint32_t per_block = 13;
  struct alignas(64) Block {
    std::uint32_t older = 0, newer = 0;  // blocks of the same item; `older` chains the free ones
    // One more than the sessions' numbers, the oldest first. Before them 0, which ends a walk, as
    // in place of those that are gone.
    std::array<Number, 1 + per_block> session{};
  };

  struct Posting {
    std::uint32_t newest = 0, oldest = 0;       // blocks
    std::uint32_t count = 0;                    // of sessions
    std::uint8_t newest_at = 0, oldest_at = 0;  // of an item without any: the end of a walk
  };

 public:
  /// Walks the sessions that hold an item, the newest first.
  class Newest {
   public:
    /// Of no item; nothing may be asked of it.
    Newest() = default;
    /// One more than the session's number; 0 at the end.
    Number head() const noexcept { return *at_; }
    /// Goes on where `step` is 1 and stays where it is 0. Not at the end.
    void advance(std::uint32_t step) noexcept {
      at_ -= step;
      if (*at_ == 0) next_block();
    }

   private:
    friend SessionWindow;
    Newest(const Block* pool, const Posting& posting) noexcept
        : at_(pool[posting.newest].session.data() + posting.newest_at),
          block_(pool + posting.newest),
          pool_(pool),
          oldest_(pool + posting.oldest) {}

    void next_block() noexcept {
      if (block_ == oldest_) return;
      block_ = pool_ + block_->older;
      at_ = &block_->session.back();
      prefetch(pool_ + block_->older);
    }

    const Number* at_ = nullptr;
    const Block* block_ = nullptr;
    const Block* pool_ = nullptr;
    const Block* oldest_ = nullptr;
  };

  Newest newest(std::uint32_t item) const noexcept { return {pool_.data(), postings_[item]}; }

  void validate(const std::string& where) const {
    if (oldest_ > end_ || size() > capacity() || (views_.size() < longest && capacity() > 0))
      throw Error(ErrorCode::shape, where,
                  "at most " + std::to_string(capacity()) + " sessions, and room for one",
                  std::to_string(oldest_) + " to " + std::to_string(end_) + " and room for " +
                      std::to_string(views_.size()) + " views");
    std::size_t at = first_;
    bool wrapped = false;
    for (Number session = oldest_; session != end_; ++session) {
      const std::size_t length = length_[session % capacity()];
      const std::size_t room = wrapped ? first_ : views_.size();
      const std::string which = where + ", session " + std::to_string(session);
      if (length == 0 || at >= ring() || at + length > room)
        throw Error(ErrorCode::format, which,
                    "1 to " + std::to_string(room) + " views less " + std::to_string(at),
                    std::to_string(length));
      for (std::size_t view = at; view < at + length; ++view)
        if (views_[view] >= items_)
          throw Error(ErrorCode::out_of_range, which, "items below " + std::to_string(items_),
                      std::to_string(views_[view]));
      at += length;
      if (at >= ring() && !wrapped) {
        at = 0;
        wrapped = true;
      }
    }
  }

  /// Makes the places and postings of what was read from a file.
  void restore() {
    places_.assign(capacity(), {});
    again_.assign(views_.size(), {});
    distinct_.assign(views_.size(), 0);
    postings_.assign(items_, {});
    log_count_.assign(items_, 0.0f);
    // c sessions of an item lie in at most c / 13 + 2 blocks, and in at most c. Block 0 is that of
    // the items without any.
    pool_.assign(
        1 + std::min(views_.size(), 2 * std::size_t{items_} + views_.size() / per_block + 1), {});
    for (std::size_t b = 0; b < pool_.size(); ++b)
      pool_[b].older = static_cast<std::uint32_t>(b + 1);
    free_ = 1;
    base_ = capacity() > 0 ? oldest_ - oldest_ % static_cast<Number>(capacity()) : 0;
    std::uint32_t at = first_;
    for (Number session = oldest_; session != end_; ++session) {
      const std::size_t slot = slot_of(session);
      places_[slot] = {at, length_[slot], 0};
      at = after(session);
      index(session);
    }
    count_sessions();
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("items", self.items_);
    visit("oldest", self.oldest_);
    visit("end", self.end_);
    visit("first", self.first_);
    visit("length", self.length_);
    visit("views", self.views_);
  }

 private:
  struct Place {
    std::uint32_t begin = 0;  // in views_
    std::uint8_t length = 0, distinct = 0;
  };

  template <class Views, class ItemOf>
  void append_each(const Views& views, ItemOf&& item_of) noexcept {
    std::size_t known = 0, skip = 0;
    for (const auto& view : views) known += item_of(view).value() < items_;
    if (known == 0 || capacity() == 0) return;
    skip = known > longest ? known - longest : 0;
    const auto length = static_cast<std::uint32_t>(known - skip);
    if (end_ == std::numeric_limits<Number>::max()) return;  // after four thousand million
    std::uint32_t at = next_view();
    while (size() > 0 && (size() == capacity() || overlaps_oldest(at, length))) expire_oldest();
    if (size() == 0) first_ = at = 0;
    const std::size_t slot = slot_of(end_);
    length_[slot] = static_cast<std::uint8_t>(length);
    places_[slot] = {at, length_[slot], 0};
    for (const auto& view : views) {
      const ItemIndex item = item_of(view);
      if (item.value() >= items_) continue;
      if (skip > 0)
        --skip;
      else
        views_[at++] = item.value();
    }
    index(end_++);
    count_sessions();
  }

  /// session % capacity(), for a session from the oldest to the one to come.
  std::size_t slot_of(Number session) const noexcept {
    const std::size_t slot = session - base_;
    return slot < capacity() ? slot : slot - capacity();
  }
  /// Sessions begin below it; the last may reach beyond, so every session is one piece.
  std::uint32_t ring() const noexcept {
    return static_cast<std::uint32_t>(views_.size() - (longest - 1));
  }
  /// Where the session after this one begins.
  std::uint32_t after(Number session) const noexcept {
    const Place& place = places_[slot_of(session)];
    const std::uint32_t next = place.begin + place.length;
    return next < ring() ? next : 0;
  }
  std::uint32_t next_view() const noexcept { return size() > 0 ? after(end_ - 1) : 0; }
  bool overlaps_oldest(std::uint32_t at, std::uint32_t length) const noexcept {
    return at <= first_ && at + length > first_;
  }

  void index(Number session) noexcept {
    const auto views = (*this)[session];
    Place& place = places_[slot_of(session)];
    Again* links = again_.data() + place.begin;
    for (std::size_t i = 0; i < views.size(); ++i) {
      links[i] = {};
      for (std::size_t back = 1; back <= i; ++back)
        if (views[i - back] == views[i]) {
          links[i].previous = links[i - back].next = static_cast<std::uint8_t>(back);
          break;
        }
      if (links[i].previous > 0) continue;
      distinct_[place.begin + place.distinct++] = views[i];
      push(views[i], session);
    }
  }

  void push(std::uint32_t item, Number session) noexcept {
    Posting& posting = postings_[item];
    if (posting.count == 0) {
      posting.newest = posting.oldest = take_block();
      posting.newest_at = posting.oldest_at = 1;
    } else if (++posting.newest_at > per_block) {
      const std::uint32_t block = take_block();
      pool_[block].older = posting.newest;
      pool_[posting.newest].newer = block;
      posting.newest = block;
      posting.newest_at = 1;
    }
    pool_[posting.newest].session[posting.newest_at] = session + 1;
    counted(item, posting.count + 1);
  }

  /// The oldest session of the item goes.
  void pop(std::uint32_t item) noexcept {
    Posting& posting = postings_[item];
    counted(item, posting.count - 1);
    const std::uint32_t block = posting.oldest;
    pool_[block].session[posting.oldest_at] = 0;
    if (posting.count > 0 && ++posting.oldest_at <= per_block) return;
    posting.oldest = pool_[block].newer;
    posting.oldest_at = 1;
    if (posting.count == 0) posting = {};
    pool_[block].older = free_;
    free_ = block;
  }

  void counted(std::uint32_t item, std::uint32_t count) noexcept {
    postings_[item].count = count;
    log_count_[item] = count > 0 ? std::log(static_cast<float>(count)) : 0.0f;
  }

  void count_sessions() noexcept {
    log_size_ = size() > 0 ? std::log(static_cast<float>(size())) : 0.0f;
  }

  std::uint32_t take_block() noexcept {
    const std::uint32_t block = free_;
    free_ = pool_[block].older;
    return block;
  }

  std::uint32_t items_ = 0;
  Number oldest_ = 0, end_ = 0;
  std::uint32_t first_ = 0;           // where the oldest session begins in views_
  std::vector<std::uint8_t> length_;  // per slot: number of views, 0 where there is none
  std::vector<std::uint32_t> views_;  // a ring; 0 where no session of the window is
  // Made by restore():
  Number base_ = 0;                      // the session of slot 0, up to the oldest
  std::vector<Place> places_;            // per slot
  std::vector<Again> again_;             // per view
  std::vector<std::uint32_t> distinct_;  // from the place of each session its items once
  std::vector<Posting> postings_;        // per item
  std::vector<float> log_count_;         // per item
  float log_size_ = 0;
  std::vector<Block> pool_;
  std::uint32_t free_ = 0;  // the first free block
};

}  // namespace bodega::inline BODEGA_ABI
