// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <istream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/catalog_reader.hpp>

#include <bodega/data/code_buffer.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/draft_receipts.hpp>
#include <bodega/data/held_records.hpp>
#include <bodega/data/item_codes.hpp>
#include <bodega/data/lonely_days.hpp>
#include <bodega/data/net_returns.hpp>
#include <bodega/data/read_report.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/data/receipt_options.hpp>
#include <bodega/data/receipt_record.hpp>
#include <bodega/data/receipts.hpp>
#include <bodega/data/spellings.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/data/text_input.hpp>
#include <bodega/data/variable_weight.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {

#if BODEGA_BODIES
/// The work of `read_receipts`: lines are checked one by one, and put in order and netted when
/// all are there.
class ReceiptsReader {
 public:
  using Fields = ReceiptFields::Fields;

  ReceiptsReader(const ReceiptOptions& options, std::optional<Catalog> catalog)
      : options_(options),
        codes_(catalog ? ItemCodes(options.normalise, options.is_item, std::move(*catalog))
                       : ItemCodes(options.normalise, options.is_item)),
        customers_(options.normalise_customer, options.no_customer),
        stores_(options.normalise_store) {
    for (const VariableWeight& scheme : options.variable_weight) scheme.validate();
    if (!(options.min_readable >= 0 && options.min_readable <= 1))
      throw Error(ErrorCode::invalid_argument, "read_receipts, option min_readable",
                  "a share from 0 to 1", std::to_string(options.min_readable));
    if (options.day_starts_at < 0 || options.day_starts_at >= 86400)
      throw Error(ErrorCode::invalid_argument, "read_receipts, option day_starts_at",
                  "seconds after midnight, below 86400", std::to_string(options.day_starts_at));
  }

  Receipts read(std::istream& in, const std::string& name, std::size_t total_bytes) && {
    CsvReader csv(in, name, {options_.separator, options_.quoting});
    const CsvHeader header(csv);
    ReceiptFields fields(header, options_.columns, options_.decimal_mark, options_.date_order,
                         options_.parse_time);
    columns_ = &fields;
    name_ = name;
    report_.absent_columns = fields.absent();
    csv.set_is_record([&](std::string_view line) { return is_record(line, header, csv); });
    read_lines(csv, header, total_bytes);
    report_.learnt = fields.learnt();
    if (csv.encoding() != TextEncoding::utf8) report_.learnt.push_back("read as UTF-16");
    check_readable();
    if (options_.max_offenders == 0) report_.first_offenders.clear();
    if (options_.lonely_days == LonelyDays::drop) drop_lonely_days();
    receipts_.put_in_order(lines_);
    report_.numbers_shared = receipts_.numbers_shared();
    if (options_.returns == Returns::net) {
      const NettedReturns netted = net_returns(
          std::span(lines_), [&](std::uint32_t receipt) { return receipts_.buyer(receipt); });
      report_.returns_unmatched = netted.unmatched;
      report_.sales_undone = netted.sales_undone;
    }
    return sales();
  }

 private:
  void read_lines(CsvReader& csv, const CsvHeader& header, std::size_t total_bytes) {
    const std::size_t step = std::max<std::size_t>(total_bytes / 50, std::size_t{1} << 18);
    const auto read_one = [&](Fields fields, std::size_t line, bool recoded) {
      if (!read_line(fields)) return refuse(line, [&] { return error(line, fields); });
      report_.recoded += recoded;
    };
    for (std::size_t next_report = 0;;) {
      const CsvReader::Step read = csv.step();
      if (read == CsvReader::Step::end) break;
      ++report_.lines;
      if (read == CsvReader::Step::malformed) {
        refuse(csv.line(), [&] { return csv.fault(); });
        carried_ = {};
      } else if (csv.fields().size() != header.size()) {
        refuse(csv.line(), [&] { return header.fault(csv); });
        carried_ = {};
      } else if ((!columns_->learn(csv.fields(), csv.line()) || !held_.empty()) &&
                 columns_->is_ambiguous()) {
        held_.add(csv.fields(), csv.line(), csv.recoded());
        if (held_.full()) throw columns_->ambiguity(name_);
      } else {
        held_.release(read_one);
        read_one(csv.fields(), csv.line(), csv.recoded());
      }
      if (csv.bytes() >= next_report) {
        report_progress(options_.progress, {"reading receipts", csv.bytes(), total_bytes});
        next_report = csv.bytes() + step;
      }
    }
    const std::size_t total = total_bytes > 0 ? total_bytes : csv.bytes();  // not known before
    report_progress(options_.progress, {"reading receipts", csv.bytes(), total});
    if (!held_.empty()) throw columns_->ambiguity(name_);
  }

