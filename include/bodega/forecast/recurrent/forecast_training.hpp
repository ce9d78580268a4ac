// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/forecast/demand_factors.hpp>
#include <bodega/forecast/recurrent/adam.hpp>
#include <bodega/forecast/recurrent/forecast_loss.hpp>
#include <bodega/forecast/window_inputs.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// How the learning rate falls.
enum class LearningRateSchedule {
  constant,  ///< not at all; `final_learning_rate` is not looked at
  linear,    ///< evenly to `final_learning_rate`
  cosine     ///< along half a wave. Source: Loshchilov, Hutter, "SGDR", ICLR 2017
};
constexpr auto enum_names(LearningRateSchedule) noexcept {
  using enum LearningRateSchedule;
  return std::to_array<EnumName<LearningRateSchedule>>(
      {{constant, "constant"}, {linear, "linear"}, {cosine, "cosine"}});
}

struct ForecastTrainingOptions {
  std::size_t epochs = 20;
  std::uint64_t seed = 1;
  float learning_rate = 0.01f;
  float final_learning_rate = 0.01f;
  LearningRateSchedule schedule = LearningRateSchedule::linear;
  float warm_up = 0;
  std::size_t batch = 128;
  float clip_norm = 1.0f;
  ForecastLoss loss = ForecastLoss::huber;
  /// In scales of the window. Steady demand never reaches it; where sales come in bursts it chooses
  /// between few wrong units (low: the median) and a small bias (high: the mean).
  float huber_delta = 3.0f;
  float dispersion = 0;
  float quantile_weight = 1;
  /// A window counts by its scale to this power: 0 makes all windows alike (relative errors, as
  /// MAPE counts), 1 makes all units alike (as WMAPE counts).
  float level_power = 0.5f;
  double validation_fraction = 0.1;
  std::size_t patience = 5;
  std::size_t threads = 0;
  ProgressCallback progress{};

  // Of a new network; training on leaves the model's own. See RecurrentParts.
  WindowInputs inputs{};
  float prior = 1.0f;
  float prior_days = 0;
  DemandFactors<> factors{};
  bool skip = false;
  std::vector<float> quantiles{};
  std::size_t hidden = 0;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("hidden", self.hidden, "Hidden units, where the size is chosen at run time.");
    WindowInputs::options(self.inputs, visit);
    visit("prior", self.prior,
          "Units added to the sum of a window before it is taken for a level.");
    visit("prior_days", self.prior_days, "Days at the series' level that count as seen.");
    visit("factors", self.factors, "Of `fit_demand_factors`; not trained further.");
    visit("skip", self.skip, "Weights on the window's days past the network.");
    visit("quantiles", self.quantiles, "Levels that are forecast too.");
    visit("epochs", self.epochs, "Passes over the windows at most.");
    visit("seed", self.seed, "Of the first weights and the order.");
    visit("learning_rate", self.learning_rate, "Of Adam.");
    visit("final_learning_rate", self.final_learning_rate, "As a share of `learning_rate`.");
    visit("schedule", self.schedule, "How the rate falls.");
    visit("warm_up", self.warm_up, "Epochs in which the rate first rises evenly from 0.");
    visit("batch", self.batch, "Windows for each step of Adam.");
    visit("clip_norm", self.clip_norm, "A longer gradient is shortened to this.");
    visit("loss", self.loss, "What is made small.");
    visit("huber_delta", self.huber_delta,
          "In scales of the window, where the huber loss turns absolute.");
    visit("dispersion", self.dispersion,
          "Of the negative binomial loss, which wants it above 0; else 0.");
    visit("quantile_weight", self.quantile_weight,
          "Of the quantiles' losses beside the point forecast's.");
    visit("level_power", self.level_power,
          "A window counts by its level to this power: 0 as MAPE counts, 1 as WMAPE.");
    visit("validation_fraction", self.validation_fraction,
          "The last target days, held back; 0: none, and no early stopping.");
    visit("patience", self.patience, "Epochs without a better validation loss before the end.");
    visit("threads", self.threads,
          "How many threads; 0 = all cores. The result is the same at any number.");
    visit("progress", self.progress, "Hears how far the work is; `loss` is the validation loss.");
  }
};

