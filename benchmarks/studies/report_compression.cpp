// SPDX-License-Identifier: MIT
// What a demand forecaster weighs and how well it forecasts, from the published figures over naive
// rules to networks of every size that are pruned, quantized, distilled and all of it. Trains on
// the rows of a case folder (make_demand.py) before the test, and scores the test rows once per
// model.
//
// --forecasts writes those of the first seed, a file a row, for score_demand.py. What each network
// sees and how it is trained is told at `recipe_of` below.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/factor_mean.hpp>
#include <bodega/forecast/recurrent/distill.hpp>
#include <bodega/forecast/recurrent/pipeline.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>

#include "support/arguments.hpp"
#include "support/compression_plot.hpp"
#include "support/compression_row.hpp"
#include "support/compression_tables.hpp"
#include "support/compression_task.hpp"
#include "support/demand_cases.hpp"
#include "support/inferred_weekday.hpp"
#include "support/telling.hpp"
#include "support/text.hpp"

namespace {

using namespace bodega;
using namespace bodega_benchmark;

/// How a network is trained, the same at every size and for every data set. Chosen on the
/// validation rows of seed50; prior_days also on the years 2015 and 2016 of its training rows,
/// because the validation rows do not cross the turn of a year.
struct Recipe {
  SalesWindows windows;
  ForecastTrainingOptions options;
};

/// window: the sales over the window's level, and that level. window+calendar: over weekday and
/// month factors too, around a level that leans on the series' own of the last half year (so the
/// windows of that half year are what is learnt from), with weights on the window's days past the
/// network. long history: the same around a level of months that is pooled over all series.
Recipe recipe_of(const CompressionTask& task, ForecastLoss loss, std::size_t epochs,
                 std::uint64_t seed) {
  constexpr int level_days = 182;
  const bool window = task.inputs() == Inputs::window;
  Recipe recipe{task.fit(),
                {.epochs = epochs,
                 .seed = seed,
                 .final_learning_rate = 0.01f,
                 .schedule = LearningRateSchedule::cosine,
                 .batch = window ? 32u : 64u,
                 .loss = loss,
                 .level_power = loss == ForecastLoss::relative ? 0.0f : 1.0f,
                 .validation_fraction = 0,
                 .progress = show_progress(),
                 .inputs = {.weekday = false, .level = true},
                 .factors = task.factors(),
                 .skip = !window}};
  if (task.inputs() == Inputs::calendar) {
    recipe.options.prior_days = 4;
    recipe.windows =
        recipe.windows.from(recipe.windows.target(recipe.windows.size() - 1) - (level_days - 1));
  }
  return recipe;
}

/// Training on, with a mask or seen as quantized.
ForecastTrainingOptions tuning(ForecastTrainingOptions options) {
  options.epochs = std::max<std::size_t>(1, options.epochs / 2);
  options.learning_rate *= 0.3f;
  return options;
}

using Network = Lstm<run_time>;

class Report {
 public:
  Report(std::size_t epochs, std::filesystem::path forecasts)
      : epochs_(epochs), forecasts_(std::move(forecasts)), rows_(published_rows()) {}

  const std::vector<CompressionRow>& rows() const noexcept { return rows_; }

  void naive(const CompressionTask& task) {
    switch (task.inputs()) {
      case Inputs::window: {
        const WeekdayMean factors = fit_weekday_mean(task.fit());
        measure(task, "last day", LastDay{});
        measure(task, "same weekday a week before", SameWeekday{});
        measure(task, "14-day mean", WindowMean{});
        measure(task, "14-day mean x inferred weekday", InferredWeekday{factors}, factors);
        break;
      }
      case Inputs::calendar: {
        const WeekdayMean weekdays = fit_weekday_mean(task.fit());
        const FactorMean<> factors(fit_demand_factors(task.fit()));
        measure(task, "14-day level x weekday", weekdays, weekdays);
        measure(task, "14-day level x weekday x month", factors, factors);
        const FactorMean<> leaning(task.factors(), 0, 7);  // chosen as `recipe_of` tells
        const auto small = quantize(leaning);
        measure(task, "the same, leaning on the series' level", leaning, leaning);
        measure(task, "the same, leaning on the series' level, INT8", small, small);
        break;
      }
      case Inputs::long_history: {
        const FactorMean<> factors(task.factors());
        measure(task, "pooled 182-day level x weekday x month", factors, factors);
      }
    }
  }