  /// Whether a physical line within quotes is a record itself: as many fields, and a time.
  bool is_record(std::string_view line, const CsvHeader& header, const CsvReader& csv) const {
    std::size_t column = 0;
    bool has_time = false;
    for (;; ++column) {
      const std::size_t end = std::min(line.find(csv.separator()), line.size());
      std::string_view field = line.substr(0, end);
      if (column == columns_->time().at) {
        while (field.starts_with('"')) field.remove_prefix(1);
        while (field.ends_with('"')) field.remove_suffix(1);
        has_time =
            options_.parse_time ? options_.parse_time(field).has_value() : TimeText(field).valid();
      }
      if (end == line.size()) break;
      line.remove_prefix(end + 1);
    }
    return has_time && column + 1 == header.size();
  }

  Error error(std::size_t line, Fields fields) const {
    return columns_->error(name_, line, fields);
  }

  /// A line that cannot be read: an Error when strict, else counted.
  template <class MakeError>
  void refuse(std::size_t line, MakeError&& make_error) {
    if (options_.malformed == Malformed::strict) throw make_error();
    ++report_.malformed;
    if (report_.first_offenders.size() < std::max<std::size_t>(options_.max_offenders, 1))
      report_.first_offenders.push_back({line, make_error()});
  }

  /// The fields with those that are carried down, in `filled_`.
  Fields carried(Fields fields) {
    filled_.assign(fields.begin(), fields.end());
    const auto fill = [&](const ReceiptFields::Column& column, const std::string& value) {
      if (column.at != CsvHeader::absent && filled_[column.at].empty()) filled_[column.at] = value;
    };
    const std::string_view receipt = columns_->receipt().text(fields);
    if (receipt.empty() || receipt == carried_.receipt) {
      report_.carried += receipt.empty() || columns_->time().text(fields).empty();
      fill(columns_->receipt(), carried_.receipt);
      fill(columns_->time(), carried_.time);
      fill(columns_->customer(), carried_.customer);
      fill(columns_->store(), carried_.store);
      fill(columns_->till(), carried_.till);
    }
    const auto keep = [&](std::string& to, const ReceiptFields::Column& column) {
      to = column.text(filled_);
    };
    keep(carried_.receipt, columns_->receipt());
    keep(carried_.time, columns_->time());
    keep(carried_.customer, columns_->customer());
    keep(carried_.store, columns_->store());
    keep(carried_.till, columns_->till());
    return filled_;
  }