/// Where a training stands at the end of an epoch: enough to go on to the same bytes, in a process
/// that was given the same windows, options and hooks. A Bundle keeps it.
struct TrainingState {
  static constexpr std::string_view kind = "training_state";

  std::uint64_t epochs = 0;  ///< done
  std::vector<float> learned{}, best{};
  double best_loss = 0;
  std::uint64_t best_epoch = 0;
  Adam adam{};
  std::uint64_t training = 0;  ///< a checksum of options, sizes and first numbers
  std::uint64_t halvings = 0;  ///< of the learning rate, after as many trainings that failed
  double first_loss = std::numeric_limits<double>::infinity();  ///< before the first epoch

  /// Error (shape, not_finite).
  void validate(const std::string& where) const;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("epochs", self.epochs);
    visit("learned", self.learned);
    visit("best", self.best);
    visit("best_loss", self.best_loss);
    visit("best_epoch", self.best_epoch);
    visit("adam", self.adam);
    visit("training", self.training);
    visit("halvings", self.halvings);
    visit("first_loss", self.first_loss);
  }
  static constexpr bool added_later(std::string_view parameter) noexcept {
    return parameter == "halvings" || parameter == "first_loss";
  }
  bool uses_added() const noexcept { return std::isfinite(first_loss); }
};

/// What else may be done at each step and epoch of a training.
template <class Model>
struct TrainingHooks {
  /// May change the model before the first and after each step, as one who holds pruned weights at
  /// 0.
  std::function<void(Model&)> after_step{};
  /// The model that forecasts in the place of the one that is trained, such as what quantizing
  /// makes of it; its gradient is taken for that of the trained one (straight-through: Bengio,
  /// Leonard, Courville 2013). The same sizes. Its factors are used from the first step to the
  /// last.
  std::function<Model(const Model&)> seen_as{};
  /// Forecasts of a teacher, in units: windows x outputs, those of a window side by side.
  std::span<const float> teacher{};
  /// 0 to 1: how much the squared distance from the teacher's forecasts counts, on the window's
  /// scale; what was sold counts the rest.
  float teacher_weight = 0;
  /// Called at the end of each epoch, after `progress`.
  std::function<void(const TrainingState&)> checkpoint{};
  /// Goes on from here. Error (invalid_argument) where it is of another training.
  const TrainingState* resume = nullptr;
};

namespace detail {

/// Error (invalid_argument) naming the option.
void validate_options(const ForecastTrainingOptions& options, const std::string& task);

/// The rate of a step, which is `epoch` epochs (with a fraction) from the start.
float learning_rate(const ForecastTrainingOptions& options, float epoch) noexcept;

#if BODEGA_BODIES
/// FNV-1a over the bytes of numbers: tells trainings apart, no protection.
class Fingerprint {
 public:
  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void add(T value) noexcept {
    for (const unsigned char byte : std::bit_cast<std::array<unsigned char, sizeof(T)>>(value))
      hash_ = (hash_ ^ byte) * 0x100000001B3u;
  }
  void add(std::span<const float> values) noexcept {
    add(values.size());
    for (const float value : values) add(value);
  }
  std::uint64_t value() const noexcept { return hash_; }

 private:
  std::uint64_t hash_ = 0xCBF29CE484222325u;
};
#endif

/// Of all that the numbers of a training depend on, but for what its hooks do and what was sold.
std::uint64_t fingerprint(const ForecastTrainingOptions& o, std::span<const float> learned,
                          std::size_t windows, float teacher_weight) noexcept;

}  // namespace detail

#if BODEGA_BODIES

BODEGA_INLINE void TrainingState::validate(const std::string& where) const {
  validate_size(best.size(), learned.size(), where + ", best");
  validate_size(adam.size(), learned.size(), where + ", adam");
  validate_finite(learned, where + ", learned");
  validate_finite(best, where + ", best");
}

namespace detail {

BODEGA_INLINE void validate_options(const ForecastTrainingOptions& options,
                                    const std::string& task) {
  const auto want = [&](bool good, const char* option, const char* expected, double found) {
    if (!good)
      throw Error(ErrorCode::invalid_argument, task + ", option " + option, expected,
                  std::to_string(found));
  };
  const auto positive = [&](float value, const char* option) {
    want(value > 0 && std::isfinite(value), option, "a finite number above 0", value);
  };
  const auto not_negative = [&](float value, const char* option) {
    want(value >= 0 && std::isfinite(value), option, "a finite number, 0 or more", value);
  };
  want(options.epochs > 0, "epochs", "1 or more", 0);
  want(options.batch > 0, "batch", "1 or more", 0);
  want(options.patience > 0, "patience", "1 or more", 0);
  positive(options.learning_rate, "learning_rate");
  positive(options.final_learning_rate, "final_learning_rate");
  want(options.warm_up >= 0 && options.warm_up < static_cast<float>(options.epochs), "warm_up",
       "0 or more, fewer than the epochs", options.warm_up);
  positive(options.clip_norm, "clip_norm");
  positive(options.huber_delta, "huber_delta");
  if (options.loss == ForecastLoss::negative_binomial)
    positive(options.dispersion, "dispersion");
  else
    want(options.dispersion == 0, "dispersion", "0, unless the loss is the negative binomial",
         options.dispersion);
  positive(options.quantile_weight, "quantile_weight");
  want(std::isfinite(options.level_power), "level_power", "a finite number", options.level_power);
  want(options.validation_fraction >= 0 && options.validation_fraction < 1, "validation_fraction",
       "0 or more, below 1", options.validation_fraction);
  not_negative(options.prior, "prior");
  not_negative(options.prior_days, "prior_days");
  float before = 0;
  for (const float level : options.quantiles) {
    want(level > before && level < 1, "quantiles", "levels that rise, above 0 and below 1", level);
    before = level;
  }
}

BODEGA_INLINE float learning_rate(const ForecastTrainingOptions& options, float epoch) noexcept {
  const float epochs = static_cast<float>(options.epochs), first = options.learning_rate;
  if (epoch < options.warm_up) return first * epoch / options.warm_up;
  const float done = (epoch - options.warm_up) / (epochs - options.warm_up);
  switch (options.schedule) {
    case LearningRateSchedule::constant:
      return first;
    case LearningRateSchedule::linear:
      break;
    case LearningRateSchedule::cosine: {
      const float wave = 0.5f + 0.5f * std::cos(std::numbers::pi_v<float> * done);
      return first * (options.final_learning_rate + (1 - options.final_learning_rate) * wave);
    }
  }
  return first * (1.0f + done * (options.final_learning_rate - 1.0f));
}

BODEGA_INLINE std::uint64_t fingerprint(const ForecastTrainingOptions& o,
                                        std::span<const float> learned, std::size_t windows,
                                        float teacher_weight) noexcept {
  Fingerprint print;
  print.add(learned);
  print.add(windows);
  print.add(o.epochs);
  print.add(o.seed);
  print.add(o.learning_rate);
  print.add(o.final_learning_rate);
  print.add(o.schedule);
  print.add(o.warm_up);
  print.add(o.batch);
  print.add(o.clip_norm);
  print.add(o.loss);
  print.add(o.huber_delta);
  print.add(o.dispersion);
  print.add(o.quantile_weight);
  print.add(o.level_power);
  print.add(o.validation_fraction);
  print.add(o.patience);
  print.add(teacher_weight);
  return print.value();
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
