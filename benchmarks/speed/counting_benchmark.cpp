// SPDX-License-Identifier: MIT
// Counting which items are bought together: all baskets at once, and receipt by receipt.
//
// The baskets are those of the case folder in the environment variable BODEGA_COUNTING_CASES
// (make_cases.py basket online_retail), else those of a synthetic shop.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#include <bodega/collaborative/sums/basket_weights.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/data/baskets.hpp>

#include "support/cases.hpp"
#include "support/synthetic_shop.hpp"

namespace {

using namespace bodega;

Baskets made_up() {
  constexpr std::size_t items = 3'000, receipts = 50'000;
  const bodega_benchmark::SyntheticShop shop(items);
  Baskets result(items);
  for (std::uint64_t b = 0; b < receipts; ++b)
    result.add(Day(0), CustomerIndex::none(), shop.basket(2 + b % 17, b));
  return result;
}

const Baskets& baskets() {
  static const Baskets result = [] {
    const char* folder = std::getenv("BODEGA_COUNTING_CASES");
    if (folder == nullptr) return made_up();
    const auto cases = bodega_benchmark::read_cases(folder, "basket");
    Baskets real(cases.items.size());
    for (const auto& history : cases.train) real.add(Day(0), history.customer, history.items);
    return real;
  }();
  return result;
}

double lines() {
  double sum = 0;
  for (std::size_t b = 0; b < baskets().size(); ++b)
    sum += static_cast<double>(baskets()[b].size());
  return sum;
}

/// "pairs": of items, that were ever bought together. "Mlines_s": basket lines a second.
void report(benchmark::State& state, const Cooccurrence& counts) {
  state.counters["pairs"] = static_cast<double>(counts.pairs().size()) / 2;
  state.counters["Mlines_s"] =
      benchmark::Counter(1e-6 * lines(), benchmark::Counter::kIsIterationInvariantRate);
}

void count_at_once(benchmark::State& state) {
  baskets();
  for (auto _ : state) benchmark::DoNotOptimize(Cooccurrence(baskets()));
  report(state, Cooccurrence(baskets()));
}

void count_weighted(benchmark::State& state) {
  const std::vector<float> weights = inverse_size_weights(baskets(), 0.5);
  for (auto _ : state) benchmark::DoNotOptimize(Cooccurrence(baskets(), {.weights = weights}));
  report(state, Cooccurrence(baskets(), {.weights = weights}));
}

Cooccurrence one_by_one() {
  Cooccurrence counts(baskets().items());
  for (std::size_t b = 0; b < baskets().size(); ++b) counts.add(baskets()[b], baskets().day(b));
  return counts;
}

void count_receipt_by_receipt(benchmark::State& state) {
  baskets();
  for (auto _ : state) benchmark::DoNotOptimize(one_by_one());
  report(state, one_by_one());
}

/// Both halves, in order: what every trainer reads.
void read_all_pairs(benchmark::State& state) {
  const Cooccurrence counts(baskets());
  for (auto _ : state) benchmark::DoNotOptimize(counts.pairs());
}

BENCHMARK(count_at_once)->Unit(benchmark::kMillisecond);
BENCHMARK(count_weighted)->Unit(benchmark::kMillisecond);
BENCHMARK(count_receipt_by_receipt)->Unit(benchmark::kMillisecond);
BENCHMARK(read_all_pairs)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
