// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/data/code_buffer.hpp>
#include <bodega/data/code_rule.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/data/variable_weight.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Customers who are nobody, but for case, in the files that shops have.
inline std::vector<std::string> usual_nobodies() {
  return {"null", "nan", "none", "n/a", "na", "nil", "-", "<na>", "#n/a", "\\n"};
}

struct CodeRuleOptions {
  std::vector<CodeRule> item = {}, receipt = {}, customer = {}, store = {};
  std::vector<VariableWeight> variable_weight = {};
  std::vector<std::string> no_customer = usual_nobodies();

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("item", self.item, "Rules for the codes of items, one after the other.");
    visit("receipt", self.receipt, "Rules for the numbers of receipts.");
    visit("customer", self.customer, "Rules for the codes of customers.");
    visit("store", self.store, "Rules for the codes of stores.");
    visit("variable_weight", self.variable_weight,
          "Schemes of codes with a weight or a price in them; the first that fits.");
    visit("no_customer", self.no_customer,
          "Customers who are nobody, but for case; an empty field is nobody as well.");
  }
};

/// What the codes of a shop stand for, as a model that stands in its bundle: a till reads what a
/// scanner sends by the rules that the receipts were read by (`code_rules` of the reader's
/// options). Const calls may run from many threads; they allocate nothing.
class CodeRules {
 public:
  static constexpr std::string_view kind = "code_rules";
  static constexpr std::size_t most_rules = 16;  ///< of each field

  CodeRules() : CodeRules(CodeRuleOptions()) {}

  /// Throws Error(invalid_argument) for a scheme of weights that is none, (out_of_range) for more
  /// than `most_rules` of a field.
  explicit CodeRules(const CodeRuleOptions& options);

  /// Returns what a scanned code stands for: by the first scheme of weights that fits, then by the
  /// rules for items. The code is in `room`, or a part of `scanned` where that is longer than a
  /// `CodeBuffer`; then no rule is applied.
  ScannedItem item(std::string_view scanned, CodeBuffer& room) const noexcept;

  // The one spelling of what was sent; where it is, as for `item`.
  std::string_view receipt(std::string_view sent, CodeBuffer& room) const noexcept {
    return by(receipt_, sent, room);
  }
  std::string_view store(std::string_view sent, CodeBuffer& room) const noexcept {
    return by(store_, trimmed(sent), room);
  }
  /// Empty for nobody.
  std::string_view customer(std::string_view sent, CodeBuffer& room) const noexcept;

  /// What they were made of.
  CodeRuleOptions options() const;

  /// Error (out_of_range, shape, invalid_argument, format) where these are no rules.
  void validate(const std::string& where) const;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("item", self.item_);
    visit("receipt", self.receipt_);
    visit("customer", self.customer_);
    visit("store", self.store_);
    visit("patterns", self.patterns_);
    visit("places", self.places_);
    visit("nobody", self.nobody_);
  }

  bool operator==(const CodeRules&) const = default;

 private:
  static std::string_view by(std::span<const std::uint8_t> rules, std::string_view sent,
                             CodeBuffer& room) noexcept;

  std::vector<std::uint8_t> item_, receipt_, customer_, store_;  // CodeRule, in their order
  StringTable patterns_;                                         // of schemes of weights
  std::vector<std::uint8_t> places_;                             // by scheme
  StringTable nobody_;
};

#if BODEGA_BODIES

BODEGA_INLINE CodeRules::CodeRules(const CodeRuleOptions& options) {
  const auto bytes = [](const std::vector<CodeRule>& rules) {
    std::vector<std::uint8_t> numbers;
    for (const CodeRule rule : rules) numbers.push_back(static_cast<std::uint8_t>(rule));
    return numbers;
  };
  item_ = bytes(options.item);
  receipt_ = bytes(options.receipt);
  customer_ = bytes(options.customer);
  store_ = bytes(options.store);
  for (const VariableWeight& scheme : options.variable_weight) {
    scheme.validate();
    patterns_.add(scheme.pattern);
    places_.push_back(static_cast<std::uint8_t>(scheme.places));
  }
  for (const std::string& one : options.no_customer) nobody_.add(one);
  validate("CodeRules");
}

BODEGA_INLINE ScannedItem CodeRules::item(std::string_view scanned,
                                          CodeBuffer& room) const noexcept {
  ScannedItem found{scanned};
  if (!places_.empty() && room.assign(scanned)) {
    detail::digits_of_scale(room);
    const CodeBuffer digits = room;
    for (std::size_t s = 0; s < places_.size(); ++s)
      if (const auto read = read_variable_weight(patterns_[s], places_[s], digits.text(), room)) {
        found = *read;
        break;
      }
  }
  found.code = by(item_, found.code, room);
  return found;
}

BODEGA_INLINE std::string_view CodeRules::customer(std::string_view sent,
                                                   CodeBuffer& room) const noexcept {
  const std::string_view name = trimmed(sent);
  for (std::size_t i = 0; i < nobody_.size(); ++i)
    if (same_but_case(name, nobody_[i])) return {};
  return by(customer_, name, room);
}

BODEGA_INLINE CodeRuleOptions CodeRules::options() const {
  const auto rules = [](const std::vector<std::uint8_t>& numbers) {
    std::vector<CodeRule> list;
    for (const std::uint8_t number : numbers) list.push_back(static_cast<CodeRule>(number));
    return list;
  };
  CodeRuleOptions options{rules(item_), rules(receipt_), rules(customer_), rules(store_), {}, {}};
  for (std::size_t s = 0; s < places_.size(); ++s)
    options.variable_weight.push_back({std::string(patterns_[s]), places_[s]});
  for (std::size_t i = 0; i < nobody_.size(); ++i) options.no_customer.emplace_back(nobody_[i]);
  return options;
}

BODEGA_INLINE void CodeRules::validate(const std::string& where) const {
  const auto check = [&](const std::vector<std::uint8_t>& rules, const char* field) {
    if (rules.size() > most_rules)
      throw Error(ErrorCode::out_of_range, where + ", " + field,
                  "at most " + std::to_string(most_rules) + " rules", std::to_string(rules.size()));
    for (const std::uint8_t rule : rules)
      if (rule >= enum_names(CodeRule{}).size())
        throw Error(ErrorCode::out_of_range, where + ", " + field,
                    "rules below " + std::to_string(enum_names(CodeRule{}).size()),
                    std::to_string(rule));
  };
  check(item_, "item");
  check(receipt_, "receipt");
  check(customer_, "customer");
  check(store_, "store");
  patterns_.validate(where + ", patterns");
  nobody_.validate(where + ", nobody");
  validate_size(places_.size(), patterns_.size(), where + ", places");
  for (std::size_t s = 0; s < places_.size(); ++s)
    VariableWeight{std::string(patterns_[s]), places_[s]}.validate();
}

BODEGA_INLINE std::string_view CodeRules::by(std::span<const std::uint8_t> rules,
                                             std::string_view sent, CodeBuffer& room) noexcept {
  if (!room.assign(sent)) return sent;
  for (const std::uint8_t rule : rules) apply(static_cast<CodeRule>(rule), room);
  return room.text();
}

#endif

}  // namespace bodega::inline BODEGA_ABI
