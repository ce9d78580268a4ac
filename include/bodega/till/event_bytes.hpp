// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/till/till_event.hpp>

/// Events as bytes, for journals: they hold the shop's codes, so that a till of any catalogue reads
/// them.
///
///   version (1)  kind  then, by kind:
///   receipt        id store till card when lines: count {code quantity price}
///   undo           id store till day
///   stock_*        code units when
///   item_added     code description price attributes: count {name value}
///   relisted       code new code
///
/// Whole numbers are LEB128 (of 7 bits a byte, the lowest first), those with a sign by zigzag;
/// texts are their length and their bytes; what may be absent begins with 0 or 1.
namespace bodega::inline BODEGA_ABI {

/// Appends the event's bytes. Precondition: `validate` accepts it.
void encode(const TillEvent& event, std::vector<std::byte>& bytes);

/// An event that was read from bytes, with the memory that it refers to.
class DecodedEvent {
 public:
  /// Throws Error (version) for an event of a later version, (format) where the bytes are none or
  /// too many, and that of `TillEvent::validate`. Texts are borrowed from the bytes.
  explicit DecodedEvent(std::span<const std::byte> bytes);
  DecodedEvent(const DecodedEvent&) = delete;
  DecodedEvent& operator=(const DecodedEvent&) = delete;

  const TillEvent& operator*() const noexcept { return event_; }
  const TillEvent* operator->() const noexcept { return &event_; }

 private:
  TillEvent event_;
  std::vector<TillReceiptLine> lines_;
  Item item_;
};

namespace detail {

inline constexpr std::byte event_version{1};

class EventWriter {
 public:
  explicit EventWriter(std::vector<std::byte>& bytes) : bytes_(&bytes) {}

  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_->push_back(std::byte(value | 0x80));
    bytes_->push_back(std::byte(value));
  }
  void whole(std::int64_t value) {
    number(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
  }
  void text(std::string_view value) {
    number(value.size());
    const auto* first = reinterpret_cast<const std::byte*>(value.data());
    bytes_->insert(bytes_->end(), first, first + value.size());
  }
  template <class T>
  void maybe(bool there, T value) {
    number(there);
    if (there) whole(static_cast<std::int64_t>(value));
  }

 private:
  std::vector<std::byte>* bytes_;
};

class EventReader {
 public:
  explicit EventReader(std::span<const std::byte> bytes) : left_(bytes) {}

  [[noreturn]] void fail(std::string expected, std::string found) const {
    throw Error(ErrorCode::format, "event", std::move(expected), std::move(found));
  }
  std::byte byte() {
    if (left_.empty()) fail("a byte more", "the end");
    const std::byte first = left_.front();
    left_ = left_.subspan(1);
    return first;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto next = std::to_integer<std::uint64_t>(byte());
      if (shift == 63 && next > 1) break;
      value |= (next & 0x7F) << shift;
      if (next < 0x80) return value;
    }
    fail("a number of at most 64 bits", "a larger one");
  }
  std::int64_t whole() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }
  std::string_view text() {
    const std::uint64_t size = number();
    if (size > left_.size()) fail(std::to_string(size) + " bytes of text", "fewer");
    const std::string_view value(reinterpret_cast<const char*>(left_.data()),
                                 static_cast<std::size_t>(size));
    left_ = left_.subspan(value.size());
    return value;
  }
  bool there() {
    const std::uint64_t flag = number();
    if (flag > 1) fail("0 or 1", std::to_string(flag));
    return flag == 1;
  }
  /// How many follow, of at least `bytes_each`.
  std::size_t count(std::size_t bytes_each) {
    const std::uint64_t count = number();
    if (count > left_.size() / bytes_each) fail("as many parts as there are bytes for", "more");
    return static_cast<std::size_t>(count);
  }
  bool done() const noexcept { return left_.empty(); }
  void end() const {
    if (!left_.empty()) fail("the end", std::to_string(left_.size()) + " bytes more");
  }

