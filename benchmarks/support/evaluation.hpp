// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/evaluate/list_metrics.hpp>
#include <bodega/evaluate/ranking.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/metrics/estimate.hpp>

#include "support/cases.hpp"

/// The frame of the programs that evaluate recommenders on a case folder (make_cases.py): what is
/// the same whether the question is an open basket, a session, the next basket or a user's taste.
///
///   PROGRAM --cases FOLDER [--models LIST] [--out FOLDER] [--max-bytes N] [--json FILE]
///
/// A program is a class with its models by name, each a member function that fits and tunes one on
/// the valid cases and returns `evaluation.measure(...)`:
///
///   class Program {
///    public:
///     Program(const Evaluation& evaluation, std::optional<std::size_t> max_bytes);
///     static std::vector<std::pair<std::string_view,
///                                  Row (Program::*)(std::string_view)>> models();
///   };
///   int main(int argc, char** argv) {
///     return evaluate<Program>(argc, argv, "evaluate_baskets", "basket", {"NDCG@10"});
///   }
namespace bodega_benchmark {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// As short as it can be: "0.3", "1000".
inline std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

inline std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

inline void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.flush();
  if (!file)
    throw bodega::Error(bodega::ErrorCode::io, path.string(), "a file to write",
                        "none, or no room");
}

/// A model that was fitted, and what that took.
template <bodega::Scorer S>
struct Fitted {
  S scorer;
  std::string settings;
  std::size_t bytes = 0;  ///< in a file
  double seconds = 0;
};

/// Calls `fit()`, which returns a model, and takes its time and size.
template <class Fit>
auto timed(std::string settings, Fit&& fit) {
  const auto start = std::chrono::steady_clock::now();
  auto model = fit();
  const double seconds = seconds_since(start);
  const std::size_t bytes = bodega::size_report(model).bytes;
  return Fitted<decltype(model)>{std::move(model), std::move(settings), bytes, seconds};
}

/// The one of `settings` whose `quality(setting)` is highest; the first of equals.
template <class Setting, class Quality>
Setting best_of(const std::vector<Setting>& settings, Quality&& quality) {
  std::optional<double> best;
  Setting chosen = settings.front();
  for (const Setting& setting : settings)
    if (const double reached = quality(setting); !best || reached > *best) {
      best = reached;
      chosen = setting;
    }
  return chosen;
}

/// Climbs on a grid: moves one coordinate at a time to the neighbouring value as long as that
/// raises `quality(point)`, until none does. Asks for some points twice: let `quality` remember.
template <std::size_t N, class Quality>
std::array<std::size_t, N> climb(std::array<std::size_t, N> point,
                                 const std::array<std::size_t, N>& sizes, Quality&& quality) {
  for (bool rises = true; rises;) {
    rises = false;
    for (std::size_t axis = 0; axis < N; ++axis)
      for (const bool up : {true, false})
        for (;;) {
          std::array<std::size_t, N> next = point;
          if (up ? next[axis] + 1 >= sizes[axis] : next[axis] == 0) break;
          next[axis] += up ? 1 : std::size_t{0} - 1;
          if (quality(next) <= quality(point)) break;
          point = next;
          rises = true;
        }
  }
  return point;
}

/// A metric by its name in meta.json, "NDCG@10"; how each is defined stands in the protocols.
class Metric {
 public:
  /// Error (format) for a name that is not known.
  explicit Metric(std::string name) : name_(std::move(name)) {
    const std::size_t at = name_.find('@');
    const std::string number_text = at < name_.size() ? name_.substr(at + 1) : "";
    if (!number_text.empty() && number_text.size() < 5 &&
        number_text.find_first_not_of("0123456789") == std::string::npos)
      k_ = std::stoul(number_text);
    const auto found = std::find(names.begin(), names.end(), std::string_view(name_).substr(0, at));
    if (found == names.end() || k_ == 0)
      throw bodega::Error(
          bodega::ErrorCode::format, "meta.json, metrics",
          "HR, MRR, R, NDCG, MAP, repeat_R, explore_R or coverage, '@' and a number",
          "'" + name_ + "'");
    kind_ = static_cast<Kind>(found - names.begin());
  }

