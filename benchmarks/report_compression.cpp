// SPDX-License-Identifier: MIT
// What a demand forecaster weighs and how well it forecasts, from the published figures over naive
// rules to networks of every size that are pruned, quantized and both. Trains on the rows of a case
// folder (make_demand.py) before the test, and scores the test rows once per model.
//
//   report_compression --cases FOLDER [--seeds 3] [--epochs 20] [--json FILE] [--plot FILE.svg]
//                      [--forecasts FOLDER]
//
// --forecasts writes those of the first seed, a file a row, for score_demand.py.
//
// Recipe, the same at every size: MAPE-weighted loss, early stopping on the validation rows, then a
// quarter as many epochs at a low rate on training and validation rows together. A pruned network
// is trained on in the same way under its mask.

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
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
#include <bodega/forecast/recurrent_trainer.hpp>

#include "demand_cases.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::DemandCases;

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

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

/// A model in one format, with what was measured at each seed.
struct Row {
  std::string model, inputs, format;
  int hidden = 0;  ///< 0: no network
  bool published = false;
  std::size_t parameters = 0, payload_bytes = 0, file_bytes = 0;  ///< the largest over the seeds
  std::vector<double> mape{}, wmape{}, bias{};                    ///< percent
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
    int hidden;
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
    Row row{"LSTM-" + std::to_string(entry.hidden) + " (published)", "window", entry.format,
            entry.hidden, true, entry.parameters};
    row.payload_bytes = static_cast<std::size_t>(entry.kilobytes * 1024 + 0.5);
    row.mape = {entry.mape};
    if (row.format != "FP32") row.delta = {entry.mape - entries[1].mape};
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The case folder as models want it: windows to fit on, and the test rows to answer.
class Task {
 public:
  explicit Task(const DemandCases& cases) : cases_(cases) {
    const SalesWindows all(cases.sales);
    fit_ = all.before(cases.test_from);
    test_ = all.from(cases.test_from);
    if (fit_.empty() || cases.test.empty())
      throw Error(ErrorCode::invalid_argument, "the cases", "rows to fit on and rows to score",
                  "none");
    validation_fraction_ = static_cast<double>(target_days(cases.valid_from)) /
                           static_cast<double>(target_days(fit_.target(0)));

    std::map<std::pair<std::int32_t, std::uint32_t>, std::uint32_t> window;
    for (std::size_t w = 0; w < test_.size(); ++w)
      window[{test_.target(w).days_since_1970(), test_.item(w).value()}] =
          static_cast<std::uint32_t>(w);
    for (const auto& row : cases.test) {
      const auto found = window.find({row.day.days_since_1970(), row.series.value()});
      if (found == window.end())
        unanswered_.add(row.sold, 0);
      else
        asked_.push_back(found->second);
    }
  }

  /// Train and validation windows.
  const SalesWindows& fit() const noexcept { return fit_; }
  /// The share of `fit` that is validation.
  double validation_fraction() const noexcept { return validation_fraction_; }
  std::size_t unanswered() const noexcept { return unanswered_.count(); }

  /// Of the scored test rows; one without a window, which no forecaster can answer, counts as 0.
  template <Forecaster F>
  ForecastErrors score(const F& forecaster) const {
    ForecastErrors errors = unanswered_;
    for (const std::uint32_t w : asked_) errors.add(test_.actual(w), forecaster.forecast(test_[w]));
    return errors;
  }

  /// As score_demand.py reads them.
  template <Forecaster F>
  std::string forecasts(const F& forecaster) const {
    std::string csv = "date";
    for (const std::string& key : cases_.keys) csv += "," + key;
    csv += ",forecast\n";
    for (const std::uint32_t w : asked_) {
      const std::string day = test_.target(w).to_string();
      const std::string units = fixed(forecaster.forecast(test_[w]), 6);
      std::vector<std::string_view> fields = {day};
      const auto& key = cases_.series[test_.item(w).value()];
      fields.insert(fields.end(), key.begin(), key.end());
      fields.push_back(units);
      append_csv(csv, fields);
    }
    return csv;
  }

 private:
  /// Days with trade from `first` to the last before the test.
  std::size_t target_days(Day first) const {
    std::size_t days = 0;
    for (std::size_t c = 0; c < cases_.sales.days() && cases_.sales.day(c) < cases_.test_from; ++c)
      days += cases_.sales.traded(c) && !(cases_.sales.day(c) < first);
    return days;
  }

  const DemandCases& cases_;
  SalesWindows fit_, test_;
  double validation_fraction_ = 0;
  std::vector<std::uint32_t> asked_;
  ForecastErrors unanswered_;
};

void write(const std::filesystem::path& path, const std::string& text) {
  write_file_atomically(path.string(), std::as_bytes(std::span(text)));
}

/// Learned numbers that are not pruned away.
template <int Hidden>
std::size_t live_parameters(const Lstm<Hidden>& model) {
  std::size_t live = 0;
  Lstm<Hidden>::learned(model, [&]<class P>(std::string_view, const P& part, Role role) {
    if (role == Role::weight)
      live += static_cast<std::size_t>(
          std::count_if(part.data(), part.data() + part.size(), [](float w) { return w != 0; }));
    else
      live += part.size();
  });
  return live;
}

class Report {
 public:
  Report(const Task& task, std::size_t epochs, std::filesystem::path forecasts)
      : task_(task), epochs_(epochs), forecasts_(std::move(forecasts)), rows_(published_rows()) {}

  const std::vector<Row>& rows() const noexcept { return rows_; }

  void naive() {
    const WeekdayMean factors = fit_weekday_mean(task_.fit());
    const std::size_t payload = size_report(factors).bytes, file = file_size(factors);
    measure({"last day", "window", "rule"}, LastDay{});
    measure({"same weekday a week before", "window", "rule"}, SameWeekday{});
    measure({"14-day mean", "window", "rule"}, WindowMean{});
    Row inferred{"14-day mean x inferred weekday", "window", "rule"};
    Row known{"14-day mean x weekday", "window+calendar", "rule"};
    inferred.parameters = known.parameters = factors.factors().size();
    inferred.payload_bytes = known.payload_bytes = payload;
    inferred.file_bytes = known.file_bytes = file;
    measure(std::move(inferred), InferredWeekday{factors});
    measure(std::move(known), factors);
  }

  template <int... Hidden>
  void networks(const WindowInputs& inputs, std::uint64_t seed) {
    (network<Hidden>(inputs, seed), ...);
  }

 private:
  template <int Hidden>
  void network(const WindowInputs& inputs, std::uint64_t seed) {
    ForecastTrainingOptions options;
    options.epochs = epochs_;
    options.seed = seed;
    options.loss = ForecastLoss::relative;
    options.level_power = 0;
    options.inputs = inputs;
    options.validation_fraction = task_.validation_fraction();
    ForecastTrainingOptions on_all = options;
    on_all.validation_fraction = 0;
    on_all.epochs = std::max<std::size_t>(1, epochs_ / 4);
    on_all.learning_rate = 0.002f;

    const auto parent = fine_tune(train_lstm<Hidden>(task_.fit(), options), task_.fit(), on_all);
    const double parent_mape = add(parent, live_parameters(parent), "FP32", seed);
    for (const int percent : {30, 50, 70}) {
      const PruneMask mask = prune_mask(parent, {.sparsity = static_cast<float>(percent) / 100});
      auto pruned = parent;
      apply_mask(mask, pruned);
      pruned = fine_tune(std::move(pruned), task_.fit(), on_all,
                         {.after_step = [&](Lstm<Hidden>& model) { apply_mask(mask, model); }});
      const std::string format = "pruned " + std::to_string(percent) + " %";
      add(pruned, live_parameters(pruned), format, seed, parent_mape);
      if (percent == 50)
        add(quantize(pruned), live_parameters(pruned), format + " + INT8", seed, parent_mape);
    }
    add(quantize(parent), live_parameters(parent), "INT8", seed, parent_mape);
    if constexpr (Hidden == 32)
      for (const Scheme scheme : {Scheme::symmetric, Scheme::affine})
        for (const Granularity granularity : {Granularity::per_row, Granularity::per_tensor}) {
          if (scheme == Scheme::symmetric && granularity == Granularity::per_row) continue;
          add(quantize(parent, {.scheme = scheme, .granularity = granularity}),
              live_parameters(parent),
              std::string("INT8 ") + (scheme == Scheme::affine ? "affine" : "symmetric") +
                  (granularity == Granularity::per_row ? " per row" : " per tensor"),
              seed, parent_mape);
        }
  }

