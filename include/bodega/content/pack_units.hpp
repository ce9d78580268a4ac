// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// How much is in a pack, all of it together: six bottles of 33 cl are 1,980 ml.
struct PackSize {
  enum class Unit : std::uint8_t { piece, gram, millilitre };
  double amount = 0;  ///< above 0
  Unit unit = Unit::piece;

  bool operator==(const PackSize&) const = default;
};

namespace detail {

/// The words of a unit, folded (`fold`, which takes the voicing of kana apart), with blanks around
/// them; one of two words has `_` between them, as has one of two Chinese characters.
struct PackUnit {
  double factor;
  PackSize::Unit unit;
  std::string_view words;

  /// Says whether three digits behind a mark are a fraction: 1,250 l, but 1,250 ml.
  constexpr bool large() const noexcept { return unit != PackSize::Unit::piece && factor > 1; }
};

inline constexpr PackUnit pack_units[] = {
    {1, PackSize::Unit::gram,
     " g gr grs grms gm gms gram grams gramm gramme grammes gramo gramos grammo grammi grama "
     "gramas "
     "gramow г гр грам грамм грамма граммов γρ γραμμαρια γραμμαριο جم غ غم جرام غرام گرم 克 "
     "ク\u3099ラム "},
    {1000, PackSize::Unit::gram,
     " kg kgs kgm kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes kilogramo "
     "kilogramos kilogrammi chilo chili quilo quilos кг кило килограмм килограмма килограммов "
     "κιλο κιλα κιλου χγρ كجم كغ كغم كيلو کیلو کیلوگرم 公_斤 千_克 キロ キロク\u3099ラム "},
    {0.001, PackSize::Unit::gram, " mg mgs milligram milligrams mcgm мг 毫_克 "},
    {10, PackSize::Unit::gram, " dag dkg dekagram "},
    {100, PackSize::Unit::gram, " hg "},
    {500, PackSize::Unit::gram, " 斤 "},
    {28.349523, PackSize::Unit::gram, " oz ozs ounce ounces "},
    {453.59237, PackSize::Unit::gram, " lb lbs pound pounds "},
    {1, PackSize::Unit::millilitre,
     " ml mls mlt cc millilitre millilitres milliliter milliliters mililitro mililitros мл "
     "миллилитр миллилитров μλ مل 毫_升 ミリリットル "},
    {10, PackSize::Unit::millilitre, " cl centilitre centilitres centiliter centiliters сл "},
    {100, PackSize::Unit::millilitre, " dl decilitre decilitres deciliter deciliters дл "},
    {1000, PackSize::Unit::millilitre,
     " l lt lts ltr ltrs litre litres liter liters litro litros litri litr litry litrow л литр "
     "литра литров літр літра λ λτ λιτ λιτρο λιτρα لتر ليتر لیتر 升 公_升 リットル "},
    {29.5735296, PackSize::Unit::millilitre,
     " floz fl_oz fl_ozs fl_ounce fl_ounces fluid_oz fluid_ounce fluid_ounces "},
    {473.176473, PackSize::Unit::millilitre, " pt pts pint pints "},
    {946.352946, PackSize::Unit::millilitre, " qt qts quart quarts "},
    {3785.411784, PackSize::Unit::millilitre, " ga gal gals gallon gallons "},
    {1, PackSize::Unit::piece,
     " pc pcs pce pces piece pieces ct cnt count pk pks pack packs stk stuck stucke stuks szt ks "
     "adet ud uds unidad unidades pz pzs pezzi pieza piezas шт штук штуки τεμ τμχ τεμαχια τεμαχιο "
     "قطعة قطع حبة عدد 個 个 枚 "},
    {12, PackSize::Unit::piece, " dozen doz "},
};

/// Words before a number of pieces, "of" between them or not.
inline constexpr std::string_view pack_holders =
    " set pack packs box case carton tray bag multipack s ";

/// Says whether `word` stands among `words`, which has blanks around each.
constexpr bool holds_word(std::string_view words, std::string_view word) noexcept {
  for (std::size_t at = words.find(word); at != words.npos && !word.empty();
       at = words.find(word, at + 1))
    if (words[at - 1] == ' ' && words[at + word.size()] == ' ') return true;
  return false;
}

}  // namespace detail

}  // namespace bodega::inline BODEGA_ABI
