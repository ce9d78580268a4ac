// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/data/code_rules.hpp>
#include <bodega/till/till_receipt.hpp>

namespace bodega::inline BODEGA_ABI {

/// A receipt with its codes spelled as the shop's rules have them, and with the weights and prices
/// that stand in scanned codes. Without rules it is as it came.
class SpelledReceipt {
 public:
  /// Borrows the receipt. Precondition: none of its texts changes meanwhile.
  SpelledReceipt(const TillReceipt& receipt, const CodeRules* rules);
  SpelledReceipt(const SpelledReceipt&) = delete;
  SpelledReceipt& operator=(const SpelledReceipt&) = delete;

  const TillReceipt& operator*() const noexcept { return receipt_; }
  const TillReceipt* operator->() const noexcept { return &receipt_; }

 private:
  TillReceipt receipt_;
  std::vector<TillReceiptLine> lines_;
  std::vector<std::string> texts_;
};

#if BODEGA_BODIES

BODEGA_INLINE SpelledReceipt::SpelledReceipt(const TillReceipt& receipt, const CodeRules* rules)
    : receipt_(receipt) {
  if (rules == nullptr) return;
  texts_.reserve(receipt.lines.size() + 3);  // so that no text moves
  const auto keep = [&](std::string_view text) -> std::string_view {
    return texts_.emplace_back(text);
  };
  CodeBuffer room;
  receipt_.id = keep(rules->receipt(receipt.id, room));
  receipt_.store = keep(rules->store(receipt.store, room));
  receipt_.card = keep(rules->customer(receipt.card, room));
  for (TillReceiptLine line : receipt.lines) {
    const ScannedItem scanned = rules->item(line.code, room);
    line.quantity = scanned.units(line.quantity).value_or(line.quantity);
    if (scanned.price) line.price = *scanned.price;
    line.code = keep(scanned.code);
    lines_.push_back(line);
  }
  receipt_.lines = lines_;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
