// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <bodega/core/random.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>
#include <bodega/forecast/sales_window.hpp>

namespace bodega_test {

inline bodega::Matrix<float> random_matrix(std::size_t rows, std::size_t columns, float range,
                                           std::uint64_t name) {
  const bodega::CounterRandom random(name);
  bodega::Matrix<float> m(rows, columns);
  for (std::size_t i = 0; i < m.size(); ++i)
    m.values()[i] = range * (2 * random.uniform(i, rows) - 1);
  return m;
}

/// Weights about as large as trained ones.
template <class Cell>
bodega::RecurrentForecaster<Cell, bodega::run_time> random_network(
    std::size_t hidden, const bodega::WindowInputs& inputs, std::size_t outputs, bool skip,
    bool factors, std::uint64_t seed = 1) {
  bodega::RecurrentParts<> parts;
  parts.input = random_matrix(inputs.count(), Cell::gates * hidden, 1, 10 * seed + 1);
  parts.recurrent = random_matrix(hidden, Cell::gates * hidden, 0.5f, 10 * seed + 2);
  const auto bias = random_matrix(1, 4 * hidden, 1, 10 * seed + 3);
  parts.bias.assign(bias.values().begin(), bias.values().end());
  parts.output = random_matrix(outputs, hidden, 0.3f, 10 * seed + 4);
  parts.output_bias.assign(outputs, 0.9f);
  for (std::size_t q = 1; q < outputs; ++q)
    parts.quantiles.push_back(static_cast<float>(q) / static_cast<float>(outputs));
  parts.skip = random_matrix(outputs, skip ? bodega::window_days : 0, 0.1f, 10 * seed + 5);
  parts.inputs = inputs;
  if (factors) {
    parts.factors =
        bodega::DemandFactors<>(random_matrix(1, 19 + inputs.covariates, 0.5f, 10 * seed + 6),
                                random_matrix(1, 3, 2, 10 * seed + 7));
    parts.prior_days = 2.5f;
  }
  return bodega::RecurrentForecaster<Cell, bodega::run_time>(std::move(parts));
}

/// Windows of all kinds: of few and of many units, with unknown days, of series that are known and
/// not, with levels of their own. Drawn by a cheap generator: there are a million of them.
class WindowTable {
 public:
  enum class Days { each_its_own, in_groups };

  WindowTable(std::size_t windows, std::size_t covariates, std::uint64_t seed,
              Days days = Days::each_its_own)
      : covariates_(covariates),
        state_(seed * 2 + 1),
        days_(days),
        sales_(windows),
        values_(windows * 15 * covariates),
        words_(windows) {
    for (std::size_t i = 0; i < windows; ++i) {
      words_[i] = draw();
      const std::uint32_t most = i % 3 == 0 ? 3 : i % 3 == 1 ? 50 : 100'000;
      for (float& units : sales_[i])
        units = static_cast<float>(draw() % most) / (i % 5 == 0 ? 8.0f : 1.0f);
      if (i % 61 == 0) sales_[i].fill(0);
      if (i % 67 == 0) sales_[i][3] = std::numeric_limits<float>::quiet_NaN();
    }
    for (float& value : values_) value = static_cast<float>(draw() % 4096) / 1024.0f - 2.0f;
  }

  std::size_t size() const noexcept { return sales_.size(); }
  bodega::SalesWindow operator[](std::size_t i) const noexcept {
    const std::uint32_t word = words_[i];
    const int day = days_ == Days::each_its_own ? static_cast<int>(word % 40'000) - 5'000
                                                : 20'000 + static_cast<int>(i / 37);
    bodega::SalesWindow window(sales_[i], bodega::Day(day));
    if (word % 7 == 0)
      window.known = static_cast<bodega::DayMask>(word >> 8 & bodega::all_days_known);
    if (word % 3 == 0) window.series = bodega::ItemIndex(word >> 5 & 3u);
    if (word % 11 == 0) window.level = static_cast<float>(word >> 12 & 63u);
    window.covariates = std::span(values_).subspan(i * 15 * covariates_, 15 * covariates_);
    return window;
  }

 private:
  std::uint32_t draw() noexcept {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(state_ >> 33);
  }

  std::size_t covariates_;
  std::uint64_t state_;
  Days days_;
  std::vector<std::array<float, bodega::window_days>> sales_;
  std::vector<float> values_;
  std::vector<std::uint32_t> words_;
};

}  // namespace bodega_test
