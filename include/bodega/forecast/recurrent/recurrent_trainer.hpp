// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/core/random.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/forecast/recurrent/adam.hpp>
#include <bodega/forecast/recurrent/forecast_training.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>
#include <bodega/forecast/recurrent/recurrent_block.hpp>
#include <bodega/forecast/recurrent/recurrent_objective.hpp>
#include <bodega/forecast/recurrent/seen_windows.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {

/// The numbers that training changes, in the order of `Model::learned`.
template <class Model>
std::vector<float> learned_numbers(const Model& model) {
  std::vector<float> numbers;
  Model::learned(model, [&](std::string_view, const auto& part, Role) {
    numbers.insert(numbers.end(), part.data(), part.data() + part.size());
  });
  return numbers;
}

template <class Model>
void set_learned_numbers(Model& model, const std::vector<float>& numbers) {
  auto next = numbers.begin();
  Model::learned(model, [&](std::string_view, auto& part, Role) {
    std::copy_n(next, part.size(), part.data());
    next += static_cast<std::ptrdiff_t>(part.size());
  });
  model.restore();
}

template <class Model>
RecurrentShape shape_of(const Model& model) {
  return {model.inputs().count(), model.hidden(), 1 + model.quantiles().size(),
          model.inputs().weekday, model.skip().columns() > 0};
}

/// Small random weights; an LSTM's forget gates are open, the outputs say the window's level.
template <class Model>
Model initial_network(const ForecastTrainingOptions& options, const std::string& task) {
  validate_options(options, task);
  if (Model::hidden_size == run_time ? options.hidden == 0 || options.hidden > max_hidden
                                     : options.hidden != 0)
    throw Error(ErrorCode::invalid_argument, task + ", option hidden",
                Model::hidden_size == run_time ? "1 to " + std::to_string(max_hidden)
                                               : "0: the size is part of the type",
                std::to_string(options.hidden));
  using Cell = typename Model::cell;
  const std::size_t n =
      Model::hidden_size == run_time ? options.hidden : std::size_t{Model::hidden_size};
  const std::size_t outputs = 1 + options.quantiles.size();
  RecurrentParts<> parts{.input = Matrix<float>(options.inputs.count(), Cell::gates * n),
                         .recurrent = Matrix<float>(n, Cell::gates * n),
                         .bias = std::vector<float>(Cell::sums * n, 0.0f),
                         .output = Matrix<float>(outputs, n),
                         .output_bias = std::vector<float>(outputs, 1.0f),
                         .skip = Matrix<float>(outputs, options.skip ? window_days : 0),
                         .factors = options.factors,
                         .inputs = options.inputs,
                         .prior = options.prior,
                         .prior_days = options.prior_days,
                         .quantiles = options.quantiles};
  const CounterRandom random(options.seed);
  const float limit = 1.0f / std::sqrt(static_cast<float>(n));
  std::uint64_t number = 0;
  const auto fill = [&](std::span<float> weights) {
    for (float& weight : weights) weight = limit * (2.0f * random.uniform(number++, 0) - 1.0f);
  };
  fill(parts.input.values());
  fill(parts.recurrent.values());
  number += parts.bias.size();
  fill(parts.output.values());
  if constexpr (std::is_same_v<Cell, LstmCell>)
    std::fill_n(parts.bias.begin() + static_cast<std::ptrdiff_t>(n), n, 1.0f);
  return Model(std::move(parts));
}

/// Hooks on the learned numbers alone, so that the loop is compiled once for all sizes.
struct NumberHooks {
  std::function<void(std::vector<float>&)> after_step{};
  std::function<std::vector<float>(const std::vector<float>&)> seen_as{};
  std::function<void(const TrainingState&)> checkpoint{};
};

template <class Cell>
class TrainingLoop {
 public:
  TrainingLoop(const RecurrentShape& shape, ForecastTargets targets,
               const ForecastTrainingOptions& options, const NumberHooks& hooks, std::string task)
      : objective_(shape, std::move(targets), options.threads),
        options_(options),
        hooks_(hooks),
        task_(std::move(task)),
        pulse_(options.progress, task_, options.epochs) {}

