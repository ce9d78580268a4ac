// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <istream>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/catalog_reader.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/data/string_table.hpp>

namespace bodega {

namespace detail {
class ReceiptsReader;
}

/// Names of the columns, one line of the file being one line of a receipt. `receipt`, `item` and
/// `time` are needed, and `quantity` unless its name is empty (then every line is one unit). Of
/// the others an absent or empty name means that the column is not there.
struct ReceiptColumns {
  std::string receipt = "receipt", item = "item", quantity = "quantity", time = "time",
              price = "price", customer = "customer", description = "description", store = "";
};

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
  /// Which codes, as normalised, are articles; the lines of others (postage, fees) are left out
  /// and counted. Empty = all.
  std::function<bool(std::string_view item_id)> is_item = {};
  /// Reads a time. Empty = "YYYY-MM-DD", "YYYY-MM-DD HH:MM" or "YYYY-MM-DD HH:MM:SS".
  std::function<std::optional<Moment>(std::string_view)> parse_time = {};
  std::size_t max_offenders = 10;
  ProgressCallback progress = {};  ///< in bytes; the total is 0 where the input does not know it
};

/// What became of every line. lines = kept + returns + not_items + zero_quantity + free_dropped +
/// malformed.
struct ReadReport {
  struct Offender {
    std::size_t line = 0;
    Error error;
  };

  std::size_t lines = 0;          ///< of the file without the header; a record over several is one
  std::size_t kept = 0;           ///< sales
  std::size_t returns = 0;        ///< returns and cancellations, netted or dropped
  std::size_t not_items = 0;      ///< codes that `is_item` refuses
  std::size_t zero_quantity = 0;  ///< lines of 0 units say nothing and are left out
  std::size_t free_dropped = 0;   ///< by FreeLines::drop
  std::size_t malformed = 0;
  std::vector<Offender> first_offenders = {};

  std::size_t returns_unmatched = 0;  ///< of the returns, those that found too little to net
  std::size_t sales_undone = 0;       ///< of the kept, those netted down to nothing
  std::size_t without_customer = 0;   ///< of the kept
  std::size_t free_kept = 0;          ///< of the kept, those with price 0

  std::size_t receipts = 0, items = 0, customers = 0;  ///< in the result
  Day first_day = {}, last_day = {};                   ///< of the sales
  std::size_t trading_days = 0;                        ///< days with a sale
  std::vector<std::string> absent_columns = {};        ///< optional ones that were asked for

  /// A few lines for people.
  std::string summary() const {
    std::string text = std::to_string(lines) + " lines: " + std::to_string(kept) + " sales kept";
    const auto add = [&](std::size_t count, std::string_view what) {
      if (count > 0) text += ", " + std::to_string(count) + " " + std::string(what);
    };
    add(returns, "returns");
    add(not_items, "not articles");
    add(zero_quantity, "of zero units");
    add(free_dropped, "free of charge left out");
    add(malformed, "malformed");
    text += "\n" + std::to_string(receipts) + " receipts, " + std::to_string(items) + " items, " +
            std::to_string(customers) + " customers";
    if (trading_days > 0)
      text += "; " + first_day.to_string() + " to " + last_day.to_string() + ", " +
              std::to_string(trading_days) + " of " + std::to_string(last_day - first_day + 1) +
              " days with trade";
    text += "\n";
    if (returns > 0)
      text += "returns: " + std::to_string(sales_undone) + " sales undone, " +
              std::to_string(returns_unmatched) + " returns without a purchase to take from\n";
    for (const std::string& column : absent_columns) text += "no column '" + column + "'\n";
    for (const Offender& offender : first_offenders) {
      text += offender.error.what();
      text += "\n";
    }
    return text;
  }
};

