// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/collaborative/customers/purchase_cycle_trainer.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "collaborative/customers/later_receipts.hpp"
#include "contract/scorer_contract.hpp"
#include "reload.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
float score_of(const auto& model, std::uint32_t customer, std::uint32_t item) {
  std::vector<float> scores(model.items(), 0.0f);
  model.add_scores({.customer = CustomerIndex(customer)}, 1, scores);
  return scores[item];
}

/// 30 customers buy item 0 every 9 days, one day more or less, item 1 whenever they please (each
/// day with a chance of 1/9), item 2 twice; until day 199.
Baskets coffee() {
  const CounterRandom random(8);
  Baskets baskets(3);
  for (std::uint32_t customer = 0; customer < 30; ++customer) {
    int next = static_cast<int>(customer % 9);
    for (int day = 0; day < 200; ++day) {
      std::vector<ItemIndex> items;
      if (day == next) {
        items.emplace_back(0);
        next += 8 + static_cast<int>(random.below(3, customer, static_cast<std::uint32_t>(day)));
      }
      if (random.below(9, customer, 1000u + static_cast<std::uint32_t>(day)) == 0)
        items.emplace_back(1);
      if (day == 50 || day == 60) items.emplace_back(2);
      if (!items.empty()) baskets.add(Moment(Day(day)), CustomerIndex(customer), items);
    }
  }
  return baskets;
}
}  // namespace

TEST_CASE("What is bought every 9 days is due after 9 days") {
  const PurchaseCycle<> fitted = fit_purchase_cycle(coffee());
  CHECK(fitted.today() == Day(200));
  CHECK(fitted.day() == Day(199));
  CHECK(fitted.hazard(1.0f) > 2 * fitted.hazard(0.3f));
  const auto day_of_last = [&](std::uint32_t item) {
    const Baskets baskets = coffee();
    int last = 0;
    for (std::size_t b = 0; b < baskets.size(); ++b)
      for (const ItemIndex bought : baskets[b])
        if (baskets.customer(b) == CustomerIndex(0) && bought.value() == item)
          last = baskets.day(b).days_since_1970();
    return last;
  };
  // Days are only let pass, so the ages are taken from the last purchase on.
  const int last = day_of_last(0);
  std::vector<float> at;
  PurchaseCycle<> model = fitted;
  for (int day = 200; day < last + 40; ++day) {
    model.close_day(Day(day - 1));
    at.push_back(score_of(model, 0, 0));
  }
  const float due = score_of(
      [&] {
        PurchaseCycle<> later = fitted;
        later.close_day(Day(last + 8));
        return later;
      }(),
      0, 0);
  CHECK(due > 0.15f);          // a purchase every 9 days is 0.11 a day on the mean
  CHECK(due > 3 * at.back());  // long overdue: the habit is over
  model.close_day(Day(150));   // time does not go back
  CHECK(score_of(model, 0, 0) == at.back());

  CHECK(score_of(fitted, 0, 2) == 0.0f);  // bought twice: no gap is believed
  CHECK(score_of(fitted, 99, 0) == 0.0f);
  Reasons reasons;
  PurchaseCycle<> then = fitted;
  then.close_day(Day(last + 9));
  then.explain({.customer = CustomerIndex(0)}, 1, ItemIndex(0), reasons);
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].kind == Reason::Kind::due);
}

TEST_CASE("The gap and the hazard of a worked example") {
  Baskets baskets(1);
  for (const int day : {100, 104, 108, 110, 116})  // gaps 4, 4, 2, 6
    baskets.add(Moment(Day(day)), CustomerIndex(0), std::vector{ItemIndex(0)});
  const auto model = fit_purchase_cycle(baskets);
  // After three purchases: gap 2 of a mean of 4, then 6 of a mean of 10 / 3, then 1 day of 4.
  const float overall = static_cast<float>(2 / (0.5 + 1.8 + 0.25));
  const auto hazard = [&](double purchases, double waited) {
    return (purchases + overall) / (waited + 1);
  };
  CHECK(model.hazard(0.0f) == Approx(hazard(0, 3.0 / 8)));
  CHECK(model.hazard(0.3f) == Approx(hazard(0, 2.0 / 8)));
  CHECK(model.hazard(0.5f) == Approx(hazard(1, 1.0 / 8)));
  CHECK(model.hazard(1.8f) == Approx(hazard(1, 0.05)));
  CHECK(model.hazard(100.0f) == Approx(overall));
  CHECK(score_of(model, 0, 0) == Approx(model.hazard(0.25f) / 4));
}

TEST_CASE("INT8 keeps short and long gaps") {
  Baskets baskets(2);
  for (int day = 0; day < 1000; ++day) {
    std::vector<ItemIndex> items{ItemIndex(0)};
    if (day % 300 == 0) items.emplace_back(1);
    baskets.add(Moment(Day(day)), CustomerIndex(0), items);
  }
  const auto model = fit_purchase_cycle(baskets);
  const auto small = quantize(model);
  CHECK(score_of(small, 0, 0) == Approx(score_of(model, 0, 0)).epsilon(0.05));
  CHECK(score_of(small, 0, 1) == Approx(score_of(model, 0, 1)).epsilon(0.05));
}