  /// From `state` on; afterwards `state.best` are the numbers wanted. Returns false where the
  /// training failed: where a loss or a number is not finite or beyond all sense, or, for `fresh`
  /// numbers, where it ends with a loss that is 5 % above that it began with.
  bool run(TrainingState& state, const SeenWindows& training, const SeenWindows& validation,
           bool fresh) {
    const SeenWindows& judged = validation.empty() ? training : validation;
    const std::vector<std::uint32_t> all = numbers_below(judged.size());
    if (state.epochs == 0) {
      state.best = state.learned;
      state.first_loss = state.best_loss = loss(state.learned, judged, all);
      if (!std::isfinite(state.first_loss))
        throw Error(ErrorCode::not_finite, task_ + ", loss before the first epoch", "a number",
                    std::to_string(state.first_loss));
    }
    double last = state.best_loss;
    while (state.epochs < options_.epochs && !out_of_patience(state, validation)) {
      double epoch_loss = run_epoch(state, training);
      if (!validation.empty()) epoch_loss = loss(state.learned, validation, all);
      ++state.epochs;
      if (!std::isfinite(epoch_loss)) return false;
      last = epoch_loss;
      if (validation.empty() || epoch_loss < state.best_loss) {
        state.best = state.learned;
        state.best_loss = epoch_loss;
        state.best_epoch = state.epochs;
      }
      pulse_(static_cast<std::size_t>(state.epochs), epoch_loss);
      if (hooks_.checkpoint) hooks_.checkpoint(state);
    }
    for (const float number : state.best)
      if (!(double{std::abs(number)} <= plausible::share)) return false;
    if (validation.empty()) last = loss(state.best, judged, all);
    if (!std::isfinite(last)) return false;
    const bool learnt = !validation.empty() && state.best_epoch > 0;
    return !fresh || learnt || last <= state.first_loss + 0.05 * std::abs(state.first_loss);
  }

 private:
  static std::vector<std::uint32_t> numbers_below(std::size_t count) {
    std::vector<std::uint32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0u);
    return numbers;
  }
  bool out_of_patience(const TrainingState& state, const SeenWindows& validation) const noexcept {
    return !validation.empty() && state.epochs > 0 &&
           state.epochs - std::max<std::uint64_t>(state.best_epoch, 1) >= options_.patience;
  }
  double loss(const std::vector<float>& learned, const SeenWindows& windows,
              std::span<const std::uint32_t> numbers) {
    return objective_.loss(hooks_.seen_as ? hooks_.seen_as(learned) : learned, windows, numbers,
                           &pulse_);
  }

  /// The mean loss on the way.
  double run_epoch(TrainingState& state, const SeenWindows& training) {
    std::vector<std::uint32_t> order = numbers_below(training.size());
    CounterRandom(options_.seed).shuffle(std::span(order), state.epochs);
    const std::size_t steps = (order.size() + options_.batch - 1) / options_.batch;
    double sum = 0;
    for (std::size_t step = 0; step < steps; ++step) {
      const std::size_t first = step * options_.batch;
      const auto batch = std::span<const std::uint32_t>(order).subspan(
          first, std::min(options_.batch, order.size() - first));
      sum += static_cast<double>(batch.size()) *
             objective_.loss(hooks_.seen_as ? hooks_.seen_as(state.learned) : state.learned,
                             training, batch, gradient_, &pulse_);
      const double epoch = static_cast<double>(state.epochs) +
                           static_cast<double>(step) / static_cast<double>(steps);
      const float rate = learning_rate(options_, static_cast<float>(epoch)) *
                         std::exp2(-static_cast<float>(state.halvings));
      state.adam.step(state.learned, gradient_, rate, options_.clip_norm);
      if (hooks_.after_step) hooks_.after_step(state.learned);
    }
    return sum / static_cast<double>(order.size());
  }

  RecurrentObjective<Cell> objective_;
  const ForecastTrainingOptions& options_;
  const NumberHooks& hooks_;
  std::string task_;
  ProgressPulse pulse_;
  std::vector<float> gradient_;
};

/// The teacher's forecasts fit the windows and the outputs.
void validate_teacher(std::span<const float> teacher, float weight, std::size_t wanted,
                      const std::string& task);

