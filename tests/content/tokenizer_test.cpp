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
Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
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

TEST_CASE("text beyond Latin-1: words are folded by Unicode's rules") {
  CHECK(words("CAFÉ Über ÅL piñata") == Words{"cafe", "uber", "al", "pinata"});
  CHECK(words("Чай чай 茶") == Words{"чай", "чай", "茶"});
  CHECK(words("ХЛЕБ РЖАНОЙ «Бородинский»") == Words{"хлеб", "ржаной", "бородинский"});
  CHECK(words("ΓΑΛΑ γάλα Ελληνικός ΕΛΛΗΝΙΚΟΣ") == Words{"γαλα", "γαλα", "ελληνικοσ", "ελληνικοσ"});
  CHECK(words("Weißwürste STRASSE straße") == Words{"weisswurste", "strasse", "strasse"});
  CHECK(words("ISPARTA ısparta İZMİR izmir") == Words{"isparta", "isparta", "izmir", "izmir"});
}

TEST_CASE("text beyond Latin-1: blanks, dashes and quotes of every kind end a word") {
  for (const char* blank :
       {"\u00A0", "\u2009", "\u202F", "\u3000",     "\u2003", "\u1680", "\u200B",
        "\u2013", "\u2014", "\u2019", "\u02BC",     "\u00B7", "\u2022", "\u060C",
        "\u3001", "\u2122", "\u00AE", "\U0001F600", "\u0085", "\u2028", "'"}) {
    INFO(blank);
    CHECK(words("Coffee" + std::string(blank) + "beans") == Words{"coffee", "beans"});
  }
  for (const char* nothing : {"\u00AD", "\u200D", "\u200C", "\u2060", "\uFEFF", "\uFE0F", "\u200E",
                              "\u202A", "\u034F", "\u0301"}) {
    INFO(nothing);
    CHECK(words("bea" + std::string(nothing) + "ns") == Words{"beans"});
  }
}

TEST_CASE("text beyond Latin-1: letters with a key of their own stay, however they are written") {
  CHECK(words("чай ЧАЙ чаи\u0306 ЧАИ\u0306") == Words{"чай", "чай", "чай", "чай"});
  CHECK(words("її ЇЇ і\u0308\u0456\u0308") == Words{"її", "її", "її"});
  CHECK(words("ёж ЕЖ е\u0308ж") == Words{"еж", "еж", "еж"});
  CHECK(words("за\u0301мок") == Words{"замок"});  // the stress of a dictionary
}

TEST_CASE("text beyond Latin-1: scripts without blanks") {
  CHECK(words("有机牛奶500g") == Words{"有", "机", "牛", "奶", "500g"});
  CHECK(words("明治おいしい牛乳") == Words{"明", "治", "おいしい", "牛", "乳"});
  CHECK(words("コーヒー豆 ｺｰﾋｰ") == Words{"コーヒー", "豆", "コーヒー"});
  CHECK(words("おにぎりセット") == words("おにき\u3099り") + Words{"セット"});
  CHECK(words("신라면 5개입").size() == 2);
  CHECK(words("นมสด 1ลิตร") == Words{"นมสด", "1ลิตร"});
  CHECK(words("नमक १किलो") == Words{"नमक", "1किलो"});
}
