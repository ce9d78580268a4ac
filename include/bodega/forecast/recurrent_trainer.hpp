// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/random.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/forecast/recurrent.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/simd.hpp>

namespace bodega {

/// What a miss costs, on sales divided by the window's level.
enum class ForecastLoss {
  squared,   ///< half the square: learns the mean, at the mercy of single large orders
  absolute,  ///< learns the median: too low where most days sell nothing
  huber,     ///< squared up to `huber_delta`, absolute beyond
  relative   ///< absolute over what was sold, as MAPE counts with a `level_power` of 0: learns to
             ///< forecast too low, and nothing from target days without a sale
};

struct ForecastTrainingOptions {
  std::size_t epochs = 20;
  std::uint64_t seed = 1;
  float learning_rate = 0.01f;
  float final_learning_rate = 0.1f;  ///< the rate falls evenly to this share of itself
  std::size_t batch = 128;           ///< windows per step of Adam
  float clip_norm = 1.0f;            ///< a longer gradient is shortened to this
  ForecastLoss loss = ForecastLoss::huber;
  /// In levels of the window. Steady demand never reaches it; where sales come in bursts it chooses
  /// between few wrong units (low: the median) and a small bias (high: the mean).
  float huber_delta = 3.0f;
  /// A window counts by its level to this power: 0 makes all windows alike (relative errors, as MAPE
  /// counts), 1 makes all units alike (as WMAPE counts).
  float level_power = 0.5f;
  double validation_fraction = 0.1;  ///< the last target days; 0: none, and no early stopping
  std::size_t patience = 5;          ///< epochs without a better validation loss before the end
  std::size_t threads = 0;           ///< 0: all cores. The result is the same at any number
  WindowInputs inputs{};
  float prior = 1.0f;  ///< see RecurrentParts
  ProgressCallback progress{};  ///< once an epoch, `loss` is the validation loss
};

namespace detail {

struct LeaveModel {
  template <class Model>
  void operator()(Model&) const noexcept {}
};

/// Loss and gradient of an LSTM for up to `chunk` windows at a time. Learned numbers are one
/// vector: the block ((I + H + 1) x 4H: input, recurrent, bias), output (H), output bias. With the
/// constant 1 as the last column of a step's inputs, the block is one matrix to multiply by.
template <int Hidden>
class LstmGradient {
 public:
  static constexpr std::size_t chunk = 32;
  static constexpr std::size_t n = Hidden;
  static constexpr std::size_t gates = 4 * n;

  LstmGradient(const Lstm<Hidden>& model, const ForecastTrainingOptions& options, float level_unit)
      : model_(model),
        options_(&options),
        level_unit_(level_unit),
        input_count_(model.inputs().count()),
        width_(input_count_ + n + 1),
        inputs_at_((window_days * chunk + chunk) * width_),
        gates_at_(window_days * chunk * gates),
        cells_at_((window_days + 1) * chunk * n),
        squashed_at_(window_days * chunk * n),
        hidden_gradient_(chunk * n),
        cell_gradient_(chunk * n),
        recurrent_transposed_(gates * n) {}

  std::size_t block_size() const noexcept { return width_ * gates; }
  std::size_t size() const noexcept { return block_size() + n + 1; }

  /// To be called when the learned numbers have changed and gradients are wanted.
  void prepare(std::span<const float> learned) noexcept {
    const float* recurrent = learned.data() + input_count_ * gates;
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t j = 0; j < gates; ++j)
        recurrent_transposed_[j * n + k] = recurrent[k * gates + j];
  }

  /// Sum of the losses of the windows whose numbers are given. Adds their gradient where
  /// `gradient` is not empty.
  double run(std::span<const float> learned, const SalesWindows& windows,
             std::span<const std::uint32_t> numbers, std::span<float> gradient) {
    forward(learned.data(), windows, numbers);
    const std::size_t rows = numbers.size();
    const float* output = learned.data() + block_size();
    const float* last = inputs_at_.data() + window_days * rows * width_ + input_count_;
    double loss = 0;
    std::array<float, chunk> slopes;
    for (std::size_t b = 0; b < rows; ++b) {
      slopes[b] = 0;
      if (!(levels_[b] > 0)) continue;  // answered with 0 whatever the network says
      const float share = simd::dot(output, last + b * width_, n) + output[n];
      const float sold = windows.actual(numbers[b]) / levels_[b];
      const float error = share - sold;
      float weight = std::pow(levels_[b] / level_unit_, options_->level_power);
      if (options_->loss == ForecastLoss::relative) weight = sold > 0 ? weight / sold : 0.0f;
      loss += weight * cost(error);
      slopes[b] = weight * slope(error);
    }
    if (!gradient.empty()) backward(output, rows, slopes, gradient.data());
    return loss;
  }

