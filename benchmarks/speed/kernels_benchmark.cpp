// SPDX-License-Identifier: MIT
// The kernels of tensor/kernels/simd.hpp beside their plain twins as the compiler makes them, and
// beside a limit: reading the same bytes once, with a vectorised sum. Counters: measure.hpp.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#include <bodega/core/random.hpp>
#include <bodega/tensor/kernels/byte_lanes.hpp>
#include <bodega/tensor/kernels/plain.hpp>
#include <bodega/tensor/kernels/simd.hpp>

#include "support/measure.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::Against;
using bodega_benchmark::compare;
using bodega_benchmark::sum_of_bytes;

std::vector<float> floats(std::size_t n, std::uint64_t row) {
  const CounterRandom random(1);
  std::vector<float> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = 8 * random.uniform(row, i) - 4;
  benchmark::DoNotOptimize(values.data());
  return values;
}

std::vector<std::int8_t> bytes(std::size_t n, std::uint64_t row) {
  const CounterRandom random(1);
  std::vector<std::int8_t> values(n);
  for (std::size_t i = 0; i < n; ++i)
    values[i] = static_cast<std::int8_t>(static_cast<int>(random.below(255, row, i)) - 127);
  benchmark::DoNotOptimize(values.data());
  return values;
}

std::size_t size(const benchmark::State& state) { return static_cast<std::size_t>(state.range(0)); }

void dot(benchmark::State& state) {
  const auto a = floats(size(state), 0), b = floats(size(state), 1);
  const auto limit = [&] { return sum_of_bytes<float>(a) + sum_of_bytes<float>(b); };
  compare(
      state, 8 * a.size(), [&] { return simd::dot(a.data(), b.data(), a.size()); },
      Against{"x_plain", [&] { return plain::dot(a.data(), b.data(), a.size()); }},
      Against{"of_limit", limit});
}

void axpy(benchmark::State& state) {
  const auto x = floats(size(state), 0);
  auto y = floats(size(state), 1);
  const auto limit = [&] { return sum_of_bytes<float>(x) + sum_of_bytes<float>(y); };
  compare(
      state, 8 * x.size(), [&] { simd::axpy(1e-6f, x.data(), y.data(), x.size()); },
      Against{"x_plain", [&] { plain::axpy(1e-6f, x.data(), y.data(), x.size()); }},
      Against{"of_limit", limit});
}

void gemv(benchmark::State& state) {
  const std::size_t n = size(state);
  const auto w = floats(n * n, 0), x = floats(n, 1);
  auto y = floats(n, 2);
  compare(
      state, 4 * w.size(), [&] { simd::gemv(w.data(), n, n, x.data(), y.data()); },
      Against{"x_plain", [&] { plain::gemv(w.data(), n, n, x.data(), y.data()); }},
      Against{"of_limit", [&] { return sum_of_bytes<float>(w); }});
}

void vector_times_matrix(benchmark::State& state) {
  const std::size_t n = size(state);
  const auto w = floats(n * 4 * n, 0), x = floats(n, 1);
  auto y = floats(4 * n, 2);
  const auto product = [&](auto kernel) {
    kernel(x.data(), 0, 1, w.data(), y.data(), 1, n, 4 * n);
  };
  compare(
      state, 4 * w.size(), [&] { product(simd::add_product); },
      Against{"x_plain", [&] { product(plain::add_product); }},
      Against{"of_limit", [&] { return sum_of_bytes<float>(w); }});
}

void dot_int8(benchmark::State& state) {
  const auto a = bytes(size(state), 0), c = bytes(size(state), 1);
  const std::vector<std::int16_t> b(c.begin(), c.end());
  const auto limit = [&] { return sum_of_bytes<std::int8_t>(a) + sum_of_bytes<std::int16_t>(b); };
  compare(
      state, 3 * a.size(), [&] { return simd::dot(a.data(), b.data(), a.size()); },
      Against{"x_plain", [&] { return plain::dot(a.data(), b.data(), a.size()); }},
      Against{"of_limit", limit});
}

