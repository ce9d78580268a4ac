// SPDX-License-Identifier: MIT
// What a demand forecaster weighs and how well it forecasts, from the published figures over naive
// rules to networks of every size that are pruned, quantized, distilled and all of it. Trains on
// the rows of a case folder (make_demand.py) before the test, and scores the test rows once per
// model.
//
// --forecasts writes those of the first seed, a file a row, for score_demand.py. What each network
// sees and how it is trained is told at `recipe_of` below.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <bodega/bundle/bundle.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/evaluate/forecasting.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/factor_mean.hpp>
#include <bodega/forecast/pooled_level.hpp>
#include <bodega/forecast/pooled_level_trainer.hpp>
#include <bodega/forecast/recurrent/distill.hpp>
#include <bodega/forecast/recurrent/pipeline.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>

#include "support/arguments.hpp"
#include "support/demand_cases.hpp"
#include "support/telling.hpp"
#include "support/text.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::DemandCases;
using bodega_benchmark::fixed;
using bodega_benchmark::show_progress;
using bodega_benchmark::tell;

/// 14 days of sales times the weekday that those 14 days look like: what can be known of the
/// calendar by one who sees only the window. Each weekday that the target may be is weighed by the
/// chance that such a fortnight is sold then (multinomial).
struct InferredWeekday {
  WeekdayMean factors;

  float forecast(const SalesWindow& window) const noexcept {
    std::array<double, 7> likelihood{}, units{};
    double sold = 0;
    for (const float s : window.sales) sold += s;
    for (std::size_t target = 0; target < 7; ++target) {
      const auto factor = [&](Day day) {
        const int ahead = static_cast<int>(window.target - day) % 7;
        return double{factors.factors()[(target + 7 - static_cast<std::size_t>(ahead)) % 7]};
      };
      double expected = 0;
      for (const Day day : window.days) expected += factor(day);
      for (std::size_t i = 0; i < window_days; ++i)
        if (window.sales[i] > 0)
          likelihood[target] += window.sales[i] * std::log(factor(window.days[i]) / expected);
      units[target] = expected > 0 ? sold / expected * factor(window.target) : 0;
    }
    const double best = *std::max_element(likelihood.begin(), likelihood.end());
    if (!std::isfinite(best)) return WindowMean{}.forecast(window);
    double sum = 0, all = 0;
    for (std::size_t target = 0; target < 7; ++target) {
      const double weight = std::exp(likelihood[target] - best);
      all += weight;
      sum += weight * units[target];
    }
    return static_cast<float>(sum / all);
  }
};

/// What a forecaster may know, as the protocol tells it apart.
enum class Setting { window, calendar, long_history };
constexpr std::array settings = {std::pair{Setting::window, "window"},
                                 std::pair{Setting::calendar, "window+calendar"},
                                 std::pair{Setting::long_history, "long history"}};

const char* name(Setting setting) { return settings[static_cast<std::size_t>(setting)].second; }

/// A model in one format, with what was measured at each seed.
struct Row {
  std::string model, inputs, format;
  std::size_t hidden = 0;  ///< 0: no network
  bool published = false;
  std::size_t parameters = 0, payload_bytes = 0, file_bytes = 0;  ///< the largest over the seeds
  std::size_t series_bytes = 0;                 ///< of the payload: constants of the series
  std::vector<double> mape{}, wmape{}, bias{};  ///< percent
  std::vector<double> pinball{}, coverage{};    ///< of Poisson quantiles around the forecast
  std::vector<double> delta{};  ///< MAPE above that of the FP32 parent of the same seed, in points

  bool naive() const { return hidden == 0; }
};

