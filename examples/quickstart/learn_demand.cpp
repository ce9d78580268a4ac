// SPDX-License-Identifier: MIT
#include <cstdio>

#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/forecast/evaluate_forecaster.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>
#include <bodega/forecast/windows.hpp>

#include "quickstart.hpp"

namespace quickstart {

using namespace bodega;

namespace {

template <class Model>
void print_errors(const char* name, const Model& model, const SalesWindows& unseen,
                  std::size_t bytes) {
  const ForecastErrors errors = evaluate_forecaster(model, unseen);
  std::printf("  %-34s %7.2f %%  %7.2f  %+7.1f %%", name, 100 * errors.wmape(), errors.rmse(),
              100 * errors.bias());
  end_row(bytes);
}

template <class Model>
void print_errors(const char* name, const Model& model, const SalesWindows& unseen) {
  print_errors(name, model, unseen, size_report(model).bytes);
}

/// The network without the weaker half of its weights, fine-tuned while they stay 0.
Lstm<16> prune_by_half(const Lstm<16>& lstm, const SalesWindows& known,
                       ForecastTrainingOptions training) {
  const PruneMask mask = prune_mask(lstm, {.sparsity = 0.5f});
  training.epochs = 5;
  training.learning_rate = 0.001f;
  return fine_tune(lstm, known, training,
                   {.after_step = [&](Lstm<16>& model) { apply_mask(mask, model); }});
}

}  // namespace

DemandModels learn_demand(const Shop& shop, const ProgressCallback& progress) {
  title("3. Tomorrow's demand");
  // Demand needs more days to be judged on than baskets do: the last quarter of them.
  const Day judged_from = SalesWindows(shop.sales).last_part(0.25);
  const auto regulars = items_with_sale_days(shop.sales, 60, judged_from);
  const SalesWindows windows(shop.sales, regulars);
  const SalesWindows known = windows.before(judged_from), unseen = windows.from(judged_from);
  // A unit too many or too few costs the same whatever the item: windows count by their level.
  const ForecastTrainingOptions training{.seed = 1, .level_power = 1, .progress = progress};
  const Lstm<16> lstm = train_lstm<16>(known, training);
  const Lstm<16> pruned = prune_by_half(lstm, known, training);
  const DemandModels models{regulars, quantize(pruned), fit_weekday_mean(known)};

  std::printf(
      "\n%zu items sold on 60 days or more; each of their %zu item days from %s on, foreseen\n"
      "from the %zu trading days before it\n\n  %-34s %9s  %7s  %9s   %9s\n",
      regulars.size(), unseen.size(), judged_from.to_string().c_str(), window_days, "", "WMAPE",
      "RMSE", "bias", "bytes");
  print_errors("last day", LastDay{}, unseen, 0);
  print_errors("same weekday", SameWeekday{}, unseen, 0);
  print_errors("mean of the window", WindowMean{}, unseen, 0);
  print_errors("mean x weekday", models.weekdays, unseen);
  print_errors("LSTM-16, FP32", lstm, unseen);
  print_errors("LSTM-16, pruned by half, FP32", pruned, unseen);
  print_errors("LSTM-16, INT8", quantize(lstm), unseen);
  print_errors("LSTM-16, pruned by half, INT8", models.network, unseen);
  return models;
}

}  // namespace quickstart
