// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/customer_table.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/till/event_bytes.hpp>
#include <bodega/till/event_log.hpp>
#include <bodega/till/till_models.hpp>
#include <bodega/till/till_state.hpp>

namespace bodega::inline BODEGA_ABI {

/// An event log as a bundle: the state before all of its events, and these as `encode` writes them.
/// Everything goes by the shop's codes, so that a till with another file reads it as well.
struct EventRecord {
  static constexpr std::string_view kind = "till_events";

  CustomerTable cards;          ///< the key of cards where the file has none
  std::uint64_t models_id = 0;  ///< which file the numbers of the state are of
  LogCounts counts;
  StringTable codes;     ///< of the state's items
  StringTable relisted;  ///< old, new, old, new, ...
  /// The bytes of all events, eight in a number, the last filled up with zeros: large numbers are
  /// stored as they are, which is far quicker than to code bytes.
  std::vector<std::uint64_t> events;
  std::uint64_t event_bytes = 0;

  void set_events(std::span<const std::byte> bytes) {
    events.assign((bytes.size() + 7) / 8, 0);
    if (!bytes.empty()) std::memcpy(events.data(), bytes.data(), bytes.size());
    event_bytes = bytes.size();
  }
  std::span<const std::byte> all_events() const noexcept {
    return std::as_bytes(std::span(events)).first(static_cast<std::size_t>(event_bytes));
  }

  void validate(const std::string& where) const {
    cards.validate(where + ", cards");
    codes.validate(where + ", codes");
    relisted.validate(where + ", relisted");
    if (event_bytes > 8 * std::uint64_t{events.size()})
      throw Error(ErrorCode::shape, where + ", event_bytes",
                  "at most " + std::to_string(8 * events.size()), std::to_string(event_bytes));
    if (relisted.size() % 2 != 0)
      throw Error(ErrorCode::format, where + ", relisted", "pairs of codes",
                  std::to_string(relisted.size()) + " codes");
  }
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("cards", self.cards);
    visit("models_id", self.models_id);
    visit("counts", self.counts);
    visit("codes", self.codes);
    visit("relisted", self.relisted);
    visit("events", self.events);
    visit("event_bytes", self.event_bytes);
  }
};

/// Saves and reads event logs. `models_id` tells one file of models from another.
class EventSnapshot {
 public:
  /// Adds the log to a bundle, under names that begin with `till_`. Errors: those of `Bundle::add`.
  static void save(const EventLog& log, std::uint64_t models_id, Bundle& bundle);

  /// Which models the log was saved with. Errors: those of `Bundle::get`.
  static std::uint64_t models_id(const Bundle& bundle) {
    return bundle.get<EventRecord>("till_events").models_id;
  }

  /// Items that were new, for models that do not know them yet (`TillModels::with_item`). Errors:
  /// those of `Bundle::get`.
  static std::vector<Item> added(const Bundle& bundle);

  /// Codes that became others (old, new) since the models' file was made. Errors: those of
  /// `Bundle::get`.
  static std::vector<Relisting> relisted(const Bundle& bundle);

  /// The log that was saved. Over other models than it was saved with, what learns begins with what
  /// their file knows, and hears the events again (`EventLog::carried_to`), and those that are
  /// added until `EventLog::opened` is called. Errors: those of `Bundle::get`, and Error(format)
  /// where the events are none.
  static EventLog read(const Bundle& bundle, std::uint64_t models_id,
                       std::shared_ptr<const TillModels> models,
                       const EventLogOptions& options = {});

 private:
  static std::vector<std::byte> write_events(const EventList& list);
  static void read_events(std::span<const std::byte> from, int day_starts_at, EventList& list);
};

#if BODEGA_BODIES

BODEGA_INLINE void EventSnapshot::save(const EventLog& log, std::uint64_t models_id,
                                       Bundle& bundle) {
  EventRecord record;
  record.cards = log.fold_.cards();
  record.models_id = models_id;
  record.counts = log.counts_;
  const Catalog& catalog = log.models()->catalog();
  for (std::uint32_t i = 0; i < catalog.size(); ++i) record.codes.add(catalog.id(ItemIndex(i)));
  for (const auto& [from, to] : log.relisted()) {
    record.relisted.add(from);
    record.relisted.add(to);
  }
  record.set_events(write_events(log.fold_.list()));
  Catalog added;
  for (const Item& item : log.added_) added.add(item);
  bundle.add("till_events", record);
  bundle.add("till_added", added);
  log.fold_.base().save(bundle);
}

