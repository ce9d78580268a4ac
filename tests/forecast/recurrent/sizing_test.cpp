// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent/sizing.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("sizing trains a list of sizes and marks the frontier") {
  std::vector<std::string> heard;
  ForecastTrainingOptions quick{.epochs = 3,
                                .learning_rate = 0.02f,
                                .batch = 32,
                                .validation_fraction = 0.2,
                                .patience = 8,
                                .threads = 1};
  const SalesWindows windows(weekly_sales(3, 100));
  quick.progress = [&](const Progress& progress) {
    if (progress.task == "sizing") heard.push_back(std::to_string(progress.done));
    return true;
  };
  const std::size_t hidden[] = {6, 2, 3};
  const auto sizes = size_forecasters<LstmCell>(windows, hidden, quick,
                                                [](const auto& model) { return quantize(model); });
  REQUIRE(sizes.size() == 3);
  CHECK(heard == std::vector<std::string>{"1", "2", "3"});
  CHECK(sizes[0].hidden == 2);
  CHECK(sizes[2].hidden == 6);
  CHECK(sizes[0].on_frontier);
  double best = 1e9;
  for (const auto& sized : sizes) {
    CHECK(sized.bytes == size_report(quantize(sized.model)).bytes);
    CHECK(sized.model.hidden() == sized.hidden);
    CHECK(sized.on_frontier == (sized.error.mape() < best));
    if (sized.on_frontier) best = sized.error.mape();
  }
  CHECK_ERROR(size_forecasters<LstmCell>(windows, {}, quick), ErrorCode::invalid_argument,
              "sizing");
  CHECK_ERROR(size_forecasters<LstmCell>(windows, std::vector<std::size_t>{2, 300}, quick),
              ErrorCode::invalid_argument, "hidden");
}
