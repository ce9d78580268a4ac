// SPDX-License-Identifier: MIT
// Trains, chooses, compresses and tests a demand forecaster on a case folder (make_demand.py), in
// one command: every rung of the ladder and networks of several sizes, over all series and by how
// they sell (smooth, erratic, intermittent, lumpy).
//
// Everything is fitted on the rows before the validation part and compared there; for each pattern
// of demand the candidate with the least WMAPE and pinball loss, each as a share of the least one,
// is chosen among those of at most --max-bytes (each by itself). All are then fitted again on the
// rows before the test and score it once. --out writes what was chosen, with quantiles, for
// score_demand.py. Each forecast is one step ahead; with long history it may lean on all days
// before its target.
//
// Networks: LSTM in INT8, absolute loss and pinball loss on sales over the factors of their days.
// Rungs have negative binomial quantiles, with the dispersion that fits best on the fitted rows of
// each pattern; Croston, SBA and TSB have their own.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <limits>
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

#include "support/arguments.hpp"
#include "support/demand_cases.hpp"
#include "support/report_lines.hpp"
#include "support/telling.hpp"
#include "support/text.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::DemandCases;
using bodega_benchmark::fixed;
using bodega_benchmark::Inputs;
using bodega_benchmark::ReportLines;
using bodega_benchmark::show_progress;
using bodega_benchmark::tell;

constexpr std::array<float, 3> levels{0.1f, 0.5f, 0.9f};
constexpr std::size_t patterns = 4;
constexpr std::size_t enough = 500;                    // validation forecasts to choose by
constexpr std::array<std::size_t, 3> sizes{2, 8, 16};  // of networks

struct Settings {
  std::filesystem::path cases, out, json;
  Inputs inputs = Inputs::calendar;
  std::size_t max_bytes = std::size_t{1} << 40, epochs = 10, seed = 1;
};

/// What is fitted on, and what is asked.
struct Part {
  SalesWindows fit, scored;
  std::vector<std::size_t> pattern;  ///< of each series, told by the days before `scored`
};

struct Answer {
  float units = 0;
  std::array<float, 3> quantiles{};
};

struct Answers {
  std::size_t bytes = 0;     ///< of the model
  std::vector<Answer> list;  ///< in the order of the windows asked
};

/// A way to forecast.
struct Candidate {
  std::string name;
  std::function<Answers(const Part&)> fit_and_ask;
};

/// What a candidate was worth in one pattern, or in all.
struct Worth {
  ForecastErrors errors;
  QuantileErrors quantiles{levels};
};
using Worths = std::array<Worth, patterns + 1>;

Worths worth(const Part& part, std::span<const Answer> answers) {
  Worths worths;
  for (std::size_t i = 0; i < answers.size(); ++i)
    for (const std::size_t at : {part.pattern[part.scored.item(i).value()], patterns}) {
      worths[at].errors.add(double{part.scored.actual(i)}, double{answers[i].units});
      worths[at].quantiles.add(double{part.scored.actual(i)}, answers[i].quantiles);
    }
  return worths;
}

/// Where nothing tells, 0.
template <Forecaster F>
float ask(const F& forecaster, const SalesWindow& window) noexcept {
  const float units = forecaster.forecast(window);
  return std::isfinite(units) ? units : 0;
}

/// Of a forecaster without quantiles: `fit` and `scored` may bring other levels than the part's.
template <Forecaster F>
Answers answers_of(const F& forecaster, std::size_t bytes, const Part& part,
                   const SalesWindows& fit, const SalesWindows& scored) {
  std::array<std::vector<float>, patterns> actual, units;
  for (std::size_t i = 0; i < fit.size(); ++i) {
    const std::size_t p = part.pattern[fit.item(i).value()];
    actual[p].push_back(fit.actual(i));
    units[p].push_back(ask(forecaster, fit[i]));
  }
  std::array<float, patterns> dispersion{};
  for (std::size_t p = 0; p < patterns; ++p)
    dispersion[p] = fit_dispersion(actual[p], units[p], levels);
  Answers answers{bytes + sizeof dispersion, {}};
  for (std::size_t i = 0; i < scored.size(); ++i) {
    Answer& answer = answers.list.emplace_back();
    answer.units = ask(forecaster, scored[i]);
    for (std::size_t q = 0; q < levels.size(); ++q)
      answer.quantiles[q] =
          count_quantile(answer.units, dispersion[part.pattern[scored.item(i).value()]], levels[q]);
  }
  return answers;
}

