// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <bodega/bundle/checksum.hpp>
#include <bodega/core/error.hpp>
#include <bodega/till/till_core.hpp>

/// What `TillCore` keeps, and how it begins again: models of a file, the journal, what both make.
namespace bodega::inline BODEGA_ABI {

#if BODEGA_BODIES

BODEGA_INLINE EventLogOptions TillCore::log_options() const noexcept {
  EventLogOptions options;
  options.keep_days = options_.keep_days;
  options.checkpoints = options_.checkpoints;
  options.day_starts_at = options_.day_starts_at;
  return options;
}

BODEGA_INLINE TillCore::Models TillCore::load(const Bundle& bundle,
                                              const std::string& where) const {
  return std::make_shared<const TillModels>(
      load_(bundle, {options_.unknown_parts, options_.weights, options_.stores}, where));
}

BODEGA_INLINE std::uint64_t TillCore::id_of(const Bundle& bundle) const {
  const std::vector<std::byte> bytes = bundle.serialize();
  return std::uint64_t{crc32(bytes)} << 32 | static_cast<std::uint32_t>(bytes.size());
}

BODEGA_INLINE TillCore::Models TillCore::with_news(Models models, std::span<const Item> added,
                                                   std::span<const Relisting> relisted) {
  const auto knows = [&](std::string_view code) { return !models->catalog().find(code).is_none(); };
  for (const Item& item : added)
    if (!knows(item.id)) models = std::make_shared<const TillModels>(models->with_item(item));
  for (const auto& [code, to] : relisted)
    if (knows(code) && !knows(to))
      models = std::make_shared<const TillModels>(models->with_code(code, to));
  return models;
}

/// Opens the journal, if there is to be one, and makes log and state of what it holds. A journal
/// always opens: what of it cannot be used is counted.
BODEGA_INLINE TillState TillCore::restore(Models& models) {
  std::vector<std::byte> snapshot;
  std::vector<std::vector<std::byte>> events;
  if (!options_.state.empty())
    journal_ = std::make_unique<Journal>(
        options_.state,
        [&](const JournalRecord& record) {
          const auto body = record.bytes.empty() ? record.bytes : record.bytes.subspan(1);
          if (!record.bytes.empty() && record.bytes[0] == snapshot_record) {
            snapshot.assign(body.begin(), body.end());
            events.clear();
          } else if (!record.bytes.empty() && record.bytes[0] == event_record) {
            events.emplace_back(body.begin(), body.end());
          } else {
            ++unreadable_;
          }
        },
        JournalOptions{.sync = options_.sync});
  if (!snapshot.empty()) try {
      const Bundle saved = Bundle::parse(snapshot);
      models =
          with_news(std::move(models), EventSnapshot::added(saved), EventSnapshot::relisted(saved));
      log_ = EventSnapshot::read(saved, models_id_, models, log_options());
      // One of another file is made anew at once: what comes now is of this file's time.
      if (EventSnapshot::models_id(saved) == models_id_) snapshot_bytes_ = snapshot.size();
    } catch (const Error&) {
      ++unreadable_;
    }
  if (!log_) log_.emplace(models, log_options());
  TillState state = log_->state();
  for (const std::vector<std::byte>& bytes : events) try {
      const DecodedEvent event(bytes);
      replay(*event, models, state);
      appended_ += bytes.size();
    } catch (const Error&) {
      ++unreadable_;
      state = log_->state();
    }
  log_->opened();
  return state;
}

BODEGA_INLINE void TillCore::replay(const TillEvent& event, Models& models, TillState& state) {
  Models changed;
  if (event.kind == EventKind::item_added) {
    const Item added[] = {*event.item};
    changed = with_news(models, added, {});
    if (changed == models) return;  // the file has it by now
  } else if (event.kind == EventKind::relisted) {
    const Relisting codes[] = {{std::string(event.code), std::string(event.to)}};
    changed = with_news(models, {}, codes);
  }
  if (changed) models = changed;
  log_->add(event, state, std::move(changed));
}

BODEGA_INLINE void TillCore::sync() {
  if (journal_) journal_->sync();
}

/// Writes down what was said of stock. It becomes events with the next one: sides need not change
/// for it, as answers follow the shelf. Returns how much waits.
BODEGA_INLINE std::size_t TillCore::append_what_was_said() {
  const std::vector<StockWord> words = shelf_.waiting(written_);
  for (const StockWord& word : words) {
    append(word.event());
    ++written_;
  }
  return written_;
}

BODEGA_INLINE void TillCore::append(const TillEvent& event) {
  if (!journal_) return;
  record_.assign(1, event_record);
  encode(event, record_);
  last_record_ = journal_->append(record_);
  appended_ += record_.size();
}

/// Replaces the journal by a snapshot; where that fails it stays as it is, and is tried later.
BODEGA_INLINE void TillCore::compact() noexcept {
  appended_ = 0;
  try {
    Bundle snapshot;
    EventSnapshot::save(*log_, models_id_, snapshot);
    const std::vector<std::byte> bytes = snapshot.serialize();
    std::vector<std::vector<std::byte>> records(1, {snapshot_record});
    records[0].insert(records[0].end(), bytes.begin(), bytes.end());
    const std::vector<StockWord> words = shelf_.waiting();
    for (std::size_t w = 0; w < written_; ++w) {
      records.push_back({event_record});
      encode(words[w].event(), records.back());
    }
    snapshot_bytes_ = bytes.size();
    journal_->compact(records);
  } catch (...) {  // the disk is full, or memory is: the journal grows on
  }
}

/// Compacts what has grown long, gives back the lock and waits for the disk.
BODEGA_INLINE void TillCore::settle(Lock& lock) noexcept {
  if (!journal_) return;
  if (appended_ > std::max(least_journal, 4 * snapshot_bytes_)) compact();
  const std::uint64_t record = last_record_;
  lock.unlock();
  journal_->settle(record);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
