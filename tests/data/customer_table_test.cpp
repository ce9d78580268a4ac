// SPDX-License-Identifier: MIT
#include <bodega/data/customer_table.hpp>

#include <map>
#include <string>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/failing_allocations.hpp"
#include "reload.hpp"

using namespace bodega;

namespace {
constexpr CardKey key{0x0123456789abcdef, 0xfedcba9876543210};

StringSet three_cards() {
  StringSet cards;
  for (const char* card : {"77", "loyal-0001", "78"}) cards.add(card);
  return cards;
}
}  // namespace

TEST_CASE("Customers of receipts keep their index, found by their cards") {
  const CustomerTable table(three_cards(), key);
  CHECK(table.size() == 3);
  CHECK(table.find("77") == CustomerIndex(0));
  CHECK(table.find("loyal-0001") == CustomerIndex(1));
  CHECK(table.find("78") == CustomerIndex(2));
  CHECK(table.find("079").is_none());
  CHECK(table.find("").is_none());
  CHECK(table.find(table.hash("78")) == CustomerIndex(2));
  CHECK(table.hash(CustomerIndex(2)) == table.hash("78"));
  CHECK(table.hash(CustomerIndex(3)) == CustomerTable::no_card);
}

TEST_CASE("A card never seen becomes the next customer, once") {
  CustomerTable table(three_cards(), key);
  CHECK(table.add("78") == CustomerIndex(2));
  CHECK(table.add("new") == CustomerIndex(3));
  CHECK(table.add("new") == CustomerIndex(3));
  CHECK(table.add("").is_none());
  CHECK(table.add(CustomerTable::no_card).is_none());
  CHECK(table.size() == 4);
  CHECK(table.find("new") == CustomerIndex(3));
}

TEST_CASE("As a map from cards to indices, through a file and back") {
  const CounterRandom random(5);
  CustomerTable table(key);
  std::map<std::string, std::uint32_t> expected;
  for (std::uint64_t n = 0; n < 5000; ++n) {
    const std::string card = "card " + std::to_string(random.below(2000, n, 0));
    const auto [at, is_new] = expected.emplace(card, static_cast<std::uint32_t>(expected.size()));
    CHECK(table.find(card).is_none() == is_new);
    CHECK(table.add(card) == CustomerIndex(at->second));
  }
  CHECK(table.size() == expected.size());
  const CustomerTable copy = bodega_test::reload(table);
  CHECK(copy == table);
  for (const auto& [card, index] : expected) CHECK(copy.find(card) == CustomerIndex(index));
}

TEST_CASE("A bundle holds the key and no card") {
  StringSet cards = three_cards();
  cards.add("4012345678901");
  Bundle bundle;
  bundle.add("cards", CustomerTable(cards, key));
  const std::vector<std::byte> file = bundle.serialize();
  const std::string text(reinterpret_cast<const char*>(file.data()), file.size());
  CHECK(text.find("4012345678901") == std::string::npos);
  CHECK(text.find("loyal") == std::string::npos);
  const auto read = Bundle::parse(file).get<CustomerTable>("cards");
  CHECK(read.find("4012345678901") == CustomerIndex(3));
  CHECK(read.key() == key);
}

TEST_CASE("Another key gives other hashes, and keys are drawn anew") {
  const CustomerTable one(three_cards(), key), other(three_cards(), {key[0], key[1] + 1});
  CHECK(one.hash("77") != other.hash("77"));
  CHECK(other.find(one.hash("77")).is_none());
  CHECK_FALSE(one == other);
  CHECK(draw_card_key() != draw_card_key());
}

TEST_CASE("A table without a key knows nobody") {
  CustomerTable table;
  CHECK(table.full());
  CHECK(table.hash("77") == CustomerTable::no_card);
  CHECK(table.add("77").is_none());
  CHECK(table.add(77).is_none());
  CHECK(table.find("77").is_none());
  CHECK_FALSE(table.key());
  CHECK_NOTHROW(table.validate("empty"));
  CHECK_ERROR(CustomerTable(CardKey{}), ErrorCode::invalid_argument, "key");
}

TEST_CASE("A table takes so many customers and no more") {
  CustomerTable table(key);
  for (std::uint64_t n = 1; n <= most_customers; ++n) table.add(n);
  CHECK(table.full());
  CHECK(table.size() == most_customers);
  CHECK(table.add(std::uint64_t{most_customers} + 1).is_none());
  CHECK(table.add(7) == CustomerIndex(6));
  CHECK(table.size() == most_customers);
}

TEST_CASE("Hashes made to collide in a table of slots are found as fast as others") {
  // All equal in their lower 40 bits.
  CustomerTable table(key);
  for (std::uint64_t n = 1; n <= 200'000; ++n) table.add(n << 40 | 1);
  CHECK(table.size() == 200'000);  // in a moment; it took minutes if each walked over all others
  CHECK(table.find(std::uint64_t{199'999} << 40 | 1) == CustomerIndex(199'998));
}

TEST_CASE("A table that a file spoilt is refused") {
  using Numbers = std::vector<std::uint64_t>;
  const CustomerTable table(three_cards(), key);
  const auto spoilt = [&](const std::string& which, const Numbers& numbers) {
    return bodega_test::reload(table, [&]<class Leaf>(const std::string& name, Leaf& leaf, Role) {
      if (name == which) leaf = numbers;
    });
  };
  CHECK_ERROR(spoilt("key", {}), ErrorCode::shape, "key");
  CHECK_ERROR(spoilt("key", {0, 0}), ErrorCode::invalid_argument, "key");
  CHECK_ERROR(spoilt("key", {1, 2, 3}), ErrorCode::shape, "key");
  CHECK_ERROR(spoilt("hashes", {5, 0}), ErrorCode::out_of_range, "customer 1");
  CHECK_ERROR(spoilt("hashes", {5, 6, 5}), ErrorCode::duplicate, "customer 0");
  CHECK_ERROR(spoilt("hashes", Numbers(most_customers + 1, 1)), ErrorCode::out_of_range,
              "customers");
}

TEST_CASE("A failed allocation leaves a table of customers as it was") {
  CustomerTable table(key);
  for (std::uint64_t n = 1; n <= 8; ++n) table.add(n);
  const std::size_t allocations = bodega_test::check_failing_allocations(
      table, [](CustomerTable& changed) { changed.add(99); },
      [](const CustomerTable& unchanged) {
        CHECK(unchanged.find(99).is_none() == (unchanged.size() == 8));
        CHECK(unchanged.find(8) == CustomerIndex(7));
      });
  CHECK(allocations > 0);
}