 private:
  float cost(float error) const noexcept {
    const float size = std::abs(error), delta = options_->huber_delta;
    switch (options_->loss) {
      case ForecastLoss::squared: return 0.5f * error * error;
      case ForecastLoss::absolute:
      case ForecastLoss::relative: return size;
      case ForecastLoss::huber: break;
    }
    return size <= delta ? 0.5f * error * error : delta * (size - 0.5f * delta);
  }
  float slope(float error) const noexcept {
    switch (options_->loss) {
      case ForecastLoss::squared: return error;
      case ForecastLoss::absolute:
      case ForecastLoss::relative: return static_cast<float>((error > 0) - (error < 0));
      case ForecastLoss::huber: break;
    }
    return std::clamp(error, -options_->huber_delta, options_->huber_delta);
  }

  void forward(const float* learned, const SalesWindows& windows,
               std::span<const std::uint32_t> numbers) noexcept {
    const std::size_t rows = numbers.size();
    std::fill(inputs_at_.begin(), inputs_at_.end(), 0.0f);
    std::fill_n(cells_at_.begin(), rows * n, 0.0f);
    for (std::size_t b = 0; b < rows; ++b) {
      const SalesWindow window = windows[numbers[b]];
      const SalesShares shares = model_.shares(window);
      levels_[b] = shares.scale;
      if (!(levels_[b] > 0)) continue;
      for (std::size_t step = 0; step < window_days; ++step) {
        float* row = inputs_at_.data() + (step * rows + b) * width_;
        for_each_input(window, model_.inputs(), shares, step,
                       [&](std::size_t input, float value) { row[input] = value; });
        row[width_ - 1] = 1.0f;
      }
    }
    std::fill_n(gates_at_.begin(), window_days * rows * gates, 0.0f);
    for (std::size_t step = 0; step < window_days; ++step) {
      const float* step_inputs = inputs_at_.data() + step * rows * width_;
      float* sums = gates_at_.data() + step * rows * gates;
      simd::add_product(step_inputs, width_, 1, learned, sums, rows, width_, gates);
      for (std::size_t b = 0; b < rows; ++b) {
        const std::size_t row = step * rows + b;
        LstmCell::step(std::integral_constant<std::size_t, n>(), sums + b * gates, cells_at_.data() + row * n,
                          cells_at_.data() + (row + rows) * n, squashed_at_.data() + row * n,
                          inputs_at_.data() + (row + rows) * width_ + input_count_);
      }
    }
  }

  /// From the gradients of a row's hidden and cell state to those of its gate sums, which take the
  /// gates' place; `cell_gradient` becomes that of the cell a step before.
  static void cell_backward(float* __restrict gate, const float* __restrict cell_before,
                            const float* __restrict squashed,
                            const float* __restrict hidden_gradient,
                            float* __restrict cell_gradient) noexcept {
    for (std::size_t j = 0; j < n; ++j) {
      const float i = gate[j], f = gate[n + j], g = gate[2 * n + j], o = gate[3 * n + j];
      const float by_cell = cell_gradient[j] +
                            hidden_gradient[j] * o * (1.0f - squashed[j] * squashed[j]);
      gate[j] = by_cell * g * i * (1.0f - i);
      gate[n + j] = by_cell * cell_before[j] * f * (1.0f - f);
      gate[2 * n + j] = by_cell * i * (1.0f - g * g);
      gate[3 * n + j] = hidden_gradient[j] * squashed[j] * o * (1.0f - o);
      cell_gradient[j] = by_cell * f;
    }
  }

