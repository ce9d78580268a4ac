// SPDX-License-Identifier: MIT
//
// What is not on the shelf is not recommended: the stock and a campaign are masks, and what stands
// in for a sold-out article is learnt from the same receipts, as are rules that people can read.
//
//   stock_and_masks

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <bodega/collaborative/items/association_rules_trainer.hpp>
#include <bodega/collaborative/items/complements_trainer.hpp>
#include <bodega/collaborative/items/substitutes.hpp>
#include <bodega/collaborative/items/substitutes_trainer.hpp>
#include <bodega/hybrid/describe.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/inventory/stock.hpp>

using namespace bodega;

namespace {

constexpr ItemIndex milk_a(0), milk_b(1), cereal(2), coffee(3), pasta(4), sauce(5);

/// Either milk is bought with cereal and coffee, pasta with sauce, and anything now and then.
Baskets receipts() {
  Baskets baskets(6);
  const auto add = [&](const std::vector<ItemIndex>& items) { baskets.add({}, {}, items); };
  for (std::uint32_t day = 0; day < 100; ++day) {
    add({day % 2 == 0 ? milk_a : milk_b, cereal, coffee});
    add({pasta, sauce});
    add({ItemIndex(day % 6)});
  }
  return baskets;
}

template <class Scorer, class Mask>
void show(const char* title, const Catalog& catalog, const Scorer& scorer, const Query& query,
          const Mask& mask) {
  Workspace workspace(catalog.size());
  std::printf("%s:", title);
  for (const Pick& pick : select_slate(scorer, query, mask, 3, workspace))
    std::printf(" %s", std::string(catalog.id(pick.item)).c_str());
  std::printf("\n");
}

}  // namespace

int main() {
  Catalog catalog;
  for (const char* id : {"MILK_A", "MILK_B", "CEREAL", "COFFEE", "PASTA", "SAUCE"})
    catalog.add({.id = id});
  const Baskets baskets = receipts();
  const Cooccurrence counts(baskets);
  const ItemItem<> complements = fit_complements(counts);
  const Substitutes<> substitutes = fit_substitutes(counts);

  const std::vector<ItemIndex> basket = {cereal};
  Stock stock(catalog.size());  // an article that nobody counted is taken to be there
  show("goes with CEREAL", catalog, complements, {.basket = basket}, stock);
  stock.set(milk_a, 0);
  show("with MILK_A sold out", catalog, complements, {.basket = basket}, stock);
  show("instead of MILK_A", catalog, substitutes, {.viewed = milk_a}, stock);

  ItemMask campaign(catalog.size(), false);
  campaign.allow(milk_a);
  campaign.allow(coffee);
  show("of the campaign and on the shelf", catalog, complements, {.basket = basket},
       AllOf(campaign, stock));

  std::printf("\nRules\n");
  const auto fitted = fit_association_rules(baskets, {.itemsets = {.support = 0.1}, .lift = 2.2});
  for (const AssociationRule& rule : fitted.model.rules())
    std::printf("  %s\n", describe(rule, catalog).c_str());
}
