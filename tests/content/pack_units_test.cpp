// SPDX-License-Identifier: MIT
#include <bodega/content/pack_units.hpp>

#include <cstddef>
#include <set>
#include <string>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("A word is found whole, or not at all") {
  CHECK(detail::holds_word(" kg kgs ", "kg"));
  CHECK(detail::holds_word(" kg kgs ", "kgs"));
  CHECK_FALSE(detail::holds_word(" kg kgs ", "k"));
  CHECK_FALSE(detail::holds_word(" kg kgs ", "gs"));
  CHECK_FALSE(detail::holds_word(" kg kgs ", ""));
  CHECK(detail::holds_word(" aa a ", "a"));
}

TEST_CASE("No word is of two units, and all stand between blanks") {
  std::set<std::string> seen;
  for (const detail::PackUnit& unit : detail::pack_units) {
    CHECK(unit.factor > 0);
    REQUIRE(unit.words.front() == ' ');
    REQUIRE(unit.words.back() == ' ');
    for (std::size_t at = 1; at < unit.words.size();) {
      const std::size_t end = unit.words.find(' ', at);
      const std::string word(unit.words.substr(at, end - at));
      CAPTURE(word);
      CHECK_FALSE(word.empty());
      CHECK(seen.insert(word).second);
      at = end + 1;
    }
  }
}

TEST_CASE("Three digits behind a mark are a fraction of large units only") {
  const auto unit_of = [](std::string_view word) {
    for (const detail::PackUnit& unit : detail::pack_units)
      if (detail::holds_word(unit.words, word)) return unit;
    return detail::PackUnit{0, PackSize::Unit::piece, ""};
  };
  CHECK(unit_of("l").large());
  CHECK(unit_of("kg").large());
  CHECK_FALSE(unit_of("ml").large());
  CHECK_FALSE(unit_of("g").large());
  CHECK_FALSE(unit_of("dozen").large());
}
