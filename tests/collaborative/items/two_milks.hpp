// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/core/random.hpp>

namespace bodega_test {

enum : std::uint32_t { milk_a, milk_b, cereal, coffee, cake, pasta, sauce, cheese, wine, novelty };
inline constexpr std::size_t articles = 10;

/// Breakfast has one of two brands of milk, dinner pasta and sauce; wine goes with anything.
inline bodega::Cooccurrence two_milks() {
  using namespace bodega;
  const CounterRandom random(3);
  Baskets baskets(articles);
  for (std::uint32_t b = 0; b < 3000; ++b) {
    std::vector<ItemIndex> basket;
    const auto maybe = [&](std::uint32_t item, std::uint32_t percent) {
      if (random.below(100, b, item) < percent) basket.push_back(ItemIndex(item));
    };
    if (random.below(100, b, 100) < 40) {
      const std::uint32_t brand = random.below(100, b, 101);
      if (brand < 51) basket.push_back(ItemIndex(milk_a));
      if (brand > 48) basket.push_back(ItemIndex(milk_b));
      maybe(cereal, 60);
      maybe(coffee, 60);
      maybe(cake, 40);
    }
    if (random.below(100, b, 102) < 30) {
      maybe(pasta, 80);
      maybe(sauce, 80);
      maybe(cheese, 50);
    }
    maybe(wine, 20);
    baskets.add({}, {}, basket);
  }
  return Cooccurrence(baskets);
}

}  // namespace bodega_test
