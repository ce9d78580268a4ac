// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/random.hpp>
#include <bodega/text/fold.hpp>
#include <bodega/text/upper_case.hpp>

#include "catch.hpp"

#if BODEGA_TEST_UTF8PROC
#include <cstdlib>
#include <utf8proc.h>
#endif

using namespace bodega;

namespace {

/// What `fold` hands on, gaps as single blanks between letters.
struct Text {
  std::string folded;
  bool blank = false;

  void put(std::string_view letters, Script) {
    if (blank && !folded.empty()) folded += ' ';
    blank = false;
    folded += letters;
  }
  void left_out(char32_t) {}
  void gap() { blank = true; }
};

std::string fold_text(std::string_view text) {
  Text result;
  fold(text, result);
  return result.folded;
}

std::string utf8(char32_t value) {
  std::string text;
  append_utf8(text, value);
  return text;
}

template <class Visit>
void for_each_code_point(Visit&& visit) {
  for (char32_t value = 0; value <= 0x10FFFF; ++value)
    if (value < 0xD800 || value >= 0xE000) visit(value, utf8(value));
}

}  // namespace

TEST_CASE("text beyond Latin-1: what differs in case, accents or writing alone is the same") {
  const std::vector<std::vector<const char*>> same = {
      {"молоко", "МОЛОКО", "Молоко"},
      {"café", "CAFÉ", "cafe", "cafe\u0301", "ＣＡＦÉ"},
      {"straße", "STRASSE", "STRAẞE", "Strasse"},
      {"οδοσ", "ΟΔΟΣ", "οδος", "ὁδός"},
      {"ёлка", "ЕЛКА", "е\u0308лка"},
      {"kirmizi", "KIRMIZI", "kırmızı", "Kİrmİzİ"},
      {"smor", "SMØR", "smør"},
      {"maslo", "MASŁO", "masło"},
      {"aegte", "ÆGTE", "ægte"},
      {"oeuf", "ŒUF", "œuf"},
      {"sua tuoi", "SỮA TƯƠI", "sữa tươi"},
      {"office", "oﬃce", "of\u00ADfice", "of\u200Dfice", "o\u2060ffice", "ｏｆｆｉｃｅ"},
      {"500 kg", "５００ ㎏", "٥٠٠ kg", "५०० kg", "500\u00A0kg", "500\u202Fkg", "500\u3000kg"},
      {"کتاب", "کِتاب"},
      {"اكل", "أكل", "اكـل"},
      {"שלום", "שָׁלוֹם"},
      {"ガラス", "ｶﾞﾗｽ", "カ\u3099ラス"},
      {"우유", "\u110B\u116E\u110B\u1172"},
      {"հաց", "ՀԱՑ"},
      {"პური", "ᲞᲣᲠᲘ"},
      {"1 2", "½"},
      {"lego", "LEGO™", "Lego®"},
      {"no 5", "№ 5"}};
  for (const auto& texts : same)
    for (const char* text : texts) {
      INFO(text);
      CHECK(fold_text(text) == fold_text(texts[0]));
    }
  CHECK(fold_text("нож") != fold_text("ноша"));
  CHECK(fold_text("が") != fold_text("か"));  // the voicing of kana stays
  CHECK(fold_text("कि") != fold_text("की"));  // so do vowel signs
  CHECK(fold_text("ป่า") != fold_text("ป้า"));  // and tones
  CHECK(fold_text("") == "");
  CHECK(fold_text("\xFF\xC3(") == "\xFF\xC3");
}

TEST_CASE(
    "text beyond Latin-1: folding again changes nothing, and no text grows more than is said") {
  std::size_t most = 0;
  for_each_code_point([&](char32_t value, const std::string& text) {
    const std::string once = fold_text(text);
    if (fold_text(once) != once) FAIL("U+" << std::hex << std::uint32_t{value});
    if (once.size() > unicode::most_growth * text.size()) FAIL("U+" << std::uint32_t{value});
    most = std::max(most, (once.size() + text.size() - 1) / text.size());
  });
  CHECK(most == unicode::most_growth);
}

TEST_CASE("text beyond Latin-1: any bytes are safe") {
  const CounterRandom random(3);
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    std::string text;
    for (std::uint32_t bytes = random.below(64, i, 0), k = 0; k < bytes; ++k)
      text += static_cast<char>(random.below(256, i, k + 1));
    const std::string once = fold_text(text);
    if (once.size() > unicode::most_growth * text.size()) FAIL("text " << i);
  }
}

TEST_CASE("text beyond Latin-1: capitals") {
  CHECK(upper_case(std::string_view("абв ёй äöü éñ ßı σς ǆ ա")) == "АБВ ЁЙ ÄÖÜ ÉÑ ßI ΣΣ Ǆ Ա");
  CHECK(upper_case(std::string_view("a1-\xFFz")) == "A1-\xFFZ");
  CHECK(upper_case(std::string_view()).empty());
}

#if BODEGA_TEST_UTF8PROC

namespace {

std::string map(const std::string& text, int options) {
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                             static_cast<utf8proc_option_t>(options));
  REQUIRE(size >= 0);
  const std::string result(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
  std::free(mapped);
  return result;
}

bool among(char32_t value, const std::vector<std::pair<char32_t, char32_t>>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
    return value >= range.first && value <= range.second;
  });
}

/// Gaps by our own choice.
const std::vector<std::pair<char32_t, char32_t>> gaps = {
    {0x2122, 0x2122}, {0x2120, 0x2120}, {0x02BB, 0x02BC}, {0x200B, 0x200B}};

