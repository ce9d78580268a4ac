// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <istream>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/catalog_reader.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/item_codes.hpp>
#include <bodega/data/net_returns.hpp>
#include <bodega/data/read_report.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/data/receipt_record.hpp>
#include <bodega/data/receipts.hpp>
#include <bodega/data/string_table.hpp>

namespace bodega {

/// What a line that cannot be read does.
enum class Malformed {
  strict,  ///< throws
  lenient  ///< is left out, counted, and among the first offenders of the report
};

/// What a return does: a line of a negative quantity, or of a receipt whose id starts with the
/// cancellation prefix (whatever the sign).
enum class Returns {
  /// It takes its quantity away from the latest earlier lines of the item: of the same customer,
  /// or without a customer of the same receipt. A line is never taken below zero; what finds no
  /// purchase to take from is counted as unmatched.
  net,
  drop  ///< It is left out and counted; the purchase stands.
};

/// What a line with price 0 is: given away, or a correction of the books. An empty price is not
/// known and always kept.
enum class FreeLines { keep, drop };

struct ReceiptOptions {
  ReceiptColumns columns = {};
  char separator = ',';
  Malformed malformed = Malformed::strict;
  Returns returns = Returns::net;
  FreeLines free_lines = FreeLines::keep;
  std::string cancellation_prefix = {};  ///< such as "C"; empty = returns are told by sign alone
  NormaliseItem normalise = {};          ///< such as `upper_case_trimmed`
  IsItem is_item = {};  ///< the lines of others (postage, fees) are left out and counted
  ParseTime parse_time = {};
  std::size_t max_offenders = 10;
  ProgressCallback progress = {};  ///< in bytes; the total is 0 where the input does not know it
};

namespace detail {

/// The receipts of a file while it is read: found by id, day, store and till.
class DraftReceipts {
 public:
  struct Head {
    Moment when;
    StoreId store;
    TillId till;
    CustomerIndex customer;
    std::uint32_t id = 0;  // among the ids
  };

  const Head& operator[](std::uint32_t receipt) const noexcept { return heads_[receipt]; }
  std::size_t size() const noexcept { return heads_.size(); }
  std::string_view id(std::uint32_t receipt) const noexcept { return ids_[heads_[receipt].id]; }
  StringSet& customers() noexcept { return customers_; }

  /// The number of the receipt that a line belongs to.
  std::uint32_t find(const ReceiptRecord& line) {
    key_.assign(line.receipt);
    for (const std::uint32_t part : {static_cast<std::uint32_t>(line.when.day().days_since_1970()),
                                     line.store.value(), line.till.value()})
      for (int shift = 0; shift < 32; shift += 8) key_ += static_cast<char>(part >> shift & 0xFF);
    const std::uint32_t receipt = keys_.add(key_);
    if (receipt == heads_.size()) {
      heads_.push_back({line.when, line.store, line.till, CustomerIndex::none(), receipt});
      ids_.add(line.receipt);
    }
    CustomerIndex& known = heads_[receipt].customer;
    if (known.is_none() && !line.customer.empty())
      known = CustomerIndex(customers_.add(line.customer));
    return receipt;
  }

  /// Sorts receipts by time and their lines by receipt, both stably, and numbers them anew.
  void put_in_order(std::vector<DraftLine>& lines) {
    std::vector<std::uint32_t> order(heads_.size()), place(heads_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return heads_[a].when < heads_[b].when;
    });
    std::vector<Head> heads;
    for (const std::uint32_t receipt : order) {
      place[receipt] = static_cast<std::uint32_t>(heads.size());
      heads.push_back(heads_[receipt]);
    }
    heads_ = std::move(heads);
    for (DraftLine& line : lines) line.receipt = place[line.receipt];
    std::stable_sort(lines.begin(), lines.end(),
                     [](const DraftLine& a, const DraftLine& b) { return a.receipt < b.receipt; });
  }

  /// Who bought: the customer, or without one the receipt itself.
  std::uint64_t owner(std::uint32_t receipt) const noexcept {
    const CustomerIndex customer = heads_[receipt].customer;
    return customer.is_none() ? customers_.size() + std::uint64_t{receipt} : customer.value();
  }

 private:
  std::string key_;
  StringSet keys_, customers_;
  StringTable ids_;
  std::vector<Head> heads_;  // by keys_, then in order of time
};

/// The work of `read_receipts`: lines are checked one by one, and put in order and netted when
/// all are there.
class ReceiptsReader {
 public:
  ReceiptsReader(const ReceiptOptions& options, std::optional<Catalog> catalog)
      : options_(options),
        codes_(catalog ? ItemCodes(options.normalise, options.is_item, std::move(*catalog))
                       : ItemCodes(options.normalise, options.is_item)) {}

