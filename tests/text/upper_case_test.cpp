// SPDX-License-Identifier: MIT
#include <bodega/text/upper_case.hpp>

#include <string>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("Small letters of every script become capitals, and nothing else changes") {
  CHECK(upper_case("85123a") == "85123A");
  CHECK(upper_case("crème brûlée") == "CRÈME BRÛLÉE");
  CHECK(upper_case("молоко, ω") == "МОЛОКО, Ω");
  CHECK(upper_case("Straße 7") == "STRAßE 7");
  CHECK(upper_case("牛乳 \u30ab") == "牛乳 \u30ab");
  CHECK(upper_case("") == "");
}

TEST_CASE("Bytes that are not UTF-8 stay as they are") {
  CHECK(upper_case("a\xff\xc3z") == "A\xff\xc3Z");
}

TEST_CASE("One letter at a time") {
  CHECK(upper_case(U'a') == U'A');
  CHECK(upper_case(U'{') == U'{');
  CHECK(upper_case(U'\u00ff') == U'\u0178');
  CHECK(upper_case(U'\u0101') == U'\u0100');  // every second letter of a run
  CHECK(upper_case(U'\u0100') == U'\u0100');
  CHECK(upper_case(U'\U0010ffff') == U'\U0010ffff');
}
