// SPDX-License-Identifier: MIT
#include <bodega/till/till_report.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("A report of a till where all is well has one line") {
  TillReport report;
  report.items = 3;
  report.parts = {"items", "popularity"};
  report.state.receipts = 12;
  const std::string text = report.summary();
  CHECK(text == "3 items; parts: items, popularity; 12 receipts, 0 events, 0 swaps, 0 lanes\n");
}

TEST_CASE("A report says each thing that a shopkeeper should know") {
  TillReport report;
  report.unknown = {"mine"};
  report.unused = {QueryPart::customer, QueryPart::hour};
  report.unreadable = 2;
  report.state.held = 3;
  report.events.twice = 4;
  report.journal = JournalReport();
  report.journal->torn_bytes = 5;
  const std::string text = report.summary();
  for (const char* line : {"parts: none", "in the file but not known here: mine", "customer, hour",
                           "2 records of the journal", "3 receipts held",
                           "4 receipts that came twice", "5 bytes of the journal were torn off"})
    CHECK(text.find(line) != std::string::npos);
}
