// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/session/session_query.hpp>
#include <bodega/session/session_window.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/strongest_rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

/// What comes after what: the score of item j is w(i, j) of the item i viewed last, plus
/// `view_decay` times that of the one before it, and so on over the last ten views. Rules of one
/// step ahead are a Markov chain. Shape of `w`: items x items, a row for each viewed item.
/// Thread rule: immutable, any number of readers. Cost: the stored entries of the rows.
template <WeightFormat W = CsrMatrix<float>>
class SequentialRules {
 public:
  static constexpr std::string_view kind = "sequential_rules";
  static constexpr std::size_t last_views = 10;
  template <WeightFormat V>
  using with_weights = SequentialRules<V>;

  SequentialRules() = default;
  /// Error (shape, not_finite) where the table is not square or holds a NaN or an infinity,
  /// (out_of_range) for a decay that is not between 0 and 1.
  explicit SequentialRules(W weights, float view_decay = 0)
      : weights_(std::move(weights)), view_decay_(view_decay) {
    validate("SequentialRules");
  }

  const W& weights() const noexcept { return weights_; }
  float view_decay() const noexcept { return view_decay_; }
  std::size_t items() const noexcept { return weights_.rows(); }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    for_each_view(query, weight, [&](ItemIndex viewed, float of_view) {
      add_row(weights_, viewed.value(), of_view, scores);
    });
  }

  /// A reason for each view that `item` comes after.
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (item.value() >= items()) return;
    for_each_view(query, weight, [&](ItemIndex viewed, float of_view) {
      reasons.offer({Reason::Kind::bought_together, viewed, Reason::no_term,
                     of_view * entry(weights_, viewed.value(), item.value())});
    });
  }

  void validate(const std::string& where) const {
    validate_weights(weights_, where + ", weights");
    validate_size(weights_.columns(), weights_.rows(), where + ", columns of weights");
    if (!(view_decay_ >= 0 && view_decay_ <= 1))
      throw Error(ErrorCode::out_of_range, where + ", view_decay", "0 to 1",
                  std::to_string(view_decay_));
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("weights", self.weights_, Role::weight);
    visit("view_decay", self.view_decay_);
  }

  bool operator==(const SequentialRules&) const = default;

 private:
  template <class Visit>
  void for_each_view(const Query& query, float weight, Visit&& visit) const noexcept {
    for_each_view_back(query, items(), [&](ItemIndex viewed, std::size_t back) {
      if (back == last_views) return false;
      visit(viewed, weight);
      weight *= view_decay_;
      return view_decay_ > 0;
    });
  }

  W weights_;
  float view_decay_ = 0;
};

struct SequentialRulesOptions {
  std::size_t steps = 10;  ///< pairs of views up to so many steps apart
  double step_power = 1;   ///< a pair s steps apart counts s^-step_power
  bool repeats = true;     ///< whether an item may come after itself
  double half_life = 0;    ///< a session that is so many sessions old counts half; 0 = all alike
  double shrinkage = 0;    ///< rows with little to say become weaker, see below
  std::size_t neighbours = 0;  ///< strongest rules kept an item; 0 = all
  float view_decay = 0;        ///< of the model: what the view before the last one counts
};

/// Counts the pairs of the window's sessions. A row is divided by its largest count + `shrinkage`,
/// so its strongest rule is at most 1 whatever the item sells. (Sequential rules: Kamehkhosh,
/// Jannach, Ludewig, 2017.) Error (out_of_range) for a number below 0 or not finite.
/// Cost: linear in views x steps, plus sorting each row; 8 bytes a pair.
inline SequentialRules<> fit_sequential_rules(const SessionWindow& window,
                                              const SequentialRulesOptions& options = {}) {
  for (const double number : {options.step_power, options.half_life, options.shrinkage})
    if (!(number >= 0) || !std::isfinite(number))
      throw Error(ErrorCode::out_of_range, "fit_sequential_rules, option", "0 or more",
                  std::to_string(number));
  const std::size_t steps = std::min(options.steps, SessionWindow::longest);
  std::vector<float> by_step(steps + 1);
  for (std::size_t s = 1; s <= steps; ++s)
    by_step[s] = static_cast<float>(std::pow(static_cast<double>(s), -options.step_power));

  const auto for_each_pair = [&](auto&& visit) {
    for (SessionWindow::Number session = window.oldest(); session != window.end(); ++session) {
      const double age = window.end() - 1 - session;
      const auto fresh =
          static_cast<float>(options.half_life > 0 ? std::exp2(-age / options.half_life) : 1.0);
      const auto views = window[session];
      for (std::size_t i = 0; i < views.size(); ++i)
        for (std::size_t s = 1; s <= steps && i + s < views.size(); ++s) {
          const float count = fresh * by_step[s];
          if (count > 0 && (options.repeats || views[i] != views[i + s]))
            visit(views[i], views[i + s], count);
        }
    }
  };
  // All pairs, put together by their first item.
  std::vector<std::size_t> begin(window.items() + 1, 0);
  for_each_pair([&](std::uint32_t first, std::uint32_t, float) { ++begin[first + 1]; });
  for (std::size_t i = 0; i < window.items(); ++i) begin[i + 1] += begin[i];
  struct Pair {
    std::uint32_t next;
    float count;
  };
  std::vector<Pair> pairs(begin.back());
  std::vector<std::size_t> at(begin.begin(), begin.end() - 1);
  for_each_pair([&](std::uint32_t first, std::uint32_t next, float count) {
    pairs[at[first]++] = {next, count};
  });

  StrongestRows rows(window.items(), options.neighbours);
  std::vector<double> count(window.items(), 0);
  std::vector<std::uint32_t> nexts;
  for (std::size_t i = 0; i < window.items(); ++i) {
    nexts.clear();
    double largest = 0;
    for (std::size_t p = begin[i]; p < begin[i + 1]; ++p) {
      double& sum = count[pairs[p].next];
      if (sum == 0) nexts.push_back(pairs[p].next);
      sum += pairs[p].count;
      largest = std::max(largest, sum);
    }
    std::sort(nexts.begin(), nexts.end());
    for (const std::uint32_t next : nexts) {
      rows.offer(next, static_cast<float>(count[next] / (largest + options.shrinkage)));
      count[next] = 0;
    }
    rows.end_row();
  }
  return SequentialRules<>(rows.take(), options.view_decay);
}

/// Who looked at an item looks at it again: each item comes after itself alone. With a decay near 1
/// it reaches further back than rules do.
inline SequentialRules<> revisits(std::size_t items, float view_decay = 0.9f) {
  StrongestRows rows(items, 0);
  for (std::uint32_t i = 0; i < items; ++i) {
    rows.offer(i, 1);
    rows.end_row();
  }
  return SequentialRules<>(rows.take(), view_decay);
}

}  // namespace bodega
