// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <bodega/bundle/bundle.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>

/// How a till reads what a bundle may hold under one of its names.
namespace bodega::inline BODEGA_ABI::detail {

[[noreturn, gnu::noinline]] inline void refuse_model(const Bundle& bundle, std::string_view name,
                                                     const std::string& where, std::size_t known) {
  throw Error(ErrorCode::format, where + ", model " + std::string(name),
              "one of the " + std::to_string(known) + " types a till knows there",
              std::string(bundle.signature(name)));
}

/// Calls `use` with the bundle's model of that name, if there is one. Error (format) where it is of
/// none of the types `Known`; those of `Bundle::get`.
template <class... Known, class Use>
void load_model(const Bundle& bundle, std::string_view name, const std::string& where, Use&& use) {
  if (!bundle.contains(name)) return;
  const auto attempt = [&]<class M>(std::type_identity<M>) {
    if (!bundle.holds<M>(name)) return false;
    use(bundle.get<M>(name));
    return true;
  };
  if (!(attempt(std::type_identity<Known>{}) || ...))
    refuse_model(bundle, name, where, sizeof...(Known));
}

/// Error (shape) where the model of that name is of another number of items than the catalogue.
[[gnu::noinline]] inline void check_items(std::size_t found, std::size_t items,
                                          const std::string& where, std::string_view name) {
  if (found != items)
    throw Error(ErrorCode::shape, where + ", model " + std::string(name),
                std::to_string(items) + " items as in the catalogue", std::to_string(found));
}

}  // namespace bodega::inline BODEGA_ABI::detail
