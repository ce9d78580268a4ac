// SPDX-License-Identifier: MIT
#include <bodega/forecast/integer/integer_forecaster.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/forecast/integer/integer_converter.hpp>

#include "check_error.hpp"
#include "contract/forecaster_contract.hpp"
#include "forecast/integer/random_networks.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

constexpr WindowInputs window_only{.weekday = false};
constexpr WindowInputs everything{
    .weekday = true, .season = true, .level = true, .gaps = true, .covariates = 3};

/// The fast path and the plain definition, sum for sum.
template <class Cell>
std::size_t differences(const IntegerForecaster<Cell>& model, const WindowTable& table) {
  std::size_t different = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const IntegerQuestion question(model.parts(), table[i]);
    fixed_point::Scaled fast[32], plain[32];
    const bool told = model.forecast(question.window(), fast);
    different += told != model.forecast_plain(question.window(), plain);
    for (std::size_t q = 0; q <= model.quantiles().size(); ++q)
      different += fast[q].mantissa != plain[q].mantissa || fast[q].exponent != plain[q].exponent;
  }
  return different;
}

template <class Cell>
void check_networks() {
  for (const std::size_t hidden : {1, 2, 5, 8, 16, 17, 31, 40, 64}) {
    CAPTURE(hidden);
    for (const WindowInputs& inputs : {window_only, WindowInputs{}, everything}) {
      const auto network =
          random_network<Cell>(hidden, inputs, hidden % 3 + 1, hidden % 2 == 0, hidden % 4 != 1);
      CHECK(differences(to_integer(network), WindowTable(50, inputs.covariates, hidden)) == 0);
    }
  }
}

/// Smallest networks, so that their number of windows is what counts.
template <class Cell>
std::size_t check_many(std::size_t windows) {
  std::size_t different = 0;
  constexpr std::size_t per_network = 10'000;
  for (std::size_t seed = 0; seed * per_network < windows; ++seed) {
    const auto model =
        to_integer(random_network<Cell>(1 + seed % 2, window_only, 1, seed % 4 == 3, false, seed));
    different += differences(model, WindowTable(per_network, 0, seed));
  }
  return different;
}

}  // namespace

TEST_CASE("the integer forecaster equals its plain definition to the bit") {
  check_networks<LstmCell>();
  check_networks<GruCell>();
}

