// SPDX-License-Identifier: MIT
#include <bodega/data/held_records.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("Records are held as they were, and released once, in order") {
  HeldRecords held;
  CHECK(held.empty());
  {
    const std::string first = "a", second = "b";
    const std::string_view fields[] = {first, second};
    held.add(fields, 3, false);
    held.add({fields, 1}, 4, true);
  }
  CHECK_FALSE(held.empty());
  CHECK_FALSE(held.full());
  std::string seen;
  const auto note = [&](std::span<const std::string_view> fields, std::size_t line, bool recoded) {
    seen += std::to_string(line) + (recoded ? "!" : ":");
    for (const std::string_view field : fields) seen += field;
  };
  held.release(note);
  held.release(note);
  CHECK(seen == "3:ab4!a");
  CHECK(held.empty());
}
