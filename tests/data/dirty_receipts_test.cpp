// SPDX-License-Identifier: MIT
// What shops' files are really like, kind by kind (docs/data.md).
#include <algorithm>
#include <map>
#include <random>
#include <sstream>

#include <bodega/data/read_receipts.hpp>

#include "check_error.hpp"

using namespace bodega;

namespace {

const std::string header = "receipt,item,quantity,time,price,customer,description\n";

Receipts read(const std::string& text, const ReceiptOptions& options = {}) {
  std::istringstream in(text);
  return read_receipts(in, "r.csv", options);
}

ReceiptOptions lenient() { return {.malformed = Malformed::lenient, .min_readable = 0}; }

/// Units by item and day, as text.
std::map<std::string, double> units(const Receipts& receipts) {
  std::map<std::string, double> result;
  for (std::size_t i = 0; i < receipts.size(); ++i)
    for (const ReceiptLine& line : receipts[i].lines)
      result[std::string(receipts.catalog().id(line.item)) + " " + receipts.day(i).to_string()] +=
          line.quantity.value();
  return result;
}
using Units = std::map<std::string, double>;

std::string with_quantity(const std::string& quantity) {
  return header + "1,A,\"" + quantity + "\",2024-01-01,2,,\n";
}

double quantity_of(const std::string& text, const ReceiptOptions& options = {}) {
  return read(with_quantity(text), options)[0].lines[0].quantity.value();
}

}  // namespace

TEST_CASE("Order of lines: a return above its purchase of the day undoes it") {
  const std::string sale = "R1,A,2,2024-01-01,2,C1,\n", back = "R2,A,-2,2024-01-01,2,C1,\n";
  for (const std::string& text : {header + sale + back, header + back + sale}) {
    const Receipts receipts = read(text);
    CHECK(receipts.empty());
    CHECK(receipts.report().returns_unmatched == 0);
    CHECK(receipts.report().sales_undone == 1);
  }
}

TEST_CASE("Order of lines: any order gives the same units, a day and an item at a time") {
  std::mt19937 random(3);
  std::vector<std::string> lines;
  for (int i = 0; i < 200; ++i) {
    const int day = 1 + static_cast<int>(random() % 5), customer = static_cast<int>(random() % 4);
    const int quantity = random() % 4 == 0 ? -1 : 1 + static_cast<int>(random() % 2);
    const int hour = 10 + static_cast<int>(random() % 9);
    lines.push_back("r" + std::to_string(i) + ",i" + std::to_string(random() % 3) + "," +
                    std::to_string(quantity) + ",2024-01-0" + std::to_string(day) + " " +
                    std::to_string(hour) + ":00,2," +
                    (customer == 0 ? "" : "c" + std::to_string(customer)) + ",\n");
  }
  Units first;
  for (int round = 0; round < 20; ++round) {
    std::string text = header;
    for (const std::string& line : lines) text += line;
    const Units found = units(read(text));
    if (round == 0) first = found;
    CHECK(found == first);
    std::shuffle(lines.begin(), lines.end(), random);
  }
}

TEST_CASE("Order of lines: a bar's night is one business day") {
  ReceiptOptions options;
  options.day_starts_at = 4 * 3600;
  const Receipts receipts = read(header +
                                     "T9,BEER,2,2024-03-02 23:50,4,,\n"
                                     "T9,NUTS,1,2024-03-03 00:10,2,,\n"
                                     "T9,BEER,-1,2024-03-03 00:12,4,,\n",
                                 options);
  REQUIRE(receipts.size() == 1);
  CHECK(receipts.report().returns_unmatched == 0);
  CHECK(units(receipts) == Units{{"BEER 2024-03-02", 1}, {"NUTS 2024-03-02", 1}});
  CHECK(receipts.daily_sales().days() == 1);
  CHECK(receipts.report().last_day == Day::parse("2024-03-02"));
  options.day_starts_at = 86400;
  CHECK_ERROR(read(header, options), ErrorCode::invalid_argument, "day_starts_at");
}

TEST_CASE(
    "Order of lines: an anonymous return takes from the day's anonymous sales, a write-off not") {
  const Receipts receipts = read(header +
                                 "1,A,3,2024-01-01 09:00,2,,\n"
                                 "2,A,-1,2024-01-01 10:00,2,,\n"    // from receipt 1
                                 "3,A,-1,2024-01-02 10:00,2,,\n"    // of another day
                                 "4,A,-1,2024-01-01 11:00,0,,\n");  // damaged
  CHECK(units(receipts) == Units{{"A 2024-01-01", 2}});
  CHECK(receipts.report().returns == 3);
  CHECK(receipts.report().returns_unmatched == 2);
}

TEST_CASE("Who: one number of two customers is two receipts") {
  const Receipts receipts = read(header +
                                 "7,MILK,1,2024-01-01 10:00,2,C7,\n"
                                 "7,BEER,1,2024-01-01 18:00,2,C9,\n"
                                 "7,NUTS,1,2024-01-01 18:00,2,,\n"
                                 "7,EGGS,1,2024-01-01 10:00,2,C7,\n");
  REQUIRE(receipts.size() == 2);
  CHECK(receipts[0].lines.size() == 2);
  CHECK(receipts[1].lines.size() == 2);
  CHECK(receipts.customers()[receipts[1].customer.value()] == "C9");
  CHECK(receipts.report().numbers_shared == 1);
  CHECK(receipts.report().summary().find("another customer") != std::string::npos);
}

TEST_CASE("Who: further columns tell receipts apart, and numbers used twice are said") {
  ReceiptOptions options;
  options.columns.key = {"register"};
  const std::string text =
      "receipt,item,quantity,time,register\n"
      "7,A,1,2024-01-01 10:00,1\n7,B,1,2024-01-01 18:00,2\n";
  CHECK(read(text, options).size() == 2);
  options.columns.key = {};
  const Receipts merged = read(text, options);
  CHECK(merged.size() == 1);
  CHECK(merged.report().spread == 1);
  options.columns.key = {"lane"};
  CHECK_ERROR(read(text, options), ErrorCode::missing, "r.csv, header");
}

TEST_CASE("Who: customers that are nobody") {
  ReceiptOptions options;
  options.no_customer.push_back("walk-in");
  std::string text = header;
  for (const std::string nobody :
       {"NULL", "nan", "-", "", "None", " n/a ", "\\N", "<NA>", "Walk-In", "\xC2\xA0"})
    text += "1,A,1,2024-01-01,2," + nobody + ",\n";
  const Receipts receipts = read(text + "2,A,1,2024-01-01,2,0,\n", options);
  CHECK(receipts.customers().size() == 1);  // 0 is a name
  CHECK(receipts.report().without_customer == 10);
}

TEST_CASE("What: one article in many spellings is one item") {
  ReceiptOptions options;
  options.normalise = gtin;
  options.normalise_customer = whole_number;
  std::string text = header;
  for (const std::string code :
       {"0036000291452", "036000291452", "36000291452", "'036000291452", "036000291452\xC2\xA0",
        "36000291452.0", "3.6000291452E+10", "00036000291452", " 36000291452"})
    text += "1,\"" + code + "\",1,2024-01-01,2,17850,\n";
  const Receipts receipts = read(text + "2,A,1,2024-01-01,2,17850.0,\n", options);
  CHECK(receipts.catalog().size() == 2);
  CHECK(receipts.catalog().id(ItemIndex(0)) == "0036000291452");
  CHECK(receipts.customers().size() == 1);
}

TEST_CASE("What: a weight or price in the code is read by its scheme") {
  ReceiptOptions options;
  options.variable_weight = {{"21IIIIIWWWWWC"}, {.pattern = "28IIIIIPPPPPC", .places = 2}};
  const auto code = [](std::string digits) { return digits + gtin_check_digit(digits); };
  const Receipts receipts = read(header +
                                     "1,2112345004508,1,2024-01-01,9,,\n"
                                     "2,2112345012305,1,2024-01-01,9,,\n"
                                     "3,2112345012305,-1,2024-01-02,9,,\n"
                                     "4,2112345012305,0.5,2024-01-01,9,,\n"
                                     "5," +
                                     code("281234500250") +
                                     ",2,2024-01-01,,,\n"
                                     "6,2212345012305,1,2024-01-01,9,,\n",  // of no scheme
                                 options);
  REQUIRE(receipts.catalog().size() == 3);
  CHECK(receipts[0].lines[0].item == receipts[1].lines[0].item);
  CHECK(receipts.report().weighed == 5);
  double weight = 0;
  for (std::size_t i = 0; i < receipts.size(); ++i)
    for (const ReceiptLine& line : receipts[i].lines)
      if (line.item == receipts[0].lines[0].item) weight += line.quantity.value();
  CHECK(weight == Approx(0.45 + 1.23 + 0.5));
  CHECK(receipts.catalog().price(ItemIndex(1)) == Money::parse("2.50"));
  CHECK_ERROR(read(header + "1,2112345004508,400000000000000,2024-01-01,9,,\n", options),
              ErrorCode::out_of_range, "r.csv:2, column quantity");
  for (const std::string pattern : {"", "21WWWWWC", "21IIIIIC", "21IIIIIWWWPPC", "21IIIIXWWWWWC"}) {
    options.variable_weight = {{pattern}};
    CHECK_ERROR(read(header, options), ErrorCode::invalid_argument, "variable_weight");
  }
}

TEST_CASE("Loss: a stray quote that swallows records is found") {
  const std::string text = header +
                           "R1,A,1,2024-01-01,2,,\"PAN 12 INCH\n"
                           "R2,B,1,2024-01-01,2,,POT\n"
                           "R3,C,1,2024-01-01,2,,TRAY 8\"\n"
                           "R4,D,1,2024-01-01,2,,CUP\n";
  CHECK_ERROR(read(text), ErrorCode::format, "r.csv:2, field");
  const Receipts kept = read(text, lenient());
  CHECK(kept.report().kept == 2);  // R2 and R4
  CHECK(kept.report().malformed == 2);
  ReceiptOptions options;
  options.quoting = Quoting::none;
  const Receipts all = read(text, options);
  CHECK(all.report().kept == 4);
  CHECK(all.catalog().description(ItemIndex(0)) == "\"PAN 12 INCH");
  // Two lines only, and a field that is meant to go over two lines.
  CHECK_ERROR(read(header + "R1,A,1,2024-01-01,2,,\"PAN\nR3,C,1,2024-01-01,2,,TRAY\"\n"),
              ErrorCode::format, "r.csv:2");
  CHECK(read(header + "R1,A,1,2024-01-01,2,,\"PAN,\nROUND, 12 INCH\"\n").report().kept == 1);
}

TEST_CASE("Loss: all line ends are line ends") {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string text;
    for (const char c : header + "1,A,1,2024-01-01,2,,\n2,B,1,2024-01-01,2,,\n")
      text += c == '\n' ? end : std::string{c};
    CHECK(read(text).size() == 2);
  }
}

TEST_CASE("Loss: orders whose fields stand on their first row alone") {
  ReceiptOptions options;
  options.carry_down = true;
  const std::string text = header +
                           "#1,A,1,2024-01-01 10:00,2,ann,\n"
                           ",B,1,,2,,\n"
                           "#1,C,1,,2,,\n"
                           "#2,A,1,2024-01-02,2,bob,\n"
                           "#3,A,1,,2,,\n"  // no time of its own
                           ",B,1,,2,,\n";
  options.malformed = Malformed::lenient;
  const Receipts receipts = read(text, options);
  REQUIRE(receipts.size() == 2);
  CHECK(receipts[0].lines.size() == 3);
  CHECK(receipts[1].lines.size() == 1);
  CHECK(receipts.report().carried == 3);
  CHECK(receipts.report().malformed == 2);
  CHECK(read(header + "1,A,1,2024-01-01,2,,\n" + ",B,1,,2,,\n", lenient()).size() == 1);
}

TEST_CASE("Loss: a lenient read that keeps too little is an error with the cause") {
  std::string text = header + "1,A,1,2024-01-01,2,,\n";
  for (int i = 0; i < 9; ++i) text += "1,A,1,first of May,2,,\n";
  ReceiptOptions options;
  options.malformed = Malformed::lenient;
  try {
    read(text, options);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.found().find("1 of 10") != std::string::npos);
    CHECK(error.found().find("column time") != std::string::npos);
  }
  options.min_readable = 0.1;
  CHECK(read(text, options).size() == 1);
  options.min_readable = 1.5;
  CHECK_ERROR(read(text, options), ErrorCode::invalid_argument, "min_readable");
}

TEST_CASE("Numbers: as programs and people write them") {
  CHECK(quantity_of("0.30000000000000004") == 0.3);
  CHECK(quantity_of("0.3755") == 0.376);
  CHECK(quantity_of("1.6666666667") == 1.667);
  CHECK(quantity_of(" 2 ") == 2);
  CHECK(quantity_of("1e3") == 1000);
  CHECK(quantity_of("1,234.5") == 1234.5);
  CHECK(quantity_of("1.234,5") == 1234.5);
  CHECK(quantity_of("1 234,5") == 1234.5);
  CHECK(quantity_of("0,5") == 0.5);
  const Receipts rounded = read(with_quantity("0.3755"));
  CHECK(rounded.report().rounded == 1);
  CHECK(rounded.report().summary().find("rounded") != std::string::npos);
  CHECK(read(with_quantity("0.375")).report().rounded == 0);
  const Receipts priced =
      read(header + "1,A,1,2024-01-01,$4.50,,\n2,A,1,2024-01-02,4.5 \xE2\x82\xAC,,\n");
  CHECK(priced[0].lines[0].price == Money::parse("4.5"));
  CHECK(priced[1].lines[0].price == Money::parse("4.5"));
  CHECK(priced.report().rounded == 0);
  for (const std::string none : {"one", "1.2.3", "--1", "1e99", "0.0004", ""})
    CHECK_ERROR(read(with_quantity(none)), ErrorCode::format, "column quantity");
}

TEST_CASE("Numbers: the decimal mark is told by the column, or refused with both readings") {
  const auto text = [](const std::string& second) {
    return header + "1,A,\"1.200\",2024-01-01,2,,\n2,A,\"" + second + "\",2024-01-02,2,,\n";
  };
  CHECK(read(text("0.5"))[0].lines[0].quantity.value() == 1.2);
  CHECK(read(text("0,5"))[0].lines[0].quantity.value() == 1200);
  CHECK(read(text("0,5")).report().summary().find("decimal comma, told by line 3") !=
        std::string::npos);
  try {
    read(text("7"));
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.where() == "r.csv:2, column quantity");
    CHECK(error.found() == "'1.200' alone, which is 1.200 or 1200");
  }
  ReceiptOptions options;
  options.decimal_mark = DecimalMark::point;
  CHECK(read(text("7"), options)[0].lines[0].quantity.value() == 1.2);
  CHECK_ERROR(read(text("0,5"), options), ErrorCode::format, "r.csv:3, column quantity");
  options.decimal_mark = DecimalMark::comma;
  CHECK(read(text("7"), options)[0].lines[0].quantity.value() == 1200);
}

TEST_CASE("Times: as programs and people write them") {
  const auto when = [](const std::string& time, DateOrder order = DateOrder::infer) {
    ReceiptOptions options;
    options.date_order = order;
    return read(header + "1,A,1,\"" + time + "\",2,,\n", options)[0].when;
  };
  const Moment morning = *Moment::parse("2024-01-31 08:26");
  for (const std::string same :
       {"2024-01-31 8:26", "2024-01-31T08:26:00", "2024-01-31T08:26:00Z",
        "2024-01-31T08:26:00.123456", "2024-01-31 08:26:00+02:00", "31.01.2024 8:26",
        "31/1/2024 08:26", "1/31/2024 8:26 AM", "20240131T0826", "Jan 31, 2024 8:26",
        "31-Jan-24 08:26", " 2024-01-31  08:26 ", "2024/1/31 08:26"})
    CHECK(when(same) == morning);
  CHECK(when("1/2/2024", DateOrder::day_first) == Moment::parse("2024-02-01"));
  CHECK(when("1/2/2024", DateOrder::month_first) == Moment::parse("2024-01-02"));
  CHECK(when("2024-01-31 12:05 AM") == Moment::parse("2024-01-31 00:05"));
  CHECK(when("2024-01-31 24:00") == Moment::parse("2024-02-01 00:00"));
  CHECK(read(header + "1,A,1,2024-01-31T08:26:00Z,2,,\n").report().zoned == 1);
  for (const std::string none : {"2024-02-30", "2024-01-31 25:00", "8:26", "31/31/2024", "soon",
                                 "2024-01-31 08:26 CET", "2024-01-31 0:5"})
    CHECK_ERROR(when(none), ErrorCode::format, "column time");
}

