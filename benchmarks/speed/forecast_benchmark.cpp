// SPDX-License-Identifier: MIT
// One forecast of one item by an LSTM over 14 days, weights in float and in INT8, and the forecasts
// of 10,000 items at once. Beside one forecast what must at least be done: reading the recurrent
// weights once for each of 13 steps, and multiplying by them; beside many, as many one by one.
// Where CMake knows BODEGA_RTNEURAL_DIR, also the same network in RTNeural.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#if defined(BODEGA_RTNEURAL)
#include <RTNeural/RTNeural.h>
#endif

#include <bodega/compress/quantize.hpp>
#include <bodega/core/random.hpp>
#include <bodega/forecast/integer/integer_converter.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>

#include "support/measure.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::Against;

constexpr std::size_t windows = 64;
constexpr CounterRandom random_numbers(1);

Matrix<float> random_weights(std::size_t rows, std::size_t columns, std::uint64_t name) {
  Matrix<float> w(rows, columns);
  for (std::size_t i = 0; i < w.size(); ++i) w.values()[i] = random_numbers.uniform(name, i) - 0.5f;
  return w;
}

template <int Hidden>
Lstm<Hidden> random_lstm() {
  const auto bias = random_weights(1, 4 * Hidden, 2);
  return Lstm<Hidden>({.input = random_weights(WindowInputs{}.count(), 4 * Hidden, 0),
                       .recurrent = random_weights(Hidden, 4 * Hidden, 1),
                       .bias = {bias.data(), bias.data() + 4 * Hidden},
                       .output = random_weights(1, Hidden, 3),
                       .output_bias = {0.9f}});
}

