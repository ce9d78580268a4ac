// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <bodega/content/tokenizer.hpp>

#include "catch.hpp"

namespace {
using Words = std::vector<std::string>;
Words words(std::string_view text, std::size_t min_bytes = 1) {
  Words result;
  bodega::for_each_word(text, min_bytes, [&](std::string_view word) { result.emplace_back(word); });
  return result;
}
}  // namespace

TEST_CASE("words are runs of letters and digits in lower case") {
  CHECK(words("SET/5 Red-Retrospot  LID (glass), 30cm") ==
        Words{"set", "5", "red", "retrospot", "lid", "glass", "30cm"});
  CHECK(words("").empty());
  CHECK(words(" -/. ").empty());
}

TEST_CASE("short words are left out") {
  CHECK(words("a set of 5 x 10", 2) == Words{"set", "of", "10"});
}

TEST_CASE("letters beyond ASCII stay in their word, Latin-1 capitals are lowered") {
  CHECK(words("CAFÉ Über ÅL piñata") == Words{"café", "über", "ål", "piñata"});
  CHECK(words("Чай чай 茶") == Words{"Чай", "чай", "茶"});
}
