// SPDX-License-Identifier: MIT
#include <bodega/core/recorded_option.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("a record is a line for each option") {
  CHECK(record_text({{"l2", "300"}, {"keep", "strongest"}}) == "l2=300\nkeep=strongest");
  CHECK(record_text({}).empty());
  CHECK(parse_record("").empty());
}

TEST_CASE("any value comes back from its line") {
  const OptionsRecord record = {
      {"a", "b=c"}, {"lines", "1\n2\n"}, {"path", "c:\\new\\\\n"}, {"none", ""}, {"last", "\\"}};
  CHECK(parse_record(record_text(record)) == record);
}

TEST_CASE("any text is read as some record") {
  CHECK(parse_record("=\n\nname\n=x\\") ==
        OptionsRecord{{"", ""}, {"", ""}, {"name", ""}, {"", "x\\"}});
}
