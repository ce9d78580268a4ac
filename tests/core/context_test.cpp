// SPDX-License-Identifier: MIT
#include <bodega/core/context.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("A context says nothing of its own accord") {
  constexpr Context context;
  STATIC_REQUIRE(context.store.is_none());
  STATIC_REQUIRE_FALSE(context.knows_weekday());
  STATIC_REQUIRE_FALSE(context.knows_hour());
  STATIC_REQUIRE(context.channel == Channel::unknown);
  STATIC_REQUIRE(context.rush == Rush::unknown);
}

TEST_CASE("A moment gives weekday and hour of the shop's clock") {
  const Moment friday(Day(19998).days_since_1970() * std::int64_t{86400} + 9 * 3600 + 3599);
  const Context context(StoreId(3), friday, Channel::kiosk, Rush::busy);
  CHECK(context.weekday == friday.day().weekday());
  CHECK(context.hour == 9);
  CHECK(context == Context(StoreId(3), context.weekday, 9, Channel::kiosk, Rush::busy));
  CHECK_FALSE(context == Context(StoreId(3), context.weekday, 9));
}

TEST_CASE("Hours and weekdays that no clock shows are not known") {
  CHECK(Context(StoreId(), 6, 23).knows_weekday());
  CHECK(Context(StoreId(), 6, 23).knows_hour());
  CHECK_FALSE(Context(StoreId(), 7, 24).knows_weekday());
  CHECK_FALSE(Context(StoreId(), 7, 24).knows_hour());
  CHECK_FALSE(Context(StoreId(), -7, -24).knows_hour());
}
