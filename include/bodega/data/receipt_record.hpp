// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/csv.hpp>

namespace bodega {

/// Names of the columns, one line of the file being one line of a receipt. `receipt`, `item` and
/// `time` are needed, and `quantity` unless its name is empty (then every line is one unit). Of
/// the others an absent or empty name means that the column is not there.
struct ReceiptColumns {
  std::string receipt = "receipt", item = "item", quantity = "quantity", time = "time",
              price = "price", customer = "customer", description = "description", store = "",
              till = "";
};

/// Reads a time; nothing where the text is none. Empty = "YYYY-MM-DD", "YYYY-MM-DD HH:MM" or
/// "YYYY-MM-DD HH:MM:SS".
using ParseTime = std::function<std::optional<Moment>(std::string_view)>;

/// One line of a file of receipts, its numbers read and its texts as they stand there, borrowed
/// until the next line.
struct ReceiptRecord {
  std::string_view receipt, item, customer, description;
  Moment when;
  Quantity quantity;            ///< one unit where there is no such column
  Money price;                  ///< 0 where it is not known
  bool price_is_known = false;  ///< there is a column, and its field is not empty
  StoreId store;                ///< none() where there is no such column
  TillId till;                  ///< none() where there is no such column
};

/// Reads the fields of a record of CSV as a `ReceiptRecord`.
class ReceiptFields {
 public:
  struct Column {
    std::string name;
    std::size_t at = CsvHeader::absent;
  };

  /// Finds the columns. Error (missing, duplicate) as CsvHeader has them.
  ReceiptFields(const CsvHeader& header, const ReceiptColumns& names, ParseTime parse_time)
      : parse_time_(std::move(parse_time)),
        receipt_{names.receipt, header.need(names.receipt)},
        item_{names.item, header.need(names.item)},
        time_{names.time, header.need(names.time)},
        quantity_{names.quantity,
                  names.quantity.empty() ? CsvHeader::absent : header.need(names.quantity)},
        price_{names.price, header.find(names.price)},
        customer_{names.customer, header.find(names.customer)},
        description_{names.description, header.find(names.description)},
        store_{names.store, header.find(names.store)},
        till_{names.till, header.find(names.till)} {}

  const Column& item() const noexcept { return item_; }
  const Column& price() const noexcept { return price_; }

  /// Names of optional columns that were asked for and are not there.
  std::vector<std::string> absent() const {
    std::vector<std::string> names;
    for (const Column* column : {&price_, &customer_, &description_, &store_, &till_})
      if (column->at == CsvHeader::absent && !column->name.empty()) names.push_back(column->name);
    return names;
  }

  /// Error (format) with file, line and column on a field that is not what its column wants.
  ReceiptRecord read(const CsvReader& csv) {
    ReceiptRecord record;
    record.receipt = text(csv, receipt_);
    if (record.receipt.empty()) refuse(csv, receipt_, ErrorCode::format, "a receipt id");
    record.item = text(csv, item_);
    record.customer = text(csv, customer_);
    record.description = text(csv, description_);
    record.when = need(parse_time(text(csv, time_)), csv, time_, "a time such as 2011-09-30 14:05");
    record.quantity =
        quantity_.at == CsvHeader::absent
            ? Quantity::from_whole(1)
            : need(Quantity::parse(text(csv, quantity_)), csv, quantity_, "a number of units");
    record.price_is_known = !text(csv, price_).empty();
    if (record.price_is_known)
      record.price = need(Money::parse(text(csv, price_)), csv, price_, "a price such as 2.55");
    record.store = number<StoreId>(csv, store_, "the number of a store");
    record.till = number<TillId>(csv, till_, "the number of a till");
    return record;
  }

  /// Throws an Error about a column of the record that `csv` stands on.
  [[noreturn]] static void refuse(const CsvReader& csv, const Column& column, ErrorCode code,
                                  std::string expected) {
    throw Error(code, csv.where() + ", column " + column.name, std::move(expected),
                "'" + std::string(text(csv, column)) + "'");
  }

 private:
  static std::string_view text(const CsvReader& csv, const Column& column) noexcept {
    return column.at == CsvHeader::absent ? std::string_view() : csv.fields()[column.at];
  }

  template <class T>
  static T need(const std::optional<T>& value, const CsvReader& csv, const Column& column,
                const char* expected) {
    if (!value) refuse(csv, column, ErrorCode::format, expected);
    return *value;
  }

  template <class Number>
  static Number number(const CsvReader& csv, const Column& column, const char* expected) {
    if (column.at == CsvHeader::absent) return Number();
    const auto whole = FixedPoint<Number, 1>::parse(text(csv, column));
    if (!whole || whole->raw() < 0 || whole->raw() >= Number::none().value())
      refuse(csv, column, ErrorCode::format, expected);
    return Number(static_cast<std::uint32_t>(whole->raw()));
  }

  /// Lines of one receipt repeat its time, so the last one is remembered.
  std::optional<Moment> parse_time(std::string_view text) {
    if (text != time_text_ || !time_value_) {
      time_value_ = parse_time_ ? parse_time_(text) : Moment::parse(text);
      time_text_ = text;
    }
    return time_value_;
  }

  ParseTime parse_time_;
  Column receipt_, item_, time_, quantity_, price_, customer_, description_, store_, till_;
  std::string time_text_;
  std::optional<Moment> time_value_;
};

}  // namespace bodega
