// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// How much each hidden unit says to the others and to the outputs: the length of its row of
/// recurrent weights and column of output weights. Needs no data; see `unit_losses` for what a unit
/// is worth.
template <class Cell, int Hidden>
std::vector<float> unit_magnitudes(const RecurrentForecaster<Cell, Hidden>& model) {
  std::vector<float> magnitudes(model.hidden());
  for (std::size_t j = 0; j < magnitudes.size(); ++j) {
    double squares = 0;
    for (const float w : model.recurrent().row(j)) squares += double{w} * w;
    for (std::size_t q = 0; q < model.output().rows(); ++q)
      squares += double{model.output()(q, j)} * model.output()(q, j);
    magnitudes[j] = static_cast<float>(std::sqrt(squares));
  }
  return magnitudes;
}

/// The network as it is where a unit says nothing: its recurrent row and output column are 0.
template <class Cell, int Hidden>
RecurrentForecaster<Cell, Hidden> without_unit(const RecurrentForecaster<Cell, Hidden>& model,
                                               std::size_t unit) {
  RecurrentParts<> parts = model.parts();
  std::fill_n(parts.recurrent.row(unit).begin(), parts.recurrent.columns(), 0.0f);
  for (std::size_t q = 0; q < parts.output.rows(); ++q) parts.output(q, unit) = 0;
  return RecurrentForecaster<Cell, Hidden>(std::move(parts));
}

/// By how much the forecasts of the windows change, in units on average, where a unit is left out.
/// Cost: hidden + 1 forecasts of each window; some hundreds of windows are enough.
template <class Cell, int Hidden>
std::vector<float> unit_losses(const RecurrentForecaster<Cell, Hidden>& model,
                               const SalesWindows& windows) {
  std::vector<float> losses(model.hidden());
  for (std::size_t j = 0; j < losses.size(); ++j) {
    const auto silent = without_unit(model, j);
    double sum = 0;
    for (std::size_t i = 0; i < windows.size(); ++i)
      sum += std::abs(double{silent.forecast(windows[i])} - model.forecast(windows[i]));
    losses[j] =
        static_cast<float>(sum / static_cast<double>(std::max<std::size_t>(windows.size(), 1)));
  }
  return losses;
}

/// The network without its hidden units of least saliency (`unit_magnitudes`, `unit_losses`, or
/// anything with a number for each unit; of equals the later ones go). It forecasts what the whole
/// one does where those units say nothing, and is really smaller, in bytes and in time. Train it on
/// afterwards. Source: as node pruning in Mozer, Smolensky, "Skeletonization", NIPS 1988.
/// Error: invalid_argument (nothing or more units than there are to keep), shape and not_finite
/// (saliency).
template <class Cell, int Hidden>
RecurrentForecaster<Cell, run_time> prune_units(const RecurrentForecaster<Cell, Hidden>& model,
                                                std::size_t keep, std::span<const float> saliency) {
  const std::size_t hidden = model.hidden();
  if (keep == 0 || keep > hidden)
    throw Error(ErrorCode::invalid_argument, "prune_units, units to keep",
                "1 to " + std::to_string(hidden), std::to_string(keep));
  validate_size(saliency.size(), hidden, "prune_units, saliency");
  validate_finite(saliency, "prune_units, saliency");
  std::vector<std::size_t> units(hidden);
  std::iota(units.begin(), units.end(), std::size_t{0});
  std::stable_sort(units.begin(), units.end(),
                   [&](std::size_t a, std::size_t b) { return saliency[a] > saliency[b]; });
  units.resize(keep);
  std::sort(units.begin(), units.end());

  RecurrentParts<> parts = model.parts();
  // The numbers of the kept units from each of `blocks` runs of `hidden` numbers.
  const auto kept = [&](std::span<const float> row, std::size_t blocks, auto to) {
    for (std::size_t b = 0; b < blocks; ++b)
      for (const std::size_t unit : units) *to++ = row[b * hidden + unit];
  };
  const auto kept_columns = [&](const Matrix<float>& w, std::size_t blocks) {
    Matrix<float> small(w.rows(), blocks * keep);
    for (std::size_t i = 0; i < w.rows(); ++i) kept(w.row(i), blocks, small.row(i).begin());
    return small;
  };
  parts.input = kept_columns(parts.input, Cell::gates);
  Matrix<float> recurrent(keep, Cell::gates * keep);
  for (std::size_t k = 0; k < keep; ++k)
    kept(parts.recurrent.row(units[k]), Cell::gates, recurrent.row(k).begin());
  parts.recurrent = std::move(recurrent);
  std::vector<float> bias(Cell::sums * keep);
  kept(parts.bias, Cell::sums, bias.begin());
  parts.bias = std::move(bias);
  parts.output = kept_columns(parts.output, 1);
  return RecurrentForecaster<Cell, run_time>(std::move(parts));
}
template <class Cell, int Hidden>
RecurrentForecaster<Cell, run_time> prune_units(const RecurrentForecaster<Cell, Hidden>& model,
                                                std::size_t keep) {
  return prune_units(model, keep, unit_magnitudes(model));
}

}  // namespace bodega::inline BODEGA_ABI
