// SPDX-License-Identifier: MIT
#pragma once

#include <bodega/core/abi.hpp>
#include <bodega/till/model_loader.hpp>
#if BODEGA_BODIES
#include <bodega/collaborative/customers/customer_baskets.hpp>
#include <bodega/collaborative/customers/customer_items.hpp>
#include <bodega/collaborative/customers/purchase_cycle.hpp>
#include <bodega/collaborative/customers/repeat_purchase.hpp>
#include <bodega/collaborative/factors/factor_model.hpp>
#include <bodega/collaborative/items/association_rules.hpp>
#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/items/substitutes.hpp>
#include <bodega/collaborative/shop/context_lift.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/collaborative/shop/shop_prior.hpp>
#include <bodega/content/content_model.hpp>
#include <bodega/embedding/item_vectors.hpp>
#include <bodega/forecast/integer/integer_forecaster.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>
#include <bodega/session/sequential_rules.hpp>
#include <bodega/session/session_neighbours.hpp>
#include <bodega/till/ladder.hpp>
#include <bodega/till/part.hpp>
#endif

namespace bodega::inline BODEGA_ABI {

/// All recommenders of the library by the names that they have in a bundle, and its forecasters.
/// A list for `load_models` and `BasicTill`, alone or with the caller's own parts beside it. A
/// program that links bodega::compiled compiles nothing of it, and includes the headers of none.
///
///   items          bought together: item-item of neighbours or EASE, or a table of complements
///   rules          association rules
///   factors        a factor model
///   vectors        alike by vectors
///   content        alike by description
///   sequence       what comes after what
///   sessions       what those who viewed the same went on to
///   repeat         what the customer buys again
///   due            what is due for the customer
///   baskets        what the customer bought in baskets alike
///   customers      what the customer bought, or others alike: a table
///   neighbours     a second table of the kind
///   shop           what sells here and now
///   popularity     what sells these days
///   context        what sells more now than on the whole; silent unless it has a weight
///   substitutes    what could stand in; silent unless it has a weight
///   demand         a network, LSTM or GRU, float, INT8 or integer
///   demand_second  the one that is asked where that has no answer
struct StandardParts {
  static void load(detail::ModelLoader& loader);
};

#if BODEGA_BODIES

namespace detail {

template <PartName Name>
using NetworkRung =
    Rung<Name, Lstm<run_time>, Lstm<run_time, QuantizedMatrix>, Gru<run_time>,
         Gru<run_time, QuantizedMatrix>, IntegerForecaster<LstmCell>, IntegerForecaster<GruCell>>;

}  // namespace detail

BODEGA_INLINE void StandardParts::load(detail::ModelLoader& loader) {
  using All = PartList<Part<"items", ItemItem<>, ItemItem<QuantizedCsrMatrix>>,
                       Part<"rules", AssociationRules<>, AssociationRules<QuantizedCsrMatrix>>,
                       Part<"factors", FactorModel<>, FactorModel<QuantizedMatrix>>,
                       Part<"vectors", ItemVectors<>, ItemVectors<QuantizedMatrix>>,
                       Part<"content", ContentModel<>, ContentModel<QuantizedCsrMatrix>>,
                       Part<"sequence", SequentialRules<>, SequentialRules<QuantizedCsrMatrix>>,
                       Part<"sessions", SessionNeighbours>,
                       Part<"repeat", RepeatPurchase<>, RepeatPurchase<QuantizedCsrMatrix>>,
                       Part<"due", PurchaseCycle<>, PurchaseCycle<QuantizedCsrMatrix>>,
                       Part<"baskets", CustomerBaskets>,
                       Part<"customers", CustomerItems<>, CustomerItems<QuantizedCsrMatrix>>,
                       Part<"neighbours", CustomerItems<>, CustomerItems<QuantizedCsrMatrix>>,
                       Part<"shop", ShopPrior<>, ShopPrior<QuantizedMatrix>>,
                       Part<"popularity", Popularity>,
                       Part<"context", ContextLift<>, ContextLift<QuantizedMatrix>>,
                       Part<"substitutes", Substitutes<>, Substitutes<QuantizedCsrMatrix>>,
                       Ladder<detail::NetworkRung<"demand">, detail::NetworkRung<"demand_second">>>;
  All::load(loader);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
