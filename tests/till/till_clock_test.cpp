// SPDX-License-Identifier: MIT
#include <bodega/till/till_clock.hpp>

#include "catch.hpp"

using namespace bodega;
using Verdict = TillClock::Verdict;

namespace {
const Day today(20'000);
}

TEST_CASE("Days near the last one are believed, and so is the first") {
  TillClock clock;
  CHECK(clock.hear(today, {}) == Verdict::believe);
  CHECK(clock.hear(today, today) == Verdict::believe);
  CHECK(clock.hear(today + 30, today) == Verdict::believe);
  CHECK(clock.hear(today - 400, today + 30) == Verdict::believe);  // a late receipt
}

TEST_CASE("A day far ahead is held back until three receipts agree") {
  TillClock clock;
  clock.hear(today, {});
  CHECK(clock.hear(today + 300, today) == Verdict::hold);
  CHECK(clock.hear(today + 1, today) == Verdict::believe);  // begins anew
  CHECK(clock.hear(today + 300, today + 1) == Verdict::hold);
  CHECK(clock.hear(today + 600, today + 1) == Verdict::hold);  // of another day
  CHECK(clock.hear(today + 600, today + 1) == Verdict::hold);
  CHECK(clock.hear(today + 601, today + 1) == Verdict::go_ahead);
  CHECK(clock.hear(today + 601, today + 601) == Verdict::believe);
}

TEST_CASE("A move ahead that was wrong is taken back") {
  TillClock clock;
  clock.hear(today, {});
  for (int n = 0; n < 2; ++n) CHECK(clock.hear(today + 300, today) == Verdict::hold);
  CHECK(clock.hear(today + 300, today) == Verdict::go_ahead);
  for (int n = 0; n < 19; ++n) CHECK(clock.hear(today + 1, today + 300) == Verdict::hold);
  CHECK(clock.hear(today + 1, today + 300) == Verdict::go_back);
  CHECK(clock.hear(today + 2, today + 1) == Verdict::believe);
}

TEST_CASE("A move ahead that days have confirmed stays") {
  TillClock clock;
  clock.hear(today, {});
  for (int n = 0; n < 3; ++n) clock.hear(today + 300, today);
  for (int day = 301; day < 306; ++day) clock.hear(today + day, today + day - 1);
  for (int n = 0; n < 50; ++n) CHECK(clock.hear(today + 1, today + 305) == Verdict::believe);
}

TEST_CASE("A clock believes no day of other centuries, however many receipts agree on it") {
  TillClock clock;
  for (int n = 0; n < 30; ++n) {
    CHECK(clock.hear(*Day::from_civil(1899, 12, 31), std::nullopt) == TillClock::Verdict::hold);
    CHECK(clock.hear(*Day::from_civil(2200, 1, 1), Day(20'000)) == TillClock::Verdict::hold);
  }
  CHECK(clock.hear(Day(20'001), std::nullopt) == TillClock::Verdict::believe);
}
