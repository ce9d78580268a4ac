// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/hybrid/slate_rule.hpp>

/// Rules as text, and back. Items and conditions are lists of fields with values:
///
///   category=wine|beer; brand=Acme; each=supplier
///   from=2026-03-01; until=2026-03-31; days=mon-fri|sun; hours=22-4; store=north|south;
///   channel=kiosk; rush=busy; tag=vegan
namespace bodega::inline BODEGA_ABI {

namespace detail {

/// Calls `visit(part)` for the parts between separators, without blanks around them.
template <class Visit>
void for_each_part(std::string_view text, char separator, Visit&& visit) {
  while (true) {
    const std::size_t end = text.find(separator);
    visit(trimmed(text.substr(0, end)));
    if (end == text.npos) return;
    text.remove_prefix(end + 1);
  }
}

#if BODEGA_BODIES
inline constexpr std::array<std::string_view, 7> weekday_names = {"mon", "tue", "wed", "thu",
                                                                  "fri", "sat", "sun"};
#endif

/// "name=value|value; ...", each name once.
std::vector<RuleItems::Field> parse_rule_fields(std::string_view text, const std::string& where);

#if BODEGA_BODIES
/// "mon-fri", "sun", "sat-mon".
std::uint8_t parse_weekdays(std::string_view text, const std::string& where);

/// An hour of the day, 0 to 24.
std::int8_t parse_hour(std::string_view text, const std::string& where);
#endif

RuleConditions parse_rule_conditions(std::string_view text, const std::string& where);

#if BODEGA_BODIES
void append_field(std::string& text, std::string_view name, std::string_view value);
#endif

std::string joined(const std::vector<std::string>& values);

}  // namespace detail

/// The five texts of a rule, in the order of `rule_columns`.
using RuleTexts = std::array<std::string, 5>;
inline constexpr std::array<std::string_view, 5> rule_columns = {"name", "rule", "items", "value",
                                                                 "when"};

/// Returns the rule of such texts. Throws Error(format, duplicate) naming `where` and the column.
template <class Texts>
SlateRule parse_rule(const Texts& texts, const std::string& where) {
  const auto in = [&](std::size_t column) {
    return where + ", column " + std::string(rule_columns[column]);
  };
  SlateRule rule{.name = std::string(trimmed(texts[0]))};
  const std::string_view action = trimmed(texts[1]);
  if (const auto known = value_named<RuleAction>(action)) {
    rule.action = *known;
  } else {
    std::string all;
    for (const auto& one : enum_names(RuleAction{})) (all += all.empty() ? "" : ", ") += one.name;
    throw Error(ErrorCode::format, in(1), all, "'" + std::string(action) + "'");
  }
  for (RuleItems::Field& field : detail::parse_rule_fields(texts[2], in(2)))
    if (field.name != "each")
      rule.items.wanted.push_back(std::move(field));
    else if (field.values.size() == 1)
      rule.items.each = std::move(field.values[0]);
    else
      throw Error(ErrorCode::format, in(2), "each=attribute", "several attributes");
  if (const std::string_view value = trimmed(texts[3]); !value.empty()) {
    const auto number = Money::parse(value);
    if (!number)
      throw Error(ErrorCode::format, in(3), "a number of at most 4 places",
                  "'" + std::string(value) + "'");
    rule.value = number->value();
  }
  rule.when = detail::parse_rule_conditions(texts[4], in(4));
  return rule;
}

/// Returns the texts of a rule; `parse_rule` gives it back.
RuleTexts rule_texts(const SlateRule& rule);

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE std::vector<RuleItems::Field> parse_rule_fields(std::string_view text,
                                                              const std::string& where) {
  std::vector<RuleItems::Field> fields;
  if (trimmed(text).empty() || trimmed(text) == "*") return fields;
  for_each_part(text, ';', [&](std::string_view part) {
    if (part.empty()) return;
    const std::size_t equals = part.find('=');
    RuleItems::Field field{std::string(trimmed(part.substr(0, equals))), {}};
    if (equals == part.npos || field.name.empty())
      throw Error(ErrorCode::format, where, "name=value", "'" + std::string(part) + "'");
    for (const RuleItems::Field& other : fields)
      if (other.name == field.name)
        throw Error(ErrorCode::duplicate, where, "each name once, with values parted by |",
                    field.name + " twice");
    for_each_part(part.substr(equals + 1), '|', [&](std::string_view value) {
      if (value.empty())
        throw Error(ErrorCode::format, where, "a value of " + field.name, "an empty one");
      field.values.emplace_back(value);
    });
    fields.push_back(std::move(field));
  });
  return fields;
}

BODEGA_INLINE std::uint8_t parse_weekdays(std::string_view text, const std::string& where) {
  const auto number = [&](std::string_view day) {
    for (std::size_t i = 0; i < weekday_names.size(); ++i)
      if (weekday_names[i] == day) return i;
    throw Error(ErrorCode::format, where, "days from mon to sun", "'" + std::string(text) + "'");
  };
  const std::size_t dash = text.find('-');
  const std::size_t first = number(trimmed(text.substr(0, dash)));
  const std::size_t last = dash == text.npos ? first : number(trimmed(text.substr(dash + 1)));
  unsigned days = 0;
  for (std::size_t day = first;; day = (day + 1) % 7) {
    days |= 1u << day;
    if (day == last) return static_cast<std::uint8_t>(days);
  }
}

BODEGA_INLINE std::int8_t parse_hour(std::string_view text, const std::string& where) {
  int hour = 0;
  bool good = !text.empty() && text.size() <= 2;
  for (const char c : text) {
    good &= c >= '0' && c <= '9';
    hour = hour * 10 + (c - '0');
  }
  if (!good || hour > 24)
    throw Error(ErrorCode::format, where, "hours such as 8-12 or 22-4",
                "'" + std::string(text) + "'");
  return static_cast<std::int8_t>(hour);
}

BODEGA_INLINE RuleConditions parse_rule_conditions(std::string_view text,
                                                   const std::string& where) {
  RuleConditions when;
  for (RuleItems::Field& field : parse_rule_fields(text, where)) {
    const std::string place = where + ", " + field.name;
    const auto one = [&]() -> std::string_view {
      if (field.values.size() == 1) return field.values[0];
      throw Error(ErrorCode::format, place, "one value", std::to_string(field.values.size()));
    };
    const auto day = [&] {
      const auto parsed = Day::parse(one());
      if (!parsed)
        throw Error(ErrorCode::format, place, "a day such as 2026-03-01",
                    "'" + std::string(one()) + "'");
      return *parsed;
    };
    const auto named = [&]<class E>(E) {
      const auto value = value_named<E>(one());
      if (!value || *value == E::unknown)
        throw Error(ErrorCode::format, place, "one of its names", "'" + std::string(one()) + "'");
      return *value;
    };
    if (field.name == "from") {
      when.from = day();
    } else if (field.name == "until") {
      when.until = day();
    } else if (field.name == "days") {
      when.weekdays = 0;
      for (const std::string& days : field.values)
        when.weekdays = static_cast<std::uint8_t>(when.weekdays | parse_weekdays(days, place));
    } else if (field.name == "hours") {
      const std::string_view hours = one();
      const std::size_t dash = std::min(hours.find('-'), hours.size());
      when.hour_from = parse_hour(trimmed(hours.substr(0, dash)), place);
      when.hour_until = parse_hour(trimmed(hours.substr(std::min(dash + 1, hours.size()))), place);
    } else if (field.name == "store") {
      when.stores = std::move(field.values);
    } else if (field.name == "channel") {
      when.channel = named(Channel::unknown);
    } else if (field.name == "rush") {
      when.rush = named(Rush::unknown);
    } else if (field.name == "tag") {
      when.tags = std::move(field.values);
    } else {
      throw Error(ErrorCode::format, where, "from, until, days, hours, store, channel, rush or tag",
                  field.name);
    }
  }
  return when;
}

BODEGA_INLINE void append_field(std::string& text, std::string_view name, std::string_view value) {
  if (!text.empty()) text += "; ";
  text += name;
  text += '=';
  text += value;
}

BODEGA_INLINE std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) (text += text.empty() ? "" : "|") += value;
  return text;
}

}  // namespace detail