 private:
  std::span<const std::byte> left_;
};

}  // namespace detail

#if BODEGA_BODIES

BODEGA_INLINE void encode(const TillEvent& event, std::vector<std::byte>& bytes) {
  detail::EventWriter to(bytes);
  bytes.push_back(detail::event_version);
  bytes.push_back(std::byte(event.kind));
  const auto when = [&] {
    to.maybe(event.when.has_value(), event.when.value_or(Moment()).seconds_since_1970());
  };
  switch (event.kind) {
    case EventKind::receipt:
    case EventKind::undo:
      to.text(event.id);
      to.text(event.store);
      to.text(event.till);
      if (event.kind == EventKind::undo)
        return to.maybe(event.day.has_value(), event.day.value_or(Day()).days_since_1970());
      to.number(event.card);
      when();
      to.number(event.lines.size());
      for (const TillReceiptLine& line : event.lines) {
        to.text(line.code);
        to.whole(line.quantity.raw());
        to.whole(line.price.raw());
      }
      return;
    case EventKind::stock_set:
    case EventKind::stock_added:
    case EventKind::stock_unknown:
    case EventKind::stock_least:
      to.text(event.code);
      to.whole(event.units.raw());
      return when();
    case EventKind::day_closed:
      return;
    case EventKind::item_added:
      to.text(event.item->id);
      to.text(event.item->description);
      to.whole(event.item->price.raw());
      to.number(event.item->attributes.size());
      for (const auto& [name, value] : event.item->attributes) {
        to.text(name);
        to.text(value);
      }
      return;
    case EventKind::relisted:
      to.text(event.code);
      to.text(event.to);
      return;
  }
}

BODEGA_INLINE DecodedEvent::DecodedEvent(std::span<const std::byte> bytes) {
  detail::EventReader from(bytes);
  if (const std::byte version = from.byte(); version != detail::event_version)
    throw Error(ErrorCode::version, "event", "version 1",
                std::to_string(std::to_integer<unsigned>(version)));
  const auto kind = std::to_integer<std::uint8_t>(from.byte());
  if (kind > static_cast<std::uint8_t>(EventKind::relisted))
    from.fail("a kind of event", std::to_string(kind));
  event_.kind = static_cast<EventKind>(kind);
  const auto when = [&] {
    if (from.there()) event_.when = Moment(from.whole());
  };
  switch (event_.kind) {
    case EventKind::receipt:
    case EventKind::undo:
      event_.id = from.text();
      event_.store = from.text();
      event_.till = from.text();
      if (event_.kind == EventKind::undo) {
        if (from.there()) {
          const std::int64_t day = from.whole();
          event_.day = Day::nearest(day);
          if (event_.day->days_since_1970() != day) from.fail("a day", std::to_string(day));
        }
        break;
      }
      event_.card = from.number();
      when();
      lines_.resize(from.count(3));
      for (TillReceiptLine& line : lines_) {
        line.code = from.text();
        line.quantity = Quantity::from_raw(from.whole());
        line.price = Money::from_raw(from.whole());
      }
      event_.lines = lines_;
      break;
    case EventKind::stock_set:
    case EventKind::stock_added:
    case EventKind::stock_unknown:
    case EventKind::stock_least:
      event_.code = from.text();
      event_.units = Quantity::from_raw(from.whole());
      when();
      break;
    case EventKind::day_closed:
      break;
    case EventKind::item_added:
      item_.id = from.text();
      item_.description = from.text();
      item_.price = Money::from_raw(from.whole());
      item_.attributes.resize(from.count(2));
      for (auto& [name, value] : item_.attributes) {
        name = from.text();
        value = from.text();
      }
      event_.item = &item_;
      break;
    case EventKind::relisted:
      event_.code = from.text();
      event_.to = from.text();
      break;
  }
  from.end();
  event_.validate();
}

#endif

}  // namespace bodega::inline BODEGA_ABI