/// Calls `visit(column, day)` for the days of a table, and tells `memory` each of them afterwards.
template <class Memory, class Visit>
void live_through(const DailySales& sales, Memory& memory, Visit&& visit) {
  for (std::size_t c = 0; c < sales.days(); ++c) {
    visit(sales.day(c));
    memory.close_day(sales.day(c), [&](ItemIndex item) {
      return sales.known(item, c) ? sales.at(item, c) : -1.0f;
    });
  }
}

/// Croston and its kin on the eve of each target, having seen all days before.
Answers ask_intermittent(IntermittentMethod method, const Part& part) {
  const DailySales& sales = part.scored.table();
  IntermittentDemand demand(sales.items(), {.method = method});
  Answers answers;
  live_through(sales, demand, [&](Day day) {
    for (std::size_t next = answers.list.size();
         next < part.scored.size() && part.scored.target(next) == day; ++next) {
      const ItemIndex item = part.scored.item(next);
      Answer& answer = answers.list.emplace_back();
      answer.units = demand.forecast(item);
      for (std::size_t q = 0; q < levels.size(); ++q)
        answer.quantiles[q] = demand.quantile(item, levels[q]);
    }
  });
  answers.bytes = size_report(demand).bytes;
  return answers;
}

/// An LSTM in INT8 that foresees the quantiles itself.
Answers ask_network(std::size_t hidden, const Settings& settings, const SalesWindows& fit,
                    const SalesWindows& scored, const DemandFactors<>& factors, float prior_days) {
  const bool window = settings.inputs == Inputs::window;
  const auto model =
      quantize(train_lstm<run_time>(fit, {.epochs = settings.epochs,
                                          .seed = settings.seed,
                                          .final_learning_rate = 0.01f,
                                          .schedule = LearningRateSchedule::cosine,
                                          .batch = 64,
                                          .loss = ForecastLoss::absolute,
                                          .level_power = 1,
                                          .validation_fraction = 0,
                                          .progress = show_progress(),
                                          .inputs = {.weekday = false, .level = true},
                                          .prior_days = prior_days,
                                          .factors = factors,
                                          .skip = !window,
                                          .quantiles = {levels.begin(), levels.end()},
                                          .hidden = hidden}));
  Answers answers{size_report(model).bytes, {}};
  for (std::size_t i = 0; i < scored.size(); ++i) {
    Answer& answer = answers.list.emplace_back();
    const float units = model.forecast(scored[i], answer.quantiles);
    if (std::isfinite(units))
      answer.units = units;
    else
      answer.quantiles.fill(0);
  }
  return answers;
}

template <Forecaster F>
Candidate rung(std::string name, std::function<F(const Part&)> fit) {
  return {std::move(name), [fit = std::move(fit)](const Part& part) {
            const F forecaster = fit(part);
            std::size_t bytes = 0;
            if constexpr (Parameterised<F>) bytes = size_report(forecaster).bytes;
            return answers_of(forecaster, bytes, part, part.fit, part.scored);
          }};
}

/// Factors of the fitted rows. Months only where each was seen in two years.
DemandFactors<> factors_of(const SalesWindows& fit, bool months) {
  constexpr int two_years = 730;
  const bool long_enough = fit.target(fit.size() - 1) - fit.target(0) >= two_years;
  return fit_demand_factors(fit, {.months = months, .years = long_enough, .series = true});
}

