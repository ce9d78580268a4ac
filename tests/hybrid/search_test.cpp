// SPDX-License-Identifier: MIT
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/collaborative/customers/repeat_purchase.hpp>
#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/collaborative/shop/shop_prior_trainer.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/describe.hpp>
#include <bodega/hybrid/search.hpp>

#include "catch.hpp"
#include "example_shop.hpp"
#include "toy_scorers.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

Catalog shop() {
  Catalog catalog;
  catalog.add({.id = "1", .description = "green tea"});
  catalog.add({.id = "2", .description = "black tea"});
  catalog.add({.id = "3", .description = "tea cup"});
  catalog.add({.id = "4", .description = "milk"});
  return catalog;
}

std::vector<std::uint32_t> items(std::span<const Pick> picks) {
  std::vector<std::uint32_t> result;
  for (const Pick& pick : picks) result.push_back(pick.item.value());
  return result;
}
using Items = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("a search ranks what matches by match and taste") {
  const SearchIndex index(shop());
  const bodega_test::FixedScores taste({0.1f, 0.4f, 0.2f, 9});
  const ItemMask all(4);
  SearchWorkspace workspace(4);
  CHECK(items(search(index, "tea", taste, {}, all, 10, workspace)) == Items{1, 2, 0});
  CHECK(items(search(index, "tea", taste, {}, all, 2, workspace)) == Items{1, 2});
  CHECK(items(search(index, "tea", taste, {}, all, 10, workspace, {.taste = 0})) == Items{0, 1, 2});
  const auto picks = search(index, "te", taste, {}, all, 1, workspace, {.taste = 0.5f});
  REQUIRE(picks.size() == 1);
  CHECK(picks[0].score == Approx(1.5));   // the best match, and the best taste of those that match
  REQUIRE(picks[0].because.size() == 2);  // their contributions add up to the score
  CHECK(picks[0].because[0].kind == Reason::Kind::matches);
  CHECK(describe(picks[0].because[0], shop(), index.term(picks[0].because[0].term)) ==
        "matches: tea");
  CHECK(picks[0].because[0].contribution == Approx(1));
  CHECK(picks[0].because[1].contribution == Approx(0.5));
  CHECK(describe(picks[0].because[1], shop()) == "popular these days");
}

TEST_CASE("what matches more of the words leads what is liked more") {
  const SearchIndex index(shop());
  const bodega_test::FixedScores taste({0, 1, 0, 0});
  const ItemMask all(4);
  SearchWorkspace workspace(4);
  CHECK(items(search(index, "tea cup", taste, {}, all, 10, workspace)) == Items{2, 1, 0});
  CHECK(items(search(index, "gre tea", taste, {}, all, 10, workspace)) == Items{0, 1, 2});
}

TEST_CASE("a search shows what the mask allows, and what the query holds unless told not to") {
  const SearchIndex index(shop());
  const bodega_test::FixedScores taste({0.1f, 0.4f, 0.2f, 9});
  ItemMask mask(4);
  mask.forbid(ItemIndex(1));
  SearchWorkspace workspace(4);
  CHECK(items(search(index, "tea", taste, {}, mask, 10, workspace)) == Items{2, 0});
  const std::vector<ItemIndex> basket{ItemIndex(0), ItemIndex(0), ItemIndex(77)};
  const Query query{.basket = basket, .viewed = ItemIndex(1)};
  CHECK(items(search(index, "tea", taste, query, ItemMask(4), 10, workspace)) == Items{1, 2, 0});
  CHECK(items(search(index, "tea", taste, query, ItemMask(4), 10, workspace, {},
                     QueryItems::excluded)) == Items{2});
  CHECK(search(index, "tea", taste, {}, ItemMask(4, false), 10, workspace).empty());
}

