// SPDX-License-Identifier: MIT
#include <bodega/data/time_text.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("Times of all kinds are one moment") {
  const Moment moment = *Moment::parse("2009-12-31 20:26:05");
  for (const char* text :
       {"2009-12-31 20:26:05", "2009-12-31T20:26:05.999Z", "31.12.2009 20:26:05",
        "12/31/2009 8:26:05 PM", "Dec 31, 2009, 20:26:05", "31 December 2009 20:26:05",
        "20091231T202605+0100", "31-12-09 8:26:05 p.m.", "2009-12-31 20:26:05 UTC"}) {
    INFO(text);
    CHECK(TimeText(text).read(DateOrder::infer) == moment);
  }
  CHECK(TimeText("01/02/69").read(DateOrder::day_first) == Moment::parse("2069-02-01"));
  CHECK(TimeText("01/02/70").read(DateOrder::month_first) == Moment::parse("1970-01-02"));
  CHECK(TimeText("2016-12-31 23:59:60").read(DateOrder::infer) ==
        Moment::parse("2016-12-31 23:59:59"));
}

TEST_CASE("What is no time is none") {
  for (const char* text : {"", " ", "2009", "2009-12", "2009-13-01", "29/02/2023",
                           "2009-12-31 24:01", "2009-12-31 12:60", "2009-12-31 13:00 PM",
                           "2009-12-31 0:00 AM", "2009-12-31 12:00 +25:00", "2009-12-31 12:00 CET",
                           "1.2.3.4", "2009-12-31 x", "0000-01-01", "40513.35", "Foo 1, 2009"}) {
    INFO(text);
    CHECK_FALSE(TimeText(text).valid());
  }
}

TEST_CASE("A date tells the order of day and month, or may be either") {
  CHECK(TimeText("13/4/2024").order() == DateOrder::day_first);
  CHECK(TimeText("4/13/2024").order() == DateOrder::month_first);
  CHECK(TimeText("3/4/2024").either());
  CHECK_FALSE(TimeText("4/4/2024").either());
  CHECK_FALSE(TimeText("3.4.2024").either());
  CHECK_FALSE(TimeText("2024/3/4").either());
  TimeColumn column;
  CHECK(column.learn("2024-03-04", 2));
  CHECK(column.learn("4/4/2024", 3));
  CHECK_FALSE(column.learn("3/4/2024", 4));
  CHECK(column.ambiguous_line() == 4);
  CHECK(column.learn("4/13/2024", 5));
  CHECK(column.order() == DateOrder::month_first);
  bool zoned = true;
  CHECK(column.read("3/4/2024", &zoned) == Moment::parse("2024-03-04"));
  CHECK_FALSE(zoned);
  CHECK_FALSE(column.read("13/4/2024", &zoned));
}