std::vector<Candidate> candidates(const Settings& settings) {
  std::vector<Candidate> all;
  all.push_back(rung<LastDay>("last day", [](const Part&) { return LastDay{}; }));
  all.push_back(rung<SameWeekday>("same weekday", [](const Part&) { return SameWeekday{}; }));
  all.push_back(rung<WindowMean>("14-day mean", [](const Part&) { return WindowMean{}; }));
  if (settings.inputs != Inputs::window) {
    all.push_back(rung<WeekdayMean>("14-day level x weekday",
                                    [](const Part& part) { return fit_weekday_mean(part.fit); }));
    all.push_back(rung<FactorMean<>>("14-day level x weekday x month", [](const Part& part) {
      return FactorMean<>(factors_of(part.fit, true));
    }));
    all.push_back(rung<FactorMean<>>(
        "level leaning on the series' own x weekday",
        [](const Part& part) { return FactorMean<>(factors_of(part.fit, false), 0, 28); }));
  }
  if (settings.inputs == Inputs::long_history) {
    for (const bool months : {false, true})
      for (const float pool : {1e6f, 7.0f})
        all.push_back({std::string("long level x weekday") + (months ? " x month" : "") +
                           (pool < 1e6f ? ", pooled" : ""),
                       [=](const Part& part) {
                         const DemandFactors<> factors = factors_of(part.fit, months);
                         const PooledLevelOptions memory{.half_life_days = 60,
                                                         .pool_half_life_days = pool};
                         const FactorMean<> mean(factors);
                         return answers_of(mean, size_report(mean).bytes, part,
                                           with_pooled_levels(part.fit, factors, memory),
                                           with_pooled_levels(part.scored, factors, memory));
                       }});
    for (const auto& [name, method] : {std::pair{"Croston", IntermittentMethod::croston},
                                       {"SBA", IntermittentMethod::sba},
                                       {"TSB", IntermittentMethod::tsb},
                                       {"by pattern", IntermittentMethod::by_pattern}})
      all.push_back(
          {name, [method = method](const Part& part) { return ask_intermittent(method, part); }});
  }
  for (const std::size_t hidden : sizes)
    for (const bool months : {false, true}) {
      if (settings.inputs == Inputs::window && months) continue;
      all.push_back({"LSTM-" + std::to_string(hidden) + " INT8" +
                         (settings.inputs == Inputs::window ? ""
                          : months                          ? ", weekday and month"
                                                            : ", weekday"),
                     [=, &settings](const Part& part) {
                       if (settings.inputs == Inputs::window)
                         return ask_network(hidden, settings, part.fit, part.scored, {}, 0);
                       const DemandFactors<> factors = factors_of(part.fit, months);
                       if (settings.inputs == Inputs::calendar)
                         return ask_network(hidden, settings, part.fit, part.scored, factors, 4);
                       const PooledLevelOptions memory{.half_life_days = 60};
                       return ask_network(
                           hidden, settings, with_pooled_levels(part.fit, factors, memory),
                           with_pooled_levels(part.scored, factors, memory), factors, 0);
                     }});
    }
  return all;
}

Part part_of(const SalesWindows& all, Day from, std::optional<Day> end) {
  Part part{all.before(from), end ? all.before(*end).from(from) : all.from(from), {}};
  if (part.fit.empty() || part.scored.empty())
    throw Error(ErrorCode::missing, "the cases", "windows before and in the part to score", "none");
  const DailySales& sales = all.table();
  IntermittentDemand demand(sales.items());
  part.pattern.resize(sales.items());
  live_through(sales, demand, [&](Day day) {
    if (day == part.scored.target(0))
      for (std::uint32_t i = 0; i < sales.items(); ++i)
        part.pattern[i] = static_cast<std::size_t>(demand.pattern(ItemIndex(i)));
  });
  return part;
}

void print_row(const std::string& name, std::size_t bytes, const Worths& worths,
               ReportLines& lines) {
  const Worth& all = worths[patterns];
  lines.add(name + ": bytes", static_cast<double>(bytes));
  lines.add(name + ": MAPE, percent", 100 * all.errors.mape());
  lines.add(name + ": WMAPE, percent", 100 * all.errors.wmape());
  lines.add(name + ": pinball", all.quantiles.pinball());
  std::printf("| %s | %zu | %.2f | %.2f | %.4f | %.3f | %+.1f |", name.c_str(), bytes,
              100 * all.errors.mape(), 100 * all.errors.wmape(), all.quantiles.pinball(),
              all.quantiles.coverage(), 100 * all.errors.bias());
  for (std::size_t p = 0; p < patterns; ++p) {
    if (worths[p].errors.count() == 0)
      std::printf(" |");
    else
      std::printf(" %.2f, %.4f |", 100 * worths[p].errors.wmape(), worths[p].quantiles.pinball());
  }
  std::printf("\n");
  std::fflush(stdout);
}

