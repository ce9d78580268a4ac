// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>
#include <type_traits>

#include <bodega/core/abi.hpp>

/// The names of an enum's values, said once beside the enum by a function that its argument finds:
///
///   enum class Returns { net, drop };
///   constexpr auto enum_names(Returns) noexcept {
///     return std::to_array<EnumName<Returns>>({{Returns::net, "net"}, {Returns::drop, "drop"}});
///   }
///
/// Errors, records, the words of the Python module and the tables of the docs are read off it.
namespace bodega::inline BODEGA_ABI {

template <class E>
struct EnumName {
  E value;
  std::string_view name;
};

/// An enum whose values have names.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E value) {
  enum_names(value).size();
};

/// Returns the value's name, or "unknown" for a number that is no value of the enum.
template <NamedEnum E>
constexpr std::string_view name(E value) noexcept {
  for (const EnumName<E>& one : enum_names(value))
    if (one.value == value) return one.name;
  return "unknown";
}

/// Returns the value of that name, or nothing.
template <NamedEnum E>
constexpr std::optional<E> value_named(std::string_view name) noexcept {
  for (const EnumName<E>& one : enum_names(E{}))
    if (one.name == name) return one.value;
  return std::nullopt;
}

}  // namespace bodega::inline BODEGA_ABI
