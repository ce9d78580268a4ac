// SPDX-License-Identifier: MIT
#include <functional>
#include <string>

#include <bodega/data/normalise_code.hpp>

#include "catch.hpp"

using namespace bodega;

namespace {
std::string by(const NormaliseCode& normalise, std::string code) {
  normalise(code);
  return code;
}
void first_letter(std::string& code) { code.resize(1); }
}  // namespace

TEST_CASE("Codes are normalised by rules, one after the other, or by a function") {
  CHECK(by({}, " a ") == " a ");
  CHECK_FALSE(NormaliseCode());
  CHECK(by(CodeRule::gtin, "36000291452") == "0036000291452");
  CHECK(by({CodeRule::joined, CodeRule::gtin}, "0-36000 29145-2") == "0036000291452");
  CHECK(by([](std::string& code) { code += '!'; }, "a") == "a!");
  std::size_t asked = 0;
  CHECK(by([&](std::string&) { ++asked; }, "a") == "a");
  CHECK(asked == 1);
  CHECK(by(first_letter, "abc") == "a");
  CHECK(NormaliseCode(first_letter).is_function());
  const std::string long_one(CodeBuffer::capacity + 1, ' ');
  CHECK(by(CodeRule::trimmed, long_one) == long_one);
}

TEST_CASE("The library's own functions are rules, which a bundle can hold") {
  CHECK(NormaliseCode(gtin).rules() == std::vector{CodeRule::gtin});
  CHECK(NormaliseCode(whole_number).rules() == std::vector{CodeRule::whole_number});
  const NormaliseCode upper = upper_case_trimmed;
  CHECK(upper.rules() == std::vector{CodeRule::upper_case_trimmed});
  CHECK_FALSE(upper.is_function());
  for (const char* text : {" 85123a ", "арт-12б",
                           "a\xFF"
                           "b"}) {
    std::string code = text;
    upper_case_trimmed(code);
    CHECK(by(upper, text) == code);
  }
}
