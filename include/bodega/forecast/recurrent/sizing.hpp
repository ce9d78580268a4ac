// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/compress/size_report.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/forecast/evaluate_forecaster.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>
#include <bodega/forecast/windows.hpp>

namespace bodega::inline BODEGA_ABI {

/// A network of one size, trained.
template <class Cell>
struct SizedForecaster {
  std::size_t hidden = 0;
  std::size_t bytes = 0;     ///< `size_report` of what `compressed` makes of it
  ForecastErrors error;      ///< of the same, on the days held back
  bool on_frontier = false;  ///< no smaller one has an error as low
  RecurrentForecaster<Cell, run_time> model;
};

/// Trains a network of each hidden size and says what its bytes buy: those on the frontier of size
/// against MAPE are marked; the order is that of bytes. `compressed(model)` is what will be shipped
/// of a model (the model itself, or `quantize(model)`): it is measured, while the float model is
/// returned. `options.progress` hears of each epoch, and of each size under "sizing". Errors of
/// `train_forecaster`; invalid_argument for no sizes, sizes out of range or nothing held back.
/// Cost: the sum of the trainings.
template <class Cell, class Compressed = std::identity>
std::vector<SizedForecaster<Cell>> size_forecasters(const SalesWindows& windows,
                                                    std::span<const std::size_t> hidden_sizes,
                                                    ForecastTrainingOptions options = {},
                                                    Compressed compressed = {}) {
  if (hidden_sizes.empty() || windows.empty() || !(options.validation_fraction > 0))
    throw Error(ErrorCode::invalid_argument, "sizing",
                "hidden sizes, windows and a validation_fraction above 0", "none");
  using Model = RecurrentForecaster<Cell, run_time>;
  for (const std::size_t hidden : hidden_sizes) {  // before hours are spent on the first ones
    options.hidden = hidden;
    detail::initial_network<Model>(options, "sizing");
  }
  const SalesWindows held_back = windows.from(windows.last_part(options.validation_fraction));
  std::vector<SizedForecaster<Cell>> sizes;
  for (const std::size_t hidden : hidden_sizes) {
    options.hidden = hidden;
    SizedForecaster<Cell> sized{
        hidden,
        0,
        {},
        false,
        train_forecaster(detail::initial_network<Model>(options, "sizing"), windows, options)};
    const auto shipped = compressed(sized.model);
    sized.bytes = size_report(shipped).bytes;
    sized.error = evaluate_forecaster(shipped, held_back);
    sizes.push_back(std::move(sized));
    report_progress(options.progress,
                    {"sizing", sizes.size(), hidden_sizes.size(), sizes.back().error.mape()});
  }
  std::stable_sort(sizes.begin(), sizes.end(),
                   [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
  const SizedForecaster<Cell>* best = nullptr;
  for (auto& sized : sizes) {
    sized.on_frontier = best == nullptr || sized.error.mape() < best->error.mape();
    if (sized.on_frontier) best = &sized;
  }
  return sizes;
}

}  // namespace bodega::inline BODEGA_ABI
