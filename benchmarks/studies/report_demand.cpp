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
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "support/arguments.hpp"
#include "support/demand_candidates.hpp"
#include "support/demand_cases.hpp"
#include "support/report_lines.hpp"
#include "support/telling.hpp"
#include "support/text.hpp"

namespace {

using namespace bodega_benchmark;
using bodega::DemandPattern;
using bodega::SalesWindows;

constexpr std::size_t enough = 500;  // validation forecasts to choose by

struct Settings {
  std::filesystem::path cases, out, json;
  DemandTraining training;
  std::optional<std::size_t> max_bytes;
};

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

/// What a candidate reached on the validation part.
struct Tried {
  std::size_t bytes = 0;
  Worths worths;
};

std::vector<Tried> on_validation(const DemandPart& valid, std::span<const DemandCandidate> ways) {
  std::vector<Tried> tried;
  for (const DemandCandidate& way : ways) {
    const DemandAnswers answers = way.fit_and_ask(valid);
    tried.push_back({answers.bytes, worth(valid, answers.list)});
    const Worth& all = tried.back().worths[patterns];
    tell("valid: " + way.name + ", " + std::to_string(answers.bytes) + " bytes: WMAPE " +
         fixed(100 * all.errors.wmape(), 2) + " %, pinball " + fixed(all.quantiles.pinball(), 4));
  }
  return tried;
}

using Choice = std::array<std::size_t, patterns>;  // a candidate for each pattern

/// The least WMAPE and pinball loss, each as a share of the least of all.
Choice choose(std::span<const Tried> tried, std::optional<std::size_t> max_bytes) {
  Choice chosen{};
  for (std::size_t p = 0; p < patterns; ++p) {
    // A pattern that validation hardly knows is served as all are.
    const std::size_t judged = tried[0].worths[p].errors.count() >= enough ? p : patterns;
    double wmape = std::numeric_limits<double>::infinity(), pinball = wmape, least = wmape;
    for (const Tried& one : tried) {
      wmape = std::min(wmape, one.worths[judged].errors.wmape());
      pinball = std::min(pinball, one.worths[judged].quantiles.pinball());
    }
    for (std::size_t w = 0; w < tried.size(); ++w) {
      if (max_bytes && tried[w].bytes > *max_bytes) continue;
      const Worth& of = tried[w].worths[judged];
      const double cost = of.errors.wmape() / wmape + of.quantiles.pinball() / pinball;
      if (cost < least) {
        least = cost;
        chosen[p] = w;
      }
    }
  }
  return chosen;
}

void print_head(const DemandCases& cases, const DemandPart& test,
                std::span<const DemandCandidate> ways, const Choice& chosen) {
  std::array<std::size_t, patterns> series{}, asked{};
  for (const std::size_t p : test.pattern) ++series[p];
  for (std::size_t i = 0; i < test.scored.size(); ++i)
    ++asked[test.pattern[test.scored.item(i).value()]];
  std::printf("%s: %zu series, %zu test forecasts. WMAPE in percent, pinball loss in units.\n",
              cases.dataset.c_str(), cases.series.size(), test.scored.size());
  for (std::size_t p = 0; p < patterns; ++p)
    std::printf("- %s: %zu series, %zu forecasts; chosen: %s\n",
                std::string(bodega::name(static_cast<DemandPattern>(p))).c_str(), series[p],
                asked[p], ways[chosen[p]].name.c_str());
  std::printf(
      "\n| forecaster | bytes | MAPE %% | WMAPE %% | pinball | cover 10-90 | bias %% | smooth | "
      "erratic |"
      " intermittent | lumpy |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
}

/// Prints a row for each candidate and for what was chosen, and returns the chosen answers.
std::vector<DemandAnswer> score_once(const DemandPart& test, std::span<const DemandCandidate> ways,
                                     const Choice& chosen, ReportLines& lines) {
  std::vector<DemandAnswer> best(test.scored.size());
  std::size_t best_bytes = 0;
  for (std::size_t w = 0; w < ways.size(); ++w) {
    const DemandAnswers answers = ways[w].fit_and_ask(test);
    print_row(ways[w].name, answers.bytes, worth(test, answers.list), lines);
    if (std::find(chosen.begin(), chosen.end(), w) == chosen.end()) continue;
    best_bytes += answers.bytes;
    for (std::size_t i = 0; i < best.size(); ++i)
      if (chosen[test.pattern[test.scored.item(i).value()]] == w) best[i] = answers.list[i];
  }
  print_row("**chosen, by pattern**", best_bytes, worth(test, best), lines);
  return best;
}

void run(const Settings& settings) {
  const DemandCases cases = read_demand_cases(settings.cases);
  const SalesWindows all = cases.windows();
  const DemandPart valid = part_of(all, cases.valid_from, cases.test_from),
                   test = part_of(all, cases.test_from, {});
  const std::vector<DemandCandidate> ways = candidates(settings.training);
  const Choice chosen = choose(on_validation(valid, ways), settings.max_bytes);
  print_head(cases, test, ways, chosen);
  ReportLines lines;
  const std::vector<DemandAnswer> best = score_once(test, ways, chosen, lines);
  lines.save(settings.json);
  if (settings.out.empty()) return;
  ForecastTable table(cases);
  for (std::size_t i = 0; i < best.size(); ++i)
    table.add(test.scored.target(i), test.scored.item(i), best[i].units, best[i].quantiles);
  write_file(settings.out, table.text());
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  Arguments arguments(
      "Trains, chooses, compresses and tests a demand forecaster for each pattern of demand.");
  arguments.need("--cases", "FOLDER", "made by make_demand.py", settings.cases);
  arguments.take("--out", "FILE.csv", "where the chosen forecasts go, for score_demand.py",
                 settings.out);
  arguments.choice<Inputs>(
      "--inputs", "what a forecaster may know", settings.training.inputs,
      {{"window", Inputs::window}, {"calendar", Inputs::calendar}, {"long", Inputs::long_history}});
  arguments.number("--max-bytes", "N", "what each forecaster chosen may take", settings.max_bytes,
                   1);
  arguments.number("--epochs", "N", "of training a network", settings.training.epochs, 1);
  arguments.number("--seed", "N", "of the networks", settings.training.seed, 1);
  arguments.take("--json", "FILE", "where what was measured goes, an object a line", settings.json);
  return arguments.run(argc, argv, [&] { run(settings); });
}
