// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>

namespace bodega::inline BODEGA_ABI {

struct EventLogOptions {
  int day_starts_at = 0;
  int keep_days = 35;
  std::size_t checkpoints = 3;
  std::size_t most_lines = 4'000'000;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("day_starts_at", self.day_starts_at,
          "When the business day begins, in seconds after midnight.");
    visit("keep_days", self.keep_days,
          "Days of which receipts can be undone, come late or twice, and be taught to a new file.");
    visit("checkpoints", self.checkpoints,
          "Copies of the state, at the ends of the last days: undoing costs a fold from there.");
    visit("most_lines", self.most_lines,
          "Lines of receipts that are kept; beyond them the earliest days are forgotten.");
  }
  /// Throws Error(invalid_argument) for a time that is none, and fewer than one day or line.
  void validate() const;
};

/// What became of an event.
struct LogChange {
  enum class Kind : std::uint8_t {
    nothing,  ///< the state is as it was: the receipt had come before, say
    applied,  ///< the event was added at the end
    refolded  ///< the past has changed: an undo, a late receipt, a return, an item new today
  };
  Kind kind = Kind::nothing;
  std::uint32_t entry = 0;  ///< of the log, where it was applied; for `EventLog::repeat`
};

/// What a log did with its events.
struct LogCounts {
  std::uint64_t events = 0;        ///< that came, less those that had come before
  std::uint64_t undone = 0;        ///< receipts
  std::uint64_t undo_unknown = 0;  ///< undos of receipts that had not come
  std::uint64_t twice = 0;         ///< receipts that had come before
  std::uint64_t same_number = 0;   ///< receipts of a number of before, but with other lines
  std::uint64_t late = 0;          ///< receipts of a day that was over
  std::uint64_t too_old = 0;       ///< of these, those of before all that is kept
  std::uint64_t refolds = 0;       ///< how often the past was folded again
  std::uint64_t swaps = 0;         ///< of models
  std::uint64_t items_left = 0;    ///< at swaps
  std::uint64_t items_came = 0;
  std::uint64_t gap_days = 0;  ///< that neither the file nor the events know, at the last swap

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("events", self.events);
    visit("undone", self.undone);
    visit("undo_unknown", self.undo_unknown);
    visit("twice", self.twice);
    visit("same_number", self.same_number);
    visit("late", self.late);
    visit("too_old", self.too_old);
    visit("refolds", self.refolds);
    visit("swaps", self.swaps);
    visit("items_left", self.items_left);
    visit("items_came", self.items_came);
    visit("gap_days", self.gap_days);
  }
};

#if BODEGA_BODIES

BODEGA_INLINE void EventLogOptions::validate() const {
  const auto need = [](bool good, const char* option, const char* expected, long long found) {
    if (!good)
      throw Error(ErrorCode::invalid_argument, std::string("Till, option ") + option, expected,
                  std::to_string(found));
  };
  need(day_starts_at >= 0 && day_starts_at < 86400, "day_starts_at",
       "seconds after midnight, below 86400", day_starts_at);
  need(keep_days >= 1 && keep_days <= 3660, "keep_days", "1 to 3660 days", keep_days);
  need(checkpoints <= 100, "checkpoints", "at most 100", static_cast<long long>(checkpoints));
  need(most_lines >= 1 && most_lines <= 1'000'000'000, "most_lines", "1 to a thousand million",
       static_cast<long long>(most_lines));
}

#endif

}  // namespace bodega::inline BODEGA_ABI