/// Receipts in order of time (equal times: order of the file), and what they are made of. Const
/// calls may run from many threads.
class Receipts {
 public:
  std::size_t size() const noexcept { return heads_.size(); }
  bool empty() const noexcept { return heads_.empty(); }
  /// Sales only: every quantity is above zero, and no receipt is without lines. An item may stand
  /// on several lines.
  Receipt operator[](std::size_t i) const noexcept {
    const std::size_t begin = i > 0 ? heads_[i - 1].lines_end : 0;
    return {heads_[i].when, heads_[i].customer,
            std::span(lines_).subspan(begin, heads_[i].lines_end - begin)};
  }
  std::string_view id(std::size_t i) const noexcept { return ids_[heads_[i].id]; }
  /// none() where there is no store column.
  StoreId store(std::size_t i) const noexcept { return heads_[i].store; }
  std::span<const ReceiptLine> lines() const noexcept { return lines_; }

  /// The catalogue that was given, or else one of every item sold: in the order of their first
  /// sale in the file, with the first description that is not empty and the latest price above 0.
  const Catalog& catalog() const noexcept { return catalog_; }
  /// External ids by CustomerIndex.
  const StringSet& customers() const noexcept { return customers_; }
  const ReadReport& report() const noexcept { return report_; }

  Baskets baskets() const {
    Baskets result(catalog_.size());
    std::vector<ItemIndex> items;
    for (std::size_t i = 0; i < size(); ++i) {
      const Receipt receipt = (*this)[i];
      items.clear();
      for (const ReceiptLine& line : receipt.lines) items.push_back(line.item);
      result.add(receipt.when, receipt.customer, items);
    }
    return result;
  }

  /// Items x calendar days from the first to the last day with a sale. A day has traded where
  /// there was a sale on it, also one that was returned later. Error (out_of_range) where the table
  /// would pass 2^28 numbers, as it does when one receipt is dated a thousand years off.
  DailySales daily_sales() const {
    if (trading_days_.empty()) return DailySales(catalog_.size(), Day(), 0);
    const Day first = report_.first_day, last = report_.last_day;
    const auto days = static_cast<std::size_t>(std::int64_t{last.days_since_1970()} -
                                               first.days_since_1970() + 1);
    if (days > (std::size_t{1} << 28) / std::max<std::size_t>(catalog_.size(), 1))
      throw Error(ErrorCode::out_of_range, "daily_sales", "at most 2^28 items x days",
                  std::to_string(catalog_.size()) + " items x " + std::to_string(days) +
                      " days, from " + first.to_string() + " to " + last.to_string());
    DailySales result(catalog_.size(), first, days);
    for (const Day day : trading_days_) result.open(day);
    for (std::size_t i = 0; i < size(); ++i) {
      const Receipt receipt = (*this)[i];
      for (const ReceiptLine& line : receipt.lines)
        result.add(line.item, receipt.when.day(), static_cast<float>(line.quantity.value()));
    }
    return result;
  }

  /// Customers x items: number of receipts.
  CsrMatrix<float> interactions() const { return user_items(baskets()); }

 private:
  friend class detail::ReceiptsReader;

  struct Head {
    Moment when;
    CustomerIndex customer;
    StoreId store;
    std::uint32_t id = 0;
    std::size_t lines_end = 0;
  };

  Catalog catalog_;
  StringSet customers_;
  StringTable ids_;
  std::vector<Head> heads_;
  std::vector<ReceiptLine> lines_;
  std::vector<Day> trading_days_;
  ReadReport report_;
};

namespace detail {

/// The work of `read_receipts`: lines are checked one by one, and put in order and netted when
/// all are there.
class ReceiptsReader {
 public:
  ReceiptsReader(const ReceiptOptions& options, std::optional<Catalog> catalog)
      : options_(options), given_(catalog.has_value()) {
    if (catalog) result_.catalog_ = std::move(*catalog);
  }