  void backward(const float* output, std::size_t rows, std::span<const float> slopes,
                float* gradient) noexcept {
    float* output_gradient = gradient + block_size();
    const float* last = inputs_at_.data() + window_days * rows * width_ + input_count_;
    std::fill(hidden_gradient_.begin(), hidden_gradient_.end(), 0.0f);
    std::fill(cell_gradient_.begin(), cell_gradient_.end(), 0.0f);
    for (std::size_t b = 0; b < rows; ++b) {
      simd::axpy(slopes[b], last + b * width_, output_gradient, n);
      output_gradient[n] += slopes[b];
      simd::axpy(slopes[b], output, hidden_gradient_.data() + b * n, n);
    }
    for (std::size_t step = window_days; step-- > 0;) {
      float* sums = gates_at_.data() + step * rows * gates;
      for (std::size_t b = 0; b < rows; ++b) {
        const std::size_t row = step * rows + b;
        cell_backward(sums + b * gates, cells_at_.data() + row * n, squashed_at_.data() + row * n,
                      hidden_gradient_.data() + b * n, cell_gradient_.data() + b * n);
      }
      simd::add_product(inputs_at_.data() + step * rows * width_, 1, width_, sums, gradient, width_,
                        rows, gates);
      std::fill_n(hidden_gradient_.begin(), rows * n, 0.0f);
      simd::add_product(sums, gates, 1, recurrent_transposed_.data(), hidden_gradient_.data(), rows,
                        gates, n);
    }
  }

  Lstm<Hidden> model_;
  const ForecastTrainingOptions* options_;
  float level_unit_;  // a window of this level counts 1
  std::size_t input_count_, width_;
  // Steps one after the other, a row for each window of the chunk; inputs are I sales and
  // calendar, H hidden of the step before, 1. The hidden state after the last step ends the list.
  std::vector<float> inputs_at_, gates_at_, cells_at_, squashed_at_;
  std::vector<float> hidden_gradient_, cell_gradient_, recurrent_transposed_;
  std::array<float, chunk> levels_{};
};

template <int Hidden>
std::vector<float> learned_numbers(const Lstm<Hidden>& model) {
  std::vector<float> numbers;
  Lstm<Hidden>::learned(model, [&]<class P>(std::string_view, const P& part, Role) {
    numbers.insert(numbers.end(), part.data(), part.data() + part.size());
  });
  return numbers;
}

template <int Hidden>
void set_learned_numbers(Lstm<Hidden>& model, const std::vector<float>& numbers) {
  auto next = numbers.begin();
  Lstm<Hidden>::learned(model, [&]<class P>(std::string_view, P& part, Role) {
    std::copy_n(next, part.size(), part.data());
    next += static_cast<std::ptrdiff_t>(part.size());
  });
}

/// Mean level of the windows: the unit in which `level_power` weighs them.
template <class Model>
float mean_level(const SalesWindows& windows, const Model& model) noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) sum += model.shares(windows[i]).scale;
  return static_cast<float>(sum / static_cast<double>(windows.size()));
}

/// Mean loss over many windows, and their mean gradient where it is wanted. Windows are shared out
/// in chunks of a fixed size whose gradients are added in their order, so that the number of
/// threads changes nothing.
template <int Hidden>
class LstmObjective {
 public:
  using Gradient = LstmGradient<Hidden>;

  LstmObjective(const Lstm<Hidden>& model, const ForecastTrainingOptions& options, float level_unit)
      : parts_(thread_count(options.threads),
               Gradient(model, options, level_unit)) {}

  std::size_t size() const noexcept { return parts_.front().size(); }

  double loss(std::span<const float> learned, const SalesWindows& windows,
              std::span<const std::uint32_t> numbers) {
    return run(learned, windows, numbers, false);
  }
  double loss(std::span<const float> learned, const SalesWindows& windows,
              std::span<const std::uint32_t> numbers, std::span<float> gradient) {
    const double loss = run(learned, windows, numbers, true);
    std::fill(gradient.begin(), gradient.end(), 0.0f);
    for (std::size_t c = 0; c * Gradient::chunk < numbers.size(); ++c)
      simd::axpy(1.0f / static_cast<float>(numbers.size()), gradients_[c].data(), gradient.data(),
                 size());
    return loss;
  }

 private:
  double run(std::span<const float> learned, const SalesWindows& windows,
             std::span<const std::uint32_t> numbers, bool with_gradient) {
    const std::size_t chunks = (numbers.size() + Gradient::chunk - 1) / Gradient::chunk;
    losses_.assign(chunks, 0.0);
    if (with_gradient && gradients_.size() < chunks) gradients_.resize(chunks);
    parallel_for(chunks, parts_.size(), [&](std::size_t begin, std::size_t end, std::size_t part) {
      if (with_gradient) parts_[part].prepare(learned);
      for (std::size_t c = begin; c < end; ++c) {
        const std::size_t first = c * Gradient::chunk;
        if (with_gradient) gradients_[c].assign(size(), 0.0f);
        losses_[c] = parts_[part].run(
            learned, windows,
            numbers.subspan(first, std::min(Gradient::chunk, numbers.size() - first)),
            with_gradient ? std::span<float>(gradients_[c]) : std::span<float>());
      }
    });
    return std::accumulate(losses_.begin(), losses_.end(), 0.0) /
           static_cast<double>(numbers.size());
  }