  const std::string& name() const noexcept { return name_; }
  std::size_t k() const noexcept { return k_; }
  /// Of all lists together, not a mean over cases.
  bool is_coverage() const noexcept { return kind_ == coverage; }

  /// For the list of one case; NaN where the case does not count (nothing to repeat or explore).
  double of(const Case& one, std::span<const bodega::ItemIndex> list) const {
    const auto recall_of = [&](std::span<const bodega::ItemIndex> targets) {
      return targets.empty() ? std::numeric_limits<double>::quiet_NaN()
                             : bodega::recall_at(k_, list, targets);
    };
    switch (kind_) {
      case hit_rate:
        return bodega::reciprocal_rank_at(k_, list, one.target) > 0 ? 1 : 0;
      case reciprocal_rank:
        return bodega::reciprocal_rank_at(k_, list, one.target);
      case ndcg:
        return bodega::ndcg_at(k_, list, one.target);
      case average_precision:
        return bodega::average_precision_at(k_, list, one.target);
      case repeat_recall:
        return recall_of(one.seen);
      case explore_recall: {
        std::vector<bodega::ItemIndex> unseen;
        for (const bodega::ItemIndex item : one.target)
          if (std::find(one.seen.begin(), one.seen.end(), item) == one.seen.end())
            unseen.push_back(item);
        return recall_of(unseen);
      }
      case recall:
      case coverage:
        break;
    }
    return recall_of(one.target);
  }

 private:
  enum Kind {
    hit_rate,
    reciprocal_rank,
    recall,
    ndcg,
    average_precision,
    repeat_recall,
    explore_recall,
    coverage
  };
  static constexpr std::array<std::string_view, 8> names = {
      "HR", "MRR", "R", "NDCG", "MAP", "repeat_R", "explore_R", "coverage"};

  std::string name_;
  std::size_t k_ = 0;
  Kind kind_ = hit_rate;
};

/// One line of the table.
struct Row {
  std::string model, settings;
  std::vector<bodega::Estimate> metrics;  ///< on the test cases: those of meta.json, and MAP
  std::size_t bytes = 0;
  double fit_seconds = 0;
  double novelty = 0, diversity = 0;  ///< of the lists (evaluate/list_metrics.hpp), by all baskets
  double p50_us = 0, p99_us = 0, peak_mb = 0;
};

/// The two rounds: settings are chosen on the valid cases, the choice is measured on the test
/// cases.
enum class Part { valid, test };

/// Puts the questions of a case folder to scorers. A list that a model leaves short ends with what
/// is in most histories, as in the reference numbers. Const calls only, from one thread.
class Evaluation {
 public:
  /// `objective`: the metrics whose sum `valid` returns. `out`: where predictions go, or empty.
  Evaluation(const Cases& cases, const std::vector<std::string>& objective,
             std::filesystem::path out)
      : cases_(cases),
        all_(cases.items.size()),
        out_(std::move(out)),
        sold_(baskets(Part::test)),
        popular_{best_sellers(Part::valid), best_sellers(Part::test)} {
    for (const std::string& name : cases.metrics) {
      metrics_.emplace_back(name);
      longest_ = std::max(longest_, metrics_.back().k());
    }
    if (!metrics_.empty()) metrics_.emplace_back("MAP@" + std::to_string(metrics_.front().k()));
    for (const std::string& name : objective) {
      const auto found = std::find(cases.metrics.begin(), cases.metrics.end(), name);
      if (found == cases.metrics.end())
        throw bodega::Error(bodega::ErrorCode::missing, "meta.json, metrics", name, "none");
      objective_.push_back(static_cast<std::size_t>(found - cases.metrics.begin()));
    }
  }

  const Cases& cases() const noexcept { return cases_; }
  std::size_t items() const noexcept { return cases_.items.size(); }

  /// What may be learnt from before a part's cases are asked, oldest first.
  std::vector<const History*> histories(Part part) const {
    const auto& parts = part == Part::valid ? cases_.fit_for_valid : cases_.fit_for_test;
    std::vector<const History*> result;
    for (const History& history : cases_.train)
      if (std::find(parts.begin(), parts.end(), history.part) != parts.end())
        result.push_back(&history);
    return result;
  }

