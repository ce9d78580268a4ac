// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/forecast/count_quantile.hpp>
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/forecast.hpp>
#include <bodega/forecast/pooled_level_trainer.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/metrics/forecast_errors.hpp>
#include <bodega/metrics/quantile_errors.hpp>

#include "support/compression_row.hpp"
#include "support/demand_cases.hpp"

namespace bodega_benchmark {

/// The case folder as models of some inputs want it: windows to fit on, and the test rows.
class CompressionTask {
 public:
  CompressionTask(const DemandCases& cases, Inputs inputs) : cases_(cases), inputs_(inputs) {
    bodega::SalesWindows all = cases.windows();
    if (all.before(cases.test_from).empty() || cases.test.empty())
      throw bodega::Error(bodega::ErrorCode::invalid_argument, "the cases",
                          "rows to fit on and rows to score", "none");
    if (inputs != Inputs::window)
      factors_ = bodega::fit_demand_factors(all.before(cases.test_from),
                                            {.series = inputs == Inputs::calendar});
    if (inputs == Inputs::long_history) all = bodega::with_pooled_levels(all, factors_);
    fit_ = all.before(cases.test_from);
    test_ = all.from(cases.test_from);

    std::map<std::pair<std::int32_t, std::uint32_t>, std::uint32_t> window;
    for (std::size_t w = 0; w < test_.size(); ++w)
      window[{test_.target(w).days_since_1970(), test_.item(w).value()}] =
          static_cast<std::uint32_t>(w);
    for (const auto& row : cases.test) {
      const auto found = window.find({row.day.days_since_1970(), row.series.value()});
      if (found == window.end())
        unanswered_.push_back(row.sold);
      else
        asked_.push_back(found->second);
    }
  }

  Inputs inputs() const noexcept { return inputs_; }
  /// Train and validation windows.
  const bodega::SalesWindows& fit() const noexcept { return fit_; }
  /// None where the window is all that is known.
  const bodega::DemandFactors<>& factors() const noexcept { return factors_; }
  std::size_t unanswered() const noexcept { return unanswered_.size(); }

  /// Adds to the row what the scored test rows say; one without a window, which no forecaster can
  /// answer, counts as 0.
  template <bodega::Forecaster F>
  void score(const F& forecaster, CompressionRow& row) const {
    bodega::ForecastErrors errors;
    bodega::QuantileErrors quantiles(levels);
    const auto add = [&](float sold, float units) {
      errors.add(double{sold}, double{units});
      quantiles.add(double{sold}, quantiles_around(units));
    };
    for (const float sold : unanswered_) add(sold, 0);
    for (const std::uint32_t w : asked_) add(test_.actual(w), forecaster.forecast(test_[w]));
    row.mape.push_back(100 * errors.mape());
    row.wmape.push_back(100 * errors.wmape());
    row.bias.push_back(100 * errors.bias());
    row.pinball.push_back(quantiles.pinball());
    row.coverage.push_back(quantiles.coverage());
  }

  /// As score_demand.py reads them.
  template <bodega::Forecaster F>
  std::string forecasts(const F& forecaster) const {
    ForecastTable table(cases_);
    for (const std::uint32_t w : asked_) {
      const float units = forecaster.forecast(test_[w]);
      table.add(test_.target(w), test_.item(w), units, quantiles_around(units));
    }
    return table.text();
  }

 private:
  static constexpr std::array<float, 3> levels{0.1f, 0.5f, 0.9f};

  /// Poisson's.
  static std::array<float, levels.size()> quantiles_around(float units) noexcept {
    std::array<float, levels.size()> around{};
    for (std::size_t q = 0; q < levels.size(); ++q)
      around[q] = bodega::count_quantile(units, 0, levels[q]);
    return around;
  }

  const DemandCases& cases_;
  Inputs inputs_;
  bodega::DemandFactors<> factors_;
  bodega::SalesWindows fit_, test_;
  std::vector<std::uint32_t> asked_;
  std::vector<float> unanswered_;
};

}  // namespace bodega_benchmark
