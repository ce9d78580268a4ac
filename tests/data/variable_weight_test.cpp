// SPDX-License-Identifier: MIT
#include <bodega/data/variable_weight.hpp>

#include "check_error.hpp"

using namespace bodega;

TEST_CASE("A scheme of weights reads its codes and no others") {
  const VariableWeight scheme{"21IIIIIWWWWWC"};
  scheme.validate();
  CodeBuffer room, other;
  const auto first = scheme.read("2112345004508", room),
             second = scheme.read("2112345012305", other);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->code == second->code);
  CHECK(first->code.starts_with("211234500000"));
  CHECK(first->code.back() == gtin_check_digit("211234500000"));
  CHECK(first->weight == Quantity::parse("0.450"));
  CHECK(second->weight == Quantity::parse("1.230"));
  CHECK_FALSE(first->price);
  CHECK_FALSE(scheme.read("2212345004508", room));
  CHECK_FALSE(scheme.read("211234500450", room));
  CHECK_FALSE(scheme.read("21123450045a8", room));
}

TEST_CASE("A scheme may hold a price, and a check digit of it") {
  const VariableWeight scheme{"28IIIIVPPPPPC", 2};
  scheme.validate();
  CodeBuffer room;
  const auto read = scheme.read("2812347002507", room);
  REQUIRE(read);
  CHECK(read->price == Money::parse("2.50"));
  CHECK_FALSE(read->weight);
  CHECK(read->code.starts_with("281234000000"));
}

TEST_CASE("Whole numbers of units are packs of the weight") {
  const ScannedItem pack{"A", Quantity::parse("0.450"), {}}, piece{"B"};
  CHECK(pack.units(Quantity::from_whole(2)) == Quantity::parse("0.9"));
  CHECK(pack.units(Quantity::from_whole(-1)) == Quantity::parse("-0.45"));
  CHECK(pack.units(*Quantity::parse("0.5")) == Quantity::parse("0.5"));
  CHECK(piece.units(Quantity::from_whole(3)) == Quantity::from_whole(3));
  CHECK_FALSE(pack.units(Quantity::from_whole(1'000'001)));
  CHECK_FALSE(pack.units(Quantity::from_whole(-1'000'001)));
}

TEST_CASE("What is no scheme is refused") {
  const auto check = [](const VariableWeight& scheme) {
    INFO(scheme.pattern);
    CHECK_ERROR(scheme.validate(), ErrorCode::invalid_argument, "variable_weight");
  };
  check({"21IIIIIWWWWWC", 5});
  check({"21IIIIIWWWWWC", -1});
  for (const char* pattern : {"", "21WWWWWC", "21IIIIIC", "21IIIIIWWWPPC", "21IIIIXWWWWWC",
                              "21CIIIIIWWWWW", "21IIIIIWWWWWWWWWWWC"})
    check({pattern});
  check({"21III" + std::string(30, '0') + "WWC"});
}