  /// The same as baskets; the folder has an order of time and no dates, so a history's number is
  /// its day.
  bodega::Baskets baskets(Part part) const {
    bodega::Baskets result(items());
    std::int32_t day = 0;
    for (const History* history : histories(part))
      result.add(bodega::Day(day++), history->customer, history->items);
    return result;
  }

  /// The objective on the valid cases, or on every n-th group of them; shows the progress. Runs on
  /// all cores.
  template <bodega::Scorer S>
  double valid(const S& scorer, const std::string& what, std::size_t every = 1) const {
    const double reached =
        quality(scorer, every_group(cases_.valid, every), popular_[part_index(Part::valid)]);
    show(what, reached);
    return reached;
  }

  /// The objective on any cases. `popular` fills up the lists, so it must know no more than the
  /// scorer does. Runs on all cores.
  template <bodega::Scorer S>
  double quality(const S& scorer, const std::vector<Case>& asked,
                 const bodega::Popularity& popular) const {
    const auto scored = filled_up(scorer, popular);
    std::vector<Items> lists(asked.size());
    bodega::parallel_for(lists.size(), 0, [&](std::size_t begin, std::size_t end, std::size_t) {
      bodega::Workspace workspace(items(), longest_);
      for (std::size_t i = begin; i < end; ++i)
        for (const bodega::Pick& pick : bodega::select_picks(scored, query_of(asked[i]), all_,
                                                             longest_, workspace, query_items()))
          lists[i].push_back(pick.item);
    });
    double sum = 0;
    for (const std::size_t m : objective_) sum += estimate(metrics_[m], asked, lists).mean;
    return sum;
  }

  /// Progress: what was tried and what it reached of the objective.
  void show(const std::string& what, double reached) const {
    std::string names;
    for (const std::size_t m : objective_)
      names.append(names.empty() ? "" : " + ").append(metrics_[m].name());
    std::fprintf(stderr, "  %s: valid %s %s\n", what.c_str(), names.c_str(),
                 fixed(reached, 4).c_str());
  }

