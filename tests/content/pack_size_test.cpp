// SPDX-License-Identifier: MIT
#include <string>
#include <string_view>

#include <bodega/content/pack_size.hpp>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

void check(std::string_view text, double amount, PackSize::Unit unit) {
  INFO(text);
  const auto size = parse_pack_size(text);
  REQUIRE(size.has_value());
  CHECK(size->amount == Approx(amount));
  CHECK(size->unit == unit);
}

}  // namespace

TEST_CASE("weights and volumes, alone and several of them") {
  using enum PackSize::Unit;
  check("BAG 500g SWIRLY MARBLES", 500, gram);
  check("Coffee 1.5 KG", 1500, gram);
  check("flour 1,5kg", 1500, gram);
  check("rice 1,000 g", 1000, gram);
  check("14.5 OZ", 14.5 * 28.349523, gram);
  check("2 LB", 907.18474, gram);
  check("12 FL OZ", 354.8823552, millilitre);
  check("1/2 GAL", 1892.705892, millilitre);
  check("cola 6x33cl", 1980, millilitre);
  check("cola 6 X 330 ml", 1980, millilitre);
  check("cola 33cl*6", 1980, millilitre);
  check(
      "cola 6\xC3\x97"
      "33cl",
      1980, millilitre);
  check("SET OF 4 jars 250ml", 250, millilitre);  // what is weighed or poured comes first
}

TEST_CASE("numbers of pieces") {
  using enum PackSize::Unit;
  check("SET OF 4 FAIRY CAKE PLACEMATS", 4, piece);
  check("SET/6 EAU DE NIL BIRD T-LIGHTS", 6, piece);
  check("PACK OF 72 SKULL CAKE CASES", 72, piece);
  check("SET 10 CARDS CHRISTMAS TREE 16955", 10, piece);
  check("6PC WOOD PLATE SET DISPOSABLE", 6, piece);
  check("16 PIECE CUTLERY SET PANTRY DESIGN", 16, piece);
  check("ROUND SNACK BOXES SET OF 4 SKULLS", 4, piece);
  check("candle holders S/3", 3, piece);
  check("72 CT", 72, piece);
}

TEST_CASE("what is no size") {
  for (const char* text :
       {"", "FAIRY CAKES NOTEBOOK A7 SIZE", "POLYESTER FILLER PAD 40x40cm", "PICNIC HAMPER FOR 2",
        "PAPER LANTERN 9 POINT HOLLY STAR S", "NUMBER TILE VINTAGE FONT 2", "0 g", "SET OF 0",
        "g 500", "DOLLY CABINET 2 DRAWERS", "x", "6x", "1/0 l", "set of", "\xFF\xFE 3\xC3"}) {
    INFO(text);
    CHECK_FALSE(parse_pack_size(text).has_value());
  }
  CHECK_FALSE(parse_pack_size(std::string(10'000, '9') + " g").has_value());
  CHECK_FALSE(parse_pack_size(std::string(10'000, 'g')).has_value());
}
