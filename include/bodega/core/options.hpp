// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>

/// Options are a named list, as parameters are. A struct of options says its list once, in a static
/// member template
///
///   template <class Self, class Visit>
///   static void options(Self& self, Visit&& visit) {
///     visit("l2", self.l2, "Ridge penalty, in baskets.");
///     visit("keep", self.keep, "Which weights stay.");
///   }
///
/// and the keyword arguments, defaults, docstrings and stubs of the Python module, the tables in
/// docs/options.md and the record of how a model was trained are read off it. `Self` is the struct
/// or the const struct. What stands in the list: the values of `OptionValue`, other structs of
/// options, and what has no text (callbacks, pointers), which records leave out.
namespace bodega::inline BODEGA_ABI {

namespace detail {
struct AnyOptionVisitor {
  template <class T>
  void operator()(std::string_view, T&, std::string_view) const {}
};

template <class T>
struct option_value : std::bool_constant<std::is_arithmetic_v<T> || NamedEnum<T> ||
                                         std::is_same_v<T, std::string>> {};
template <class T>
struct option_value<std::optional<T>> : option_value<T> {};
template <class T>
struct option_value<std::vector<T>> : option_value<T> {};
}  // namespace detail

/// A struct that lists its options.
template <class O>
concept OptionsList = requires(O& options) {
  O::options(options, detail::AnyOptionVisitor{});
};

/// What has a text: numbers, bools, named enums, strings; optionals and vectors of them.
template <class T>
concept OptionValue = detail::option_value<T>::value;

/// Calls `visit(name, member, meaning)` for the options of the list and of the lists within it, in
/// their order. The options of a list within it are named "fold_in.l2".
template <class Options, class Visit>
requires OptionsList<std::remove_const_t<Options>>
void for_each_option(Options& options, Visit&& visit, std::string_view prefix = {}) {
  std::remove_const_t<Options>::options(
      options, [&]<class T>(std::string_view name, T& member, std::string_view meaning) {
        const std::string full = std::string(prefix) + std::string(name);
        if constexpr (OptionsList<std::remove_const_t<T>>)
          for_each_option(member, visit, full + ".");
        else
          visit(std::string_view(full), member, meaning);
      });
}

}  // namespace bodega::inline BODEGA_ABI
