// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent/prune_units.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

#include <bodega/compress/size_report.hpp>
#include <bodega/core/random.hpp>
#include <bodega/forecast/windows.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/sales_table.hpp"
#include "toy_models.hpp"

using namespace bodega;
using bodega_test::random_matrix;

namespace {

template <class Cell>
RecurrentForecaster<Cell, run_time> network(std::size_t hidden) {
  RecurrentParts<> parts{.input = random_matrix(9, Cell::gates * hidden, 1),
                         .recurrent = random_matrix(hidden, Cell::gates * hidden, 2),
                         .bias = std::vector<float>(Cell::sums * hidden),
                         .output = random_matrix(3, hidden, 3),
                         .output_bias = {4, 0.5f, 2},
                         .skip = random_matrix(3, window_days, 4),
                         .quantiles = {0.25f, 0.75f}};
  for (std::size_t j = 0; j < parts.bias.size(); ++j)
    parts.bias[j] = 0.01f * static_cast<float>(j % 17);
  return RecurrentForecaster<Cell, run_time>(std::move(parts));
}

template <class Cell>
void check_cell() {
  const SalesWindows windows(bodega_test::weekly_sales(2, 40));
  auto model = network<Cell>(6);
  const std::vector<float> saliency = {3, 0, 2, 5, 0, 1};
  auto masked = without_unit(without_unit(without_unit(model, 1), 4), 5);
  const auto small = prune_units(model, 3, saliency);
  CHECK(small.hidden() == 3);
  CHECK(small.input().columns() == Cell::gates * 3);
  CHECK(count_parameters(small) == 9 * Cell::gates * 3 + 9 * Cell::gates + Cell::sums * 3 + 9 + 3 +
                                       3 * 14 +
                                       (count_parameters(model) - 9 * Cell::gates * 6 -
                                        36 * Cell::gates - Cell::sums * 6 - 18 - 3 - 3 * 14));
  CHECK(size_report(small).bytes < size_report(model).bytes * 7 / 10);
  double moved = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    float a[2], b[2];
    CHECK(small.forecast(windows[i], a) ==
          bodega_test::Approx(masked.forecast(windows[i], b)).epsilon(1e-4));
    CHECK(a[1] == bodega_test::Approx(b[1]).epsilon(1e-4));
    moved += std::abs(double{a[1]} - model.forecast(windows[i]));
  }
  CHECK(moved > 0.1);  // the units that were removed did say something
}

}  // namespace

TEST_CASE("a network without some units is the one in which they say nothing") {
  check_cell<LstmCell>();
  check_cell<GruCell>();
}

TEST_CASE("units that say nothing are the least salient by either measure") {
  const SalesWindows windows(bodega_test::weekly_sales(2, 30));
  const auto model = without_unit(without_unit(network<LstmCell>(5), 0), 3);
  const auto magnitudes = unit_magnitudes(model), losses = unit_losses(model, windows);
  for (const std::size_t unit : {0u, 3u}) {
    CHECK(magnitudes[unit] == 0);
    CHECK(losses[unit] == 0);
  }
  for (const std::size_t unit : {1u, 2u, 4u}) {
    CHECK(magnitudes[unit] > 0);
    CHECK(losses[unit] > 0);
  }
  const auto small = prune_units(model, 3, losses);
  for (std::size_t i = 0; i < windows.size(); ++i)
    CHECK(small.forecast(windows[i]) ==
          bodega_test::Approx(model.forecast(windows[i])).epsilon(1e-4));
  CHECK(prune_units(model, 5).parts().recurrent == model.recurrent());
  CHECK(prune_units(Lstm<4>(), 2).hidden() == 2);
}

TEST_CASE("unit pruning refuses what it cannot do") {
  const auto model = network<LstmCell>(4);
  CHECK_ERROR(prune_units(model, 0), ErrorCode::invalid_argument, "units to keep");
  CHECK_ERROR(prune_units(model, 5), ErrorCode::invalid_argument, "units to keep");
  CHECK_ERROR(prune_units(model, 2, std::vector<float>(3)), ErrorCode::shape, "saliency");
  CHECK_ERROR(prune_units(model, 2, std::vector<float>{1, 2, 3, std::nanf("")}),
              ErrorCode::not_finite, "saliency");
}
