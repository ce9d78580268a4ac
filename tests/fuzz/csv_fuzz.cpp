// SPDX-License-Identifier: MIT
// Any bytes read as CSV give records that survive writing and reading again; any bytes read as
// receipts give either an Error or a report whose counts add up.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <bodega/data/csv.hpp>
#include <bodega/data/read_receipts.hpp>

using namespace bodega;

namespace {

using Records = std::vector<std::vector<std::string>>;

void require(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "csv_fuzz: " << what << '\n';
  std::abort();
}

/// Whether a reader takes it for lines of text.
bool is_text(const std::string& text) {
  std::istringstream in(text);
  try {
    CsvReader(in, "fuzz.csv");
    return true;
  } catch (const Error& error) {
    require(error.code() == ErrorCode::format, "what is no text is an Error of format");
    return false;
  }
}

Records read(const std::string& text, std::size_t& errors) {
  std::istringstream in(text);
  CsvReader csv(in, "fuzz.csv");
  Records records;
  for (std::size_t line = 0;;) {
    try {
      if (!csv.next()) break;
      records.emplace_back(csv.fields().begin(), csv.fields().end());
    } catch (const Error& error) {
      require(error.code() == ErrorCode::format, "a bad record is an Error of format");
      ++errors;
    }
    require(csv.line() > line, "every record starts on a later line");
    line = csv.line();
  }
  return records;
}

void round_trip(const std::string& text) {
  if (!is_text(text)) return;
  std::size_t errors = 0;
  const Records records = read(text, errors);
  std::string written;
  for (const auto& record : records) {
    const std::vector<std::string_view> fields(record.begin(), record.end());
    append_csv(written, fields);
  }
  errors = 0;
  const Records again = read(written, errors);
  require(errors == 0, "what was written reads without error");
  require(again == records, "what was written reads the same");
}

void read_leniently(const std::string& text) {
  ReceiptOptions options;
  options.malformed = Malformed::lenient;
  options.cancellation_prefix = "C";
  options.normalise = upper_case_trimmed;
  std::istringstream in(text);
  try {
    const Receipts receipts = read_receipts(in, "fuzz.csv", options);
    const ReadReport& report = receipts.report();
    require(report.lines == report.kept + report.returns + report.not_items + report.zero_quantity +
                                report.free_dropped + report.lonely + report.malformed,
            "every line is accounted for");
    for (const ReceiptLine& line : receipts.lines())
      require(line.quantity > Quantity() && line.item.value() < receipts.catalog().size(),
              "a sale is of some units of a known item");
    receipts.catalog().validate("fuzz.csv");
    require(receipts.baskets().size() == receipts.size(), "each receipt is a basket");
    receipts.interactions().validate("fuzz.csv");
    if (report.trading_days > 0 && report.last_day - report.first_day < 1000)
      receipts.daily_sales().validate("fuzz.csv");
  } catch (const Error& error) {
    require(error.code() == ErrorCode::missing || error.code() == ErrorCode::duplicate ||
                error.code() == ErrorCode::format,
            "only a bad header fails a lenient reading");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  round_trip(text);
  read_leniently(text);
  read_leniently("receipt,item,quantity,time,price,customer\n" + text);
  return 0;
}