  /// Measures a model on the test cases, one after another on this thread, and writes its
  /// predictions to `<name>.tsv`.
  template <bodega::Scorer S>
  Row measure(std::string_view name, const Fitted<S>& model) const {
    const auto scorer = filled_up(model.scorer, popular_[part_index(Part::test)]);
    Row row{std::string(name), model.settings, {}, model.bytes, model.seconds};
    std::vector<Items> lists(cases_.test.size());
    std::string predictions;
    std::vector<double> times;
    bodega::Workspace workspace(items(), longest_);
    for (std::size_t i = 0; i < lists.size(); ++i) {
      const auto start = std::chrono::steady_clock::now();
      const auto slate = bodega::select_slate(scorer, query_of(cases_.test[i]), all_, longest_,
                                              workspace, query_items());
      times.push_back(1e6 * seconds_since(start));
      predictions += cases_.test[i].id + '\t';
      for (const bodega::Pick& pick : slate) {
        predictions.append(lists[i].empty() ? "" : " ").append(cases_.items[pick.item.value()]);
        lists[i].push_back(pick.item);
      }
      predictions += '\n';
    }
    for (const Metric& metric : metrics_)
      row.metrics.push_back(estimate(metric, cases_.test, lists));
    double surprise = 0, places = 0;
    for (const Items& list : lists) {
      surprise += bodega::surprise(list, sold_);
      places += static_cast<double>(list.size());
    }
    row.novelty = surprise / std::max(places, 1.0);
    row.diversity =
        bodega::estimate(
            lists.size(), [&](std::size_t i) { return bodega::difference(lists[i], sold_); },
            [&](std::size_t i) { return i; })
            .mean;
    std::sort(times.begin(), times.end());
    if (!times.empty()) {
      row.p50_us = times[times.size() / 2];
      row.p99_us = times[times.size() * 99 / 100];
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    row.peak_mb = static_cast<double>(usage.ru_maxrss) / 1024;
    if (!out_.empty()) write_file(out_ / (row.model + ".tsv"), predictions);
    return row;
  }

  /// The table.
  void print(const std::vector<Row>& rows) const {
    std::printf("%s: %zu histories, %zu items, %zu valid and %zu test cases\n\n| model |",
                cases_.dataset.c_str(), cases_.train.size(), items(), cases_.valid.size(),
                cases_.test.size());
    for (const Metric& metric : metrics_) std::printf(" %s |", metric.name().c_str());
    std::printf(
        " novelty bits | diversity | bytes | fit s | us p50 | us p99 | peak MB so far | settings "
        "|\n| --- |");
    for (std::size_t m = 0; m < metrics_.size(); ++m) std::printf(" --- |");
    std::printf(" --- | --- | ---: | ---: | ---: | ---: | ---: | --- |\n");
    for (const Row& row : rows) {
      std::printf("| %s |", row.model.c_str());
      for (std::size_t m = 0; m < metrics_.size(); ++m) {
        std::printf(" %s", fixed(row.metrics[m].mean, metrics_[m].is_coverage() ? 2 : 4).c_str());
        if (!metrics_[m].is_coverage())
          std::printf(" +- %s", fixed(row.metrics[m].half_width, 4).c_str());
        std::printf(" |");
      }
      std::printf(" %.1f | %.2f | %zu | %.2f | %.1f | %.1f | %.0f | %s |\n", row.novelty,
                  row.diversity, row.bytes, row.fit_seconds, row.p50_us, row.p99_us, row.peak_mb,
                  row.settings.c_str());
    }
  }

  std::string json(const std::vector<Row>& rows) const {
    nlohmann::json models = nlohmann::json::array();
    for (const Row& row : rows) {
      nlohmann::json model = {{"model", row.model},           {"settings", row.settings},
                              {"bytes", row.bytes},           {"novelty_bits", row.novelty},
                              {"diversity", row.diversity},   {"fit_seconds", row.fit_seconds},
                              {"p50_us", row.p50_us},         {"p99_us", row.p99_us},
                              {"peak_mb_so_far", row.peak_mb}};
      for (std::size_t m = 0; m < metrics_.size(); ++m) {
        model[metrics_[m].name()] = row.metrics[m].mean;
        if (!metrics_[m].is_coverage())
          model[metrics_[m].name() + "_pm"] = row.metrics[m].half_width;
      }
      models.push_back(std::move(model));
    }
    return nlohmann::json{{"dataset", cases_.dataset},
                          {"protocol", cases_.protocol},
                          {"cases", cases_.test.size()},
                          {"models", std::move(models)}}
               .dump(1) +
           "\n";
  }

 private:
  using Items = std::vector<bodega::ItemIndex>;
  /// Far below any score of a model, so it only orders what a model says nothing about.
  static constexpr float least = 1e-12f;

  bodega::Popularity best_sellers(Part part) const {
    return bodega::Popularity(baskets(part), {.half_life_days = 0});
  }

  template <bodega::Scorer S>
  static auto filled_up(const S& scorer, const bodega::Popularity& popular) {
    return bodega::blend(scorer, 1.0f, popular, least);
  }
  static constexpr std::size_t part_index(Part part) noexcept {
    return part == Part::valid ? 0 : 1;
  }

  static std::vector<Case> every_group(const std::vector<Case>& cases, std::size_t n) {
    if (n <= 1) return cases;
    std::vector<Case> result;
    std::size_t group = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (i > 0 && cases[i].group() != cases[i - 1].group()) ++group;
      if (group % n == 0) result.push_back(cases[i]);
    }
    return result;
  }

  static bodega::Query query_of(const Case& one) {
    return {.basket = one.query, .customer = one.customer};
  }
  bodega::QueryItems query_items() const noexcept {
    return cases_.exclude_query ? bodega::QueryItems::excluded : bodega::QueryItems::allowed;
  }

  /// The mean over the cases, and the half width of its 95 % interval, in which the cases of a
  /// group count as one observation.
  bodega::Estimate estimate(const Metric& metric, const std::vector<Case>& cases,
                            const std::vector<Items>& lists) const {
    if (metric.is_coverage()) {
      bodega::ItemMask shown(items(), false);
      for (const Items& list : lists)
        for (std::size_t place = 0; place < std::min(metric.k(), list.size()); ++place)
          shown.allow(list[place]);
      return {static_cast<double>(shown.count()) /
                  static_cast<double>(std::max<std::size_t>(items(), 1)),
              0};
    }
    return bodega::estimate(
        cases.size(), [&](std::size_t i) { return metric.of(cases[i], lists[i]); },
        [&](std::size_t i) { return cases[i].group(); });
  }

