// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/context.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// What a rule does with its items while its conditions hold.
enum class RuleAction : std::uint8_t {
  exclude,         ///< they are not shown
  only_when,       ///< they are shown only then: a season, some stores
  require_age,     ///< they want a verified age of `value` years
  require_card,    ///< they want a loyalty card
  minimum_margin,  ///< those whose attribute "margin" is below `value`, or absent, are not shown
  not_again,       ///< not within `value` days of the customer's last purchase of the item
  cap,             ///< at most `value` of them stand in a slate; see `RuleItems::each`
  pin,             ///< the best of them stands in slot `value`, counted from 1
  boost            ///< their scores count `value` times
};
constexpr auto enum_names(RuleAction) noexcept {
  using enum RuleAction;
  return std::to_array<EnumName<RuleAction>>({{exclude, "exclude"},
                                              {only_when, "only_when"},
                                              {require_age, "require_age"},
                                              {require_card, "require_card"},
                                              {minimum_margin, "minimum_margin"},
                                              {not_again, "not_again"},
                                              {cap, "cap"},
                                              {pin, "pin"},
                                              {boost, "boost"}});
}

/// Which items a rule is about: those that fulfil all of `wanted`, each of which is a field ("item"
/// for the code, else the name of an attribute) and the values of which one must be there. None:
/// all items.
struct RuleItems {
  struct Field {
    std::string name;
    std::vector<std::string> values;
    bool operator==(const Field&) const = default;
  };
  std::vector<Field> wanted = {};
  /// Of a cap: it holds for the items of each value of this attribute by themselves ("each brand"),
  /// not for all items together. Empty: together.
  std::string each = {};

  bool operator==(const RuleItems&) const = default;
};

/// When a rule holds: where all that is said here is so.
struct RuleConditions {
  std::optional<Day> from = {}, until = {};    ///< both days included
  std::uint8_t weekdays = 0x7f;                ///< a bit for each, Monday first
  std::int8_t hour_from = 0, hour_until = 24;  ///< 22 to 4 goes over midnight
  std::vector<std::string> stores = {};        ///< by name; none: all
  Channel channel = Channel::unknown;          ///< unknown: any
  Rush rush = Rush::unknown;                   ///< unknown: any
  std::vector<std::string> tags = {};          ///< the shopper has all of them

  bool operator==(const RuleConditions&) const = default;
};

/// One rule of what a slate may and should show.
struct SlateRule {
  std::string name = {};  ///< what answers and records call it; not empty, and no other's
  RuleAction action = RuleAction::exclude;
  RuleItems items = {};
  double value = 0;  ///< years, days, items, a slot, a factor or a margin; 4 places are kept
  RuleConditions when = {};

  bool operator==(const SlateRule&) const = default;
};

}  // namespace bodega::inline BODEGA_ABI