/// Our rules in the words of utf8proc.
std::string expected_of(const std::string& letter) {
  static const std::vector<std::pair<std::string, std::string>> beyond_unicode = {
      {"ø", "o"}, {"đ", "d"}, {"ħ", "h"},  {"ł", "l"}, {"ŧ", "t"},
      {"ı", "i"}, {"ȷ", "j"}, {"æ", "ae"}, {"œ", "oe"}};
  static const std::string whole = "йўїѓќ";
  std::string text = letter;
  for (std::string before; text != before;) {
    before = text;
    std::string apart;
    for (std::size_t at = 0; at < text.size();) {  // one code point at a time
      const CodePoint one = decode_utf8(text, at);
      const std::string letters = text.substr(at, one.bytes);
      at += one.bytes;
      std::string part = map(letters, UTF8PROC_CASEFOLD);
      if (part.size() != 2 || whole.find(part) == whole.npos)
        part = map(letters, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
      for (std::size_t k = 0; k < part.size();) {
        const CodePoint code = decode_utf8(part, k);
        std::string spelt = map(part.substr(k, code.bytes), UTF8PROC_CASEFOLD);
        k += code.bytes;
        const auto* property = utf8proc_get_property(static_cast<utf8proc_int32_t>(code.value));
        const auto order = property->combining_class;
        if (order == 1 || (order >= 10 && order <= 36) || (order >= 200 && order <= 240) ||
            property->category == UTF8PROC_CATEGORY_ME)
          continue;
        if (code.value == 0x640) continue;  // tatweel only stretches
        for (const auto& [from, to] : beyond_unicode)
          if (spelt == from) spelt = to;
        apart += spelt;
      }
    }
    text = apart;
  }
  std::string words;
  bool blank = false;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint code = decode_utf8(text, at);
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(code.value));
    const bool kept = !among(code.value, gaps) &&
                      ((category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO) ||
                       category == UTF8PROC_CATEGORY_CO || category == UTF8PROC_CATEGORY_CN);
    if (kept && blank && !words.empty()) words += ' ';
    blank = !kept;
    if (kept) words += text.substr(at, code.bytes);
    at += code.bytes;
  }
  return words;
}

}  // namespace

TEST_CASE("text beyond Latin-1: every code point is folded as utf8proc does") {
  // What Unicode 15 has added to 14, where the tables are of 14.
  std::vector<std::pair<char32_t, char32_t>> newer;
  if (unicode::version == "14.0.0")
    newer = {{0x0CF3, 0x0CF3},   {0x0ECE, 0x0ECE},   {0x10EFD, 0x10EFF}, {0x1123F, 0x11241},
             {0x11B00, 0x11B09}, {0x11F00, 0x11F59}, {0x13430, 0x13455}, {0x1B132, 0x1B155},
             {0x1D2C0, 0x1D2D3}, {0x1DF25, 0x1DF2A}, {0x1E030, 0x1E08F}, {0x1E4D0, 0x1E4F9},
             {0x1F6DC, 0x1F6DC}, {0x1F774, 0x1F77F}, {0x1F7D9, 0x1F7D9}, {0x1FA75, 0x1FAFF},
             {0x31350, 0x323AF}};
  const std::vector<std::pair<char32_t, char32_t>> gaps = {// by our own choice
                                                           {0x2122, 0x2122},
                                                           {0x2120, 0x2120},
                                                           {0x02BB, 0x02BC},
                                                           {0x200B, 0x200B}};
  std::size_t compared = 0, digit = 0;
  char32_t digits_until = 0;
  for_each_code_point([&](char32_t value, const std::string& text) {
    const auto code = static_cast<utf8proc_int32_t>(value);
    const auto category = utf8proc_category(code);
    if (category == UTF8PROC_CATEGORY_CN || among(value, newer)) return;
    std::string expected;
    if (category == UTF8PROC_CATEGORY_ND) {  // ten in a row, in order
      digit = value == digits_until ? (digit + 1) % 10 : 0;
      digits_until = value + 1;
      expected = static_cast<char>('0' + digit);
    } else if (!among(value, gaps) && category != UTF8PROC_CATEGORY_CF &&
               !utf8proc_get_property(code)->ignorable) {
      expected = expected_of(text);
    }
    const std::string folded = fold_text(text);
    ++compared;
    if (folded != expected)
      FAIL_CHECK("U+" << std::hex << std::uint32_t{value} << ": '" << folded << "', utf8proc '"
                      << expected << "'");
  });
  CHECK(compared > 280'000);
}

TEST_CASE("text beyond Latin-1: letters and accents apart are folded as in one") {
  const std::string whole = "йўїѓќ ЙЎЇЃЌ";  // the tokenizer joins these
  for_each_code_point([&](char32_t value, const std::string& text) {
    if (whole.find(text) != whole.npos) return;
    for (const int options : {UTF8PROC_DECOMPOSE + 0, UTF8PROC_COMPOSE + 0})
      if (fold_text(map(text, options)) != fold_text(text))
        FAIL_CHECK("U+" << std::hex << std::uint32_t{value});
  });
}

TEST_CASE("text beyond Latin-1: every small letter has the capital of utf8proc") {
  for_each_code_point([&](char32_t value, const std::string&) {
    const auto code = static_cast<utf8proc_int32_t>(value);
    const auto upper = static_cast<char32_t>(utf8proc_toupper(code));
    // Letters whose full capital is several: theirs is left alone.
    if (upper_case(value) != upper && upper_case(value) != value)
      FAIL_CHECK("U+" << std::hex << std::uint32_t{value});
    if (upper_case(value) == value && upper != value && utf8proc_totitle(code) == code)
      FAIL_CHECK("U+" << std::hex << std::uint32_t{value} << " has a capital");
  });
}

#endif
