// SPDX-License-Identifier: MIT
#include <bodega/hybrid/part_weights.hpp>

#include <array>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <bodega/bundle/bundle.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "reload.hpp"

using namespace bodega;

namespace {
constexpr Situation plain, basket(true, false, false), customer(false, true, false),
    both(true, true, false), session(false, false, true);

PartWeights weights_of(const std::vector<std::string>& parts) { return PartWeights(parts); }

PartWeights example() {
  PartWeights weights = weights_of({"items", "popularity"});
  weights.set(plain, std::array{0.0f, 1.0f});
  weights.set(basket, std::array{2.0f, 0.5f});
  return weights;
}
}  // namespace

TEST_CASE("A query's situation is what there is to go by") {
  const std::array items{ItemIndex(3)};
  const std::array views{View{ItemIndex(1)}};
  CHECK(Situation(Query{}) == plain);
  CHECK(Situation(Query{.basket = items}) == basket);
  CHECK(Situation(Query{.viewed = ItemIndex(3)}) == basket);
  CHECK(Situation(Query{.customer = CustomerIndex(0)}) == customer);
  CHECK(Situation(Query{.basket = items, .customer = CustomerIndex(0)}) == both);
  CHECK(Situation(Query{.session = views}) == session);
  CHECK(Situation(Query{.context = Context(StoreId(1), 0, 9)}) == plain);
  std::set<std::string> names;
  for (std::size_t i = 0; i < Situation::count; ++i) {
    CHECK(Situation::at(i).index() == i);
    names.emplace(name(Situation::at(i)));
  }
  CHECK(names.size() == Situation::count);
  CHECK(name(both) == "basket and customer");
}

TEST_CASE("A situation without weights takes those of the nearest") {
  const PartWeights weights = example();
  CHECK(weights.knows(plain));
  CHECK_FALSE(weights.knows(both));
  CHECK(weights.weight(basket, "items") == 2);
  CHECK(weights.weight(both, "items") == 2);      // looks at less, not at more
  CHECK(weights.weight(customer, "items") == 0);  // as without anything
  CHECK(weights.weight(session, "popularity") == 1);
  CHECK(weights.weight(basket, "content") == 0);
  CHECK_FALSE(weights.names("content"));

  PartWeights full = weights_of({"a"});
  full.set(both, std::array{3.0f});
  CHECK(full.weight(plain, "a") == 3);  // nothing looks at less
  full.set(customer, std::array{4.0f});
  CHECK(full.weight(plain, "a") == 4);
  CHECK(full.weight(Situation(false, true, true), "a") == 4);
  CHECK(full.weight(Situation(true, true, true), "a") == 3);
  full.set(customer, std::array{5.0f});  // in place of the first
  CHECK(full.weight(customer, "a") == 5);
  CHECK(PartWeights().weight(plain, "a") == 0);
}

TEST_CASE("Weights come back from a bundle, and bad ones are refused") {
  const PartWeights weights = example();
  CHECK(bodega_test::reload(weights) == weights);
  Bundle bundle;
  bundle.add("weights", weights);
  CHECK(Bundle::parse(bundle.serialize()).get<PartWeights>("weights") == weights);
  const auto spoilt = [&](std::string_view tensor, auto change) {
    return [&weights, tensor, change] {
      bodega_test::reload(weights, [&]<class Leaf>(const std::string& name, Leaf& leaf, Role) {
        if constexpr (requires { change(leaf); })
          if (name == tensor) change(leaf);
      });
    };
  };
  CHECK_ERROR(spoilt("situations", [](std::vector<std::uint8_t>& s) { s[1] = 8; })(),
              ErrorCode::out_of_range, "situation 1");
  CHECK_ERROR(spoilt("situations", [](std::vector<std::uint8_t>& s) { s[1] = s[0]; })(),
              ErrorCode::duplicate, "situation 1");
  CHECK_ERROR(spoilt("weights", [](Matrix<float>& w) { w(0, 1) = 0; })(), ErrorCode::out_of_range,
              "situation 0");
  CHECK_ERROR(spoilt("weights", [](Matrix<float>& w) { w = Matrix<float>(2, 1); })(),
              ErrorCode::shape, "columns of weights");
  CHECK_ERROR(spoilt("situations", [](std::vector<std::uint8_t>& s) { s.pop_back(); })(),
              ErrorCode::shape, "rows of weights");

  PartWeights changed = weights;
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_ERROR(changed.set(basket, std::array{1.0f}), ErrorCode::shape, "weights for basket");
  CHECK_ERROR(changed.set(basket, std::array{1.0f, nan}), ErrorCode::not_finite, "basket");
  CHECK_ERROR(changed.set(both, std::array{1.0f, 2e9f}), ErrorCode::out_of_range, "customer");
  CHECK_ERROR(changed.set(both, std::array{0.0f, -1.0f}), ErrorCode::out_of_range, "customer");
  CHECK(changed == weights);
  CHECK_ERROR(weights_of({"a", "a"}), ErrorCode::duplicate, "PartWeights");
  CHECK_ERROR(weights_of({"a", ""}), ErrorCode::invalid_argument, "PartWeights");
}
