// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/tensor/validate.hpp>
#include <bodega/till/till_clock.hpp>

namespace bodega::inline BODEGA_ABI {

/// What events did to a till's state so far; of an event that was undone nothing is counted.
struct StateCounts {
  std::uint64_t receipts = 0;           ///< heard
  std::uint64_t held = 0;               ///< of a day that was not believed: only stock moved
  std::uint64_t clock_moves = 0;        ///< how often a day far from the last one was believed
  std::uint64_t unknown_lines = 0;      ///< of codes outside the catalogue
  std::uint64_t returns_unmatched = 0;  ///< lines that took back more than was bought
  std::uint64_t stock_wrong = 0;        ///< sales of items whose stock was 0: unknown since then
  std::uint64_t stock_older = 0;        ///< counts that came after later ones, and were left out
  std::uint64_t stock_ahead = 0;        ///< counts of a time far ahead, taken for counts of now

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("receipts", self.receipts);
    visit("held", self.held);
    visit("clock_moves", self.clock_moves);
    visit("unknown_lines", self.unknown_lines);
    visit("returns_unmatched", self.returns_unmatched);
    visit("stock_wrong", self.stock_wrong);
    visit("stock_older", self.stock_older);
    visit("stock_ahead", self.stock_ahead);
  }
  bool operator==(const StateCounts&) const = default;
};

/// What a till's state notes beside stock, sales and models: its clock, its counts, and which items
/// could not be had today.
struct TillBooks {
  static constexpr std::string_view kind = "till_books";
  static constexpr std::size_t most_wrong = 20;

  TillClock clock;
  StateCounts counts;
  std::int64_t latest = 0;           ///< the latest time of a receipt that was believed
  std::uint32_t receipts_today = 0;  ///< since the last day was closed
  std::vector<std::uint32_t> wrong;  ///< items whose stock proved wrong, the last few
  /// Of each item: 0 if it could be had all day; `short_now`; or the number of the next receipt
  /// when it came back.
  std::vector<std::uint32_t> back_at;

  TillBooks() = default;
  explicit TillBooks(std::size_t items) : back_at(items, 0) {}

  std::size_t items() const noexcept { return back_at.size(); }
  void grow(std::size_t items) {
    if (items > back_at.size()) back_at.resize(items, 0);
  }

  /// The item's stock has changed; `by_receipt`: because somebody bought it or brought it back.
  void note(ItemIndex item, bool available, bool by_receipt = false) noexcept {
    if (item.value() >= items()) return;
    std::uint32_t& at = back_at[item.value()];
    if (!available)
      at = short_now;
    else if (at == short_now)
      at = receipts_today + (by_receipt ? 0 : 1);
  }
  /// It was there all the time: the record was wrong.
  void prove_wrong(ItemIndex item) {
    if (item.value() >= items()) return;
    back_at[item.value()] = 0;
    ++counts.stock_wrong;
    if (wrong.size() == most_wrong) wrong.erase(wrong.begin());
    wrong.push_back(item.value());
  }
  /// Nobody knows how many would have been sold today.
  bool sold_out(ItemIndex item) const noexcept { return back_at[item.value()] > receipts_today; }
  template <class Available>
  void begin_day(const Available& available) noexcept {
    receipts_today = 0;
    for (std::uint32_t i = 0; i < items(); ++i)
      back_at[i] = available(ItemIndex(i)) ? 0 : short_now;
  }
  /// Goes on with the counts of another till's books, `from[i]` being the item there that i is
  /// here, or none. Its clock is left alone.
  void carry(const TillBooks& other, std::span<const ItemIndex> from) {
    counts = other.counts;
    latest = other.latest;
    receipts_today = other.receipts_today;
    for (std::uint32_t i = 0; i < from.size(); ++i) {
      if (from[i].value() >= other.items()) continue;
      back_at[i] = other.back_at[from[i].value()];
      for (const std::uint32_t item : other.wrong)
        if (item == from[i].value() && wrong.size() < most_wrong) wrong.push_back(i);
    }
  }

  void validate(const std::string& where) const {
    clock.validate(where + ", clock");
    Moment{latest};  // throws
    if (wrong.size() > most_wrong)
      throw Error(ErrorCode::out_of_range, where + ", wrong", "at most 20 items",
                  std::to_string(wrong.size()));
    for (const std::uint32_t item : wrong)
      if (item >= items())
        throw Error(ErrorCode::out_of_range, where + ", wrong",
                    "an item below " + std::to_string(items()), std::to_string(item));
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("clock", self.clock);
    visit("counts", self.counts);
    visit("latest", self.latest);
    visit("receipts_today", self.receipts_today);
    visit("wrong", self.wrong);
    visit("back_at", self.back_at);
  }

 private:
  static constexpr std::uint32_t short_now = std::numeric_limits<std::uint32_t>::max();
};

}  // namespace bodega::inline BODEGA_ABI