TEST_CASE("an integer network of any size is read, also from a file of earlier") {
  for (const std::size_t hidden : {5, 12, 48}) {
    const auto model = to_integer(random_network<GruCell>(hidden, everything, 2, true, true));
    Bundle bundle;
    bundle.add("demand", model);
    const WindowTable table(20, everything.covariates, hidden);
    const auto again = Bundle::parse(bundle.serialize()).get<IntegerGru>("demand");
    CHECK(again.hidden() == hidden);
    for (std::size_t i = 0; i < table.size(); ++i)
      CHECK(std::bit_cast<std::uint32_t>(again.forecast(table[i])) ==
            std::bit_cast<std::uint32_t>(model.forecast(table[i])));  // a NaN, too
  }
  const auto path = std::filesystem::path(BODEGA_TESTS) / "forecast/golden/sized_signatures.bodega";
  const auto earlier = Bundle::open(path.string()).get<IntegerLstm>("integer");
  const std::array<float, window_days> sales{2, 4, 3, 4, 2, 4, 2, 4, 2, 9, 2, 4, 2, 4};
  CHECK(earlier.forecast(sales, Day(20'000)) == 3.55981445f);
}

TEST_CASE("a million random windows are forecast to the bit as by the plain definition") {
#if defined(NDEBUG) && !defined(__aarch64__)
  constexpr std::size_t each = 500'000;
#else
  constexpr std::size_t each = 10'000;  // slow: sanitizers, an emulated processor
#endif
  CHECK(check_many<LstmCell>(each) == 0);
  CHECK(check_many<GruCell>(each) == 0);
}

TEST_CASE("many items at once are forecast to the bit as one by one") {
  for (const std::size_t hidden : {1, 7, 16, 33})
    for (const bool factors : {false, true})
      for (const WindowInputs& inputs : {window_only, everything}) {
        CAPTURE(hidden, factors, inputs.weekday);
        const auto model = to_integer(random_network<LstmCell>(hidden, inputs, 2, true, factors));
        const auto gru = to_integer(random_network<GruCell>(hidden, inputs, 2, true, factors));
        const WindowTable table(150, inputs.covariates, hidden, WindowTable::Days::in_groups);
        std::vector<SalesWindow> windows;
        for (std::size_t i = 0; i < table.size(); ++i) windows.push_back(table[i]);
        std::vector<float> units(windows.size(), -1), gru_units(windows.size(), -1), median = units;
        const auto allocations = allocations_in([&] {
          model.forecast_many(windows, units, median);
          gru.forecast_many(windows, gru_units);
        });
        CHECK(allocations == 0);
        const auto same = [](float a, float b) {
          return a == b || (std::isnan(a) && std::isnan(b));
        };
        for (std::size_t i = 0; i < windows.size(); ++i) {
          std::array<float, 1> quantile;
          REQUIRE(same(units[i], model.forecast(windows[i], quantile)));
          REQUIRE(same(median[i], quantile[0]));
          REQUIRE(same(gru_units[i], gru.forecast(windows[i])));
        }
      }
  const auto model = to_integer(random_network<LstmCell>(3, window_only, 2, false, false));
  std::vector<SalesWindow> windows;
  const WindowTable table(20, 0, 1);
  for (std::size_t i = 0; i < table.size(); ++i) windows.push_back(table[i]);
  std::vector<float> units(20, -1), quantiles(7, -1);
  model.forecast_many(windows, units, quantiles);
  CHECK(units[6] >= 0);
  CHECK(units[7] == -1);
}

TEST_CASE("integer forecasters keep the forecaster contract") {
  const ForecasterPromises promises{
      .scales = false, .most_after_zeros = 2.0f, .constant_within = 3.0f};
  check_forecaster_contract(to_integer(random_network<LstmCell>(8, {}, 2, true, false)), promises);
  check_forecaster_contract(to_integer(random_network<GruCell>(8, window_only, 2, false, true)),
                            promises);
}

TEST_CASE("an integer forecaster is stored in a bundle, every byte counted") {
  const auto model = to_integer(random_network<LstmCell>(16, {}, 2, true, true));
  const auto report = size_report(model);
  CHECK(report.bytes > 16 * 64 + 9 * 64);
  CHECK(report.bytes < 16 * 64 + 9 * 64 + 400);
  Bundle bundle;
  bundle.add("demand", model);
  const auto same = Bundle::parse(bundle.serialize()).get<IntegerLstm>("demand");
  const WindowTable table(20, 0, 1);
  for (std::size_t i = 1; i < table.size(); ++i)
    CHECK(same.forecast(table[i]) == model.forecast(table[i]));
}

TEST_CASE("sales that are none, and levels that nothing tells, are answered with NaN") {
  const auto model = to_integer(random_network<LstmCell>(4, everything, 2, false, false));
  std::array<float, window_days> sales;
  sales.fill(3);
  SalesWindow window(sales, Day(20000));
  std::array<float, 15 * 3> covariates{};
  CHECK(std::isfinite(model.forecast(window)));
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    sales[4] = bad;
    CHECK(std::isnan(model.forecast(window)));
    window.known = all_days_known & ~(1u << 4);  // unknown: read by nobody
    CHECK(std::isfinite(model.forecast(window)));
    window.known = all_days_known;
    sales[4] = 3;
    covariates[7] = bad;
    window.covariates = covariates;
    CHECK(std::isnan(model.forecast(window)));
    window.covariates = {};
  }
  window.known = 0;
  CHECK(std::isnan(model.forecast(window)));
  window.level = 4;
  CHECK(std::isfinite(model.forecast(window)));
  window.level = 0;
  CHECK(model.forecast(window) == 0);
  window.level = std::numeric_limits<float>::infinity();
  CHECK(std::isnan(model.forecast(window)));
}

TEST_CASE("sales of any size are answered") {
  const auto model = to_integer(random_network<LstmCell>(4, window_only, 1, false, false));
  for (const float size : {1e-38f, 1e-20f, 1e-3f, 1.0f, 1e9f, 1e30f, 3e38f}) {
    std::array<float, window_days> sales;
    for (std::size_t d = 0; d < window_days; ++d) sales[d] = d % 2 == 0 ? size : 0.1f * size;
    const float units = model.forecast(sales, Day(20000));
    CAPTURE(size, units);
    CHECK(std::isfinite(units));
    CHECK(units >= 0);
  }
  std::array<float, window_days> with_return;
  with_return.fill(2);
  auto without = with_return;
  with_return[3] = -5;
  without[3] = 0;
  CHECK(model.forecast(with_return, Day(20000)) == model.forecast(without, Day(20000)));
}
