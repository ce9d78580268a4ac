// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/forecast/evaluate_forecaster.hpp>
#include <bodega/forecast/recurrent/distill.hpp>
#include <bodega/forecast/recurrent/prune_units.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>
#include <bodega/forecast/windows.hpp>

namespace bodega::inline BODEGA_ABI {

/// A forecaster after one step of a pipeline.
struct PipelineStep {
  std::string step;  ///< "trained", "pruned to 70 %", ...
  std::size_t hidden = 0;
  std::size_t parameters = 0;  ///< numbers that are not pruned away
  std::size_t bytes = 0;       ///< of the size report
  ForecastErrors error;        ///< on the days held back
};

/// A Markdown table.
std::string to_string(std::span<const PipelineStep> steps);

namespace detail {

/// Numbers of weights that are not 0, and of all else.
template <class Model>
std::size_t live_parameters(const Model& model) {
  std::size_t live = 0;
  for_each_tensor(model, [&]<class Leaf>(const std::string&, const Leaf& leaf, Role role) {
    if constexpr (std::is_arithmetic_v<Leaf>)
      ++live;
    else
      for (std::size_t i = 0; i < leaf.size(); ++i)
        live += role != Role::weight || leaf.data()[i] != 0;
  });
  return live;
}

inline std::string percent(float share) {
  return std::to_string(static_cast<int>(100 * share + 0.5f)) + " %";
}

}  // namespace detail

/// Makes a trained forecaster small, step by step, in the order the caller composes, and reports
/// bytes and error after each step. A step returns a new pipeline, so two ways may part from one:
///
///   auto trained = ForecasterPipeline(train_lstm<32>(windows, options), windows, options);
///   auto small = trained.prune_gradually({.sparsity = 0.7f}, tuning).quantize({.bits = 8});
///   std::cout << to_string(small.steps());
///
/// Once a step has pruned, later trainings hold the zeros. What makes no sense does not compile: an
/// INT8 forecaster is neither pruned nor trained. Trainings learn from the days before those held
/// back. The days held back decide early stopping, except for gradual pruning, and give the errors
/// of the report. Such errors flatter a little: score the final model on other days.
template <class Model>
class ForecasterPipeline {
 public:
  /// `options.validation_fraction` of the target days are held back. Error (invalid_argument) for
  /// none of them or no windows.
  ForecasterPipeline(Model model, SalesWindows windows, const ForecastTrainingOptions& options = {})
      : ForecasterPipeline(std::move(model), std::move(windows), options.validation_fraction, {}) {
    report("trained");
  }

  const Model& model() const noexcept { return model_; }
  std::span<const PipelineStep> steps() const noexcept { return steps_; }

  /// Trains on, holding what is pruned.
  ForecasterPipeline fine_tune(const ForecastTrainingOptions& training) const requires
      Quantizable<Model> {
    return next(bodega::fine_tune(model_, windows_, with_fraction(training), hooks()),
                "fine-tuned");
  }

  /// Trains on with the forecasts of one or more teachers: see `distill`.
  template <Forecaster... Teachers>
  requires(Quantizable<Model> && sizeof...(Teachers) > 0) ForecasterPipeline
      distill(const ForecastTrainingOptions& training, float teacher_weight,
              const Teachers&... teachers)
  const {
    TeacherForecasts forecasts(windows_, model_.quantiles());
    (forecasts.add(teachers), ...);
    return next(bodega::distill(model_, forecasts, windows_, with_fraction(training),
                                teacher_weight, hooks()),
                "distilled");
  }

  /// Removes the smallest weights at once. Fine-tune afterwards.
  ForecasterPipeline prune(const PruneOptions& options) const requires Quantizable<Model> {
    ForecasterPipeline result =
        next(bodega::prune(model_, options), "pruned to " + detail::percent(options.sparsity));
    result.pruned_ = true;
    return result;
  }

  /// Trains on while weights are removed, fewer and fewer (`GradualPruning`): over the first two
  /// thirds of the epochs, unless `options` names steps, and holds them for the rest.
  ForecasterPipeline prune_gradually(GradualPruneOptions options,
                                     const ForecastTrainingOptions& training) const requires
      Quantizable<Model> {
    const SalesWindows before = windows_.before(windows_.last_part(validation_fraction_));
    const std::size_t batch = std::max<std::size_t>(training.batch, 1);
    const std::size_t steps = training.epochs * ((before.size() + batch - 1) / batch);
    if (options.last_step == GradualPruneOptions{}.last_step)
      options.last_step = options.first_step + std::max<std::size_t>(1, steps * 2 / 3);
    if (options.last_step > steps)
      throw Error(ErrorCode::invalid_argument, "gradual pruning, option last_step",
                  "at most the " + std::to_string(steps) + " steps of the training",
                  std::to_string(options.last_step));
    GradualPruning pruning(options);
    TrainingHooks<Model> hooks;
    const PruneMask held = nonzero_mask(model_);
    hooks.after_step = [&](Model& model) {
      if (pruned_) apply_mask(held, model);
      pruning(model);
    };
    ForecastTrainingOptions to_the_end = training;
    to_the_end.validation_fraction = 0;
    ForecasterPipeline result = next(bodega::fine_tune(model_, before, to_the_end, hooks),
                                     "pruned gradually to " + detail::percent(options.sparsity));
    result.pruned_ = true;
    return result;
  }

