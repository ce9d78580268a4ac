// SPDX-License-Identifier: MIT
#include <set>
#include <sstream>
#include <string>

#include <bodega/bundle/bundle.hpp>
#include <bodega/core/random.hpp>
#include <bodega/data/code_rules.hpp>
#include <bodega/data/read_receipts.hpp>

#include "allocation_counter.hpp"
#include "check_error.hpp"
#include "reload.hpp"

using namespace bodega;
using bodega_test::allocations_in;

namespace {

const std::string nbsp = "\xC2\xA0";

ReceiptOptions reader_options() {
  ReceiptOptions options;
  options.normalise = {CodeRule::without_symbology, CodeRule::joined, CodeRule::gtin};
  options.normalise_receipt = CodeRule::without_zeros;
  options.normalise_customer = whole_number;
  options.normalise_store = upper_case_trimmed;
  options.variable_weight = {{"21IIIIIWWWWWC"}, {.pattern = "28IIIIIPPPPPC", .places = 2}};
  options.no_customer.push_back("walk-in");
  return options;
}

std::string item_of(const CodeRules& rules, const std::string& scanned) {
  CodeBuffer room;
  return std::string(rules.item(scanned, room).code);
}

/// One of the ways in which files and scanners write a code of digits.
std::string spelling(std::string digits, std::uint64_t seed) {
  const auto words = CounterRandom(seed).words(0, 0);
  std::string code = digits;
  if (words[0] % 3 == 0)
    while (code.size() > 8 && code.front() == '0') code.erase(0, 1);
  if (words[0] / 3 % 3 == 0) code.insert(0, words[0] / 9 % 2, '0');
  if (words[1] % 4 == 0) {
    code.insert(1 + words[1] / 4 % (code.size() - 1), words[1] / 64 % 2 == 0 ? "-" : " ");
  } else if (words[1] % 4 == 1) {
    code += words[1] / 4 % 2 == 0 ? ".0" : ".00";
  }
  if (words[2] % 4 == 0) code.insert(0, "'");
  if (words[2] % 4 == 1) code.insert(0, "]E0");
  for (std::uint32_t blanks = words[3]; blanks % 3 != 0; blanks /= 3) {
    const std::string blank = blanks % 2 == 0 ? " " : nbsp;
    code = blanks % 5 < 2 ? blank + code : code + blank;
  }
  return code;
}

}  // namespace

TEST_CASE("What a scanner sends is read by the rules of the reader") {
  const CodeRules rules = code_rules(reader_options());
  CodeBuffer room;
  for (const auto& code :
       std::vector<std::string>{"0036000291452", "036000291452", "36000291452", "'036000291452",
                                "036000291452" + nbsp, "36000291452.0", "]E00036000291452"})
    CHECK(item_of(rules, code) == "0036000291452");
  const ScannedItem first = rules.item("2112345004508", room);
  const std::string code(first.code);
  CHECK(first.weight == Quantity::parse("0.450"));
  const ScannedItem second = rules.item("2112345012305", room);
  CHECK(second.weight == Quantity::parse("1.230"));
  CHECK(second.code == code);
  CHECK(rules.item("]E02112345012305\r\n", room).code == code);
  CHECK(rules.item("2812345002505", room).price == Money::parse("2.5"));
  CHECK(rules.receipt("000123", room) == "123");
  CHECK(rules.customer("17850.0", room) == "17850");
  for (const char* nobody : {"", " ", "NULL", "-", "Walk-In"})
    CHECK(rules.customer(nobody, room).empty());
  CHECK(rules.store(" n1 ", room) == "N1");
}

TEST_CASE("Without rules codes stay as they are") {
  const CodeRules rules;
  CodeBuffer room;
  CHECK(rules.item(" a ", room).code == " a ");
  CHECK(rules.receipt(" a ", room) == " a ");
  CHECK(rules.customer(" Ann ", room) == "Ann");
  CHECK(rules.customer("NaN", room).empty());
  const std::string long_one(300, '1');
  CHECK(code_rules(reader_options()).item(long_one, room).code == long_one);
}

TEST_CASE("Reading codes allocates nothing") {
  const CodeRules rules = code_rules(reader_options());
  CodeBuffer room;
  CHECK(allocations_in([&] {
          for (const char* code : {"2112345004508", "0-36000 29145-2", "soup", "2812345002505"}) {
            rules.item(code, room);
            rules.receipt(code, room);
            rules.customer(code, room);
            rules.store(code, room);
          }
        }) == 0);
}

