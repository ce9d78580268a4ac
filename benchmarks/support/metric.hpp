// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/metrics/list_metrics.hpp>

#include "support/cases.hpp"

namespace bodega_benchmark {

/// A metric by its name in meta.json, "NDCG@10"; how each is defined stands in protocols/README.md.
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

}  // namespace bodega_benchmark