BODEGA_INLINE std::vector<Item> EventSnapshot::added(const Bundle& bundle) {
  const auto catalog = bundle.get<Catalog>("till_added");
  std::vector<Item> items;
  for (std::uint32_t i = 0; i < catalog.size(); ++i) {
    const ItemIndex index(i);
    Item item{std::string(catalog.id(index)), std::string(catalog.description(index)),
              catalog.price(index)};
    for (std::size_t n = 0; n < catalog.attribute_count(index); ++n)
      item.attributes.emplace_back(catalog.attribute(index, n).name,
                                   catalog.attribute(index, n).value);
    items.push_back(std::move(item));
  }
  return items;
}

BODEGA_INLINE std::vector<Relisting> EventSnapshot::relisted(const Bundle& bundle) {
  const auto record = bundle.get<EventRecord>("till_events");
  std::vector<Relisting> codes;
  for (std::size_t i = 0; i + 1 < record.relisted.size(); i += 2)
    codes.emplace_back(record.relisted[i], record.relisted[i + 1]);
  return codes;
}

BODEGA_INLINE EventLog EventSnapshot::read(const Bundle& bundle, std::uint64_t models_id,
                                           std::shared_ptr<const TillModels> models,
                                           const EventLogOptions& options) {
  const auto record = bundle.get<EventRecord>("till_events");
  EventLog log(std::move(models), options);
  log.fold_.cards() = record.cards;
  log.counts_ = record.counts;
  log.added_ = added(bundle);
  for (std::size_t i = 0; i + 1 < record.relisted.size(); i += 2)
    log.fold_.relist(record.relisted[i], record.relisted[i + 1]);
  read_events(record.all_events(), options.day_starts_at, log.fold_.list());
  log.fold_.resolve_names(true);
  log.returns_.reset(log.fold_.list());
  if (record.models_id == models_id && record.codes.size() == log.fold_.base().items()) {
    log.fold_.base() = TillState::read(bundle, *log.models());
    return log;
  }
  const auto stock = bundle.get<StockBook>("till_stock");
  const auto books = bundle.get<TillBooks>("till_books");
  const auto sales = RecentSales(bundle.get<RecentSalesRecord>("till_sales"));
  for (const std::size_t items : {stock.items(), books.items(), sales.items()})
    validate_size(items, record.codes.size(), "state, items");
  log.from_before_ = true;
  log.begin_over(stock, books, sales.last_day(), [&](std::size_t i) { return record.codes[i]; });
  return log;
}

BODEGA_INLINE std::vector<std::byte> EventSnapshot::write_events(const EventList& list) {
  std::vector<std::byte> bytes, event;
  std::vector<TillReceiptLine> lines;
  detail::EventWriter write(bytes);
  for (std::size_t p = 0; p < list.size(); ++p) {
    const EventList::Entry& entry = list[list.at(p)];
    bool netted = false;
    for (const EventList::Line& line : list.lines(entry))
      netted = netted || line.left != line.quantity;
    write.number(static_cast<unsigned>(entry.undone) |
                 static_cast<unsigned>(entry.from_before) << 1 |
                 static_cast<unsigned>(netted) << 2);
    event.clear();
    encode(list.event(entry, lines), event);
    write.number(event.size());
    bytes.insert(bytes.end(), event.begin(), event.end());
    if (netted)
      for (const EventList::Line& line : list.lines(entry)) write.whole(line.left.raw());
  }
  return bytes;
}

BODEGA_INLINE void EventSnapshot::read_events(std::span<const std::byte> from, int day_starts_at,
                                              EventList& list) {
  detail::EventReader read(from);
  while (!read.done()) {
    const std::uint64_t flags = read.number();
    if (flags > 7) read.fail("flags below 8", std::to_string(flags));
    const std::string_view bytes = read.text();
    const DecodedEvent event(std::as_bytes(std::span(bytes)));
    if (event->kind == EventKind::item_added || event->kind == EventKind::relisted)
      read.fail("an event that stands in an order", std::string(name(event->kind)));
    std::optional<Day> day = event->day;
    if (event->kind == EventKind::receipt) day = event->when->business_day(day_starts_at);
    EventList::Entry& entry = list[list.push(*event, day)];
    entry.undone = (flags & 1) != 0;
    entry.from_before = (flags & 2) != 0;
    if ((flags & 4) != 0)
      for (EventList::Line& line : list.lines(entry)) {
        line.left = Quantity::from_raw(read.whole());
        const bool sold = line.quantity >= Quantity();
        if (sold ? line.left < Quantity() || line.left > line.quantity
                 : line.left > Quantity() || line.left < line.quantity)
          read.fail("what is left of a quantity", std::to_string(line.left.raw()));
      }
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI
