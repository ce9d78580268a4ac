// SPDX-License-Identifier: MIT
#include <sstream>
#include <string>
#include <vector>

#include <bodega/data/csv.hpp>

#include "check_error.hpp"

using namespace bodega;

namespace {
using Record = std::vector<std::string>;

std::vector<Record> read(const std::string& text, char separator = ',') {
  std::istringstream in(text);
  CsvReader csv(in, "t.csv", separator);
  std::vector<Record> records;
  while (csv.next()) records.emplace_back(csv.fields().begin(), csv.fields().end());
  return records;
}
}  // namespace

TEST_CASE("CSV fields are read as RFC 4180 says") {
  CHECK(read("a,b\nc,d\n") == std::vector<Record>{{"a", "b"}, {"c", "d"}});
  CHECK(read("a,b\r\nc,d") == std::vector<Record>{{"a", "b"}, {"c", "d"}});
  CHECK(read("\"a,\"\"b\"\"\",\"\"\n") == std::vector<Record>{{"a,\"b\"", ""}});
  CHECK(read("\"\"\"\"\"\"") == std::vector<Record>{{"\"\""}});
  CHECK(read("\"x\r\ny\",z\r\n") == std::vector<Record>{{"x\r\ny", "z"}});
  CHECK(read(",\n") == std::vector<Record>{{"", ""}});
  CHECK(read(" a , b") == std::vector<Record>{{" a ", " b"}});
  CHECK(read("a,b,") == std::vector<Record>{{"a", "b", ""}});
  CHECK(read("a\rb,c\n") == std::vector<Record>{{"a\rb", "c"}});
  CHECK(read("a;b,c", ';') == std::vector<Record>{{"a", "b,c"}});
  CHECK(read("").empty());
}

TEST_CASE("A byte order mark and lines without any character are passed over") {
  CHECK(read("\xEF\xBB\xBF\"a\",b\n") == std::vector<Record>{{"a", "b"}});
  CHECK(read("\xEF\xBB\xBF").empty());
  CHECK(read("a\n\n\r\nb\n\n") == std::vector<Record>{{"a"}, {"b"}});
  CHECK(read("a\n\"\"\nb") == std::vector<Record>{{"a"}, {""}, {"b"}});
}

TEST_CASE("A record has the number of the physical line it starts on") {
  std::istringstream in("h\n\"two\nlines\"\n\nlast\n");
  CsvReader csv(in, "t.csv");
  std::vector<std::size_t> lines;
  while (csv.next()) lines.push_back(csv.line());
  CHECK(lines == std::vector<std::size_t>{1, 2, 5});
  CHECK(csv.bytes() == in.str().size());
}

TEST_CASE("A bad quote is an Error with its line, and reading goes on with the next line") {
  const auto check = [](const std::string& bad, const std::string& where) {
    std::istringstream in("a,b\n" + bad + "\nc,d\n");
    CsvReader csv(in, "t.csv");
    REQUIRE(csv.next());
    CHECK_ERROR(csv.next(), ErrorCode::format, where);
    REQUIRE(csv.next());
    CHECK(csv.line() == 3);
    CHECK(csv.fields()[0] == "c");
    CHECK_FALSE(csv.next());
  };
  check("x,\"y\"z", "t.csv:2, field 2");
  check("x,y\"z\"", "t.csv:2, field 2");
  check("\"x,y", "t.csv:2, field 1");
  check("x\"", "t.csv:2, field 1");
  check("\"x\"\ry,", "t.csv:2, field 1");
}

TEST_CASE("A bad quote far into a quoted field loses one line, not those it swallowed") {
  std::istringstream in("\"x\ny,1\nz,\"2\"\n");
  CsvReader csv(in, "t.csv");
  CHECK_ERROR(csv.next(), ErrorCode::format, "t.csv:1, field 1");
  REQUIRE(csv.next());
  CHECK(csv.line() == 2);
  CHECK(csv.fields()[0] == "y");
  REQUIRE(csv.next());
  CHECK(csv.fields()[1] == "2");
}

TEST_CASE("A quote that is never closed does not read the whole file into memory") {
  std::string text = "\"open\n";
  for (int i = 0; i < 300'000; ++i) text += "a,b,c,d\n";
  std::istringstream in(text);
  CsvReader csv(in, "t.csv");
  CHECK_ERROR(csv.next(), ErrorCode::format, "t.csv:1");
  std::size_t records = 0;
  while (csv.next()) ++records;
  CHECK(records == 300'000);
  CHECK(csv.line() == 300'001 + 1);

  const std::string long_line(3 * CsvReader::max_record, ',');
  std::istringstream wide(long_line + "\nx\n");
  CsvReader wide_csv(wide, "t.csv");
  CHECK_ERROR(wide_csv.next(), ErrorCode::format, "t.csv:1");
  REQUIRE(wide_csv.next());
  CHECK(wide_csv.fields()[0] == "x");
}

TEST_CASE("Records that reach over the reader's blocks stay whole") {
  std::string text;
  std::vector<Record> expected;
  for (std::size_t i = 0; i < 3000; ++i) {
    const std::string field(i % 97, static_cast<char>('a' + i % 26));
    expected.push_back({std::to_string(i), field + "\"\n", field});
    text += std::to_string(i) + ",\"" + field + "\"\"\n\"," + field + "\r\n";
  }
  CHECK(read(text) == expected);
}

TEST_CASE("What is written is read back") {
  const std::vector<Record> records{
      {"a", "b,c", "d\"e", "f\ng", "h\ri", ""}, {""}, {"\xEF\xBB\xBFx"}, {" "}};
  std::string text;
  for (const Record& record : records) {
    const std::vector<std::string_view> fields(record.begin(), record.end());
    append_csv(text, fields);
  }
  CHECK(read(text) == records);
  std::string plain;
  append_csv(plain, std::vector<std::string_view>{"a", "b;c"}, ',');
  append_csv(plain, std::vector<std::string_view>{"a", "b;c"}, ';');
  CHECK(plain == "a,b;c\na;\"b;c\"\n");
}

TEST_CASE("Columns are found by name") {
  std::istringstream in("id,price,price,\n1,2\n");
  CsvReader csv(in, "t.csv");
  const CsvHeader header(csv);
  CHECK(header.size() == 4);
  CHECK(header.need("id") == 0);
  CHECK(header.find("colour") == CsvHeader::absent);
  CHECK(header.find("") == CsvHeader::absent);
  CHECK_ERROR(header.need("colour"), ErrorCode::missing, "t.csv, header");
  CHECK_ERROR(header.find("price"), ErrorCode::duplicate, "t.csv, header");
  REQUIRE(csv.next());
  CHECK_ERROR(header.check(csv), ErrorCode::format, "t.csv:2");

  std::istringstream empty("\n");
  CsvReader empty_csv(empty, "t.csv");
  CHECK_ERROR(CsvHeader(empty_csv), ErrorCode::missing, "t.csv");
}
