// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/hybrid/rule_text.hpp>
#include <bodega/hybrid/slate_rule.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {

/// A bit for each hour of the day in which the conditions hold.
constexpr std::uint32_t rule_hours(const RuleConditions& when) noexcept {
  std::uint32_t hours = 0;
  for (int hour = 0; hour < 24; ++hour) {
    const bool after = hour >= when.hour_from, before = hour < when.hour_until;
    if (when.hour_from < when.hour_until ? after && before : after || before)
      hours |= std::uint32_t{1} << hour;
  }
  return hours;
}

#if BODEGA_BODIES
bool share_one(const std::vector<std::string>& a, const std::vector<std::string>& b);
bool holds_all(const std::vector<std::string>& wide, const std::vector<std::string>& narrow);

/// Whether both can hold at once.
bool can_meet(const RuleConditions& a, const RuleConditions& b);
#endif

/// Whether `wide` holds whenever `narrow` does.
bool covers(const RuleConditions& wide, const RuleConditions& narrow);

}  // namespace detail

/// What a chain says that slates may and should show, as data: it stands in a bundle beside the
/// models and is swapped with them, or comes from the caller. `CompiledRules` applies it.
///
/// Precedence: what is not to be shown (exclude, only_when, require_age, require_card,
/// minimum_margin, not_again), then the shelf, then caps, then pins, then boosts. Of two pins the
/// one that stands first in the set is served first. Where a query does not say what a rule wants
/// to know, a rule that restricts holds and one that promotes does not.
///
/// Thread safety: const calls from many threads.
class RuleSet {
 public:
  static constexpr std::string_view kind = "rule_set";
  static constexpr std::size_t max_rules = 256;

  RuleSet() = default;
  /// Throws as `add`.
  explicit RuleSet(std::span<const SlateRule> rules) {
    for (const SlateRule& rule : rules) add(rule, "rule '" + rule.name + "'");
  }

  /// Adds a rule after the others; `where` names its place in errors.
  /// Throws Error(duplicate) for a name that is there already, Error(out_of_range,
  /// invalid_argument) for what makes no sense by itself, and Error(invalid_argument) for what
  /// contradicts an earlier rule: two pins of one slot that can hold at once. Nothing is changed
  /// then.
  void add(const SlateRule& rule, const std::string& where);

  std::size_t size() const noexcept { return rules_.size(); }
  bool empty() const noexcept { return rules_.empty(); }
  const SlateRule& operator[](std::size_t i) const noexcept { return rules_[i]; }
  std::span<const SlateRule> rules() const noexcept { return rules_; }

  /// Throws what `parse_rule` and `add` throw.
  void validate(const std::string& where) const;
  /// Reads the rules of texts that `validate` accepts.
  void restore();

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    StringTable::parameters(self.texts_, visit);
  }

  bool operator==(const RuleSet& other) const noexcept { return texts_ == other.texts_; }

 private:
  void read(const StringTable& texts, const std::string& where);

  /// What makes no sense by itself.
  static void check(const SlateRule& rule, const std::string& where);

  std::vector<SlateRule> rules_;
  StringTable texts_;  // what stands in the file
};

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE bool share_one(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (const std::string& one : a)
    for (const std::string& other : b)
      if (one == other) return true;
  return false;
}

BODEGA_INLINE bool holds_all(const std::vector<std::string>& wide,
                             const std::vector<std::string>& narrow) {
  for (const std::string& one : narrow) {
    bool found = false;
    for (const std::string& other : wide) found |= one == other;
    if (!found) return false;
  }
  return true;
}

BODEGA_INLINE bool can_meet(const RuleConditions& a, const RuleConditions& b) {
  const auto any_or_same = [](auto x, auto y) {
    return x == y || x == decltype(x){} || y == decltype(y){};
  };
  return !(a.from && b.until && *a.from > *b.until) && !(b.from && a.until && *b.from > *a.until) &&
         (a.weekdays & b.weekdays) != 0 && (rule_hours(a) & rule_hours(b)) != 0 &&
         (a.stores.empty() || b.stores.empty() || share_one(a.stores, b.stores)) &&
         any_or_same(a.channel, b.channel) && any_or_same(a.rush, b.rush);
}

BODEGA_INLINE bool covers(const RuleConditions& wide, const RuleConditions& narrow) {
  const auto any_or_same = [](auto x, auto y) { return x == y || x == decltype(x){}; };
  return (!wide.from || (narrow.from && *wide.from <= *narrow.from)) &&
         (!wide.until || (narrow.until && *wide.until >= *narrow.until)) &&
         (narrow.weekdays & ~wide.weekdays) == 0 && (rule_hours(narrow) & ~rule_hours(wide)) == 0 &&
         (wide.stores.empty() ||
          (!narrow.stores.empty() && holds_all(wide.stores, narrow.stores))) &&
         any_or_same(wide.channel, narrow.channel) && any_or_same(wide.rush, narrow.rush) &&
         holds_all(narrow.tags, wide.tags);
}

}  // namespace detail