  Receipts read(std::istream& in, const std::string& name, std::size_t total_bytes) && {
    CsvReader csv(in, name, options_.separator);
    const CsvHeader header(csv);
    find_columns(header);
    ReadReport& report = result_.report_;
    const std::size_t step = std::max<std::size_t>(total_bytes / 50, std::size_t{1} << 18);
    for (std::size_t next_report = 0;;) {
      try {
        if (!csv.next()) break;
        header.check(csv);
        read_line(csv);
      } catch (const Error& error) {
        if (options_.malformed == Malformed::strict || error.code() == ErrorCode::io) throw;
        ++report.malformed;
        if (report.first_offenders.size() < options_.max_offenders)
          report.first_offenders.push_back({csv.line(), error});
      }
      ++report.lines;
      if (csv.bytes() >= next_report) {
        report_progress(options_.progress, {"reading receipts", csv.bytes(), total_bytes});
        next_report = csv.bytes() + step;
      }
    }
    report_progress(options_.progress, {"reading receipts", csv.bytes(), total_bytes});
    make_catalog();
    put_in_order();
    if (options_.returns == Returns::net) net_returns();
    keep_sales();
    return std::move(result_);
  }

 private:
  struct Line {
    std::uint32_t receipt, code;
    Quantity quantity;  // below zero: a return
    Money price;
  };
  /// What is known of an item code.
  struct Code {
    bool is_item = true;
    ItemIndex item;  // none() until the first sale, where no catalogue was given
    std::string description;
    Money price;
    Moment price_when;
  };

  void find_columns(const CsvHeader& header) {
    const ReceiptColumns& names = options_.columns;
    const auto optional = [&](const std::string& name) {
      const std::size_t at = header.find(name);
      if (at == CsvHeader::absent && !name.empty()) result_.report_.absent_columns.push_back(name);
      return at;
    };
    receipt_ = header.need(names.receipt);
    item_ = header.need(names.item);
    time_ = header.need(names.time);
    quantity_ = names.quantity.empty() ? CsvHeader::absent : header.need(names.quantity);
    price_ = optional(names.price);
    customer_ = optional(names.customer);
    description_ = optional(names.description);
    store_ = optional(names.store);
  }

  /// Checks all of a line before anything is kept of it.
  void read_line(const CsvReader& csv) {
    const ReceiptColumns& names = options_.columns;
    const auto field = [&](std::size_t column) {
      return column == CsvHeader::absent ? std::string_view() : csv.fields()[column];
    };
    const auto fail = [&](ErrorCode code, const std::string& name, std::string expected,
                          std::size_t column) {
      throw Error(code, csv.where() + ", column " + name, std::move(expected),
                  "'" + std::string(field(column)) + "'");
    };
    const std::string_view receipt_id = field(receipt_);
    if (receipt_id.empty()) fail(ErrorCode::format, names.receipt, "a receipt id", receipt_);
    const std::uint32_t code_number = find_code(field(item_));
    if (code_number == StringSet::none) fail(ErrorCode::format, names.item, "an item id", item_);
    const auto when = parse_time(field(time_));
    if (!when) fail(ErrorCode::format, names.time, "a time such as 2011-09-30 14:05", time_);
    const auto quantity = quantity_ == CsvHeader::absent ? Quantity::from_whole(1)
                                                         : Quantity::parse(field(quantity_));
    if (!quantity) fail(ErrorCode::format, names.quantity, "a number of units", quantity_);
    const auto price = field(price_).empty() ? Money() : Money::parse(field(price_));
    if (!price) fail(ErrorCode::format, names.price, "a price such as 2.55", price_);
    const auto store = store_ == CsvHeader::absent ? StoreId() : parse_store(field(store_));
    if (!store) fail(ErrorCode::format, names.store, "the number of a store", store_);

    ReadReport& report = result_.report_;
    Code& code = codes_[code_number];
    if (!code.is_item) {
      ++report.not_items;
      return;
    }
    if (given_ && code.item.is_none())
      fail(ErrorCode::unknown_id, names.item, "an item id of the catalogue", item_);
    const bool cancelled = !options_.cancellation_prefix.empty() &&
                           receipt_id.starts_with(options_.cancellation_prefix);
    const bool returned = cancelled || *quantity < Quantity();
    if (!returned && *price < Money())
      fail(ErrorCode::out_of_range, names.price, "a price of 0 or more", price_);
    const bool free = *price == Money() && !field(price_).empty();

    if (*quantity == Quantity()) {
      ++report.zero_quantity;
    } else if (!returned && free && options_.free_lines == FreeLines::drop) {
      ++report.free_dropped;
    } else if (returned) {
      ++report.returns;
      if (options_.returns == Returns::net)
        lines_.push_back({find_receipt(receipt_id, *when, *store, field(customer_)), code_number,
                          *quantity < Quantity() ? *quantity : -*quantity, *price});
    } else {
      ++report.kept;
      report.free_kept += free;
      report.without_customer += field(customer_).empty();
      lines_.push_back({find_receipt(receipt_id, *when, *store, field(customer_)), code_number,
                        *quantity, *price});
      note_sale(code_number, *when, *price, field(description_));
    }
  }

