// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/context.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// One line of a receipt. A negative quantity is a return.
struct ReceiptLine {
  ItemIndex item;
  Quantity quantity;
  Money price;  ///< per unit
};

/// A receipt as a till sees it; all but the time and the lines may be unknown. The id and the lines
/// are borrowed.
struct Receipt {
  std::string_view id = {};  ///< as printed; tills begin their numbers anew
  Moment when = {};
  StoreId store = {};           ///< none() where not known
  TillId till = {};             ///< none() where not known
  CustomerIndex customer = {};  ///< none() where no card was shown
  std::span<const ReceiptLine> lines = {};
  Channel channel = Channel::unknown;  ///< who worked the checkout
  Rush rush = Rush::unknown;           ///< whether customers queued
};

/// Receipts over one catalogue, such as `Receipts`.
template <class L>
concept ReceiptList = requires(const L& list, std::size_t i) {
  { list.size() } -> std::convertible_to<std::size_t>;
  { list.catalog().size() } -> std::convertible_to<std::size_t>;
  { list[i] } -> std::same_as<Receipt>;
};

/// What learns from receipts, one at a time.
template <class L>
concept Listener = requires(L& listener, const Receipt& receipt) {
  { listener.observe(receipt) } -> std::same_as<void>;
};

}  // namespace bodega::inline BODEGA_ABI