BODEGA_INLINE void RuleSet::add(const SlateRule& rule, const std::string& where) {
  if (rules_.size() == max_rules)
    throw Error(ErrorCode::out_of_range, where, "at most " + std::to_string(max_rules) + " rules",
                "one more");
  check(rule, where);
  for (const SlateRule& other : rules_) {
    if (other.name == rule.name)
      throw Error(ErrorCode::duplicate, where, "each name once", "'" + rule.name + "' twice");
    if (rule.action == RuleAction::pin && other.action == RuleAction::pin &&
        rule.value == other.value && detail::can_meet(rule.when, other.when))
      throw Error(ErrorCode::invalid_argument, where, "a slot that is free whenever the rule holds",
                  "slot " + std::to_string(static_cast<int>(rule.value)) + " pinned by rule '" +
                      other.name + "' as well");
  }
  const RuleTexts texts = rule_texts(rule);
  rules_.push_back(parse_rule(texts, where));  // as it will be read back: values of 4 places
  const std::size_t before = texts_.size();
  try {
    for (const std::string& text : texts) texts_.add(text);
  } catch (...) {
    texts_.truncate(before);
    rules_.pop_back();
    throw;
  }
}

BODEGA_INLINE void RuleSet::validate(const std::string& where) const {
  texts_.validate(where + ", texts");
  if (texts_.size() % rule_columns.size() != 0)
    throw Error(ErrorCode::shape, where, "five texts a rule", std::to_string(texts_.size()));
  RuleSet read;
  read.read(texts_, where);
}

BODEGA_INLINE void RuleSet::restore() {
  const StringTable texts = std::exchange(texts_, {});
  rules_.clear();
  read(texts, "rule set");
}

BODEGA_INLINE void RuleSet::read(const StringTable& texts, const std::string& where) {
  for (std::size_t i = 0; i + 5 <= texts.size(); i += 5) {
    const std::string place = where + ", rule " + std::to_string(i / 5 + 1);
    const std::array<std::string_view, 5> five{texts[i], texts[i + 1], texts[i + 2], texts[i + 3],
                                               texts[i + 4]};
    add(parse_rule(five, place), place);
  }
}

BODEGA_INLINE void RuleSet::check(const SlateRule& rule, const std::string& where) {
  const auto refuse = [&](const char* expected, std::string found) {
    throw Error(ErrorCode::invalid_argument, where, expected, std::move(found));
  };
  const auto plain = [&](const std::string& text) {
    if (text.empty() || text.find_first_of(";|=\r\n") != text.npos || trimmed(text) != text)
      refuse("texts without ; | = and blanks around them", "'" + text + "'");
  };
  if (rule.name.empty() || trimmed(rule.name) != rule.name) refuse("a name", "'" + rule.name + "'");
  for (const RuleItems::Field& field : rule.items.wanted) {
    plain(field.name);
    if (field.values.empty()) refuse("a value of each field", "none of " + field.name);
    for (const std::string& value : field.values) plain(value);
  }
  for (const auto* texts : {&rule.when.stores, &rule.when.tags})
    for (const std::string& text : *texts) plain(text);
  if (!rule.items.each.empty()) {
    plain(rule.items.each);
    if (rule.action != RuleAction::cap) refuse("`each` of a cap alone", rule.items.each);
  }
  const RuleConditions& when = rule.when;
  if (when.from && when.until && *when.from > *when.until)
    refuse("a last day that is not before the first",
           when.from->to_string() + " to " + when.until->to_string());
  if (when.weekdays == 0 || when.weekdays > 0x7f)
    refuse("a day of the week at least", std::to_string(when.weekdays));
  if (when.hour_from < 0 || when.hour_from > 23 || when.hour_until < 0 || when.hour_until > 24 ||
      when.hour_from == when.hour_until)
    refuse("hours such as 8-12 or 22-4",
           std::to_string(when.hour_from) + "-" + std::to_string(when.hour_until));
  if (rule.action == RuleAction::only_when && when == RuleConditions{})
    refuse("a condition: it says when the items are shown", "none");

  const double value = rule.value;
  const auto whole = [&](double low, double high, const char* expected) {
    if (!(value >= low && value <= high) || value != std::floor(value))
      throw Error(ErrorCode::out_of_range, where + ", value", expected, std::to_string(value));
  };
  switch (rule.action) {
    case RuleAction::exclude:
    case RuleAction::only_when:
    case RuleAction::require_card:
      whole(0, 0, "none");
      break;
    case RuleAction::require_age:
      whole(1, 120, "whole years from 1 to 120");
      break;
    case RuleAction::minimum_margin:
      if (!(std::abs(value) <= 1e6))
        throw Error(ErrorCode::out_of_range, where + ", value", "from -1000000 to 1000000",
                    std::to_string(value));
      break;
    case RuleAction::not_again:
      whole(1, 3650, "whole days from 1 to 3650");
      break;
    case RuleAction::cap:
      whole(1, 100, "a number of items from 1 to 100 (none at all is exclude)");
      break;
    case RuleAction::pin:
      whole(1, 100, "a slot from 1 to 100");
      break;
    case RuleAction::boost:
      if (!(value >= 0.001 && value <= 1000))
        throw Error(ErrorCode::out_of_range, where + ", value", "a factor from 0.001 to 1000",
                    std::to_string(value));
      break;
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI
