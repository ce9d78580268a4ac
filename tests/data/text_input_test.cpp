// SPDX-License-Identifier: MIT
#include <sstream>

#include <bodega/data/text_input.hpp>

#include "check_error.hpp"

using namespace bodega;

namespace {
std::string all_of(const std::string& bytes, TextEncoding* encoding = nullptr) {
  std::istringstream in(bytes);
  TextInput input(in, "x");
  std::string text;
  while (input.append_block(text)) {
  }
  CHECK(input.bytes() == bytes.size());
  if (encoding != nullptr) *encoding = input.encoding();
  return text;
}
}  // namespace

TEST_CASE("Text comes as UTF-8, without its mark") {
  TextEncoding encoding{};
  CHECK(all_of("", &encoding).empty());
  CHECK(all_of("\xEF\xBB\xBF"
               "a\xC3\xA4",
               &encoding) == "a\xC3\xA4");
  CHECK(encoding == TextEncoding::utf8);
  CHECK(all_of("a\xFF"
               "b") ==
        "a\xFF"
        "b");  // the reader's to say
  CHECK(all_of(std::string("\xFF\xFE"
                           "a\0\xE4\0",
                           6),
               &encoding) == "a\xC3\xA4");
  CHECK(encoding == TextEncoding::utf16_little_endian);
  CHECK(all_of(std::string("\xFE\xFF\0a\0\xE4", 6), &encoding) == "a\xC3\xA4");
  CHECK(encoding == TextEncoding::utf16_big_endian);
  CHECK(all_of(std::string("a\0b\0", 4)) == "ab");  // by its zero bytes
}

TEST_CASE("UTF-16 that is broken, and pairs over the end of a block") {
  CHECK(all_of(std::string("\xFF\xFE\0\xD8"
                           "a\0",
                           6)) ==
        "\xEF\xBF\xBD"
        "a");  // half a pair
  CHECK(all_of(std::string("\xFF\xFE\0\xDC", 4)) == "\xEF\xBF\xBD");
  for (const std::size_t before : {32'765u, 32'766u, 32'767u, 32'768u}) {
    std::string bytes("\xFF\xFE", 2), text;
    for (std::size_t i = 0; i < before; ++i) {
      bytes += std::string("a\0", 2);
      text += 'a';
    }
    bytes += std::string("\x3C\xD8\x5E\xDF", 4);
    CHECK(all_of(bytes) == text + "\xF0\x9F\x8D\x9E");
  }
}

TEST_CASE("What is no text is an Error that names it") {
  const auto read = [](const std::string& bytes) { return all_of(bytes); };
  CHECK_ERROR(read("\x1F\x8B\x08"), ErrorCode::format, "x");
  CHECK_ERROR(read("  <html>"), ErrorCode::format, "x");
  CHECK_ERROR(read(std::string("ab\0cdefgh", 9)), ErrorCode::format, "x");
}
