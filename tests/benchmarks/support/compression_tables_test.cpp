// SPDX-License-Identifier: MIT
#include "support/compression_tables.hpp"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "support/compression_plot.hpp"

using namespace bodega_benchmark;

namespace {

std::vector<CompressionRow> two_rows() {
  CompressionRow rule{"14-day mean", "window", "rule"};
  rule.mape = {18.125};
  CompressionRow network{"LSTM-2", "window", "INT8", 2};
  network.parameters = 40;
  network.payload_bytes = 149;
  network.file_bytes = 1149;
  network.mape = {12, 14};
  network.wmape = {10, 11};
  network.delta = {0.5, -0.25};
  return {rule, network};
}

}  // namespace

TEST_CASE("Rows of the compression report become a table with means over the seeds") {
  const std::string table = compression_markdown(two_rows(), 12.5);
  CHECK(
      table.find("| LSTM-2 | window | INT8 | 40 | 149 |  | 1149 | 13.00 | 1.41 | 10.50 |  |  |  | "
                 "+0.12 | 0.50 |\n") != std::string::npos);
  CHECK(compression_markdown(two_rows(), {}).find("above floor") == std::string::npos);
}

TEST_CASE("Rows of the compression report become JSON, null where nothing was measured") {
  const auto rows = nlohmann::json::parse(compression_json(two_rows()));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["hidden"].is_null());
  CHECK(rows[0]["mape_sd"].is_null());
  CHECK(rows[1]["mape"] == 13);
  CHECK(rows[1]["seeds"] == 2);
  CHECK(rows[1]["bias"].is_null());
}

TEST_CASE(
    "The plot of the compression report has a mark for each network and a line for each rule") {
  const std::string svg = CompressionPlot(two_rows(), "a <set>", 12.5).take();
  CHECK(svg.rfind("</svg>\n") == svg.size() - 7);
  CHECK(svg.find("LSTM-2, window, INT8: 149 bytes, 13.00 %") != std::string::npos);
  CHECK(svg.find("above: 14-day mean 18.12") != std::string::npos);
  CHECK(svg.find("a &lt;set>") != std::string::npos);
  CHECK(svg.find("noise floor 12.50") != std::string::npos);
}
