// SPDX-License-Identifier: MIT
#include <cmath>
#include <numeric>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/data/receipts.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "reload.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

const ItemIndex bread(0), milk(1), wine(2);

ReceiptLine line(ItemIndex item, double units) {
  return {item, Quantity::from_raw(static_cast<std::int64_t>(units * Quantity::scale)), Money()};
}

/// Bread on two lines and three units, milk on one and half a unit; wine is brought back.
const ReceiptLine lines[] = {line(bread, 2), line(milk, 0.5), line(bread, 1), line(wine, -1),
                             line(ItemIndex(3), 1)};
const Receipt receipt{.when = Moment(Day(15000), 60), .lines = lines};

}  // namespace

TEST_CASE("the score is the share of recent sales") {
  Popularity popularity(3, {.half_life_days = 10});
  CHECK(popularity.share(bread) == 0);
  popularity.add(bread, Day(15000));
  popularity.add(milk, Day(15010));
  CHECK(popularity.share(bread) == Approx(1.0 / 3));
  CHECK(popularity.share(milk) == Approx(2.0 / 3));
  popularity.add(bread, Day(15000), 2);  // late, two units
  CHECK(popularity.share(bread) == Approx(1.5 / 2.5));
  CHECK(popularity.share(wine) == 0);

  std::vector<float> scores{1, 1, 1};
  popularity.add_scores({}, 10, scores);
  CHECK(scores[0] == Approx(7));
  CHECK(scores[1] == Approx(5));
  CHECK(scores[2] == Approx(1));

  Reasons reasons;
  popularity.explain({}, 10, bread, reasons);
  popularity.explain({}, 10, wine, reasons);
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].kind == Reason::Kind::popular);
  CHECK(reasons[0].contribution == Approx(6));
}

TEST_CASE("popularity over years is that of the formula") {
  const Baskets baskets = bodega_test::toy_baskets(4000);  // 1000 days
  const double half_life = 8;                              // so the epoch moves
  const Popularity popularity(baskets, {.half_life_days = half_life});
  std::vector<double> sales(baskets.items(), 0.0);
  const Day last = baskets.day(baskets.size() - 1);
  for (std::size_t i = 0; i < baskets.size(); ++i)
    for (const ItemIndex item : baskets[i])
      sales[item.value()] += std::exp2(-(last - baskets.day(i)) / half_life);
  const double total = std::accumulate(sales.begin(), sales.end(), 0.0);
  for (std::uint32_t i = 0; i < baskets.items(); ++i)
    CHECK(popularity.share(ItemIndex(i)) == Approx(sales[i] / total).margin(1e-7));
}

TEST_CASE("what cannot be a sale is ignored") {
  Popularity popularity(3);
  popularity.add(bread, Day(15000));
  const Popularity before = popularity;
  popularity.add(ItemIndex(3), Day(15001));
  popularity.add(ItemIndex::none(), Day(15001));
  popularity.add(bread, Day(15001), NAN);
  popularity.add(bread, Day(15001), INFINITY);
  popularity.add(bread, Day(15001), -1);
  CHECK(popularity == before);
}

TEST_CASE("popularity goes on after a reload, and a file with other sums is refused") {
  Popularity popularity(bodega_test::toy_baskets());
  Popularity copy = bodega_test::reload(popularity);
  CHECK(copy == popularity);
  copy.add(milk, Day(15200));
  popularity.add(milk, Day(15200));
  CHECK(copy == popularity);
  const auto with = [&](const std::string& spoilt, const auto& spoil) {
    return bodega_test::reload(popularity, [&](const std::string& name, auto& leaf, Role) {
      if constexpr (requires { spoil(leaf); })
        if (name == spoilt) spoil(leaf);
    });
  };
  CHECK_ERROR(with("sales", [](std::vector<float>& x) { x[1] = -1; }), ErrorCode::out_of_range,
              "sales, number 1");
  CHECK_ERROR(with("total", [](double& x) { x = 0; }), ErrorCode::out_of_range, "sales");
  CHECK_ERROR(with("total", [](double& x) { x = INFINITY; }), ErrorCode::not_finite, "total");
  CHECK_ERROR(Popularity(3, {.half_life_days = -2}), ErrorCode::invalid_argument, "half_life_days");
}