  /// Keeps the hidden units whose loss changes the forecasts most: a network that is really
  /// smaller.
  auto prune_units(std::size_t keep) const requires Quantizable<Model> {
    const SalesWindows before = windows_.before(windows_.last_part(validation_fraction_));
    const std::size_t sample = std::min<std::size_t>(before.size(), 500);
    return moved(
        bodega::prune_units(
            model_, keep, unit_losses(model_, before.slice(before.size() - sample, before.size()))),
        "kept " + std::to_string(keep) + " units");
  }

  /// Rounds the weights to INT8, or fewer bits.
  auto quantize(const QuantizeOptions& options = {}) const requires Quantizable<Model> {
    return moved(bodega::quantize(model_, options), bits(options));
  }

  /// Trains on as one who will be quantized, and is.
  auto quantize_aware(const QuantizeOptions& options,
                      const ForecastTrainingOptions& training) const requires Quantizable<Model> {
    TrainingHooks<Model> aware = hooks();
    aware.seen_as = [&](const Model& model) { return as_if_quantized(model, options); };
    return moved(bodega::quantize(
                     bodega::fine_tune(model_, windows_, with_fraction(training), aware), options),
                 bits(options) + ", trained for it");
  }

  /// Rounds biases and other states to halves: see `with_half_states`.
  ForecasterPipeline half_states() const {
    return next(with_half_states(model_), "biases in 16 bits");
  }

 private:
  template <class Other>
  friend class ForecasterPipeline;

  ForecasterPipeline(Model model, SalesWindows windows, double validation_fraction,
                     std::vector<PipelineStep> steps)
      : model_(std::move(model)),
        windows_(std::move(windows)),
        validation_fraction_(validation_fraction),
        steps_(std::move(steps)) {
    if (windows_.empty() || !(validation_fraction > 0 && validation_fraction < 1))
      throw Error(ErrorCode::invalid_argument, "pipeline",
                  "windows, and a validation_fraction above 0 and below 1", "none");
  }

  static std::string bits(const QuantizeOptions& options) {
    return "INT" + std::to_string(options.bits);
  }

  ForecastTrainingOptions with_fraction(ForecastTrainingOptions training) const {
    training.validation_fraction = validation_fraction_;
    return training;
  }

  TrainingHooks<Model> hooks() const {
    TrainingHooks<Model> hooks;
    if (pruned_)
      hooks.after_step = [mask = nonzero_mask(model_)](Model& model) { apply_mask(mask, model); };
    return hooks;
  }

  void report(std::string step) {
    steps_.push_back(
        {std::move(step), model_.hidden(), detail::live_parameters(model_),
         size_report(model_).bytes,
         evaluate_forecaster(model_, windows_.from(windows_.last_part(validation_fraction_)))});
  }

  template <class Other>
  ForecasterPipeline<Other> moved(Other model, std::string step) const {
    ForecasterPipeline<Other> result(std::move(model), windows_, validation_fraction_, steps_);
    result.pruned_ = pruned_;
    result.report(std::move(step));
    return result;
  }
  ForecasterPipeline next(Model model, std::string step) const {
    return moved(std::move(model), std::move(step));
  }

  Model model_;
  SalesWindows windows_;
  double validation_fraction_;
  std::vector<PipelineStep> steps_;
  bool pruned_ = false;
};

#if BODEGA_BODIES

BODEGA_INLINE std::string to_string(std::span<const PipelineStep> steps) {
  std::string text =
      "| step | hidden | parameters | bytes | MAPE % | WMAPE % |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: |\n";
  for (const PipelineStep& step : steps) {
    char numbers[160];
    std::snprintf(numbers, sizeof numbers, " | %zu | %zu | %zu | %.2f | %.2f |\n", step.hidden,
                  step.parameters, step.bytes, 100 * step.error.mape(), 100 * step.error.wmape());
    text += "| " + step.step + numbers;
  }
  return text;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