  /// Networks of these sizes, largest first, in every format.
  void networks(const CompressionTask& task, std::span<const std::size_t> sizes,
                std::uint64_t seed) {
    std::vector<Network> larger;
    for (const std::size_t hidden : sizes) {
      const Recipe recipe = recipe_of(task, ForecastLoss::relative, epochs_, seed);
      const Network parent = trained(recipe, hidden);
      const Subject subject{task, recipe, hidden, seed,
                            add({task, recipe, hidden, seed, {}}, parent, "FP32")};
      pruned(subject, parent);
      quantized(subject, parent);
      if (larger.size() >= 2) distilled(subject, larger);
      larger.push_back(parent);
      if (task.inputs() != Inputs::window) mean_targeting(task, hidden, seed);
    }
  }

 private:
  /// A network that is being made smaller.
  struct Subject {
    const CompressionTask& task;
    const Recipe& recipe;
    std::size_t hidden;
    std::uint64_t seed;
    std::optional<double> parent_mape;
    std::string suffix{};
  };

  static Network trained(const Recipe& recipe, std::size_t hidden) {
    ForecastTrainingOptions options = recipe.options;
    options.hidden = hidden;
    return train_lstm<run_time>(recipe.windows, options);
  }

  void pruned(const Subject& subject, const Network& parent) {
    const ForecastTrainingOptions options = tuning(subject.recipe.options);
    const std::size_t steps =
        options.epochs * ((subject.recipe.windows.size() + options.batch - 1) / options.batch);
    for (const int percent : {30, 50, 70}) {
      GradualPruning pruning({.sparsity = static_cast<float>(percent) / 100,
                              .last_step = std::max<std::size_t>(1, steps * 2 / 3)});
      TrainingHooks<Network> hooks;
      hooks.after_step = std::ref(pruning);
      const Network small = fine_tune(parent, subject.recipe.windows, options, hooks);
      const std::string format = "pruned " + std::to_string(percent) + " %";
      add(subject, small, format);
      if (percent == 50) add(subject, quantize(small), format + " + INT8");
    }
    if (subject.hidden == 32) {
      const auto& windows = subject.recipe.windows;
      const std::size_t sample = std::min<std::size_t>(windows.size(), 500);
      const Network kept = fine_tune(
          prune_units(parent, subject.hidden / 2,
                      unit_losses(parent, windows.slice(windows.size() - sample, windows.size()))),
          windows, options);
      add(subject, kept, "16 of its units");
      add(subject, quantize(kept), "16 of its units + INT8");
    }
  }

  void quantized(const Subject& subject, const Network& parent) {
    add(subject, quantize(parent), "INT8");
    add(subject, with_half_states(quantize(parent)), "INT8, biases in 16 bits");
    if (subject.hidden == 32) {
      add(subject, quantize(parent, {.granularity = Granularity::per_tensor}), "INT8 per tensor");
      add(subject, quantize(parent, {.granularity = Granularity::per_gate}), "INT8 per gate");
      add(subject, quantize(parent, {.scheme = Scheme::affine}), "INT8 affine");
    }
    const QuantizeOptions four{.bits = 4};
    add(subject, quantize(parent, four), "INT4");
    TrainingHooks<Network> hooks;
    hooks.seen_as = [&](const Network& model) { return as_if_quantized(model, four); };
    add(subject,
        quantize(fine_tune(parent, subject.recipe.windows, tuning(subject.recipe.options), hooks),
                 four),
        "INT4, trained for it");
  }

