// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <bodega/collaborative/sums/basket_weights.hpp>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("weights of baskets by their size") {
  Baskets baskets(4);
  const std::vector one{ItemIndex(2)};
  const std::vector four{ItemIndex(0), ItemIndex(1), ItemIndex(2), ItemIndex(3)};
  baskets.add({}, {}, one);
  baskets.add({}, {}, four);
  CHECK(inverse_size_weights(baskets, 0) == std::vector{1.0f, 1.0f});
  CHECK(inverse_size_weights(baskets, 0.5) == std::vector{1.0f, 0.5f});
  CHECK(weights_by_size(baskets, [](double size) { return size + 1; }) == std::vector{2.0f, 5.0f});
}

TEST_CASE("squared inverse frequencies of baskets, as documents of a catalogue") {
  Baskets baskets(8);
  baskets.add({}, {}, std::vector{ItemIndex(2)});
  baskets.add({}, {}, std::vector{ItemIndex(0), ItemIndex(1), ItemIndex(2)});
  const auto weights = squared_idf_weights(baskets);
  CHECK(weights[0] == Approx(std::pow(std::log(8 / 2.0), 2)));
  CHECK(weights[1] == Approx(std::pow(std::log(8 / 4.0), 2)));
}
