// SPDX-License-Identifier: MIT
#include "forecaster.hpp"

namespace bodega::python {
namespace {

/// "calendar": sales and weekdays; "window": sales alone.
WindowInputs to_inputs(const std::string& word) {
  return {.weekday = choose<bool>("lstm, option inputs", word, {{"calendar", true}, {"window", false}})};
}

ForecastLoss to_loss(const std::string& word) {
  return choose<ForecastLoss>("training lstm, option loss", word,
                              {{"huber", ForecastLoss::huber},
                               {"squared", ForecastLoss::squared},
                               {"absolute", ForecastLoss::absolute},
                               {"relative", ForecastLoss::relative}});
}

std::shared_ptr<AnyLstm> from_arrays(const py::object& input, const py::object& recurrent,
                                     const py::object& bias, const py::object& output,
                                     float output_bias, const std::string& inputs, float prior) {
  const auto b = bias.cast<py::array_t<float, py::array::c_style | py::array::forcecast>>();
  RecurrentParts<> parts{.input = to_matrix(input, "Lstm, input"),
                         .recurrent = to_matrix(recurrent, "Lstm, recurrent"),
                         .bias = {b.data(), b.data() + b.size()},
                         .output = to_matrix(output, "Lstm, output"),
                         .output_bias = {output_bias},
                         .inputs = to_inputs(inputs),
                         .prior = prior};
  return with_hidden_size(
      static_cast<int>(parts.recurrent.rows()), "Lstm, rows of recurrent", [&](auto hidden) {
        return std::make_shared<AnyLstm>(Lstm<hidden()>(std::move(parts)));
      });
}

std::shared_ptr<AnyLstm> train(const py::object& windows, int hidden, std::size_t epochs,
                               std::uint64_t seed, float learning_rate, float final_learning_rate,
                               std::size_t batch, float clip_norm, const std::string& loss,
                               float huber_delta, float level_power, double validation_fraction,
                               std::size_t patience, std::size_t threads, const std::string& inputs,
                               float prior, const py::object& progress) {
  const ForecastTrainingOptions options{.epochs = epochs,
                                    .seed = seed,
                                    .learning_rate = learning_rate,
                                    .final_learning_rate = final_learning_rate,
                                    .batch = batch,
                                    .clip_norm = clip_norm,
                                    .loss = to_loss(loss),
                                    .huber_delta = huber_delta,
                                    .level_power = level_power,
                                    .validation_fraction = validation_fraction,
                                    .patience = patience,
                                    .threads = threads,
                                    .inputs = to_inputs(inputs),
                                    .prior = prior,
                                    .progress = progress_callback(progress)};
  const SalesWindows all = to_windows(windows);
  return with_hidden_size(hidden, "training lstm, option hidden", [&](auto size) {
    return unlocked([&] { return std::make_shared<AnyLstm>(train_lstm<size()>(all, options)); });
  });
}

std::shared_ptr<AnyLstm> tune(const AnyLstm& model, const py::object& windows,
                              const std::optional<PruneMask>& mask, std::size_t epochs,
                              std::uint64_t seed, float learning_rate, float final_learning_rate,
                              std::size_t batch, float clip_norm, const std::string& loss,
                              float huber_delta, float level_power, double validation_fraction,
                              std::size_t patience, std::size_t threads,
                              const py::object& progress) {
  const ForecastTrainingOptions options{.epochs = epochs,
                                    .seed = seed,
                                    .learning_rate = learning_rate,
                                    .final_learning_rate = final_learning_rate,
                                    .batch = batch,
                                    .clip_norm = clip_norm,
                                    .loss = to_loss(loss),
                                    .huber_delta = huber_delta,
                                    .level_power = level_power,
                                    .validation_fraction = validation_fraction,
                                    .patience = patience,
                                    .threads = threads,
                                    .progress = progress_callback(progress)};
  const SalesWindows all = to_windows(windows);
  return unlocked([&] {
    return model.visit([&]<class M>(const M& network) -> std::shared_ptr<AnyLstm> {
      if constexpr (Quantizable<M>)
        return std::make_shared<AnyLstm>(fine_tune(network, all, options, [&](M& after_step) {
          if (mask) apply_mask(*mask, after_step);
        }));
      else
        refuse("fine-tuning lstm", "float weights: dequantize it first", "INT8 lstm");
    });
  });
}

}  // namespace

void bind_lstm(py::module_& m) {
  model_class<AnyLstm, Model, AnyForecaster>(
      m, "Lstm",
      "A long short-term memory over the 14 days of a window: the share of the window's level that "
      "is expected on the target day. Made by train_lstm, or from numbers trained elsewhere.")
      .def(
          py::init(&from_arrays), "input"_a, "recurrent"_a, "bias"_a, "output"_a,
          "output_bias"_a = 1.0f, py::kw_only(), "inputs"_a = "calendar", "prior"_a = 1.0f,
          "input: I x 4H (I = 9 with inputs='calendar', 1 with 'window'); recurrent: H x 4H; bias: "
          "4H; output: 1 x H; gates in the order input, forget, candidate, output.")
      .def_property_readonly(
          "hidden",
          [](const AnyLstm& self) {
            return self.visit([]<class M>(const M&) { return M::hidden_size; });
          },
          "Hidden size.")
      .def_property_readonly(
          "inputs",
          [](const AnyLstm& self) {
            return self.visit([](const auto& model) {
              return model.inputs().weekday ? "calendar" : "window";
            });
          },
          "\"calendar\" (sales and weekdays) or \"window\" (sales).")
      .def_property_readonly(
          "prior",
          [](const AnyLstm& self) {
            return self.visit([](const auto& model) { return model.prior(); });
          },
          "Units added to the sum of a window before it is taken for a level.");

  const ForecastTrainingOptions d;
  m.def("train_lstm", &train, "windows"_a, py::kw_only(), "hidden"_a = 16, "epochs"_a = d.epochs,
        "seed"_a = d.seed, "learning_rate"_a = d.learning_rate,
        "final_learning_rate"_a = d.final_learning_rate, "batch"_a = d.batch,
        "clip_norm"_a = d.clip_norm, "loss"_a = "huber", "huber_delta"_a = d.huber_delta,
        "level_power"_a = d.level_power, "validation_fraction"_a = d.validation_fraction,
        "patience"_a = d.patience, "threads"_a = d.threads, "inputs"_a = "calendar",
        "prior"_a = d.prior, "progress"_a = py::none(),
        "Trains an LSTM on SalesWindows, or on all windows of a DailySales. hidden: 8, 16, 32 or "
        "64. The last target days (validation_fraction) are held back and end the training when "
        "they are no longer forecast better. Same windows, options and seed give the same numbers "
        "at any number of threads (0 = all cores). loss: 'huber', 'squared', 'absolute' or "
        "'relative'. "
        "level_power: a window counts by its level to this power.");
  m.def("fine_tune", &tune, "model"_a, "windows"_a, py::kw_only(), "mask"_a = py::none(),
        "epochs"_a = 5, "seed"_a = d.seed, "learning_rate"_a = 0.001f,
        "final_learning_rate"_a = d.final_learning_rate, "batch"_a = d.batch,
        "clip_norm"_a = d.clip_norm, "loss"_a = "huber", "huber_delta"_a = d.huber_delta,
        "level_power"_a = d.level_power, "validation_fraction"_a = d.validation_fraction,
        "patience"_a = d.patience, "threads"_a = d.threads, "progress"_a = py::none(),
        "Trains on from a float model and returns a new one. mask: of prune_mask, holds pruned "
        "weights at 0.");
}

}  // namespace bodega::python