/// Windows of an item that sells 0 to 9 a day.
class Windows {
 public:
  Windows() {
    for (std::size_t w = 0; w < windows; ++w)
      for (std::size_t day = 0; day < window_days; ++day)
        sales_[w][day] = static_cast<float>(random_numbers.below(10, 10 + w, day));
  }
  SalesWindow operator[](std::size_t i) const { return of_day(i, static_cast<int>(i % 7)); }
  SalesWindow of_day(std::size_t i, int day) const {
    return {sales_[i % windows], Day(20'000 + day)};
  }

 private:
  std::array<std::array<float, window_days>, windows> sales_;
};

std::size_t bytes_of(const Matrix<float>& w) { return w.size() * sizeof(float); }
std::size_t bytes_of(const QuantizedMatrix& w) { return w.size(); }
std::span<const float> stored(const Matrix<float>& w) { return w.values(); }
std::span<const std::int8_t> stored(const QuantizedMatrix& w) { return w.stored().values(); }

#if defined(BODEGA_RTNEURAL)

/// The same weights: RTNeural takes them as Keras lays them out, which is our layout.
template <int Hidden>
class Peer {
 public:
  explicit Peer(const Lstm<Hidden>& model) : reference_(model) {
    const auto rows = [](const Matrix<float>& w) {
      std::vector<std::vector<float>> all;
      for (std::size_t i = 0; i < w.rows(); ++i) all.emplace_back(w.row(i).begin(), w.row(i).end());
      return all;
    };
    auto& lstm = model_.template get<0>();
    lstm.setWVals(rows(model.input()));
    lstm.setUVals(rows(model.recurrent()));
    lstm.setBVals({model.bias().begin(), model.bias().end()});
    auto& output = model_.template get<1>();
    output.setWeights(rows(model.output()));
    output.setBias(model.output_bias().data());
  }

  float forecast(const SalesWindow& window) {
    const SalesShares shares = reference_.shares(window);
    model_.reset();
    float share = 0;
    for (std::size_t step = 0; step < window_days; ++step) {
      alignas(RTNEURAL_DEFAULT_ALIGNMENT) float input[16] = {};  // it reads whole vectors
      bodega::detail::for_each_input(window, reference_.inputs(), shares, step,
                                     [&](std::size_t i, float value) { input[i] = value; });
      share = model_.forward(input);
    }
    return std::max(0.0f, shares.scale * share);
  }

  bool agrees_with(const Lstm<Hidden>& model) {
    const Windows questions;
    for (std::size_t i = 0; i < windows; ++i)
      if (std::abs(forecast(questions[i]) - model.forecast(questions[i])) > 1e-3f) return false;
    return true;
  }

 private:
  static constexpr int inputs = static_cast<int>(WindowInputs{}.count());
  RTNeural::ModelT<float, inputs, 1, RTNeural::LSTMLayerT<float, inputs, Hidden>,
                   RTNeural::DenseT<float, Hidden, 1>>
      model_;
  Lstm<Hidden> reference_;
};

#endif

template <int Hidden, class Model, class... Peers>
void forecast(benchmark::State& state, const Model& model, Peers... peers) {
  constexpr std::size_t recurrent_steps = window_days - 1;
  const Windows questions;
  const Matrix<float> w = random_weights(Hidden, 4 * Hidden, 1);
  std::array<float, Hidden> x{};
  std::array<float, 4 * Hidden> gates{};
  benchmark::DoNotOptimize(x.data());
  benchmark::DoNotOptimize(gates.data());
  std::size_t i = 0;
  bodega_benchmark::compare(
      state, 0, [&] { return model.forecast(questions[i++]); },
      Against{"of_reading",
              [&] {
                std::uint64_t sum = 0;
                for (std::size_t step = 0; step < recurrent_steps; ++step) {
                  sum += bodega_benchmark::sum_of_bytes(stored(model.recurrent()));
                  benchmark::ClobberMemory();
                }
                return sum;
              }},
      Against{"of_products",
              [&] {
                for (std::size_t step = 0; step < recurrent_steps; ++step) {
                  add_rows(w, x, gates);
                  benchmark::ClobberMemory();
                }
              }},
      peers...);
  state.counters["weight_bytes"] =
      static_cast<double>(bytes_of(model.input()) + bytes_of(model.recurrent()));
}

template <int Hidden>
void lstm_float(benchmark::State& state) {
  const auto model = random_lstm<Hidden>();
#if defined(BODEGA_RTNEURAL)
  Peer<Hidden> peer(model);
  if (!peer.agrees_with(model)) {
    state.SkipWithError("RTNeural gives another forecast");
    return;
  }
  const Windows questions;
  std::size_t i = 0;
  forecast<Hidden>(state, model,
                   Against{"x_rtneural", [&] { return peer.forecast(questions[i++]); }});
#else
  forecast<Hidden>(state, model);
#endif
}

template <int Hidden>
void lstm_int8(benchmark::State& state) {
  forecast<Hidden>(state, quantize(random_lstm<Hidden>()));
}

/// A shop's forecasts for the next day, which is the same for all items.
template <int Hidden>
void lstm_many(benchmark::State& state) {
  constexpr std::size_t items = 10'000;
  const auto model = random_lstm<Hidden>();
  const Windows questions;
  std::vector<SalesWindow> shop;
  for (std::size_t i = 0; i < items; ++i) shop.push_back(questions.of_day(i, 0));
  std::vector<float> units(items);
  const auto many = [&] { model.forecast_many(shop, units); };
  const Against one_by_one{"x_one_by_one", [&] {
                             for (std::size_t i = 0; i < items; ++i)
                               units[i] = model.forecast(shop[i]);
                           }};
#if defined(BODEGA_RTNEURAL)
  Peer<Hidden> peer(model);
  if (!peer.agrees_with(model)) {
    state.SkipWithError("RTNeural gives another forecast");
    return;
  }
  bodega_benchmark::compare(state, 0, many, one_by_one,
                            Against{"x_rtneural", [&] {
                                      for (std::size_t i = 0; i < items; ++i)
                                        units[i] = peer.forecast(shop[i]);
                                    }});
#else
  bodega_benchmark::compare(state, 0, many, one_by_one);
#endif
  state.counters["M items/s"] = 1e3 * items / state.counters["ns"];
}

/// In integers throughout: against our own floats, and RTNeural's.
template <int Hidden>
void lstm_integer(benchmark::State& state) {
  const auto model = random_lstm<Hidden>();
  const IntegerLstm integers = to_integer(model);
  const Windows questions;
  std::size_t i = 0;
  const Against floats{"x_float", [&] { return model.forecast(questions[i++]); }};
#if defined(BODEGA_RTNEURAL)
  Peer<Hidden> peer(model);
  bodega_benchmark::compare(
      state, 0, [&] { return integers.forecast(questions[i++]); }, floats,
      Against{"x_rtneural", [&] { return peer.forecast(questions[i++]); }});
#else
  bodega_benchmark::compare(
      state, 0, [&] { return integers.forecast(questions[i++]); }, floats);
#endif
}

/// 10,000 items of one evening: the days of all windows are the same.
template <int Hidden>
void lstm_integer_many(benchmark::State& state) {
  constexpr std::size_t items = 10'000;
  const auto model = random_lstm<Hidden>();
  const IntegerLstm integers = to_integer(model);
  const Windows questions;
  std::vector<SalesWindow> shop;
  for (std::size_t i = 0; i < items; ++i) shop.emplace_back(questions[i].sales, Day(20'000));
  std::vector<float> units(items);
  const auto many = [&] { integers.forecast_many(shop, units); };
  const Against floats{"x_float_many", [&] { model.forecast_many(shop, units); }};
#if defined(BODEGA_RTNEURAL)
  Peer<Hidden> peer(model);
  bodega_benchmark::compare(state, 0, many, floats, Against{"x_rtneural", [&] {
                                                              for (std::size_t i = 0; i < items;
                                                                   ++i)
                                                                units[i] = peer.forecast(shop[i]);
                                                            }});
#else
  bodega_benchmark::compare(state, 0, many, floats);
#endif
  state.counters["M items/s"] = 1e3 * items / state.counters["ns"];
}

}  // namespace

BENCHMARK_TEMPLATE(lstm_float, 16)->UseManualTime();
BENCHMARK_TEMPLATE(lstm_float, 32)->UseManualTime();
BENCHMARK_TEMPLATE(lstm_float, 64)->UseManualTime();
BENCHMARK_TEMPLATE(lstm_int8, 16)->UseManualTime();
BENCHMARK_TEMPLATE(lstm_int8, 32)->UseManualTime();
BENCHMARK_TEMPLATE(lstm_int8, 64)->UseManualTime();
BENCHMARK_TEMPLATE(lstm_many, 16)->UseManualTime();
BENCHMARK_TEMPLATE(lstm_many, 32)->UseManualTime();
BENCHMARK_TEMPLATE(lstm_many, 64)->UseManualTime();
BENCHMARK_TEMPLATE(lstm_integer, 16)->UseManualTime();
BENCHMARK_TEMPLATE(lstm_integer, 32)->UseManualTime();
BENCHMARK_TEMPLATE(lstm_integer, 64)->UseManualTime();
BENCHMARK_TEMPLATE(lstm_integer_many, 16)->UseManualTime();

int main(int argc, char** argv) {
  benchmark::AddCustomContext("instruction set", bodega::simd::architecture());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
