// SPDX-License-Identifier: MIT
// What events cost the writer of a till's state, in a shop of 4,000 items that sells 5,000 receipts
// of 5 lines a day and keeps 35 days of them: a receipt, a void of the same day and of four weeks
// ago, a late receipt, a return; the fold of all events, and the snapshot.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/core/random.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/till/event_snapshot.hpp>
#include <bodega/till/part.hpp>

namespace {

using namespace bodega;

constexpr std::uint32_t items = 4'000, a_day = 5'000, lines = 5;
const Day monday(20'002);

class Shop {
 public:
  static Shop after(int days) {
    static const Shop full = [] {
      Shop shop;
      for (int day = 0; day < 36; ++day)
        for (std::uint32_t n = 0; n < a_day; ++n) shop.sell(day, n);
      return shop;
    }();
    Shop shop = full;
    for (int day = 36; day < days; ++day) shop.sell(day, 0);
    return shop;
  }

  LogChange sell(int day, std::uint32_t number, std::string_view prefix = "", double sign = 1) {
    std::vector<TillReceiptLine> of;
    for (std::uint32_t l = 0; l < lines; ++l)
      of.push_back({codes_[random_.below(items, static_cast<std::uint64_t>(day),
                                         number * std::uint64_t{8} + l)],
                    Quantity::from_whole(static_cast<std::int64_t>(sign)), Money()});
    const std::string id = std::string(prefix) + std::to_string(number);
    TillReceipt receipt{.id = id,
                        .when = Moment(monday + day, 8 * 3600 + static_cast<int>(number) * 8)};
    receipt.lines = of;
    return add(TillEvent::paid(receipt, 1 + random_.below(2'000, 99, number)));
  }
  LogChange undo(int day, std::uint32_t number) {
    const std::string id = std::to_string(number);
    return add(TillEvent::undone(id, {}, {}, monday + day));
  }
  LogChange add(const TillEvent& event) {
    log.tidy(state);
    return log.add(event, state);
  }

  EventLog log{models()};
  TillState state = log.state();

 private:
  static std::shared_ptr<const TillModels> models() {
    Catalog catalog;
    for (std::uint32_t i = 0; i < items; ++i) catalog.add({.id = std::to_string(20'000 + i)});
    Bundle bundle;
    bundle.add("catalog", catalog);
    bundle.add("popularity", Popularity(items, {.half_life_days = 30}));
    bundle.add("demand_memory", IntermittentDemand(items));
    bundle.add("demand_levels", PooledLevel(items));
    return std::make_shared<const TillModels>(load_models<Part<"popularity", Popularity>>(bundle));
  }
  static std::vector<std::string> codes() {
    std::vector<std::string> all;
    for (std::uint32_t i = 0; i < items; ++i) all.push_back(std::to_string(20'000 + i));
    return all;
  }

  std::vector<std::string> codes_ = codes();
  CounterRandom random_{7};
};

constexpr int today = 35;

void Receipt(benchmark::State& timer) {
  Shop shop = Shop::after(36);
  std::uint32_t number = a_day;
  for (auto unused : timer) shop.sell(today, number++);
}

/// Of a receipt so many days ago; the day has 5,000.
void Void(benchmark::State& timer) {
  Shop shop = Shop::after(36);
  std::uint32_t number = 100;
  for (auto unused : timer) shop.undo(today - static_cast<int>(timer.range(0)), number++);
}

/// Of yesterday.
void LateReceipt(benchmark::State& timer) {
  Shop shop = Shop::after(36);
  std::uint32_t number = a_day;
  for (auto unused : timer) shop.sell(today - 1, number++, "late ");
}

void Fold(benchmark::State& timer) {
  Shop shop = Shop::after(36);
  for (auto unused : timer) benchmark::DoNotOptimize(shop.log.state());
  timer.counters["events"] = static_cast<double>(shop.log.events());
}

/// The first event of a day forgets the day that is too long ago.
void FirstOfTheDay(benchmark::State& timer) {
  Shop shop = Shop::after(37);
  int day = 37;
  for (auto unused : timer) shop.sell(day++, 0);
}

void Snapshot(benchmark::State& timer) {
  Shop shop = Shop::after(36);
  std::size_t size = 0;
  for (auto unused : timer) {
    Bundle bundle;
    EventSnapshot::save(shop.log, 1, bundle);
    size = bundle.serialize().size();
  }
  timer.counters["bytes"] = static_cast<double>(size);
}

BENCHMARK(Receipt)->Unit(benchmark::kMicrosecond);
BENCHMARK(Void)->Arg(0)->Arg(2)->Arg(28)->Unit(benchmark::kMillisecond)->Iterations(20);
BENCHMARK(LateReceipt)->Unit(benchmark::kMillisecond)->Iterations(20);
BENCHMARK(FirstOfTheDay)->Unit(benchmark::kMillisecond)->Iterations(5);
BENCHMARK(Fold)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(Snapshot)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace

BENCHMARK_MAIN();
