// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/content/new_item.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/hybrid/any_scorer.hpp>
#include <bodega/hybrid/describe.hpp>
#include <bodega/till/live_model.hpp>

namespace bodega::inline BODEGA_ABI {

/// A part of a till as it was read from a bundle, its type left behind. Copies share the scorer.
struct TillPart {
  std::string_view name;   ///< of the list, and in the bundle
  AnyScorer scorer{0};     ///< as the file has it
  LiveModel live = {};     ///< the same once more, where it learns at the till: to be copied
  float usual_weight = 1;  ///< where nobody says another

  /// Puts a reason of this part into words.
  std::string describe(const Reason& reason, const Catalog& catalog) const {
    return calls->describe(scorer, reason, catalog);
  }
  /// Returns the part for a catalogue whose last item is new today: one that knows it from its
  /// description at once where the model can, else the part as it is, for the items before.
  TillPart with_item(const Catalog& catalog) const { return calls->with_item(*this, catalog); }

  struct Calls {
    std::string (*describe)(const AnyScorer&, const Reason&, const Catalog&);
    TillPart (*with_item)(const TillPart&, const Catalog&);
  };
  const Calls* calls = nullptr;
};

namespace detail {

template <class M>
TillPart make_part(std::string_view name, M model);

template <class M>
inline constexpr TillPart::Calls part_calls = {
    [](const AnyScorer& scorer, const Reason& reason, const Catalog& catalog) {
      const M& model = *scorer.get_if<M>();
      if constexpr (requires { model.describe(reason, catalog); })
        return std::string(model.describe(reason, catalog));
      else if constexpr (requires { std::string_view(model.term(reason.term)); })
        return bodega::describe(reason, catalog, model.term(reason.term));
      else
        return bodega::describe(reason, catalog);
    },
    [](const TillPart& part, const Catalog& catalog) {
      const M& model = *part.scorer.template get_if<M>();
      if constexpr (requires { with_item(model, catalog); }) {
        return make_part(part.name, with_item(model, catalog));
      } else {
        TillPart longer = part;
        longer.live.grow(catalog.size());
        return longer;
      }
    }};

template <class M>
TillPart make_part(std::string_view name, M model) {
  TillPart part;
  part.name = name;
  part.calls = &part_calls<M>;
  if constexpr (requires { M::usual_weight; }) part.usual_weight = M::usual_weight;
  if constexpr (LiveScorer<M>) part.live = LiveModel(model);
  part.scorer = AnyScorer(std::move(model));
  return part;
}

}  // namespace detail
}  // namespace bodega::inline BODEGA_ABI
