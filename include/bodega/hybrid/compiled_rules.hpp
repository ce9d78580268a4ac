// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/item_mask.hpp>
#include <bodega/hybrid/rule_items.hpp>
#include <bodega/hybrid/rule_room.hpp>
#include <bodega/hybrid/rule_set.hpp>
#include <bodega/hybrid/shopper.hpp>
#include <bodega/hybrid/slate_rule.hpp>

namespace bodega::inline BODEGA_ABI {

/// A `RuleSet` for one catalogue and list of stores.
///
/// Thread safety: const calls from many threads, each with its own `RuleRoom`.
/// Memory: a bit an item for each rule, 4 bytes an item for a cap of each value.
class CompiledRules {
 public:
  CompiledRules() = default;

  /// `stores` are the names of the stores, in the order of their ids.
  /// Throws Error(unknown_id) for an item, an attribute, a value of one or a store that is not
  /// there, Error(invalid_argument) for a pin none of whose items can ever be shown because another
  /// rule always excludes them, and Error(out_of_range) for more than 64 tags; each names the rule.
  CompiledRules(const RuleSet& rules, const Catalog& catalog,
                std::span<const std::string> stores = {});

  std::size_t size() const noexcept { return rules_.size(); }
  bool empty() const noexcept { return rules_.empty(); }
  std::size_t items() const noexcept { return items_; }
  std::string_view name(std::size_t rule) const noexcept { return rules_[rule].name; }
  RuleAction action(std::size_t rule) const noexcept { return rules_[rule].action; }

  /// The bit of a tag for `Shopper::tags`; 0 for one that no rule asks for.
  std::uint64_t tag(std::string_view name) const noexcept {
    for (std::size_t t = 0; t < tags_.size(); ++t)
      if (tags_[t] == name) return std::uint64_t{1} << t;
    return 0;
  }

  /// Finds the rules that hold, and what they do not let through. Allocates nothing.
  /// Precondition: the room is one for this catalogue.
  /// Complexity: the rules, and for each that forbids a bit an item.
  void begin(const Query& query, const Shopper& shopper, RuleRoom& room) const noexcept;

  /// Multiplies the scores of what is boosted.
  void boost(const RuleRoom& room, std::span<float> scores) const noexcept {
    for (std::size_t h = 0; h < room.count_; ++h) {
      const Rule& rule = rules_[room.holding_[h]];
      if (rule.action != RuleAction::boost) continue;
      const auto factor = static_cast<float>(rule.value);
      rule.of.for_each([&](ItemIndex item) {
        float& score = scores[item.value()];
        score = std::min(score * factor, std::numeric_limits<float>::max());
      });
    }
  }

  /// Calls `visit(rule)` for the boosts that hold and count the item.
  template <class Visit>
  void for_each_boost(const RuleRoom& room, ItemIndex item, Visit&& visit) const noexcept {
    for (std::size_t h = 0; h < room.count_; ++h)
      if (rules_[room.holding_[h]].action == RuleAction::boost &&
          rules_[room.holding_[h]].of.allows(item))
        visit(std::size_t{room.holding_[h]});
  }

  /// The first rule of the set that does not let the item through, if one does not.
  std::optional<std::size_t> blocked_by(ItemIndex item, const Shopper& shopper,
                                        const RuleRoom& room) const noexcept {
    if (room.allows(item)) return std::nullopt;
    for (std::size_t h = 0; h < room.count_; ++h) {
      const std::size_t r = room.holding_[h];
      const Rule& rule = rules_[r];
      if (rule.action >= RuleAction::cap || !rule.of.allows(item)) continue;
      if (rule.action != RuleAction::not_again) return r;
      for (const Purchase& purchase : shopper.purchases)
        if (purchase.item == item && lately(rule, purchase, shopper)) return r;
    }
    return std::nullopt;
  }

  /// Lets no more items through of caps that are reached with the newest of the picks.
  void close_caps(ItemIndex newest, std::span<const Pick> picks, RuleRoom& room) const noexcept {
    for (std::size_t h = 0; h < room.count_; ++h) {
      const Rule& rule = rules_[room.holding_[h]];
      if (rule.action != RuleAction::cap || !rule.of.allows(newest) ||
          count_alike(rule, newest, picks) < static_cast<std::size_t>(rule.value))
        continue;
      if (rule.groups.empty())
        room.allowed_.forbid(rule.of);
      else if (const std::uint32_t group = rule.groups.of(newest);
               group != detail::ItemGroups::none)
        rule.groups.for_each_in(group, [&](ItemIndex item) {
          if (rule.of.allows(item)) room.allowed_.forbid(item);
        });
    }
  }
  /// The first cap that `item` would break beside the picks, if it would break one.
  std::optional<std::size_t> capped_by(ItemIndex item, std::span<const Pick> picks,
                                       const RuleRoom& room) const noexcept {
    for (std::size_t h = 0; h < room.count_; ++h) {
      const Rule& rule = rules_[room.holding_[h]];
      if (rule.action == RuleAction::cap && rule.of.allows(item) &&
          count_alike(rule, item, picks) >= static_cast<std::size_t>(rule.value))
        return room.holding_[h];
    }
    return std::nullopt;
  }

