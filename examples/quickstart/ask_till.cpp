// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/till/till.hpp>

#include "quickstart.hpp"

namespace quickstart {

using namespace bodega;

namespace {

std::string label(const Catalog& catalog, ItemIndex item) {
  const std::string_view text = catalog.description(item);
  return std::string(text.empty() ? catalog.id(item) : text);
}

std::string label(const TillPick& pick) {
  return std::string(pick.description.empty() ? pick.code : pick.description);
}

void print_slate(const TillSlate& slate) {
  for (const TillPick& pick : slate) {
    std::string because;
    for (const TillReason& reason : pick.because)
      because += (because.empty() ? "" : "; ") + reason.text();
    std::printf("    %-36s %6.3f  %s\n", label(pick).c_str(), static_cast<double>(pick.score),
                because.c_str());
  }
  if (slate.empty()) std::printf("    nothing: no item with evidence is in stock\n");
}

std::vector<std::string_view> codes(const Catalog& catalog, std::span<const ItemIndex> items) {
  std::vector<std::string_view> codes;
  for (const ItemIndex item : items) codes.push_back(catalog.id(item));
  return codes;
}

/// Three of the last receipts of middle size, spread over the weeks.
std::vector<std::size_t> some_receipts(const Baskets& receipts) {
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < receipts.size() && shown.size() < 3; i += 1 + receipts.size() / 5)
    for (std::size_t j = i; j < receipts.size(); ++j)
      if (receipts[j].size() >= 3 && receipts[j].size() <= 8) {
        shown.push_back(j);
        break;
      }
  return shown;
}

/// What the customer has so far, the slate, and the slate once the first of it is sold out.
void show_basket(Till& till, Lane& lane, const Catalog& catalog, const Baskets& receipts,
                 std::size_t receipt) {
  const auto items = receipts[receipt].first(2);
  std::printf("\n  in the basket (%s):\n", receipts.day(receipt).to_string().c_str());
  for (const ItemIndex item : items) std::printf("    %s\n", label(catalog, item).c_str());
  std::printf("  we suggest\n");
  const auto basket = codes(catalog, items);
  const TillSlate slate = lane.recommend({.basket = basket}, 5);
  print_slate(slate);
  if (slate.empty()) return;
  const std::string first(slate[0].code), name = label(slate[0]);
  till.stock().set(first, 0);
  std::printf("  and now that %s is sold out\n", name.c_str());
  print_slate(lane.recommend({.basket = basket}, 5));
  till.stock().forget(first);
}

void show_new_item(Lane& lane, const Catalog& catalog, const Baskets& past) {
  std::vector<bool> sold(catalog.size());
  for (std::size_t b = 0; b < past.size(); ++b)
    for (const ItemIndex item : past[b]) sold[item.value()] = true;
  for (std::uint32_t i = 0; i < catalog.size(); ++i) {
    const ItemIndex item(i);
    if (sold[i] || lane.recommend({.viewed = catalog.id(item)}, 1).empty()) continue;
    std::printf("\n  nobody has bought %s yet; who looks at it is shown\n",
                label(catalog, item).c_str());
    print_slate(lane.recommend({.viewed = catalog.id(item)}, 3));
    return;
  }
}

void show_forecasts(const Till& till, const Catalog& catalog, const std::vector<ItemIndex>& items) {
  const auto day = till.forecast_day();
  if (!day) return;
  std::vector<std::pair<double, ItemIndex>> sellers;
  till.read([&](const TillModels&, const TillState& state) {
    for (const ItemIndex item : items) {
      double units = 0;
      for (const float sold : state.demand().sales.sales(item)) units += static_cast<double>(sold);
      sellers.emplace_back(-units, item);
    }
  });
  std::sort(sellers.begin(), sellers.end());
  std::printf("\n  the ten best sellers of the last %zu trading days, and %s\n", window_days,
              day->to_string().c_str());
  std::printf("    %-36s %10s %10s %8s  %s\n", "", "sold", "a day", "tomorrow", "says");
  for (std::size_t i = 0; i < std::min<std::size_t>(10, sellers.size()); ++i) {
    const auto [units, item] = sellers[i];
    const Forecast forecast = till.forecast(catalog.id(item));
    std::printf("    %-36s %10.0f %10.1f %8.1f  %s\n", label(catalog, item).c_str(), -units,
                -units / static_cast<double>(window_days), static_cast<double>(forecast.units),
                std::string(forecast.answered_by).c_str());
  }
}

void show_speed(Lane& lane, const Catalog& catalog, const Baskets& receipts) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> micros;
  for (int round = 0; round < 20; ++round)
    for (std::size_t i = 0; i < receipts.size(); ++i) {
      const auto basket = codes(catalog, receipts[i]);
      const auto asked = Clock::now();
      lane.recommend({.basket = basket}, 10);
      micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - asked).count());
    }
  std::sort(micros.begin(), micros.end());
  if (!micros.empty())
    std::printf("\n  %zu slates of 10, with reasons: p50 %.1f us, p99 %.1f us each\n",
                micros.size(), micros[micros.size() / 2], micros[micros.size() * 99 / 100]);
}

}  // namespace

void ask_till(const Shop& shop, const DemandModels& demand, const std::string& file) {
  title("5. At the till");
  Till till = Till::open(file);
  Lane lane = till.lane();
  const auto models = till.models();
  const Catalog& catalog = models->catalog();
  for (const std::size_t receipt : some_receipts(shop.history.test))
    show_basket(till, lane, catalog, shop.history.test, receipt);
  show_new_item(lane, catalog, shop.past);
  show_forecasts(till, catalog, demand.regulars);
  show_speed(lane, catalog, shop.history.test);
}

}  // namespace quickstart
