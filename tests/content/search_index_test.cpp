// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/compress/quantize.hpp>
#include <bodega/content/search_index.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "example_shop.hpp"
#include "reload.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

Catalog shop() {
  Catalog catalog;
  catalog.add({.id = "A1", .description = "Red lantern"});
  catalog.add({.id = "A2", .description = "Lanterns, blue", .attributes = {{"room", "garden"}}});
  catalog.add({.id = "A3", .description = "Café au lait bowl"});
  catalog.add({.id = "A4", .description = "lancet red red tea"});
  catalog.add({.id = "A5"});
  return catalog;
}

template <class W>
std::vector<std::uint32_t> found(const SearchIndex<W>& index, std::string_view text,
                                 const MatchOptions& options = {}) {
  SearchMatches matches(index.items());
  index.match(text, matches, options);
  std::vector<std::uint32_t> items;
  for (const ItemIndex item : matches.found()) {
    CHECK(matches.score(item) > 0);
    CHECK(std::isfinite(matches.score(item)));
    CHECK(!index.term(matches.term(item)).empty());
    items.push_back(item.value());
  }
  std::sort(items.begin(), items.end());
  CHECK(std::adjacent_find(items.begin(), items.end()) == items.end());
  return items;
}
using Items = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("BM25 by hand") {
  Catalog catalog;
  catalog.add({.id = "1", .description = "red red mug"});
  catalog.add({.id = "2", .description = "blue mug"});
  catalog.add({.id = "3", .description = "spoon"});
  const SearchIndex index(catalog, {.id_weight = 0});
  SearchMatches matches(3);
  index.match("RED mug", matches);
  const double mean = 2, k1 = 1.2;
  const auto part = [&](double tf, double length) {
    return tf / (tf + k1 * (0.25 + 0.75 * length / mean));
  };
  const double red = std::log1p((3 - 1 + 0.5) / (1 + 0.5)),
               mug = std::log1p((3 - 2 + 0.5) / (2 + 0.5));
  CHECK(matches.score(ItemIndex(0)) == Approx(red * part(2, 3) + mug * part(1, 3)));
  CHECK(matches.score(ItemIndex(1)) == Approx(mug * part(1, 2) / 2));  // one word of two
  CHECK(matches.score(ItemIndex(2)) == 0);
  CHECK(index.term(matches.term(ItemIndex(0))) == "red");
  CHECK(matches.term(ItemIndex(2)) == SearchMatches::no_term);
  index.match("mug nothinglikeit", matches);  // a word that finds nothing does not count
  CHECK(matches.score(ItemIndex(1)) == Approx(mug * part(1, 2)));
}

TEST_CASE("a text finds words as they are typed") {
  const SearchIndex index(shop());
  for (const char* typed : {"l", "la", "lan"}) CHECK(found(index, typed).size() >= 3);
  CHECK(found(index, "lant") == Items{0, 1});
  CHECK(found(index, "lantern") == Items{0, 1});
  CHECK(found(index, "lanterns") == Items{1});
  CHECK(found(index, "LANC") == Items{3});
  CHECK(found(index, "café") == Items{2});
  CHECK(found(index, "garden") == Items{1});  // an attribute
  CHECK(found(index, "a5") == Items{4});      // its code is all that an item without a name has
  SearchMatches matches(index.items());
  index.match("lantern", matches);
  CHECK(matches.score(ItemIndex(0)) > matches.score(ItemIndex(1)));  // the word itself leads
  index.match("red tea", matches);
  CHECK(matches.score(ItemIndex(3)) > 2 * matches.score(ItemIndex(0)));
}

TEST_CASE("one edit is forgiven where no word begins as typed") {
  const SearchIndex index(shop());
  for (const char* typed : {"lamtern", "lnatern", "lanttern", "lanern", "xlantern", "kantern",
                            "antern", "lamter", "alntern"})
    CHECK(found(index, typed) == Items{0, 1});
  CHECK(found(index, "cxfé") == Items{2});
  CHECK(found(index, "cafés").size() == 1);
  CHECK(found(index, "lamtren").empty());  // two edits
  CHECK(found(index, "rde").empty());      // too short for a typo
  CHECK(found(index, "rde", {.min_typo_letters = 3}).size() > 0);
  SearchMatches matches(index.items());
  index.match("lantern", matches);
  const float exact = matches.score(ItemIndex(0));
  index.match("lamtern", matches);
  CHECK(matches.score(ItemIndex(0)) < exact);
}

TEST_CASE("whatever is one edit away is found, and nothing that is two") {
  // Against the distance computed by its definition, over all words of the shop of the examples.
  const Catalog catalog = bodega_test::example_catalog();
  const SearchIndex index(catalog);
  const auto one_edit = [](std::string_view typed, std::string_view term) {
    // Does some beginning of `term` equal `typed` after at most one edit?
    const auto begins = [&](const std::string& text) {
      return term.substr(0, text.size()) == text;
    };
    for (std::size_t at = 0; at <= typed.size(); ++at) {
      const std::string before(typed.substr(0, at)), after(typed.substr(at));
      if (!after.empty() && begins(before + after.substr(1))) return true;
      if (after.size() > 1 && begins(before + after[1] + after[0] + after.substr(2))) return true;
      if (term.size() > at) {
        if (!after.empty() && begins(before + term[at] + after.substr(1))) return true;
        if (!after.empty() && begins(before + term[at] + after)) return true;
      }
    }
    return false;
  };
  std::size_t checked = 0;
  for (std::size_t t = 0; t < index.terms(); t += 5) {
    std::string typed(index.term(static_cast<std::uint32_t>(t)));
    if (typed.size() < 5) continue;
    typed.resize(5);
    std::swap(typed[2], typed[3]);
    typed[4] = t % 2 == 0 ? typed[4] : 'q';
    const auto items = found(index, typed);
    Items expected;
    const auto begins = [&](std::uint32_t term) { return index.term(term).starts_with(typed); };
    bool any = false;
    for (std::uint32_t term = 0; term < index.terms(); ++term) any |= begins(term);
    for (std::uint32_t term = 0; term < index.terms(); ++term)
      if (any ? begins(term) : one_edit(typed, index.term(term)))
        for (const std::uint32_t item : index.term_items().row(term).columns)
          expected.push_back(item);
    std::sort(expected.begin(), expected.end());
    expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
    INFO("typed " << typed);
    CHECK(items == expected);
    ++checked;
  }
  CHECK(checked > 20);
}

