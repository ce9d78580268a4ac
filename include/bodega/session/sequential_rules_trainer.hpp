// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/session/sequential_rules.hpp>
#include <bodega/session/session_window.hpp>
#include <bodega/tensor/strongest_rows.hpp>

namespace bodega::inline BODEGA_ABI {

struct SequentialRulesOptions {
  std::size_t steps = 10;
  double step_power = 1;
  bool repeats = true;
  double half_life = 0;
  double shrinkage = 0;
  std::size_t neighbours = 0;
  float view_decay = 0;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("steps", self.steps, "Pairs of views up to so many steps apart.");
    visit("step_power", self.step_power, "A pair s steps apart counts s^-step_power.");
    visit("repeats", self.repeats, "Whether an item may come after itself.");
    visit("half_life", self.half_life,
          "A session that is so many sessions old counts half; 0 = all alike.");
    visit("shrinkage", self.shrinkage, "Rows with little to say become weaker.");
    visit("neighbours", self.neighbours, "The strongest rules kept for each item; 0 = all.");
    visit("view_decay", self.view_decay, "What the view before the last one counts.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

/// Counts the pairs of the window's sessions. A row is divided by its largest count + `shrinkage`,
/// so its strongest rule is at most 1 whatever the item sells. (Sequential rules: Kamehkhosh,
/// Jannach, Ludewig, 2017.) Error (out_of_range) for a number below 0 or not finite, (cancelled).
/// Cost: linear in views x steps, plus sorting each row; 8 bytes a pair.
SequentialRules<> fit_sequential_rules(const SessionWindow& window,
                                       const SequentialRulesOptions& options = {});

/// Who looked at an item looks at it again: each item comes after itself alone. With a decay near 1
/// it reaches further back than rules do.
SequentialRules<> revisits(std::size_t items, float view_decay = 0.9f);

#if BODEGA_BODIES

BODEGA_INLINE SequentialRules<> fit_sequential_rules(const SessionWindow& window,
                                                     const SequentialRulesOptions& options) {
  for (const double number : {options.step_power, options.half_life, options.shrinkage})
    if (!(number >= 0) || !std::isfinite(number))
      throw Error(ErrorCode::out_of_range, "fit_sequential_rules, option", "0 or more",
                  std::to_string(number));
  const std::size_t steps = std::min(options.steps, SessionWindow::longest);
  std::vector<float> by_step(steps + 1);
  for (std::size_t s = 1; s <= steps; ++s)
    by_step[s] = static_cast<float>(std::pow(static_cast<double>(s), -options.step_power));

  ProgressPulse pulse(options.progress, "sequential rules", window.items());
  pulse(0);
  const auto for_each_pair = [&](auto&& visit) {
    for (SessionWindow::Number session = window.oldest(); session != window.end(); ++session) {
      if (session % 64 == 0) pulse();
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
    pulse(i);
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
  pulse(window.items());
  return SequentialRules<>(rows.take(), options.view_decay);
}

BODEGA_INLINE SequentialRules<> revisits(std::size_t items, float view_decay) {
  StrongestRows rows(items, 0);
  for (std::uint32_t i = 0; i < items; ++i) {
    rows.offer(i, 1);
    rows.end_row();
  }
  return SequentialRules<>(rows.take(), view_decay);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
