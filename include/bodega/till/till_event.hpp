// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/till/till_receipt.hpp>

namespace bodega::inline BODEGA_ABI {

/// What kinds of things happen in a shop.
enum class EventKind : std::uint8_t {
  receipt,        ///< was paid
  undo,           ///< a receipt was voided
  stock_set,      ///< so much of an item is there
  stock_added,    ///< so much came (or left, below 0) besides what receipts say
  stock_unknown,  ///< nobody knows how much is there: the record was wrong
  stock_least,    ///< less than so much of an item (of every item, without a code) is not available
  day_closed,     ///< the shop closes the business day
  item_added,     ///< an item is new today
  relisted        ///< an item's code became another one
};
constexpr auto enum_names(EventKind) noexcept {
  using enum EventKind;
  return std::to_array<EnumName<EventKind>>({{receipt, "receipt"},
                                             {undo, "undo"},
                                             {stock_set, "stock_set"},
                                             {stock_added, "stock_added"},
                                             {stock_unknown, "stock_unknown"},
                                             {stock_least, "stock_least"},
                                             {day_closed, "day_closed"},
                                             {item_added, "item_added"},
                                             {relisted, "relisted"}});
}

/// One thing that happened in the shop, in the shop's own codes: what a till's state is made of.
/// Only the fields of its kind count. Texts, lines and the item are borrowed.
struct TillEvent {
  static constexpr std::size_t most_text = 4096;        ///< bytes of a code, an id, a name
  static constexpr std::size_t most_item_text = 65536;  ///< bytes of a new item's texts each
  static constexpr Quantity most_units = Quantity::from_whole(1'000'000'000);

  EventKind kind = EventKind::day_closed;

  // Of a receipt, and of the undo of one (which has no lines).
  std::string_view id = {}, store = {}, till = {};
  std::uint64_t card = 0;           ///< keyed hash of the loyalty card; 0: none was shown
  std::optional<Moment> when = {};  ///< paid; of stock: as of when, nothing: as of now
  std::optional<Day> day = {};      ///< of an undo: the business day; nothing: the latest receipt
  std::span<const TillReceiptLine> lines = {};

  std::string_view code = {};  ///< of stock; of a re-listed item the old one
  std::string_view to = {};    ///< of a re-listed item the new one
  Quantity units = {};         ///< of stock
  const Item* item = nullptr;  ///< new today

  static TillEvent paid(const TillReceipt& receipt, std::uint64_t card_hash = 0) noexcept {
    TillEvent event{.kind = EventKind::receipt};
    event.id = receipt.id;
    event.store = receipt.store;
    event.till = receipt.till;
    event.card = card_hash;
    event.when = receipt.when;
    event.lines = receipt.lines;
    return event;
  }
  static TillEvent undone(std::string_view receipt, std::string_view of_store = {},
                          std::string_view of_till = {}, std::optional<Day> of_day = {}) noexcept {
    TillEvent event{.kind = EventKind::undo};
    event.id = receipt;
    event.store = of_store;
    event.till = of_till;
    event.day = of_day;
    return event;
  }
  static TillEvent stock_set(std::string_view item_code, Quantity amount,
                             std::optional<Moment> as_of = {}) noexcept {
    return of_stock(EventKind::stock_set, item_code, amount, as_of);
  }
  static TillEvent stock_added(std::string_view item_code, Quantity amount) noexcept {
    return of_stock(EventKind::stock_added, item_code, amount, {});
  }
  static TillEvent stock_unknown(std::string_view item_code,
                                 std::optional<Moment> as_of = {}) noexcept {
    return of_stock(EventKind::stock_unknown, item_code, {}, as_of);
  }
  static TillEvent stock_least(std::string_view item_code, Quantity amount) noexcept {
    return of_stock(EventKind::stock_least, item_code, amount, {});
  }
  static TillEvent closed() noexcept { return {.kind = EventKind::day_closed}; }
  static TillEvent added(const Item& new_item) noexcept {
    TillEvent event{.kind = EventKind::item_added};
    event.item = &new_item;
    return event;
  }
  static TillEvent relisted(std::string_view old_code, std::string_view new_code) noexcept {
    TillEvent event{.kind = EventKind::relisted};
    event.code = old_code;
    event.to = new_code;
    return event;
  }

  /// Throws Error (out_of_range) for more than a thousand million units, a stock below 0 and texts
  /// that are too long, (invalid_argument) where a part that the kind needs is missing. Codes need
  /// not be in any catalogue.
  void validate() const;

 private:
  static TillEvent of_stock(EventKind kind, std::string_view code, Quantity amount,
                            std::optional<Moment> as_of) noexcept {
    TillEvent event{.kind = kind};
    event.code = code;
    event.units = amount;
    event.when = as_of;
    return event;
  }
};

#if BODEGA_BODIES

BODEGA_INLINE void TillEvent::validate() const {
  const std::string what(name(kind));
  const auto need = [&](bool there, const char* part) {
    if (!there)
      throw Error(ErrorCode::invalid_argument, what + ", " + part, "one that is not empty", "none");
  };
  const auto fits = [&](std::string_view text, const char* part, std::size_t most = most_text) {
    if (text.size() > most)
      throw Error(ErrorCode::out_of_range, what + ", " + part,
                  "at most " + std::to_string(most) + " bytes", std::to_string(text.size()));
  };
  const auto amount = [&](Quantity quantity, const std::string& where) {
    if (quantity > most_units || quantity < -most_units)
      throw Error(ErrorCode::out_of_range, where, "at most a thousand million units",
                  std::to_string(quantity.value()));
  };
  fits(id, "id");
  fits(store, "store");
  fits(till, "till");
  fits(code, "code");
  fits(to, "new code");
  switch (kind) {
    case EventKind::receipt:
      need(when.has_value(), "time");
      for (std::size_t i = 0; i < lines.size(); ++i) {
        fits(lines[i].code, "code of a line");
        amount(lines[i].quantity, "receipt, quantity of line " + std::to_string(i + 1));
      }
      return;
    case EventKind::undo:
      return need(!id.empty(), "id");
    case EventKind::stock_least:
      if (units <= Quantity())
        throw Error(ErrorCode::out_of_range, "smallest amount of " + std::string(code),
                    "units from 0.001 to a thousand million", std::to_string(units.value()));
      return amount(units, "smallest amount of " + std::string(code));
    case EventKind::stock_set:
      if (units < Quantity())
        throw Error(ErrorCode::out_of_range, "stock of " + std::string(code), "0 units or more",
                    std::to_string(units.value()));
      [[fallthrough]];
    case EventKind::stock_added:
    case EventKind::stock_unknown:
      need(!code.empty(), "code");
      return amount(units, "stock of " + std::string(code));
    case EventKind::day_closed:
      return;
    case EventKind::item_added:
      need(item != nullptr && !item->id.empty(), "code");
      fits(item->id, "code");
      fits(item->description, "description", most_item_text);
      for (const auto& [attribute, value] : item->attributes) {
        need(!attribute.empty(), "name of an attribute");
        fits(attribute, "name of an attribute");
        fits(value, "value of an attribute", most_item_text);
      }
      if (item->price < Money())
        throw Error(ErrorCode::out_of_range, what + ", price", "0 or more",
                    std::to_string(item->price.value()));
      return;
    case EventKind::relisted:
      need(!code.empty(), "code");
      need(!to.empty(), "new code");
      if (code == to)
        throw Error(ErrorCode::invalid_argument, what, "another code than before",
                    std::string(code));
      return;
  }
  throw Error(ErrorCode::invalid_argument, "event", "a kind of event",
              std::to_string(static_cast<unsigned>(kind)));
}

#endif

}  // namespace bodega::inline BODEGA_ABI
