// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/collaborative/customers/customer_baskets_trainer.hpp>
#include <bodega/collaborative/customers/purchase_cycle_trainer.hpp>
#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/core/random.hpp>
#include <bodega/hybrid/slate.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "collaborative/customers/later_receipts.hpp"
#include "contract/scorer_contract.hpp"
#include "reload.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
std::vector<float> scores_of(const auto& model, CustomerIndex customer) {
  std::vector<float> scores(model.items(), 0.0f);
  model.add_scores({.customer = customer}, 1, scores);
  return scores;
}

/// Customer 0 buys item 0 in every second of 4 baskets and item 1 in one, customer 1 buys item 2.
Baskets three_items() {
  Baskets baskets(4);
  const auto add = [&](std::uint32_t customer, std::vector<ItemIndex> items) {
    baskets.add(Moment(), CustomerIndex(customer), items);
  };
  add(0, {ItemIndex(0)});
  add(0, {ItemIndex(1)});
  add(0, {ItemIndex(0)});
  add(0, {ItemIndex(3)});
  add(1, {ItemIndex(2)});
  return baskets;
}
}  // namespace

TEST_CASE("Without prior the score is the share of the customer's baskets") {
  const auto model = fit_repeat_purchase(three_items(), {.prior = 0});
  CHECK(scores_of(model, CustomerIndex(0)) == std::vector<float>{0.5f, 0.25f, 0, 0.25f});
  CHECK(scores_of(model, CustomerIndex(1)) == std::vector<float>{0, 0, 1, 0});
  CHECK(scores_of(model, CustomerIndex(9)) == std::vector<float>(4, 0.0f));
  CHECK(scores_of(model, CustomerIndex::none()) == std::vector<float>(4, 0.0f));
  Reasons reasons;
  model.explain({.customer = CustomerIndex(0)}, 2, ItemIndex(1), reasons);
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].kind == Reason::Kind::bought_before);
  CHECK(reasons[0].contribution == 0.5f);
}

TEST_CASE("A habit of some has a weaker prior than what all buy now and then") {
  // Item 0: every tenth customer in every basket. Item 1: everybody in every tenth basket.
  const CounterRandom random(3);
  Baskets baskets(3);
  for (std::uint32_t customer = 0; customer < 60; ++customer)
    for (std::uint32_t b = 0; b < 20; ++b) {
      std::vector<ItemIndex> items{ItemIndex(2)};
      if (customer % 10 == 0) items.emplace_back(0);
      if (random.below(10, customer, b) == 0) items.emplace_back(1);
      baskets.add(Moment(), CustomerIndex(customer), items);
    }
  const auto model = fit_repeat_purchase(baskets);
  const auto habitual = scores_of(model, CustomerIndex(10)),
             other = scores_of(model, CustomerIndex(11));
  CHECK(habitual[0] > 0.8f);
  CHECK(other[0] < 0.05f);
  CHECK(std::abs(habitual[1] - other[1]) < 0.1f);  // one basket more or less says little
  const auto nobody = scores_of(model, CustomerIndex::none());
  CHECK(nobody[0] == Approx(0.1).margin(0.001));
  CHECK(nobody[2] == Approx(1.0).margin(0.001));
}

TEST_CASE("Repeat purchase makes finite slates without a duplicate for everybody") {
  const Baskets baskets = bodega_test::toy_customer_baskets();
  const auto model =
      quantize(fit_repeat_purchase(baskets, {.forgetting = {.power = 1.3, .size = 0.5}}));
  Workspace workspace(model.items(), 100);
  for (std::uint32_t c = 0; c < 20; ++c) {
    const auto slate = select_slate(model, {.customer = CustomerIndex(c)}, ItemMask(model.items()),
                                    1000, workspace);
    CHECK(slate.size() == bodega_test::toy_items - 1);  // one was never sold
    std::vector<std::uint32_t> shown;
    for (const Pick& pick : slate) {
      CHECK(std::isfinite(pick.score));
      CHECK(pick.score <= 1);
      shown.push_back(pick.item.value());
      CHECK_FALSE(pick.because.empty());
    }
    std::sort(shown.begin(), shown.end());
    CHECK(std::adjacent_find(shown.begin(), shown.end()) == shown.end());
  }
}

