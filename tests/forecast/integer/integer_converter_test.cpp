// SPDX-License-Identifier: MIT
#include <bodega/forecast/integer/integer_converter.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/integer/random_networks.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
constexpr WindowInputs window_only{.weekday = false};
constexpr WindowInputs everything{
    .weekday = true, .season = true, .level = true, .gaps = true, .covariates = 3};
}  // namespace

TEST_CASE("the integer forecaster is near the network it was made of") {
  static constexpr CounterRandom random(4);
  const auto root_mean_square = [](const auto& network, std::size_t covariates) {
    const auto model = to_integer(network);
    const auto given = random_matrix(15, covariates, 1, 5);
    double squares = 0;
    constexpr std::size_t windows = 300;
    for (std::size_t i = 0; i < windows; ++i) {
      std::array<float, window_days> sales;
      for (std::size_t d = 0; d < window_days; ++d)
        sales[d] = static_cast<float>(random.below(i % 2 == 0 ? 8 : 60, i, d));
      SalesWindow window(sales, Day(18'000 + 5 * static_cast<int>(i)));
      window.covariates = given.values();
      if (i % 4 == 1) window.known = all_days_known & ~(3u << i % 13);
      if (i % 5 == 1) window.series = ItemIndex(static_cast<std::uint32_t>(i % 4));
      if (i % 6 == 1) window.level = 30;
      std::array<float, 3> expected, found;
      const float point = network.forecast(window, expected), units = model.forecast(window, found);
      const double scale = network.shares(window).scale;
      squares += std::pow((units - point) / scale, 2);
      for (std::size_t q = 0; q < 3; ++q) {
        REQUIRE(std::isnan(found[q]) == std::isnan(expected[q]));
        if (std::isfinite(expected[q])) REQUIRE(std::abs(found[q] - expected[q]) < 0.05 * scale);
      }
    }
    return std::sqrt(squares / windows);
  };
  // In shares of the level. Weights up to 1 are about as large as trained ones.
  CHECK(root_mean_square(random_network<LstmCell>(16, {}, 1, false, false), 0) < 0.006);
  CHECK(root_mean_square(random_network<LstmCell>(32, everything, 3, true, true), 3) < 0.006);
  CHECK(root_mean_square(random_network<GruCell>(16, everything, 3, true, true), 3) < 0.006);
}

TEST_CASE("weights that lie on a grid for each gate stay exact") {
  auto parts = random_network<LstmCell>(4, window_only, 1, false, false).parts();
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t j = 0; j < 16; ++j)
      parts.recurrent(k, j) =
          0.01f * static_cast<float>(k == 0 ? 127 : static_cast<int>(5 * k + j) - 12);
  const auto model = to_integer(Lstm<4>(parts));
  for (std::size_t k = 1; k < 4; ++k)
    for (std::size_t j = 0; j < 16; ++j)
      CHECK(model.parts().recurrent(j, k) == static_cast<int>(5 * k + j) - 12);
}

TEST_CASE("networks that integers cannot hold are refused") {
  const auto parts = random_network<LstmCell>(4, {}, 2, true, true).parts();
  const auto convert = [&](auto&& change) {
    auto changed = parts;
    change(changed);
    return to_integer(Lstm<4>(std::move(changed)));
  };
  CHECK_ERROR(convert([](auto& p) { p.recurrent(1, 1) = 1e6f; }), ErrorCode::out_of_range,
              "recurrent");
  CHECK_ERROR(convert([](auto& p) { p.input(0, 9) = -1e7f; }), ErrorCode::out_of_range, "input");
  CHECK_ERROR(convert([](auto& p) { p.bias[3] = 999; }), ErrorCode::out_of_range, "gate 0");
  CHECK_ERROR(convert([](auto& p) { p.output(1, 0) = 1e5f; }), ErrorCode::out_of_range, "output");
  CHECK_ERROR(convert([](auto& p) { p.output_bias[0] = 17; }), ErrorCode::out_of_range, "output 0");
  CHECK_ERROR(convert([](auto& p) { p.skip(0, 3) = 100; }), ErrorCode::out_of_range, "skip");
  CHECK_ERROR(convert([](auto& p) { p.prior = 1e-37f; }), ErrorCode::out_of_range, "prior");
  CHECK_ERROR(convert([](auto& p) {
                p.factors = DemandFactors<>(Matrix<float>(1, 19, std::vector<float>(19, 13.0f)),
                                            Matrix<float>(1, 0));
              }),
              ErrorCode::out_of_range, "effects");
  CHECK_ERROR(convert([](auto& p) { p.recurrent(1, 1) = std::nanf(""); }), ErrorCode::not_finite,
              "recurrent");
  // Large, but they fit: such weights are rounded more coarsely instead.
  CHECK_NOTHROW(convert([](auto& p) { p.input(0, 9) = 300.0f; }));
  CHECK_NOTHROW(convert([](auto& p) {
    for (float& w : p.recurrent.values()) w *= 100;
  }));
  CHECK_NOTHROW(convert([](auto& p) {
    for (float& w : p.recurrent.values()) w = 0;
  }));
  CHECK_NOTHROW(convert([](auto& p) { p.bias[3] = 40.0f; }));
}
