// SPDX-License-Identifier: MIT
#include <bodega/core/units.hpp>
#include <bodega/data/number_text.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("A number says of its decimal mark what it can") {
  const auto evidence = [](const char* text) { return NumberText(text).evidence(); };
  for (const char* text : {"12", "-3", "1e3", "1 234", "1'234"})
    CHECK(evidence(text) == DecimalEvidence::none);
  for (const char* text : {"0.5", ".5", "0.375", "12.25", "1234.567", "1,234.5", "1,234,567",
                           "1,00,000.00", "1 234.567", "1.5e3"})
    CHECK(evidence(text) == DecimalEvidence::point);
  for (const char* text : {"0,5", "12,25", "1.234,5", "1.234.567", "1'234,5"})
    CHECK(evidence(text) == DecimalEvidence::comma);
  for (const char* text : {"1.200", "12,345", "999.000"})
    CHECK(evidence(text) == DecimalEvidence::either);
}

TEST_CASE("Numbers are scaled and rounded half away from zero") {
  const auto scaled = [](const char* text, DecimalMark mark = DecimalMark::point) {
    return NumberText(text).scaled(mark, 1000);
  };
  CHECK(scaled("1.0005") == 1001);
  CHECK(scaled("-1.0005") == -1001);
  CHECK(scaled("1.00049") == 1000);
  CHECK(scaled("0.9999") == 1000);
  CHECK(scaled("0.0004") == 0);
  CHECK(scaled("1e-2") == 10);
  CHECK(scaled("1e-9") == 0);
  CHECK(scaled("1.200", DecimalMark::comma) == 1'200'000);
  CHECK(scaled("(2)") == -2000);
  CHECK(scaled("2-") == -2000);
  CHECK(scaled("99999999999999999999") == std::nullopt);
  CHECK(scaled("1e30") == std::nullopt);
  CHECK(scaled("0,5") == std::nullopt);  // the other mark
  for (const char* text : {"", " ", "-", ".", "1..2", "1,2,3", "1.2.3", "1,23,4", "1 23", "e3",
                           "1e", "1e5000", "0x10", "1-2", "--1", "nan", "inf", "1\n2"})
    CHECK_FALSE(NumberText(text).scaled(DecimalMark::point, 1000));
}

TEST_CASE("A column learns its mark from the first number that tells") {
  NumberColumn column;
  CHECK(column.learn("12", 2));
  CHECK_FALSE(column.learn("1.200", 3));
  CHECK(column.ambiguous() == "1.200");
  CHECK(column.learn("3,5", 4));
  CHECK(column.mark() == DecimalMark::comma);
  CHECK(column.decided_line() == 4);
  bool rounded = true;
  CHECK(column.read<Quantity>("1.200", &rounded) == Quantity::from_whole(1200));
  CHECK_FALSE(rounded);
  CHECK_FALSE(column.read<Quantity>("3.5", &rounded));
}
