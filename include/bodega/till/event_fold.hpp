// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/sip_hash.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/customer_table.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/till/event_list.hpp>
#include <bodega/till/event_log_options.hpp>
#include <bodega/till/till_models.hpp>
#include <bodega/till/till_state.hpp>

namespace bodega::inline BODEGA_ABI {

/// A code that became another one.
using Relisting = std::pair<std::string, std::string>;

/// What a list of events makes of a shop: the state before the first of them, and states before
/// some of the others, from which the rest is folded again when the past has changed.
/// Thread safety: one thread at a time.
class EventFold {
 public:
  /// Of a shop that begins today, without any event.
  EventFold(std::shared_ptr<const TillModels> models, const EventLogOptions& options)
      : models_(std::move(models)),
        day_starts_at_(options.day_starts_at),
        most_checkpoints_(options.checkpoints),
        base_(*models_) {}

  const std::shared_ptr<const TillModels>& models() const noexcept { return models_; }
  EventList& list() noexcept { return list_; }
  const EventList& list() const noexcept { return list_; }
  /// The state before the first event.
  const TillState& base() const noexcept { return base_; }
  TillState& base() noexcept { return base_; }
  const std::vector<Relisting>& relisted() const noexcept { return relisted_; }
  void relist(std::string_view code, std::string_view to) { relisted_.emplace_back(code, to); }

  /// The hash that stands for a loyalty card in events: by the key of the models' file, else by one
  /// drawn for this shop, since returns are told by the card.
  std::uint64_t card_hash(std::string_view card) const noexcept {
    return models_->customers().key() ? models_->customers().hash(card) : cards_.hash(card);
  }
  /// The key that was drawn: a table of nobody.
  const CustomerTable& cards() const noexcept { return cards_; }
  CustomerTable& cards() noexcept { return cards_; }

  /// The item that a name of the list stands for: by its code, by what that became, else by what
  /// became it; none() where the catalogue has neither.
  ItemIndex item_of(std::uint32_t name) const noexcept {
    return name < item_of_.size() ? item_of_[name] : ItemIndex::none();
  }
  ItemIndex resolve(std::string_view code) const noexcept;
  /// To be called after names were added to the list; with `all` after codes were re-listed.
  void resolve_names(bool all = false);

  /// Where a receipt of that day belongs which came last: before the event that ended its day. The
  /// last place where that day has not ended, nothing where it had before the first event.
  std::optional<std::size_t> place_for(Day day) const noexcept;

  /// What the entry does to a state.
  void step(std::uint32_t entry, TillState& state) const;
  /// Brings the entry at that place to the state of all before it; keeps that one where the entry
  /// ends a day.
  void advance(std::size_t place, TillState& state);
  /// Makes the state anew where the events from that place on are others than before.
  void refold(std::size_t place, TillState& state);
  /// What was kept of states after that place is of another past.
  void forget_from(std::size_t place) noexcept {
    while (!checkpoints_.empty() && checkpoints_.back().place > place) checkpoints_.pop_back();
  }
  /// Where the last kept state stands; 0 where there is none.
  std::size_t last_checkpoint() const noexcept {
    return checkpoints_.empty() ? 0 : checkpoints_.back().place;
  }

  /// The events before that place become part of the state before the first one. Strong guarantee.
  void drop_before(std::size_t place);
  /// The catalogue has grown at its end. States of before stay valid where a throw leaves some
  /// grown.
  void grow(std::shared_ptr<const TillModels> models);

 private:
  struct Checkpoint {
    std::size_t place = 0;  // the state before the entry there
    TillState state;
  };

