// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/code_rules.hpp>
#include <bodega/inventory/stock.hpp>

namespace bodega::inline BODEGA_ABI {

/// What another system says of an item's stock.
struct StockRow {
  std::string_view item;  ///< the shop's own code
  double units = 0;
  Moment when;  ///< of which this was the stock
};

/// What became of the rows of a feed.
struct StockFeedReport {
  std::size_t rows = 0;
  std::size_t set = 0;           ///< stock as they say
  std::size_t older = 0;         ///< left out: a later row of the item was there before
  std::size_t negative = 0;      ///< the item's stock is unknown from then on
  std::size_t not_a_number = 0;  ///< likewise: NaN or infinite
  std::size_t too_large = 0;     ///< likewise: above a thousand million
  std::size_t unknown_item = 0;  ///< left out: no such code in the catalogue
  std::size_t clock_moves = 0;   ///< times that were believed before and were wrong
  /// The first rows of each kind that was not simply set, such as "20725: -3 units".
  std::vector<std::string> examples;

  static constexpr std::size_t most_examples = 10;  ///< of each kind

  /// Counts a row that was not simply set, and keeps the first ones as examples.
  void note(std::size_t& count, const StockRow& row, const std::string& what) {
    if (++count <= most_examples) examples.push_back(printable(row.item) + ": " + what);
  }
  void note_unknown(const StockRow& row) { note(unknown_item, row, "no such item"); }
  void note_older(const StockRow& row) {
    note(older, row, "of " + row.when.day().to_string() + ", older than what is known");
  }
  /// Returns whether the row's units can be a stock, and counts which they are.
  bool is_stock(const StockRow& row) {
    const bool usable = row.units >= 0 && row.units <= Stock::most_units;
    if (usable)
      ++set;
    else
      note(!std::isfinite(row.units) ? not_a_number
           : row.units < 0           ? negative
                                     : too_large,
           row, std::to_string(row.units) + " units");
    return usable;
  }
};

/// Brings the rows of a feed to a shop's stock. A feed may lie, and no row costs the others: what
/// cannot be a stock says that the record is wrong, not that the shelf is empty, so the item's
/// stock is unknown then and the item counts as available. Rows carry their time, and an older one
/// never overwrites a newer one, in whatever order they come; of equal times the last one counts.
/// A row that a wrong clock dates ahead does not lock an item for good: the third row in a row that
/// is more than 30 days older than it is believed again.
/// Thread safety: one thread at a time; the stock may be read and sold from meanwhile.
class StockFeed {
 public:
  static constexpr std::int64_t long_ago = 30 * 86400;  ///< seconds

  /// Borrows all; the stock is that of the catalogue's items. `rules` say how the feed writes its
  /// codes; without them as the catalogue does.
  StockFeed(const Catalog& catalog, Stock& stock, const CodeRules* rules = nullptr)
      : catalog_(&catalog), stock_(&stock), rules_(rules), known_(catalog.size()) {}

  StockFeedReport apply(std::span<const StockRow> rows);

 private:
  struct Known {
    std::optional<Moment> latest;
    std::uint8_t long_ago = 0;  // rows in a row that are much older
  };

  /// Whether a row is not older than what is known, or for the third time long before it.
  static bool is_news(Known& known, const StockRow& row, StockFeedReport& report) noexcept {
    if (!known.latest || row.when >= *known.latest) {
      known.long_ago = 0;
      return true;
    }
    const std::int64_t before = known.latest->seconds_since_1970() - row.when.seconds_since_1970();
    known.long_ago = before > long_ago ? known.long_ago + 1 : 0;
    if (known.long_ago < 3) return false;
    known.long_ago = 0;
    ++report.clock_moves;
    return true;
  }

  const Catalog* catalog_;
  Stock* stock_;
  const CodeRules* rules_;
  std::vector<Known> known_;  // by item
};

#if BODEGA_BODIES

BODEGA_INLINE StockFeedReport StockFeed::apply(std::span<const StockRow> rows) {
  StockFeedReport report;
  CodeBuffer room;
  for (const StockRow& row : rows) {
    ++report.rows;
    const ItemIndex item =
        catalog_->find(rules_ != nullptr ? rules_->item(row.item, room).code : row.item);
    if (item.is_none()) {
      report.note_unknown(row);
      continue;
    }
    Known& known = known_[item.value()];
    if (!is_news(known, row, report)) {
      report.note_older(row);
      continue;
    }
    known.latest = row.when;
    if (report.is_stock(row))
      stock_->set(item, row.units);
    else
      stock_->forget(item);
  }
  return report;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
