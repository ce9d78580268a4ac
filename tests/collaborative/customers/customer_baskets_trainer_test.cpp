// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/collaborative/customers/customer_baskets_trainer.hpp>
#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "collaborative/customers/later_receipts.hpp"
#include "contract/scorer_contract.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
constexpr std::uint32_t bread = 0, cheese = 1, soap = 2, sponge = 3;

std::vector<ItemIndex> items(std::initializer_list<std::uint32_t> numbers) {
  std::vector<ItemIndex> result;
  for (const std::uint32_t number : numbers) result.emplace_back(number);
  return result;
}

/// Customer 1 buys breakfast and cleaning by turns, customer 0 nothing.
Baskets two_habits() {
  Baskets baskets(4);
  baskets.add(Day(2), CustomerIndex(1), items({soap, sponge}));
  baskets.add(Day(1), CustomerIndex(1), items({bread, cheese}));  // before the other
  baskets.add(Day(3), CustomerIndex::none(), items({bread}));
  return baskets;
}

std::vector<float> scores_of(const CustomerBaskets& model, const Query& query) {
  std::vector<float> scores(model.items(), 0.0f);
  model.add_scores(query, 1, scores);
  return scores;
}
}  // namespace

TEST_CASE("Baskets like the open one say what the customer still wants") {
  const auto model = fit_customer_baskets(two_habits(), {.forgetting = {}, .unlike = 0.25f});
  CHECK(model.customers() == 2);
  const auto basket = items({soap});
  const auto scores = scores_of(model, {.basket = basket, .customer = CustomerIndex(1)});
  // Two baskets, one with each item: all items weigh ln(2 / 2) = 0, so none is like another.
  CHECK(scores == std::vector<float>(4, 0.5f));

  Baskets more = two_habits();
  for (std::uint32_t day = 4; day < 8; ++day)
    more.add(Day(static_cast<int>(day)), CustomerIndex(0), items({bread}));
  const auto larger = fit_customer_baskets(more, {.forgetting = {}, .unlike = 0.25f});
  const auto told = scores_of(larger, {.basket = basket, .customer = CustomerIndex(1)});
  const double cosine = 1 / std::sqrt(2.0);  // one of two items that are equally rare
  CHECK(told[sponge] == Approx((0.25 + cosine) / (0.5 + cosine)));
  CHECK(told[cheese] == Approx(0.25 / (0.5 + cosine)));
  Reasons reasons;
  larger.explain({.basket = basket, .customer = CustomerIndex(1)}, 2, ItemIndex(sponge), reasons);
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].kind == Reason::Kind::bought_before);
  CHECK(reasons[0].contribution == Approx(2 * told[sponge]));
  CHECK(scores_of(larger, {.basket = basket, .customer = CustomerIndex(9)}) ==
        std::vector<float>(4, 0.0f));
}

TEST_CASE("Without an open basket it is the personal frequency") {
  const Baskets baskets = bodega_test::toy_customer_baskets();
  const Forgetting forgetting{.power = 1.3, .scale = 5, .per_step = 0.98, .size = 0.5};
  const auto model = fit_customer_baskets(baskets, {.forgetting = forgetting});
  const auto plain = fit_repeat_purchase(baskets, {.forgetting = forgetting, .prior = 0});
  for (std::uint32_t u = 0; u < bodega_test::toy_customers; ++u) {
    std::vector<float> expected(bodega_test::toy_items, 0.0f);
    plain.add_scores({.customer = CustomerIndex(u)}, 1, expected);
    const auto found = scores_of(model, {.customer = CustomerIndex(u)});
    for (std::size_t i = 0; i < expected.size(); ++i)
      CHECK(found[i] == Approx(expected[i]).margin(1e-6));
  }
}

TEST_CASE("The baskets of customers keep the scorer contract") {
  bodega_test::check_scorer_contract(
      fit_customer_baskets(bodega_test::toy_customer_baskets()), bodega_test::toy_items,
      {.sums_over_items = false, .customers = bodega_test::toy_customers});
  bodega_test::check_scorer_contract(fit_customer_baskets(Baskets(10)), 10,
                                     {.sums_over_items = false});
}

