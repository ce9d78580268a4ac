// SPDX-License-Identifier: MIT
#include <bodega/data/read_report.hpp>

#include <string>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("A report of a clean file is two lines") {
  ReadReport report;
  report.lines = report.kept = 12;
  report.receipts = 4;
  report.items = 3;
  CHECK(report.summary() == "12 lines: 12 sales kept\n4 receipts, 3 items, 0 customers\n");
}

TEST_CASE("What was left out is said, and what was not is not") {
  ReadReport report;
  report.lines = 10;
  report.kept = 6;
  report.returns = 3;
  report.malformed = 1;
  report.returns_unmatched = 2;
  report.sales_undone = 1;
  report.trading_days = 2;
  report.first_day = *Day::from_civil(2024, 1, 1);
  report.last_day = *Day::from_civil(2024, 1, 4);
  report.absent_columns = {"store"};
  report.first_offenders.push_back({7, Error(ErrorCode::format, "line 7", "a number", "x")});
  const std::string text = report.summary();
  CHECK(text.find("6 sales kept, 3 returns, 1 malformed\n") != std::string::npos);
  CHECK(text.find("2024-01-01 to 2024-01-04, 2 of 4 days with trade") != std::string::npos);
  CHECK(text.find("1 sales undone, 2 returns without") != std::string::npos);
  CHECK(text.find("no column 'store'") != std::string::npos);
  CHECK(text.find("line 7") != std::string::npos);
  for (const char* unsaid : {"zero units", "Windows-1252", "lonely", "rounded"})
    CHECK(text.find(unsaid) == std::string::npos);
}