TEST_CASE("Random spellings of an article are one item, at the till and in the reader") {
  const ReceiptOptions options = reader_options();
  const CodeRules rules = code_rules(options);
  std::string text = "receipt,item,quantity,time\n";
  std::set<std::string> spellings, articles;
  for (std::uint64_t article = 0; article < 40; ++article) {
    std::string digits = std::to_string(100'000'000'000 + article * 7'919'777'333);
    digits.insert(0, article % 3 == 0 ? "0" : "");
    digits.resize(12);
    digits += gtin_check_digit(digits);
    if (digits.starts_with("21") || digits.starts_with("28")) continue;
    articles.insert(digits);
    for (std::uint64_t i = 0; i < 50; ++i) {
      const std::string scanned = spelling(digits, article * 1000 + i);
      INFO("'" << scanned << "' of " << digits);
      CHECK(item_of(rules, scanned) == digits);
      CHECK(item_of(rules, item_of(rules, scanned)) == digits);
      spellings.insert(scanned);
      text += std::to_string(i) + ",\"" + scanned + "\",1,2024-01-01\n";
    }
  }
  CHECK(spellings.size() > 10 * articles.size());
  std::istringstream in(text);
  const Receipts receipts = read_receipts(in, "r.csv", options);
  REQUIRE(receipts.catalog().size() == articles.size());
  for (const std::string& article : articles) CHECK(!receipts.catalog().find(article).is_none());
}

TEST_CASE("Reader and till agree on whatever a code is") {
  const ReceiptOptions options = reader_options();
  const CodeRules rules = code_rules(options);
  const std::string letters = "0123456789021.-' ]Ea";
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    std::string code = seed % 5 == 0 ? "21" : "";
    for (std::uint32_t i = 0; i < 1 + seed % 15; ++i)
      code += letters[CounterRandom(seed).words(1, i)[0] % letters.size()];
    std::istringstream in("receipt,item,quantity,time\n1,\"" + code + "\",1,2024-01-01\n");
    const std::string read = item_of(rules, code);
    if (read.empty()) continue;
    const Receipts receipts = read_receipts(in, "r.csv", options);
    INFO(code);
    CHECK(receipts.catalog().id(ItemIndex(0)) == read);
  }
}

TEST_CASE("Rules for codes stand in a bundle") {
  const CodeRules rules = code_rules(reader_options());
  CHECK(bodega_test::reload(rules) == rules);
  Bundle bundle;
  bundle.add("codes", rules);
  const auto again = Bundle::parse(bundle.serialize()).get<CodeRules>("codes");
  CHECK(again == rules);
  CHECK(item_of(again, "36000291452") == "0036000291452");
  const CodeRuleOptions options = again.options();
  CHECK(options.item.size() == 3);
  CHECK(options.variable_weight == reader_options().variable_weight);
  CHECK(options.no_customer.back() == "walk-in");
  CHECK(CodeRules(options) == rules);
}

TEST_CASE("What is no rule is refused") {
  CHECK_ERROR(CodeRules({.variable_weight = {{"21"}}}), ErrorCode::invalid_argument,
              "variable_weight");
  CHECK_ERROR(CodeRules({.item = std::vector(17, CodeRule::trimmed)}), ErrorCode::out_of_range,
              "item");
  ReceiptOptions options;
  options.normalise_store = [](std::string& code) { code += '!'; };
  CHECK_ERROR(code_rules(options), ErrorCode::invalid_argument, "normalise_store");

  const CodeRules rules = code_rules(reader_options());
  const auto spoilt = [&](const std::string& tensor, std::uint8_t value) {
    return bodega_test::reload(rules, [&](const std::string& name, auto& leaf, Role) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(leaf)>, std::vector<std::uint8_t>>)
        if (name == tensor) leaf.back() = value;
    });
  };
  CHECK_ERROR(spoilt("item", 200), ErrorCode::out_of_range, "item");
  CHECK_ERROR(spoilt("places", 9), ErrorCode::invalid_argument, "variable_weight");
  CHECK_ERROR(spoilt("patterns.bytes", 'x'), ErrorCode::invalid_argument, "variable_weight");
}
