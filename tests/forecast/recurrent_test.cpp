// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <bodega/compress/quantize.hpp>
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
  const Lstm<16, CsrMatrix<float>> rows(RecurrentParts<CsrMatrix<float>>{
      .input = sparse(parts.input),
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