TEST_CASE("Times: day or month first is told by the column, or refused with both readings") {
  const std::string first = header + "1,A,1,3/4/2024,2,,\n";
  CHECK(read(first + "2,A,1,13/4/2024,2,,\n")[0].when == Moment::parse("2024-04-03"));
  CHECK(read(first + "2,A,1,4/13/2024,2,,\n")[0].when == Moment::parse("2024-03-04"));
  CHECK(read(first + "2,A,1,4/13/2024,2,,\n").report().summary().find("month before day") !=
        std::string::npos);
  try {
    read(first + "2,A,1,5/6/2024,2,,\n");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.where() == "r.csv:2, column time");
    CHECK(error.found() == "'3/4/2024' alone, which is 2024-04-03 or 2024-03-04");
  }
  CHECK_ERROR(read(first + "2,A,1,13/4/2024,2,,\n3,A,1,4/13/2024,2,,\n"), ErrorCode::format,
              "r.csv:4, column time");
}

TEST_CASE("Files: separators said in the file, UTF-16, Windows-1252") {
  const Receipts sep = read("sep=;\nreceipt;item;quantity;time\n1;A;2;2024-01-01\n");
  CHECK(sep.size() == 1);
  const std::string text = header + "1,\xC3\x84,1,2024-01-01,2,,\xE2\x82\xAC \xF0\x9F\x8D\x9E\n";
  for (const bool little : {true, false})
    for (const bool mark : {true, false}) {
      std::string wide;
      const auto unit = [&](char32_t value) {
        const char low = static_cast<char>(value & 0xFF), high = static_cast<char>(value >> 8);
        wide += little ? low : high;
        wide += little ? high : low;
      };
      if (mark) unit(0xFEFF);
      for (std::size_t at = 0; at < text.size();) {
        const CodePoint letter = decode_utf8(text, at);
        at += letter.bytes;
        if (letter.value < 0x10000) {
          unit(letter.value);
        } else {
          unit(0xD800 + ((letter.value - 0x10000) >> 10));
          unit(0xDC00 + ((letter.value - 0x10000) & 0x3FF));
        }
      }
      const Receipts receipts = read(wide);
      REQUIRE(receipts.size() == 1);
      CHECK(receipts.catalog().id(ItemIndex(0)) == "\xC3\x84");
      CHECK(receipts.catalog().description(ItemIndex(0)) == "\xE2\x82\xAC \xF0\x9F\x8D\x9E");
      CHECK(receipts.report().summary().find("UTF-16") != std::string::npos);
    }
  const Receipts recoded = read(header + "1,\xC4,1,2024-01-01,2,,5 \x80\n");
  CHECK(recoded.catalog().id(ItemIndex(0)) == "\xC3\x84");
  CHECK(recoded.catalog().description(ItemIndex(0)) == "5 \xE2\x82\xAC");
  CHECK(recoded.report().recoded == 1);
  CHECK_ERROR(read("receipt;item;quantity;time\n"), ErrorCode::missing, "r.csv, header");
}

TEST_CASE("foreign inputs: items whose texts would act on a screen are counted") {
  const Receipts receipts =
      read(header + "1,A,1,2024-01-01,2,,TEA\x1B[2J\n1,B,1,2024-01-01,2,,Молоко\n");
  CHECK(receipts.report().unprintable == 1);
  CHECK(receipts.report().summary().find("1 items whose texts hold control") != std::string::npos);
  CHECK(receipts.catalog().unprintable() == std::vector<ItemIndex>{ItemIndex(0)});
}

