// SPDX-License-Identifier: MIT
#include <bodega/till/standard_parts.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/customer_baskets.hpp>
#include <bodega/collaborative/customers/customer_baskets_trainer.hpp>
#include <bodega/collaborative/customers/customer_items.hpp>
#include <bodega/collaborative/customers/customer_neighbours_trainer.hpp>
#include <bodega/collaborative/customers/purchase_cycle.hpp>
#include <bodega/collaborative/customers/purchase_cycle_trainer.hpp>
#include <bodega/collaborative/customers/repeat_purchase.hpp>
#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/collaborative/factors/factor_model.hpp>
#include <bodega/collaborative/items/association_rules.hpp>
#include <bodega/collaborative/items/association_rules_trainer.hpp>
#include <bodega/collaborative/items/complements_trainer.hpp>
#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/items/substitutes.hpp>
#include <bodega/collaborative/shop/context_lift.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/collaborative/shop/shop_prior.hpp>
#include <bodega/collaborative/shop/shop_prior_trainer.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/content/content_model.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/embedding/item_vectors.hpp>
#include <bodega/session/sequential_rules.hpp>
#include <bodega/session/sequential_rules_trainer.hpp>
#include <bodega/session/session_neighbours.hpp>
#include <bodega/till/till_models.hpp>

#include "catch.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::toy_items;

namespace {

/// One model of each kind that the library has. `add(name, model)`.
template <class Add>
void for_each_model(Add&& add) {
  const Catalog catalog = bodega_test::toy_catalog();
  const Baskets baskets = bodega_test::toy_customer_baskets();
  const Cooccurrence counts(baskets);
  SessionNeighbours sessions(toy_items, {.sessions = 500});
  for (std::size_t b = 0; b < baskets.size(); ++b) sessions.append(baskets[b]);
  StoreSales sales(toy_items);
  for (std::size_t b = 0; b < baskets.size(); ++b)
    sales.add(StoreId(static_cast<std::uint32_t>(b % 2)), baskets.when(b), baskets[b]);
  Matrix<float> vectors(toy_items, 4);
  for (std::size_t i = 0; i < toy_items; ++i) vectors(i, i % 4) = 1;

  add("items", fit_complements(counts));
  add("rules", fit_association_rules(baskets).model);
  add("factors", FactorModel<>(vectors, {}, 2));
  add("vectors", ItemVectors<>(vectors));
  add("content", fit_content_model(catalog));
  add("sequence", fit_sequential_rules(sessions.window()));
  add("repeat", fit_repeat_purchase(baskets));
  add("due", fit_purchase_cycle(baskets));
  add("customers", CustomerItems<>(user_items(baskets)));
  add("neighbours", fit_customer_neighbours(user_items(baskets)));
  add("shop", fit_shop_prior(sales));
  add("context", ContextLift<>(Matrix<float>(56, toy_items, 0.5f), Matrix<float>(4, toy_items)));
  add("substitutes", Substitutes<>(fit_complements(counts).weights()));
  add("sessions", std::move(sessions));
  add("baskets", fit_customer_baskets(baskets));
  add("popularity", Popularity(baskets));
}

template <class Model>
concept HasSmall = requires(const Model& model) {
  quantize(model);
};

}  // namespace

TEST_CASE("A till knows every recommender of the library, float and INT8") {
  for (const bool small : {false, true}) {
    Bundle bundle;
    bundle.add("catalog", bodega_test::toy_catalog());
    std::size_t count = 0;
    for_each_model([&]<class Model>(const std::string& name, const Model& model) {
      ++count;
      if constexpr (HasSmall<Model>) {
        if (small) return bundle.add(name, quantize(model));
      }
      bundle.add(name, model);
    });
    const TillModels models = load_models<StandardParts>(Bundle::parse(bundle.serialize()),
                                                         {.unknown_parts = UnknownParts::refuse});
    CHECK(models.parts().size() == count);
    const auto live = models.live_models();
    const PartBlend blend = models.blend(live);
    const ItemIndex basket[] = {ItemIndex(0), ItemIndex(5)};
    const Query asked{.basket = basket,
                      .customer = CustomerIndex(0),
                      .context = Context(StoreId(0), 2, 9, Channel::kiosk, Rush::busy)};
    for (std::size_t p = 0; p < count; ++p) {
      INFO(models.parts()[p].name);
      std::vector<float> scores(toy_items);
      blend.part(p).add_scores(asked, 1, scores);
      bool speaks = false;
      for (const float score : scores) speaks |= score != 0;
      CHECK(speaks);
      const std::string_view part = models.parts()[p].name;
      CHECK((models.weight(Situation(), p) > 0) == (part != "substitutes" && part != "context"));
    }
    for (const QueryPart unused : {QueryPart::quantities, QueryPart::channel, QueryPart::rush})
      CHECK(models.unused().has(unused));
    for (const QueryPart used : {QueryPart::basket, QueryPart::viewed, QueryPart::session,
                                 QueryPart::customer, QueryPart::store, QueryPart::hour})
      CHECK_FALSE(models.unused().has(used));
  }
}
