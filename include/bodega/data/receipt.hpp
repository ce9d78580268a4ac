// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>

namespace bodega {

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
};

}  // namespace bodega
