// SPDX-License-Identifier: MIT
#include <bodega/data/string_table.hpp>

#include "check_error.hpp"
#include "data/parameter_list.hpp"

using namespace bodega;
using bodega_test::tampered;
using bodega_test::through_tensors;

namespace {
using Ends = std::vector<std::uint32_t>;
using Bytes = std::vector<std::uint8_t>;
}  // namespace

TEST_CASE("A string table holds any texts in order") {
  StringTable table;
  CHECK(table.empty());
  const std::string with_nul("a\0b", 3);
  for (const std::string& text :
       {std::string("bread"), std::string(), with_nul, std::string("brød")})
    table.add(text);
  REQUIRE(table.size() == 4);
  CHECK(table[0] == "bread");
  CHECK(table[1].empty());
  CHECK(table[2] == with_nul);
  CHECK(table[3] == "brød");
  table.validate("t");
  CHECK(through_tensors(table) == table);
}

TEST_CASE("A string table whose ends do not fit its bytes is refused") {
  StringTable table;
  table.add("ab");
  table.add("cde");
  const auto with_ends = [&](Ends ends) {
    return tampered<Ends>(table, "end", [&](Ends& e) { e = ends; });
  };
  CHECK_ERROR(with_ends({3, 2}).validate("f, tensor t"), ErrorCode::format, "f, tensor t");
  CHECK_ERROR(with_ends({2, 6}).validate("t"), ErrorCode::format, "end of text 1");
  CHECK_ERROR(with_ends({2, 4}).validate("t"), ErrorCode::shape, "bytes");
  CHECK_ERROR(with_ends({}).validate("t"), ErrorCode::shape, "bytes");
}

TEST_CASE("A string set numbers distinct texts and finds them") {
  StringSet set;
  CHECK(set.find("x") == StringSet::none);
  for (std::uint32_t i = 0; i < 5000; ++i) REQUIRE(set.add("item " + std::to_string(i)) == i);
  CHECK(set.add("item 17") == 17);
  CHECK(set.size() == 5000);
  for (std::uint32_t i = 0; i < 5000; ++i) REQUIRE(set.find("item " + std::to_string(i)) == i);
  CHECK(set.find("item") == StringSet::none);
  CHECK(set.find("") == StringSet::none);
  CHECK(set[4999] == "item 4999");
}

TEST_CASE("A string set read from a file finds its texts after restore") {
  StringSet set;
  set.add("a");
  set.add("");
  set.add("b");
  StringSet read = through_tensors(set);
  read.validate("t");
  read.restore();
  CHECK(read == set);
  CHECK(read.find("") == 1);
  CHECK(read.find("b") == 2);
  CHECK(read.add("c") == 3);

  const auto twice = tampered<Bytes>(set, "bytes", [](Bytes& bytes) { bytes = {'a', 'a'}; });
  CHECK_ERROR(twice.validate("f"), ErrorCode::duplicate, "f, text 2");
}

TEST_CASE("hostile files: codes made to collide cost no more than others") {
  // Texts of one 64-bit FNV-1a value are found by pairs of blocks; here, those that share its low
  // bits: 16,000 that all wanted one slot of an index by that hash.
  const auto fnv = [](const std::string& text) {
    std::uint64_t h = 0xcbf29ce484222325u;
    for (const char c : text) h = (h ^ static_cast<std::uint8_t>(c)) * 0x100000001b3u;
    return h ^ (h >> 32);
  };
  std::vector<std::string> colliding, plain;
  for (std::uint64_t i = 0; colliding.size() < 2000; ++i) {
    std::string text = "C" + std::to_string(i);
    if ((fnv(text) & 0xFF) == 0x5A) colliding.push_back(std::move(text));
  }
  StringSet set;
  for (const std::string& text : colliding) set.add(text);
  for (std::uint32_t i = 0; i < colliding.size(); ++i) CHECK(set.find(colliding[i]) == i);
  // Another set of the same texts compares equal, whatever its index looks like.
  StringSet again;
  for (const std::string& text : colliding) again.add(text);
  CHECK(set == again);
}