  std::vector<Gradient> parts_;
  std::vector<std::vector<float>> gradients_;
  std::vector<double> losses_;
};

/// Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, with their
/// constants. The gradient's length is clipped first (Pascanu et al., ICML 2013).
class Adam {
 public:
  explicit Adam(std::size_t size) : mean_(size, 0.0f), square_(size, 0.0f) {}

  void step(std::span<float> numbers, std::span<const float> gradient, float rate,
            float clip_norm) noexcept {
    double norm = 0;
    for (const float g : gradient) norm += double{g} * g;
    norm = std::sqrt(norm);
    const float shorten = norm > clip_norm ? static_cast<float>(clip_norm / norm) : 1.0f;
    decay1_ *= 0.9;
    decay2_ *= 0.999;
    const float by_mean = static_cast<float>(1.0 / (1.0 - decay1_));
    const float by_square = static_cast<float>(1.0 / (1.0 - decay2_));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const float g = shorten * gradient[i];
      mean_[i] = 0.9f * mean_[i] + 0.1f * g;
      square_[i] = 0.999f * square_[i] + 0.001f * g * g;
      numbers[i] -= rate * (mean_[i] * by_mean) / (std::sqrt(square_[i] * by_square) + 1e-8f);
    }
  }

 private:
  std::vector<float> mean_, square_;
  double decay1_ = 1.0, decay2_ = 1.0;
};

inline void validate_options(const ForecastTrainingOptions& options, const std::string& task) {
  const auto want = [&](bool good, const char* option, const char* expected, double found) {
    if (!good)
      throw Error(ErrorCode::invalid_argument, task + ", option " + option, expected,
                  std::to_string(found));
  };
  const auto positive = [&](float value, const char* option) {
    want(value > 0 && std::isfinite(value), option, "a finite number above 0", value);
  };
  want(options.epochs > 0, "epochs", "1 or more", 0);
  want(options.batch > 0, "batch", "1 or more", 0);
  want(options.patience > 0, "patience", "1 or more", 0);
  positive(options.learning_rate, "learning_rate");
  positive(options.final_learning_rate, "final_learning_rate");
  positive(options.clip_norm, "clip_norm");
  positive(options.huber_delta, "huber_delta");
  want(std::isfinite(options.level_power), "level_power", "a finite number", options.level_power);
  want(options.validation_fraction >= 0 && options.validation_fraction < 1, "validation_fraction",
       "0 or more, below 1", options.validation_fraction);
  want(options.prior >= 0 && std::isfinite(options.prior), "prior", "0 units or more",
       options.prior);
}

/// Uniform within 1 / sqrt(H); the forget gates start open (bias 1) and the output bias at 1, the
/// window's level.
template <int Hidden>
Lstm<Hidden> initial_lstm(const ForecastTrainingOptions& options) {
  Lstm<Hidden> model(options.inputs, options.prior);
  std::vector<float> numbers = learned_numbers(model);
  const CounterRandom random(options.seed);
  const float limit = 1.0f / std::sqrt(static_cast<float>(Hidden));
  const std::size_t bias = model.input().size() + model.recurrent().size();
  for (std::size_t i = 0; i + 1 < numbers.size(); ++i)
    if (i < bias || i >= bias + 4 * Hidden)
      numbers[i] = limit * (2.0f * random.uniform(i, 0) - 1.0f);
  std::fill_n(numbers.begin() + static_cast<std::ptrdiff_t>(bias + Hidden), Hidden, 1.0f);
  set_learned_numbers(model, numbers);
  return model;
}

template <int Hidden, class AfterStep>
Lstm<Hidden> train(Lstm<Hidden> model, const SalesWindows& windows,
                   const ForecastTrainingOptions& options, AfterStep& after_step,
                   const std::string& task) {
  validate_options(options, task);
  SalesWindows training = windows, validation;
  if (!windows.empty() && options.validation_fraction > 0) {
    const Day cut = windows.last_part(options.validation_fraction);
    training = windows.before(cut);
    validation = windows.from(cut);
  }
  if (training.empty() || (options.validation_fraction > 0 && validation.empty()))
    throw Error(ErrorCode::invalid_argument, task + ", windows",
                "at least one window to learn from and, unless validation_fraction is 0, a later one",
                std::to_string(training.size()) + " and " + std::to_string(validation.size()));
  const float unit = mean_level(training, model);
  if (!(unit > 0))
    throw Error(ErrorCode::invalid_argument, task + ", windows",
                "a sale in one of them, or a prior above 0", "none");

  LstmObjective<Hidden> objective(model, options, unit);
  after_step(model);
  std::vector<float> learned = learned_numbers(model), best = learned;
  std::vector<float> gradient(learned.size());
  std::vector<std::uint32_t> order(training.size()), held_back(validation.size());
  std::iota(order.begin(), order.end(), 0u);
  std::iota(held_back.begin(), held_back.end(), 0u);
  double best_loss = validation.empty() ? 0 : objective.loss(learned, validation, held_back);
  Adam adam(learned.size());
  const CounterRandom random(options.seed);
  const std::size_t steps = (order.size() + options.batch - 1) / options.batch;
  for (std::size_t epoch = 0, best_epoch = 0; epoch < options.epochs; ++epoch) {
    random.shuffle(std::span(order), epoch);
    double loss = 0;
    for (std::size_t step = 0; step < steps; ++step) {
      const std::size_t first = step * options.batch;
      const auto batch = std::span<const std::uint32_t>(order).subspan(
          first, std::min(options.batch, order.size() - first));
      loss += objective.loss(learned, training, batch, gradient) *
              (static_cast<double>(batch.size()) / static_cast<double>(order.size()));
      const float done = static_cast<float>(epoch * steps + step) /
                         static_cast<float>(options.epochs * steps);
      adam.step(learned, gradient,
                options.learning_rate * (1.0f + done * (options.final_learning_rate - 1.0f)),
                options.clip_norm);
      if constexpr (!std::is_same_v<AfterStep, LeaveModel>) {
        set_learned_numbers(model, learned);
        after_step(model);
        learned = learned_numbers(model);
      }
    }
    if (!validation.empty()) loss = objective.loss(learned, validation, held_back);
    if (!std::isfinite(loss))
      throw Error(ErrorCode::not_finite, task + ", epoch " + std::to_string(epoch + 1),
                  "a finite loss (try a lower learning_rate)", std::to_string(loss));
    if (validation.empty() || loss < best_loss) {
      best = learned;
      best_loss = loss;
      best_epoch = epoch;
    }
    report_progress(options.progress, {task, epoch + 1, options.epochs, loss});
    if (!validation.empty() && epoch - best_epoch >= options.patience) break;
  }
  set_learned_numbers(model, best);
  return model;
}

}  // namespace detail

/// Trains an LSTM by back-propagation through the window's days with Adam. The last target days
/// are held back, training ends when they are no longer forecast better, and the weights that did
/// best on them are returned. `after_step(model)` may change the model after each step, for
/// instance to keep pruned weights at 0. Same windows, options and seed give the same bytes at any
/// number of threads. Cost at Hidden 16: about 1 s for 100,000 windows an epoch and core.
/// Error: options out of range or too few windows (invalid_argument), a loss that is no number
/// (not_finite), or the progress callback said no (cancelled).
template <int Hidden, class AfterStep = detail::LeaveModel>
  requires std::invocable<AfterStep&, Lstm<Hidden>&>
Lstm<Hidden> train_lstm(const SalesWindows& windows, const ForecastTrainingOptions& options = {},
                        AfterStep after_step = {}) {
  detail::validate_options(options, "training lstm");
  return detail::train(detail::initial_lstm<Hidden>(options), windows, options, after_step,
                       "training lstm");
}

/// The same on all windows of a table of sales (see SalesWindows for its Errors).
template <int Hidden>
Lstm<Hidden> train_lstm(const DailySales& sales, const ForecastTrainingOptions& options = {}) {
  return train_lstm<Hidden>(SalesWindows(sales), options);
}

/// Trains on from a model, usually at a lower rate and with `after_step` holding a mask. Inputs and
/// prior are the model's own, those of the options are not looked at. If nothing does better on the
/// days held back, the model comes back as it was after one `after_step`.
template <int Hidden, class AfterStep = detail::LeaveModel>
  requires std::invocable<AfterStep&, Lstm<Hidden>&>
Lstm<Hidden> fine_tune(Lstm<Hidden> model, const SalesWindows& windows,
                       const ForecastTrainingOptions& options = {.epochs = 5, .learning_rate = 0.001f},
                       AfterStep after_step = {}) {
  return detail::train(std::move(model), windows, options, after_step, "fine-tuning lstm");
}

}  // namespace bodega