  /// Checks all of a line before anything is kept of it; false, with the fault in the columns.
  bool read_line(Fields fields) {
    ReceiptRecord line;
    if (!columns_->read(options_.carry_down ? carried(fields) : fields, line)) return false;
    if (!options_.variable_weight.empty() && !weigh(line)) return false;
    const std::uint32_t code = codes_.find(line.item);
    if (code == ItemCodes::none) return columns_->fail(columns_->item(), "an item id");
    if (!codes_.is_item(code)) {
      ++report_.not_items;
      return true;
    }
    if (codes_.given() && codes_.item(code).is_none())
      return columns_->fail(columns_->item(), "an item id of the catalogue", ErrorCode::unknown_id);
    const bool cancelled = !options_.cancellation_prefix.empty() &&
                           line.receipt.starts_with(options_.cancellation_prefix);
    const bool returned = cancelled || line.quantity < Quantity();
    if (!returned && line.price < Money())
      return columns_->fail(columns_->price(), "a price of 0 or more", ErrorCode::out_of_range);
    const bool free = line.price_is_known && line.price == Money();

    report_.rounded += line.rounded;
    report_.zoned += line.zoned;
    if (line.quantity == Quantity()) {
      ++report_.zero_quantity;
    } else if (!returned && free && options_.free_lines == FreeLines::drop) {
      ++report_.free_dropped;
    } else if (returned) {
      ++report_.returns;
      if (options_.returns == Returns::drop) return true;
      DraftLine draft = keep(line, fields, code);
      draft.quantity = std::min(draft.quantity, -draft.quantity);
      // Without a customer and a price it is no sale that comes back, but goods that were lost.
      draft.write_off = !cancelled && free && receipts_[draft.receipt].customer.is_none();
      lines_.push_back(draft);
    } else {
      ++report_.kept;
      report_.free_kept += free;
      lines_.push_back(keep(line, fields, code));
      lines_.back().sold = true;
      lines_.back().free = free;
      report_.without_customer += lines_.back().nobody;
      codes_.note_sale(code, line.when, line.price, line.description);
    }
    return true;
  }

  /// Reads the weight or price in an item's code. False on more packs than can be weighed.
  bool weigh(ReceiptRecord& line) {
    CodeBuffer code;
    if (!code.assign(line.item)) return true;
    detail::digits_of_scale(code);
    for (const VariableWeight& scheme : options_.variable_weight) {
      const auto found = scheme.read(code.text(), weighed_item_);
      if (!found) continue;
      line.item = found->code;
      const std::optional<Quantity> units = found->units(line.quantity);
      if (!units)
        return columns_->fail(columns_->quantity(), "at most a million packs",
                              ErrorCode::out_of_range);
      line.quantity = *units;
      if (found->price) line.price = *found->price, line.price_is_known = true;
      ++report_.weighed;
      return true;
    }
    return true;
  }

  DraftLine keep(const ReceiptRecord& line, Fields fields, std::uint32_t code) {
    receipt_.assign(line.receipt);
    if (options_.normalise_receipt) options_.normalise_receipt(receipt_);
    key_.clear();
    for (const ReceiptFields::Column& column : columns_->key()) {
      key_ += '\0';
      key_ += column.text(fields);
    }
    const DraftReceipts::Line draft{receipt_,
                                    key_,
                                    line.when,
                                    line.when.business_day(options_.day_starts_at),
                                    StoreId(stores_.find(line.store)),
                                    TillId(tills_.find(line.till)),
                                    CustomerIndex(customers_.find(line.customer))};
    return {.receipt = receipts_.find(draft),
            .code = code & (DraftLine::most_codes - 1),
            .nobody = draft.customer.is_none(),
            .quantity = line.quantity,
            .price = line.price};
  }

  /// Throws if so few lines could be read that the options must be wrong.
  void check_readable() const {
    const auto readable = static_cast<double>(report_.lines - report_.malformed);
    if (report_.malformed == 0 ||
        readable >= options_.min_readable * static_cast<double>(report_.lines))
      return;
    const Error& first = report_.first_offenders.front().error;
    throw Error(ErrorCode::format, name_,
                "lines of which at least the share min_readable = " +
                    std::to_string(options_.min_readable) + " can be read",
                std::to_string(report_.lines - report_.malformed) + " of " +
                    std::to_string(report_.lines) + "; the first that cannot: " + first.what());
  }

  /// Takes the lines of receipts on lonely days away.
  void drop_lonely_days() {
    std::vector<Day> days;
    for (const DraftLine& line : lines_)
      if (line.quantity > Quantity() &&
          (days.empty() || days.back() != receipts_[line.receipt].day))
        days.push_back(receipts_[line.receipt].day);
    std::sort(days.begin(), days.end());
    days.erase(std::unique(days.begin(), days.end()), days.end());
    const DayRange range = without_lonely_days(days);
    if (range.last - range.first == days.size()) return;
    const Day first = days[range.first], last = days[range.last - 1];
    for (std::size_t d = 0; d < days.size(); ++d)
      if (d < range.first || d >= range.last) report_.lonely_days.push_back(days[d]);
    std::erase_if(lines_, [&](const DraftLine& line) {
      const Day day = receipts_[line.receipt].day;
      const bool lonely = day < first || day > last;
      if (!lonely) return false;
      ++report_.lonely;
      --(line.quantity < Quantity() ? report_.returns : report_.kept);
      report_.free_kept -= line.free;
      report_.without_customer -= line.nobody;
      return true;
    });
    // Nor do they say what an item costs, unless nothing else does.
    codes_.note_prices(lines_, [&](const DraftLine& line) { return receipts_[line.receipt].when; });
  }

