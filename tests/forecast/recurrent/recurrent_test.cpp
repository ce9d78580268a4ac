// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent/recurrent.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/core/random.hpp>
#include <bodega/forecast/windows.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/golden.hpp"
#include "reload.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

template <int Hidden>
void check_golden(const std::string& file) {
  INFO(file);
  const Golden golden(file);
  const auto model = golden.model<Hidden>();
  const SalesWindows windows(golden.sales());
  const std::vector<float>& expected = golden["forecasts"];
  REQUIRE(windows.size() == expected.size());
  for (std::size_t i = 0; i < windows.size(); ++i)
    CHECK(model.forecast(windows[i]) == Approx(expected[i]).epsilon(1e-5));
}

/// The same weights without the zeros that are stored.
CsrMatrix<float> sparse(const Matrix<float>& w) {
  CsrMatrix<float> result(w.columns());
  std::vector<std::uint32_t> all(w.columns());
  for (std::size_t j = 0; j < all.size(); ++j) all[j] = static_cast<std::uint32_t>(j);
  for (std::size_t i = 0; i < w.rows(); ++i) result.add_row(all, w.row(i));
  return result;
}

Lstm<8> with(std::size_t input_rows, std::size_t bias, float weight, float prior = 1) {
  return Lstm<8>({.input = Matrix<float>(input_rows, 32, weight),
                  .recurrent = Matrix<float>(8, 32),
                  .bias = std::vector<float>(bias),
                  .output = Matrix<float>(1, 8),
                  .prior = prior});
}

}  // namespace

TEST_CASE("Forecasts agree with an independent implementation") {
  check_golden<8>("lstm_8.csv");
  check_golden<8>("lstm_8_window.csv");
  check_golden<16>("lstm_16.csv");
  check_golden<32>("lstm_32.csv");
}

TEST_CASE("Every weight format gives the same network") {
  const Golden golden("lstm_16.csv");
  const auto dense = golden.model<16>();
  const RecurrentParts<> parts = dense.parts();
  const Lstm<16, CsrMatrix<float>> rows(
      RecurrentParts<CsrMatrix<float>>{.input = sparse(parts.input),
                                       .recurrent = sparse(parts.recurrent),
                                       .bias = parts.bias,
                                       .output = sparse(parts.output),
                                       .output_bias = parts.output_bias,
                                       .prior = parts.prior});
  const Lstm<16, QuantizedMatrix> small = quantize(dense);
  const SalesWindows windows(golden.sales());
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const float units = dense.forecast(windows[i]);
    CHECK(rows.forecast(windows[i]) == Approx(units).epsilon(1e-5));
    CHECK(small.forecast(windows[i]) == Approx(units).epsilon(0.05));
  }
}

TEST_CASE("A new network has its shapes and answers with the level") {
  const std::array<float, window_days> sales{2, 4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 4};
  const Day day(20000);
  CHECK(Lstm<16>(WindowInputs{}, 0).forecast(sales, day) == 3.0f);
  CHECK(Lstm<16>(WindowInputs{}, 7).forecast(sales, day) == 3.5f);
  CHECK(Lstm<16, QuantizedMatrix>({.weekday = false}, 0).forecast(sales, day) == 3.0f);
  CHECK(Lstm<16, CsrMatrix<float>>({.weekday = false}, 0).forecast(sales, day) == 3.0f);
  CHECK(Lstm<16, QuantizedCsrMatrix>().forecast(sales, day) > 3.0f);
  CHECK(count_parameters(Lstm<16>()) == 1681 + 4);  // and the four constants
  CHECK(count_parameters(Lstm<16>({.weekday = false})) == 1169 + 4);
  Lstm<8, QuantizedCsrMatrix>().validate("new");
}

TEST_CASE("A forecast is never below zero and never an invention") {
  std::array<float, window_days> sales{};
  const Golden golden("lstm_8.csv");
  const auto trained = golden.model<8>();
  const Day day(20000);

  // An output bias far below zero: clamped.
  RecurrentParts<> parts = trained.parts();
  parts.output_bias = {-1000.0f};
  const Lstm<8> negative(std::move(parts));
  sales.fill(5.0f);
  CHECK(negative.forecast(sales, day) == 0.0f);

  sales.fill(0.0f);
  CHECK(Lstm<8>(WindowInputs{}, 0).forecast(sales, day) == 0.0f);
  CHECK(trained.forecast(sales, day) < 1.0f);

  sales.fill(3.0f);
  sales[4] = std::nanf("");
  CHECK(std::isnan(trained.forecast(sales, day)));
  sales[4] = std::numeric_limits<float>::infinity();
  CHECK(std::isnan(trained.forecast(sales, day)));
  sales.fill(std::numeric_limits<float>::max());
  CHECK(std::isnan(trained.forecast(sales, day)));
}

