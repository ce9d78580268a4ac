// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/number_text.hpp>
#include <bodega/data/time_text.hpp>

namespace bodega::inline BODEGA_ABI {

/// Names of the columns, one line of the file being one line of a receipt. `receipt`, `item` and
/// `time` are needed, and `quantity` unless its name is empty (then every line is one unit). Of
/// the others an absent or empty name means that the column is not there.
struct ReceiptColumns {
  std::string receipt = "receipt", item = "item", quantity = "quantity", time = "time",
              price = "price", customer = "customer", description = "description", store = "",
              till = "";
  /// Further columns, all needed, that tell receipts of one number apart, such as a register.
  std::vector<std::string> key = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("receipt", self.receipt, "Column of the receipt's number.");
    visit("item", self.item, "Column of the item's code.");
    visit("quantity", self.quantity, "Column of the units.");
    visit("time", self.time, "Column of the time.");
    visit("price", self.price, "Column of the price of a unit; empty = not there.");
    visit("customer", self.customer, "Column of the customer; empty = not there.");
    visit("description", self.description, "Column of the item's description; empty = not there.");
    visit("store", self.store, "Column of the store; empty = not there.");
    visit("till", self.till, "Column of the till; empty = not there.");
    visit("key", self.key, "Further columns, all needed, that tell receipts of one number apart.");
  }
};

/// Reads a time; returns nothing if the text is not a time. Empty = as `TimeText` reads it.
using ParseTime = std::function<std::optional<Moment>(std::string_view)>;

/// One line of a file of receipts, its numbers read and its texts as they stand there, borrowed
/// until the next line.
struct ReceiptRecord {
  std::string_view receipt, item, customer, description, store, till;
  Moment when;
  Quantity quantity;            ///< one unit where there is no such column
  Money price;                  ///< 0 where it is not known
  bool price_is_known = false;  ///< there is a column, and its field is not empty
  bool rounded = false;         ///< a number had more places than are kept
  bool zoned = false;           ///< the time named a zone, which is passed over
};

/// Reads the fields of a record of CSV as a `ReceiptRecord`. How numbers and dates are written is
/// learnt from the columns as they come.
class ReceiptFields {
 public:
  using Fields = std::span<const std::string_view>;

  struct Column {
    std::string name;
    std::size_t at = CsvHeader::absent;

    std::string_view text(Fields fields) const noexcept {
      return at == CsvHeader::absent ? std::string_view() : fields[at];
    }
  };

  /// What is wrong with a record.
  struct Fault {
    const Column* column = nullptr;
    ErrorCode code = ErrorCode::format;
    const char* expected = "";
  };

  /// Finds the columns. Error (missing, duplicate) as CsvHeader has them.
  ReceiptFields(const CsvHeader& header, const ReceiptColumns& names, DecimalMark decimal_mark,
                DateOrder date_order, ParseTime parse_time);

  const Column& receipt() const noexcept { return receipt_; }
  const Column& item() const noexcept { return item_; }
  const Column& time() const noexcept { return time_; }
  const Column& quantity() const noexcept { return quantity_; }
  const Column& price() const noexcept { return price_; }
  const Column& customer() const noexcept { return customer_; }
  const Column& store() const noexcept { return store_; }
  const Column& till() const noexcept { return till_; }
  const std::vector<Column>& key() const noexcept { return key_; }

  /// Names of optional columns that were asked for and are not there.
  std::vector<std::string> absent() const;

  /// Learns from a record how numbers and dates are written; false if it cannot be read before a
  /// later record tells.
  bool learn(Fields fields, std::size_t line);

  /// Whether a column is still ambiguous.
  bool is_ambiguous() const noexcept;

  /// The Error of the column that is still ambiguous, with both readings. Precondition: there is
  /// one.
  Error ambiguity(const std::string& name) const;

  /// What was learnt, for people.
  std::vector<std::string> learnt() const;

  /// Reads a record; false, with `fault()`, on a field that is not what its column wants.
  bool read(Fields fields, ReceiptRecord& record);

  const Fault& fault() const noexcept { return fault_; }
  bool fail(const Column& column, const char* expected,
            ErrorCode code = ErrorCode::format) noexcept;

  /// The fault as an Error with file, line and column.
  Error error(const std::string& name, std::size_t line, Fields fields) const {
    return Error(fault_.code, name + ":" + std::to_string(line) + ", column " + fault_.column->name,
                 fault_.expected, "'" + std::string(fault_.column->text(fields)) + "'");
  }

 private:
  /// Lines of one receipt repeat its time, so the last one is remembered.
  std::optional<Moment> parse_time(std::string_view text, bool& zoned);

  ParseTime parse_time_;
  NumberColumn numbers_[2];  // quantity, price
  TimeColumn times_;
  Column receipt_, item_, time_, quantity_, price_, customer_, description_, store_, till_;
  std::vector<Column> key_;
  Fault fault_;
  std::string time_text_;
  std::optional<Moment> time_value_;
  bool time_zoned_ = false;
};

#if BODEGA_BODIES