  /// Taught by the two larger networks.
  void distilled(const Subject& subject, std::span<const Network> larger) {
    TeacherForecasts teachers(subject.recipe.windows, {});
    for (const Network& teacher : larger.last(2)) teachers.add(teacher);
    ForecastTrainingOptions options = subject.recipe.options;
    options.hidden = subject.hidden;
    const Network student =
        distill(bodega::detail::initial_network<Network>(options, "report_compression"), teachers,
                subject.recipe.windows, options);
    add(subject, student, "distilled");
    add(subject, quantize(student), "distilled + INT8");
  }

  /// The same network for who pays for units and not for percents.
  void mean_targeting(const CompressionTask& task, std::size_t hidden, std::uint64_t seed) {
    const Recipe recipe = recipe_of(task, ForecastLoss::absolute, epochs_, seed);
    const Network parent = trained(recipe, hidden);
    Subject subject{task, recipe, hidden, seed, {}, ", absolute loss"};
    subject.parent_mape = add(subject, parent, "FP32");
    add(subject, quantize(parent), "INT8");
  }

  /// Returns the MAPE.
  template <class Model>
  double add(const Subject& subject, const Model& model, const std::string& format) {
    CompressionRow row{"LSTM-" + std::to_string(subject.hidden) + subject.suffix,
                       name(subject.task.inputs()), format, subject.hidden};
    row.parameters = bodega::detail::live_parameters(model);
    CompressionRow& measured = measure(subject.task, std::move(row), model, model, subject.seed);
    if (subject.parent_mape) measured.delta.push_back(measured.mape.back() - *subject.parent_mape);
    return measured.mape.back();
  }

  template <Forecaster F, class... Stored>
  void measure(const CompressionTask& task, const char* rule, const F& forecaster,
               const Stored&... stored) {
    CompressionRow row{rule, name(task.inputs()), "rule"};
    ((row.parameters = bodega::detail::live_parameters(stored)), ...);
    measure(task, std::move(row), forecaster, stored...);
  }

  /// Scores the model and enters it in its row, the one of this name, inputs and format.
  template <Forecaster F>
  CompressionRow& measure(const CompressionTask& task, CompressionRow row, const F& forecaster) {
    return enter(task, std::move(row), forecaster, 1);
  }
  template <Forecaster F, class Stored>
  CompressionRow& measure(const CompressionTask& task, CompressionRow row, const F& forecaster,
                          const Stored& stored, std::uint64_t seed = 1) {
    const SizeReport sizes = size_report(stored);
    row.payload_bytes = sizes.bytes;
    for (const SizeRow& tensor : sizes.rows)
      if (tensor.tensor.find("factors.series") != std::string::npos)
        row.series_bytes += tensor.bytes;
    Bundle bundle;
    bundle.add("demand", stored);
    row.file_bytes = bundle.serialize().size();
    return enter(task, std::move(row), forecaster, seed);
  }

  template <Forecaster F>
  CompressionRow& enter(const CompressionTask& task, CompressionRow row, const F& forecaster,
                        std::uint64_t seed) {
    auto at = std::find_if(rows_.begin(), rows_.end(), [&](const CompressionRow& r) {
      return r.model == row.model && r.inputs == row.inputs && r.format == row.format;
    });
    if (at == rows_.end()) at = rows_.insert(rows_.end(), row);
    at->parameters = std::max(at->parameters, row.parameters);
    at->payload_bytes = std::max(at->payload_bytes, row.payload_bytes);
    at->series_bytes = std::max(at->series_bytes, row.series_bytes);
    at->file_bytes = std::max(at->file_bytes, row.file_bytes);
    task.score(forecaster, *at);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start_;
    tell(fixed(took.count(), 0) + " s, seed " + std::to_string(seed) + ": " + row.model + ", " +
         row.inputs + ", " + row.format + ": " + std::to_string(at->payload_bytes) +
         " bytes, MAPE " + fixed(at->mape.back(), 2) + " %, WMAPE " + fixed(at->wmape.back(), 2) +
         " %");
    if (!forecasts_.empty() && seed == 1) {
      std::string file = row.model + "_" + row.inputs + "_" + row.format + ".csv";
      std::erase_if(file, [](char c) { return c == ' ' || c == '%' || c == ','; });
      write_file(forecasts_ / file, task.forecasts(forecaster));
    }
    return *at;
  }