TEST_CASE("a receipt counts once, by its lines or by its units") {
  const auto shares = [&](SalesCount count) {
    Popularity popularity(3, {.half_life_days = 0, .count = count});
    static_assert(Listener<Popularity>&& noexcept(popularity.observe(receipt)));
    popularity.observe(receipt);
    CHECK(popularity.day() == Day(15000));
    return std::vector{popularity.share(bread), popularity.share(milk), popularity.share(wine)};
  };
  CHECK(shares(SalesCount::receipts) == std::vector{1 / 2.0f, 1 / 2.0f, 0.0f});
  CHECK(shares(SalesCount::lines) == std::vector{2 / 3.0f, 1 / 3.0f, 0.0f});
  CHECK(shares(SalesCount::units)[0] == Approx(3 / 3.5));
  CHECK(shares(SalesCount::units)[1] == Approx(0.5 / 3.5));
  CHECK(shares(SalesCount::units)[2] == 0);
}

TEST_CASE("popularity of receipts is that of their baskets, or counts what these do not know") {
  Catalog catalog;
  for (const char* id : {"bread", "milk", "wine"}) catalog.add({.id = id});
  Receipts receipts(catalog);
  const ReceiptLine more[] = {line(bread, 2), line(milk, 4), line(bread, 1)};
  receipts.add({.when = Moment(Day(15000)), .lines = std::span(lines).first(3)});
  receipts.add({.when = Moment(Day(15007)), .lines = more});
  CHECK(Popularity(receipts) == Popularity(receipts.baskets()));
  const Popularity units(receipts, {.half_life_days = 7, .count = SalesCount::units});
  CHECK(units.share(milk) == Approx((0.25 + 4) / (1.5 + 0.25 + 3 + 4)));
  CHECK_ERROR(Popularity(receipts.baskets(), {.count = SalesCount::units}),
              ErrorCode::invalid_argument, "count");
}

TEST_CASE("the popularity of two stores is that of all their receipts") {
  const Baskets baskets = bodega_test::toy_baskets(4000);
  const PopularityOptions options{.half_life_days = 8};
  const Popularity all(baskets, options);
  Popularity early(baskets.items(), options), late = early;
  for (std::size_t i = 0; i < baskets.size(); ++i)
    for (const ItemIndex item : baskets[i]) (i < 1000 ? early : late).add(item, baskets.day(i));
  Popularity both = early;
  both.merge(late);
  late.merge(early);
  CHECK(both.day() == all.day());
  for (std::uint32_t i = 0; i < baskets.items(); ++i) {
    CHECK(both.share(ItemIndex(i)) == Approx(all.share(ItemIndex(i))).margin(1e-7));
    CHECK(late.share(ItemIndex(i)) == Approx(all.share(ItemIndex(i))).margin(1e-7));
  }
  const Popularity before = both;
  CHECK_ERROR(both.merge(Popularity(3, options)), ErrorCode::shape, "Popularity::merge");
  CHECK_ERROR(both.merge(Popularity(baskets.items())), ErrorCode::invalid_argument, "merge");
  CHECK_ERROR(
      both.merge(Popularity(baskets.items(), {.half_life_days = 8, .count = SalesCount::lines})),
      ErrorCode::invalid_argument, "merge");
  CHECK(both == before);
}

TEST_CASE("a file of receipts' popularity is as before, one of units says so") {
  Popularity popularity(3, {.count = SalesCount::units});
  popularity.observe(receipt);
  Bundle bundle;
  bundle.add("popularity", popularity);
  bundle.add("before", Popularity(bodega_test::toy_baskets()));
  const Bundle again = Bundle::parse(bundle.serialize());
  CHECK(again.signature("before").find("count") == std::string_view::npos);
  REQUIRE(again.holds<Popularity>("before"));
  CHECK(again.get<Popularity>("before") == Popularity(bodega_test::toy_baskets()));
  REQUIRE(again.holds<Popularity>("popularity"));
  Popularity read = again.get<Popularity>("popularity");
  CHECK(read == popularity);
  CHECK(read.count() == SalesCount::units);
  read.observe(receipt);
  popularity.observe(receipt);
  CHECK(read == popularity);
}

TEST_CASE("popularity keeps the scorer contract") {
  bodega_test::check_scorer_contract(Popularity(bodega_test::toy_baskets()), bodega_test::toy_items,
                                     {.sums_over_items = false});
  bodega_test::check_scorer_contract(Popularity(bodega_test::toy_items), bodega_test::toy_items,
                                     {.sums_over_items = false});
}
