// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include <bodega/core/units.hpp>

namespace bodega {

/// A line on its way from the file to a receipt.
struct DraftLine {
  std::uint32_t receipt = 0, code = 0;  ///< numbers within the file
  Quantity quantity;                    ///< below zero: a return
  Money price;
};

struct NettedReturns {
  std::size_t unmatched = 0;     ///< returns that found too little to take from
  std::size_t sales_undone = 0;  ///< sales of which nothing is left
};

/// Takes each return from the latest earlier purchases of the same code by the same owner, never
/// below zero; `owner(receipt)` numbers who bought. What a return could not take stays on its own
/// line, below zero. Precondition: the lines are in order of time.
template <class OwnerOf>
NettedReturns net_returns(std::span<DraftLine> lines, OwnerOf&& owner) {
  const auto key = [&](const DraftLine& line) {
    return std::uint64_t{owner(line.receipt)} << 32 | line.code;
  };
  std::unordered_map<std::uint64_t, std::vector<DraftLine*>> purchases;  // of what was returned
  for (const DraftLine& line : lines)
    if (line.quantity < Quantity()) purchases.try_emplace(key(line));
  NettedReturns result;
  for (DraftLine& line : lines) {
    const auto found = purchases.find(key(line));
    if (found == purchases.end()) continue;
    std::vector<DraftLine*>& open = found->second;
    if (line.quantity > Quantity()) {
      open.push_back(&line);
      continue;
    }
    while (line.quantity < Quantity() && !open.empty()) {
      const Quantity taken = std::min(open.back()->quantity, -line.quantity);
      open.back()->quantity -= taken;
      line.quantity += taken;
      if (open.back()->quantity > Quantity()) continue;
      ++result.sales_undone;
      open.pop_back();
    }
    result.unmatched += line.quantity < Quantity();
  }
  return result;
}

}  // namespace bodega