TEST_CASE("What was bought ages ago is all but forgotten") {
  Baskets baskets(3);
  baskets.add(Moment(), CustomerIndex(0), std::vector{ItemIndex(0), ItemIndex(2)});
  for (int b = 0; b < 3000; ++b) baskets.add(Moment(), CustomerIndex(0), std::vector{ItemIndex(1)});
  for (const double per_step : {0.5, 0.95, 0.97, 0.98}) {  // weights from none over subnormal
    const auto scores = scores_of(
        fit_repeat_purchase(baskets, {.forgetting = {.per_step = per_step}}), CustomerIndex(0));
    CHECK(scores[0] < 1e-6f);
    CHECK(scores[1] == Approx(1.0));
  }
}

TEST_CASE("Repeat purchase of nobody, and of baskets without a card") {
  Baskets anonymous(3);
  anonymous.add(Moment(), CustomerIndex::none(), std::vector{ItemIndex(1)});
  for (const Baskets& baskets : {Baskets(3), anonymous})
    for (const double prior : {0.0, 1.0}) {
      const auto model = fit_repeat_purchase(baskets, {.prior = prior});
      CHECK(model.customers() == 0);
      CHECK(scores_of(model, CustomerIndex(0)) == std::vector<float>(3, 0.0f));
    }
}

TEST_CASE("The strength of a prior is 0 or more") {
  CHECK_ERROR(fit_repeat_purchase(three_items(), {.prior = -1}), ErrorCode::invalid_argument,
              "prior");
}

TEST_CASE("Receipts heard one by one give the history fitted to all of them at once") {
  using Age = Forgetting::Age;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const bodega_test::LaterReceipts shop(seed);
    for (const Forgetting& forgetting :
         {Forgetting{}, Forgetting{.per_step = 0.9}, Forgetting{.age = Age::days, .per_step = 0.97},
          Forgetting{.age = Age::days, .per_step = 0.6}}) {
      const RepeatPurchaseOptions options{.forgetting = forgetting, .prior = 0};
      RepeatPurchase<> live = fit_repeat_purchase(shop.before, options);
      const RepeatPurchase<> at_once = fit_repeat_purchase(shop.all, options);
      for (const Receipt& receipt : shop.later) live.observe(receipt);
      INFO("seed " << seed << ", step " << forgetting.per_step);
      CHECK(live.day() == at_once.day());
      bodega_test::for_each_customer_scores(
          live, at_once, {}, [](float a, float b) { CHECK(a == Approx(b).margin(1e-6)); });
    }
  }
}

TEST_CASE("By a power of age the heard history is near the one fitted at once") {
  double off = 0, all = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const bodega_test::LaterReceipts shop(seed);
    for (const auto age : {Forgetting::Age::baskets, Forgetting::Age::days}) {
      const RepeatPurchaseOptions options{
          .forgetting = {.age = age, .power = 1, .scale = 10, .size = 0.25}, .prior = 0};
      RepeatPurchase<> live = fit_repeat_purchase(shop.before, options);
      for (const Receipt& receipt : shop.later) live.observe(receipt);
      bodega_test::for_each_customer_scores(live, fit_repeat_purchase(shop.all, options), {},
                                            [&](float a, float b) {
                                              off += std::abs(a - b);
                                              all += b;
                                            });
    }
  }
  INFO("off by " << off / all);
  CHECK(off / all < 0.05);
}

TEST_CASE("A card never seen is known from its first receipt, and leans on what all buy") {
  RepeatPurchase<> model = fit_repeat_purchase(bodega_test::toy_customer_baskets());
  const CustomerIndex fresh(static_cast<std::uint32_t>(model.customers() + 5));
  const std::vector<float> before = scores_of(model, fresh);
  const std::vector<ReceiptLine> lines{{ItemIndex(17), Quantity::from_whole(1), Money()},
                                       {ItemIndex(999), Quantity::from_whole(1), Money()}};
  model.observe({.when = Moment(Day(15200)), .customer = fresh, .lines = lines});
  const std::vector<float> after = scores_of(model, fresh);
  CHECK(after[17] > before[17]);
  CHECK(after[16] < before[16]);
  CHECK(model.customers() == fresh.value() + std::size_t{1});
  Reasons reasons;
  model.explain({.customer = fresh}, 1, ItemIndex(17), reasons);
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[0].contribution + reasons[1].contribution == Approx(after[17]));
}