void run(const Settings& settings) {
  const DemandCases cases = bodega_benchmark::read_demand_cases(settings.cases);
  const SalesWindows all = cases.windows();
  const Part valid = part_of(all, cases.valid_from, cases.test_from),
             test = part_of(all, cases.test_from, {});
  const std::vector<Candidate> ways = candidates(settings);

  std::vector<Worths> on_valid;
  std::vector<std::size_t> bytes;
  for (const Candidate& way : ways) {
    const Answers answers = way.fit_and_ask(valid);
    bytes.push_back(answers.bytes);
    on_valid.push_back(worth(valid, answers.list));
    const Worth& all_patterns = on_valid.back()[patterns];
    tell("valid: " + way.name + ", " + std::to_string(answers.bytes) + " bytes: WMAPE " +
         fixed(100 * all_patterns.errors.wmape(), 2) + " %, pinball " +
         fixed(all_patterns.quantiles.pinball(), 4));
  }
  std::array<std::size_t, patterns> chosen{};
  for (std::size_t p = 0; p < patterns; ++p) {
    // A pattern that validation hardly knows is served as all are.
    const std::size_t judged = on_valid[0][p].errors.count() >= enough ? p : patterns;
    double wmape = std::numeric_limits<double>::infinity(), pinball = wmape, least = wmape;
    for (const Worths& worths : on_valid) {
      wmape = std::min(wmape, worths[judged].errors.wmape());
      pinball = std::min(pinball, worths[judged].quantiles.pinball());
    }
    for (std::size_t w = 0; w < ways.size(); ++w) {
      if (bytes[w] > settings.max_bytes) continue;
      const double cost = on_valid[w][judged].errors.wmape() / wmape +
                          on_valid[w][judged].quantiles.pinball() / pinball;
      if (cost < least) {
        least = cost;
        chosen[p] = w;
      }
    }
  }

  std::array<std::size_t, patterns> series{}, asked{};
  for (const std::size_t p : test.pattern) ++series[p];
  for (std::size_t i = 0; i < test.scored.size(); ++i)
    ++asked[test.pattern[test.scored.item(i).value()]];
  std::printf("%s: %zu series, %zu test forecasts. WMAPE in percent, pinball loss in units.\n",
              cases.dataset.c_str(), cases.series.size(), test.scored.size());
  for (std::size_t p = 0; p < patterns; ++p)
    std::printf("- %s: %zu series, %zu forecasts; chosen: %s\n",
                std::string(name(static_cast<DemandPattern>(p))).c_str(), series[p], asked[p],
                ways[chosen[p]].name.c_str());
  std::printf(
      "\n| forecaster | bytes | MAPE %% | WMAPE %% | pinball | cover 10-90 | bias %% | smooth | "
      "erratic |"
      " intermittent | lumpy |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  std::vector<Answer> best(test.scored.size());
  std::size_t best_bytes = 0;
  ReportLines lines;
  for (std::size_t w = 0; w < ways.size(); ++w) {
    const Answers answers = ways[w].fit_and_ask(test);
    print_row(ways[w].name, answers.bytes, worth(test, answers.list), lines);
    if (std::find(chosen.begin(), chosen.end(), w) == chosen.end()) continue;
    best_bytes += answers.bytes;
    for (std::size_t i = 0; i < best.size(); ++i)
      if (chosen[test.pattern[test.scored.item(i).value()]] == w) best[i] = answers.list[i];
  }
  print_row("**chosen, by pattern**", best_bytes, worth(test, best), lines);
  lines.save(settings.json);
  if (!settings.out.empty()) {
    bodega_benchmark::ForecastTable table(cases);
    for (std::size_t i = 0; i < best.size(); ++i)
      table.add(test.scored.target(i), test.scored.item(i), best[i].units, best[i].quantiles);
    bodega_benchmark::write_file(settings.out, table.text());
  }
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  bodega_benchmark::Arguments arguments(
      "Trains, chooses, compresses and tests a demand forecaster for each pattern of demand.");
  arguments.need("--cases", "FOLDER", "made by make_demand.py", settings.cases);
  arguments.take("--out", "FILE.csv", "where the chosen forecasts go, for score_demand.py",
                 settings.out);
  arguments.choice<Inputs>(
      "--inputs", "what a forecaster may know", settings.inputs,
      {{"window", Inputs::window}, {"calendar", Inputs::calendar}, {"long", Inputs::long_history}});
  arguments.number("--max-bytes", "N", "what each forecaster chosen may take", settings.max_bytes,
                   1);
  arguments.number("--epochs", "N", "of training a network", settings.epochs, 1);
  arguments.number("--seed", "N", "of the networks", settings.seed, 1);
  arguments.take("--json", "FILE", "where what was measured goes, an object a line", settings.json);
  return arguments.run(argc, argv, [&] { run(settings); });
}
