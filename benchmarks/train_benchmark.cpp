// SPDX-License-Identifier: MIT
// Seconds of an epoch of training, on the train and valid parts of a case folder, and how well the
// valid part is forecast after each.
//   train_benchmark --cases FOLDER [--hidden 32] [--batch 128] [--epochs 5] [--threads 1]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include <bodega/evaluate/forecasting.hpp>
#include <bodega/forecast/recurrent_trainer.hpp>

#include "demand_cases.hpp"

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
  auto begin = Clock::now();
  double sum = 0;
  options.progress = [&](const Progress& progress) {
    const auto now = Clock::now();
    const double seconds = std::chrono::duration<double>(now - begin).count();
    sum += seconds;
    std::printf("epoch %zu: %.3f s, loss %.5f\n", progress.done, seconds, progress.loss);
    begin = now;
    return true;
  };
  const auto model = train_lstm<run_time>(fit, options);
  const ForecastErrors errors = evaluate_forecaster(model, valid);
  std::printf("%.3f s an epoch; valid: WMAPE %.3f %%, MAPE %.3f %%\n",
              sum / static_cast<double>(options.epochs), 100 * errors.wmape(), 100 * errors.mape());
}

}  // namespace

int main(int argc, char** argv) try {
  std::string folder;
  ForecastTrainingOptions options{.epochs = 5, .threads = 1, .hidden = 32};
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    const auto number = static_cast<std::size_t>(std::strtoul(argv[i + 1], nullptr, 10));
    if (option == "--cases") folder = argv[i + 1];
    else if (option == "--hidden") options.hidden = number;
    else if (option == "--batch") options.batch = number;
    else if (option == "--epochs") options.epochs = number;
    else if (option == "--threads") options.threads = number;
    else throw Error(ErrorCode::invalid_argument, "the arguments", "those of the head of this file",
                     std::string(option));
  }
  run(folder, options);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
