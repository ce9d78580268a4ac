// SPDX-License-Identifier: MIT
#include <bodega/till/spelled_receipt.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("A receipt without rules is as it came") {
  const TillReceiptLine lines[] = {{" a1 ", Quantity::from_whole(2)}};
  const TillReceipt receipt{.id = " 7 ", .card = "guest", .lines = lines};
  const SpelledReceipt spelled(receipt, nullptr);
  CHECK(spelled->id == " 7 ");
  CHECK(spelled->card == "guest");
  CHECK(spelled->lines.data() == lines);
}

TEST_CASE("A receipt is spelled as its shop's rules have it, weights in codes and all") {
  const CodeRules rules({.item = {CodeRule::upper_case_trimmed},
                         .receipt = {CodeRule::trimmed},
                         .variable_weight = {{.pattern = "21IIIIIWWWWWC", .places = 3}}});
  const TillReceiptLine lines[] = {{" a1 ", Quantity::from_whole(2)},
                                   {"2112345012506", Quantity::from_whole(2)}};
  const TillReceipt receipt{.id = " 7 ", .card = "", .lines = lines};
  const SpelledReceipt spelled(receipt, &rules);
  CHECK(spelled->id == "7");
  CHECK(spelled->card.empty());
  REQUIRE(spelled->lines.size() == 2);
  CHECK(spelled->lines[0].code == "A1");
  CHECK(spelled->lines[0].quantity == Quantity::from_whole(2));
  CHECK(spelled->lines[1].code.starts_with("211234500000"));
  CHECK(spelled->lines[1].quantity == Quantity::from_raw(2500));
}
