// SPDX-License-Identifier: MIT
#include <bodega/data/gtin.hpp>

#include "check_error.hpp"

using namespace bodega;

namespace {
std::string by(void (*normalise)(std::string&), std::string code) {
  normalise(code);
  return code;
}
}  // namespace

TEST_CASE("Article numbers have one spelling") {
  for (const std::string code : {"0036000291452", "036000291452", "36000291452", "36000291452.0"})
    CHECK(by(gtin, code) == "0036000291452");
  CHECK(by(gtin, "4006381333931") == "4006381333931");
  CHECK(by(gtin, "96385074") == "0000096385074");         // GTIN-8
  CHECK(by(gtin, "10036000291459") == "10036000291459");  // a case of it is another article
  CHECK(by(gtin, "00036000291452") == "0036000291452");
}

TEST_CASE("Codes of a shop's own stay as they are") {
  for (const std::string code :
       {"85123A", "4011", "0036000291453", "000", "", "123456789012345", "3.6E+10", "-5", "1.5"})
    CHECK(by(gtin, code) == code);
  CHECK(by(gtin, " 4011 ") == "4011");
  const std::string long_one(CodeBuffer::capacity + 1, '7');
  CHECK(by(gtin, long_one + " ") == long_one + " ");
}

TEST_CASE("Whole numbers lose what spreadsheets add") {
  CHECK(by(whole_number, "17850.0") == "17850");
  CHECK(by(whole_number, "17850.00") == "17850");
  CHECK(by(whole_number, "1.7850E+4") == "17850");
  CHECK(by(whole_number, "'0012") == "0012");
  for (const std::string code :
       {"17850.5", "1.785E+4", "1.7E+4x", "E+4", "1.2.3", "1E+4", "1E+", "12E0", "12E", "abc"})
    CHECK(by(whole_number, code) == code);
}