TEST_CASE("Cycles of nothing, and what is refused") {
  CHECK(fit_purchase_cycle(Baskets(3)).customers() == 0);
  CHECK(score_of(fit_purchase_cycle(Baskets(3)), 0, 0) == 0.0f);
  CHECK_ERROR(fit_purchase_cycle(Baskets(3), {.least_purchases = 1}), ErrorCode::invalid_argument,
              "least_purchases");
  Baskets ages(1);
  for (const int day : {0, 70000})
    ages.add(Moment(Day(day)), CustomerIndex(0), std::vector{ItemIndex(0)});
  CHECK_ERROR(fit_purchase_cycle(ages), ErrorCode::out_of_range, "baskets");
}

namespace {
/// With a hazard that tells every step from the others, whatever was learnt.
PurchaseCycle<> with_plain_hazard(const PurchaseCycle<>& model) {
  return bodega_test::reload(model, []<class Leaf>(const std::string& name, Leaf& leaf, Role) {
    if constexpr (std::is_same_v<Leaf, std::vector<float>>)
      if (name == "hazard")
        for (std::size_t step = 0; step < leaf.size(); ++step)
          leaf[step] = 1 + static_cast<float>(step);
  });
}
}  // namespace

TEST_CASE("Receipts heard one by one give the gaps fitted to all of them at once") {
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (const std::size_t least : {2, 3, 5}) {
      const bodega_test::LaterReceipts shop(seed, 200, 90);
      const PurchaseCycleOptions options{.least_purchases = least, .keep_counts = true};
      PurchaseCycle<> live = with_plain_hazard(fit_purchase_cycle(shop.before, options));
      const PurchaseCycle<> at_once = with_plain_hazard(fit_purchase_cycle(shop.all, options));
      // Those of nobody let time pass as well, of which the fit does not know.
      for (const Receipt& receipt : shop.later)
        if (!receipt.customer.is_none()) live.observe(receipt);
      live.close_day(live.day());
      CHECK(live.today() == at_once.today());
      std::size_t scored = 0;
      bodega_test::for_each_customer_scores(live, at_once, {}, [&](float a, float b) {
        CHECK(a == b);
        scored += b > 0;
      });
      CHECK(scored > 10);
    }
}

TEST_CASE("Without counts a habit goes on, and what had none begins anew") {
  const bodega_test::LaterReceipts shop(4, 200, 90);
  PurchaseCycle<> live = with_plain_hazard(fit_purchase_cycle(shop.before));
  const PurchaseCycle<> at_once = with_plain_hazard(fit_purchase_cycle(shop.all));
  for (const Receipt& receipt : shop.later) live.observe(receipt);
  live.close_day(shop.later.back().when.day());
  std::size_t near = 0, all = 0;
  bodega_test::for_each_customer_scores(live, at_once, {}, [&](float a, float b) {
    if (!(a > 0)) return;
    CHECK(b > 0);  // what is due here has a gap there
    ++all;
    near += std::abs(a - b) < 0.5f * b;
  });
  CHECK(near > all / 2);
}

TEST_CASE("Cycles that were heard keep the contract, and go through a bundle") {
  const Baskets baskets = bodega_test::toy_customer_baskets();
  for (const bool keep : {false, true}) {
    PurchaseCycle<> model = fit_purchase_cycle(baskets, {.keep_counts = keep});
    auto small = quantize(model);
    for (std::uint32_t n = 0; n < 150; ++n) {
      std::vector<ReceiptLine> lines{{ItemIndex(400), Quantity::from_whole(1), {}}};
      for (const ItemIndex item : baskets[n]) lines.push_back({item, Quantity::from_whole(1), {}});
      const Receipt receipt{.when = Moment(Day(15100 + static_cast<int>(n))),
                            .customer = CustomerIndex(n % 15),
                            .lines = lines};
      model.observe(receipt);
      small.observe(receipt);
    }
    const bodega_test::ScorerPromises promises{.sums_over_items = false, .customers = 15};
    bodega_test::check_scorer_contract(model, bodega_test::toy_items, promises);
    bodega_test::check_scorer_contract(small, bodega_test::toy_items, promises);
    CHECK(bodega_test::reload(model) == model);
    Bundle bundle;
    bundle.add("due", model);
    CHECK(bundle.get<PurchaseCycle<>>("due") == model);
    bundle.add("usual", fit_purchase_cycle(baskets));
    CHECK(bundle.signature("usual").find("later") == std::string_view::npos);
    CHECK(bundle.get<PurchaseCycle<>>("usual") == fit_purchase_cycle(baskets));
  }
}
