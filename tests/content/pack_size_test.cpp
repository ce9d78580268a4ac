// SPDX-License-Identifier: MIT
#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include <bodega/content/pack_size.hpp>
#include <bodega/content/tokenizer.hpp>

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

TEST_CASE("numbers as the world writes them: pack sizes with points, commas and blanks") {
  using enum PackSize::Unit;
  check(".33 l", 330, millilitre);
  check("BEER .33L", 330, millilitre);
  check("COLA ,5 l", 500, millilitre);
  check("6x.33l", 1980, millilitre);
  check("WINE 0,750 L", 750, millilitre);
  check("WINE 0.750 L", 750, millilitre);
  check("1,250 L", 1250, millilitre);
  check("1.250 L", 1250, millilitre);
  check("CHICKEN 1,250 kg", 1250, gram);
  check("1,250 ml", 1250, millilitre);
  check("1.250 ml", 1250, millilitre);
  check("1,000 g", 1000, gram);
  check("1.000 g", 1000, gram);
  check("0,500 g", 0.5, gram);
  check("1,000 kg", 1000, gram);
  check("12,500 lb", 12.5 * 453.59237, gram);
  check("1,5 g", 1.5, gram);
  check("1,25 L", 1250, millilitre);
  check("1,2500 L", 1250, millilitre);
  check("1250,000 g", 1250, gram);
  check("1.234,5 g", 1234.5, gram);
  check("1,234.5 g", 1234.5, gram);
  check("1.000.000 g", 1e6, gram);
  check("1,000,000 g", 1e6, gram);
  check("10 000 g", 10'000, gram);
  check("RICE 10 000 g", 10'000, gram);
  check("10 000,5 g", 10'000.5, gram);
  check("1 000 000 g", 1e6, gram);
  check("1 500 g", 1500, gram);
  check("STAGE 1 800 g", 800, gram);
  check("STAGE 1\u00A0800 g", 1800, gram);
  check("10\u00A0000\u00A0g", 10'000, gram);
  check("10\u202F000 g", 10'000, gram);
  check("10'000 g", 10'000, gram);
  check("10’000 g", 10'000, gram);
  check("approx.500 g", 500, gram);
  check("12.03.2024 500 g", 500, gram);
  check("250g,500g", 250, gram);
  check("MILK 3,2% 1 l", 1000, millilitre);
  check("1,000 pcs", 1000, piece);
  check("½ l", 500, millilitre);
  check("1½ l", 1500, millilitre);
  check("1 1/2 lb", 1.5 * 453.59237, gram);
  check("¾ gal", 0.75 * 3785.411784, millilitre);
}

TEST_CASE("numbers as the world writes them: the units of pack sizes") {
  using enum PackSize::Unit;
  for (const char* text :
       {"100GM",  "100 gms",     "100 Grams", "100 gramme", "0.1 kilo",   ".1 KGS",
        "100 г",  "100Г",        "100 гр.",   "100 грамм",  "100 γρ",     "١٠٠ جم",
        "100克",  "１００ｇ",    "0.1㎏",     "100\u00A0g", "100\u3000g", "100-g",
        "10 dag", "100\u00AD g", "100グラム", "۱۰۰ گرم"})
    check(text, 100, gram);
  for (const char* text : {"2 kilo", "2kilos", "2 KILOGRAMS", "2 кг", "2КГ", "2 κιλά", "2 ΚΙΛΟ",
                           "٢ كيلو", "2公斤", "2千克", "2キロ", "4斤"})
    check(text, 2000, gram);
  for (const char* text :
       {"1 LITRES", "1 Litre",  "1liters", "1 LTR",  "1 lt",  "1 ltrs", "1 Л",       "1л",
        "1 литр",   "1 ΛΙΤΡΟ",  "1 λίτρο", "١ لتر",  "1升",   "1ℓ",     "1リットル", "1 litro",
        "1000 мл",  "1000毫升", "1000㎖",  "1000cc", "10 dl", "100 cl"})
    check(text, 1000, millilitre);
  check("12 fluid ounces", 354.8823552, millilitre);
  check("12floz", 354.8823552, millilitre);
  check("2 pints", 946.352946, millilitre);
  check("2 pounds", 907.18474, gram);
  check("500 mg", 0.5, gram);
  for (const char* text :
       {"10 шт", "10шт.", "10 Stück", "10 szt", "10 pzs", "10 τεμ", "10個", "10 count"})
    check(text, 10, piece);
  check("1 dozen eggs", 12, piece);
}

TEST_CASE("numbers as the world writes them: the words of units are folded, each of one unit") {
  std::set<std::string> seen;
  for (const detail::PackUnit& unit : detail::pack_units)
    for (std::size_t at = 1; at < unit.words.size();) {
      const std::string word(unit.words.substr(at, unit.words.find(' ', at) - at));
      at += word.size() + 1;
      INFO(word);
      CHECK(seen.insert(word).second);
      CHECK_FALSE(word.empty());
      std::string folded;
      for_each_word(word, 1, [&](std::string_view part) {
        folded.append(folded.empty() ? "" : "_").append(part);
      });
      CHECK(folded == word);
      check("3 " + word, 3 * unit.factor, unit.unit);
      check("3" + word, 3 * unit.factor, unit.unit);
    }
}

TEST_CASE("numbers as the world writes them: packs of packs") {
  using enum PackSize::Unit;
  for (const char* text :
       {"6х330 мл", "6 Х 330мл", "6×330ml", "6✕330 ml", "6 * 330 ml", "6/330 ml", "330 ml x 6",
        "2x3x330ml", "330ml x 2 x 3", "6 pk x 330 ml", "6 pack 330ml", "6-PACK 330 ML", "330ml 6pk",
        "6\u00A0x\u00A0330\u00A0ml", "6 x 0,33 l", "6 x 0.330 l", "6/.33 l", "٦×٣٣٠ مل"})
    check(text, 1980, millilitre);
  check("4/6 oz", 24 * 28.349523, gram);
  check("12/16 OZ", 192 * 28.349523, gram);
  check("3/4 lb", 0.75 * 453.59237, gram);
  check("80/20 BEEF 500 g", 500, gram);
  check("24 x 12 pcs", 288, piece);
  check("500 g 2 packs of 250 g", 500, gram);
}

TEST_CASE("what is no size") {
  for (const char* text : {"",
                           "FAIRY CAKES NOTEBOOK A7 SIZE",
                           "POLYESTER FILLER PAD 40x40cm",
                           "PICNIC HAMPER FOR 2",
                           "PAPER LANTERN 9 POINT HOLLY STAR S",
                           "NUMBER TILE VINTAGE FONT 2",
                           "0 g",
                           "SET OF 0",
                           "g 500",
                           "DOLLY CABINET 2 DRAWERS",
                           "x",
                           "6x",
                           "1/0 l",
                           "set of",
                           "\xFF\xFE 3\xC3",
                           "12.03.2024 g",
                           "0,000 g",
                           "VITAMIN B12",
                           "½",
                           "g½",
                           "1,2,3 l",
                           "..5"}) {
    INFO(text);
    CHECK_FALSE(parse_pack_size(text).has_value());
  }
  CHECK_FALSE(parse_pack_size(std::string(10'000, '9') + " g").has_value());
  CHECK_FALSE(parse_pack_size(std::string(10'000, 'g')).has_value());
}
