// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// A dense index with its own type, so that an item can never be passed for a customer.
/// The default value is `none()`: "nobody", "no item".
template <class Tag>
class Id {
 public:
  using value_type = std::uint32_t;

  constexpr Id() noexcept = default;
  constexpr explicit Id(value_type value) noexcept : value_(value) {}

  static constexpr Id none() noexcept { return Id(); }

  constexpr value_type value() const noexcept { return value_; }
  constexpr bool is_none() const noexcept { return value_ == no_value; }
  constexpr auto operator<=>(const Id&) const noexcept = default;

 private:
  static constexpr value_type no_value = std::numeric_limits<value_type>::max();
  value_type value_ = no_value;
};

using ItemIndex = Id<struct ItemTag>;          ///< position in the catalogue
using CustomerIndex = Id<struct CustomerTag>;  ///< position in the list of customers
using StoreId = Id<struct StoreTag>;           ///< position in the list of stores
using TillId = Id<struct TillTag>;             ///< position in the list of tills

}  // namespace bodega::inline BODEGA_ABI

template <class Tag>
struct std::hash<bodega::Id<Tag>> {
  std::size_t operator()(bodega::Id<Tag> id) const noexcept { return id.value(); }
};
