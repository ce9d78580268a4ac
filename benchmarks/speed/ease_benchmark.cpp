// SPDX-License-Identifier: MIT
// EASE: the symmetric inverse, the cold fit of all items and from candidates, and the warm refit
// after the newest baskets.
//
// The baskets are those of the case folder in the environment variable BODEGA_EASE_CASES
// (make_cases.py basket coop100; of another protocol, as BODEGA_EASE_PROTOCOL says: session), of
// the BODEGA_EASE_ITEMS items that are in most of them, or of all. Its valid cases give the counter
// "NDCG10". Without a folder they are those of a synthetic shop.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include <benchmark/benchmark.h>

#include <bodega/collaborative/items/ease_refit.hpp>
#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/core/random.hpp>
#include <bodega/data/baskets.hpp>

#include "support/cases.hpp"
#include "support/synthetic_shop.hpp"

namespace {

using namespace bodega;

struct Shop {
  std::size_t items = 0;
  Baskets baskets;
  std::vector<bodega_benchmark::Case> valid;
};

const Shop& shop() {
  static const Shop result = [] {
    Shop made;
    if (const char* folder = std::getenv("BODEGA_EASE_CASES"); folder != nullptr) {
      const char *protocol = std::getenv("BODEGA_EASE_PROTOCOL"),
                 *most = std::getenv("BODEGA_EASE_ITEMS");
      auto cases = bodega_benchmark::read_cases(folder, protocol != nullptr ? protocol : "basket");
      made.items = cases.items.size();
      if (most != nullptr) made.items = std::min(made.items, std::strtoul(most, nullptr, 10));
      const auto left_out = [&](ItemIndex item) { return item.value() >= made.items; };
      made.baskets = Baskets(made.items);
      for (auto& history : cases.train) {
        if (std::count(cases.fit_for_valid.begin(), cases.fit_for_valid.end(), history.part) == 0)
          continue;
        std::erase_if(history.items, left_out);
        made.baskets.add(Day(0), history.customer, history.items);
      }
      for (auto& one : cases.valid) {
        std::erase_if(one.query, left_out);
        if (!left_out(one.target.front())) made.valid.push_back(std::move(one));
      }
    } else {
      made.items = 1'000;
      made.baskets = Baskets(made.items);
      const bodega_benchmark::SyntheticShop synthetic(made.items);
      for (std::uint64_t b = 0; b < 20'000; ++b)
        made.baskets.add(Day(0), CustomerIndex::none(), synthetic.basket(2 + b % 17, b));
    }
    return made;
  }();
  return result;
}

/// Of the baskets all but the newest `left_out` share.
Cooccurrence counts_without(double left_out) {
  const Baskets& baskets = shop().baskets;
  Cooccurrence counts(baskets.items());
  const auto end = static_cast<std::size_t>((1 - left_out) * static_cast<double>(baskets.size()));
  for (std::size_t b = 0; b < end; ++b) counts.add(baskets[b], baskets.day(b));
  return counts;
}

EaseOptions options(std::size_t threads) {
  return {.l2 = 30,
          .neighbours = 50,
          .keep = EaseKeep::least_missed,
          .refit_l2 = 30,
          .single_precision = true,
          .threads = threads};
}

double ndcg(const ItemItem<>& model) {
  std::vector<float> scores(model.items());
  double sum = 0;
  for (const auto& one : shop().valid) {
    std::fill(scores.begin(), scores.end(), 0.0f);
    model.add_scores({.basket = one.query}, 1, scores);
    for (const ItemIndex item : one.query) scores[item.value()] = -INFINITY;
    const float of_target = scores[one.target.front().value()];
    const auto before = std::count_if(scores.begin(), scores.end(),
                                      [of_target](float score) { return score > of_target; });
    if (before < 10) sum += 1 / std::log2(static_cast<double>(before) + 2);
  }
  return sum / static_cast<double>(std::max<std::size_t>(shop().valid.size(), 1));
}

/// Argument: threads.
void cold_fit(benchmark::State& state) {
  const Cooccurrence counts = counts_without(0);
  ItemItem<> model;
  for (auto _ : state) model = fit_ease(counts, options(static_cast<std::size_t>(state.range(0))));
  state.counters["NDCG10"] = ndcg(model);
}

/// Argument: candidates, 0 for the dense solve. "peak_MB" is the whole program's so far.
void fit_of_many(benchmark::State& state) {
  const Cooccurrence counts = counts_without(0);
  EaseOptions wanted = options(0);
  wanted.candidates = static_cast<std::size_t>(state.range(0));
  wanted.max_bytes = std::size_t{16} << 30;
  ItemItem<> model;
  for (auto _ : state) model = fit_ease(counts, wanted);
  state.counters["NDCG10"] = ndcg(model);
  state.counters["items"] = static_cast<double>(model.items());
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  state.counters["peak_MB"] = static_cast<double>(used.ru_maxrss) / 1024;
}

/// Arguments: threads, per mille of the baskets that are new. Counter "NDCG10_before": without
/// them.
void warm_refit(benchmark::State& state) {
  const auto threads = static_cast<std::size_t>(state.range(0));
  const ItemItem<> before =
      fit_ease(counts_without(static_cast<double>(state.range(1)) / 1000), options(0));
  const Cooccurrence counts = counts_without(0);
  ItemItem<> model;
  for (auto _ : state) model = refit_ease(before, counts, {.l2 = 30, .threads = threads});
  state.counters["NDCG10_before"] = ndcg(before);
  state.counters["NDCG10"] = ndcg(model);
}

/// Arguments: rows, threads. Counter "Gflop_s": of the n^3 operations that it takes at least.
template <class T>
void inverse(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const CounterRandom random(1);
  Matrix<T> a(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j)
      a(i, j) = a(j, i) = static_cast<T>(random.below(4, i, j) == 0 ? random.below(5, j, i) : 0);
    a(i, i) = static_cast<T>(3 * n);
  }
  for (auto _ : state) {
    state.PauseTiming();
    Matrix<T> inverted = a;
    state.ResumeTiming();
    invert_positive_definite(inverted, static_cast<std::size_t>(state.range(1)));
    benchmark::DoNotOptimize(inverted.data());
  }
  const auto rows = static_cast<double>(n);
  state.counters["Gflop_s"] =
      benchmark::Counter(1e-9 * rows * rows * rows, benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(cold_fit)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(fit_of_many)
    ->Arg(0)
    ->Arg(50)
    ->Arg(100)
    ->Arg(200)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(warm_refit)
    ->ArgsProduct({{1, 2}, {10, 100}})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(inverse<float>)
    ->ArgsProduct({{1'000, 5'000}, {1, 2}})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(inverse<double>)
    ->ArgsProduct({{1'000, 5'000}, {1, 2}})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
