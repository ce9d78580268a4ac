// SPDX-License-Identifier: MIT
#include "forecaster.hpp"

namespace bodega::python {
namespace {

WindowInputs to_inputs(const std::string& word, bool season = false, bool level = false,
                       bool gaps = false, std::uint8_t covariates = 0) {
  const bool weekday = choose<bool>("option inputs", word, {{"calendar", true}, {"window", false}});
  return {weekday, season, level, gaps, covariates};
}

ForecastLoss to_loss(const std::string& word) {
  return choose<ForecastLoss>("training, option loss", word,
                              {{"huber", ForecastLoss::huber},
                               {"squared", ForecastLoss::squared},
                               {"absolute", ForecastLoss::absolute},
                               {"relative", ForecastLoss::relative},
                               {"poisson", ForecastLoss::poisson},
                               {"negative_binomial", ForecastLoss::negative_binomial}});
}

LearningRateSchedule to_schedule(const std::string& word) {
  return choose<LearningRateSchedule>("training, option schedule", word,
                                      {{"linear", LearningRateSchedule::linear},
                                       {"cosine", LearningRateSchedule::cosine},
                                       {"constant", LearningRateSchedule::constant}});
}

/// Declares `start(options, leading...)` with the keywords of every training, once for all of them.
template <class... Leading, class Result, class... Names>
void def_training(py::module_& m, const char* name,
                  Result (*start)(ForecastTrainingOptions, Leading...),
                  const ForecastTrainingOptions& d, const char* doc, const Names&... names) {
  m.def(
      name,
      [start](Leading... leading, std::size_t epochs, std::uint64_t seed, float learning_rate,
              float final_learning_rate, const std::string& schedule, float warm_up,
              std::size_t batch, float clip_norm, const std::string& loss, float huber_delta,
              float dispersion, float quantile_weight, float level_power,
              double validation_fraction, std::size_t patience, std::size_t threads,
              const py::object& progress) {
        return start({.epochs = epochs,
                      .seed = seed,
                      .learning_rate = learning_rate,
                      .final_learning_rate = final_learning_rate,
                      .schedule = to_schedule(schedule),
                      .warm_up = warm_up,
                      .batch = batch,
                      .clip_norm = clip_norm,
                      .loss = to_loss(loss),
                      .huber_delta = huber_delta,
                      .dispersion = dispersion,
                      .quantile_weight = quantile_weight,
                      .level_power = level_power,
                      .validation_fraction = validation_fraction,
                      .patience = patience,
                      .threads = threads,
                      .progress = progress_callback(progress)},
                     leading...);
      },
      names..., "epochs"_a = d.epochs, "seed"_a = d.seed, "learning_rate"_a = d.learning_rate,
      "final_learning_rate"_a = d.final_learning_rate, "schedule"_a = "linear",
      "warm_up"_a = d.warm_up, "batch"_a = d.batch, "clip_norm"_a = d.clip_norm, "loss"_a = "huber",
      "huber_delta"_a = d.huber_delta, "dispersion"_a = d.dispersion,
      "quantile_weight"_a = d.quantile_weight, "level_power"_a = d.level_power,
      "validation_fraction"_a = d.validation_fraction, "patience"_a = d.patience,
      "threads"_a = d.threads, "progress"_a = py::none(), doc);
}

/// The options of a new network, where they are not those of every training.
struct NewNetwork {
  WindowInputs inputs;
  float prior;
  bool skip;
  std::vector<float> quantiles;