TEST_CASE("The weekday of the target reaches the network only with the calendar") {
  const std::array<float, window_days> sales{2, 4, 3, 4, 2, 4, 2, 4, 2, 9, 2, 4, 2, 4};
  const auto calendar = Golden("lstm_8.csv").model<8>();
  const auto window = Golden("lstm_8_window.csv").model<8>();
  const Day day(20000);
  CHECK(calendar.forecast(sales, day) != calendar.forecast(sales, day + 1));
  CHECK(calendar.forecast(sales, day) == calendar.forecast(sales, day + 7));
  CHECK(window.forecast(sales, day) == window.forecast(sales, day + 1));
}

TEST_CASE("Networks that do not fit together are refused") {
  const float nan = std::nanf("");
  with(9, 32, 0.5f).validate("good");
  CHECK_ERROR(with(1, 32, 0), ErrorCode::shape, "rows of input");
  CHECK_ERROR(with(9, 31, 0), ErrorCode::shape, "bias");
  CHECK_ERROR(with(9, 32, nan), ErrorCode::not_finite, "input");
  CHECK_ERROR(with(9, 32, 0, -1), ErrorCode::out_of_range, "prior");
  CHECK_ERROR(with(9, 32, 0, nan), ErrorCode::not_finite, "prior");

  const auto unknown_inputs = [] {
    return reload(Lstm<8>(), [](const std::string& name, auto& leaf, Role) {
      if constexpr (std::is_same_v<std::remove_reference_t<decltype(leaf)>, std::uint8_t>)
        if (name == "inputs") leaf = 16;
    });
  };
  CHECK_ERROR(unknown_inputs(), ErrorCode::out_of_range, "inputs");
  CHECK(reload(Lstm<8>(WindowInputs{.weekday = false})).inputs() == WindowInputs{.weekday = false});
}

