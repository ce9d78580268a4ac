// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/left_right.hpp>
#include <bodega/inventory/stock_feed.hpp>
#include <bodega/till/event_bytes.hpp>
#include <bodega/till/event_log.hpp>
#include <bodega/till/event_snapshot.hpp>
#include <bodega/till/journal.hpp>
#include <bodega/till/shelf.hpp>
#include <bodega/till/spelled_receipt.hpp>
#include <bodega/till/till_event.hpp>
#include <bodega/till/till_models.hpp>
#include <bodega/till/till_options.hpp>
#include <bodega/till/till_report.hpp>
#include <bodega/till/till_side.hpp>

namespace bodega::inline BODEGA_ABI {

/// What stands behind a till and its lanes: models and state, kept twice (`LeftRight`), the log of
/// the events that the state is made of, the journal that they are written to, and the stock that
/// masks answers. `TillEngine` is its public face and says what each call means.
///
/// A change is checked, appended to the journal, brought to the log and to both sides, and shown to
/// the shelf; the disk is waited for at the end, with no lock held. Lanes only read a side.
/// Thread safety: all members from any thread.
class TillCore {
 public:
  using Load = TillModels (*)(const Bundle&, const TillModelsOptions&, const std::string& where);

  TillCore(Load load_with, const Bundle& bundle, const TillOptions& options,
           const std::string& where);
  TillCore(const TillCore&) = delete;
  TillCore& operator=(const TillCore&) = delete;

  const LeftRight<TillSide>& sides() const noexcept { return *sides_; }
  const TillOptions& options() const noexcept { return options_; }

  /// Returns the number of a new lane, whose memory is on both sides from now on.
  std::size_t open_lane();
  void close_lane(std::size_t number) noexcept;

  void observe(const TillReceipt& receipt);
  /// An event that leaves the catalogue as it is. Returns whether it undid a receipt.
  bool happen(const TillEvent& event);
  void say(StockWord word);
  StockFeedReport feed(std::span<const StockRow> rows);
  void add(const Item& item);
  void relist(std::string_view code, std::string_view to);
  void set_covariate(std::string_view name, Day day, float value, std::string_view code);
  void replace(const Bundle& bundle, const std::string& where);
  void sync();
  TillReport report();

 private:
  using Models = std::shared_ptr<const TillModels>;
  using Generation = std::shared_ptr<TillGeneration>;
  using Lock = std::unique_lock<std::mutex>;

  // How a record of the journal begins.
  static constexpr std::byte snapshot_record{'S'}, event_record{'E'};
  static constexpr std::size_t least_journal = std::size_t{1} << 20;  // that is worth compacting
  static constexpr std::size_t most_waiting = 256;                    // words on stock

  EventLogOptions log_options() const noexcept;
  Models load(const Bundle& bundle, const std::string& where) const;
  std::uint64_t id_of(const Bundle& bundle) const;
  /// The models with what was added and re-listed since their file was made.
  static Models with_news(Models models, std::span<const Item> added,
                          std::span<const Relisting> relisted);
  TillState restore(Models& models);
  void replay(const TillEvent& event, Models& models, TillState& state);

  // With `writing_` held:
  void heal();
  void commit(std::span<const TillEvent> events, std::size_t said = 0);
  std::size_t append_what_was_said();
  void hear_what_was_said();
  void tidy(const TillState& state);
  void check(const TillReceipt& receipt) const;
  /// A code as the catalogue has it, by the rules of the models of now.
  std::string spelled(std::string_view code) const;
  void append(const TillEvent& event);
  void compact() noexcept;
  Generation prepare(Models models) const;
  template <class Change>
  void publish(Generation next, const StockBook& stock, const Change& change);
  void change_catalog(const TillEvent& event, Models models);
  void sweep() noexcept;
  void settle(Lock& lock) noexcept;

  Load load_;
  TillOptions options_;

  mutable std::mutex writing_;
  std::optional<EventLog> log_;
  std::optional<LeftRight<TillSide>> sides_;
  Generation generation_;
  std::vector<Generation> retired_;  // of which a lane may still hold a slate
  std::vector<bool> lanes_;          // in use, by number
  Shelf shelf_;
  std::size_t written_ = 0;  // of what was said of stock and waits
  std::optional<Day> tidied_;
  bool behind_ = false;  // the log has events that the sides do not know
  std::unique_ptr<Journal> journal_;
  std::vector<std::byte> record_;
  std::uint64_t models_id_ = 0, last_record_ = 0;
  std::size_t appended_ = 0, snapshot_bytes_ = 0;  // since the last snapshot; of it
  std::uint64_t unreadable_ = 0;
};

}  // namespace bodega::inline BODEGA_ABI

#include <bodega/till/till_core_bodies.hpp>
#include <bodega/till/till_core_journal.hpp>