TEST_CASE("A model that has heard receipts keeps the contract, in floats and in INT8") {
  const Baskets baskets = bodega_test::toy_customer_baskets();
  for (const double prior : {0.0, 1.0}) {
    RepeatPurchase<> model =
        fit_repeat_purchase(baskets, {.forgetting = {.power = 1, .size = 0.5}, .prior = prior});
    auto small = quantize(model);
    for (std::uint32_t n = 0; n < 60; ++n) {
      std::vector<ReceiptLine> lines;
      for (const ItemIndex item : baskets[n]) lines.push_back({item, Quantity::from_whole(1), {}});
      const Receipt receipt{.when = Moment(Day(15300 + static_cast<int>(n))),
                            .customer = CustomerIndex(n % 20),
                            .lines = lines};
      model.observe(receipt);
      small.observe(receipt);
    }
    bodega_test::check_scorer_contract(model, bodega_test::toy_items,
                                       {.sums_over_items = false, .customers = 20});
    bodega_test::check_scorer_contract(small, bodega_test::toy_items,
                                       {.sums_over_items = false, .customers = 20});
    CHECK(bodega_test::reload(model) == model);
    Bundle bundle;
    bundle.add("repeat", model);
    CHECK(bundle.get<RepeatPurchase<>>("repeat") == model);
  }
}

TEST_CASE("A history that forgets nothing is written as files of before have it, and read so") {
  Bundle bundle;
  bundle.add("plain", RepeatPurchase<>(CsrMatrix<float>(3), {}));
  bundle.add("fading", fit_repeat_purchase(three_items(), {.forgetting = {.per_step = 0.9}}));
  CHECK(bundle.signature("plain").find("fading") == std::string_view::npos);
  CHECK(bundle.signature("fading").find("fading") != std::string_view::npos);
  CHECK(bundle.get<RepeatPurchase<>>("plain").items() == 3);
}

TEST_CASE("An item that is new since the fit is heard of, in every model of customers") {
  const Baskets baskets = bodega_test::toy_customer_baskets();
  const auto check = [&](auto model) {
    const std::vector<float> before = scores_of(model, CustomerIndex(3));
    model.grow(bodega_test::toy_items + 2);
    model.grow(5);
    REQUIRE(model.items() == bodega_test::toy_items + 2);
    std::vector<float> grown = scores_of(model, CustomerIndex(3));
    CHECK(grown[bodega_test::toy_items] == 0);
    grown.resize(before.size());
    CHECK(grown == before);
    const ItemIndex fresh(bodega_test::toy_items + 1);
    const std::vector<ReceiptLine> lines{{fresh, Quantity::from_whole(1), Money()}};
    for (int day = 0; day < 20; day += 5)
      model.observe(
          {.when = Moment(Day(15300 + day)), .customer = CustomerIndex(3), .lines = lines});
    CHECK(scores_of(model, CustomerIndex(3))[fresh.value()] > 0);
    Reasons reasons;
    model.explain({.customer = CustomerIndex(3)}, 1, fresh, reasons);
    CHECK(reasons.size() == 1);
    bodega_test::check_scorer_contract(model, bodega_test::toy_items + 2,
                                       {.sums_over_items = false, .customers = 12});
    Bundle bundle;
    bundle.add("grown", model);
    CHECK(bundle.get<decltype(model)>("grown") == model);
  };
  check(fit_repeat_purchase(baskets, {.prior = 0}));
  check(fit_repeat_purchase(baskets, {.forgetting = {.power = 1}}));
  check(quantize(fit_repeat_purchase(baskets)));
  check(fit_customer_baskets(baskets));
  check(fit_purchase_cycle(baskets));
  check(fit_purchase_cycle(baskets, {.keep_counts = true}));
}
