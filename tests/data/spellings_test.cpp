// SPDX-License-Identifier: MIT
#include <bodega/data/spellings.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("Spellings of a name are one, and some name nobody") {
  std::size_t asked = 0;
  Spellings names(
      [&](std::string& name) {
        ++asked;
        if (name == "none of them") name.clear();
      },
      {"null", "-"});
  const std::uint32_t ann = names.find("ann");
  CHECK(names.find(" ann ") == ann);
  CHECK(names.find("ann") == ann);
  CHECK(names.find("Ann") != ann);
  CHECK(asked == 3);
  for (const char* nobody : {"", " ", "NULL", "Null ", "-", "none of them"})
    CHECK(names.find(nobody) == Spellings::none);
  CHECK(names.find("--") != Spellings::none);
  CHECK(names.names().size() == 3);
}