TEST_CASE("Files: what is no text is named") {
  const auto found = [](const std::string& bytes) -> std::string {
    try {
      read(bytes);
    } catch (const Error& error) {
      return error.found();
    }
    return "accepted";
  };
  CHECK(found("\x1F\x8B\x08 and so on").find("gzip") != std::string::npos);
  CHECK(found("PK\x03\x04 and so on").find("spreadsheet") != std::string::npos);
  CHECK(found("\xD0\xCF\x11\xE0 and so on").find("spreadsheet") != std::string::npos);
  CHECK(found("<!DOCTYPE html>").find("HTML") != std::string::npos);
  CHECK(found("{\"receipts\": []}").find("JSON") != std::string::npos);
  CHECK(found(std::string(100, '\0')).find("zero bytes") != std::string::npos);
  CHECK(found("PAR1").find("Parquet") != std::string::npos);
}

namespace {
/// A stream that never ends: `begin`, then `again` for ever.
class Endless : public std::streambuf {
 public:
  Endless(std::string begin, std::string again)
      : text_(std::move(begin)), again_(std::move(again)) {
    setg(text_.data(), text_.data(), text_.data() + text_.size());
  }

 private:
  int_type underflow() override {
    text_.clear();
    while (text_.size() < 4096) text_ += again_;
    setg(text_.data(), text_.data(), text_.data() + text_.size());
    return traits_type::to_int_type(text_[0]);
  }
  std::string text_, again_;
};
}  // namespace

TEST_CASE("Endless inputs end with an Error") {
  for (const std::string& again :
       {std::string("x"), std::string("\""), std::string("\n"), std::string("\"x\n")})
    for (const ReceiptOptions& options : {ReceiptOptions{}, lenient()}) {
      if (again == "\"x\n" && options.malformed == Malformed::lenient) continue;  // lines that end
      Endless buffer(header, again);
      std::istream in(&buffer);
      CHECK_THROWS_AS(read_receipts(in, "endless", options), Error);
    }
}

TEST_CASE("Clocks: lonely days at either end are left out and said") {
  std::string text = header + "0,A,1,1970-01-01,2,,\n";
  for (int day = 0; day < 60; ++day)
    text += std::to_string(day + 1) + ",A,10," + (*Day::parse("2024-01-01") + day).to_string() +
            ",2,,\n";
  text += "99,A,1,2024-12-25,2,,\n";
  const Receipts receipts = read(text);
  CHECK(receipts.size() == 60);
  CHECK(receipts.report().lonely == 2);
  CHECK(receipts.report().lonely_days.size() == 2);
  CHECK(receipts.report().kept == 60);
  CHECK(receipts.daily_sales().days() == 60);
  CHECK(receipts.report().summary().find("lonely day 1970-01-01") != std::string::npos);
  ReceiptOptions options;
  options.lonely_days = LonelyDays::keep;
  CHECK(read(text, options).size() == 62);

  // They are in no count of the kept, and own no price.
  std::string free = header + "0,A,1,1970-01-01,0,,\n";
  for (int day = 0; day < 60; ++day)
    free += std::to_string(day + 1) + ",A,10," + (*Day::parse("2024-01-01") + day).to_string() +
            (day % 2 == 0 ? ",2,C1,\n" : ",0,,\n");
  free += "99,A,1,2024-12-25,7,,\n98,B,1,2024-12-25,5,,\n";
  const Receipts counted = read(free);
  CHECK(counted.report().lonely == 3);
  CHECK(counted.report().kept == 60);
  CHECK(counted.report().free_kept == 30);
  CHECK(counted.report().without_customer == 30);
  CHECK(counted.catalog().price(ItemIndex(0)) == Money::from_whole(2));
  CHECK(counted.catalog().price(ItemIndex(1)) == Money::from_whole(5));  // nothing else is known
  CHECK(read(header + "1,A,1,2024-01-01,2,,\n2,A,1,2024-06-01,2,,\n").size() ==
        2);  // too few to say
}