  /// Calls `visit(rule, slot)` for the pins that hold, in the order of the set; slots count from 0.
  template <class Visit>
  void for_each_pin(const RuleRoom& room, Visit&& visit) const noexcept {
    for (std::size_t h = 0; h < room.count_; ++h)
      if (const Rule& rule = rules_[room.holding_[h]]; rule.action == RuleAction::pin)
        visit(std::size_t{room.holding_[h]}, static_cast<std::size_t>(rule.value) - 1);
  }
  /// Calls `visit(item)` for the items of a rule.
  template <class Visit>
  void for_each_item(std::size_t rule, Visit&& visit) const noexcept {
    rules_[rule].of.for_each(visit);
  }

 private:
  enum class Answer { no, unknown, yes };

  struct Rule {
    RuleAction action = RuleAction::exclude;
    double value = 0;
    ItemMask of;                // its items
    detail::ItemGroups groups;  // of a cap of each value
    std::optional<Day> from, until;
    std::uint32_t hours = 0;
    std::uint8_t weekdays = 0;
    std::vector<StoreId> stores;
    Channel channel = Channel::unknown;
    Rush rush = Rush::unknown;
    std::uint64_t tags = 0;
    std::string name;
  };

  /// How many of the picks fall under the cap together with the item.
  static std::size_t count_alike(const Rule& rule, ItemIndex item,
                                 std::span<const Pick> picks) noexcept {
    std::size_t there = 0;
    for (const Pick& pick : picks)
      there +=
          rule.of.allows(pick.item) && (rule.groups.empty() || rule.groups.alike(pick.item, item));
    return there;
  }
  /// A purchase after today, or on an unknown today, counts as one of today.
  static bool lately(const Rule& rule, const Purchase& purchase, const Shopper& shopper) noexcept {
    return !shopper.now || shopper.now->day() - purchase.day < static_cast<int>(rule.value);
  }

  static void hold(std::size_t rule, RuleRoom& room) noexcept {
    room.holding_[room.count_++] = static_cast<std::uint16_t>(rule);
  }
  void block_all(std::size_t rule, RuleRoom& room) const noexcept {
    hold(rule, room);
    room.allowed_.forbid(rules_[rule].of);
  }
  static Answer holds(const Rule& rule, const Context& context, const Shopper& shopper) noexcept;

  void set_conditions(Rule& rule, const RuleConditions& when, std::span<const std::string> stores,
                      const std::string& where);

  /// Of the rule's items only those stay whose margin is too low or not known.
  static void keep_low_margins(Rule& rule, const Catalog& catalog) {
    std::vector<double> margins(catalog.size(), -std::numeric_limits<double>::infinity());
    detail::for_each_attribute(catalog, "margin", [&](ItemIndex item, std::string_view value) {
      if (const auto margin = Money::parse(value)) margins[item.value()] = margin->value();
    });
    for (std::uint32_t i = 0; i < margins.size(); ++i)
      if (margins[i] >= rule.value) rule.of.forbid(ItemIndex(i));
  }

  void check_pins(const RuleSet& rules) const;

  std::size_t items_ = 0;
  std::vector<Rule> rules_;
  std::vector<std::string> tags_;
};

#if BODEGA_BODIES

BODEGA_INLINE CompiledRules::CompiledRules(const RuleSet& rules, const Catalog& catalog,
                                           std::span<const std::string> stores)
    : items_(catalog.size()) {
  for (const SlateRule& rule : rules.rules()) {
    const std::string where = "rule '" + rule.name + "'";
    Rule compiled;
    compiled.action = rule.action;
    compiled.value = rule.value;
    compiled.of = detail::select_items(rule.items, catalog, where + ", items");
    set_conditions(compiled, rule.when, stores, where + ", when");
    if (!rule.items.each.empty())
      compiled.groups = detail::ItemGroups(rule.items.each, catalog, where + ", items");
    if (rule.action == RuleAction::minimum_margin) keep_low_margins(compiled, catalog);
    compiled.name = rule.name;
    rules_.push_back(std::move(compiled));
  }
  check_pins(rules);
}

BODEGA_INLINE void CompiledRules::begin(const Query& query, const Shopper& shopper,
                                        RuleRoom& room) const noexcept {
  room.allowed_.allow_all();
  room.count_ = 0;
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    const Rule& rule = rules_[r];
    const Answer when = holds(rule, query.context, shopper);
    const bool surely = when == Answer::yes;
    switch (rule.action) {
      case RuleAction::exclude:
      case RuleAction::minimum_margin:
        if (when != Answer::no) block_all(r, room);
        break;
      case RuleAction::only_when:
        if (!surely) block_all(r, room);
        break;
      case RuleAction::require_age:
        if (when != Answer::no && shopper.verified_age < static_cast<int>(rule.value))
          block_all(r, room);
        break;
      case RuleAction::require_card:
        if (when != Answer::no && !shopper.card_holder && query.customer.is_none())
          block_all(r, room);
        break;
      case RuleAction::not_again:
        if (when == Answer::no) break;
        hold(r, room);
        for (const Purchase& purchase : shopper.purchases)
          if (rule.of.allows(purchase.item) && lately(rule, purchase, shopper))
            room.allowed_.forbid(purchase.item);
        break;
      case RuleAction::cap:
        if (when != Answer::no) hold(r, room);
        break;
      case RuleAction::pin:
      case RuleAction::boost:
        if (surely) hold(r, room);
        break;
    }
  }
}

