// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <map>

#include <bodega/core/error.hpp>
#include <bodega/till/till_core.hpp>

/// What `TillCore` does; no templates, so that `bodega::compiled` holds it once.
namespace bodega::inline BODEGA_ABI {

template <class Change>
void TillCore::publish(Generation next, const StockBook& stock, const Change& change) {
  std::vector<LaneMemory*> memories;
  for (LaneMemory& memory : next->memories) memories.push_back(&memory);
  retired_.reserve(retired_.size() + 1);
  shelf_.serve(next);
  try {
    shelf_.publish_all(*next, stock);
    sides_->write([&](TillSide& side) {
      change(side);
      side.generation = next;
      side.memories = memories;
      side.refer();
    });
  } catch (...) {
    shelf_.retire(*next);
    throw;
  }
  shelf_.retire(*generation_);
  retired_.push_back(std::exchange(generation_, std::move(next)));
  sweep();
}

#if BODEGA_BODIES

BODEGA_INLINE TillCore::TillCore(Load load_with, const Bundle& bundle, const TillOptions& options,
                                 const std::string& where)
    : load_(load_with), options_(options) {
  if (options.day_starts_at < 0 || options.day_starts_at >= 86400)
    throw Error(ErrorCode::invalid_argument, "Till, option day_starts_at",
                "seconds after midnight, below 86400", std::to_string(options.day_starts_at));
  Models models = load(bundle, where);
  if (!options.state.empty()) models_id_ = id_of(bundle);
  const TillState state = restore(models);
  generation_ = prepare(std::move(models));
  shelf_.serve(generation_);
  shelf_.publish_all(*generation_, state.stock());
  sides_.emplace(TillSide(generation_, state));
  if (journal_ && (appended_ > 0 || snapshot_bytes_ == 0)) compact();
}

BODEGA_INLINE std::size_t TillCore::open_lane() {
  const Lock lock(writing_);
  const auto free = std::find(lanes_.begin(), lanes_.end(), false);
  const auto number = static_cast<std::size_t>(free - lanes_.begin());
  if (free == lanes_.end()) {
    lanes_.reserve(lanes_.size() + 1);
    if (generation_->memories.size() <= number)
      generation_->memories.emplace_back(*generation_->models, options_.max_picks);
    LaneMemory* const memory = &generation_->memories[number];
    sides_->write([&](TillSide& side) {
      side.memories.resize(number + 1);
      side.memories[number] = memory;
    });
    lanes_.push_back(true);
  } else {
    *free = true;
  }
  return number;
}

BODEGA_INLINE void TillCore::close_lane(std::size_t number) noexcept {
  const Lock lock(writing_);
  lanes_[number] = false;
}

BODEGA_INLINE void TillCore::observe(const TillReceipt& receipt) {
  Lock lock(writing_);
  hear_what_was_said();
  const TillModels& models = *generation_->models;
  const SpelledReceipt spelled_receipt(receipt, models.code_rules());
  check(*spelled_receipt);
  const TillEvent paid[] = {
      TillEvent::paid(*spelled_receipt, log_->card_hash(spelled_receipt->card))};
  commit(paid);
  settle(lock);
}

BODEGA_INLINE bool TillCore::happen(const TillEvent& event) {
  Lock lock(writing_);
  hear_what_was_said();
  const std::uint64_t undone = log_->counts().undone;
  commit({&event, 1});
  const bool undid = log_->counts().undone != undone;
  settle(lock);
  return undid;
}

BODEGA_INLINE void TillCore::say(StockWord word) {
  word.code = spelled(word.code);
  shelf_.say(std::move(word));
  Lock lock(writing_);
  if (append_what_was_said() >= most_waiting) hear_what_was_said();
  settle(lock);
}

BODEGA_INLINE StockFeedReport TillCore::feed(std::span<const StockRow> rows) {
  Lock lock(writing_);
  hear_what_was_said();
  const Catalog& catalog = generation_->models->catalog();
  StockFeedReport report;
  std::map<ItemIndex, Moment> latest;
  std::vector<TillEvent> events;
  {
    const auto side = sides_->read();
    const StockBook& stock = side->state.stock();
    for (const StockRow& row : rows) {
      ++report.rows;
      const ItemIndex item = generation_->models->find(row.item);
      if (item.is_none()) {
        report.note_unknown(row);
        continue;
      }
      const auto known = latest.contains(item) ? latest[item] : stock.as_of(item);
      if (known && row.when < *known) {
        report.note_older(row);
        continue;
      }
      latest[item] = row.when;
      events.push_back(report.is_stock(row)
                           ? TillEvent::stock_set(catalog.id(item),
                                                  stock_quantity(row.item, row.units), row.when)
                           : TillEvent::stock_unknown(catalog.id(item), row.when));
    }
  }
  commit(events);
  settle(lock);
  return report;
}

BODEGA_INLINE void TillCore::add(const Item& item) {
  Lock lock(writing_);
  hear_what_was_said();
  change_catalog(TillEvent::added(item),
                 std::make_shared<const TillModels>(generation_->models->with_item(item)));
  settle(lock);
}

BODEGA_INLINE void TillCore::relist(std::string_view code, std::string_view to) {
  Lock lock(writing_);
  hear_what_was_said();
  change_catalog(TillEvent::relisted(code, to),
                 std::make_shared<const TillModels>(generation_->models->with_code(code, to)));
  settle(lock);
}

BODEGA_INLINE void TillCore::set_covariate(std::string_view name, Day day, float value,
                                           std::string_view code) {
  const Lock lock(writing_);
  heal();
  const TillModels& models = *generation_->models;
  const ItemIndex item = code.empty() ? ItemIndex::none() : models.catalog().at(spelled(code));
  const StockBook stock = sides_->read()->state.stock();
  publish(
      prepare(std::make_shared<const TillModels>(models.with_covariate(name, item, day, value))),
      stock, [](TillSide&) {});
}

BODEGA_INLINE void TillCore::replace(const Bundle& bundle, const std::string& where) {
  Models models = load(bundle, where);
  const std::size_t items = models->catalog().size();
  const std::uint64_t id = journal_ ? id_of(bundle) : 0;
  Lock lock(writing_);
  hear_what_was_said();
  models = with_news(std::move(models), log_->added(), log_->relisted());
  EventLog log = log_->carried_to(models, items);
  const TillState state = log.state();
  publish(prepare(std::move(models)), state.stock(), [&](TillSide& side) { side.state = state; });
  log_ = std::move(log);
  behind_ = false;
  models_id_ = id;
  if (journal_) compact();
}

BODEGA_INLINE TillReport TillCore::report() {
  const Lock lock(writing_);
  hear_what_was_said();
  const TillModels& models = *generation_->models;
  TillReport report;
  report.items = models.catalog().size();
  for (const TillPart& part : models.parts()) report.parts.emplace_back(part.name);
  report.unknown.assign(models.unknown().begin(), models.unknown().end());
  report.unused = models.unused();
  report.lanes = static_cast<std::size_t>(std::count(lanes_.begin(), lanes_.end(), true));
  report.unreadable = unreadable_;
  report.state = sides_->read()->state.counts();
  report.events = log_->counts();
  if (journal_) report.journal = journal_->report();
  return report;
}

/// Where memory ended half way through a change, the sides are made anew from the log.
BODEGA_INLINE void TillCore::heal() {
  if (!behind_) return;
  const TillState state = log_->state();
  sides_->write([&](TillSide& side) {
    side.state = state;
    side.refer();
  });
  shelf_.publish_all(*generation_, state.stock());
  behind_ = false;
}

/// Brings events to journal, log, sides and shelf. Not 0 `said`: they are the first so many of what
/// was said of stock, which is in the journal already.
BODEGA_INLINE void TillCore::commit(std::span<const TillEvent> events, std::size_t said) {
  heal();
  for (const TillEvent& event : events) event.validate();
  if (said == 0)
    for (const TillEvent& event : events) append(event);
  std::vector<LogChange> changes;
  std::vector<ItemIndex> moved;
  bool refolded = false, of_all = false;
  const TillSide* done = nullptr;
  behind_ = true;
  sides_->write([&](TillSide& side) {
    if (done == nullptr) {
      for (const TillEvent& event : events) {
        const LogChange change = log_->add(event, side.state);
        if (change.kind == LogChange::Kind::applied)
          log_->for_each_moved(change, [&](ItemIndex item) { moved.push_back(item); });
        refolded |= change.kind == LogChange::Kind::refolded;
        of_all |= refolded || (event.kind == EventKind::stock_least && event.code.empty());
        changes.push_back(change);
      }
      if (refolded) side.refer();
      done = &side;
    } else if (refolded) {
      side = *done;
    } else {
      for (const LogChange& change : changes) log_->repeat(change, done->state, side.state);
    }
  });
  behind_ = false;
  written_ -= said;
  const auto side = sides_->read();
  if (of_all)
    shelf_.publish_all(*generation_, side->state.stock(), said);
  else
    shelf_.publish(*generation_, side->state.stock(), moved, said);
  tidy(side->state);
  sweep();
}

/// Forgets old days, once a day.
BODEGA_INLINE void TillCore::tidy(const TillState& state) {
  const std::optional<Day> day = state.demand().sales.last_day();
  if (day == tidied_) return;
  tidied_ = day;
  log_->tidy(state);
}

/// Makes events of what was said of stock.
BODEGA_INLINE void TillCore::hear_what_was_said() {
  if (append_what_was_said() == 0) return;
  std::vector<StockWord> words = shelf_.waiting();
  words.resize(std::min(words.size(), written_));
  std::vector<TillEvent> events;
  events.reserve(words.size());
  for (const StockWord& word : words) events.push_back(word.event());
  commit(events, words.size());
}

BODEGA_INLINE void TillCore::check(const TillReceipt& receipt) const {
  if (options_.unknown_items != UnknownItems::refuse) return;
  const Catalog& catalog = generation_->models->catalog();
  for (std::size_t i = 0; i < receipt.lines.size(); ++i)
    if (catalog.find(receipt.lines[i].code).is_none())
      throw Error(ErrorCode::unknown_id, "receipt, line " + std::to_string(i + 1),
                  "an item code of the catalogue", "'" + std::string(receipt.lines[i].code) + "'");
}

BODEGA_INLINE std::string TillCore::spelled(std::string_view code) const {
  const auto side = sides_->read();
  const CodeRules* const rules = side->generation->models->code_rules();
  CodeBuffer room;
  return std::string(rules ? rules->item(code, room).code : code);
}

BODEGA_INLINE TillCore::Generation TillCore::prepare(Models models) const {
  auto next = std::make_shared<TillGeneration>(std::move(models));
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
    next->memories.emplace_back(*next->models, options_.max_picks);
  return next;
}

BODEGA_INLINE void TillCore::change_catalog(const TillEvent& event, Models models) {
  heal();
  event.validate();
  Generation next = prepare(models);
  append(event);
  const StockBook stock = sides_->read()->state.stock();
  const TillState* done = nullptr;
  behind_ = true;
  publish(std::move(next), stock, [&](TillSide& side) {
    if (done == nullptr) {
      log_->add(event, side.state, models);
      done = &side.state;
    } else {
      side.state = *done;
    }
  });
  behind_ = false;
}

/// Frees the models that no lane holds a slate of any more.
BODEGA_INLINE void TillCore::sweep() noexcept {
  std::erase_if(retired_, [](const Generation& old) { return old.use_count() == 1; });
}

#endif

}  // namespace bodega::inline BODEGA_ABI
