// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/room.hpp>
#include <bodega/core/sip_hash.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/till/till_event.hpp>

namespace bodega::inline BODEGA_ABI {

/// The events that a till keeps, in the order in which they count: as they came, but for receipts
/// that came late, which stand where their day was closed. Codes, stores and tills are numbered as
/// they come, so that another catalogue changes nothing here.
///
/// Memory: some 80 bytes an event and 32 a line. Thread safety: one thread at a time.
class EventList {
 public:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::int32_t no_day = std::numeric_limits<std::int32_t>::min();

  struct Line {
    std::uint32_t code = 0;  ///< among names
    Quantity quantity;
    Money price;
    Quantity left;  ///< of the quantity, after returns; below 0: what found nothing to take from
  };

  struct Entry {
    EventKind kind = EventKind::day_closed;
    bool undone = false;       ///< a receipt that was; an undo whose receipt was there
    bool from_before = false;  ///< a receipt that was paid before the models' file was opened
    bool timed = false;        ///< `when` is known
    std::uint32_t id = none;   ///< among ids
    std::uint32_t store = none, till = none, code = none;  ///< among names
    std::uint32_t first_line = 0, lines = 0;
    std::uint32_t same = none;     ///< the entry before of the same id and day
    std::int32_t day = no_day;     ///< business day, of a receipt and of an undo that knows it
    std::int32_t sealed = no_day;  ///< after this entry nothing can be added to that day or before
    std::uint64_t card = 0;
    std::int64_t when = 0;
    Quantity units;
  };

  std::size_t size() const noexcept { return order_.size(); }
  /// The number of the entry at a place of the order; numbers are as they came.
  std::uint32_t at(std::size_t place) const noexcept { return order_[place]; }
  const Entry& operator[](std::uint32_t entry) const noexcept { return entries_[entry]; }
  Entry& operator[](std::uint32_t entry) noexcept { return entries_[entry]; }
  std::span<const Line> lines(const Entry& entry) const noexcept {
    return {lines_.data() + entry.first_line, entry.lines};
  }
  std::span<Line> lines(const Entry& entry) noexcept {
    return {lines_.data() + entry.first_line, entry.lines};
  }
  std::size_t line_count() const noexcept { return lines_.size(); }

  std::size_t names() const noexcept { return names_.size(); }
  std::string_view name(std::uint32_t number) const noexcept {
    return number < names_.size() ? names_[number] : std::string_view();
  }
  std::uint32_t find_name(std::string_view name) const noexcept { return names_.find(name); }
  std::string_view id(const Entry& entry) const noexcept {
    return entry.id == none ? std::string_view() : ids_[entry.id];
  }

  /// The place of an entry; size() where it has none. Complexity: linear in those after it.
  std::size_t place_of(std::uint32_t entry) const noexcept {
    for (std::size_t p = order_.size(); p-- > 0;)
      if (order_[p] == entry) return p;
    return order_.size();
  }

  /// Appends an event and returns its number. `day` is that of a receipt or an undo; its texts and
  /// lines are copied. Strong guarantee, but that names may stay.
  std::uint32_t push(const TillEvent& event, std::optional<Day> day) {
    const std::size_t ids = ids_.size(), lines = lines_.size();
    make_room(1, entries_, order_);
    make_room(event.lines.size(), lines_);
    const auto name = [&](std::string_view text) { return text.empty() ? none : names_.add(text); };
    Entry entry;
    entry.kind = event.kind;
    entry.timed = event.when.has_value();
    entry.store = name(event.store);
    entry.till = name(event.till);
    entry.code = name(event.code);
    entry.card = event.card;
    entry.when = event.when.value_or(Moment()).seconds_since_1970();
    entry.units = event.units;
    entry.first_line = static_cast<std::uint32_t>(lines);
    entry.lines = static_cast<std::uint32_t>(event.lines.size());
    if (day) entry.day = day->days_since_1970();
    const auto number = static_cast<std::uint32_t>(entries_.size());
    try {
      for (const TillReceiptLine& line : event.lines)
        lines_.push_back({names_.add(line.code), line.quantity, line.price, line.quantity});
      if (!event.id.empty()) {
        ids_.add(event.id);
        entry.id = static_cast<std::uint32_t>(ids);
        if (day) entry.same = follow(event.id, *day, number);
      }
    } catch (...) {
      ids_.truncate(ids);
      lines_.resize(lines);
      throw;
    }
    entries_.push_back(entry);
    order_.push_back(number);
    return number;
  }