  std::size_t epochs_;
  std::filesystem::path forecasts_;
  std::vector<CompressionRow> rows_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The MAPE that the best possible forecast reaches on these simulated data (see
/// protocols/README.md).
std::optional<double> noise_floor(const std::string& dataset) {
  if (dataset == "seed50") return 12.57;
  if (dataset == "seed500") return 11.95;
  return {};
}

struct Settings {
  std::filesystem::path cases, json, plot, forecasts;
  std::vector<Inputs> inputs = {Inputs::window, Inputs::calendar, Inputs::long_history};
  std::size_t seeds = 3, epochs = 20;
};

/// What a reader of the table must know.
void print_notes(const DemandCases& cases, std::optional<double> floor, std::size_t unanswered) {
  std::printf(
      "\nPublished sizes are parameters x 4 or 1, their split is not known. Payload: all bytes "
      "that a\n"
      "file stores for the model, and those of them that are constants of the series; file: a "
      "file\n"
      "with it alone. INT8 is symmetric per row where nothing else is said. Quantiles are "
      "Poisson's\n"
      "around the forecast. The loss is MAPE's where no other is named.\n");
  if (floor) std::printf("Noise floor: MAPE %.2f %%.\n", *floor);
  if (unanswered > 0)
    std::printf("%zu test rows have no window of 14 days with trade: counted as a forecast of 0.\n",
                unanswered);
  for (std::size_t c = 0; c < cases.sales.days(); ++c)
    if (!cases.sales.traded(c)) {
      std::printf("Days without trade are left out: a window may reach back over 14 days.\n");
      break;
    }
}

void run(const Settings& settings) {
  const DemandCases cases = read_demand_cases(settings.cases);
  if (!settings.forecasts.empty()) std::filesystem::create_directories(settings.forecasts);
  Report report(settings.epochs, settings.forecasts);
  std::size_t unanswered = 0;
  for (const Inputs inputs : settings.inputs) {
    const CompressionTask task(cases, inputs);
    report.naive(task);
    const std::vector<std::size_t> sizes = inputs == Inputs::window
                                               ? std::vector<std::size_t>{64, 32, 16, 8, 4}
                                               : std::vector<std::size_t>{16, 8, 4, 2};
    for (std::uint64_t seed = 1; seed <= settings.seeds; ++seed) report.networks(task, sizes, seed);
    unanswered = task.unanswered();
  }

  const auto floor = noise_floor(cases.dataset);
  std::printf("%s: %zu series, %zu test forecasts, %zu seeds\n\n%s", cases.dataset.c_str(),
              cases.series.size(), cases.test.size(), settings.seeds,
              compression_markdown(report.rows(), floor).c_str());
  print_notes(cases, floor, unanswered);
  if (!settings.json.empty()) write_file(settings.json, compression_json(report.rows()));
  if (!settings.plot.empty())
    write_file(settings.plot, CompressionPlot(report.rows(), cases.dataset, floor).take());
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  std::vector<std::pair<std::string, Inputs>> names;
  for (const Inputs inputs : settings.inputs) names.emplace_back(name(inputs), inputs);
  Arguments arguments(
      "What a demand forecaster weighs and how well it forecasts, from naive rules to networks of "
      "every size and format.");
  arguments.need("--cases", "FOLDER", "made by make_demand.py", settings.cases);
  arguments.list("--inputs", "what a forecaster may know", settings.inputs, std::move(names));
  arguments.number("--seeds", "N", "networks of each kind", settings.seeds, 1, 1000);
  arguments.number("--epochs", "N", "of training each", settings.epochs, 1, 1000);
  arguments.take("--json", "FILE", "where the table goes as JSON", settings.json);
  arguments.take("--plot", "FILE.svg", "where bytes against MAPE are drawn", settings.plot);
  arguments.take("--forecasts", "FOLDER",
                 "where the first seed's forecasts go, a file a row, for score_demand.py",
                 settings.forecasts);
  return arguments.run(argc, argv, [&] { run(settings); });
}