  /// Returns the MAPE.
  template <class Model>
  double add(const Model& model, std::size_t parameters, const std::string& format,
             std::uint64_t seed, std::optional<double> parent_mape = {}) {
    Row row{"LSTM-" + std::to_string(Model::hidden_size),
            model.inputs().weekday ? "window+calendar" : "window", format,
            Model::hidden_size};
    row.parameters = parameters;
    row.payload_bytes = size_report(model).bytes;
    row.file_bytes = file_size(model);
    Row& measured = measure(std::move(row), model, seed);
    if (parent_mape) measured.delta.push_back(measured.mape.back() - *parent_mape);
    return measured.mape.back();
  }

  /// Scores the model and enters it in its row, the one of this name, inputs and format.
  template <Forecaster F>
  Row& measure(Row row, const F& forecaster, std::uint64_t seed = 1) {
    auto at = std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) {
      return r.model == row.model && r.inputs == row.inputs && r.format == row.format;
    });
    if (at == rows_.end()) at = rows_.insert(rows_.end(), row);
    at->parameters = std::max(at->parameters, row.parameters);
    at->payload_bytes = std::max(at->payload_bytes, row.payload_bytes);
    at->file_bytes = std::max(at->file_bytes, row.file_bytes);
    const ForecastErrors errors = task_.score(forecaster);
    at->mape.push_back(100 * errors.mape());
    at->wmape.push_back(100 * errors.wmape());
    at->bias.push_back(100 * errors.bias());
    std::fprintf(stderr, "%6.0f s  seed %d  %s, %s, %s: %zu bytes, MAPE %.2f %%\n",
                 std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(),
                 static_cast<int>(seed), row.model.c_str(), row.inputs.c_str(), row.format.c_str(),
                 at->payload_bytes, at->mape.back());
    if (!forecasts_.empty() && seed == 1) {
      std::string name = row.model + "_" + row.inputs + "_" + row.format + ".csv";
      std::erase_if(name, [](char c) { return c == ' ' || c == '%'; });
      write(forecasts_ / name, task_.forecasts(forecaster));
    }
    return *at;
  }

  template <class Model>
  static std::size_t file_size(const Model& model) {
    Bundle bundle;
    bundle.add("demand", model);
    return bundle.serialize().size();
  }

  const Task& task_;
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
      "| model | inputs | format | parameters | payload bytes | file bytes | MAPE % | sd | WMAPE % "
      "| bias % | to FP32 |" +
      std::string(floor ? " above floor |" : "") +
      "\n| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |" +
      (floor ? " ---: |" : "") + "\n";
  const auto cell = [&](const std::string& value) { text += " " + value + " |"; };
  for (const Row& row : rows) {
    text += "|";
    cell(row.model);
    cell(row.inputs);
    cell(row.format);
    cell(std::to_string(row.parameters));
    cell(std::to_string(row.payload_bytes));
    cell(row.file_bytes > 0 ? std::to_string(row.file_bytes) : "");
    cell(fixed(mean(row.mape), 2));
    const auto sd = deviation(row.mape);
    cell(sd ? fixed(*sd, 2) : "");
    cell(row.wmape.empty() ? "" : fixed(mean(row.wmape), 2));
    cell(row.bias.empty() ? "" : fixed(mean(row.bias), 1));
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
                    {"file_bytes", measured(row.published, row.file_bytes)},
                    {"seeds", measured(row.published, row.mape.size())},
                    {"mape", number(row.mape)},
                    {"mape_sd", sd ? nlohmann::ordered_json(*sd) : nullptr},
                    {"wmape", number(row.wmape)},
                    {"bias", number(row.bias)},
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
    text((frame_left + frame_right) / 2, frame_bottom + 40, "bytes stored (logarithmic)",
         "middle", "#333");
    text(frame_left - 40, frame_top - 28, "MAPE %", "start", "#333");
  }

  void level(double mape, const std::string& words, const char* colour, const char* dashes) {
    line(frame_left, y(mape), frame_right, y(mape), colour, dashes);
    text(frame_right + 8, y(mape) + 4, words, "start", colour);
  }

  static const char* colour(const Row& row) {
    return row.published ? "#8e44ad" : row.inputs == "window" ? "#2471a3" : "#229954";
  }

  /// FP32 a circle, pruned a triangle, INT8 a square, both a diamond; published ones are hollow.
  void shape(const std::string& format, double cx, double cy, const char* colour, bool hollow,
             const std::string& title) {
    const bool pruned = format.find("pruned") != std::string::npos;
    const bool int8 = format.find("INT8") != std::string::npos;
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
    entry(1, 0, "FP32", "#229954", false, "window and weekday");
    entry(2, 0, "FP32", "#8e44ad", true, "published (no index, scale or header)");
    entry(0, 1, "FP32", "#555", false, "FP32, with its hidden size");
    entry(1, 1, "pruned", "#555", false, "pruned 30, 50, 70 %");
    entry(2, 1, "INT8", "#555", false, "INT8");
    entry(3, 1, "pruned INT8", "#555", false, "pruned 50 % and INT8");
  }

  double low_ = 0, high_ = 0, left_ = 0, right_ = 0;
  std::string svg_ =
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 960 670' font-family='sans-serif'>\n"
      "<rect width='960' height='670' fill='white'/>\n";
};