  /// Receipts of what is left of the sales.
  Receipts sales() {
    Receipts result(codes_.take_catalog(), std::move(customers_.names()),
                    std::move(stores_.names()), std::move(tills_.names()), options_.day_starts_at);
    std::vector<ReceiptLine> lines;
    result.reserve(receipts_.size(), lines_.size());
    std::size_t at = 0;
    for (std::uint32_t r = 0; r < receipts_.size(); ++r) {
      const DraftReceipts::Head& head = receipts_[r];
      lines.clear();
      bool sold = false;
      for (; at < lines_.size() && lines_[at].receipt == r; ++at) {
        sold = sold || lines_[at].sold;
        if (lines_[at].quantity > Quantity())
          lines.push_back({codes_.item(lines_[at].code), lines_[at].quantity, lines_[at].price});
      }
      if (sold) result.open(head.day);
      report_.spread += !lines.empty() &&
                        head.last.seconds_since_1970() - head.when.seconds_since_1970() > 6 * 3600;
      result.add({receipts_.id(r), head.when, head.store, head.till, head.customer, lines});
    }
    result.set_report(std::move(report_));
    return result;
  }

  /// Of the line before, as they stand in the file.
  struct Carried {
    std::string receipt, time, customer, store, till;
  };

  const ReceiptOptions& options_;
  std::string name_;
  ReceiptFields* columns_ = nullptr;
  ItemCodes codes_;
  Spellings customers_, stores_, tills_;
  HeldRecords held_;
  Carried carried_;
  std::vector<std::string_view> filled_;
  std::string receipt_, key_;
  CodeBuffer weighed_item_;
  DraftReceipts receipts_;
  std::vector<DraftLine> lines_;
  ReadReport report_;
};
#endif

}  // namespace detail

/// Reads receipts from CSV with a header. A receipt is the lines of one receipt id, business day,
/// store, till and customer, wherever in the file they stand (`DraftReceipts`); its time is that of
/// its earliest line. Equal lines are all kept: two scans of one article are two. With a catalogue,
/// other items are malformed lines. What is guessed, merged or left out is counted in the report.
/// Throws Error naming file, line and column: missing (no such column, in every mode), format (bad
/// quote, number or time, too few or many fields, a column whose numbers or dates stay ambiguous, a
/// file that is no text, too few lines that can be read), out_of_range (a sale at a price below 0),
/// unknown_id, io, cancelled.
/// Complexity: linear in the lines; online_retail (541,909) takes about a quarter of a second.
Receipts read_receipts(std::istream& in, const std::string& name,
                       const ReceiptOptions& options = {}, std::optional<Catalog> catalog = {});
#if BODEGA_BODIES
BODEGA_INLINE Receipts read_receipts(std::istream& in, const std::string& name,
                                     const ReceiptOptions& options,
                                     std::optional<Catalog> catalog) {
  return detail::ReceiptsReader(options, std::move(catalog)).read(in, name, detail::bytes_left(in));
}
#endif

Receipts read_receipts(const std::filesystem::path& path, const ReceiptOptions& options = {},
                       std::optional<Catalog> catalog = {});
#if BODEGA_BODIES
BODEGA_INLINE Receipts read_receipts(const std::filesystem::path& path,
                                     const ReceiptOptions& options,
                                     std::optional<Catalog> catalog) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(ErrorCode::io, path.string(), "a file to read", "none that can be opened");
  return read_receipts(in, path.string(), options, std::move(catalog));
}
#endif

}  // namespace bodega::inline BODEGA_ABI
