// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/dispersion_trainer.hpp>
#include <bodega/forecast/factor_mean.hpp>
#include <bodega/forecast/intermittent.hpp>
#include <bodega/forecast/pooled_level.hpp>
#include <bodega/forecast/pooled_level_trainer.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>
#include <bodega/metrics/forecast_errors.hpp>
#include <bodega/metrics/quantile_errors.hpp>

#include "support/demand_cases.hpp"
#include "support/telling.hpp"

/// The ways to forecast that report_demand chooses among.
namespace bodega_benchmark {

inline constexpr std::array<float, 3> levels{0.1f, 0.5f, 0.9f};
inline constexpr std::size_t patterns = 4;
inline constexpr std::array<std::size_t, 3> network_sizes{2, 8, 16};

/// How networks are trained, and on what.
struct DemandTraining {
  Inputs inputs = Inputs::calendar;
  std::size_t epochs = 10, seed = 1;
};

/// What is fitted on, and what is asked.
struct DemandPart {
  bodega::SalesWindows fit, scored;
  std::vector<std::size_t> pattern;  ///< of each series, told by the days before `scored`
};

struct DemandAnswer {
  float units = 0;
  std::array<float, 3> quantiles{};
};

struct DemandAnswers {
  std::size_t bytes = 0;           ///< of the model
  std::vector<DemandAnswer> list;  ///< in the order of the windows asked
};

/// A way to forecast.
struct DemandCandidate {
  std::string name;
  std::function<DemandAnswers(const DemandPart&)> fit_and_ask;
};

/// What a candidate was worth in one pattern, or in all.
struct Worth {
  bodega::ForecastErrors errors;
  bodega::QuantileErrors quantiles{levels};
};
using Worths = std::array<Worth, patterns + 1>;

inline Worths worth(const DemandPart& part, std::span<const DemandAnswer> answers) {
  Worths worths;
  for (std::size_t i = 0; i < answers.size(); ++i)
    for (const std::size_t at : {part.pattern[part.scored.item(i).value()], patterns}) {
      worths[at].errors.add(double{part.scored.actual(i)}, double{answers[i].units});
      worths[at].quantiles.add(double{part.scored.actual(i)}, answers[i].quantiles);
    }
  return worths;
}

/// Where nothing tells, 0.
template <bodega::Forecaster F>
float ask(const F& forecaster, const bodega::SalesWindow& window) noexcept {
  const float units = forecaster.forecast(window);
  return std::isfinite(units) ? units : 0;
}

/// Of a forecaster without quantiles: `fit` and `scored` may bring other levels than the part's.
template <bodega::Forecaster F>
DemandAnswers answers_of(const F& forecaster, std::size_t bytes, const DemandPart& part,
                         const bodega::SalesWindows& fit, const bodega::SalesWindows& scored) {
  std::array<std::vector<float>, patterns> actual, units;
  for (std::size_t i = 0; i < fit.size(); ++i) {
    const std::size_t p = part.pattern[fit.item(i).value()];
    actual[p].push_back(fit.actual(i));
    units[p].push_back(ask(forecaster, fit[i]));
  }
  std::array<float, patterns> dispersion{};
  for (std::size_t p = 0; p < patterns; ++p)
    dispersion[p] = bodega::fit_dispersion(actual[p], units[p], levels);
  DemandAnswers answers{bytes + sizeof dispersion, {}};
  for (std::size_t i = 0; i < scored.size(); ++i) {
    DemandAnswer& answer = answers.list.emplace_back();
    answer.units = ask(forecaster, scored[i]);
    for (std::size_t q = 0; q < levels.size(); ++q)
      answer.quantiles[q] = bodega::count_quantile(
          answer.units, dispersion[part.pattern[scored.item(i).value()]], levels[q]);
  }
  return answers;
}

/// Calls `visit(column, day)` for the days of a table, and tells `memory` each of them afterwards.
template <class Memory, class Visit>
void live_through(const bodega::DailySales& sales, Memory& memory, Visit&& visit) {
  for (std::size_t c = 0; c < sales.days(); ++c) {
    visit(sales.day(c));
    memory.close_day(sales.day_sales(c));
  }
}

/// Croston and its kin on the eve of each target, having seen all days before.
inline DemandAnswers ask_intermittent(bodega::IntermittentMethod method, const DemandPart& part) {
  const bodega::DailySales& sales = part.scored.table();
  bodega::IntermittentDemand demand(sales.items(), {.method = method});
  DemandAnswers answers;
  live_through(sales, demand, [&](bodega::Day day) {
    for (std::size_t next = answers.list.size();
         next < part.scored.size() && part.scored.target(next) == day; ++next) {
      const bodega::ItemIndex item = part.scored.item(next);
      DemandAnswer& answer = answers.list.emplace_back();
      answer.units = demand.forecast(item);
      for (std::size_t q = 0; q < levels.size(); ++q)
        answer.quantiles[q] = demand.quantile(item, levels[q]);
    }
  });
  answers.bytes = bodega::size_report(demand).bytes;
  return answers;
}

/// An LSTM in INT8 that foresees the quantiles itself.
inline DemandAnswers ask_network(std::size_t hidden, const DemandTraining& training,
                                 const bodega::SalesWindows& fit,
                                 const bodega::SalesWindows& scored,
                                 const bodega::DemandFactors<>& factors, float prior_days) {
  const bool window = training.inputs == Inputs::window;
  const auto model = bodega::quantize(
      bodega::train_lstm<bodega::run_time>(fit, {.epochs = training.epochs,
                                                 .seed = training.seed,
                                                 .final_learning_rate = 0.01f,
                                                 .schedule = bodega::LearningRateSchedule::cosine,
                                                 .batch = 64,
                                                 .loss = bodega::ForecastLoss::absolute,
                                                 .level_power = 1,
                                                 .validation_fraction = 0,
                                                 .progress = show_progress(),
                                                 .inputs = {.weekday = false, .level = true},
                                                 .prior_days = prior_days,
                                                 .factors = factors,
                                                 .skip = !window,
                                                 .quantiles = {levels.begin(), levels.end()},
                                                 .hidden = hidden}));
  DemandAnswers answers{bodega::size_report(model).bytes, {}};
  for (std::size_t i = 0; i < scored.size(); ++i) {
    DemandAnswer& answer = answers.list.emplace_back();
    const float units = model.forecast(scored[i], answer.quantiles);
    if (std::isfinite(units))
      answer.units = units;
    else
      answer.quantiles.fill(0);
  }
  return answers;
}

template <bodega::Forecaster F>
DemandCandidate rung(std::string name, std::function<F(const DemandPart&)> fit) {
  return {std::move(name), [fit = std::move(fit)](const DemandPart& part) {
            const F forecaster = fit(part);
            std::size_t bytes = 0;
            if constexpr (bodega::Parameterised<F>) bytes = bodega::size_report(forecaster).bytes;
            return answers_of(forecaster, bytes, part, part.fit, part.scored);
          }};
}

/// Factors of the fitted rows. Months only where each was seen in two years.
inline bodega::DemandFactors<> factors_of(const bodega::SalesWindows& fit, bool months) {
  constexpr int two_years = 730;
  const bool long_enough = fit.target(fit.size() - 1) - fit.target(0) >= two_years;
  return bodega::fit_demand_factors(fit, {.months = months, .years = long_enough, .series = true});
}

/// By the level of months, of the series or pooled over all.
inline DemandCandidate long_level(bool months, float pool_days) {
  constexpr float alone = 1e6f;
  return {std::string("long level x weekday") + (months ? " x month" : "") +
              (pool_days < alone ? ", pooled" : ""),
          [=](const DemandPart& part) {
            const bodega::DemandFactors<> factors = factors_of(part.fit, months);
            const bodega::PooledLevelOptions memory{.half_life_days = 60,
                                                    .pool_half_life_days = pool_days};
            const bodega::FactorMean<> mean(factors);
            return answers_of(mean, bodega::size_report(mean).bytes, part,
                              bodega::with_pooled_levels(part.fit, factors, memory),
                              bodega::with_pooled_levels(part.scored, factors, memory));
          }};
}

inline DemandCandidate network(const DemandTraining& training, std::size_t hidden, bool months) {
  const char* knows = training.inputs == Inputs::window ? ""
                      : months                          ? ", weekday and month"
                                                        : ", weekday";
  return {"LSTM-" + std::to_string(hidden) + " INT8" + knows, [=](const DemandPart& part) {
            if (training.inputs == Inputs::window)
              return ask_network(hidden, training, part.fit, part.scored, {}, 0);
            const bodega::DemandFactors<> factors = factors_of(part.fit, months);
            if (training.inputs == Inputs::calendar)
              return ask_network(hidden, training, part.fit, part.scored, factors, 4);
            const bodega::PooledLevelOptions memory{.half_life_days = 60};
            return ask_network(
                hidden, training, bodega::with_pooled_levels(part.fit, factors, memory),
                bodega::with_pooled_levels(part.scored, factors, memory), factors, 0);
          }};
}

inline std::vector<DemandCandidate> candidates(const DemandTraining& training) {
  std::vector<DemandCandidate> all;
  all.push_back(
      rung<bodega::LastDay>("last day", [](const DemandPart&) { return bodega::LastDay{}; }));
  all.push_back(rung<bodega::SameWeekday>("same weekday",
                                          [](const DemandPart&) { return bodega::SameWeekday{}; }));
  all.push_back(rung<bodega::WindowMean>("14-day mean",
                                         [](const DemandPart&) { return bodega::WindowMean{}; }));
  if (training.inputs != Inputs::window) {
    all.push_back(rung<bodega::WeekdayMean>("14-day level x weekday", [](const DemandPart& part) {
      return bodega::fit_weekday_mean(part.fit);
    }));
    all.push_back(rung<bodega::FactorMean<>>(
        "14-day level x weekday x month",
        [](const DemandPart& part) { return bodega::FactorMean<>(factors_of(part.fit, true)); }));
    all.push_back(rung<bodega::FactorMean<>>(
        "level leaning on the series' own x weekday", [](const DemandPart& part) {
          return bodega::FactorMean<>(factors_of(part.fit, false), 0, 28);
        }));
  }
  if (training.inputs == Inputs::long_history) {
    for (const bool months : {false, true})
      for (const float pool_days : {1e6f, 7.0f}) all.push_back(long_level(months, pool_days));
    for (const auto& [name, method] : {std::pair{"Croston", bodega::IntermittentMethod::croston},
                                       {"SBA", bodega::IntermittentMethod::sba},
                                       {"TSB", bodega::IntermittentMethod::tsb},
                                       {"by pattern", bodega::IntermittentMethod::by_pattern}})
      all.push_back({name, [method = method](const DemandPart& part) {
                       return ask_intermittent(method, part);
                     }});
  }
  for (const std::size_t hidden : network_sizes)
    for (const bool months : {false, true})
      if (training.inputs != Inputs::window || !months)
        all.push_back(network(training, hidden, months));
  return all;
}

inline DemandPart part_of(const bodega::SalesWindows& all, bodega::Day from,
                          std::optional<bodega::Day> end) {
  DemandPart part{all.before(from), end ? all.before(*end).from(from) : all.from(from), {}};
  if (part.fit.empty() || part.scored.empty())
    throw bodega::Error(bodega::ErrorCode::missing, "the cases",
                        "windows before and in the part to score", "none");
  const bodega::DailySales& sales = all.table();
  bodega::IntermittentDemand demand(sales.items());
  part.pattern.resize(sales.items());
  live_through(sales, demand, [&](bodega::Day day) {
    if (day == part.scored.target(0))
      for (std::uint32_t i = 0; i < sales.items(); ++i)
        part.pattern[i] = static_cast<std::size_t>(demand.pattern(bodega::ItemIndex(i)));
  });
  return part;
}

}  // namespace bodega_benchmark
