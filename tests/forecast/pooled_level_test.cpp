// SPDX-License-Identifier: MIT
#include <bodega/forecast/pooled_level.hpp>

#include <array>
#include <cmath>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "data/parameter_list.hpp"
#include "forecast/sales_table.hpp"
#include "reload.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
/// Saturdays count double.
DemandFactors<> saturdays() {
  Matrix<float> effects(1, 19);
  effects(0, 5) = std::log(2.0f);
  return {effects, Matrix<float>(1, 0)};
}
}  // namespace

TEST_CASE("A level forgets by its half-life and knows what a day is worth") {
  PooledLevel levels(2, {.half_life_days = 2, .pool_half_life_days = 1e6f});
  CHECK(std::isnan(levels.level(ItemIndex(0))));
  const auto close = [&](int day, float first, float second) {
    levels.close_day(DaySales(monday + day, std::vector{first, second}), saturdays());
  };
  close(0, 40, 0);  // a first sale: that it sold is why it is known
  CHECK(std::isnan(levels.level(ItemIndex(0))));
  close(1, 4, 0);
  CHECK(levels.level(ItemIndex(0)) == Approx(4));
  CHECK(std::isnan(levels.level(ItemIndex(1))));  // not sold yet: not in the shop
  close(5, 8, 0);                                 // a Saturday: as usual
  CHECK(levels.level(ItemIndex(0)) == Approx(4));
  close(7, std::nanf(""), 0);  // unknown
  CHECK(levels.level(ItemIndex(0)) == Approx(4));
  close(7, 1000, 0);  // not a new day
  CHECK(levels.level(ItemIndex(0)) == Approx(4));
  CHECK(levels.last_day() == monday + 7);
  CHECK(std::isnan(levels.level(ItemIndex(2))));

  // By hand, for one series: sums of sales and factors, halved in two days.
  PooledLevel alone(1, {.half_life_days = 2, .pool_half_life_days = 0.01f});
  double sold = 0, days = 0;
  alone.close_day(DaySales(monday - 1, std::vector{9.0f}), DemandFactors<>());
  for (int d = 0; d < 5; ++d) {
    const float units = static_cast<float>(d + 1);
    const double before = sold / days;
    alone.close_day(DaySales(monday + d, std::vector{units}), DemandFactors<>());
    sold = sold * std::sqrt(0.5) + units;
    days = days * std::sqrt(0.5) + 1;
    // The pool forgets at once, so it is the last day over what was expected of it.
    const double pool = d == 0 ? 1 : units / before;
    CHECK(alone.level(ItemIndex(0)) == Approx(sold / days * pool));
  }
}

TEST_CASE("zeros that are no demand: a level is right from the first weeks on") {
  // The mean level of many series over their true rate, 30 days after each one's first sale.
  const CounterRandom random(11);
  for (const float chance : {0.02f, 0.1f, 0.3f, 1.0f})
    for (const float units : {1.0f, 20.0f}) {
      constexpr std::uint32_t series = 4000;
      PooledLevel levels(series, {.pool_half_life_days = 1e6f});
      std::vector<int> since(series, -1);
      double sum = 0, found = 0;
      for (int d = 0; d < 300; ++d) {
        std::vector<float> sold(series);
        for (std::uint32_t s = 0; s < series; ++s) {
          const auto day = static_cast<std::uint64_t>(d);
          sold[s] = random.uniform(s, day) < chance ? units : 0.0f;
          if (since[s] < 0 && sold[s] > 0) since[s] = d;
        }
        levels.close_day(DaySales(monday + d, sold), DemandFactors<>());
        for (std::uint32_t s = 0; s < series; ++s)
          if (since[s] >= 0 && d == since[s] + 30) {
            sum += double{levels.level(ItemIndex(s))};
            ++found;
          }
      }
      INFO("chance " << chance << ", units " << units);
      REQUIRE(found > 3900);
      CHECK(sum / found == Approx(double{chance * units}).epsilon(0.1));
    }
}

TEST_CASE("What all series do together moves each") {
  PooledLevel levels(4, {.half_life_days = 1000, .pool_half_life_days = 1, .pools = {0, 0, 0, 1}});
  for (int d = 0; d < 60; ++d)
    levels.close_day(
        DaySales(monday + d, d < 50 ? std::vector{1.0f, 2.0f, 3.0f, 4.0f}
                                    : std::vector{std::nanf(""), 4.0f, 6.0f, 4.0f}),  // unknown
        DemandFactors<>());
  CHECK(levels.level(ItemIndex(0)) == Approx(2).epsilon(0.2));   // others of its pool doubled
  CHECK(levels.level(ItemIndex(3)) == Approx(4).epsilon(0.02));  // another pool
}

TEST_CASE("Levels that cannot be are refused") {
  CHECK_ERROR(PooledLevel(2, {.half_life_days = 0}), ErrorCode::out_of_range, "half-life");
  CHECK_ERROR(PooledLevel(2, {.pools = {0}}), ErrorCode::shape, "pools");
  CHECK_ERROR(PooledLevel(2, {.pools = {0, 4'000'000'000u}}), ErrorCode::out_of_range, "pools");
  const auto spoilt = []<class T>(std::string_view tensor, T value) {
    return tampered<T>(PooledLevel(2, {.pools = {0, 1}}), tensor, [&](T& part) { part = value; });
  };
  CHECK_ERROR(spoilt("sold", std::vector<float>{1, std::nanf("")}).validate("f"),
              ErrorCode::not_finite, "f, sold");
  CHECK_ERROR(spoilt("sold", std::vector<float>{1, 0}).validate("f"), ErrorCode::out_of_range,
              "f, factors");
  CHECK_ERROR(spoilt("factors", std::vector<float>{1}).validate("f"), ErrorCode::shape, "factors");
  CHECK_ERROR(spoilt("pools", std::vector<std::uint32_t>{0, 9}).validate("f"),
              ErrorCode::out_of_range, "pool of series 1");
}

TEST_CASE("Levels grow by series that have not sold yet") {
  for (const std::vector<std::uint32_t>& pools :
       {std::vector<std::uint32_t>(), std::vector<std::uint32_t>{0, 1}}) {
    PooledLevel levels(2, {.pools = pools});
    levels.grow(3);
    levels.grow(1);  // never fewer
    CHECK(levels.series() == 3);
    levels.validate("grown");
    for (int d = 0; d < 30; ++d)
      levels.close_day(DaySales(monday + d, std::vector{1.0f, 2.0f, 3.0f}), DemandFactors<>());
    CHECK(levels.level(ItemIndex(2)) == Approx(3));
  }
}