double mean(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// Nothing where there is no spread to speak of.
std::optional<double> deviation(std::span<const double> values) {
  if (values.size() < 2) return {};
  const double middle = mean(values);
  double squares = 0;
  for (const double v : values) squares += (v - middle) * (v - middle);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

/// Sizes are parameters times 4 or 1 and count no index, scale or header; the split is not told.
std::vector<Row> published_rows() {
  struct Entry {
    std::size_t hidden;
    const char* format;
    std::size_t parameters;
    double kilobytes, mape;
  };
  constexpr std::array<Entry, 7> entries = {{{64, "FP32", 16961, 66.25, 15.92},
                                             {32, "FP32", 4385, 17.13, 16.22},
                                             {16, "FP32", 1169, 4.57, 16.74},
                                             {32, "pruned 30 %", 3069, 11.99, 16.04},
                                             {32, "pruned 50 %", 2191, 8.56, 16.20},
                                             {32, "pruned 70 %", 1316, 5.14, 16.84},
                                             {32, "INT8", 4385, 4.28, 16.21}}};
  std::vector<Row> rows;
  for (const Entry& entry : entries) {
    Row row{"LSTM-" + std::to_string(entry.hidden) + " (published)",
            "window",
            entry.format,
            entry.hidden,
            true,
            entry.parameters};
    row.payload_bytes = static_cast<std::size_t>(entry.kilobytes * 1024 + 0.5);
    row.mape = {entry.mape};
    if (row.format != "FP32") row.delta = {entry.mape - entries[1].mape};
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The case folder as the models of a setting want it: windows to fit on, and the test rows.
class Task {
 public:
  Task(const DemandCases& cases, Setting setting) : cases_(cases), setting_(setting) {
    SalesWindows all = cases.windows();
    if (all.before(cases.test_from).empty() || cases.test.empty())
      throw Error(ErrorCode::invalid_argument, "the cases", "rows to fit on and rows to score",
                  "none");
    if (setting != Setting::window)
      factors_ =
          fit_demand_factors(all.before(cases.test_from), {.series = setting == Setting::calendar});
    if (setting == Setting::long_history) all = with_pooled_levels(all, factors_);
    fit_ = all.before(cases.test_from);
    test_ = all.from(cases.test_from);

    std::map<std::pair<std::int32_t, std::uint32_t>, std::uint32_t> window;
    for (std::size_t w = 0; w < test_.size(); ++w)
      window[{test_.target(w).days_since_1970(), test_.item(w).value()}] =
          static_cast<std::uint32_t>(w);
    for (const auto& row : cases.test) {
      const auto found = window.find({row.day.days_since_1970(), row.series.value()});
      if (found == window.end())
        unanswered_.push_back(row.sold);
      else
        asked_.push_back(found->second);
    }
  }

  Setting setting() const noexcept { return setting_; }
  /// Train and validation windows.
  const SalesWindows& fit() const noexcept { return fit_; }
  /// None where the setting is the window's.
  const DemandFactors<>& factors() const noexcept { return factors_; }
  std::size_t unanswered() const noexcept { return unanswered_.size(); }

  /// Adds to the row what the scored test rows say; one without a window, which no forecaster can
  /// answer, counts as 0.
  template <Forecaster F>
  void score(const F& forecaster, Row& row) const {
    ForecastErrors errors;
    QuantileErrors quantiles(levels);
    const auto add = [&](float sold, float units) {
      errors.add(double{sold}, double{units});
      quantiles.add(double{sold}, quantiles_around(units));
    };
    for (const float sold : unanswered_) add(sold, 0);
    for (const std::uint32_t w : asked_) add(test_.actual(w), forecaster.forecast(test_[w]));
    row.mape.push_back(100 * errors.mape());
    row.wmape.push_back(100 * errors.wmape());
    row.bias.push_back(100 * errors.bias());
    row.pinball.push_back(quantiles.pinball());
    row.coverage.push_back(quantiles.coverage());
  }

  /// As score_demand.py reads them.
  template <Forecaster F>
  std::string forecasts(const F& forecaster) const {
    bodega_benchmark::ForecastTable table(cases_);
    for (const std::uint32_t w : asked_) {
      const float units = forecaster.forecast(test_[w]);
      table.add(test_.target(w), test_.item(w), units, quantiles_around(units));
    }
    return table.text();
  }

 private:
  static constexpr std::array<float, 3> levels{0.1f, 0.5f, 0.9f};

  /// Poisson's.
  static std::array<float, levels.size()> quantiles_around(float units) noexcept {
    std::array<float, levels.size()> around{};
    for (std::size_t q = 0; q < levels.size(); ++q) around[q] = count_quantile(units, 0, levels[q]);
    return around;
  }

  const DemandCases& cases_;
  Setting setting_;
  DemandFactors<> factors_;
  SalesWindows fit_, test_;
  std::vector<std::uint32_t> asked_;
  std::vector<float> unanswered_;
};

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
Recipe recipe_of(const Task& task, ForecastLoss loss, std::size_t epochs, std::uint64_t seed) {
  constexpr int level_days = 182;
  const bool window = task.setting() == Setting::window;
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
  if (task.setting() == Setting::calendar) {
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

  const std::vector<Row>& rows() const noexcept { return rows_; }

  void naive(const Task& task) {
    switch (task.setting()) {
      case Setting::window: {
        const WeekdayMean factors = fit_weekday_mean(task.fit());
        measure(task, "last day", LastDay{});
        measure(task, "same weekday a week before", SameWeekday{});
        measure(task, "14-day mean", WindowMean{});
        measure(task, "14-day mean x inferred weekday", InferredWeekday{factors}, factors);
        break;
      }
      case Setting::calendar: {
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
      case Setting::long_history: {
        const FactorMean<> factors(task.factors());
        measure(task, "pooled 182-day level x weekday x month", factors, factors);
      }
    }
  }

  /// Networks of these sizes, largest first, in every format.
  void networks(const Task& task, std::span<const std::size_t> sizes, std::uint64_t seed) {
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
      if (task.setting() != Setting::window) mean_targeting(task, hidden, seed);
    }
  }

 private:
  /// A network that is being made smaller.
  struct Subject {
    const Task& task;
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
    const Network student = distill(detail::initial_network<Network>(options, "report_compression"),
                                    teachers, subject.recipe.windows, options);
    add(subject, student, "distilled");
    add(subject, quantize(student), "distilled + INT8");
  }

  /// The same network for who pays for units and not for percents.
  void mean_targeting(const Task& task, std::size_t hidden, std::uint64_t seed) {
    const Recipe recipe = recipe_of(task, ForecastLoss::absolute, epochs_, seed);
    const Network parent = trained(recipe, hidden);
    Subject subject{task, recipe, hidden, seed, {}, ", absolute loss"};
    subject.parent_mape = add(subject, parent, "FP32");
    add(subject, quantize(parent), "INT8");
  }

  /// Returns the MAPE.
  template <class Model>
  double add(const Subject& subject, const Model& model, const std::string& format) {
    Row row{"LSTM-" + std::to_string(subject.hidden) + subject.suffix, name(subject.task.setting()),
            format, subject.hidden};
    row.parameters = detail::live_parameters(model);
    Row& measured = measure(subject.task, std::move(row), model, model, subject.seed);
    if (subject.parent_mape) measured.delta.push_back(measured.mape.back() - *subject.parent_mape);
    return measured.mape.back();
  }

  template <Forecaster F, class... Stored>
  void measure(const Task& task, const char* rule, const F& forecaster, const Stored&... stored) {
    Row row{rule, name(task.setting()), "rule"};
    ((row.parameters = detail::live_parameters(stored)), ...);
    measure(task, std::move(row), forecaster, stored...);
  }

  /// Scores the model and enters it in its row, the one of this name, inputs and format.
  template <Forecaster F>
  Row& measure(const Task& task, Row row, const F& forecaster) {
    return enter(task, std::move(row), forecaster, 1);
  }
  template <Forecaster F, class Stored>
  Row& measure(const Task& task, Row row, const F& forecaster, const Stored& stored,
               std::uint64_t seed = 1) {
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
  Row& enter(const Task& task, Row row, const F& forecaster, std::uint64_t seed) {
    auto at = std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) {
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
      bodega_benchmark::write_file(forecasts_ / file, task.forecasts(forecaster));
    }
    return *at;
  }

  std::size_t epochs_;
  std::filesystem::path forecasts_;
  std::vector<Row> rows_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The MAPE that the best possible forecast reaches on these simulated data (see the protocols).
std::optional<double> noise_floor(const std::string& dataset) {
  if (dataset == "seed50") return 12.57;
  if (dataset == "seed500") return 11.95;
  return {};
}

std::string markdown(const std::vector<Row>& rows, std::optional<double> floor) {
  std::string text =
      "| model | inputs | format | parameters | payload bytes | of series | file bytes | MAPE % | "
      "sd "
      "| WMAPE % | bias % | pinball | coverage | to FP32 |" +
      std::string(floor ? " above floor |" : "") +
      "\n| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
      " ---: |" +
      (floor ? " ---: |" : "") + "\n";
  const auto cell = [&](const std::string& value) { text += " " + value + " |"; };
  for (const Row& row : rows) {
    text += "|";
    cell(row.model);
    cell(row.inputs);
    cell(row.format);
    cell(std::to_string(row.parameters));
    cell(std::to_string(row.payload_bytes));
    cell(row.series_bytes > 0 ? std::to_string(row.series_bytes) : "");
    cell(row.file_bytes > 0 ? std::to_string(row.file_bytes) : "");
    cell(fixed(mean(row.mape), 2));
    const auto sd = deviation(row.mape);
    cell(sd ? fixed(*sd, 2) : "");
    cell(row.wmape.empty() ? "" : fixed(mean(row.wmape), 2));
    cell(row.bias.empty() ? "" : fixed(mean(row.bias), 1));
    cell(row.pinball.empty() ? "" : fixed(mean(row.pinball), 3));
    cell(row.coverage.empty() ? "" : fixed(mean(row.coverage), 3));
    char delta[32] = "";
    if (!row.delta.empty()) std::snprintf(delta, sizeof delta, "%+.2f", mean(row.delta));
    cell(delta);
    if (floor) cell(row.published ? "" : fixed(mean(row.mape) - *floor, 2));
    text += "\n";
  }
  return text;
}

std::string json(const std::vector<Row>& rows) {
  auto list = nlohmann::ordered_json::array();
  const auto measured = [](bool published, std::size_t number) {
    return published ? nlohmann::ordered_json() : nlohmann::ordered_json(number);
  };
  for (const Row& row : rows) {
    const auto number = [](std::span<const double> values) {
      return values.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(mean(values));
    };
    const auto sd = deviation(row.mape);
    list.push_back({{"model", row.model},
                    {"published", row.published},
                    {"inputs", row.inputs},
                    {"hidden", row.hidden > 0 ? nlohmann::ordered_json(row.hidden) : nullptr},
                    {"format", row.format},
                    {"parameters", row.parameters},
                    {"payload_bytes", row.payload_bytes},
                    {"series_bytes", measured(row.published, row.series_bytes)},
                    {"file_bytes", measured(row.published, row.file_bytes)},
                    {"seeds", measured(row.published, row.mape.size())},
                    {"mape", number(row.mape)},
                    {"mape_sd", sd ? nlohmann::ordered_json(*sd) : nullptr},
                    {"wmape", number(row.wmape)},
                    {"bias", number(row.bias)},
                    {"pinball", number(row.pinball)},
                    {"coverage", number(row.coverage)},
                    {"delta_to_fp32", number(row.delta)}});
  }
  return list.dump(1) + "\n";
}

/// Bytes (logarithmic) against MAPE. Naive rules are lines, since they weigh next to nothing.
class Plot {
 public:
  Plot(const std::vector<Row>& rows, const std::string& dataset, std::optional<double> floor) {
    double least = floor ? *floor : 1e9, most = 0, bytes_least = 1e9, bytes_most = 0;
    for (const Row& row : rows) {
      if (row.naive()) continue;
      const double mape = mean(row.mape), bytes = static_cast<double>(row.payload_bytes);
      least = std::min(least, mape);
      most = std::max(most, mape);
      bytes_least = std::min(bytes_least, bytes);
      bytes_most = std::max(bytes_most, bytes);
    }
    low_ = std::floor(2 * least - 0.4) / 2;
    high_ = std::ceil(2 * most + 0.4) / 2;
    left_ = std::floor(std::log2(bytes_least));
    right_ = std::ceil(std::log2(bytes_most));

    text(width / 2, 24, "What a forecaster weighs and how far it is off (" + dataset + ")",
         "middle", "#111", 16);
    axes();
    std::string beyond;
    for (const Row& row : rows) {
      if (!row.naive()) continue;
      const double mape = mean(row.mape);
      if (mape < high_)
        level(mape, row.model + " " + fixed(mape, 2), "#777", "2 4");
      else
        beyond += (beyond.empty() ? "" : ", ") + row.model + " " + fixed(mape, 2);
    }
    if (!beyond.empty()) text(frame_left, frame_top - 8, "above: " + beyond, "start", "#777");
    if (floor) level(*floor, "noise floor " + fixed(*floor, 2), "#c0392b", "8 4");
    for (const Row& row : rows)
      if (!row.naive()) point(row);
    legend();
  }

  std::string take() && { return std::move(svg_) + "</svg>\n"; }

 private:
  static constexpr double width = 960, height = 670;
  static constexpr double frame_left = 64, frame_right = 700, frame_top = 64, frame_bottom = 560;

  double x(double bytes) const {
    return frame_left + (std::log2(bytes) - left_) / (right_ - left_) * (frame_right - frame_left);
  }
  double y(double mape) const {
    return frame_bottom - (mape - low_) / (high_ - low_) * (frame_bottom - frame_top);
  }

  void text(double at_x, double at_y, const std::string& words, const char* anchor,
            const char* colour, int size = 12) {
    std::string safe;
    for (const char c : words) {
      if (c == '<' || c == '&')
        safe += c == '<' ? "&lt;" : "&amp;";
      else
        safe += c;
    }
    svg_ += "<text x='" + fixed(at_x, 1) + "' y='" + fixed(at_y, 1) + "' text-anchor='" + anchor +
            "' font-size='" + std::to_string(size) + "' fill='" + colour + "'>" + safe +
            "</text>\n";
  }
  void line(double x1, double y1, double x2, double y2, const char* colour, const char* dashes) {
    svg_ += "<line x1='" + fixed(x1, 1) + "' y1='" + fixed(y1, 1) + "' x2='" + fixed(x2, 1) +
            "' y2='" + fixed(y2, 1) + "' stroke='" + colour + "' stroke-dasharray='" + dashes +
            "'/>\n";
  }

  void axes() {
    for (double power = left_; power <= right_; ++power) {
      const double at = x(std::exp2(power));
      line(at, frame_top, at, frame_bottom, "#e4e4e4", "none");
      text(at, frame_bottom + 18,
           power < 10 ? fixed(std::exp2(power), 0) + " B" : fixed(std::exp2(power - 10), 0) + " KB",
           "middle", "#333");
    }
    for (double mape = low_; mape <= high_; mape += 0.5) {
      line(frame_left, y(mape), frame_right, y(mape), "#e4e4e4", "none");
      text(frame_left - 8, y(mape) + 4, fixed(mape, 1), "end", "#333");
    }
    text((frame_left + frame_right) / 2, frame_bottom + 40, "bytes stored (logarithmic)", "middle",
         "#333");
    text(frame_left - 40, frame_top - 28, "MAPE %", "start", "#333");
  }

  void level(double mape, const std::string& words, const char* colour, const char* dashes) {
    line(frame_left, y(mape), frame_right, y(mape), colour, dashes);
    text(frame_right + 8, y(mape) + 4, words, "start", colour);
  }

  static const char* colour(const Row& row) {
    if (row.published) return "#8e44ad";
    if (row.inputs == "window") return "#2471a3";
    return row.inputs == "window+calendar" ? "#229954" : "#b9770e";
  }

  /// FP32 a circle, pruned a triangle, INT8 a square, both a diamond; published ones are hollow.
  void shape(const std::string& format, double cx, double cy, const char* colour, bool hollow,
             const std::string& title) {
    const bool pruned = format.find("pruned") != std::string::npos;
    const bool int8 = format.find("INT") != std::string::npos;
    std::string path = "M";
    const auto corner = [&](double dx, double dy) {
      path += (path.size() > 1 ? " L" : "") + fixed(cx + dx, 1) + " " + fixed(cy + dy, 1);
    };
    if (pruned && int8)
      for (const auto& [dx, dy] : {std::pair{0, -6}, {6, 0}, {0, 6}, {-6, 0}}) corner(dx, dy);
    else if (pruned)
      for (const auto& [dx, dy] : {std::pair{0, -6}, {6, 5}, {-6, 5}}) corner(dx, dy);
    else
      for (const auto& [dx, dy] : {std::pair{-4, -4}, {4, -4}, {4, 4}, {-4, 4}}) corner(dx, dy);
    const std::string paint = std::string("fill='") + (hollow ? "white" : colour) +
                              "' fill-opacity='0.8' stroke='" + colour + "' stroke-width='1.5'>";
    if (pruned || int8)
      svg_ += "<path d='" + path + " Z' " + paint;
    else
      svg_ += "<circle cx='" + fixed(cx, 1) + "' cy='" + fixed(cy, 1) + "' r='5' " + paint;
    svg_ += "<title>" + title + "</title></" + (pruned || int8 ? "path" : "circle") + ">\n";
  }

  void point(const Row& row) {
    const double cx = x(static_cast<double>(row.payload_bytes)), cy = y(mean(row.mape));
    shape(row.format, cx, cy, colour(row), row.published,
          row.model + ", " + row.inputs + ", " + row.format + ": " +
              std::to_string(row.payload_bytes) + " bytes, " + fixed(mean(row.mape), 2) + " %");
    if (row.format == "FP32")
      text(cx + 8, cy - 6, std::to_string(row.hidden), "start", colour(row), 11);
  }

  void legend() {
    const auto entry = [&](int column, int row, const char* format, const char* colour, bool hollow,
                           const char* words) {
      const double at_x = frame_left + 8 + column * 220, at_y = height - 44 + row * 22;
      shape(format, at_x, at_y, colour, hollow, words);
      text(at_x + 14, at_y + 4, words, "start", "#333");
    };
    entry(0, 0, "FP32", "#2471a3", false, "window only");
    entry(1, 0, "FP32", "#229954", false, "window and calendar");
    entry(2, 0, "FP32", "#b9770e", false, "long history");
    entry(3, 0, "FP32", "#8e44ad", true, "published (no index or scale)");
    entry(0, 1, "FP32", "#555", false, "FP32, with its hidden size");
    entry(1, 1, "pruned", "#555", false, "pruned 30, 50, 70 %");
    entry(2, 1, "INT8", "#555", false, "INT8, INT4");
    entry(3, 1, "pruned INT8", "#555", false, "pruned 50 % and INT8");
  }

  double low_ = 0, high_ = 0, left_ = 0, right_ = 0;
  std::string svg_ =
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 960 670' font-family='sans-serif'>\n"
      "<rect width='960' height='670' fill='white'/>\n";
};

struct Settings {
  std::filesystem::path cases, json, plot, forecasts;
  std::vector<Setting> inputs;  ///< none: all
  std::size_t seeds = 3, epochs = 20;
};

void run(Settings arguments) {
  if (arguments.inputs.empty())
    for (const auto& [setting, name] : settings) arguments.inputs.push_back(setting);
  const DemandCases cases = bodega_benchmark::read_demand_cases(arguments.cases);
  if (!arguments.forecasts.empty()) std::filesystem::create_directories(arguments.forecasts);
  Report report(arguments.epochs, arguments.forecasts);
  std::size_t unanswered = 0;
  for (const Setting setting : arguments.inputs) {
    const Task task(cases, setting);
    report.naive(task);
    const std::vector<std::size_t> sizes = setting == Setting::window
                                               ? std::vector<std::size_t>{64, 32, 16, 8, 4}
                                               : std::vector<std::size_t>{16, 8, 4, 2};
    for (std::uint64_t seed = 1; seed <= arguments.seeds; ++seed)
      report.networks(task, sizes, seed);
    unanswered = task.unanswered();
  }

  const auto floor = noise_floor(cases.dataset);
  std::printf("%s: %zu series, %zu test forecasts, %zu seeds\n\n%s", cases.dataset.c_str(),
              cases.series.size(), cases.test.size(), arguments.seeds,
              markdown(report.rows(), floor).c_str());
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
  if (!arguments.json.empty()) bodega_benchmark::write_file(arguments.json, json(report.rows()));
  if (!arguments.plot.empty())
    bodega_benchmark::write_file(arguments.plot, Plot(report.rows(), cases.dataset, floor).take());
}

}  // namespace

int main(int argc, char** argv) {
  Settings chosen;
  std::vector<std::pair<std::string, Setting>> names;
  for (const auto& [setting, name] : settings) names.emplace_back(name, setting);
  bodega_benchmark::Arguments arguments(
      "What a demand forecaster weighs and how well it forecasts, from naive rules to networks of "
      "every size and format.");
  arguments.need("--cases", "FOLDER", "made by make_demand.py", chosen.cases);
  arguments.list("--inputs", "what a forecaster may know", chosen.inputs, std::move(names));
  arguments.number("--seeds", "N", "networks of each kind", chosen.seeds, 1, 1000);
  arguments.number("--epochs", "N", "of training each", chosen.epochs, 1, 1000);
  arguments.take("--json", "FILE", "where the table goes as JSON", chosen.json);
  arguments.take("--plot", "FILE.svg", "where bytes against MAPE are drawn", chosen.plot);
  arguments.take("--forecasts", "FOLDER",
                 "where the first seed's forecasts go, a file a row, for score_demand.py",
                 chosen.forecasts);
  return arguments.run(argc, argv, [&] { run(chosen); });
}
