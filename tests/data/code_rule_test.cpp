// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <bodega/data/code_rule.hpp>

#include "catch.hpp"

using namespace bodega;

namespace {
std::string by(CodeRule rule, const std::string& text) {
  CodeBuffer code;
  REQUIRE(code.assign(text));
  apply(rule, code);
  return std::string(code.text());
}
const std::string nbsp = "\xC2\xA0";
}  // namespace

TEST_CASE("Rules for codes, each on its cases") {
  struct Case {
    CodeRule rule;
    std::string code, expected;
  };
  using enum CodeRule;
  const std::vector<Case> cases = {
      {trimmed, nbsp + " 85123a\t", "85123a"},
      {trimmed, "a b", "a b"},
      {upper_case_trimmed, " 85123a" + nbsp, "85123A"},
      {upper_case_trimmed, "арт-12б", "АРТ-12Б"},
      {upper_case_trimmed,
       "a\xFF"
       "b",
       "A\xFF"
       "B"},
      {folded, " Café-12  B. ", "cafe 12 b"},
      {folded, "STRASSE", by(folded, "straße")},
      {whole_number, "17850.0", "17850"},
      {gtin, "36000291452", "0036000291452"},
      {without_zeros, "00042 ", "42"},
      {without_zeros, "000", "0"},
      {without_zeros, "", ""},
      {without_zeros, "A007", "A007"},
      {joined, " 0-36000 29145-2", "036000291452"},
      {joined,
       "978\xE2\x80\x93"
       "3" +
           nbsp + "16",
       "978316"},
      {without_symbology, "]E00036000291452", "0036000291452"},
      {without_symbology, "]d2010003600", "010003600"},
      {without_symbology, "]E0", "]E0"},
      {without_symbology, "]?0123", "]?0123"},
      {without_symbology, "E0123", "E0123"},
  };
  for (const Case& one : cases) {
    INFO(name(one.rule) << " of '" << one.code << "'");
    CHECK(by(one.rule, one.code) == one.expected);
    for (const EnumName<CodeRule>& rule : enum_names(CodeRule{})) CHECK(by(rule.value, "").empty());
  }
}

TEST_CASE("A code that would outgrow its room stays as it is") {
  std::string text;  // two bytes each, three as capitals
  while (text.size() + 2 <= CodeBuffer::capacity) text += "\u0250";
  CHECK(by(CodeRule::upper_case_trimmed, text) == text);
  CHECK(by(CodeRule::upper_case_trimmed, "\u0250") == "\u2C6F");
  text.clear();
  while (text.size() + 3 <= CodeBuffer::capacity) text += "\uFDFA";  // eighteen letters of Arabic
  CHECK(by(CodeRule::folded, text) == text);
  CHECK(by(CodeRule::gtin, std::string(CodeBuffer::capacity, '0')) ==
        std::string(CodeBuffer::capacity, '0'));
}

TEST_CASE("Rules have numbers that bundles hold, and names") {
  for (std::size_t i = 0; i < enum_names(CodeRule{}).size(); ++i)
    CHECK(static_cast<std::size_t>(enum_names(CodeRule{})[i].value) == i);
  CHECK(value_named<CodeRule>("gtin") == CodeRule::gtin);
}

TEST_CASE("Two texts are the same but for case") {
  CHECK(same_but_case("aBc", "AbC"));
  CHECK_FALSE(same_but_case("ab", "abc"));
}
