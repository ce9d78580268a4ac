// SPDX-License-Identifier: MIT
// Seconds of an epoch of training on the train part of a case folder, by the clock and of all
// processors together, and how well the valid part is forecast after the last.
//   train_benchmark --cases FOLDER [--hidden 32] [--batch 128] [--epochs 5] [--threads 1]
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/evaluate/forecasting.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>

#include "support/demand_cases.hpp"

namespace {

using namespace bodega;
using Clock = std::chrono::steady_clock;

void run(const std::string& folder, ForecastTrainingOptions options) {
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
}

}  // namespace

int main(int argc, char** argv) try {
  std::string folder;
  ForecastTrainingOptions options{.epochs = 5, .threads = 1, .hidden = 32};
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    const auto number = static_cast<std::size_t>(std::strtoul(argv[i + 1], nullptr, 10));
    if (option == "--cases")
      folder = argv[i + 1];
    else if (option == "--hidden")
      options.hidden = number;
    else if (option == "--batch")
      options.batch = number;
    else if (option == "--epochs")
      options.epochs = number;
    else if (option == "--threads")
      options.threads = number;
    else
      throw Error(ErrorCode::invalid_argument, "the arguments", "those of the head of this file",
                  std::string(option));
  }
  run(folder, options);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