/// The search among rough rows (byte_lanes.hpp) that finds none, with each of the instructions that
/// this machine has, whatever this program is compiled for. The limit reads as many bytes as INT8
/// rows have.
template <byte_lanes::Packing P>
void scan_bytes(benchmark::State& state) {
  constexpr std::size_t dimensions = 64;
  const auto set = static_cast<byte_lanes::Instructions>(state.range(1));
  state.SetLabel(name(set));
  if (set > byte_lanes::best()) return state.SkipWithError("not in this machine");
  const auto int8 = bytes(size(state) * dimensions, 0), query = bytes(dimensions, 1);
  std::vector<std::uint8_t> table(int8.begin(), int8.end());
  table.resize(table.size() / (P == byte_lanes::Packing::halves ? 2 : 1));
  for (std::uint8_t& x : table) x = P == byte_lanes::Packing::halves ? x : x / 2;
  std::vector<std::int8_t> small(query.begin(), query.end());
  for (std::int8_t& x : small) x = static_cast<std::int8_t>(x / 3);
  const std::size_t blocks = size(state) / byte_lanes::rows;
  const std::vector<std::int32_t> least(blocks, 1'000'000'000);
  std::vector<std::uint16_t> hits(blocks);
  const byte_lanes::Scan scan{table.data(), blocks,       dimensions,
                              small.data(), least.data(), hits.data()};
  compare(
      state, table.size(), [&] { byte_lanes::scan<P>(scan, set); },
      Against{"of_limit", [&] { return sum_of_bytes<std::int8_t>(int8); }});
}

void axpy_int8(benchmark::State& state) {
  const auto x = bytes(size(state), 0);
  auto y = floats(size(state), 1);
  const auto limit = [&] { return sum_of_bytes<std::int8_t>(x) + sum_of_bytes<float>(y); };
  compare(
      state, 5 * x.size(), [&] { simd::axpy_int8(1e-6f, x.data(), 3, y.data(), x.size()); },
      Against{"x_plain", [&] { plain::axpy_int8(1e-6f, x.data(), 3, y.data(), x.size()); }},
      Against{"of_limit", limit});
}

void find_above(benchmark::State& state) {
  const auto x = floats(size(state), 0);
  compare(
      state, 4 * x.size(), [&] { return simd::find_above(x.data(), x.size(), 5.0f); },
      Against{"x_plain", [&] { return plain::find_above(x.data(), x.size(), 5.0f); }},
      Against{"of_limit", [&] { return sum_of_bytes<float>(x); }});
}

/// Both read `from` and write `to`, so that every call sees the same numbers.
template <class Kernel, class Standard>
void activation(benchmark::State& state, Kernel kernel, Standard standard) {
  const auto from = floats(size(state), 0);
  auto to = from;
  benchmark::DoNotOptimize(to.data());
  const auto all = [&](auto one) {
    for (std::size_t i = 0; i < from.size(); ++i) to[i] = one(from[i]);
  };
  compare(
      state, 0,
      [&] {
        to = from;
        kernel(to.data(), to.size());
      },
      Against{"x_std", [&] { all(standard); }});
  state.counters["Gnumbers/s"] = static_cast<double>(from.size()) / state.counters["ns"];
}

void tanh_in_place(benchmark::State& state) {
  activation(
      state, [](float* x, std::size_t n) { simd::tanh(x, n); },
      [](float x) { return std::tanh(x); });
}
void sigmoid_in_place(benchmark::State& state) {
  activation(
      state, [](float* x, std::size_t n) { simd::sigmoid(x, n); },
      [](float x) { return 1 / (1 + std::exp(-x)); });
}

}  // namespace

BENCHMARK(dot)->Arg(64)->Arg(4096)->UseManualTime();
BENCHMARK(axpy)->Arg(64)->Arg(4096)->UseManualTime();
BENCHMARK(gemv)->Arg(64)->Arg(256)->UseManualTime();
BENCHMARK(vector_times_matrix)->Arg(16)->Arg(32)->Arg(64)->UseManualTime();
BENCHMARK(dot_int8)->Arg(64)->Arg(4096)->UseManualTime();
BENCHMARK(scan_bytes<bodega::byte_lanes::Packing::bytes>)
    ->Name("scan_bytes")
    ->ArgsProduct({{1'600, 10'000, 100'000}, {1, 2, 3}})
    ->UseManualTime();
BENCHMARK(scan_bytes<bodega::byte_lanes::Packing::halves>)
    ->Name("scan_half_bytes")
    ->ArgsProduct({{10'000, 100'000}, {1, 2, 3}})
    ->UseManualTime();
BENCHMARK(axpy_int8)->Arg(64)->Arg(256)->Arg(4096)->UseManualTime();
BENCHMARK(find_above)->Arg(10'000)->UseManualTime();
BENCHMARK(tanh_in_place)->Name("tanh")->Arg(64)->Arg(4096)->UseManualTime();
BENCHMARK(sigmoid_in_place)->Name("sigmoid")->Arg(64)->Arg(4096)->UseManualTime();

int main(int argc, char** argv) {
  benchmark::AddCustomContext("instruction set", bodega::simd::architecture());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
