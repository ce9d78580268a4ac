// SPDX-License-Identifier: MIT
#include <cstdint>
#include <string>
#include <string_view>

#include <bodega/core/random.hpp>
#include <bodega/core/utf8.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("text beyond Latin-1: every code point is written and read back") {
  for (char32_t value = 0; value <= 0x10FFFF; ++value) {
    if (value >= 0xD800 && value < 0xE000) continue;
    std::string text;
    append_utf8(text, value);
    const CodePoint read = decode_utf8(text, 0);
    if (read.value != value || read.bytes != text.size())
      FAIL("code point " << std::uint32_t{value});
    for (std::size_t cut = 1; cut < text.size(); ++cut)
      if (decode_utf8(std::string_view(text).substr(0, cut), 0).valid())
        FAIL("half of " << std::uint32_t{value});
  }
}

TEST_CASE("text beyond Latin-1: what is no UTF-8 is one byte that stands for nothing") {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xE0\x80\x80"sv, "\xE0\x9F\xBF"sv,
        "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv, "\xF0\x80\x80\x80"sv, "\xF4\x90\x80\x80"sv,
        "\xF5\x80\x80\x80"sv, "\xFE"sv, "\xFF"sv, "\xC3"sv, "\xC3("sv, "\xE2\x82"sv,
        "\xF0\x9F\x98"sv}) {
    const CodePoint read = decode_utf8(text, 0);
    CHECK_FALSE(read.valid());
    CHECK(read.bytes == 1);
    CHECK_FALSE(is_printable(text));
    CHECK(is_printable(printable(text)));
  }
}

TEST_CASE("foreign inputs: what goes to a screen is escaped") {
  CHECK(printable("Молоко 3,2%") == "Молоко 3,2%");
  CHECK(printable("") == "");
  CHECK(printable(std::string_view("a\0b", 3)) == "a\\u{00}b");
  CHECK(printable("red\x1B[31m\r\n\tx\x7F") == "red\\u{1B}[31m\\r\\n\\tx\\u{7F}");
  CHECK(printable("CAF\xC9") == "CAF\\xC9");
  CHECK(printable("a\u0085b\u202Ec\u2028d\u2066") == "a\\u{85}b\\u{202E}c\\u{2028}d\\u{2066}");
  CHECK(printable("\U0001F600 \u200Fשלום") == "\U0001F600 \u200Fשלום");
}

TEST_CASE("foreign inputs: a long text is cut in its middle, between letters") {
  CHECK(printable(std::string(400, 'a')) == std::string(400, 'a'));
  CHECK(printable("begin" + std::string(788'000, 'x') + "end", 60) ==
        "begin" + std::string(35, 'x') + "... (787958 bytes left out) ..." + std::string(7, 'x') +
            "end");
  // A property: whatever the bytes, the answer is printable, bounded, and itself where it is shown
  // again.
  const CounterRandom random(1);
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    std::string text;
    for (std::uint32_t bytes = random.below(900, i, 0), k = 0; k < bytes; ++k) {
      const std::uint32_t byte = random.below(256, i, k + 1);
      if (i % 3 == 0)
        text += static_cast<char>(byte);
      else
        append_utf8(text, i % 3 == 1 ? byte * 4'001 % 0xD800 : 32 + byte % 90);
    }
    const std::string shown = printable(text, 200);
    if (!is_printable(shown) || shown.size() > 260 || printable(shown, 260) != shown)
      FAIL("text " << i << ": " << shown);
  }
}