struct Arguments {
  std::filesystem::path cases, json, plot, forecasts;
  std::size_t seeds = 3, epochs = 20;
};

constexpr const char* usage =
    "--cases FOLDER [--seeds 3] [--epochs 20] [--json FILE] [--plot FILE.svg] [--forecasts FOLDER]";

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  const auto count = [](std::string_view option, std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number == 0 || number > 1000)
      throw Error(ErrorCode::invalid_argument, std::string(option), "a number from 1 to 1000",
                  "'" + std::string(text) + "'");
    return number;
  };
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    if (i + 1 == argc)
      throw Error(ErrorCode::invalid_argument, std::string(option), "a value after it", "none");
    const std::string_view value = argv[i + 1];
    if (option == "--cases") arguments.cases = value;
    else if (option == "--json") arguments.json = value;
    else if (option == "--plot") arguments.plot = value;
    else if (option == "--forecasts") arguments.forecasts = value;
    else if (option == "--seeds") arguments.seeds = count(option, value);
    else if (option == "--epochs") arguments.epochs = count(option, value);
    else
      throw Error(ErrorCode::invalid_argument, "the arguments", usage, std::string(option));
  }
  if (arguments.cases.empty())
    throw Error(ErrorCode::invalid_argument, "the arguments", usage, "no --cases");
  return arguments;
}

void run(const Arguments& arguments) {
  const DemandCases cases = bodega_benchmark::read_demand_cases(arguments.cases);
  if (!arguments.forecasts.empty()) std::filesystem::create_directories(arguments.forecasts);
  const Task task(cases);
  Report report(task, arguments.epochs, arguments.forecasts);
  report.naive();
  for (std::uint64_t seed = 1; seed <= arguments.seeds; ++seed)
    for (const WindowInputs inputs : {WindowInputs{.weekday = false}, WindowInputs{}})
      report.networks<64, 32, 16, 8, 4>(inputs, seed);

  const auto floor = noise_floor(cases.dataset);
  std::printf("%s: %zu series, %zu test forecasts, %zu seeds\n\n%s", cases.dataset.c_str(),
              cases.series.size(), cases.test.size(), arguments.seeds,
              markdown(report.rows(), floor).c_str());
  std::printf(
      "\nPublished sizes are parameters x 4 or 1, their split is not known. Payload: all bytes\n"
      "that a file stores for the model; file: a file with it alone. Calendar: the weekday. INT8\n"
      "is symmetric per row where nothing else is said.\n");
  if (floor) std::printf("Noise floor: MAPE %.2f %%.\n", *floor);
  if (task.unanswered() > 0)
    std::printf("%zu test rows have no window of 14 days with trade: counted as a forecast of 0.\n",
                task.unanswered());
  for (std::size_t c = 0; c < cases.sales.days(); ++c)
    if (!cases.sales.traded(c)) {
      std::printf("Days without trade are left out: a window may reach back over 14 days.\n");
      break;
    }
  if (!arguments.json.empty()) write(arguments.json, json(report.rows()));
  if (!arguments.plot.empty())
    write(arguments.plot, Plot(report.rows(), cases.dataset, floor).take());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(parse(argc, argv));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "report_compression: %s\n", e.what());
    return 2;
  }
}
