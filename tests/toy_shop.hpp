// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <bodega/core/random.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/catalog.hpp>

namespace bodega_test {

/// A shop of 40 articles in 5 departments whose shoppers mostly stay in one department. The last
/// article is new: it is in the catalogue and was never sold.
inline constexpr std::size_t toy_items = 40;

inline bodega::Catalog toy_catalog() {
  const char* departments[] = {"bread", "dairy", "fruit", "wine", "household"};
  const char* colours[] = {"red", "blue", "green"};
  bodega::Catalog catalog;
  for (std::size_t i = 0; i < toy_items; ++i)
    catalog.add({.id = "A" + std::to_string(100 + i),
                 .description = std::string(colours[i % 3]) + " " + departments[i % 5] + " No. " +
                                std::to_string(i / 5),
                 .price = bodega::Money::from_whole(static_cast<std::int64_t>(1 + i % 9)),
                 .attributes = {{"department", departments[i % 5]}}});
  return catalog;
}

inline bodega::Baskets toy_baskets(std::size_t count = 400) {
  const bodega::CounterRandom random(17);
  bodega::Baskets baskets(toy_items);
  for (std::uint32_t b = 0; b < count; ++b) {
    std::vector<bodega::ItemIndex> items;
    const std::uint32_t department = random.below(5, b, 0), lines = 1 + random.below(7, b, 1);
    for (std::uint32_t line = 0; line < lines; ++line) {
      const std::uint32_t other = random.below(4, b, 3 * line + 2) == 0 ? 1 : 0;
      const std::uint32_t item = 5 * random.below(8, b, 3 * line + 3) + (department + other) % 5;
      if (item + 1 < toy_items) items.push_back(bodega::ItemIndex(item));
    }
    if (items.empty()) items.push_back(bodega::ItemIndex(0));
    baskets.add(bodega::Moment(bodega::Day(15000 + static_cast<int>(b / 4))), {}, items);
  }
  return baskets;
}

/// The same baskets with a card: of 12 customers each has a favourite department, and one comes
/// once only. Customer 7 is in the list and has no basket.
inline constexpr std::size_t toy_customers = 12;

inline bodega::Baskets toy_customer_baskets(std::size_t count = 400) {
  const bodega::Baskets anonymous = toy_baskets(count);
  bodega::Baskets baskets(toy_items);
  for (std::size_t b = 0; b < anonymous.size(); ++b) {
    const std::uint32_t department = anonymous[b].front().value() % 5;
    std::uint32_t customer = department + (b % 2 == 0 ? 0 : 6);
    if (customer == 7) customer = 11;
    if (b == 3) customer = 5;
    baskets.add(anonymous.when(b), bodega::CustomerIndex(customer), anonymous[b]);
  }
  return baskets;
}

}  // namespace bodega_test
