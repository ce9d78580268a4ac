// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/compression_row.hpp"
#include "support/text.hpp"

namespace bodega_benchmark {

/// The table of the page.
inline std::string compression_markdown(const std::vector<CompressionRow>& rows,
                                        std::optional<double> floor) {
  std::string text =
      "| model | inputs | format | parameters | payload bytes | of series | file bytes | MAPE % | "
      "sd "
      "| WMAPE % | bias % | pinball | coverage | to FP32 |" +
      std::string(floor ? " above floor |" : "") +
      "\n| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
      " ---: |" +
      (floor ? " ---: |" : "") + "\n";
  const auto cell = [&](const std::string& value) { text += " " + value + " |"; };
  for (const CompressionRow& row : rows) {
    text += "|";
    cell(row.model);
    cell(row.inputs);
    cell(row.format);
    cell(std::to_string(row.parameters));
    cell(std::to_string(row.payload_bytes));
    cell(row.series_bytes > 0 ? std::to_string(row.series_bytes) : "");
    cell(row.file_bytes > 0 ? std::to_string(row.file_bytes) : "");
    cell(fixed(mean(row.mape), 2));
    const auto sd = deviation(row.mape);
    cell(sd ? fixed(*sd, 2) : "");
    cell(row.wmape.empty() ? "" : fixed(mean(row.wmape), 2));
    cell(row.bias.empty() ? "" : fixed(mean(row.bias), 1));
    cell(row.pinball.empty() ? "" : fixed(mean(row.pinball), 3));
    cell(row.coverage.empty() ? "" : fixed(mean(row.coverage), 3));
    char delta[32] = "";
    if (!row.delta.empty()) std::snprintf(delta, sizeof delta, "%+.2f", mean(row.delta));
    cell(delta);
    if (floor) cell(row.published ? "" : fixed(mean(row.mape) - *floor, 2));
    text += "\n";
  }
  return text;
}

/// The same as a list of objects; null where there is nothing to tell.
inline std::string compression_json(const std::vector<CompressionRow>& rows) {
  auto list = nlohmann::ordered_json::array();
  const auto measured = [](bool published, std::size_t number) {
    return published ? nlohmann::ordered_json() : nlohmann::ordered_json(number);
  };
  for (const CompressionRow& row : rows) {
    const auto number = [](std::span<const double> values) {
      return values.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(mean(values));
    };
    const auto sd = deviation(row.mape);
    list.push_back({{"model", row.model},
                    {"published", row.published},
                    {"inputs", row.inputs},
                    {"hidden", row.hidden > 0 ? nlohmann::ordered_json(row.hidden) : nullptr},
                    {"format", row.format},
                    {"parameters", row.parameters},
                    {"payload_bytes", row.payload_bytes},
                    {"series_bytes", measured(row.published, row.series_bytes)},
                    {"file_bytes", measured(row.published, row.file_bytes)},
                    {"seeds", measured(row.published, row.mape.size())},
                    {"mape", number(row.mape)},
                    {"mape_sd", sd ? nlohmann::ordered_json(*sd) : nullptr},
                    {"wmape", number(row.wmape)},
                    {"bias", number(row.bias)},
                    {"pinball", number(row.pinball)},
                    {"coverage", number(row.coverage)},
                    {"delta_to_fp32", number(row.delta)}});
  }
  return list.dump(1) + "\n";
}

}  // namespace bodega_benchmark
