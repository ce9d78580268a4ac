// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <unordered_set>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/net_returns.hpp>
#include <bodega/till/event_list.hpp>

namespace bodega::inline BODEGA_ABI {

/// What is left of the receipts of a list after returns, by the rule of `net_returns`, which the
/// reader of files has as well: kept up to date event by event, so that only receipts of the same
/// buyer are looked at, and only where something was ever returned.
class EventReturns {
 public:
  /// A receipt of the list has come, or was undone. Returns the first place of the order at which
  /// something else is left of a receipt than before; size() for none. Strong guarantee.
  /// Complexity: linear in the lines; in the list where such an item was returned by that buyer.
  std::size_t update(EventList& list, std::uint32_t entry) {
    const EventList::Entry& of = list[entry];
    std::vector<std::uint32_t> codes;
    for (const EventList::Line& line : list.lines(of)) {
      const std::uint64_t by = key(of, line.code);
      if (line.quantity < Quantity()) returned_.insert(by);
      if (!returned_.empty() && returned_.contains(by)) codes.push_back(line.code);
    }
    // A return may stand behind the sale.
    for (const EventList::Line& line : list.lines(of))
      if (!returned_.empty() && returned_.contains(key(of, line.code))) codes.push_back(line.code);
    if (codes.empty()) return list.size();
    std::sort(codes.begin(), codes.end());
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    return net(list, of, codes);
  }

  /// Begins anew with what stands in the list, of which what is left is known.
  void reset(const EventList& list) {
    returned_.clear();
    for (std::size_t p = 0; p < list.size(); ++p)
      for (const EventList::Line& line : list.lines(list[list.at(p)]))
        if (line.quantity < Quantity()) returned_.insert(key(list[list.at(p)], line.code));
  }

 private:
  static std::uint64_t key(const EventList::Entry& entry, std::uint32_t code) noexcept {
    std::uint64_t by = entry.card;
    if (by == 0) by = std::uint64_t{entry.store} << 32 | static_cast<std::uint32_t>(entry.day);
    return (by ^ std::uint64_t{code} * 0x9E3779B97F4A7C15u) * 0xC2B2AE3D27D4EB4Fu;
  }

  static std::size_t net(EventList& list, const EventList::Entry& of,
                         const std::vector<std::uint32_t>& codes) {
    struct Part {
      std::size_t place;
      std::uint32_t entry;
    };
    std::vector<Part> parts;  // receipts of who may have bought and returned
    for (std::size_t p = 0; p < list.size(); ++p) {
      const EventList::Entry& other = list[list.at(p)];
      if (other.kind != EventKind::receipt || other.undone || other.card != of.card) continue;
      if (of.card != 0 || (other.day == of.day && other.store == of.store))
        parts.push_back({p, list.at(p)});
    }
    std::stable_sort(parts.begin(), parts.end(), [&](const Part& a, const Part& b) {
      return list[a.entry].when < list[b.entry].when;
    });
    std::vector<DraftLine> drafts;
    std::vector<EventList::Line*> lines;
    for (std::size_t r = 0; r < parts.size(); ++r)
      for (EventList::Line& line : list.lines(list[parts[r].entry]))
        if (std::binary_search(codes.begin(), codes.end(), line.code)) {
          DraftLine& draft = drafts.emplace_back();
          draft.receipt = static_cast<std::uint32_t>(r);
          draft.code = line.code & (DraftLine::most_codes - 1);  // a log has fewer
          draft.quantity = line.quantity;
          draft.price = line.price;
          lines.push_back(&line);
        }
    net_returns(drafts, [&](std::uint32_t receipt) {
      const EventList::Entry& entry = list[parts[receipt].entry];
      const bool known = entry.card != 0;
      return Buyer{known ? entry.card : owner(list, parts[receipt].entry), 0, known, entry.day};
    });
    std::size_t first = list.size();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i]->left == drafts[i].quantity) continue;
      lines[i]->left = drafts[i].quantity;
      first = std::min(first, parts[drafts[i].receipt].place);
    }
    return first;
  }

  /// Receipts without a card that have one number are one receipt.
  static std::uint64_t owner(const EventList& list, std::uint32_t number) noexcept {
    const EventList::Entry& entry = list[number];
    std::uint32_t first = number;
    for (std::uint32_t e = entry.same; e != EventList::none; e = list[e].same)
      if (list[e].kind == EventKind::receipt && list[e].card == 0 && list[e].store == entry.store &&
          list[e].till == entry.till && list[e].day == entry.day &&
          list.id(list[e]) == list.id(entry))
        first = e;
    return first;
  }

  std::unordered_set<std::uint64_t> returned_;  // whatever buyers returned, by buyer and code
};

}  // namespace bodega::inline BODEGA_ABI