BODEGA_INLINE ReceiptFields::ReceiptFields(const CsvHeader& header, const ReceiptColumns& names,
                                           DecimalMark decimal_mark, DateOrder date_order,
                                           ParseTime parse_time)
    : parse_time_(std::move(parse_time)),
      numbers_{NumberColumn(decimal_mark), NumberColumn(decimal_mark)},
      times_(date_order),
      receipt_{names.receipt, header.need(names.receipt)},
      item_{names.item, header.need(names.item)},
      time_{names.time, header.need(names.time)},
      quantity_{names.quantity,
                names.quantity.empty() ? CsvHeader::absent : header.need(names.quantity)},
      price_{names.price, header.find(names.price)},
      customer_{names.customer, header.find(names.customer)},
      description_{names.description, header.find(names.description)},
      store_{names.store, header.find(names.store)},
      till_{names.till, header.find(names.till)} {
  for (const std::string& name : names.key) key_.push_back({name, header.need(name)});
}

BODEGA_INLINE std::vector<std::string> ReceiptFields::absent() const {
  std::vector<std::string> names;
  for (const Column* column : {&price_, &customer_, &description_, &store_, &till_})
    if (column->at == CsvHeader::absent && !column->name.empty()) names.push_back(column->name);
  return names;
}

BODEGA_INLINE bool ReceiptFields::learn(Fields fields, std::size_t line) {
  bool known = numbers_[0].learn(quantity_.text(fields), line);
  known = numbers_[1].learn(price_.text(fields), line) && known;
  if (!parse_time_) known = times_.learn(time_.text(fields), line) && known;
  return known;
}

BODEGA_INLINE bool ReceiptFields::is_ambiguous() const noexcept {
  for (const NumberColumn& column : numbers_)
    if (column.mark() == DecimalMark::infer && !column.ambiguous().empty()) return true;
  return times_.order() == DateOrder::infer && !times_.ambiguous().empty();
}

BODEGA_INLINE Error ReceiptFields::ambiguity(const std::string& name) const {
  const auto where = [&](std::size_t line, const Column& column) {
    return name + ":" + std::to_string(line) + ", column " + column.name;
  };
  const Column* const columns[] = {&quantity_, &price_};
  for (std::size_t k = 0; k < 2; ++k)
    if (numbers_[k].mark() == DecimalMark::infer && !numbers_[k].ambiguous().empty())
      return ambiguous_number(where(numbers_[k].ambiguous_line(), *columns[k]),
                              numbers_[k].ambiguous());
  const TimeText time(times_.ambiguous());
  const auto day = [&](DateOrder order) { return time.read(order)->day().to_string(); };
  return Error(ErrorCode::format, where(times_.ambiguous_line(), time_),
               "a date that tells day from month, or the option date_order",
               "'" + times_.ambiguous() + "' alone, which is " + day(DateOrder::day_first) +
                   " or " + day(DateOrder::month_first));
}

BODEGA_INLINE std::vector<std::string> ReceiptFields::learnt() const {
  std::vector<std::string> notes;
  const auto note = [&](const Column& column, const char* what, std::size_t line) {
    if (line > 0)
      notes.push_back("column " + column.name + ": " + what + ", told by line " +
                      std::to_string(line));
  };
  const Column* const columns[] = {&quantity_, &price_};
  for (std::size_t k = 0; k < 2; ++k)
    if (numbers_[k].mark() == DecimalMark::comma || !numbers_[k].ambiguous().empty())
      note(*columns[k],
           numbers_[k].mark() == DecimalMark::comma ? "decimal comma" : "decimal point",
           numbers_[k].decided_line());
  note(time_, times_.order() == DateOrder::day_first ? "day before month" : "month before day",
       times_.decided_line());
  return notes;
}

BODEGA_INLINE bool ReceiptFields::read(Fields fields, ReceiptRecord& record) {
  record = ReceiptRecord();
  record.receipt = receipt_.text(fields);
  if (record.receipt.empty()) return fail(receipt_, "a receipt id");
  record.item = item_.text(fields);
  record.customer = customer_.text(fields);
  record.description = description_.text(fields);
  record.store = store_.text(fields);
  record.till = till_.text(fields);
  const auto when = parse_time(time_.text(fields), record.zoned);
  if (!when) return fail(time_, "a time such as 2011-09-30 14:05");
  record.when = *when;
  record.quantity = Quantity::from_whole(1);
  if (quantity_.at != CsvHeader::absent) {
    const auto units = numbers_[0].read<Quantity>(quantity_.text(fields), &record.rounded);
    if (!units || (record.rounded && *units == Quantity()))
      return fail(quantity_, "a number of units");
    record.quantity = *units;
  }
  record.price_is_known = !price_.text(fields).empty();
  if (record.price_is_known) {
    bool rounded = false;
    const auto price = numbers_[1].read<Money>(price_.text(fields), &rounded);
    if (!price) return fail(price_, "a price such as 2.55");
    record.price = *price;
    record.rounded = record.rounded || rounded;
  }
  return true;
}

BODEGA_INLINE bool ReceiptFields::fail(const Column& column, const char* expected,
                                       ErrorCode code) noexcept {
  fault_ = {&column, code, expected};
  return false;
}

BODEGA_INLINE std::optional<Moment> ReceiptFields::parse_time(std::string_view text, bool& zoned) {
  if (text != time_text_ || !time_value_) {
    time_zoned_ = false;
    time_value_ = parse_time_ ? parse_time_(text) : times_.read(text, &time_zoned_);
    time_text_ = text;
  }
  zoned = time_zoned_;
  return time_value_;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
