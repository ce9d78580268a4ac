// SPDX-License-Identifier: MIT
#include <bodega/collaborative/customers/fading.hpp>

#include <cmath>
#include <limits>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
double sum_of(const Forgetting& forgetting, std::size_t from, std::size_t to) {
  double sum = 0;
  for (std::size_t age = from; age < to; ++age)
    sum += forgetting.weight(static_cast<double>(age), 1);
  return sum;
}
}  // namespace

TEST_CASE("Where nothing is forgotten all of a history is left") {
  const Fading fading;
  CHECK(fading.left(0, 7, 100, 1000) == 1);
  CHECK(fading.later(5, 100, 3) == 1);
  CHECK_FALSE(fading.as_of());
  CHECK_FALSE(fading.forgets());
}

TEST_CASE("As much is left of a sum as if its baskets had been kept apart") {
  for (const Forgetting& forgetting :
       {Forgetting{.per_step = 0.9}, Forgetting{.power = 1}, Forgetting{.power = 2, .scale = 3},
        Forgetting{.power = 0.5, .per_step = 0.99}})
    for (const std::size_t baskets : {1, 2, 17, 80}) {
      Fading fading(forgetting, Day(20000), 4);
      const double sum = sum_of(forgetting, 0, baskets);
      fading.restore(sum);
      for (const std::size_t later : {1, 5, 40}) {
        const double expected = sum_of(forgetting, later, baskets + later) / sum;
        INFO(forgetting.power << ", " << forgetting.per_step << ", " << baskets << ", " << later);
        CHECK(fading.left(0, sum, later, 0) == Approx(expected).epsilon(1e-6));
        // The sum need not be a number of baskets.
        CHECK(fading.left(0, 0.9 * sum, later, 0) <= fading.left(0, sum, later, 0) + 1e-9);
      }
      CHECK(fading.left(0, sum, 0, 9) == 1);
    }
}

TEST_CASE("A step of age in days takes the same share of every basket") {
  const Fading fading({.age = Forgetting::Age::days, .per_step = 0.98}, Day(20000), 4);
  CHECK(fading.left(0, 5, 3, 10) == Approx(std::pow(0.98, 10)));
  CHECK(fading.left(0, 5, 3, 0) == 1);
  CHECK(fading.left(0, 5, 3, -4) == 1);
  CHECK(fading.later(3, 10, 4) == Approx(std::pow(0.98, 10)));
}

TEST_CASE("By a power of days a history fades as one basket of its mean age") {
  const Fading fading({.age = Forgetting::Age::days, .power = 1, .scale = 10}, Day(20000), 4,
                      {30, 0});
  CHECK(fading.left(0, 5, 3, 10) == Approx((1 + 3.0) / (1 + 4.0)));
  CHECK(fading.left(1, 5, 3, 10) == Approx(0.5));
}

TEST_CASE("A larger basket counts less, by what the mean was when it was fitted") {
  const Fading fading({.size = 1}, Day(20000), 4);
  CHECK(fading.later(0, 0, 8) == Approx(0.5));
  CHECK(fading.later(7, 50, 2) == Approx(2.0));
}

TEST_CASE("A fading that makes no sense is refused") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_ERROR(Fading({.power = -1}, Day(), 4), ErrorCode::invalid_argument, "power");
  CHECK_ERROR(Fading({}, Day(), 0), ErrorCode::out_of_range, "mean_basket");
  CHECK_ERROR(Fading({}, Day(), nan), ErrorCode::not_finite, "mean_basket");
  CHECK_ERROR(Fading({}, Day(), 4, {-1}), ErrorCode::out_of_range, "ages");
}

TEST_CASE("Whatever is accepted gives finite shares") {
  for (const double power : {0.0, 1.0, 300.0, 1e300})
    for (const double step : {1.0, 0.5, 1e-300})
      for (const auto age : {Forgetting::Age::baskets, Forgetting::Age::days}) {
        Fading fading({.age = age, .power = power, .scale = 1e-3, .per_step = step, .size = 900},
                      Day(20000), 1e9, {1e30f});
        fading.restore(1e30);
        for (const double sum : {1e-30, 1.0, 1e30}) {
          const double left = fading.left(0, sum, 3, 3);
          CHECK((left >= 0 && left <= 1));
        }
        CHECK(std::isfinite(fading.later(3, 3, 1)));
      }
}