  /// Takes the entry back that was pushed last, wherever it stands.
  void pop() noexcept {
    const Entry& entry = entries_.back();
    if (entry.id != none && entry.day != no_day) {
      const auto found = last_of_.find(key(id(entry), Day::nearest(entry.day)));
      if (found != last_of_.end()) found->second = entry.same == none ? 0 : entry.same + 1;
    }
    if (entry.id != none) ids_.truncate(entry.id);
    lines_.resize(entry.first_line);
    order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(
                                      place_of(static_cast<std::uint32_t>(entries_.size() - 1))));
    entries_.pop_back();
  }

  /// The entry that stands last goes to an earlier place.
  void move_last_to(std::size_t place) noexcept {
    std::rotate(order_.begin() + static_cast<std::ptrdiff_t>(place), order_.end() - 1,
                order_.end());
  }

  /// The entry of that id and day that was pushed last and that `wanted` accepts, or `none`.
  template <class Wanted>
  std::uint32_t find(std::string_view id, Day day, const Wanted& wanted) const {
    const auto found = last_of_.find(key(id, day));
    if (found == last_of_.end() || found->second == 0) return none;
    for (std::uint32_t e = found->second - 1; e != none; e = entries_[e].same)
      if (entries_[e].day == day.days_since_1970() && this->id(entries_[e]) == id &&
          wanted(entries_[e]))
        return e;
    return none;
  }

  /// Those before a place of the order are forgotten; the others are numbered anew, in order. Names
  /// stay. Strong guarantee.
  void drop_before(std::size_t place) {
    EventList left;
    const std::size_t stay = size() - std::min(place, size());
    left.entries_.reserve(stay);
    left.order_.reserve(stay);
    left.lines_.reserve(lines_.size());
    left.last_of_.reserve(stay);
    for (std::size_t p = place; p < size(); ++p) {
      Entry entry = entries_[order_[p]];
      const auto number = static_cast<std::uint32_t>(left.entries_.size());
      const std::span<const Line> lines = this->lines(entry);
      entry.first_line = static_cast<std::uint32_t>(left.lines_.size());
      left.lines_.insert(left.lines_.end(), lines.begin(), lines.end());
      if (entry.id != none) {
        const std::string_view id = this->id(entry);
        left.ids_.add(id);
        entry.id = static_cast<std::uint32_t>(left.ids_.size() - 1);
        if (entry.day != no_day) entry.same = left.follow(id, Day::nearest(entry.day), number);
      }
      left.entries_.push_back(entry);
      left.order_.push_back(number);
    }
    left.names_ = std::move(names_);
    *this = std::move(left);
  }

  /// An entry as the event that it was; its texts are borrowed from here and its lines from
  /// `lines`.
  TillEvent event(const Entry& entry, std::vector<TillReceiptLine>& lines) const {
    TillEvent event{.kind = entry.kind};
    event.id = id(entry);
    event.store = name(entry.store);
    event.till = name(entry.till);
    event.code = name(entry.code);
    event.card = entry.card;
    if (entry.timed) event.when = Moment(entry.when);
    if (entry.kind == EventKind::undo && entry.day != no_day) event.day = Day::nearest(entry.day);
    event.units = entry.units;
    lines.clear();
    for (const Line& line : this->lines(entry))
      lines.push_back({name(line.code), line.quantity, line.price});
    event.lines = lines;
    return event;
  }

 private:
  /// The entry is the last of its id and day; returns the one before, or `none`.
  std::uint32_t follow(std::string_view id, Day day, std::uint32_t number) {
    const std::uint32_t before = std::exchange(last_of_[key(id, day)], number + 1);
    return before > 0 ? before - 1 : none;
  }
  static std::uint64_t key(std::string_view id, Day day) noexcept {
    detail::SipKey seed = detail::process_key();
    seed[0] ^= static_cast<std::uint64_t>(day.days_since_1970()) * 0x9E3779B97F4A7C15u;
    return detail::sip_hash(id, seed);
  }

  StringSet names_;
  StringTable ids_;
  std::vector<Entry> entries_;        // as they came
  std::vector<std::uint32_t> order_;  // their numbers, as they count
  std::vector<Line> lines_;
  std::unordered_map<std::uint64_t, std::uint32_t> last_of_;  // by id and day: entry + 1
};

}  // namespace bodega::inline BODEGA_ABI
