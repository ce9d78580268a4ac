// SPDX-License-Identifier: MIT
// Seconds of an epoch of training on the train part of a case folder, by the clock and of all
// processors together, and how well the valid part is forecast after the last.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <vector>

#include <bodega/forecast/evaluate_forecaster.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>

#include "support/arguments.hpp"
#include "support/demand_cases.hpp"
#include "support/report_lines.hpp"

namespace {

using namespace bodega;
using Clock = std::chrono::steady_clock;

bodega_benchmark::ReportLines run(const std::filesystem::path& folder,
                                  ForecastTrainingOptions options) {
  const auto cases = bodega_benchmark::read_demand_cases(folder);
  const SalesWindows all = cases.windows();
  const SalesWindows fit = all.before(cases.valid_from);
  const SalesWindows valid = all.from(cases.valid_from).before(cases.test_from);
  std::printf("%zu windows, %zu of the valid part\n", fit.size(), valid.size());
  options.validation_fraction = 0;
  std::vector<double> seconds, processor;
  auto begin = Clock::now();
  auto used = std::clock();
  options.progress = [&](const Progress&) {
    const auto now = Clock::now();
    const auto used_now = std::clock();
    seconds.push_back(std::chrono::duration<double>(now - begin).count());
    processor.push_back(static_cast<double>(used_now - used) / CLOCKS_PER_SEC);
    begin = now;
    used = used_now;
    return true;
  };
  const auto model = train_lstm<run_time>(fit, options);
  const ForecastErrors errors = evaluate_forecaster(model, valid);
  const auto median = [](std::vector<double> values) {
    std::nth_element(values.begin(),
                     values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
  };
  std::printf("median epoch %.3f s, processor %.3f s; valid: WMAPE %.3f %%, MAPE %.3f %%\n",
              median(seconds), median(processor), 100 * errors.wmape(), 100 * errors.mape());
  bodega_benchmark::ReportLines lines;
  lines.add("epoch, seconds", median(seconds));
  lines.add("epoch, processor seconds", median(processor));
  lines.add("valid WMAPE, percent", 100 * errors.wmape());
  lines.add("valid MAPE, percent", 100 * errors.mape());
  return lines;
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path folder, json;
  ForecastTrainingOptions options{.epochs = 5, .threads = 1, .hidden = 32};
  bodega_benchmark::Arguments arguments(
      "Seconds of an epoch of training, and how well the valid part is forecast after the last.");
  arguments.need("--cases", "FOLDER", "made by make_demand.py", folder);
  arguments.number("--hidden", "N", "units of the network", options.hidden, 1);
  arguments.number("--batch", "N", "windows a step", options.batch, 1);
  arguments.number("--epochs", "N", "rounds over the windows", options.epochs, 1);
  arguments.number("--threads", "N", "0 are all cores", options.threads);
  arguments.take("--json", "FILE", "where what was measured goes, an object a line", json);
  return arguments.run(argc, argv, [&] { run(folder, options).save(json); });
}