  /// Lines of one receipt repeat its time, so the last one is remembered.
  std::optional<Moment> parse_time(std::string_view text) {
    if (text != time_text_ || !time_value_) {
      time_value_ = options_.parse_time ? options_.parse_time(text) : Moment::parse(text);
      time_text_ = text;
    }
    return time_value_;
  }

  static std::optional<StoreId> parse_store(std::string_view text) {
    const auto number = FixedPoint<StoreId, 1>::parse(text);
    if (!number || number->raw() < 0 || number->raw() >= StoreId::none().value())
      return std::nullopt;
    return StoreId(static_cast<std::uint32_t>(number->raw()));
  }

  /// The number of the code that a spelling stands for, `none` where it is empty. The hooks
  /// are asked once for each spelling.
  std::uint32_t find_code(std::string_view spelling) {
    const std::uint32_t known = spellings_.find(spelling);
    if (known != StringSet::none) return code_of_[known];
    std::string id(spelling);
    if (options_.normalise) options_.normalise(id);
    std::uint32_t code = id.empty() ? StringSet::none : code_ids_.find(id);
    if (!id.empty() && code == StringSet::none) {
      Code fresh;
      fresh.is_item = !options_.is_item || options_.is_item(id);
      if (given_) fresh.item = result_.catalog_.find(id);
      codes_.push_back(std::move(fresh));
      code = code_ids_.add(id);
    }
    spellings_.add(spelling);
    code_of_.push_back(code);
    return code;
  }

  std::uint32_t find_receipt(std::string_view id, Moment when, StoreId store,
                             std::string_view customer) {
    key_.assign(id);
    key_ += '\n' + std::to_string(when.day().days_since_1970());
    key_ += '\n' + std::to_string(store.value());
    const std::uint32_t receipt = receipts_.add(key_);
    if (receipt == heads_.size()) {
      heads_.push_back({when, CustomerIndex::none(), store, receipt, 0});
      result_.ids_.add(id);
    }
    CustomerIndex& known = heads_[receipt].customer;
    if (known.is_none() && !customer.empty())
      known = CustomerIndex(result_.customers_.add(customer));
    return receipt;
  }

  void note_sale(std::uint32_t number, Moment when, Money price, std::string_view description) {
    Code& code = codes_[number];
    if (code.item.is_none()) {
      code.item = ItemIndex(static_cast<std::uint32_t>(sold_.size()));
      sold_.push_back(number);
    }
    if (code.description.empty()) code.description = description;
    if (price > Money() && (code.price == Money() || when >= code.price_when)) {
      code.price = price;
      code.price_when = when;
    }
    auto& days = result_.trading_days_;
    if (days.empty() || days.back() != when.day()) days.push_back(when.day());
  }

  void make_catalog() {
    for (const std::uint32_t number : sold_)
      result_.catalog_.add({.id = std::string(code_ids_[number]),
                            .description = codes_[number].description,
                            .price = codes_[number].price});
  }

