// SPDX-License-Identifier: MIT
#include <bodega/core/units.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

TEST_CASE("Decimal numbers are read exactly") {
  CHECK(Money::parse("2.55")->raw() == 25'500);
  CHECK(Money::parse("-0.0001")->raw() == -1);
  CHECK(Money::parse("+3")->raw() == 30'000);
  CHECK(Money::parse(".5")->raw() == 5'000);
  CHECK(Money::parse("5.")->raw() == 50'000);
  CHECK(Money::parse("0007")->raw() == 70'000);
  CHECK(Money::parse("0.12340000000000000000000000")->raw() == 1'234);
  CHECK(Quantity::parse("0.125")->value() == 0.125);
  CHECK(Money::parse("-0") == Money());
}

TEST_CASE("What is no decimal number, or too fine or large, is not read") {
  for (const char* text : {"", "-", "+", ".", "1e3", "1,5", " 1", "1 ", "--1", "1.2.3", "0x1",
                           "NaN", "inf", "0.00001"}) {
    INFO(text);
    CHECK_FALSE(Money::parse(text));
  }
  CHECK_FALSE(Quantity::parse("0.0005"));
  CHECK(Quantity::parse("576460752303423"));
  CHECK_FALSE(Quantity::parse("576460752303424"));
  CHECK_FALSE(Quantity::parse("99999999999999999999999999999999"));
  CHECK_FALSE(Quantity::parse("-576460752303424"));
}

TEST_CASE("Sums of money are exact") {
  Money sum;
  for (int i = 0; i < 1000; ++i) sum += *Money::parse("0.1");
  CHECK(sum == Money::from_whole(100));
  CHECK(-(sum - Money::from_whole(101)) == Money::from_whole(1));
  CHECK(Money::from_whole(-1) < Money());
}

TEST_CASE("Days are read, written and counted in the Gregorian calendar") {
  CHECK(Day::parse("1970-01-01")->days_since_1970() == 0);
  CHECK(Day::parse("2000-03-01")->days_since_1970() == 11'017);
  CHECK(Day::parse("1969-12-31")->days_since_1970() == -1);
  CHECK(Day::parse("0001-01-01")->days_since_1970() == -719'162);
  CHECK(Day::parse("9999-12-31")->days_since_1970() == 2'932'896);
  CHECK(Day::parse("2012-02-29"));
  CHECK(Day::parse("2000-02-29"));
  for (const char* text : {"2011-02-29", "1900-02-29", "2011-02-30", "2011-00-10", "2011-13-01",
                           "2011-04-31", "2011-01-00", "0000-01-01", "2011-1-1", "2011/01/01",
                           "11-01-2011", "2011-01-01 ", "2011-01-0a", "", "+011-01-01"}) {
    INFO(text);
    CHECK_FALSE(Day::parse(text));
  }
}

TEST_CASE("Every day of four centuries follows the one before") {
  Day day = *Day::from_civil(1800, 1, 1);
  int year = 1800, month = 1, in_month = 1;
  while (year < 2200) {
    const Day::Civil civil = day.civil();
    REQUIRE((civil.year == year && civil.month == month && civil.day == in_month));
    REQUIRE(Day::from_civil(year, month, in_month) == day);
    REQUIRE(Day::parse(day.to_string()) == day);
    const Day next = day + 1;
    REQUIRE(next.weekday() == (day.weekday() + 1) % 7);
    if (Day::from_civil(year, month, in_month + 1)) {
      ++in_month;
    } else {
      in_month = 1;
      month = month % 12 + 1;
      year += month == 1;
    }
    day = next;
  }
  CHECK(Day::parse("1970-01-01")->weekday() == 3);  // a Thursday
  CHECK(Day::parse("2011-12-09")->weekday() == 4);  // a Friday
}

TEST_CASE("A moment has a day and a second of it") {
  const Moment moment = *Moment::parse("2011-12-09 12:50");
  CHECK(moment.day() == Day::parse("2011-12-09"));
  CHECK(moment.second_of_day() == 12 * 3600 + 50 * 60);
  CHECK(Moment::parse("2011-12-09T12:50:00") == moment);
  CHECK(Moment::parse("2011-12-09") == Moment(*Day::parse("2011-12-09")));
  CHECK(Moment::parse("1969-12-31 23:59:59")->seconds_since_1970() == -1);
  CHECK(Moment(-1).day() == Day(-1));
  CHECK(Moment(-1).second_of_day() == 86'399);
  CHECK(Moment(-86'400).day() == Day(-1));
  for (const char* text : {"2011-12-09 24:00", "2011-12-09 12:60", "2011-12-09 12:50:60",
                           "2011-12-09 1:50", "2011-12-09 12.50", "2011-12-09 12:50Z",
                           "2011-12-09  2:50", "2011-12-09_12:50", "12:50", "2011-02-29 12:50"}) {
    INFO(text);
    CHECK_FALSE(Moment::parse(text));
  }
}

TEST_CASE("half-done objects: days and moments beyond the years 1 to 9999 are refused") {
  CHECK(Day(Day::first_number).to_string() == "0001-01-01");
  CHECK(Day(Day::last_number).to_string() == "9999-12-31");
  for (const std::int64_t bad :
       {std::int64_t{Day::first_number} - 1, std::int64_t{Day::last_number} + 1,
        std::int64_t{INT32_MAX}, std::int64_t{INT32_MAX} + 1, INT64_MAX, INT64_MIN,
        std::int64_t{1'764'000'000}})  // seconds taken for days
    CHECK_ERROR(Day(bad), ErrorCode::out_of_range, "Day");
  CHECK(Day(Day::last_number) + 1 == Day(Day::last_number));
  CHECK(Day(Day::last_number) + INT32_MAX == Day(Day::last_number));
  CHECK(Day(Day::first_number) - INT32_MAX == Day(Day::first_number));
  CHECK(Day(0) - INT32_MIN == Day(Day::last_number));
  CHECK(++Day(Day::last_number) == Day(Day::last_number));

  CHECK(Moment(*Day::parse("9999-12-31"), 86399).day() == Day(Day::last_number));
  CHECK(Moment(*Day::parse("0001-01-01")).second_of_day() == 0);
  for (const std::int64_t bad :
       {std::int64_t{1'764'000'000'000}, INT64_MAX, INT64_MIN,
        std::int64_t{Day::last_number} * 86400 + 86400})  // milliseconds taken for seconds
    CHECK_ERROR(Moment(bad), ErrorCode::out_of_range, "Moment");
  CHECK_ERROR(Moment(Day(Day::last_number), 86400), ErrorCode::out_of_range, "Moment");
}

TEST_CASE("half-done objects: sums of ten million lines do not overflow") {
  Quantity sum, back;
  const Quantity line = Quantity::from_whole(1'000'000'000);
  for (int i = 0; i < 10'000'000; ++i) {
    sum += line;
    back -= line;
  }
  CHECK(sum > line);
  CHECK(back < -line);
  CHECK(sum.raw() == INT64_MAX);
  CHECK(back.raw() == -INT64_MAX);
  CHECK(-Quantity::from_raw(INT64_MIN) == sum);
  CHECK(Quantity::from_whole(INT64_MAX) > line);
  CHECK(Quantity::from_whole(INT64_MIN) < -line);
}
