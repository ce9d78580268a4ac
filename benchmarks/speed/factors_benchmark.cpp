// SPDX-License-Identifier: MIT
// Factor models: a sweep of ALS by each solver on the baskets of a synthetic shop, a pass of BPR,
// and the folding in of one basket with the scores of all items.
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include <benchmark/benchmark.h>

#include <bodega/collaborative/factors/als_trainer.hpp>
#include <bodega/collaborative/factors/bpr_trainer.hpp>
#include <bodega/collaborative/factors/factor_model.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/interactions.hpp>

#include "support/measure.hpp"
#include "support/synthetic_shop.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::latency;

constexpr std::size_t lines = 10, factors = 64;

/// Rows of ten items each.
const CsrMatrix<float>& rows(std::size_t items, std::size_t count) {
  static std::map<std::size_t, CsrMatrix<float>> made;
  auto& table = made[items];
  if (table.rows() > 0) return table;
  const bodega_benchmark::SyntheticShop shop(items);
  Baskets baskets(items);
  for (std::uint64_t b = 0; b < count; ++b)
    baskets.add(Day(0), CustomerIndex::none(), shop.basket(lines, b));
  return table = bodega::basket_items(baskets);
}

/// One sweep over 20,000 rows of ten and 2,000 items; argument 0: 0 = conjugate gradients, else the
/// block of factors; argument 1: threads. Counter "Mobs_s": million observations a second, both
/// sides counted.
void als_sweep(benchmark::State& state) {
  const CsrMatrix<float>& table = rows(2'000, 20'000);
  AlsOptions options{
      .factors = factors,
      .iterations = 1,
      .solver = state.range(0) == 0 ? AlsSolver::conjugate_gradients : AlsSolver::blocks,
      .block = static_cast<std::size_t>(state.range(0)),
      .threads = static_cast<std::size_t>(state.range(1))};
  for (auto _ : state) benchmark::DoNotOptimize(fit_als(table, options));
  state.counters["Mobs_s"] = benchmark::Counter(2e-6 * static_cast<double>(table.size()),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

void bpr_epoch(benchmark::State& state) {
  const CsrMatrix<float>& table = rows(2'000, 20'000);
  for (auto _ : state) benchmark::DoNotOptimize(fit_bpr(table, {.factors = factors, .epochs = 1}));
  state.counters["Mpairs_s"] = benchmark::Counter(1e-6 * static_cast<double>(table.size()),
                                                  benchmark::Counter::kIsIterationInvariantRate);
}

/// A basket of as many items as the second argument says is folded in and every item scored.
template <class Model>
void answer(benchmark::State& state, const Model& model) {
  const auto items = static_cast<std::size_t>(state.range(0));
  const bodega_benchmark::SyntheticShop shop(items);
  std::vector<std::vector<ItemIndex>> baskets;
  for (std::uint64_t b = 0; b < 64; ++b)
    baskets.push_back(shop.basket(static_cast<std::size_t>(state.range(1)), b));
  std::vector<float> scores(items);
  latency(state, [&](std::size_t i) {
    model.add_scores({.basket = baskets[i % baskets.size()]}, 1, scores);
    return scores[0];
  });
}

const FactorModel<>& model(std::size_t items) {
  static std::map<std::size_t, FactorModel<>> made;
  auto& one = made[items];
  if (one.items() == 0)
    one = fit_als(rows(items, 10'000),
                  {.factors = factors, .iterations = 2, .solver = AlsSolver::conjugate_gradients});
  return one;
}

void fold_in_and_score(benchmark::State& state) {
  answer(state, model(static_cast<std::size_t>(state.range(0))));
}
void fold_in_and_score_int8(benchmark::State& state) {
  answer(state, quantize(model(static_cast<std::size_t>(state.range(0)))));
}

BENCHMARK(als_sweep)
    ->ArgsProduct({{0, 16, 32, 64}, {1, 2}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(bpr_epoch)->Unit(benchmark::kMillisecond);
BENCHMARK(fold_in_and_score)->ArgsProduct({{1'000, 10'000}, {10, 100}})->UseManualTime();
BENCHMARK(fold_in_and_score_int8)->ArgsProduct({{1'000, 10'000}, {10, 100}})->UseManualTime();

}  // namespace

BENCHMARK_MAIN();
