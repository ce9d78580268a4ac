// SPDX-License-Identifier: MIT
#include <bodega/data/net_returns.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("A return takes from its owner's latest purchases of the code") {
  const auto line = [](std::uint32_t receipt, std::uint32_t code, std::int64_t units) {
    DraftLine made{.receipt = receipt, .quantity = Quantity::from_whole(units), .price = {}};
    made.code = code & (DraftLine::most_codes - 1);
    return made;
  };
  std::vector<DraftLine> lines{
      line(0, 1, 3),   // what is left of it: 2
      line(1, 1, 2),   // nothing
      line(1, 2, 1),   // another code
      line(2, 1, 9),   // another owner
      line(3, 1, -3),  // takes 2, then 1
      line(3, 2, -4),  // finds 1
      line(4, 1, 5),   // later
  };
  const NettedReturns netted = net_returns(std::span(lines), [](std::uint32_t receipt) {
    return Buyer{receipt == 2, 0, true, static_cast<std::int32_t>(receipt)};
  });
  CHECK(netted.unmatched == 1);
  CHECK(netted.sales_undone == 2);
  const std::int64_t left[] = {2, 0, 0, 9, 0, -3, 5};
  for (std::size_t i = 0; i < lines.size(); ++i)
    CHECK(lines[i].quantity == Quantity::from_whole(left[i]));
}
