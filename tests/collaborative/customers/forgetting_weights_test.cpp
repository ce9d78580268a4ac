// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <vector>

#include <bodega/collaborative/customers/forgetting_weights.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
/// Customer 1 on days 0, 2 and 10, customer 0 on day 4, somebody on day 50.
Baskets some_baskets() {
  Baskets baskets(5);
  const auto add = [&](int day, CustomerIndex customer, std::vector<ItemIndex> items) {
    baskets.add(Moment(Day(day)), customer, items);
  };
  add(2, CustomerIndex(1), {ItemIndex(0), ItemIndex(1)});
  add(0, CustomerIndex(1), {ItemIndex(2)});
  add(50, CustomerIndex::none(), {ItemIndex(3)});
  add(4, CustomerIndex(0), {ItemIndex(0)});
  add(10, CustomerIndex(1), {ItemIndex(0), ItemIndex(1), ItemIndex(2), ItemIndex(3)});
  return baskets;
}
}  // namespace

TEST_CASE("Who forgets nothing counts every basket of a customer once") {
  CHECK(forgetting_weights(some_baskets(), {}) == std::vector<float>{1, 1, 0, 1, 1});
  CHECK(baskets_of_customers(some_baskets(), {1, 1, 0, 1, 1}) == std::vector<float>{1, 3});
}

TEST_CASE("Age is counted in a customer's own baskets, in order of time") {
  const auto weights = forgetting_weights(some_baskets(), {.per_step = 0.5});
  CHECK(weights == std::vector<float>{0.5f, 0.25f, 0, 1, 1});
  const auto habit = forgetting_weights(some_baskets(), {.power = 2, .scale = 3});
  CHECK(habit[0] == Approx(std::pow(4.0 / 3, -2)));
  CHECK(habit[1] == Approx(std::pow(5.0 / 3, -2)));
  CHECK(habit[4] == 1.0f);
}

TEST_CASE("Age in days is the same for all customers, and nobody's baskets do not make it older") {
  const auto weights =
      forgetting_weights(some_baskets(), {.age = Forgetting::Age::days, .per_step = 0.9});
  CHECK(weights[0] == Approx(std::pow(0.9, 8)));
  CHECK(weights[1] == Approx(std::pow(0.9, 10)));
  CHECK(weights[2] == 0.0f);
  CHECK(weights[3] == Approx(std::pow(0.9, 6)));
  CHECK(weights[4] == 1.0f);
}

TEST_CASE("A large basket counts less for each of its lines") {
  const auto weights = forgetting_weights(some_baskets(), {.size = 1});
  CHECK(weights[0] == 1.0f);  // two items, as the mean of the four baskets
  CHECK(weights[1] == 2.0f);
  CHECK(weights[4] == 0.5f);
}

TEST_CASE("Forgetting refuses what is no weight") {
  const Baskets baskets = some_baskets();
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_ERROR(forgetting_weights(baskets, {.power = -1}), ErrorCode::invalid_argument, "power");
  CHECK_ERROR(forgetting_weights(baskets, {.scale = 0}), ErrorCode::invalid_argument, "scale");
  CHECK_ERROR(forgetting_weights(baskets, {.per_step = 0}), ErrorCode::invalid_argument,
              "per_step");
  CHECK_ERROR(forgetting_weights(baskets, {.per_step = 1.5}), ErrorCode::invalid_argument,
              "per_step");
  CHECK_ERROR(forgetting_weights(baskets, {.size = nan}), ErrorCode::invalid_argument, "size");
  CHECK_ERROR(baskets_of_customers(baskets, {1}), ErrorCode::shape, "weights");
  CHECK(forgetting_weights(Baskets(3), {.power = 1}).empty());
}

TEST_CASE("Purchase shares are of a customer's faded baskets") {
  const auto shares = purchase_shares(some_baskets(), {.per_step = 0.5});
  CHECK(shares.rows() == 2);
  CHECK(shares.at(0, 0) == 1.0f);
  CHECK(shares.at(1, 0) == Approx(1.5 / 1.75));
  CHECK(shares.at(1, 2) == Approx(1.25 / 1.75));
  CHECK(shares.at(1, 3) == Approx(1.0 / 1.75));
  CHECK(shares.at(1, 4) == 0.0f);
}