BODEGA_INLINE CompiledRules::Answer CompiledRules::holds(const Rule& rule, const Context& context,
                                                         const Shopper& shopper) noexcept {
  Answer all = Answer::yes;
  const auto want = [&](bool asked, bool known, bool so) {
    if (!asked) return;
    if (!known)
      all = std::min(all, Answer::unknown);
    else if (!so)
      all = Answer::no;
  };
  const auto& now = shopper.now;
  want(rule.from.has_value(), now.has_value(), now && *rule.from <= now->day());
  want(rule.until.has_value(), now.has_value(), now && *rule.until >= now->day());
  const int weekday = now ? now->day().weekday() : context.weekday;
  const int hour = now ? now->second_of_day() / 3600 : context.hour;
  const bool knows_weekday = now || context.knows_weekday();
  const bool knows_hour = now || context.knows_hour();
  want(rule.weekdays != 0x7f, knows_weekday, knows_weekday && (rule.weekdays >> weekday & 1) != 0);
  want(rule.hours != (1u << 24) - 1, knows_hour, knows_hour && (rule.hours >> hour & 1) != 0);
  want(!rule.stores.empty(), !context.store.is_none(),
       std::find(rule.stores.begin(), rule.stores.end(), context.store) != rule.stores.end());
  want(rule.channel != Channel::unknown, context.channel != Channel::unknown,
       context.channel == rule.channel);
  want(rule.rush != Rush::unknown, context.rush != Rush::unknown, context.rush == rule.rush);
  want(rule.tags != 0, true, (rule.tags & ~shopper.tags) == 0);
  return all;
}

BODEGA_INLINE void CompiledRules::set_conditions(Rule& rule, const RuleConditions& when,
                                                 std::span<const std::string> stores,
                                                 const std::string& where) {
  rule.from = when.from;
  rule.until = when.until;
  rule.weekdays = when.weekdays;
  rule.hours = detail::rule_hours(when);
  rule.channel = when.channel;
  rule.rush = when.rush;
  for (const std::string& store : when.stores) {
    const auto at = std::find(stores.begin(), stores.end(), store);
    if (at == stores.end())
      throw Error(ErrorCode::unknown_id, where + ", store", "one of the stores", store);
    rule.stores.push_back(StoreId(static_cast<std::uint32_t>(at - stores.begin())));
  }
  for (const std::string& tag : when.tags) {
    if (this->tag(tag) == 0) {
      if (tags_.size() == 64)
        throw Error(ErrorCode::out_of_range, where + ", tag", "at most 64 different tags", tag);
      tags_.push_back(tag);
    }
    rule.tags |= this->tag(tag);
  }
}

BODEGA_INLINE void CompiledRules::check_pins(const RuleSet& rules) const {
  for (std::size_t p = 0; p < rules_.size(); ++p) {
    if (rules_[p].action != RuleAction::pin) continue;
    ItemMask left = rules_[p].of;
    std::string by;
    for (std::size_t r = 0; r < rules_.size(); ++r) {
      if (rules_[r].action != RuleAction::exclude && rules_[r].action != RuleAction::minimum_margin)
        continue;
      if (!detail::covers(rules[r].when, rules[p].when)) continue;
      const std::size_t before = left.count();
      left.forbid(rules_[r].of);
      if (left.count() < before) by += (by.empty() ? "'" : ", '") + rules_[r].name + "'";
    }
    if (left.count() == 0)
      throw Error(ErrorCode::invalid_argument, "rule '" + rules_[p].name + "'",
                  "an item that may be shown when the pin holds",
                  by.empty() ? "no item at all" : "all excluded by " + by);
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI
