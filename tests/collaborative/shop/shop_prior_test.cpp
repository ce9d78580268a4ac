// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/collaborative/shop/shop_prior_trainer.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "example_shop.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

using Items = std::vector<ItemIndex>;
const Day monday(4);  // 1970-01-05

void sell(StoreSales& sales, std::uint32_t store, std::uint32_t item, int times, int hour = 9) {
  for (int n = 0; n < times; ++n)
    sales.add(StoreId(store), Moment(monday, hour * 3600), Items{ItemIndex(item)});
}

/// The toy shop as three stores that sell by the hour: 1 and 2 in cluster 0, 3 in cluster 1.
StoreSales toy_sales() {
  StoreSales sales(bodega_test::toy_items);
  const Baskets baskets = bodega_test::toy_baskets();
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    const int department = static_cast<int>(baskets[b].front().value() % 5);
    sales.add(StoreId(static_cast<std::uint32_t>(1 + (b + baskets[b].size()) % 3)),
              Moment(baskets.day(b), (8 + 2 * department) * 3600), baskets[b]);
  }
  return sales;
}
const std::vector<std::pair<StoreId, std::uint32_t>> toy_clusters{
    {StoreId(1), 0}, {StoreId(2), 0}, {StoreId(3), 1}};

std::vector<float> scores(const auto& model, const Context& context) {
  std::vector<float> result(model.items(), 0.0f);
  model.add_scores({.context = context}, 1, result);
  return result;
}

/// The model as it is asked at one place and time.
template <Scorer S>
struct InContext {
  const S& model;
  Context context;
  std::size_t items() const noexcept { return model.items(); }
  void add_scores(Query query, float weight, std::span<float> out) const noexcept {
    query.context = context;
    model.add_scores(query, weight, out);
  }
  void explain(Query query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    query.context = context;
    model.explain(query, weight, item, reasons);
  }
};

}  // namespace

TEST_CASE("shares lean on wider ones, by hand") {
  StoreSales sales(2);
  sell(sales, 1, 0, 6);
  sell(sales, 1, 1, 2);
  sell(sales, 2, 1, 4);
  const auto model =
      fit_shop_prior(sales, {.clusters = {{StoreId(1), 0}, {StoreId(2), 1}, {StoreId(9), 1}},
                             .chain_strength = 1,
                             .cluster_strength = 4,
                             .store_strength = 8,
                             .hour_strength = 1,
                             .weekday_strength = 1});
  const double chain = 6.5 / 13;
  CHECK(model.share(ItemIndex(0)) == Approx(chain));
  const double first = (6 + 4 * chain) / (8 + 4), second = (0 + 4 * chain) / (4 + 4);
  CHECK(model.share(ItemIndex(0), {StoreId(1), -1, -1}) == Approx((6 + 8 * first) / 16));
  CHECK(model.share(ItemIndex(0), {StoreId(2), -1, -1}) == Approx((0 + 8 * second) / 12));
  CHECK(model.share(ItemIndex(0), {StoreId(9), -1, -1}) ==
        Approx(second));                                                    // no sales: its cluster
  CHECK(model.share(ItemIndex(0), {StoreId(5), -1, -1}) == Approx(chain));  // not known: the chain
  CHECK(model.share(ItemIndex(2), {StoreId(1), -1, -1}) == 0);
}

TEST_CASE("an hour and a weekday lift what is sold then, also in a store that never sold it") {
  StoreSales sales(3);
  sell(sales, 1, 0, 90, 8);
  sell(sales, 1, 0, 10, 18);
  sell(sales, 1, 1, 100, 18);
  sell(sales, 2, 1, 5, 18);
  const auto model = fit_shop_prior(
      sales,
      {.store_strength = 10, .hour_strength = 20, .weekday_strength = 1, .expected = {1, 1, 0}});
  const double morning = 90.0 / 205;
  const double lift = (90 + 20 * morning) / (100 + 20) / morning;
  const float plain = model.share(ItemIndex(0), {StoreId(2), -1, -1});
  CHECK(model.share(ItemIndex(0), {StoreId(2), -1, 8}) == Approx(plain * lift));
  CHECK(model.share(ItemIndex(0), {StoreId(2), 0, 8}) == Approx(plain * lift));  // all on Mondays
  CHECK(model.share(ItemIndex(2), {StoreId(2), 0, 8}) == 0);  // never sold, and not expected to be
  // An hour or weekday without a sale says nothing, nor does one that does not exist.
  for (const Context& other :
       {Context(StoreId(2), 3, -1), Context(StoreId(2), -1, 3), Context(StoreId(2), 7, 25),
        Context(StoreId(2), -7, -25), Context(StoreId(2), 100, 127)})
    CHECK(model.share(ItemIndex(0), other) == plain);
  const Context at(StoreId(2), Moment(monday + 6, 18 * 3600 + 59));
  CHECK(at.weekday == 6);
  CHECK(at.hour == 18);
}

TEST_CASE("a kiosk and a busy time lift what is sold there and then") {
  StoreSales sales(2);
  const auto sell_at = [&](std::uint32_t item, int times, Channel channel, Rush rush) {
    const ReceiptLine line[] = {{ItemIndex(item), Quantity::from_whole(1), Money()}};
    for (int n = 0; n < times; ++n)
      sales.observe({.when = Moment(monday),
                     .store = StoreId(1),
                     .lines = line,
                     .channel = channel,
                     .rush = rush});
  };
  sell_at(0, 90, Channel::kiosk, Rush::unknown);
  sell_at(0, 10, Channel::assisted, Rush::unknown);
  sell_at(1, 100, Channel::assisted, Rush::busy);
  const auto model = fit_shop_prior(sales, {.channel_strength = 20, .rush_strength = 5});
  const auto share = [&](std::uint32_t item, Channel channel, Rush rush) {
    return model.share(ItemIndex(item), Context(StoreId(1), -1, -1, channel, rush));
  };
  const float plain = share(0, Channel::unknown, Rush::unknown);
  const double kiosk = 90.0 / 200;
  CHECK(share(0, Channel::kiosk, Rush::unknown) ==
        Approx(plain * (90 + 20 * kiosk) / (100 + 20) / kiosk));
  CHECK(share(1, Channel::kiosk, Rush::unknown) < 0.2f * share(0, Channel::kiosk, Rush::unknown));
  CHECK(share(0, Channel::assisted, Rush::unknown) < plain);
  // All that is known of rush is busy: it tells nothing, and a quiet time says nothing at all.
  CHECK(share(0, Channel::unknown, Rush::busy) == Approx(plain));
  CHECK(share(0, Channel::unknown, Rush::quiet) == plain);
  CHECK(model.uses().has(QueryPart::channel));
  CHECK(model.uses().has(QueryPart::rush));
  CHECK_FALSE(fit_shop_prior(toy_sales()).uses().has(QueryPart::channel));
  const Context at_kiosk(StoreId(1), 0, 9, Channel::kiosk, Rush::busy);
  for (std::uint32_t i = 0; i < 2; ++i)
    CHECK(scores(model, at_kiosk)[i] == Approx(model.share(ItemIndex(i), at_kiosk)));
  CHECK_ERROR(fit_shop_prior(sales, {.channel_strength = -1}), ErrorCode::invalid_argument,
              "channel_strength");
}

TEST_CASE("a prior finds its stores by their names, also from a file") {
  StoreSales sales = toy_sales();
  StringSet names;
  for (const char* name : {"none", "Mill Lane", "Harbour", "Station"}) names.add(name);
  sales.name_stores(names);
  const auto model = fit_shop_prior(sales, {.clusters = toy_clusters});
  Bundle bundle;
  bundle.add("shop", model);
  bundle.add("numbered", fit_shop_prior(toy_sales()));
  CHECK(bundle.signature("numbered").find("names") == std::string_view::npos);
  CHECK(bundle.get<ShopPrior<>>("numbered").store_named("Harbour").is_none());
  const auto read = bundle.get<ShopPrior<>>("shop");
  CHECK(read.store_named("Harbour") == StoreId(2));
  CHECK(read.store_named("harbour").is_none());
  CHECK(quantize(model).store_named("Station") == StoreId(3));
  const Context there(read.store_named("Harbour"), -1, -1);
  CHECK(scores(read, there) == scores(model, Context(StoreId(2), -1, -1)));
}

TEST_CASE("scores are the shares, sum to 1, and keep the scorer contract") {
  const auto model = fit_shop_prior(toy_sales(), {.clusters = toy_clusters});
  const auto small = quantize(model);
  for (const Context& context : {Context(), Context(StoreId(2), -1, -1), Context(StoreId(3), 4, 12),
                                 Context(StoreId(77), 4, 12)}) {
    const std::vector<float> all = scores(model, context), rounded = scores(small, context);
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      CHECK(all[i] == Approx(model.share(ItemIndex(i), context)));
      CHECK(rounded[i] == Approx(all[i]).margin(0.002));
    }
    const float sum = std::accumulate(all.begin(), all.end(), 0.0f);
    CHECK(sum == Approx(1).epsilon(context.hour < 0 ? 1e-5 : 0.1));
    CHECK(all.back() > 0);  // in the catalogue and never sold
    bodega_test::check_scorer_contract(InContext<ShopPrior<>>{model, context},
                                       bodega_test::toy_items, {.sums_over_items = false});
  }
  bodega_test::check_scorer_contract(model, bodega_test::toy_items, {.sums_over_items = false});
  bodega_test::check_scorer_contract(small, bodega_test::toy_items, {.sums_over_items = false});
}

TEST_CASE("the likeliest strength is that by which stores were drawn") {
  // Stores whose shares differ from the chain's as much as k = 50 sales of their own.
  const CounterRandom random(3);
  constexpr std::size_t items = 20;
  const auto gamma = [&](double shape,
                         std::uint64_t row) {  // sum of exponentials, for whole shapes
    double sum = 0;
    for (std::uint64_t n = 0; n < static_cast<std::uint64_t>(shape); ++n)
      sum -= std::log(1 - double{random.uniform(row, n)});
    return sum;
  };
  for (const double k : {20.0, 200.0}) {
    StoreSales sales(items);
    for (std::uint32_t store = 0; store < 60; ++store) {
      std::vector<double> to(items);
      double sum = 0;
      for (std::size_t i = 0; i < items; ++i) to[i] = sum += gamma(k / items, 100 * store + i);
      for (std::uint32_t n = 0; n < 300; ++n) {
        const double at = sum * double{random.uniform(7'000'000 + store, n)};
        const auto item =
            static_cast<std::uint32_t>(std::upper_bound(to.begin(), to.end(), at) - to.begin());
        sales.add(StoreId(store), Moment(monday, static_cast<int>(n % 24) * 3600),
                  Items{ItemIndex(std::min<std::uint32_t>(item, items - 1))});
      }
    }
    const auto model = fit_shop_prior(sales);
    float lean = 0;
    bodega::ShopPrior<>::parameters(
        model, [&](std::string_view name, const auto& part, Role = Role::state) {
          if constexpr (std::is_same_v<const std::vector<float>&, decltype(part)>)
            if (name == "store_lean") lean = part.front();
        });
    CHECK(300 * lean / (1 - lean) == Approx(k).epsilon(0.2));  // lean = k / (300 + k)
    // Hours were drawn without regard to the item: none is lifted by much.
    for (std::uint32_t i = 0; i < items; ++i)
      CHECK(model.share(ItemIndex(i), {StoreId::none(), -1, 5}) ==
            Approx(model.share(ItemIndex(i))).epsilon(0.05));
  }
}

TEST_CASE("strengths by later sales follow how fast a shop changes") {
  // Two articles that take turns from period to period say nothing of the next one: the counts
  // alone call the stores different, what they foresee does not.
  StoreSales first(2), later(2);
  for (std::uint32_t store = 0; store < 10; ++store) {
    sell(first, store, store % 2, 100);
    sell(later, store, 1 - store % 2, 100);
  }
  const Context at(StoreId(0), -1, -1);
  CHECK(fit_shop_prior(first).share(ItemIndex(0), at) > 0.9);
  CHECK(fit_shop_prior(first, later).share(ItemIndex(0), at) == Approx(0.5).margin(0.01));
  // Stores that stay as they are lean on little; one that opens later is in.
  StoreSales same(2);
  for (std::uint32_t store = 0; store < 11; ++store) sell(same, store, store % 2, 100);
  const auto model = fit_shop_prior(first, same);
  CHECK(model.share(ItemIndex(0), at) > 0.95);
  CHECK(model.stores() == 11);
  CHECK(model.share(ItemIndex(0), {StoreId(10), -1, -1}) > 0.95);
}

TEST_CASE("merged sums give a new store its start, and its first sales count at once") {
  StoreSales chain = toy_sales();
  const auto before = fit_shop_prior(
      chain, {.clusters = {{StoreId(1), 0}, {StoreId(2), 0}, {StoreId(3), 1}, {StoreId(4), 0}}});
  CHECK(scores(before, {StoreId(4), -1, -1}) != scores(before, {StoreId(3), -1, -1}));
  StoreSales first_day(bodega_test::toy_items);
  sell(first_day, 4, 39, 10);  // the article that the chain never sold
  chain.merge(first_day);
  const auto after = fit_shop_prior(chain, {.clusters = {{StoreId(4), 0}}});
  CHECK(after.share(ItemIndex(39), {StoreId(4), -1, -1}) >
        5 * after.share(ItemIndex(39), {StoreId(3), -1, -1}));
}

TEST_CASE("priors that make no sense are Errors, and no sales give no shares") {
  const StoreSales sales = toy_sales();
  CHECK_ERROR(fit_shop_prior(sales, {.store_strength = -1}), ErrorCode::invalid_argument,
              "store_strength");
  CHECK_ERROR(fit_shop_prior(sales, {.hour_strength = NAN}), ErrorCode::invalid_argument,
              "hour_strength");
  CHECK_ERROR(fit_shop_prior(sales, {.expected = {1, 2}}), ErrorCode::shape, "expected");
  CHECK_ERROR(fit_shop_prior(sales, {.expected = std::vector<float>(bodega_test::toy_items, NAN)}),
              ErrorCode::invalid_argument, "expected");
  CHECK_ERROR(fit_shop_prior(sales, StoreSales(3)), ErrorCode::shape, "merge");
  CHECK_ERROR(fit_shop_prior(sales, {.clusters = {{StoreId(1), 0}, {StoreId(1), 1}}}),
              ErrorCode::duplicate, "clusters");
  CHECK_ERROR(fit_shop_prior(sales, {.clusters = {{StoreId(1), 9}}}), ErrorCode::out_of_range,
              "cluster of store 1");
  CHECK_ERROR(fit_shop_prior(sales, {.clusters = {{StoreId(), 0}}}), ErrorCode::invalid_argument,
              "clusters");
  const auto alike = fit_shop_prior(
      sales, {.store_strength = INFINITY, .hour_strength = INFINITY, .weekday_strength = INFINITY});
  CHECK(scores(alike, {StoreId(1), 2, 10}) == scores(alike, {}));
  const auto empty = fit_shop_prior(StoreSales(5), {.clusters = {{StoreId(1), 0}}});
  CHECK(scores(empty, {StoreId(1), 1, 1}) == std::vector<float>(5, 0.0f));
  CHECK(fit_shop_prior(StoreSales()).items() == 0);
  const auto spoil = [&](const char* tensor) {
    return bodega_test::reload(fit_shop_prior(sales, {.clusters = toy_clusters}),
                               [&](const std::string& name, auto& leaf, Role) {
                                 if constexpr (requires { leaf.front() = 5; })
                                   if (name == tensor) leaf.front() = 5;
                               });
  };
  CHECK_ERROR(spoil("chain"), ErrorCode::out_of_range, "chain");
  CHECK_ERROR(spoil("store"), ErrorCode::format, "store 1");
  CHECK_ERROR(spoil("cluster_of"), ErrorCode::out_of_range, "cluster_of store 0");
}

TEST_CASE("the hour and weekday make the sales of a real shop likelier") {
  // The shop of the examples: sums over its first four fifths, its last fifth foreseen line by
  // line.
  const Receipts receipts = bodega_test::example_receipts();
  const Baskets baskets = receipts.baskets();
  const std::size_t learnt = baskets.size() * 4 / 5;
  StoreSales sales(baskets.items());
  for (std::size_t b = 0; b < learnt; ++b) sales.add(StoreId(1), baskets.when(b), baskets[b]);
  const auto model = fit_shop_prior(sales);
  double with = 0, without = 0, count = 0;
  const std::vector<float> plain = scores(model, {StoreId(1), -1, -1});
  for (std::size_t b = learnt; b < baskets.size(); ++b) {
    const std::vector<float> now = scores(model, {StoreId(1), baskets.when(b)});
    const double sum = std::accumulate(now.begin(), now.end(), 0.0);
    for (const ItemIndex item : baskets[b]) {
      with -= std::log(double{now[item.value()]} / sum);
      without -= std::log(double{plain[item.value()]});
      ++count;
    }
  }
  INFO("log loss " << with / count << " with the time, " << without / count << " without");
  CHECK(with < without);
}