TEST_CASE("a search that makes no sense has a stated answer") {
  const SearchIndex index(shop());
  const bodega_test::FixedScores taste({-1, 0, 1e-38f, 0}), other({1, 2});
  const ItemMask all(4);
  SearchWorkspace workspace(4);
  for (const std::string& text : {std::string(), std::string(" ,"), std::string(10'000, 'x')})
    CHECK(search(index, text, taste, {}, all, 10, workspace).empty());
  CHECK(search(index, "tea", taste, {}, all, 0, workspace).empty());
  CHECK(search(index, "tea", other, {}, all, 10, workspace).empty());
  SearchWorkspace small(2);
  CHECK(search(index, "tea", taste, {}, all, 10, small).empty());
  // A taste below 0, or too small to compare by, is none.
  const auto by_match = search(index, "tea", taste, {}, all, 1'000'000, workspace);
  CHECK(items(by_match) == Items{0, 1, 2});
  for (const float weight :
       {-1.0f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
    CHECK(items(search(index, "tea", bodega_test::FixedScores({0, 1, 2, 3}), {}, all, 10, workspace,
                       {.taste = weight})) == Items{0, 1, 2});
}

TEST_CASE("in a real shop what sells is found sooner by its first letters") {
  // The shop of the examples: of each line of its last fifth the first four letters of the first
  // word.
  const Receipts receipts = bodega_test::example_receipts();
  const Baskets baskets = receipts.baskets();
  const std::size_t learnt = baskets.size() * 4 / 5;
  Popularity popularity(baskets.items(), {.half_life_days = 90});
  for (std::size_t b = 0; b < learnt; ++b)
    for (const ItemIndex item : baskets[b]) popularity.add(item, baskets.day(b));
  const auto index = quantize(SearchIndex(receipts.catalog()));
  SearchWorkspace workspace(baskets.items());
  const ItemMask all(baskets.items());
  double by_match = 0, by_taste = 0, asked = 0;
  for (std::size_t b = learnt; b < baskets.size(); ++b)
    for (const ItemIndex item : baskets[b]) {
      const std::string_view text = receipts.catalog().description(item).substr(0, 4);
      const auto rank = [&](float taste) {
        const auto picks =
            search(index, text, popularity, {}, all, 10, workspace, {.taste = taste});
        for (std::size_t place = 0; place < picks.size(); ++place)
          if (picks[place].item == item) return 1 / (1 + static_cast<double>(place));
        return 0.0;
      };
      by_match += rank(0);
      by_taste += rank(3);
      ++asked;
    }
  INFO("MRR@10 by match " << by_match / asked << ", with what sells " << by_taste / asked);
  CHECK(asked > 1000);
  CHECK(by_taste > 1.1 * by_match);
}

TEST_CASE("one index serves the shop and each customer, from one file with the stores' shares") {
  const Baskets baskets = bodega_test::toy_customer_baskets();
  Bundle bundle;
  bundle.add("search", quantize(SearchIndex(bodega_test::toy_catalog())));
  bundle.add("again", quantize(fit_repeat_purchase(baskets)));
  bundle.add("popularity", Popularity(baskets));
  StoreSales sales(baskets.items());
  for (std::size_t b = 0; b < baskets.size(); ++b)
    sales.add(StoreId(b % 2 == 0 ? 3 : 5), baskets.when(b), baskets[b]);
  const auto prior = quantize(fit_shop_prior(sales, {.clusters = {{StoreId(3), 0}}}));
  bundle.add("prior", prior);
  const Bundle opened = Bundle::parse(bundle.serialize());
  const auto index = opened.get<SearchIndex<QuantizedCsrMatrix>>("search");
  const auto again = opened.get<RepeatPurchase<QuantizedCsrMatrix>>("again");
  const auto popularity = opened.get<Popularity>("popularity");
  CHECK(index == quantize(SearchIndex(bodega_test::toy_catalog())));
  const auto same_prior = opened.get<ShopPrior<QuantizedMatrix>>("prior");
  for (const Context& context : {Context(), Context(StoreId(3), 2, 0), Context(StoreId(5), 5, -1)})
    for (std::uint32_t i = 0; i < prior.items(); ++i)
      CHECK(same_prior.share(ItemIndex(i), context) == prior.share(ItemIndex(i), context));

  const auto taste = blend(again, 1.0f, popularity, 1.0f);
  const ItemMask all(bodega_test::toy_items);
  SearchWorkspace workspace(bodega_test::toy_items);
  const auto ask = [&](std::uint32_t customer) {
    return items(
        search(index, "red", taste, {.customer = CustomerIndex(customer)}, all, 3, workspace));
  };
  // Each customer's favourite department is that of the number modulo 6, and red is in all five.
  std::size_t first_is_favourite = 0;
  for (std::uint32_t customer = 0; customer < 5; ++customer) {
    const auto red = ask(customer);
    REQUIRE(red.size() == 3);
    for (const std::uint32_t item : red) CHECK(item % 3 == 0);
    first_is_favourite += red.front() % 5 == customer;
  }
  CHECK(first_is_favourite >= 4);
  CHECK(ask(0) != ask(1));
}