template <class Model>
Model train(Model model, const SalesWindows& windows, const ForecastTrainingOptions& options,
            const TrainingHooks<Model>& hooks, const std::string& task, bool fresh) {
  validate_options(options, task);
  validate_teacher(hooks.teacher, hooks.teacher_weight,
                   windows.size() * (1 + model.quantiles().size()), task);
  SalesWindows training = windows, validation;
  if (!windows.empty() && options.validation_fraction > 0) {
    const Day cut = windows.last_part(options.validation_fraction);
    training = windows.before(cut);
    validation = windows.from(cut);
  }
  if (training.empty() || (options.validation_fraction > 0 && validation.empty()))
    throw Error(
        ErrorCode::invalid_argument, task + ", windows",
        "at least one window to learn from and, unless validation_fraction is 0, a later one",
        std::to_string(training.size()) + " and " + std::to_string(validation.size()));

  if (hooks.after_step) hooks.after_step(model);
  const Model seen = hooks.seen_as ? hooks.seen_as(model) : model;
  const SeenWindows learnt_from(training, seen, task), held_back(validation, seen, task);
  const bool only_sales =
      options.loss == ForecastLoss::relative && model.quantiles().empty() && hooks.teacher.empty();
  bool sold = false;
  for (std::size_t i = 0; i < learnt_from.size() && !sold; ++i) sold = learnt_from.actual(i) > 0;
  if (!(learnt_from.mean_scale() > 0) || (only_sales && !sold))
    throw Error(ErrorCode::invalid_argument, task + ", windows",
                only_sales ? "a sale on one of the target days"
                           : "a sale in one of them, or a prior above 0",
                "none");

  NumberHooks on_numbers{.checkpoint = hooks.checkpoint};
  if (hooks.after_step)
    on_numbers.after_step = [&, changed = model](std::vector<float>& numbers) mutable {
      set_learned_numbers(changed, numbers);
      hooks.after_step(changed);
      numbers = learned_numbers(changed);
    };
  if (hooks.seen_as)
    on_numbers.seen_as = [&, trained = model](const std::vector<float>& numbers) mutable {
      set_learned_numbers(trained, numbers);
      return learned_numbers(hooks.seen_as(trained));
    };
  TrainingState state{.learned = learned_numbers(model)};
  state.adam = Adam(state.learned.size());
  state.training = fingerprint(options, state.learned, windows.size(), hooks.teacher_weight);
  const TrainingState first = state;
  if (hooks.resume) {
    hooks.resume->validate(task + ", resume");
    if (hooks.resume->training != state.training)
      throw Error(ErrorCode::invalid_argument, task + ", resume",
                  "a state of a training with the same options, windows and sizes", "another");
    state = *hooks.resume;
  }
  TrainingLoop<typename Model::cell> loop(
      shape_of(model),
      {.point = {options.loss, options.huber_delta, options.dispersion},
       .quantiles = {model.quantiles().begin(), model.quantiles().end()},
       .quantile_weight = options.quantile_weight,
       .level_power = options.level_power,
       .unit = learnt_from.mean_scale(),
       .teacher = hooks.teacher,
       .teacher_weight = hooks.teacher_weight},
      options, on_numbers, task);
  constexpr std::uint64_t most_halvings = 10;
  while (!loop.run(state, learnt_from, held_back,
                   fresh && !hooks.after_step && hooks.teacher.empty())) {
    const std::uint64_t halvings = state.halvings + 1;
    if (hooks.after_step || halvings > most_halvings)  // a hook's steps cannot be taken back
      throw Error(
          ErrorCode::not_finite, task + ", option learning_rate", "one with which the loss falls",
          "a training that grew without bound, even at " +
              std::to_string(std::ldexp(options.learning_rate, -static_cast<int>(state.halvings))));
    state = first;
    state.halvings = halvings;
  }
  set_learned_numbers(model, state.best);
  return model;
}

}  // namespace detail

