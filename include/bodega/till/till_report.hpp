// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/query_parts.hpp>
#include <bodega/till/event_log.hpp>
#include <bodega/till/journal.hpp>
#include <bodega/till/till_state.hpp>

namespace bodega::inline BODEGA_ABI {

/// What a till is made of, what happened to it, and what it had to hold back, leave out or put
/// right: for people (`summary`) and for programs.
struct TillReport {
  std::size_t items = 0;             ///< of the catalogue
  std::vector<std::string> parts;    ///< that recommend, by name
  std::vector<std::string> unknown;  ///< models and weights of the file that the till does not know
  QueryParts unused;                 ///< what of a query the file's parts cannot use
  std::size_t lanes = 0;             ///< open
  std::uint64_t unreadable = 0;      ///< events and snapshots of the journal that could not be used
  StateCounts state;                 ///< of all that counts now: an undo undoes it here too
  LogCounts events;
  std::optional<JournalReport> journal;  ///< where the till has a file of its state

  /// A line for each thing that a shopkeeper should know; all is well where it has only the first.
  std::string summary() const;
};

#if BODEGA_BODIES

BODEGA_INLINE std::string TillReport::summary() const {
  const auto listed = [](const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? std::string("none") : text;
  };
  std::string text = std::to_string(items) + " items; parts: " + listed(parts) + "; " +
                     std::to_string(state.receipts) + " receipts, " +
                     std::to_string(events.events) + " events, " + std::to_string(events.swaps) +
                     " swaps, " + std::to_string(lanes) + " lanes\n";
  const auto say = [&](std::uint64_t count, const char* what) {
    if (count > 0) text += std::to_string(count) + " " + what + "\n";
  };
  if (!unknown.empty()) text += "in the file but not known here: " + listed(unknown) + "\n";
  std::vector<std::string> names;
  unused.for_each([&](QueryPart part) { names.emplace_back(name(part)); });
  if (!names.empty()) text += "of a query no part uses: " + listed(names) + "\n";
  say(state.held, "receipts held: their clock was not believed");
  say(state.clock_moves, "times a far day was believed");
  say(state.unknown_lines, "lines of items outside the catalogue");
  say(state.stock_wrong, "sales of what had no stock: the record was wrong");
  say(state.stock_older, "stock counts older than what was known");
  say(events.undone, "receipts undone");
  say(events.undo_unknown, "undos of receipts that had not come");
  say(events.twice, "receipts that came twice");
  say(events.same_number, "receipts of a number of before with other lines");
  say(events.late, "receipts after their day was closed");
  say(events.too_old, "receipts older than what is remembered");
  say(events.gap_days, "days that neither the file nor the events know");
  say(events.items_left, "items that left at swaps");
  say(events.items_came, "items that came at swaps");
  say(unreadable, "records of the journal that could not be used");
  if (journal) {
    say(journal->torn_bytes, "bytes of the journal were torn off");
    say(journal->damaged_bytes, "bytes of the journal were damaged");
    say(journal->failures, "times the disk refused");
  }
  return text;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