namespace {

/// A network of drawn numbers: of a cell, a size, a weight format and some quantiles.
template <class Model>
Model drawn(std::size_t hidden, const WindowInputs& inputs, std::vector<float> quantiles = {},
            bool skip = false) {
  using Cell = typename Model::cell;
  const CounterRandom random(hidden);
  const auto matrix = [&](std::size_t rows, std::size_t columns, std::uint64_t name) {
    Matrix<float> w(rows, columns);
    for (std::size_t i = 0; i < w.size(); ++i) w.values()[i] = random.uniform(name, i) - 0.5f;
    return w;
  };
  const std::size_t outputs = 1 + quantiles.size();
  RecurrentParts<> parts;
  parts.input = matrix(inputs.count(), Cell::gates * hidden, 0);
  parts.recurrent = matrix(hidden, Cell::gates * hidden, 1);
  const Matrix<float> bias = matrix(1, Cell::sums * hidden, 2);
  parts.bias.assign(bias.values().begin(), bias.values().end());
  parts.output = matrix(outputs, hidden, 3);
  parts.output_bias.assign(outputs, 0.9f);
  parts.skip = matrix(outputs, skip ? window_days : 0, 4);
  parts.inputs = inputs;
  parts.quantiles = std::move(quantiles);
  return Model(std::move(parts));
}

/// The network by its formulas in double, with the library's own exponentials.
template <class Model>
double by_definition(const Model& model, const SalesWindow& window) {
  using Cell = typename Model::cell;
  const std::size_t n = model.hidden();
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  const SalesShares seen = model.shares(window);
  std::vector<double> hidden(n), memory(n);
  for (std::size_t step = 0; step < window_days; ++step) {
    std::vector<double> sums(model.bias().begin(), model.bias().end());
    const auto add = [&](const Matrix<float>& w, std::size_t row, double value, const auto& to) {
      for (std::size_t j = 0; j < w.columns(); ++j)
        sums[to[j / n] * n + j % n] += value * w(row, j);
    };
    bodega::detail::for_each_input(
        window, model.inputs(), seen, step,
        [&](std::size_t row, float value) { add(model.input(), row, value, Cell::sum_of_input); });
    for (std::size_t k = 0; k < n; ++k) add(model.recurrent(), k, hidden[k], Cell::sum_of_hidden);
    for (std::size_t j = 0; j < n; ++j) {
      const double a = sums[j], b = sums[n + j], c = sums[2 * n + j], d = sums[3 * n + j];
      if constexpr (std::is_same_v<Cell, LstmCell>) {
        memory[j] = sigmoid(b) * memory[j] + sigmoid(a) * std::tanh(c);
        hidden[j] = sigmoid(d) * std::tanh(memory[j]);
      } else {
        hidden[j] = (1 - sigmoid(b)) * std::tanh(c + sigmoid(a) * d) + sigmoid(b) * hidden[j];
      }
    }
  }
  double share = model.output_bias()[0];
  for (std::size_t k = 0; k < n; ++k) share += hidden[k] * model.output()(0, k);
  for (std::size_t d = 0; d < model.skip().columns(); ++d)
    share += model.skip()(0, d) * seen.share[d];
  return std::max(0.0, seen.scale * share);
}

/// Sizes about the widths of vectors, and the remainders that they leave.
template <template <int> class Network>
void check_by_definition() {
  const std::array<float, window_days> sales{2, 4, 3, 4, 2, 4, 2, 4, 2, 9, 2, 4, 2, 4};
  const auto check = [&](const auto& model) {
    const SalesWindow window(sales, Day(20'001));
    INFO(model.kind << " of " << model.hidden());
    CHECK(model.forecast(window) == Approx(by_definition(model, window)).margin(3e-5));
  };
  for (const std::size_t hidden : {1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 24, 31, 33, 40, 65})
    check(drawn<Network<run_time>>(hidden, {.season = true, .level = true}, {}, true));
  check(drawn<Network<5>>(5, {.weekday = false}));
  check(drawn<Network<16>>(16, {}));
  check(drawn<Network<24>>(24, {.gaps = true}));
}
template <int Hidden>
using FloatLstm = Lstm<Hidden>;
template <int Hidden>
using FloatGru = Gru<Hidden>;

/// Of many windows at a time, in every number of them that a group may have, those that need no
/// network among them.
template <class Model>
void check_many(const Model& model) {
  constexpr std::size_t most = 3 * simd::width * 2 + 2;
  const CounterRandom random(1);
  std::vector<std::array<float, window_days>> sales(most);
  std::vector<SalesWindow> windows;
  for (std::size_t i = 0; i < most; ++i) {
    for (std::size_t d = 0; d < window_days; ++d)
      sales[i][d] = static_cast<float>(random.below(10, i, d));
    if (i % 7 == 3) sales[i].fill(0);
    if (i % 11 == 5) sales[i][3] = std::nanf("");
    windows.emplace_back(sales[i], Day(20'000 + static_cast<int>(i % 5)));
    if (i % 3 == 0) windows.back().known = 0x3ff7;
  }
  const std::size_t q = model.quantiles().size();
  std::vector<float> units(most), quantiles(most * q), alone(q);
  INFO(model.kind << " of " << model.hidden());
  for (const std::size_t count : {std::size_t{1}, simd::width, simd::width + 1, most - 1, most}) {
    std::fill(units.begin(), units.end(), -1.0f);
    model.forecast_many(std::span(windows).first(count), units, quantiles);
    for (std::size_t i = 0; i < most; ++i) {
      if (i >= count) {
        REQUIRE(units[i] == -1.0f);
        continue;
      }
      const auto same = [](float many, float one) {
        return std::isnan(one) ? std::isnan(many) : std::abs(many - one) <= 1e-5f * 5;
      };
      REQUIRE(same(units[i], model.forecast(windows[i], alone)));
      for (std::size_t k = 0; k < q; ++k) REQUIRE(same(quantiles[i * q + k], alone[k]));
    }
  }
}

}  // namespace

TEST_CASE("Networks of any size agree with their formulas in double") {
  check_by_definition<FloatLstm>();
  check_by_definition<FloatGru>();
}

TEST_CASE("Forecasts of many windows are those of each") {
  check_many(drawn<Lstm<16>>(16, {}));
  check_many(
      drawn<Lstm<7>>(7, {.season = true, .level = true, .gaps = true}, {0.1f, 0.5f, 0.9f}, true));
  check_many(drawn<Gru<12>>(12, {.weekday = false}, {0.5f}));
  for (const std::size_t hidden : {5, 100, 256}) check_many(drawn<Lstm<run_time>>(hidden, {}));
  check_many(drawn<Gru<run_time>>(33, {.covariates = 40}));  // one by one
  check_many(quantize(drawn<Lstm<16>>(16, {})));

  // Only as many as there is room for.
  const auto model = drawn<Lstm<8>>(8, {}, {0.5f});
  const std::array<float, window_days> sales{2, 4, 3, 4, 2, 4, 2, 4, 2, 9, 2, 4, 2, 4};
  const std::vector<SalesWindow> windows(3, SalesWindow(sales, Day(20'000)));
  std::array<float, 3> units{-1, -1, -1};
  std::array<float, 2> quantiles{};
  model.forecast_many(windows, std::span(units).first(2));
  CHECK(units[1] == units[0]);
  CHECK(units[2] == -1);
  model.forecast_many(windows, units, quantiles);
  CHECK(units[2] == -1);
  CHECK(quantiles[1] == Approx(quantiles[0]));
}

namespace {

template <class Cell, int Hidden>
void check_read_at_run_time(std::size_t hidden) {
  const auto trained = drawn<RecurrentForecaster<Cell, Hidden>>(
      hidden, {.season = true, .level = true}, {0.1f, 0.5f}, true);
  const auto small = quantize(trained);
  Bundle bundle;
  bundle.add("float", trained);
  bundle.add("int8", small);
  const Bundle file = Bundle::parse(bundle.serialize(), "file");
  const auto whole = file.get<RecurrentForecaster<Cell, run_time>>("float");
  const auto whole_small = file.get<RecurrentForecaster<Cell, run_time, QuantizedMatrix>>("int8");
  const std::array<float, window_days> sales{2, 4, 3, 4, 2, 4, 2, 4, 2, 9, 2, 4, 2, 4};
  const SalesWindow window(sales, Day(20'000));
  CHECK(whole.hidden() == hidden);
  CHECK(whole.forecast(window) == trained.forecast(window));
  CHECK(whole_small.forecast(window) == small.forecast(window));
  CHECK_ERROR((file.get<RecurrentForecaster<Cell, 9>>("float")), ErrorCode::shape,
              "file, model float");
  CHECK_FALSE(file.holds<RecurrentForecaster<Cell, run_time>>("int8"));
}

template <class Cell>
void check_read_at_run_time() {
  check_read_at_run_time<Cell, 5>(5);
  check_read_at_run_time<Cell, 12>(12);
  check_read_at_run_time<Cell, 48>(48);
  check_read_at_run_time<Cell, run_time>(101);
}

}  // namespace

TEST_CASE("A network of any size is read at run-time size from a bundle") {
  check_read_at_run_time<LstmCell>();
  check_read_at_run_time<GruCell>();
}

TEST_CASE("Networks are read from a file of earlier, with sizes in its signatures") {
  const auto path = std::filesystem::path(BODEGA_TESTS) / "forecast/golden/sized_signatures.bodega";
  const Bundle file = Bundle::open(path.string());
  const std::array<float, window_days> sales{2, 4, 3, 4, 2, 4, 2, 4, 2, 9, 2, 4, 2, 4};
  const Day target(20'000);
  const auto near = [](float units) { return Approx(units).epsilon(1e-5); };
  CHECK(file.get<Lstm<8, QuantizedMatrix>>("demand").forecast(sales, target) == near(3.55994296f));
  CHECK(file.get<Lstm<run_time, QuantizedMatrix>>("demand").forecast(sales, target) ==
        near(3.55994296f));
  CHECK(file.get<Lstm<run_time>>("lstm_12").forecast(sales, target) == near(3.41330981f));
  CHECK(file.get<Gru<run_time, QuantizedMatrix>>("gru_5").forecast(sales, target) ==
        near(3.53590703f));
  CHECK(file.signature("lstm_12") == model_signature<Lstm<run_time>>());
}

TEST_CASE("Weights changed in place serve after restore()") {
  auto model = drawn<Lstm<8>>(8, {});
  const std::array<float, window_days> sales{2, 4, 3, 4, 2, 4, 2, 4, 2, 9, 2, 4, 2, 4};
  const float before = model.forecast(sales, Day(20'000));
  for_each_tensor(model, [](const std::string& name, auto& leaf, Role) {
    if constexpr (requires { leaf.values(); })
      if (name == "recurrent")
        for (float& w : leaf.values()) w = -w;
  });
  model.restore();
  CHECK(model.forecast(sales, Day(20'000)) != before);
  CHECK(model.forecast(sales, Day(20'000)) ==
        Approx(by_definition(model, SalesWindow(sales, Day(20'000)))).margin(1e-5));
}
