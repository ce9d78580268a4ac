// SPDX-License-Identifier: MIT
#include "support/text.hpp"

#include <filesystem>
#include <string>

#include "bundle/temporary_folder.hpp"
#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega_benchmark;

TEST_CASE("Numbers are as short as they can be, or of fixed digits") {
  CHECK(number(0.3) == "0.3");
  CHECK(number(1000) == "1000");
  CHECK(fixed(0.12345, 3) == "0.123");
  CHECK(fixed(-2, 1) == "-2.0");
}

TEST_CASE("Text is wrapped at blanks, and a long word stands alone") {
  const std::string word(30, 'a');
  const std::string line = word + " " + word + " " + word;
  CHECK(wrapped(line, 2) == line + "\n");
  CHECK(wrapped(line + " " + word, 2) == line + "\n  " + word + "\n");
  CHECK(wrapped("short", 4) == "short\n");
  const std::string endless(150, 'b');
  CHECK(wrapped("a " + endless, 0) == "a\n" + endless + "\n");
}

TEST_CASE("A file that cannot be written is told") {
  const bodega_test::TemporaryFolder folder;
  write_file(folder / "there.txt", "text");
  CHECK(std::filesystem::file_size(folder / "there.txt") == 4);
  CHECK_ERROR(write_file(folder / "no/folder.txt", ""), bodega::ErrorCode::io, "folder.txt");
}