  Receipts read(std::istream& in, const std::string& name, std::size_t total_bytes) && {
    CsvReader csv(in, name, options_.separator);
    const CsvHeader header(csv);
    ReceiptFields fields(header, options_.columns, options_.parse_time);
    report_.absent_columns = fields.absent();
    const std::size_t step = std::max<std::size_t>(total_bytes / 50, std::size_t{1} << 18);
    for (std::size_t next_report = 0;;) {
      try {
        if (!csv.next()) break;
        header.check(csv);
        read_line(csv, fields);
      } catch (const Error& error) {
        if (options_.malformed == Malformed::strict || error.code() == ErrorCode::io) throw;
        ++report_.malformed;
        if (report_.first_offenders.size() < options_.max_offenders)
          report_.first_offenders.push_back({csv.line(), error});
      }
      ++report_.lines;
      if (csv.bytes() >= next_report) {
        report_progress(options_.progress, {"reading receipts", csv.bytes(), total_bytes});
        next_report = csv.bytes() + step;
      }
    }
    report_progress(options_.progress, {"reading receipts", csv.bytes(), total_bytes});
    receipts_.put_in_order(lines_);
    if (options_.returns == Returns::net) {
      const NettedReturns netted =
          net_returns(lines_, [&](std::uint32_t receipt) { return receipts_.owner(receipt); });
      report_.returns_unmatched = netted.unmatched;
      report_.sales_undone = netted.sales_undone;
    }
    return sales();
  }

 private:
  /// Checks all of a line before anything is kept of it.
  void read_line(const CsvReader& csv, ReceiptFields& fields) {
    const ReceiptRecord line = fields.read(csv);
    const std::uint32_t code = codes_.find(line.item);
    if (code == ItemCodes::none) fields.refuse(csv, fields.item(), ErrorCode::format, "an item id");
    if (!codes_.is_item(code)) {
      ++report_.not_items;
      return;
    }
    if (codes_.given() && codes_.item(code).is_none())
      fields.refuse(csv, fields.item(), ErrorCode::unknown_id, "an item id of the catalogue");
    const bool cancelled = !options_.cancellation_prefix.empty() &&
                           line.receipt.starts_with(options_.cancellation_prefix);
    const bool returned = cancelled || line.quantity < Quantity();
    if (!returned && line.price < Money())
      fields.refuse(csv, fields.price(), ErrorCode::out_of_range, "a price of 0 or more");
    const bool free = line.price_is_known && line.price == Money();

    if (line.quantity == Quantity()) {
      ++report_.zero_quantity;
    } else if (!returned && free && options_.free_lines == FreeLines::drop) {
      ++report_.free_dropped;
    } else if (returned) {
      ++report_.returns;
      if (options_.returns == Returns::net)
        lines_.push_back({receipts_.find(line), code,
                          line.quantity < Quantity() ? line.quantity : -line.quantity, line.price});
    } else {
      ++report_.kept;
      report_.free_kept += free;
      report_.without_customer += line.customer.empty();
      lines_.push_back({receipts_.find(line), code, line.quantity, line.price});
      codes_.note_sale(code, line.when, line.price, line.description);
      if (days_.empty() || days_.back() != line.when.day()) days_.push_back(line.when.day());
    }
  }

  /// Receipts of what is left of the sales.
  Receipts sales() {
    Receipts result(codes_.take_catalog(), std::move(receipts_.customers()));
    std::vector<ReceiptLine> lines;
    std::size_t at = 0;
    for (std::uint32_t r = 0; r < receipts_.size(); ++r) {
      lines.clear();
      for (; at < lines_.size() && lines_[at].receipt == r; ++at)
        if (lines_[at].quantity > Quantity())
          lines.push_back({codes_.item(lines_[at].code), lines_[at].quantity, lines_[at].price});
      const DraftReceipts::Head& head = receipts_[r];
      result.add({receipts_.id(r), head.when, head.store, head.till, head.customer, lines});
    }
    std::sort(days_.begin(), days_.end());
    for (const Day day : days_) result.open(day);
    result.set_report(std::move(report_));
    return result;
  }

  const ReceiptOptions& options_;
  ItemCodes codes_;
  DraftReceipts receipts_;
  std::vector<DraftLine> lines_;
  std::vector<Day> days_;  // of sales, in the order of the file
  ReadReport report_;
};

inline std::size_t bytes_left(std::istream& in) {
  const auto here = in.tellg();
  if (here < 0) {
    in.clear(in.rdstate() & ~std::ios::failbit);
    return 0;
  }
  in.seekg(0, std::ios::end);
  const auto end = in.tellg();
  in.seekg(here);
  return end > here ? static_cast<std::size_t>(end - here) : 0;
}

}  // namespace detail

/// Reads receipts from CSV with a header. A receipt is the lines of one receipt id, day, store
/// and till (tills begin their numbers anew), wherever in the file they stand; its time is that of
/// its first line, its customer the first that is named. Equal lines are all kept: two scans of one
/// article are two. With a catalogue, other items are malformed lines. Errors name file, line and
/// column: missing (no such column, in every mode), format (bad quote, number or time, too few or
/// many fields), out_of_range (a sale at a price below 0), unknown_id, io, cancelled. Cost:
/// online_retail (541,909 lines) takes about a quarter of a second.
inline Receipts read_receipts(std::istream& in, const std::string& name,
                              const ReceiptOptions& options = {},
                              std::optional<Catalog> catalog = {}) {
  return detail::ReceiptsReader(options, std::move(catalog)).read(in, name, detail::bytes_left(in));
}

inline Receipts read_receipts(const std::filesystem::path& path, const ReceiptOptions& options = {},
                              std::optional<Catalog> catalog = {}) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(ErrorCode::io, path.string(), "a file to read", "none that can be opened");
  return read_receipts(in, path.string(), options, std::move(catalog));
}

}  // namespace bodega