  /// Sorts receipts by time and lines by receipt, both stably.
  void put_in_order() {
    std::vector<std::uint32_t> order(heads_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return heads_[a].when < heads_[b].when;
    });
    std::vector<std::uint32_t> place(heads_.size());
    std::vector<Receipts::Head> heads;
    for (const std::uint32_t receipt : order) {
      place[receipt] = static_cast<std::uint32_t>(heads.size());
      heads.push_back(heads_[receipt]);
    }
    heads_ = std::move(heads);
    for (Line& line : lines_) line.receipt = place[line.receipt];
    std::stable_sort(lines_.begin(), lines_.end(),
                     [](const Line& a, const Line& b) { return a.receipt < b.receipt; });
  }

  void net_returns() {
    const auto key = [&](const Line& line) {
      const CustomerIndex customer = heads_[line.receipt].customer;
      const std::uint64_t owner = customer.is_none()
                                      ? result_.customers_.size() + std::uint64_t{line.receipt}
                                      : customer.value();
      return owner << 32 | line.code;
    };
    std::unordered_map<std::uint64_t, std::vector<Line*>> purchases;  // only of what was returned
    for (const Line& line : lines_)
      if (line.quantity < Quantity()) purchases.try_emplace(key(line));
    for (Line& line : lines_) {
      const auto found = purchases.find(key(line));
      if (found == purchases.end()) continue;
      if (line.quantity > Quantity()) {
        found->second.push_back(&line);
        continue;
      }
      for (auto& open = found->second; line.quantity < Quantity() && !open.empty();) {
        const Quantity taken = std::min(open.back()->quantity, -line.quantity);
        open.back()->quantity -= taken;
        line.quantity += taken;
        if (open.back()->quantity > Quantity()) continue;
        ++result_.report_.sales_undone;
        open.pop_back();
      }
      result_.report_.returns_unmatched += line.quantity < Quantity();
    }
  }

  void keep_sales() {
    for (std::size_t at = 0, r = 0; r < heads_.size(); ++r) {
      const std::size_t before = result_.lines_.size();
      for (; at < lines_.size() && lines_[at].receipt == r; ++at)
        if (lines_[at].quantity > Quantity())
          result_.lines_.push_back(
              {codes_[lines_[at].code].item, lines_[at].quantity, lines_[at].price});
      if (result_.lines_.size() == before) continue;
      heads_[r].lines_end = result_.lines_.size();
      result_.heads_.push_back(heads_[r]);
    }
    auto& days = result_.trading_days_;
    std::sort(days.begin(), days.end());
    days.erase(std::unique(days.begin(), days.end()), days.end());
    ReadReport& report = result_.report_;
    report.receipts = result_.size();
    report.items = result_.catalog_.size();
    report.customers = result_.customers_.size();
    report.trading_days = days.size();
    if (!days.empty()) {
      report.first_day = days.front();
      report.last_day = days.back();
    }
  }

  const ReceiptOptions& options_;
  const bool given_;  // a catalogue
  std::size_t receipt_ = 0, item_ = 0, time_ = 0, quantity_ = 0, price_ = 0, customer_ = 0,
              description_ = 0, store_ = 0;  // column numbers
  std::string time_text_, key_;
  std::optional<Moment> time_value_;
  StringSet spellings_, code_ids_, receipts_;
  std::vector<std::uint32_t> code_of_;  // by spelling
  std::vector<Code> codes_;             // by code_ids_
  std::vector<std::uint32_t> sold_;     // codes in the order of their first sale
  std::vector<Receipts::Head> heads_;   // by receipts_, then in order of time
  std::vector<Line> lines_;
  Receipts result_;
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

/// Reads receipts from CSV with a header. A receipt is the lines of one receipt id, day and store
/// (tills begin their numbers anew), wherever in the file they stand; its time is that of its
/// first line, its customer the first that is named. Equal lines are all kept: two scans of
/// one article are two. With a catalogue, other items are malformed lines. Errors name file, line
/// and column: missing (no such column, in every mode), format (bad quote, number or time, too
/// few or many fields), out_of_range (a sale at a price below 0), unknown_id, io, cancelled.
/// Cost: online_retail (541,909 lines) takes about a quarter of a second.
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