TEST_CASE("texts that make no sense have a stated answer") {
  const SearchIndex index(shop());
  for (const char* text : {"", "   ", "-/.,", "zzzzzz"}) CHECK(found(index, text).empty());
  CHECK(found(index, std::string(10'000, 'l')).empty());
  CHECK(found(index, "lant" + std::string(10'000, ' ') + "bowl") ==
        Items{0, 1});  // 256 bytes count
  std::string long_text;
  for (int i = 0; i < 2'000; ++i) long_text += "red ";
  CHECK(found(index, long_text) == Items{0, 3});
  CHECK(found(index, std::string_view("lant\0ern", 8)) == Items{0, 1});
  CHECK(found(index, "\xFF\xFE\xC3").empty());
  CHECK(found(index, "caf\xC3") == Items{2});      // half of a letter is a beginning, too
  CHECK(found(index, "lan\xFFtern").size() == 2);  // one letter too many
  CHECK(found(index, "\xF0\x9F\x98\x80\x80\x80\xC0").empty());
  SearchMatches of_another(7);
  index.match("red", of_another);
  CHECK(of_another.found().empty());
  const SearchIndex empty{Catalog()};
  empty.validate("empty");
  CHECK(found(empty, "red").empty());
  Catalog broken;
  broken.add({.id = "\xFF\xC3", .description = "\xE2\x82"});
  broken.add({.id = "1", .description = ""});
  CHECK(found(SearchIndex(broken), "\xE2\x82") == Items{0});
}

TEST_CASE("text beyond Latin-1: a text finds what differs in case, accents or blanks alone") {
  Catalog catalog;
  for (const char* name :
       {"МОЛОКО 3,2%", "ХЛЕБ РЖАНОЙ", "Coffee\u00A0beans", "Crème brûlée", "Weißbier",
        "ΦΕΤΑ Ελληνικός", "Süt TAZE KIRMIZI", "Ёлка", "有机牛奶", "ｶﾌｪｵﾚ", "Smørrebrød", "½ loaf",
        "re\u0301glisse", "soft\u00ADener", "ＣＯＬＡ", "oﬃce"})
    catalog.add({.id = "#" + std::to_string(catalog.size()), .description = name});
  const SearchIndex index(catalog);
  const std::vector<std::pair<const char*, std::uint32_t>> typed = {
      {"молоко", 0},       {"Мол", 0},       {"хлеб", 1},      {"ржаной", 1},
      {"РЖАНОИ\u0306", 1}, {"beans", 2},     {"creme", 3},     {"BRÛLÉE", 3},
      {"cre\u0300me", 3},  {"WEISSBIER", 4}, {"weißb", 4},     {"φέτα", 5},
      {"ελληνικοσ", 5},    {"ΕΛΛΗΝΙΚΟΣ", 5}, {"kırmızı", 6},   {"kirmizi", 6},
      {"SÜT", 6},          {"елка", 7},      {"牛奶", 8},      {"カフェオレ", 9},
      {"smorrebrod", 10},  {"réglisse", 12}, {"REGLISSE", 12}, {"softener", 13},
      {"cola", 14},        {"office", 15},   {"ｏｆｆｉ", 15}};
  SearchMatches matches(index.items());
  for (const auto& [text, item] : typed) {
    INFO(text);
    index.match(text, matches, {.typo = 0, .min_typo_letters = 99});
    REQUIRE(matches.found().size() == 1);
    CHECK(matches.found()[0] == ItemIndex(item));
  }
  CHECK(found(index, "малоко") == Items{0});  // a typo is one letter, of two bytes
}

TEST_CASE("text beyond Latin-1: an index of an earlier version finds by the rules of today") {
  // As version 1 wrote it: Latin letters lowered, all else as it stood.
  Catalog catalog;
  for (const char* name :
       {"хлеб Ржаной", "МОЛОКО", "café", "coffee\u00A0beans", "red mug", "\u2013"})
    catalog.add({.id = name, .description = name});
  SearchIndex<> index(catalog);
  const std::vector<std::pair<std::string, std::vector<std::uint32_t>>> old = {
      {"café", {2}},   {"coffee\u00A0beans", {3}},
      {"mug", {4}},    {"red", {4}},
      {"\u2013", {5}}, {"МОЛОКО", {1}},
      {"Ржаной", {0}}, {"молоко", {2}},
      {"хлеб", {0}}};
  StringTable terms;
  CsrMatrix<float> term_items(6);
  auto sorted = old;
  std::sort(sorted.begin(), sorted.end());
  for (const auto& [term, items] : sorted) {
    terms.add(term);
    term_items.add_row(items, std::vector<float>(items.size(), 0.5f));
  }
  SearchIndex<>::parameters(index, [&](std::string_view, auto& leaf, auto...) {
    if constexpr (std::is_same_v<StringTable&, decltype(leaf)>)
      leaf = terms;
    else
      leaf = term_items;
  });
  index.validate("old");
  index.restore();
  CHECK(found(index, "хлеб") == Items{0});
  CHECK(found(index, "РЖАН") == Items{0});
  CHECK(found(index, "молоко") == Items{1, 2});
  CHECK(found(index, "CAFE") == Items{2});
  CHECK(found(index, "beans") == Items{3});
  CHECK(found(index, "coffee") == Items{3});
  CHECK(found(index, "red mag") == Items{4});
  CHECK(found(index, "рханой") == Items{0});  // a typo
  CHECK(found(index, "\u2013").empty());
  CHECK(bodega_test::reload(index) == index);
  CHECK(found(bodega_test::reload(index), "beans") == Items{3});
  CHECK(found(bodega_test::reload(quantize(index)), "beans") == Items{3});
}

TEST_CASE("searching allocates nothing") {
  const SearchIndex index(bodega_test::example_catalog());
  SearchMatches matches(index.items());
  CHECK(bodega_test::allocations_in([&] {
          for (const char* text : {"a", "white hanging", "cnadle", "xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                                   "Crème brûlée", "молоко", "우유"})
            index.match(text, matches);
          std::array<char, 3 * 90> longest;  // the letter that grows most
          for (std::size_t k = 0; k < longest.size(); ++k) longest[k] = "\uFDFA"[k % 3];
          index.match({longest.data(), longest.size()}, matches);
        }) == 0);
}

TEST_CASE("a search index is the same after a file and finds the same in INT8") {
  const SearchIndex index(bodega_test::toy_catalog());
  CHECK(bodega_test::reload(index) == index);
  const auto small = quantize(index);
  CHECK(bodega_test::reload(small) == small);
  SearchMatches exact(index.items()), rounded(index.items());
  for (const char* text : {"red", "br", "green wine", "huosehold", "A12"}) {
    index.match(text, exact);
    small.match(text, rounded);
    CHECK(std::equal(exact.found().begin(), exact.found().end(), rounded.found().begin(),
                     rounded.found().end()));
    for (const ItemIndex item : exact.found())
      CHECK(rounded.score(item) == Approx(exact.score(item)).epsilon(0.01));
  }
}

TEST_CASE("search indices that make no sense are Errors") {
  CHECK_ERROR(SearchIndex(shop(), {.id_weight = -1}), ErrorCode::invalid_argument, "id_weight");
  CHECK_ERROR(SearchIndex(shop(), {.saturation = NAN}), ErrorCode::invalid_argument, "saturation");
  CHECK_ERROR(SearchIndex(shop(), {.length = 2}), ErrorCode::invalid_argument, "length");
  const SearchIndex index(shop());
  CHECK_ERROR(bodega_test::reload(
                  index,
                  []([[maybe_unused]] const std::string& name, [[maybe_unused]] auto& leaf, Role) {
                    if constexpr (std::is_same_v<std::vector<std::uint8_t>&, decltype(leaf)>)
                      if (name == "terms.bytes") leaf.front() = 'z';
                  }),
              ErrorCode::format, "terms");
  CHECK_ERROR(
      bodega_test::reload(index,
                          [](const std::string&, [[maybe_unused]] auto& leaf, Role) {
                            if constexpr (std::is_same_v<std::vector<float>&, decltype(leaf)>)
                              leaf.back() = NAN;
                          }),
      ErrorCode::not_finite, "term_items");
}
