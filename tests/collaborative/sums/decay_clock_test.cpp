// SPDX-License-Identifier: MIT
#include <cmath>

#include <bodega/collaborative/sums/decay_clock.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using bodega::Day;
using bodega::DecayClock;
using bodega::ErrorCode;
using bodega_test::Approx;

TEST_CASE("a sum kept by the clock is the sum of 2^-(age / half-life)") {
  for (const double half_life : {0.5, 7.0, 30.0, 1000.0}) {
    DecayClock clock(half_life, "test");
    double stored = 0;
    for (int d = 0; d < 2000; d += 3) {  // over 32 half-lives for the short ones
      stored = std::ldexp(stored, clock.advance(Day(15000 + d)));
      stored += clock.weight(Day(15000 + d));
      REQUIRE(std::isfinite(stored));
    }
    double expected = 0;
    for (int d = 0; d < 2000; d += 3) expected += std::exp2(-(1998 - d) / half_life);
    CHECK(clock.day() == Day(16998));
    CHECK(stored * clock.present() == Approx(expected));
  }
}

TEST_CASE("the day of the clock never goes back, and a late receipt weighs what its age says") {
  DecayClock clock(10, "test");
  CHECK(clock.advance(Day(100)) == 0);
  CHECK(clock.advance(Day(90)) == 0);
  CHECK(clock.day() == Day(100));
  CHECK(clock.weight(Day(90)) * clock.present() == Approx(0.5));
  CHECK(clock.weight(Day(110)) * clock.present() == Approx(2));
}

TEST_CASE("days before 1970 decay like any other") {
  DecayClock clock(10, "test");
  CHECK(clock.advance(Day(-100)) == 0);
  CHECK(clock.weight(Day(-110)) * clock.present() == Approx(0.5));
}

TEST_CASE("without a half-life everything weighs 1") {
  DecayClock clock(0, "test");
  CHECK_FALSE(clock.started());
  CHECK(clock.advance(Day(100)) == 0);
  CHECK(clock.advance(Day(100000)) == 0);
  CHECK(clock.weight(Day(0)) == 1);
  CHECK(clock.present() == 1);
}

TEST_CASE("joined clocks agree on day and epoch") {
  DecayClock early(10, "test"), late(10, "test"), fresh(10, "test");
  CHECK(early.advance(Day(100)) == 0);
  CHECK(late.advance(Day(1000)) == 0);
  const double before = early.weight(Day(100));
  DecayClock joined = early;
  const auto shifts = joined.join(late);
  CHECK(shifts.mine == -90);  // 900 days are 90 half-lives
  CHECK(shifts.others == 0);
  CHECK(joined == late);
  CHECK(std::ldexp(before, shifts.mine) == joined.weight(Day(100)));  // exactly

  const auto other_way = late.join(early);
  CHECK(other_way.mine == 0);
  CHECK(other_way.others == -90);
  CHECK(fresh.join(early).others == 0);
  CHECK(fresh == early);
  CHECK(early.join(DecayClock(10, "test")).mine == 0);
  CHECK(early == fresh);
}

TEST_CASE("a half-life that makes no sense is an Error") {
  CHECK_ERROR(DecayClock(-1, "shop"), ErrorCode::invalid_argument, "shop, half_life_days");
  CHECK_ERROR(DecayClock(NAN, "shop"), ErrorCode::invalid_argument, "half_life_days");
  CHECK_ERROR(DecayClock(INFINITY, "shop"), ErrorCode::invalid_argument, "half_life_days");
}
