// SPDX-License-Identifier: MIT
#include "def_fit.hpp"
#include "forecaster.hpp"

namespace bodega::python {
namespace {

/// Whether the network sees weekdays.
bool sees_weekdays(const std::string& inputs) {
  if (inputs == "calendar" || inputs == "window") return inputs == "calendar";
  throw Error(ErrorCode::invalid_argument, "option inputs", "'calendar', 'window'",
              "'" + inputs + "'");
}

template <class Cell>
std::shared_ptr<AnyNetwork<Cell>> start(const char* name, const py::object& windows,
                                        const std::string& inputs,
                                        ForecastTrainingOptions options) {
  options.inputs.weekday = sees_weekdays(inputs);
  const SalesWindows all = to_windows(windows);
  const auto trained = unlocked([&] {
    if constexpr (std::is_same_v<Cell, LstmCell>)
      return std::make_shared<AnyLstm>(train_lstm<run_time>(all, options));
    else
      return std::make_shared<AnyGru>(train_gru<run_time>(all, options));
  });
  trained->made_with(name, options);
  return trained;
}

template <class Any>
std::shared_ptr<Any> tune(const Any& model, const py::object& windows,
                          const std::optional<PruneMask>& mask,
                          const ForecastTrainingOptions& options) {
  const SalesWindows all = to_windows(windows);
  const auto tuned = unlocked([&] {
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
  tuned->made_from(model, "fine_tune", options);
  return tuned;
}

RecurrentParts<> to_parts(const py::object& input, const py::object& recurrent,
                          const py::object& bias, const py::object& output, float output_bias,
                          const std::string& inputs, float prior) {
  return {.input = to_matrix(input, "input"),
          .recurrent = to_matrix(recurrent, "recurrent"),
          .bias = to_vector(bias, "bias"),
          .output = to_matrix(output, "output"),
          .output_bias = {output_bias},
          .inputs = {.weekday = sees_weekdays(inputs)},
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
  auto held = model_class<Any, Model, PythonForecaster>(m, name, doc);
  held.def(py::init(make), "input"_a, "recurrent"_a, "bias"_a, "output"_a, "output_bias"_a = 1.0f,
           py::kw_only(), "inputs"_a = "calendar", "prior"_a = 0.0f, shapes)
      .def("forecast_quantiles", &forecast_quantiles<Any>, "windows"_a,
           "windows x quantiles, float32, rising in each row.");
  const auto levels = [](const auto& model) {
    return std::vector<float>(model.quantiles().begin(), model.quantiles().end());
  };
  def_get(held, "quantiles", levels, "Levels of the quantile outputs.");
  def_get(
      held, "hidden", [](const auto& model) { return std::size_t{model.hidden()}; },
      "Hidden size.");
  def_get(
      held, "inputs",
      [](const auto& model) { return model.inputs().weekday ? "calendar" : "window"; },
      "\"calendar\" (sales and weekdays) or \"window\" (sales).");
  def_get(
      held, "prior", [](const auto& model) { return model.prior(); },
      "Units added to the sum of a window before it is taken for a level; 0 by default, so that "
      "numbers from elsewhere are not shifted.");
}

void bind_training(py::module_& m) {
  using Options = ForecastTrainingOptions;
  const Settings<Options> fresh = {.defaults = {.hidden = 16},
                                   .omitted = {"weekday", "prior_days"}};
  def_fit(
      m, "train_lstm",
      [](const py::object& windows, const std::string& inputs, const Options& options) {
        return start<LstmCell>("train_lstm", windows, inputs, options);
      },
      "Trains an LSTM on SalesWindows, or on all windows of a DailySales. The last target days "
      "(validation_fraction) are held back and end the training when they are no longer forecast "
      "better. Same windows, options and seed give the same numbers at any number of threads. "
      "inputs: 'calendar' (sales and weekdays) or 'window' (sales); season, level, gaps and "
      "covariates come beside them.",
      fresh, "windows"_a, py::kw_only(), "inputs"_a = "calendar");
  def_fit(
      m, "train_gru",
      [](const py::object& windows, const std::string& inputs, const Options& options) {
        return start<GruCell>("train_gru", windows, inputs, options);
      },
      "Trains a GRU; options as of train_lstm.", fresh, "windows"_a, py::kw_only(),
      "inputs"_a = "calendar");
  const Settings<Options> gentle = {
      .defaults = {.epochs = 5, .learning_rate = 0.001f},
      .omitted = {"hidden", "weekday", "season", "level", "gaps", "covariates", "prior",
                  "prior_days", "skip", "quantiles"}};
  const char* const doc =
      "Trains on from a float model and returns a new one. mask: of prune_mask, holds pruned "
      "weights at 0.";
  def_fit(m, "fine_tune", &tune<AnyLstm>, doc, gentle, "model"_a, "windows"_a, py::kw_only(),
          "mask"_a = py::none());
  def_fit(m, "fine_tune", &tune<AnyGru>, doc, gentle, "model"_a, "windows"_a, py::kw_only(),
          "mask"_a = py::none());
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

  bind_training(m);
}

}  // namespace bodega::python
