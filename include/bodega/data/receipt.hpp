// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>

namespace bodega {

/// One line of a receipt. A negative quantity is a return.
struct ReceiptLine {
  ItemIndex item;
  Quantity quantity;
  Money price;  ///< per unit
};

/// A receipt as a till sees it. The lines are borrowed.
struct Receipt {
  Moment when;
  CustomerIndex customer;  ///< none() where no card was shown
  std::span<const ReceiptLine> lines;
};

}  // namespace bodega
