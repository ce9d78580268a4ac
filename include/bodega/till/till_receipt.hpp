// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// One line of a receipt in the shop's own code. A negative quantity is a return.
struct TillReceiptLine {
  std::string_view code = {};
  Quantity quantity = Quantity::from_whole(1);
  Money price = {};  ///< per unit
};

/// A receipt as the shop's system writes it; all but the time and the lines may be unknown.
/// Borrowed for the length of the call. A receipt is known again by id, store, till and business
/// day, if it has an id.
struct TillReceipt {
  std::string_view id = {};  ///< as printed; tills begin their numbers anew
  Moment when = {};
  std::string_view store = {};
  std::string_view till = {};
  std::string_view card = {};  ///< the loyalty card, as the shop writes it
  std::span<const TillReceiptLine> lines = {};
};

}  // namespace bodega::inline BODEGA_ABI
