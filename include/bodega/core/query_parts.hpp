// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>

namespace bodega::inline BODEGA_ABI {

/// A part of a query that a scorer may use.
enum class QueryPart : std::uint8_t {
  basket,
  quantities,  ///< how much of each item of the basket
  viewed,
  session,
  dwell,  ///< how long each item of the session was looked at
  customer,
  store,
  weekday,
  hour,
  channel,
  rush
};
constexpr auto enum_names(QueryPart) noexcept {
  using enum QueryPart;
  return std::to_array<EnumName<QueryPart>>({{basket, "basket"},
                                             {quantities, "quantities"},
                                             {viewed, "viewed"},
                                             {session, "session"},
                                             {dwell, "dwell"},
                                             {customer, "customer"},
                                             {store, "store"},
                                             {weekday, "weekday"},
                                             {hour, "hour"},
                                             {channel, "channel"},
                                             {rush, "rush"}});
}

/// A set of a query's parts.
class QueryParts {
 public:
  constexpr QueryParts() noexcept = default;
  constexpr QueryParts(QueryPart one) noexcept  // NOLINT: one part is a set of parts
      : bits_(static_cast<std::uint16_t>(1u << static_cast<unsigned>(one))) {}
  constexpr QueryParts(std::initializer_list<QueryPart> parts) noexcept {
    for (const QueryPart one : parts) *this |= one;
  }

  static constexpr QueryParts all() noexcept {
    QueryParts parts;
    for (const auto& one : enum_names(QueryPart{})) parts |= one.value;
    return parts;
  }
  /// The items that `for_each_query_item` visits.
  static constexpr QueryParts items() noexcept { return {QueryPart::basket, QueryPart::viewed}; }
  /// The views that `for_each_view_back` visits.
  static constexpr QueryParts views() noexcept {
    return {QueryPart::basket, QueryPart::viewed, QueryPart::session};
  }

  constexpr bool has(QueryPart one) const noexcept { return (bits_ & QueryParts(one).bits_) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }

  constexpr QueryParts& operator|=(QueryParts other) noexcept {
    bits_ = static_cast<std::uint16_t>(bits_ | other.bits_);
    return *this;
  }
  friend constexpr QueryParts operator|(QueryParts a, QueryParts b) noexcept { return a |= b; }
  friend constexpr QueryParts operator&(QueryParts a, QueryParts b) noexcept {
    a.bits_ = static_cast<std::uint16_t>(a.bits_ & b.bits_);
    return a;
  }
  /// What is in `a` and not in `b`.
  friend constexpr QueryParts operator-(QueryParts a, QueryParts b) noexcept {
    a.bits_ = static_cast<std::uint16_t>(a.bits_ & ~b.bits_);
    return a;
  }
  constexpr bool operator==(const QueryParts&) const noexcept = default;

  /// Calls `visit(part)` for each of the set, in the order of the enum.
  template <class Visit>
  constexpr void for_each(Visit&& visit) const {
    for (const auto& one : enum_names(QueryPart{}))
      if (has(one.value)) visit(one.value);
  }

 private:
  std::uint16_t bits_ = 0;
};

}  // namespace bodega::inline BODEGA_ABI