/// Trains a model from where it stands by back-propagation through the window's days with Adam. The
/// last target days are held back; training ends when they are no longer forecast better. Returns
/// the numbers that did best on them. Inputs, priors, factors and quantiles are the model's own.
/// The same windows, options and seed give the same bytes at any number of threads. Throws
/// Error(invalid_argument) if options are out of range or do not belong together, or there are too
/// few windows or none with a sale, (missing) without the covariates that the model takes, (shape)
/// for a teacher of another size, (not_finite) where nothing was learnt, (cancelled) if the
/// progress callback says so. Where a loss or a number is not finite, or the training ends worse
/// than it began, it begins again at half the rate, at most ten times (not with an `after_step`);
/// then it is an Error.
template <class Cell, int Hidden>
RecurrentForecaster<Cell, Hidden> train_forecaster(
    RecurrentForecaster<Cell, Hidden> model, const SalesWindows& windows,
    const ForecastTrainingOptions& options,
    const std::type_identity_t<TrainingHooks<RecurrentForecaster<Cell, Hidden>>>& hooks = {}) {
  return detail::train(std::move(model), windows, options, hooks,
                       "training " + std::string(Cell::kind), true);
}

/// A new network, trained. Cost at Hidden 32 with AVX2: about 0.4 s for 65,000 windows an
/// epoch and core.
/// Error as `train_forecaster`.
template <int Hidden>
Lstm<Hidden> train_lstm(const SalesWindows& windows, const ForecastTrainingOptions& options = {},
                        const TrainingHooks<Lstm<Hidden>>& hooks = {}) {
  return train_forecaster(detail::initial_network<Lstm<Hidden>>(options, "training lstm"), windows,
                          options, hooks);
}
template <int Hidden>
Gru<Hidden> train_gru(const SalesWindows& windows, const ForecastTrainingOptions& options = {},
                      const TrainingHooks<Gru<Hidden>>& hooks = {}) {
  return train_forecaster(detail::initial_network<Gru<Hidden>>(options, "training gru"), windows,
                          options, hooks);
}

/// The same on all windows of a table of sales (see SalesWindows for its Errors).
template <int Hidden>
Lstm<Hidden> train_lstm(const DailySales& sales, const ForecastTrainingOptions& options = {}) {
  return train_lstm<Hidden>(SalesWindows(sales), options);
}

/// Trains on from a model, at a lower rate and usually with a hook that holds a mask. If nothing
/// does better on the days held back, the model comes back as it was after one `after_step`.
/// Otherwise as `train_forecaster`.
template <class Cell, int Hidden>
RecurrentForecaster<Cell, Hidden> fine_tune(
    RecurrentForecaster<Cell, Hidden> model, const SalesWindows& windows,
    const ForecastTrainingOptions& options = {.epochs = 5, .learning_rate = 0.001f},
    const std::type_identity_t<TrainingHooks<RecurrentForecaster<Cell, Hidden>>>& hooks = {}) {
  return detail::train(std::move(model), windows, options, hooks,
                       "fine-tuning " + std::string(Cell::kind), false);
}

#if defined(BODEGA_COMPILED)
// The trainings that the library holds, of the usual sizes.
#define BODEGA_TRAININGS(EXTERN, SIZE)                                                             \
  EXTERN template Lstm<SIZE> train_lstm<SIZE>(const SalesWindows&, const ForecastTrainingOptions&, \
                                              const TrainingHooks<Lstm<SIZE>>&);                   \
  EXTERN template Lstm<SIZE> train_forecaster(Lstm<SIZE>, const SalesWindows&,                     \
                                              const ForecastTrainingOptions&,                      \
                                              const TrainingHooks<Lstm<SIZE>>&);
BODEGA_TRAININGS(extern, 8)
BODEGA_TRAININGS(extern, 16)
BODEGA_TRAININGS(extern, 32)
BODEGA_TRAININGS(extern, 64)
#endif

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE void validate_teacher(std::span<const float> teacher, float weight,
                                    std::size_t wanted, const std::string& task) {
  if (!(weight >= 0 && weight <= 1) || (weight > 0) == teacher.empty())
    throw Error(
        ErrorCode::invalid_argument, task + ", teacher_weight",
        teacher.empty() ? "0, where there are no forecasts of a teacher" : "above 0, at most 1",
        std::to_string(weight));
  if (teacher.empty()) return;
  validate_size(teacher.size(), wanted, task + ", teacher, forecasts of all windows and outputs");
  validate_finite(teacher, task + ", teacher");
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