BODEGA_INLINE RuleTexts rule_texts(const SlateRule& rule) {
  RuleTexts texts{rule.name, std::string(name(rule.action))};
  for (const RuleItems::Field& field : rule.items.wanted)
    detail::append_field(texts[2], field.name, detail::joined(field.values));
  if (!rule.items.each.empty()) detail::append_field(texts[2], "each", rule.items.each);
  if (rule.value != 0) {
    const auto raw = static_cast<std::int64_t>(std::llround(rule.value * 10000));
    std::string places = std::to_string(10000 + std::abs(raw) % 10000).substr(1);
    while (!places.empty() && places.back() == '0') places.pop_back();
    texts[3] = (raw < 0 ? "-" : "") + std::to_string(std::abs(raw) / 10000) +
               (places.empty() ? "" : "." + places);
  }
  const RuleConditions& when = rule.when;
  std::string& text = texts[4];
  if (when.from) detail::append_field(text, "from", when.from->to_string());
  if (when.until) detail::append_field(text, "until", when.until->to_string());
  if (when.weekdays != 0x7f) {
    std::vector<std::string> days;
    for (std::size_t d = 0; d < 7; ++d)
      if ((when.weekdays >> d & 1) != 0) days.emplace_back(detail::weekday_names[d]);
    detail::append_field(text, "days", detail::joined(days));
  }
  if (when.hour_from != 0 || when.hour_until != 24)
    detail::append_field(text, "hours",
                         std::to_string(when.hour_from) + "-" + std::to_string(when.hour_until));
  if (!when.stores.empty()) detail::append_field(text, "store", detail::joined(when.stores));
  if (when.channel != Channel::unknown) detail::append_field(text, "channel", name(when.channel));
  if (when.rush != Rush::unknown) detail::append_field(text, "rush", name(when.rush));
  if (!when.tags.empty()) detail::append_field(text, "tag", detail::joined(when.tags));
  return texts;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