  ForecastTrainingOptions operator()(ForecastTrainingOptions options) const {
    options.inputs = inputs;
    options.prior = prior;
    options.skip = skip;
    options.quantiles = quantiles;
    return options;
  }
};

template <class Cell>
std::shared_ptr<AnyNetwork<Cell>> start(ForecastTrainingOptions options, py::object windows,
                                        std::size_t hidden, std::string inputs, bool season,
                                        bool level, bool gaps, std::uint8_t covariates, float prior,
                                        bool skip, std::vector<float> quantiles) {
  options = NewNetwork{to_inputs(inputs, season, level, gaps, covariates), prior, skip,
                       std::move(quantiles)}(std::move(options));
  options.hidden = hidden;
  const SalesWindows all = to_windows(windows);
  return unlocked([&] {
    if constexpr (std::is_same_v<Cell, LstmCell>)
      return std::make_shared<AnyLstm>(train_lstm<run_time>(all, options));
    else
      return std::make_shared<AnyGru>(train_gru<run_time>(all, options));
  });
}

template <class Any>
std::shared_ptr<Any> tune(ForecastTrainingOptions options, const Any& model, py::object windows,
                          std::optional<PruneMask> mask) {
  const SalesWindows all = to_windows(windows);
  return unlocked([&] {
    return model.visit([&]<class M>(const M& network) -> std::shared_ptr<Any> {
      if constexpr (Quantizable<M>) {
        TrainingHooks<M> hooks;
        if (mask) hooks.after_step = [&](M& pruned) { apply_mask(*mask, pruned); };
        return std::make_shared<Any>(fine_tune(network, all, options, hooks));
      } else {
        refuse("fine-tuning", "float weights: dequantize it first", "INT8 network");
      }
    });
  });
}

RecurrentParts<> to_parts(const py::object& input, const py::object& recurrent,
                          const py::object& bias, const py::object& output, float output_bias,
                          const std::string& inputs, float prior) {
  return {.input = to_matrix(input, "input"),
          .recurrent = to_matrix(recurrent, "recurrent"),
          .bias = to_vector(bias, "bias"),
          .output = to_matrix(output, "output"),
          .output_bias = {output_bias},
          .inputs = to_inputs(inputs),
          .prior = prior};
}

template <class Cell>
std::shared_ptr<AnyNetwork<Cell>> from_arrays(const py::object& input, const py::object& recurrent,
                                              const py::object& bias, const py::object& output,
                                              float output_bias, const std::string& inputs,
                                              float prior) {
  return std::make_shared<AnyNetwork<Cell>>(RecurrentForecaster<Cell, run_time>(
      to_parts(input, recurrent, bias, output, output_bias, inputs, prior)));
}

/// windows x quantiles.
template <class Any>
py::array_t<float> forecast_quantiles(const Any& self, const SalesWindows& windows) {
  return self.visit([&](const auto& model) {
    const std::size_t count = model.quantiles().size();
    std::vector<float> units(windows.size() * count);
    unlocked([&] {
      for (std::size_t i = 0; i < windows.size(); ++i)
        model.forecast(windows[i], std::span(units).subspan(i * count, count));
    });
    return owned(std::move(units),
                 {static_cast<py::ssize_t>(windows.size()), static_cast<py::ssize_t>(count)});
  });
}

template <class Any, class Make>
void bind_network(py::module_& m, const char* name, Make make, const char* doc,
                  const char* shapes) {
  model_class<Any, Model, PythonForecaster>(m, name, doc)
      .def(py::init(make), "input"_a, "recurrent"_a, "bias"_a, "output"_a, "output_bias"_a = 1.0f,
           py::kw_only(), "inputs"_a = "calendar", "prior"_a = 1.0f, shapes)
      .def("forecast_quantiles", &forecast_quantiles<Any>, "windows"_a,
           "windows x quantiles, float32, rising in each row.")
      .def_property_readonly(
          "quantiles",
          [](const Any& self) {
            return self.visit([](const auto& model) {
              return std::vector<float>(model.quantiles().begin(), model.quantiles().end());
            });
          },
          "Levels of the quantile outputs.")
      .def_property_readonly(
          "hidden",
          [](const Any& self) {
            return self.visit([](const auto& model) { return std::size_t{model.hidden()}; });
          },
          "Hidden size.")
      .def_property_readonly(
          "inputs",
          [](const Any& self) {
            return self.visit(
                [](const auto& model) { return model.inputs().weekday ? "calendar" : "window"; });
          },
          "\"calendar\" (sales and weekdays) or \"window\" (sales).")
      .def_property_readonly(
          "prior",
          [](const Any& self) {
            return self.visit([](const auto& model) { return model.prior(); });
          },
          "Units added to the sum of a window before it is taken for a level.");
}

}  // namespace

void bind_recurrent(py::module_& m) {
  bind_network<AnyLstm>(
      m, "Lstm", &from_arrays<LstmCell>,
      "A long short-term memory over the 14 days of a window: the share of the window's level that "
      "is expected on the target day. Made by train_lstm, or from numbers trained elsewhere.",
      "input: I x 4H (I = 9 with inputs='calendar', 1 with 'window'); recurrent: H x 4H; bias: "
      "4H; output: 1 x H; gates in the order input, forget, candidate, output.");
  bind_network<AnyGru>(
      m, "Gru", &from_arrays<GruCell>,
      "A gated recurrent unit in the place of the Lstm. Made by train_gru, or from numbers trained "
      "elsewhere.",
      "input: I x 3H; recurrent: H x 3H; gates in the order reset, update, candidate; bias: 4H, "
      "the candidate's by input and by hidden state apart; output: 1 x H.");

  const ForecastTrainingOptions d;
  const auto def_new = [&](const char* name, auto start, const char* doc) {
    def_training(m, name, start, d, doc, "windows"_a, py::kw_only(), "hidden"_a = 16,
                 "inputs"_a = "calendar", "season"_a = false, "level"_a = false, "gaps"_a = false,
                 "covariates"_a = 0, "prior"_a = d.prior, "skip"_a = false,
                 "quantiles"_a = std::vector<float>());
  };
  def_new(
      "train_lstm", &start<LstmCell>,
      "Trains an LSTM on SalesWindows, or on all windows of a DailySales. hidden: the "
      "hidden size, 1 to 256. The last target days (validation_fraction) are held back and end the "
      "training when "
      "they are no longer forecast better. Same windows, options and seed give the same numbers "
      "at any number of threads (0 = all cores). loss: 'huber', 'squared', 'absolute', "
      "'relative', 'poisson' or 'negative_binomial' (with its dispersion). schedule of the "
      "learning rate: 'linear', 'cosine' or 'constant', after warm_up epochs. level_power: a "
      "window counts by its level to this power. Inputs beside the sales and what `inputs` "
      "says: season (time of year), level (its logarithm), gaps (unknown days), the first "
      "`covariates`. skip: weights on the window's days past the network. quantiles: levels "
      "that are forecast too.");
  def_new("train_gru", &start<GruCell>, "Trains a GRU; options as of train_lstm.");
  const ForecastTrainingOptions gentle = {.epochs = 5, .learning_rate = 0.001f};
  const auto def_tune = [&](auto start) {
    def_training(m, "fine_tune", start, gentle,
                 "Trains on from a float model and returns a new one. mask: of prune_mask, holds "
                 "pruned weights at 0.",
                 "model"_a, "windows"_a, py::kw_only(), "mask"_a = py::none());
  };
  def_tune(&tune<AnyLstm>);
  def_tune(&tune<AnyGru>);
}

}  // namespace bodega::python
