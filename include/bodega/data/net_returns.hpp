// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// A line on its way from the file to a receipt, in 24 bytes: a file has many.
struct DraftLine {
  static constexpr std::uint32_t most_codes = std::uint32_t{1} << 28;

  std::uint32_t receipt = 0;  ///< numbers within the file
  std::uint32_t code : 28 = 0;
  bool sold : 1 = false;       ///< it was a sale when it was read
  bool write_off : 1 = false;  ///< goods that left without a sale; no sale is taken back for it
  bool free : 1 = false;       ///< a sale at price 0
  bool nobody : 1 = false;     ///< a sale without a customer
  Quantity quantity;           ///< below zero: a return
  Money price;
};
static_assert(sizeof(DraftLine) == 24);

/// Who may bring a line back, and when it was.
struct Buyer {
  std::uint64_t owner = 0;   ///< the customer, or without one the receipt
  std::uint64_t anyone = 0;  ///< the same for all receipts without a customer of one store
  bool known = false;        ///< a customer
  std::int32_t day = 0;      ///< the business day
};

struct NettedReturns {
  std::size_t unmatched = 0;     ///< returns that found too little to take from
  std::size_t sales_undone = 0;  ///< sales of which nothing is left
};

/// Takes each return from the purchases of the same code that it may undo, never below zero: from
/// those of the same owner on the same day or earlier, the latest first; and what a return without
/// a customer finds nothing for so, from those without a customer in the same store on the same
/// day, the latest first. Within a day it makes no difference which comes first. What a return
/// could not take stays on its own line, below zero. `buyer(receipt)` gives a `Buyer`.
/// Precondition: the lines are in order of time.
template <class BuyerOf>
NettedReturns net_returns(std::span<DraftLine> lines, BuyerOf&& buyer) {
  struct Key {
    std::uint64_t owner;
    std::uint32_t code;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept {
      return static_cast<std::size_t>((key.owner * 0x9E3779B97F4A7C15u) ^
                                      (key.code * 0xC2B2AE3D27D4EB4Fu));
    }
  };
  struct Open {
    DraftLine* line;
    std::int32_t day;
  };
  // Whether some key of a group has that hash: most lines are of none.
  std::vector<bool> asked(lines.empty() ? 1 : 99'991);
  using Groups = std::unordered_map<Key, std::vector<Open>, Hash>;
  NettedReturns result;
  // Undoes what can be undone within the groups of returns; a group has its lines in order of time.
  const auto net = [&](Groups& groups, bool same_day_only) {
    for (auto& group : groups) {
      std::vector<Open>& all = group.second;
      std::stable_sort(all.begin(), all.end(), [](const Open& a, const Open& b) {
        const bool a_returns = a.line->quantity < Quantity();
        const bool b_returns = b.line->quantity < Quantity();
        return a.day != b.day ? a.day < b.day : a_returns < b_returns;
      });
      std::vector<Open> sold;
      for (const Open& one : all) {
        if (one.line->quantity > Quantity()) sold.push_back(one);
        while (one.line->quantity < Quantity() && !sold.empty() &&
               (!same_day_only || sold.back().day == one.day)) {
          DraftLine& sale = *sold.back().line;
          const Quantity taken = std::min(sale.quantity, -one.line->quantity);
          sale.quantity -= taken;
          one.line->quantity += taken;
          if (sale.quantity > Quantity()) continue;
          ++result.sales_undone;
          sold.pop_back();
        }
      }
    }
  };
  const auto collect = [&](auto&& key_of, auto&& takes_part) {
    Groups groups;
    std::fill(asked.begin(), asked.end(), false);
    const auto bit = [&](const Key& key) { return Hash()(key) % asked.size(); };
    for (DraftLine& line : lines)
      if (line.quantity < Quantity() && !line.write_off && takes_part(buyer(line.receipt))) {
        const Key key{key_of(buyer(line.receipt)), line.code};
        groups.try_emplace(key);
        asked[bit(key)] = true;
      }
    if (groups.empty()) return groups;
    for (DraftLine& line : lines) {
      if (line.quantity == Quantity() || line.write_off) continue;
      const Buyer who = buyer(line.receipt);
      if (!takes_part(who)) continue;
      const Key key{key_of(who), line.code};
      if (!asked[bit(key)]) continue;
      if (const auto found = groups.find(key); found != groups.end())
        found->second.push_back({&line, who.day});
    }
    return groups;
  };
  Groups own =
      collect([](const Buyer& who) { return who.owner; }, [](const Buyer&) { return true; });
  net(own, false);
  Groups anybody = collect([](const Buyer& who) { return who.anyone; },
                           [](const Buyer& who) { return !who.known; });
  net(anybody, true);
  for (const DraftLine& line : lines) result.unmatched += line.quantity < Quantity();
  return result;
}

}  // namespace bodega::inline BODEGA_ABI
