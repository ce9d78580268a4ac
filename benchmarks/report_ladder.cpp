// SPDX-License-Identifier: MIT
// What the naive rungs are worth on a case folder of daily demand (make_demand.py), over all series
// and by how they sell: smooth, erratic, intermittent, lumpy. A network has to earn its bytes above
// these.
//
//   report_ladder --cases FOLDER [--part valid|test] [--smoothing SIZE,INTERVAL,CHANCE]
//
// A series' pattern is told by its days before the validation part (test: before the test part), on
// which also everything is fitted. Each forecast is one step ahead; those with a memory of more than
// the window know all days before the target. Quantiles are negative binomial around the forecast,
// with the dispersion that fits best, for each pattern, on the days that are fitted; those of
// Croston, SBA and TSB are the item's own.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/evaluate/forecasting.hpp>
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/factor_mean.hpp>
#include <bodega/forecast/intermittent.hpp>
#include <bodega/forecast/pooled_level.hpp>

#include "demand_cases.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::DemandCases;

constexpr std::array<float, 3> levels{0.1f, 0.5f, 0.9f};
constexpr std::size_t patterns = 4;

struct Arguments {
  std::string cases, part = "test";
  IntermittentOptions rare;
};

/// A rung's answers to the windows, in their order.
struct Answers {
  std::vector<float> units;
  std::vector<std::array<float, 3>> quantiles{};  ///< empty: negative binomial around the units
};

template <Forecaster F>
Answers ask(const F& forecaster, const SalesWindows& windows) {
  Answers answers;
  for (std::size_t i = 0; i < windows.size(); ++i)
    answers.units.push_back(forecaster.forecast(windows[i]));
  return answers;
}

/// Croston and its kin on the eve of each target, having seen all days before.
Answers ask(const IntermittentOptions& options, const SalesWindows& windows) {
  const DailySales& sales = windows.table();
  IntermittentDemand demand(sales.items(), options);
  Answers answers;
  std::size_t next = 0;
  for (std::size_t c = 0; c < sales.days(); ++c) {
    for (; next < windows.size() && windows.target(next) == sales.day(c); ++next) {
      const ItemIndex item = windows.item(next);
      answers.units.push_back(demand.forecast(item));
      auto& quantiles = answers.quantiles.emplace_back();
      for (std::size_t q = 0; q < levels.size(); ++q)
        quantiles[q] = demand.quantile(item, levels[q]);
    }
    demand.close_day(sales.day(c), [&](ItemIndex item) {
      return sales.known(item, c) ? sales.at(item, c) : -1.0f;
    });
  }
  return answers;
}