  const Cases& cases_;
  const bodega::ItemMask all_;
  std::filesystem::path out_;
  std::vector<Metric> metrics_;
  std::vector<std::size_t> objective_;  // places in metrics_
  std::size_t longest_ = 0;             // list that any metric looks at
  const bodega::Cooccurrence sold_;
  std::array<bodega::Popularity, 2> popular_;  // by Part
};

struct Arguments {
  std::filesystem::path cases, out, json;
  std::vector<std::string> models;  ///< as asked for; empty = all
  std::optional<std::size_t> max_bytes;
};

/// Error (invalid_argument, missing) for what is not as the usage says.
inline Arguments parse_arguments(std::span<char*> arguments, std::string_view program) {
  using bodega::Error;
  using bodega::ErrorCode;
  Arguments result;
  std::string models;
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    const std::string name = arguments[i];
    if (i + 1 == arguments.size())
      throw Error(ErrorCode::invalid_argument, name, "a value after it", "none");
    const std::string value = arguments[i + 1];
    if (name == "--cases")
      result.cases = value;
    else if (name == "--models")
      models = value;
    else if (name == "--out")
      result.out = value;
    else if (name == "--json")
      result.json = value;
    else if (name == "--max-bytes") {
      if (value.empty() || value.size() > 15 ||
          value.find_first_not_of("0123456789") != std::string::npos)
        throw Error(ErrorCode::invalid_argument, name, "a whole number of bytes", value);
      result.max_bytes = std::stoull(value);
    } else {
      throw Error(ErrorCode::invalid_argument, name, "an option of " + std::string(program),
                  "another");
    }
  }
  if (result.cases.empty())
    throw Error(ErrorCode::missing, std::string(program), "--cases FOLDER", "none");
  for (std::size_t begin = 0; begin < models.size();) {
    const std::size_t end = std::min(models.find(',', begin), models.size());
    result.models.push_back(models.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

/// The whole of a program's `main`: reads the arguments and the cases, runs the models named,
/// prints the table and writes the files. Errors go to stderr, with exit status 1.
template <class Program>
int evaluate(int argc, char** argv, const std::string& program, std::string_view protocol,
             const std::vector<std::string>& objective) {
  const auto models = Program::models();
  std::string names;
  for (const auto& model : models) names.append(names.empty() ? "" : ", ").append(model.first);
  if (argc < 2 || std::string_view(argv[1]) == "--help") {
    std::fprintf(argc < 2 ? stderr : stdout,
                 "usage: %s --cases FOLDER [--models LIST] [--out FOLDER] [--max-bytes N] "
                 "[--json FILE]\nLIST: names with commas between them; all if not given. "
                 "--max-bytes limits 'best'.\nmodels: %s\n",
                 program.c_str(), names.c_str());
    return argc < 2 ? 2 : 0;
  }
  try {
    const Arguments arguments = parse_arguments({argv, static_cast<std::size_t>(argc)}, program);
    auto chosen = models;
    if (!arguments.models.empty()) chosen.clear();
    for (const std::string& name : arguments.models) {
      const auto found = std::find_if(models.begin(), models.end(),
                                      [&](const auto& model) { return model.first == name; });
      if (found == models.end())
        throw bodega::Error(bodega::ErrorCode::invalid_argument, "--models", "names among " + names,
                            "'" + name + "'");
      chosen.push_back(*found);
    }
    if (!arguments.out.empty()) std::filesystem::create_directories(arguments.out);
    const Cases cases = read_cases(arguments.cases, protocol);
    const Evaluation evaluation(cases, objective, arguments.out);
    Program models_of(evaluation, arguments.max_bytes);
    std::vector<Row> rows;
    for (const auto& [name, model] : chosen) {
      std::fprintf(stderr, "%.*s\n", static_cast<int>(name.size()), name.data());
      rows.push_back((models_of.*model)(name));
    }
    evaluation.print(rows);
    if (!arguments.json.empty()) write_file(arguments.json, evaluation.json(rows));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: %s\n", program.c_str(), e.what());
    return 1;
  }
  return 0;
}

}  // namespace bodega_benchmark
