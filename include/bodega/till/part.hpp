// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

#include <bodega/bundle/signature.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/till/model_loader.hpp>

namespace bodega::inline BODEGA_ABI {

/// A name as a template argument, as in `Part<"items", ItemItem<>>`.
template <std::size_t N>
struct PartName {
  constexpr PartName(const char (&letters)[N]) noexcept {  // NOLINT: meant to convert
    for (std::size_t i = 0; i < N; ++i) text[i] = letters[i];
  }
  constexpr operator std::string_view() const noexcept { return {text, N - 1}; }  // NOLINT: so too

  char text[N]{};
};

/// Says that a till recommends by the bundle's model of that name, whichever of these types it is.
/// Any scorer that a bundle holds will do, of the library or the caller's own:
///
///   BasicTill<StandardParts, Part<"mine", MyScorer>>
///
/// A model's type may also have
///
///   QueryParts uses() const noexcept            what of a query it looks at; else all
///   std::string describe(const Reason&, const Catalog&) const     its own words for its reasons
///   void observe(const Receipt&)                it learns at the till (`LiveModel` has the rest)
///   static constexpr float usual_weight         where a bundle has no weights; else 1
///
/// and beside it, in its namespace, `with_item(const Model&, const Catalog&)`: itself, or another
/// scorer, that knows the last item of the catalogue, which is new today.
template <PartName Name, class... Models>
requires((Scorer<Models> && Bundled<Models>)&&...) struct Part {
  static constexpr std::string_view name = Name;

  static void load(detail::ModelLoader& loader) {
    if (loader.wants(name) && !(loader.template part<Models>(name) || ...))
      loader.leave(name, sizeof...(Models));
  }
};

/// Several parts (and lists of them, and a `Ladder`) as one.
template <class... Parts>
struct PartList {
  static void load(detail::ModelLoader& loader) { (Parts::load(loader), ...); }
};

}  // namespace bodega::inline BODEGA_ABI