class Report {
 public:
  /// `windows` are all, of which `scored` is the last stretch.
  Report(SalesWindows fitted, SalesWindows scored) : fit_(std::move(fitted)), scored_(std::move(scored)) {
    const DailySales& sales = fit_.table();
    IntermittentDemand demand(sales.items());
    for (std::size_t c = 0; c < sales.days() && sales.day(c) < scored_.target(0); ++c)
      demand.close_day(sales.day(c), [&](ItemIndex item) {
        return sales.known(item, c) ? sales.at(item, c) : -1.0f;
      });
    std::array<std::size_t, patterns> series{}, cases{};
    for (std::uint32_t i = 0; i < sales.items(); ++i) {
      pattern_.push_back(static_cast<std::size_t>(demand.pattern(ItemIndex(i))));
      ++series[pattern_.back()];
    }
    for (std::size_t i = 0; i < scored_.size(); ++i) ++cases[pattern_[scored_.item(i).value()]];
    for (std::size_t p = 0; p < patterns; ++p)
      std::printf("%s: %zu series, %zu forecasts. ",
                  std::string(name(static_cast<DemandPattern>(p))).c_str(), series[p], cases[p]);
    std::printf(
        "\n\n| rung | WMAPE | pinball | coverage | bias |"
        " smooth | erratic | intermittent | lumpy |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  }

  template <class Rung>
  void row(const char* name, const Rung& rung) {
    row(name, rung, fit_, scored_);
  }
  /// With windows of its own (levels).
  template <class Rung>
  void row(const char* name, const Rung& rung, const SalesWindows& fit, const SalesWindows& scored) {
    const Answers answers = ask(rung, scored);
    std::array<float, patterns> dispersion{};
    if (answers.quantiles.empty()) {
      const Answers before = ask(rung, fit);
      for (std::size_t p = 0; p < patterns; ++p) {
        std::vector<float> actual, units;
        for (std::size_t i = 0; i < fit.size(); ++i) {
          if (pattern_[fit.item(i).value()] != p) continue;
          actual.push_back(fit.actual(i));
          units.push_back(before.units[i]);
        }
        dispersion[p] = fit_dispersion(actual, units, levels);
      }
    }
    std::array<ForecastErrors, patterns + 1> errors;
    std::vector<QuantileErrors> pinball(patterns + 1, QuantileErrors(levels));
    for (std::size_t i = 0; i < scored.size(); ++i) {
      const std::size_t p = pattern_[scored.item(i).value()];
      const float units = std::isfinite(answers.units[i]) ? answers.units[i] : 0;
      std::array<float, 3> quantiles{};
      if (answers.quantiles.empty())
        for (std::size_t q = 0; q < levels.size(); ++q)
          quantiles[q] = count_quantile(units, dispersion[p], levels[q]);
      else
        quantiles = answers.quantiles[i];
      for (const std::size_t at : {p, patterns}) {
        errors[at].add(scored.actual(i), units);
        pinball[at].add(scored.actual(i), quantiles);
      }
    }
    std::printf("| %s | %.2f | %.4f | %.3f | %+.1f |", name, 100 * errors[patterns].wmape(),
                pinball[patterns].pinball(), pinball[patterns].coverage(),
                100 * errors[patterns].bias());
    for (std::size_t p = 0; p < patterns; ++p)
      std::printf(" %.2f / %.4f |", 100 * errors[p].wmape(), pinball[p].pinball());
    std::printf("\n");
    std::fflush(stdout);
  }

 private:
  SalesWindows fit_, scored_;
  std::vector<std::size_t> pattern_;  // of each series
};

struct Nothing {
  float forecast(const SalesWindow&) const noexcept { return 0; }
};

void run(const Arguments& arguments) {
  const DemandCases cases = bodega_benchmark::read_demand_cases(arguments.cases);
  const SalesWindows all = cases.windows();
  const bool test = arguments.part == "test";
  const SalesWindows fit = all.before(test ? cases.test_from : cases.valid_from),
                     scored = (test ? all : all.before(cases.test_from))
                                  .from(test ? cases.test_from : cases.valid_from);
  if (fit.empty() || scored.empty())
    throw Error(ErrorCode::missing, arguments.cases, "windows before and in the part to score",
                "none");
  std::printf("%s, %s part: %zu series, %zu forecasts. WMAPE in percent, pinball in units.\n",
              cases.dataset.c_str(), arguments.part.c_str(), cases.series.size(), scored.size());
  Report report(fit, scored);
  report.row("nothing", Nothing{});
  report.row("last day", LastDay{});
  report.row("same weekday", SameWeekday{});
  report.row("14-day mean", WindowMean{});
  report.row("14-day level x weekday", fit_weekday_mean(fit));
  const DemandFactors<> weekdays = fit_demand_factors(fit, {.months = false, .series = true}),
                        factors = fit_demand_factors(fit, {.series = true}),
                        seasons = fit_demand_factors(fit, {.years = false, .series = true});
  report.row("14-day level x weekday x month", FactorMean<>(factors));
  report.row("the same, months without growth", FactorMean<>(seasons));
  report.row("level of 14 days and 28 of the series x weekday", FactorMean<>(weekdays, 0, 28));
  for (const auto& [name, effects] : {std::pair{"long level x weekday", &weekdays},
                                      {"long level x weekday x month", &factors}}) {
    for (const float pool : {1e6f, 7.0f}) {
      const PooledLevelOptions memory{.half_life_days = 60, .pool_half_life_days = pool};
      report.row((std::string(name) + (pool < 1e6f ? ", pooled" : "")).c_str(),
                 FactorMean<>(*effects), with_pooled_levels(fit, *effects, memory),
                 with_pooled_levels(scored, *effects, memory));
    }
  }
  IntermittentOptions rare = arguments.rare;
  for (const auto& [name, method] : {std::pair{"Croston", IntermittentMethod::croston},
                                     {"SBA", IntermittentMethod::sba},
                                     {"TSB", IntermittentMethod::tsb},
                                     {"by pattern", IntermittentMethod::by_pattern}}) {
    rare.method = method;
    report.row(name, rare);
  }
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const auto value = [&]() -> std::string {
      if (++i == argc)
        throw Error(ErrorCode::invalid_argument, std::string(option), "a value", "none");
      return argv[i];
    };
    if (option == "--cases")
      arguments.cases = value();
    else if (option == "--part")
      arguments.part = value();
    else if (option == "--smoothing") {
      if (std::sscanf(value().c_str(), "%f,%f,%f", &arguments.rare.size_smoothing,
                      &arguments.rare.interval_smoothing, &arguments.rare.chance_smoothing) != 3)
        throw Error(ErrorCode::invalid_argument, "--smoothing", "three numbers", argv[i]);
    } else
      throw Error(ErrorCode::invalid_argument, "command line",
                  "--cases, --part or --smoothing", std::string(option));
  }
  if (arguments.cases.empty() || (arguments.part != "test" && arguments.part != "valid"))
    throw Error(ErrorCode::invalid_argument, "command line",
                "--cases FOLDER and a part, valid or test", "others");
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(parse(argc, argv));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "report_ladder: %s\n", e.what());
    return 2;
  }
}
