// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace bodega_benchmark {

/// A model in one format, with what was measured at each seed.
struct CompressionRow {
  std::string model, inputs, format;
  std::size_t hidden = 0;  ///< 0: no network
  bool published = false;
  std::size_t parameters = 0, payload_bytes = 0, file_bytes = 0;  ///< the largest over the seeds
  std::size_t series_bytes = 0;                 ///< of the payload: constants of the series
  std::vector<double> mape{}, wmape{}, bias{};  ///< percent
  std::vector<double> pinball{}, coverage{};    ///< of Poisson quantiles around the forecast
  std::vector<double> delta{};  ///< MAPE above that of the FP32 parent of the same seed, in points

  bool naive() const { return hidden == 0; }
};

inline double mean(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// Nothing where there is no spread to speak of.
inline std::optional<double> deviation(std::span<const double> values) {
  if (values.size() < 2) return {};
  const double middle = mean(values);
  double squares = 0;
  for (const double v : values) squares += (v - middle) * (v - middle);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

/// Sizes are parameters times 4 or 1 and count no index, scale or header; the split is not told.
inline std::vector<CompressionRow> published_rows() {
  struct Entry {
    std::size_t hidden;
    const char* format;
    std::size_t parameters;
    double kilobytes, mape;
  };
  constexpr std::array<Entry, 7> entries = {{{64, "FP32", 16961, 66.25, 15.92},
                                             {32, "FP32", 4385, 17.13, 16.22},
                                             {16, "FP32", 1169, 4.57, 16.74},
                                             {32, "pruned 30 %", 3069, 11.99, 16.04},
                                             {32, "pruned 50 %", 2191, 8.56, 16.20},
                                             {32, "pruned 70 %", 1316, 5.14, 16.84},
                                             {32, "INT8", 4385, 4.28, 16.21}}};
  std::vector<CompressionRow> rows;
  for (const Entry& entry : entries) {
    CompressionRow row{"LSTM-" + std::to_string(entry.hidden) + " (published)",
                       "window",
                       entry.format,
                       entry.hidden,
                       true,
                       entry.parameters};
    row.payload_bytes = static_cast<std::size_t>(entry.kilobytes * 1024 + 0.5);
    row.mape = {entry.mape};
    if (row.format != "FP32") row.delta = {entry.mape - entries[1].mape};
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace bodega_benchmark