  std::shared_ptr<const TillModels> models_;
  int day_starts_at_;
  std::size_t most_checkpoints_;
  EventList list_;
  std::vector<Relisting> relisted_;
  CustomerTable cards_{detail::process_key()};
  std::vector<ItemIndex> item_of_;  // by name
  TillState base_;
  std::vector<Checkpoint> checkpoints_;            // in order
  mutable std::vector<ReceiptLine> sold_, moved_;  // room for one receipt
};

#if BODEGA_BODIES

BODEGA_INLINE ItemIndex EventFold::resolve(std::string_view code) const noexcept {
  const Catalog& catalog = models_->catalog();
  std::string_view other = code;
  for (const auto& [from, to] : relisted_)
    if (from == other) other = to;
  if (const ItemIndex item = catalog.find(other); !item.is_none()) return item;
  if (const ItemIndex item = catalog.find(code); !item.is_none()) return item;
  for (std::size_t i = relisted_.size(); i-- > 0;)
    if (relisted_[i].second == other) {
      other = relisted_[i].first;
      if (const ItemIndex item = catalog.find(other); !item.is_none()) return item;
    }
  return ItemIndex::none();
}

BODEGA_INLINE void EventFold::resolve_names(bool all) {
  if (all) item_of_.clear();
  item_of_.reserve(list_.names());
  while (item_of_.size() < list_.names())
    item_of_.push_back(resolve(list_.name(static_cast<std::uint32_t>(item_of_.size()))));
}

BODEGA_INLINE std::optional<std::size_t> EventFold::place_for(Day day) const noexcept {
  std::size_t place = list_.size() - 1;  // the receipt itself stands last
  while (place > 0 && list_[list_.at(place - 1)].sealed >= day.days_since_1970()) --place;
  if (place == 0 && base_.sealed() && *base_.sealed() >= day) return std::nullopt;
  // What was counted after that day has its sales in it already.
  const auto of_later_day = [&](const EventList::Entry& entry) {
    const bool counted =
        entry.kind == EventKind::stock_set || entry.kind == EventKind::stock_unknown;
    return counted && entry.timed && Moment(entry.when).business_day(day_starts_at_) > day;
  };
  while (place > 0 && of_later_day(list_[list_.at(place - 1)])) --place;
  return place;
}

BODEGA_INLINE void EventFold::step(std::uint32_t number, TillState& state) const {
  const EventList::Entry& entry = list_[number];
  const ItemIndex item = item_of(entry.code);
  const auto as_of = entry.timed ? std::optional(Moment(entry.when)) : std::nullopt;
  switch (entry.kind) {
    case EventKind::receipt:
      break;
    case EventKind::stock_set:
      if (!item.is_none()) state.set_stock(item, entry.units, as_of);
      return;
    case EventKind::stock_unknown:
      if (!item.is_none()) state.set_stock(item, std::nullopt, as_of);
      return;
    case EventKind::stock_added:
      if (!item.is_none()) state.add_stock(item, entry.units);
      return;
    case EventKind::stock_least:
      if (entry.code == EventList::none)
        state.set_least(std::nullopt, entry.units);
      else if (!item.is_none())
        state.set_least(item, entry.units);
      return;
    case EventKind::day_closed:
      return state.close_day(*models_);
    default:
      return;
  }
  if (entry.undone) return;
  HeardReceipt receipt;
  sold_.clear();
  moved_.clear();
  for (const EventList::Line& line : list_.lines(entry)) {
    receipt.traded = receipt.traded || line.quantity > Quantity();
    receipt.unmatched += line.left < Quantity();
    const ItemIndex of = item_of(line.code);
    receipt.unknown += of.is_none();
    if (of.is_none()) continue;
    moved_.push_back({of, line.quantity, line.price});
    if (line.left > Quantity()) sold_.push_back({of, line.left, line.price});
  }
  std::sort(moved_.begin(), moved_.end(),
            [](const ReceiptLine& a, const ReceiptLine& b) { return a.item < b.item; });
  std::size_t items = 0;
  for (const ReceiptLine& line : moved_)
    if (items > 0 && moved_[items - 1].item == line.item)
      moved_[items - 1].quantity += line.quantity;
    else
      moved_[items++] = line;
  moved_.resize(items);
  receipt.sold.id = list_.id(entry);
  receipt.sold.when = Moment(entry.when - day_starts_at_);
  receipt.sold.lines = sold_;
  receipt.card = entry.card;
  receipt.moved = moved_;
  receipt.from_before = entry.from_before;
  state.hear(receipt, *models_);
}

BODEGA_INLINE void EventFold::advance(std::size_t place, TillState& state) {
  EventList::Entry& entry = list_[list_.at(place)];
  const bool closes = entry.kind == EventKind::day_closed
                          ? state.demand().sales.open_day().has_value()
                          : entry.kind == EventKind::receipt && !entry.undone &&
                                state.would_close(Day::nearest(entry.day));
  const bool there = !checkpoints_.empty() && checkpoints_.back().place == place;
  if (closes && !there && most_checkpoints_ > 0) {
    if (checkpoints_.size() == most_checkpoints_) checkpoints_.erase(checkpoints_.begin());
    checkpoints_.push_back({place, state});
  }
  step(list_.at(place), state);
  const auto sealed = state.sealed();
  entry.sealed = sealed ? sealed->days_since_1970() : EventList::no_day;
}

BODEGA_INLINE void EventFold::refold(std::size_t place, TillState& state) {
  forget_from(place);
  const std::size_t first = checkpoints_.empty() ? 0 : checkpoints_.back().place;
  state = checkpoints_.empty() ? base_ : checkpoints_.back().state;
  for (std::size_t p = first; p < list_.size(); ++p) advance(p, state);
}

BODEGA_INLINE void EventFold::drop_before(std::size_t place) {
  TillState base = base_;
  for (std::size_t p = 0; p < place; ++p) step(list_.at(p), base);
  list_.drop_before(place);
  base_ = std::move(base);
  std::erase_if(checkpoints_, [&](const Checkpoint& one) { return one.place < place; });
  for (Checkpoint& checkpoint : checkpoints_) checkpoint.place -= place;
  resolve_names(true);
}

BODEGA_INLINE void EventFold::grow(std::shared_ptr<const TillModels> models) {
  base_.grow(*models);
  for (Checkpoint& checkpoint : checkpoints_) checkpoint.state.grow(*models);
  models_ = std::move(models);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
