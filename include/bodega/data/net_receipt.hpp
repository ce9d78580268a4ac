// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/receipt.hpp>

namespace bodega::inline BODEGA_ABI {

/// Receipts less what they take back themselves: a line of a negative quantity takes from the
/// latest lines of its item on the same receipt. Of an item that is returned on the whole one line
/// stays, below zero; of one that comes to nothing none does.
class NetReceipt {
 public:
  /// `items` is the size of the catalogue.
  explicit NetReceipt(std::size_t items) : net_(items) { lines_.reserve(items); }

  /// The receipt with such lines, in their order; borrowed until the next call. Lines of items
  /// outside the catalogue are left out. Allocates nothing for a receipt of as many lines as the
  /// catalogue has items. Cost: linear in the lines.
  Receipt operator()(const Receipt& receipt) {
    lines_.clear();
    lines_.reserve(receipt.lines.size());  // before anything is changed
    for (const ReceiptLine& line : receipt.lines)
      if (line.item.value() < net_.size()) net_[line.item.value()] += line.quantity;
    for (ReceiptLine line : receipt.lines) {
      if (line.item.value() >= net_.size()) continue;
      Quantity& left = net_[line.item.value()];
      if (left < Quantity()) {
        line.quantity = std::exchange(left, Quantity());
      } else {
        line.quantity = std::min(left, line.quantity);
        if (line.quantity <= Quantity()) continue;
        left -= line.quantity;
      }
      lines_.push_back(line);
    }
    Receipt net = receipt;
    net.lines = lines_;
    return net;
  }

 private:
  std::vector<Quantity> net_;  // per item of the receipt at hand; zero between calls
  std::vector<ReceiptLine> lines_;
};

}  // namespace bodega::inline BODEGA_ABI
