// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/till/event_fold.hpp>
#include <bodega/till/event_list.hpp>
#include <bodega/till/event_log_options.hpp>
#include <bodega/till/event_returns.hpp>
#include <bodega/till/till_event.hpp>
#include <bodega/till/till_models.hpp>
#include <bodega/till/till_state.hpp>

namespace bodega::inline BODEGA_ABI {

/// The events of the last weeks, the state before the first of them, and states before some of the
/// others. A state is what folding all events over the first state gives. What changes the past (a
/// receipt that is undone, comes late, or gives back goods of days before) folds again from the
/// last state before it, and so leaves the very bytes that a clean past would have left.
///
///   receipt   counts once by id, store, till, business day and card; with other lines than before
///             it is a further part of that receipt
///   undo      of a receipt that is yet to come keeps it out, if the day is said
///   returns   are netted by the rule of files (`net_returns`), within what is kept
///   days      a receipt of a day that was closed stands before the closing
///
/// The log's owner owns the state as well, and may own it twice (`repeat`).
///
/// Thread safety: one thread at a time.
class EventLog {
 public:
  /// Of a shop that begins today. Precondition: not null. Throws that of the options.
  explicit EventLog(std::shared_ptr<const TillModels> models, const EventLogOptions& options = {});

  const std::shared_ptr<const TillModels>& models() const noexcept { return fold_.models(); }
  const EventLogOptions& options() const noexcept { return options_; }
  const LogCounts& counts() const noexcept { return counts_; }
  /// The hash that stands for a loyalty card in events (`EventFold::card_hash`).
  std::uint64_t card_hash(std::string_view card) const noexcept { return fold_.card_hash(card); }
  std::size_t events() const noexcept { return fold_.list().size(); }       ///< kept
  std::size_t lines() const noexcept { return fold_.list().line_count(); }  ///< of their receipts

  /// Returns the state that all events make. Complexity: a fold over them.
  TillState state();

  /// Brings an event to the log and to its state. Throws Error as `TillEvent::validate`; where it
  /// throws, the log is as it was, and the state must be made anew (`LeftRight` does).
  /// For item_added and relisted, `models` are those with the item (`TillModels::with_item`, which
  /// changes nothing else); the state grows.
  /// Complexity: that of the models that learn; a fold from a state before where the past changes.
  LogChange add(const TillEvent& event, TillState& state,
                std::shared_ptr<const TillModels> models = nullptr);
  /// Does to `twin`, which is as the state was before, what `add` did to it.
  void repeat(const LogChange& change, const TillState& done, TillState& twin) const;

  /// Forgets the events of days too long ago; numbers of changes before mean nothing afterwards. To
  /// be called once a day at least, with the log's state. Strong guarantee. Complexity: all events.
  void tidy(const TillState& state);

  /// After a log was read over models of another file (`EventSnapshot::read`), what is added was
  /// told before that file was opened, and may be known to it: the rest of a journal. From this
  /// call on it is news.
  void opened() noexcept { from_before_ = false; }

  /// Calls `visit(item)` for each item whose stock an applied event has moved.
  template <class Visit>
  void for_each_moved(const LogChange& change, Visit&& visit) const {
    const EventList::Entry& entry = fold_.list()[change.entry];
    const ItemIndex item = fold_.item_of(entry.code);
    if (!item.is_none()) visit(item);
    for (const EventList::Line& line : fold_.list().lines(entry))
      if (const ItemIndex sold = fold_.item_of(line.code); !sold.is_none()) visit(sold);
  }

  /// The same events over models of another file. Stock goes by code: items that left are dropped,
  /// those that came are unknown. What learns begins with what the file knows, and hears the events
  /// of later days. `state()` of the result is what the till goes on with.
  /// `items_of_file`: how many items the file itself lists, before `added` and `relisted`.
  EventLog carried_to(std::shared_ptr<const TillModels> models, std::size_t items_of_file) const;

