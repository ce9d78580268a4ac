// SPDX-License-Identifier: MIT
#include <bodega/data/draft_receipts.hpp>

#include "catch.hpp"

using namespace bodega;

namespace {
DraftReceipts::Line line(std::string_view id, int hour, std::uint32_t customer,
                         std::string_view key = "", std::uint32_t store = 0) {
  const CustomerIndex who = customer == 0 ? CustomerIndex() : CustomerIndex(customer);
  return {id, key, Moment(Day(10), hour * 3600), Day(10), StoreId(store), TillId(), who};
}
}  // namespace

TEST_CASE("Lines find their receipt") {
  DraftReceipts receipts;
  const std::uint32_t first = receipts.find(line("7", 10, 1));
  CHECK(receipts.find(line("7", 9, 1)) == first);
  CHECK(receipts.find(line("7", 11, 0)) == first);
  const std::uint32_t second = receipts.find(line("7", 18, 2));
  CHECK(second != first);
  CHECK(receipts.find(line("7", 18, 0)) == second);
  CHECK(receipts.find(line("7", 10, 1)) == first);
  CHECK(receipts.find(line("7", 10, 1, "lane 2")) != first);
  CHECK(receipts.find(line("7", 10, 1, "", 5)) != first);
  CHECK(receipts.numbers_shared() == 1);
  CHECK(receipts[first].when == Moment(Day(10), 9 * 3600));
  CHECK(receipts[first].last == Moment(Day(10), 11 * 3600));
  CHECK(receipts.id(second) == "7");

  const std::uint32_t unnamed = receipts.find(line("8", 8, 0));
  CHECK(receipts.find(line("8", 8, 3)) == unnamed);
  CHECK(receipts[unnamed].customer == CustomerIndex(3));
}

TEST_CASE("Receipts and their lines are put in order of time") {
  DraftReceipts receipts;
  std::vector<DraftLine> lines;
  for (const auto& [id, hour] : {std::pair("b", 12), std::pair("a", 9), std::pair("b", 13)}) {
    lines.push_back({.receipt = receipts.find(line(id, hour, 0)),
                     .quantity = Quantity::from_whole(1),
                     .price = {}});
    lines.back().code = static_cast<std::uint32_t>(hour) & 63u;
  }
  receipts.put_in_order(lines);
  CHECK(receipts.id(0) == "a");
  CHECK(receipts.id(1) == "b");
  CHECK(lines[0].code == 9);
  CHECK(lines[1].code == 12);
  CHECK(lines[2].code == 13);
  CHECK(receipts.buyer(0).owner != receipts.buyer(1).owner);
  CHECK(receipts.buyer(0).anyone == receipts.buyer(1).anyone);
}