TEST_CASE("The baskets of customers refuse what makes no sense") {
  const Baskets baskets = two_habits();
  CHECK_ERROR(fit_customer_baskets(baskets, {.forgetting = {.age = Forgetting::Age::days}}),
              ErrorCode::invalid_argument, "age");
  CHECK_ERROR(fit_customer_baskets(baskets, {.unlike = 0}), ErrorCode::invalid_argument, "unlike");
  CHECK_ERROR(fit_customer_baskets(baskets, {.forgetting = {.scale = 0}}),
              ErrorCode::invalid_argument, "scale");
}

TEST_CASE("Receipts heard one by one give the baskets fitted to all of them at once") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const bodega_test::LaterReceipts shop(seed);
    for (const Forgetting& forgetting : {Forgetting{.power = 1}, Forgetting{},
                                         Forgetting{.power = 2, .per_step = 0.9, .size = 0.5}}) {
      CustomerBaskets live = fit_customer_baskets(shop.before, {.forgetting = forgetting});
      const CustomerBaskets at_once = fit_customer_baskets(shop.all, {.forgetting = forgetting});
      for (const Receipt& receipt : shop.later) live.observe(receipt);
      CHECK(live.day() == at_once.day());
      CHECK(live.customers() == at_once.customers());
      const std::vector basket{ItemIndex(4), ItemIndex(2), ItemIndex(9)};
      for (const Query& asked : {Query{}, Query{.basket = basket}, Query{.viewed = ItemIndex(7)}})
        bodega_test::for_each_customer_scores(
            live, at_once, asked, [](float a, float b) { CHECK(a == Approx(b).margin(1e-6)); });
    }
  }
}

TEST_CASE("Baskets that were heard keep the contract, and go through a bundle") {
  const Baskets baskets = bodega_test::toy_customer_baskets();
  CustomerBaskets model = fit_customer_baskets(baskets, {.forgetting = {.power = 1, .size = 0.5}});
  const CustomerIndex fresh(17);
  for (std::uint32_t n = 0; n < 60; ++n) {
    std::vector<ReceiptLine> lines{{ItemIndex(400), Quantity::from_whole(1), {}}};
    for (const ItemIndex item : baskets[n]) lines.push_back({item, Quantity::from_whole(1), {}});
    model.observe({.when = Moment(Day(15300 + static_cast<int>(n))),
                   .customer = CustomerIndex(n % 20),
                   .lines = lines});
  }
  CHECK(model.customers() == 20);
  CHECK(scores_of(model, {.customer = fresh})[baskets[17].front().value()] > 0);
  bodega_test::check_scorer_contract(model, bodega_test::toy_items,
                                     {.sums_over_items = false, .customers = 20});
  Bundle bundle;
  bundle.add("baskets", model);
  CHECK(bundle.get<CustomerBaskets>("baskets") == model);
  bundle.add("old", CustomerBaskets(SparsePattern(3, {0, 1}, {2}), {0, 1}, {}));
  CHECK(bundle.signature("old").find("later") == std::string_view::npos);
  CHECK(bundle.get<CustomerBaskets>("old").day() == Day());
}

TEST_CASE("Very many baskets of one customer are all counted") {
  CustomerBaskets model = fit_customer_baskets(Baskets(4), {.forgetting = {}, .unlike = 1});
  for (int n = 0; n < 3000; ++n) {
    const std::vector<ReceiptLine> lines{
        {ItemIndex(n < 750 ? 1u : 2u), Quantity::from_whole(1), Money()}};
    model.observe({.when = Moment(Day(n)), .customer = CustomerIndex(0), .lines = lines});
  }
  const auto scores = scores_of(model, {.customer = CustomerIndex(0)});
  CHECK(scores[1] == Approx(0.25f).epsilon(1e-4));
  CHECK(scores[2] == Approx(0.75f).epsilon(1e-4));
}
