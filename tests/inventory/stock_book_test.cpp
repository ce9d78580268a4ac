// SPDX-License-Identifier: MIT
#include <bodega/inventory/stock_book.hpp>

#include <bodega/bundle/bundle.hpp>

#include "check_error.hpp"

using namespace bodega;

namespace {
const ItemIndex a(0), b(1), none(7);
Quantity units(std::int64_t whole) { return Quantity::from_whole(whole); }
}  // namespace

TEST_CASE("A book of stock keeps amounts and the time of which they were counted") {
  StockBook book(2);
  CHECK_FALSE(book.units(a));
  CHECK(book.available(a));
  book.add(a, units(3));
  CHECK_FALSE(book.units(a));  // unknown stays unknown
  CHECK(book.set(a, units(5), Moment(100)));
  CHECK(book.as_of(a) == Moment(100));
  CHECK_FALSE(book.set(a, units(9), Moment(99)));
  CHECK(book.units(a) == units(5));
  CHECK(book.set(a, units(4), Moment(100)));  // of equal times the last one counts
  book.add(a, -units(1));
  CHECK(book.units(a) == units(3));
  book.add(a, -units(10));
  CHECK(book.units(a) == units(0));
  CHECK_FALSE(book.available(a));
  CHECK(book.set(a, std::nullopt, Moment(101)));
  CHECK_FALSE(book.units(a));
  CHECK(book.available(a));
  book.forget(a);
  CHECK(book.as_of(a) == Moment(101));
  CHECK(book.set(none, units(1), Moment(5)));  // not of the book
  book.add(none, units(1));
  CHECK(book.available(none));
}

TEST_CASE("Crumbs are not available") {
  StockBook book(2);
  book.set(a, Quantity::from_raw(4), Moment(0));
  book.set(b, Quantity::from_raw(4), Moment(0));
  CHECK(book.available(a));
  book.set_least(Quantity::from_raw(5));
  CHECK_FALSE(book.available(a));
  book.set_least(b, Quantity::from_raw(4));
  CHECK(book.available(b));
  book.grow(3);
  CHECK(book.least(ItemIndex(2)) == Quantity::from_raw(5));
  CHECK_FALSE(book.units(ItemIndex(2)));
}

TEST_CASE("A book of stock is kept in a bundle") {
  StockBook book(2);
  book.set(a, units(5), Moment(100));
  book.set_least(Quantity::from_raw(5));
  Bundle bundle;
  bundle.add("stock", book);
  CHECK(Bundle::parse(bundle.serialize()).get<StockBook>("stock") == book);
  StockBook other(1);
  other.copy_defaults(book);
  other.copy(a, book, a);
  other.copy(a, book, none);
  CHECK(other.units(a) == units(5));
  CHECK(other.as_of(a) == Moment(100));
  CHECK(other.least_of_all() == Quantity::from_raw(5));
}
