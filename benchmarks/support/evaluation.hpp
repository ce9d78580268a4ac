// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/evaluate/novelty.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/metrics/estimate.hpp>
#include <bodega/metrics/list_metrics.hpp>

#include "support/cases.hpp"
#include "support/fitted.hpp"
#include "support/metric.hpp"
#include "support/telling.hpp"
#include "support/text.hpp"

namespace bodega_benchmark {

/// The lines of all baskets.
inline double lines_of(const bodega::Baskets& baskets) {
  double lines = 0;
  for (std::size_t b = 0; b < baskets.size(); ++b) lines += static_cast<double>(baskets[b].size());
  return lines;
}

/// One line of the table.
struct Row {
  std::string model, settings;
  std::vector<bodega::Estimate> metrics;  ///< on the test cases: those of meta.json, and MAP
  std::size_t bytes = 0;
  double fit_seconds = 0;
  double novelty = 0, diversity = 0;  ///< of the lists (evaluate/novelty.hpp), by all baskets
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
    tell("  " + what + ": valid " + names + " " + fixed(reached, 4));
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

}  // namespace bodega_benchmark
