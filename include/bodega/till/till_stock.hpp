// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/units.hpp>
#include <bodega/inventory/stock_feed.hpp>
#include <bodega/till/till_core.hpp>

namespace bodega::inline BODEGA_ABI {

/// What is on a till's shelf, by code. An item whose stock nobody told is unknown and counts as
/// available. An answer begun after a call returned obeys it. Amounts are exact to 3 places.
///
/// All that change it throw Error (unknown_id) for a code outside the catalogue, (not_finite),
/// (out_of_range) for more than a thousand million units.
/// Thread safety: all members from any thread at any time.
class TillStock {
 public:
  explicit TillStock(std::shared_ptr<TillCore> core) noexcept : core_(std::move(core)) {}

  /// So much is there; 0 is sold out.
  void set(std::string_view code, double units) {
    core_->say({EventKind::stock_set, std::string(code), stock_quantity(code, units)});
  }
  /// So much came besides what receipts say, or left where it is below 0. Unknown stays unknown.
  void add(std::string_view code, double units) {
    core_->say({EventKind::stock_added, std::string(code), stock_quantity(code, units)});
  }
  /// Nobody knows how much is there.
  void forget(std::string_view code) { core_->say({EventKind::stock_unknown, std::string(code)}); }
  /// Less than this is not available: the crumbs of what is sold by weight, such as 0.005 kg, whose
  /// stock never comes to 0 by itself. 0.001 where nobody says.
  void set_smallest(std::string_view code, double units) {
    core_->say({EventKind::stock_least, std::string(code), stock_quantity(code, units)});
  }
  /// The same for every item.
  void set_smallest(double units) { set_smallest({}, units); }

  /// Brings the rows of a feed. No row costs the others: what cannot be a stock says that the
  /// record is wrong, so the item's stock is unknown then; one of an earlier time than what is
  /// known is left out, whatever order they come in. `StockFeedReport` counts them.
  StockFeedReport feed(std::span<const StockRow> rows) { return core_->feed(rows); }

  /// Nothing where it is unknown or the code is outside the catalogue.
  std::optional<double> units(std::string_view code) const noexcept {
    const auto side = core_->sides().read();
    return side->generation->stock.units(side->generation->models->find(code));
  }
  /// The smallest amount or more on the shelf, or unknown. False outside the catalogue.
  bool available(std::string_view code) const noexcept {
    const auto side = core_->sides().read();
    return side->generation->stock.available(side->generation->models->find(code));
  }

 private:
  std::shared_ptr<TillCore> core_;
};

}  // namespace bodega::inline BODEGA_ABI
