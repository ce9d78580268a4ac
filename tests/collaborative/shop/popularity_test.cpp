// SPDX-License-Identifier: MIT
#include <cmath>
#include <numeric>
#include <vector>

#include <bodega/collaborative/shop/popularity.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "reload.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
const ItemIndex bread(0), milk(1), wine(2);
}

TEST_CASE("the score is the share of recent sales") {
  Popularity popularity(3, {.half_life_days = 10});
  CHECK(popularity.share(bread) == 0);
  popularity.observe(bread, Day(15000));
  popularity.observe(milk, Day(15010));
  CHECK(popularity.share(bread) == Approx(1.0 / 3));
  CHECK(popularity.share(milk) == Approx(2.0 / 3));
  popularity.observe(bread, Day(15000), 2);  // late, two units
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
  popularity.observe(bread, Day(15000));
  const Popularity before = popularity;
  popularity.observe(ItemIndex(3), Day(15001));
  popularity.observe(ItemIndex::none(), Day(15001));
  popularity.observe(bread, Day(15001), NAN);
  popularity.observe(bread, Day(15001), INFINITY);
  popularity.observe(bread, Day(15001), -1);
  CHECK(popularity == before);
}

TEST_CASE("popularity goes on after a reload, and a file with other sums is refused") {
  Popularity popularity(bodega_test::toy_baskets());
  Popularity copy = bodega_test::reload(popularity);
  CHECK(copy == popularity);
  copy.observe(milk, Day(15200));
  popularity.observe(milk, Day(15200));
  CHECK(copy == popularity);
  const auto with = [&](const std::string& spoilt, const auto& spoil) {
    return bodega_test::reload(popularity, [&](const std::string& name, auto& leaf, Role) {
      if constexpr (requires { spoil(leaf); })
        if (name == spoilt) spoil(leaf);
    });
  };
  CHECK_ERROR(with("sales", [](std::vector<float>& x) { x[1] = -1; }), ErrorCode::out_of_range,
              "sales of item 1");
  CHECK_ERROR(with("total", [](double& x) { x = 0; }), ErrorCode::out_of_range, "sales");
  CHECK_ERROR(with("total", [](double& x) { x = INFINITY; }), ErrorCode::not_finite, "total");
  CHECK_ERROR(Popularity(3, {.half_life_days = -2}), ErrorCode::invalid_argument, "half_life_days");
}

TEST_CASE("popularity keeps the scorer contract") {
  bodega_test::check_scorer_contract(Popularity(bodega_test::toy_baskets()), bodega_test::toy_items,
                                     {.sums_over_items = false});
  bodega_test::check_scorer_contract(Popularity(bodega_test::toy_items), bodega_test::toy_items,
                                     {.sums_over_items = false});
}
