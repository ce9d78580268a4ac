// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

/// How the benchmarks take time. All of them report medians, which a machine that does other things
/// now and then disturbs least, and compare only what was measured in turns in the same seconds.
namespace bodega_benchmark {

/// Seconds of one call.
template <class Work>
double seconds_of(std::size_t calls, Work&& work) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < calls; ++i) {
    if constexpr (std::is_void_v<std::invoke_result_t<Work>>)
      work();
    else
      benchmark::DoNotOptimize(work());
    benchmark::ClobberMemory();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return took.count() / static_cast<double>(calls);
}

/// The value that a share `q` of the times lies below.
inline double quantile(std::vector<double>& times, double q) {
  const auto at =
      times.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(times.size()));
  std::nth_element(times.begin(), at, times.end());
  return *at;
}

/// What the work is measured against, and how the counter is called: with `limit`, the share of the
/// rival's speed that the work reaches; else how many times as fast as the rival it is. One and the
/// same number.
template <class Work>
struct Against {
  const char* counter;
  Work work;
};
template <class Work>
Against(const char*, Work) -> Against<Work>;

/// Times `work` and its rivals in turns. Counters: "ns" of a call (median), "GB/s" for the `bytes`
/// that a call must read, and for each rival its median over that of `work`.
/// To be registered with `UseManualTime()`.
template <class Work, class... Rivals>
void compare(benchmark::State& state, std::size_t bytes, Work&& work, Against<Rivals>... rivals) {
  constexpr double long_enough = 10e-6;  // for the clock, which costs some 50 ns
  std::size_t calls = 1;
  while (seconds_of(calls, work) * static_cast<double>(calls) < long_enough) calls *= 2;
  std::vector<double> times;
  std::array<std::vector<double>, sizeof...(Rivals)> rival_times;
  for (auto _ : state) {
    times.push_back(seconds_of(calls, work));
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (rival_times[I].push_back(seconds_of(calls, rivals.work)), ...);
    }
    (std::index_sequence_for<Rivals...>{});
    state.SetIterationTime(times.back() * static_cast<double>(calls));
  }
  const double median = quantile(times, 0.5);
  state.counters["ns"] = median * 1e9;
  if (bytes > 0) state.counters["GB/s"] = static_cast<double>(bytes) / median * 1e-9;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((state.counters[rivals.counter] = quantile(rival_times[I], 0.5) / median), ...);
  }
  (std::index_sequence_for<Rivals...>{});
}

/// Times each call of `answer(i)`, i = 0, 1, 2, ... Counters "p50_us" and "p99_us".
/// To be registered with `UseManualTime()`.
template <class Answer>
void latency(benchmark::State& state, Answer&& answer) {
  std::vector<double> times;
  std::size_t i = 0;
  for (auto _ : state) {
    times.push_back(seconds_of(1, [&] { return answer(i++); }));
    state.SetIterationTime(times.back());
  }
  state.counters["p50_us"] = quantile(times, 0.50) * 1e6;
  state.counters["p99_us"] = quantile(times, 0.99) * 1e6;
}

/// The limit of everything that reads its data once: the sum of the bytes as whole words, which
/// compilers vectorise as well as such a loop can be. Bytes beyond the last 64 are left out.
template <class T>
std::uint64_t sum_of_bytes(std::span<const T> data) {
  std::array<std::uint64_t, 8> sums{};
  const auto* words = reinterpret_cast<const unsigned char*>(data.data());
  for (std::size_t i = 0; i + 64 <= data.size_bytes(); i += 64)
    for (std::size_t k = 0; k < 8; ++k) {
      std::uint64_t word;
      __builtin_memcpy(&word, words + i + 8 * k, 8);
      sums[k] += word;
    }
  std::uint64_t sum = 0;
  for (const std::uint64_t part : sums) sum += part;
  return sum;
}

/// A shop of as many items as the benchmark's argument says, made once for all benchmarks that ask.
template <class Shop>
const Shop& shop_of(const benchmark::State& state) {
  static std::map<std::size_t, std::unique_ptr<Shop>> shops;
  const auto items = static_cast<std::size_t>(state.range(0));
  auto& wanted = shops[items];
  if (!wanted) wanted = std::make_unique<Shop>(items);
  return *wanted;
}

/// Shops of three sizes, timed by `latency`.
inline void shop_sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(1'000)->Arg(10'000)->Arg(100'000)->UseManualTime();
}

}  // namespace bodega_benchmark
