// SPDX-License-Identifier: MIT
#include <bodega/data/receipt.hpp>

#include <vector>

#include <bodega/data/receipts.hpp>

#include "catch.hpp"

using namespace bodega;

namespace {
struct Counter {
  std::size_t receipts = 0;
  void observe(const Receipt&) { ++receipts; }
};
struct Deaf {};
}  // namespace

TEST_CASE("A receipt of which nothing is said knows nothing") {
  const Receipt receipt;
  CHECK(receipt.id.empty());
  CHECK(receipt.store.is_none());
  CHECK(receipt.till.is_none());
  CHECK(receipt.customer.is_none());
  CHECK(receipt.lines.empty());
}

TEST_CASE("What hears receipts, and what is a list of them, is told by the compiler") {
  STATIC_REQUIRE(Listener<Counter>);
  STATIC_REQUIRE_FALSE(Listener<Deaf>);
  STATIC_REQUIRE(ReceiptList<Receipts>);
  STATIC_REQUIRE_FALSE(ReceiptList<std::vector<Receipt>>);
}