  /// Items that are new since the file was made, and codes that became others (old, new): for
  /// models of a file that does not know them.
  std::span<const Item> added() const noexcept { return added_; }
  std::span<const Relisting> relisted() const noexcept { return fold_.relisted(); }

 private:
  friend class EventSnapshot;

  LogChange add_receipt(const TillEvent& event, TillState& state);
  LogChange add_undo(const TillEvent& event, TillState& state);
  LogChange add_models(const TillEvent& event, TillState& state,
                       std::shared_ptr<const TillModels> models);
  bool came_before(const TillEvent& event, Day day);
  void take_back(std::uint32_t entry) noexcept;
  LogChange refold(std::size_t place, TillState& state);
  /// Models of another file begin with the stock and the counts of before: `code_of(i)` is the code
  /// of the item i there, and days up to `forgotten` are in no event any more.
  template <class CodeOf>
  void begin_over(const StockBook& stock, const TillBooks& books, std::optional<Day> forgotten,
                  const CodeOf& code_of);

  EventLogOptions options_;
  EventFold fold_;
  EventReturns returns_;
  LogCounts counts_;
  std::vector<Item> added_;
  bool from_before_ = false;  // what is added was told before the models' file was opened
};

#if BODEGA_BODIES

BODEGA_INLINE EventLog::EventLog(std::shared_ptr<const TillModels> models,
                                 const EventLogOptions& options)
    : options_((options.validate(), options)), fold_(std::move(models), options) {}

BODEGA_INLINE TillState EventLog::state() {
  TillState state = fold_.base();
  fold_.refold(0, state);
  return state;
}

BODEGA_INLINE LogChange EventLog::add(const TillEvent& event, TillState& state,
                                      std::shared_ptr<const TillModels> models) {
  event.validate();
  switch (event.kind) {
    case EventKind::receipt:
      return add_receipt(event, state);
    case EventKind::undo:
      return add_undo(event, state);
    case EventKind::item_added:
    case EventKind::relisted:
      return add_models(event, state, std::move(models));
    default:
      break;
  }
  const std::uint32_t entry = fold_.list().push(event, std::nullopt);
  try {
    fold_.resolve_names();
    fold_.advance(fold_.list().size() - 1, state);
  } catch (...) {
    take_back(entry);
    throw;
  }
  ++counts_.events;
  return {LogChange::Kind::applied, entry};
}

BODEGA_INLINE void EventLog::repeat(const LogChange& change, const TillState& done,
                                    TillState& twin) const {
  if (change.kind == LogChange::Kind::applied)
    fold_.step(change.entry, twin);
  else if (change.kind == LogChange::Kind::refolded)
    twin = done;
}

BODEGA_INLINE LogChange EventLog::add_receipt(const TillEvent& event, TillState& state) {
  const Day day = event.when->business_day(options_.day_starts_at);
  if (came_before(event, day)) return {};
  const std::uint32_t entry = fold_.list().push(event, day);
  fold_.list()[entry].from_before = from_before_;
  std::size_t place = fold_.list().size() - 1;
  bool late = false, too_old = false;
  LogChange change{LogChange::Kind::applied, entry};
  try {
    fold_.resolve_names();
    late = state.verdict(day) == TillClock::Verdict::believe && state.sealed() &&
           day <= *state.sealed();
    if (late) {
      const auto before_closing = fold_.place_for(day);
      too_old = !before_closing;
      place = before_closing.value_or(place);
      fold_.list().move_last_to(place);
    }
    place = std::min(place, returns_.update(fold_.list(), entry));
    if (place == fold_.list().size() - 1)
      fold_.advance(place, state);
    else
      change = refold(place, state);
  } catch (...) {
    take_back(entry);
    throw;
  }
  ++counts_.events;
  counts_.late += late;
  counts_.too_old += too_old;
  return change;
}

BODEGA_INLINE LogChange EventLog::add_undo(const TillEvent& event, TillState& state) {
  const auto is_it = [&](const EventList::Entry& entry) {
    return entry.kind == EventKind::receipt && fold_.list().id(entry) == event.id &&
           (!event.day || entry.day == event.day->days_since_1970()) &&
           (event.store.empty() || fold_.list().name(entry.store) == event.store) &&
           (event.till.empty() || fold_.list().name(entry.till) == event.till) &&
           (event.card == 0 || entry.card == event.card);
  };
  std::vector<std::uint32_t> parts;  // of the receipt, the latest first
  bool known = false;
  std::size_t first = fold_.list().size();
  for (std::size_t p = fold_.list().size(); p-- > 0;) {
    const EventList::Entry& entry = fold_.list()[fold_.list().at(p)];
    if (!is_it(entry)) continue;
    known = true;
    if (entry.undone) continue;
    if (!parts.empty()) {
      const EventList::Entry& last = fold_.list()[parts.front()];
      if (entry.day != last.day || entry.store != last.store || entry.till != last.till ||
          entry.card != last.card)
        continue;
    }
    parts.push_back(fold_.list().at(p));
    first = p;
  }
  if (parts.empty()) {
    if (known) return {};
    ++counts_.undo_unknown;
    if (event.day) {  // it may be yet to come
      fold_.list()[fold_.list().push(event, event.day)].sealed =
          state.sealed() ? state.sealed()->days_since_1970() : EventList::no_day;
      fold_.resolve_names();
      ++counts_.events;
    }
    return {};
  }
  for (const std::uint32_t part : parts) fold_.list()[part].undone = true;
  try {
    for (const std::uint32_t part : parts)
      first = std::min(first, returns_.update(fold_.list(), part));
    const LogChange change = refold(first, state);
    counts_.undone += parts.size();
    ++counts_.events;
    return change;
  } catch (...) {
    for (const std::uint32_t part : parts) {
      fold_.list()[part].undone = false;
      try {
        returns_.update(fold_.list(), part);
      } catch (...) {  // memory ended twice
      }
    }
    throw;
  }
}

BODEGA_INLINE LogChange EventLog::add_models(const TillEvent& event, TillState& state,
                                             std::shared_ptr<const TillModels> models) {
  if (!models)
    throw Error(ErrorCode::invalid_argument, std::string(name(event.kind)),
                "the models with the item", "none");
  state.grow(*models);
  fold_.grow(std::move(models));
  bool past = true;  // what was unknown before is an item now
  if (event.kind == EventKind::item_added) {
    added_.push_back(*event.item);
    past = fold_.list().find_name(event.item->id) != StringSet::none;
  } else {
    fold_.relist(event.code, event.to);
  }
  fold_.resolve_names(true);
  ++counts_.events;
  if (past) return refold(0, state);
  return {LogChange::Kind::refolded, 0};
}

BODEGA_INLINE bool EventLog::came_before(const TillEvent& event, Day day) {
  if (event.id.empty()) return false;
  const auto same_text = [&](std::uint32_t name, std::string_view text) {
    return fold_.list().name(name) == text;
  };
  bool reused = false;
  const std::uint32_t found = fold_.list().find(event.id, day, [&](const EventList::Entry& entry) {
    if (entry.kind == EventKind::undo)  // that came first
      return !entry.undone &&
             (entry.store == EventList::none || same_text(entry.store, event.store)) &&
             (entry.till == EventList::none || same_text(entry.till, event.till));
    if (entry.kind != EventKind::receipt || !same_text(entry.store, event.store) ||
        !same_text(entry.till, event.till) ||
        (entry.card != event.card && entry.card != 0 && event.card != 0))
      return false;
    const auto lines = fold_.list().lines(entry);
    const bool same = std::equal(lines.begin(), lines.end(), event.lines.begin(), event.lines.end(),
                                 [&](const EventList::Line& a, const TillReceiptLine& b) {
                                   return a.quantity == b.quantity && a.price == b.price &&
                                          same_text(a.code, b.code);
                                 });
    reused = reused || !same;
    return same;
  });
  if (found == EventList::none) {
    counts_.same_number += reused;
    return false;
  }
  if (fold_.list()[found].kind == EventKind::receipt) {
    ++counts_.twice;
    return true;
  }
  const std::uint32_t entry = fold_.list().push(event, day);
  fold_.list()[entry].undone = true;
  fold_.list()[entry].sealed = fold_.list()[found].sealed;
  fold_.list()[found].undone = true;
  fold_.resolve_names();
  ++counts_.events;
  ++counts_.undone;
  return true;
}

BODEGA_INLINE void EventLog::take_back(std::uint32_t entry) noexcept {
  try {
    fold_.list()[entry].undone = true;
    returns_.update(fold_.list(), entry);
  } catch (...) {  // memory ended twice
  }
  const std::size_t place = fold_.list().place_of(entry);
  fold_.forget_from(place);
  fold_.list().pop();
}

BODEGA_INLINE void EventLog::tidy(const TillState& state) {
  const auto sealed = state.sealed();
  if (fold_.list().size() == 0 || !sealed || state.books().clock.jumped()) return;
  const std::int32_t oldest = (*sealed - options_.keep_days).days_since_1970();
  std::size_t place = 0, lines = fold_.list().line_count();
  const std::size_t last = fold_.last_checkpoint();
  const bool too_many = lines > options_.most_lines;
  for (std::size_t p = 0; p < fold_.list().size(); ++p) {
    const EventList::Entry& entry = fold_.list()[fold_.list().at(p)];
    const bool many = too_many && p < last && lines > options_.most_lines / 4 * 3;
    lines -= entry.lines;
    if (entry.sealed == EventList::no_day) continue;  // before the first day
    if (entry.sealed >= oldest && !many) break;
    place = p + 1;
  }
  if (place == 0) return;
  fold_.drop_before(place);
  returns_.reset(fold_.list());
}

BODEGA_INLINE LogChange EventLog::refold(std::size_t place, TillState& state) {
  fold_.refold(place, state);
  ++counts_.refolds;
  return {LogChange::Kind::refolded, 0};
}

BODEGA_INLINE EventLog EventLog::carried_to(std::shared_ptr<const TillModels> models,
                                            std::size_t items_of_file) const {
  EventLog next(std::move(models), options_);
  const Catalog &before = this->models()->catalog(), &after = next.models()->catalog();
  next.counts_ = counts_;
  next.fold_.list() = fold_.list();
  next.returns_ = returns_;
  next.fold_.cards() = fold_.cards();
  for (const auto& [code, to] : relisted()) next.fold_.relist(code, to);
  for (const Item& item : added_)
    if (after.find(item.id).value() >= items_of_file) next.added_.push_back(item);
  next.fold_.resolve_names(true);
  const TillState& base = fold_.base();
  next.begin_over(base.stock(), base.books(), base.demand().sales.last_day(), [&](std::size_t i) {
    return before.id(ItemIndex(static_cast<std::uint32_t>(i)));
  });
  return next;
}

template <class CodeOf>
void EventLog::begin_over(const StockBook& stock, const TillBooks& books,
                          std::optional<Day> forgotten, const CodeOf& code_of) {
  EventList& list = fold_.list();
  for (std::size_t p = 0; p < list.size(); ++p) list[list.at(p)].from_before = true;
  TillState& base = fold_.base();
  std::vector<ItemIndex> from(base.items());
  for (std::uint32_t i = 0; i < stock.items(); ++i) {
    const ItemIndex item = fold_.resolve(code_of(i));
    counts_.items_left += item.is_none();
    if (!item.is_none()) from[item.value()] = ItemIndex(i);
  }
  for (const ItemIndex item : from) counts_.items_came += item.is_none();
  base.carry(stock, books, from);
  ++counts_.swaps;
  const auto known = models()->known_until();
  counts_.gap_days = known && forgotten && *forgotten > *known
                         ? static_cast<std::uint64_t>(*forgotten - *known)
                         : 0;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
