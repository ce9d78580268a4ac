// SPDX-License-Identifier: MIT
#include <bodega/till/till_books.hpp>

#include <array>

#include <bodega/bundle/bundle.hpp>

#include "check_error.hpp"

using namespace bodega;

namespace {
const ItemIndex a(0), b(1);
}

TEST_CASE("An item was sold out unless a receipt was paid after it came back") {
  TillBooks books(2);
  CHECK_FALSE(books.sold_out(a));
  books.receipts_today = 3;
  books.note(a, true);
  CHECK_FALSE(books.sold_out(a));
  books.note(a, false);
  CHECK(books.sold_out(a));
  books.note(a, true);
  CHECK(books.sold_out(a));  // who knows whether anybody was there to buy it
  books.receipts_today = 4;
  CHECK_FALSE(books.sold_out(a));
  CHECK_FALSE(books.sold_out(b));
  books.begin_day([](ItemIndex item) { return item == a; });
  CHECK_FALSE(books.sold_out(a));
  CHECK(books.sold_out(b));
  books.prove_wrong(b);
  CHECK_FALSE(books.sold_out(b));
  CHECK(books.counts.stock_wrong == 1);
  books.note(ItemIndex(9), false);  // not of the shop
}

TEST_CASE(
    "Books keep the last items whose stock was wrong, go over to other models, and are saved") {
  TillBooks books(30);
  for (std::uint32_t i = 0; i < 30; ++i) books.prove_wrong(ItemIndex(i));
  REQUIRE(books.wrong.size() == TillBooks::most_wrong);
  CHECK(books.wrong.front() == 10);
  books.note(ItemIndex(29), false);
  books.clock.hear(Day(20'000), Day(10'000));
  Bundle bundle;
  bundle.add("books", books);
  const auto read = Bundle::parse(bundle.serialize()).get<TillBooks>("books");
  CHECK(read.wrong == books.wrong);
  CHECK(read.counts == books.counts);
  CHECK(read.back_at == books.back_at);
  TillClock clock = read.clock;
  clock.hear(Day(20'000), Day(10'000));
  CHECK(clock.hear(Day(20'001), Day(10'000)) == TillClock::Verdict::go_ahead);

  TillBooks other(2);
  other.carry(books, std::array{ItemIndex(29), ItemIndex()});
  CHECK(other.wrong == std::vector<std::uint32_t>{0});
  CHECK(other.sold_out(a));
  CHECK(other.counts.stock_wrong == 30);
  other.wrong.push_back(2);
  CHECK_ERROR(other.validate("books"), ErrorCode::out_of_range, "books, wrong");
}
