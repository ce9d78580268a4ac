// SPDX-License-Identifier: MIT
#include <bodega/data/net_receipt.hpp>

#include <string>
#include <vector>

#include "allocation_counter.hpp"
#include "catch.hpp"

using namespace bodega;

namespace {

ReceiptLine line(std::uint32_t item, std::int64_t units, std::int64_t price = 1) {
  return {ItemIndex(item), Quantity::from_whole(units), Money::from_whole(price)};
}

std::string as_text(const Receipt& receipt) {
  std::string text;
  for (const auto& [item, quantity, price] : receipt.lines)
    text += std::to_string(item.value()) + "x" + std::to_string(quantity.raw() / Quantity::scale) +
            "@" + std::to_string(price.raw() / Money::scale) + " ";
  return text;
}

}  // namespace

TEST_CASE("A receipt takes back from its own latest lines") {
  NetReceipt net(6);
  const std::vector<ReceiptLine> lines{
      line(0, 2),                                   // stays
      line(1, 1),                                   // void
      line(0, 3, 2),                                // two of them come back
      line(2, -1),                                  // a return, partly bought again
      line(1, -1),    line(0, -2), line(3, -4, 5),  // a return on two lines
      line(3, -1, 6), line(4, 0),  line(7, 1),      // no such item
      line(2, 3),
  };
  const Moment when(Day(5), 60);
  const Receipt receipt{"17", when, StoreId(1), TillId(2), CustomerIndex(3), lines};
  for (int again = 0; again < 2; ++again) {
    const Receipt netted = net(receipt);
    CHECK(as_text(netted) == "0x2@1 0x1@2 3x-5@5 2x2@1 ");
    CHECK(netted.id == "17");
    CHECK(netted.when == when);
    CHECK(netted.store == StoreId(1));
    CHECK(netted.till == TillId(2));
    CHECK(netted.customer == CustomerIndex(3));
  }
  CHECK(net({.when = when}).lines.empty());
}

TEST_CASE("Netting allocates nothing for a receipt that is no longer than the catalogue") {
  NetReceipt net(3);
  const std::vector<ReceiptLine> few{line(0, 1), line(0, 1), line(1, -1)};
  const std::vector<ReceiptLine> many(100, line(2, 1));
  std::size_t left = 0;
  CHECK(bodega_test::allocations_in([&] { left = net({.lines = few}).lines.size(); }) == 0);
  CHECK(left == 3);
  CHECK(net({.lines = many}).lines.size() == 100);
}
