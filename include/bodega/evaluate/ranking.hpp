// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/cases.hpp>
#include <bodega/data/item_mask.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/metrics/estimate.hpp>

/// How well recommenders complete open baskets: in baskets they have not learnt from, each item is
/// hidden in turn and must be found from the others.
namespace bodega::inline BODEGA_ABI {

struct RankingOptions {
  std::size_t k = 10;
  std::size_t threads = 0;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("k", self.k, "Length of the slates.");
    visit("threads", self.threads,
          "How many threads; 0 = all cores. The result is the same at any number.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

struct RankingReport {
  std::size_t k = 0;
  std::size_t cases = 0;
  std::size_t baskets = 0;
  Estimate hit_rate;                ///< HR@k: is the hidden item among the first k
  Estimate reciprocal_rank;         ///< MRR@k: 1 / its rank, 0 beyond k
  Estimate ndcg;                    ///< NDCG@k with one target: 1 / log2(1 + rank), 0 beyond k
  double coverage = 0;              ///< different items in all the first k / items of the catalogue
  std::vector<std::uint32_t> rank;  ///< of each case's hidden item, from 1; 0 = not among the k
};

namespace detail {
inline double hit(std::uint32_t rank) noexcept { return rank > 0 ? 1.0 : 0.0; }
inline double reciprocal(std::uint32_t rank) noexcept { return rank > 0 ? 1.0 / rank : 0.0; }
inline double gain(std::uint32_t rank) noexcept {
  return rank > 0 ? 1.0 / std::log2(1.0 + rank) : 0.0;
}

/// `value(i)` over all cases; cases of one basket stand side by side.
template <class Value>
Estimate estimate_of(const LeaveOneOut& cases, Value&& value) {
  return estimate(cases.size(), value, [&](std::size_t i) { return cases[i].group; });
}
}  // namespace detail

/// Asks the scorer for every case, over the cases' catalogue, exactly as a shop would
/// (`select_slate`). Error (shape) where the scorer is of another catalogue, (invalid_argument) for
/// k = 0, (cancelled). Cost: one slate per case.
template <Recommender R>
RankingReport evaluate_ranking(const R& scorer, const LeaveOneOut& cases,
                               const RankingOptions& options = {}) {
  const std::size_t items = cases.catalogue().items();
  if (scorer.items() != items)
    throw Error(ErrorCode::shape, "evaluate_ranking",
                "a scorer of " + std::to_string(items) + " items", std::to_string(scorer.items()));
  if (options.k == 0)
    throw Error(ErrorCode::invalid_argument, "evaluate_ranking, option k", "1 or more", "0");

  struct Worker {
    Workspace workspace;
    std::vector<ItemIndex> query;
    ItemMask shown;
  };
  const std::size_t threads = thread_count(options.threads);
  std::vector<Worker> workers(threads,
                              {Workspace(items, std::max(options.k, Workspace::default_max_picks)),
                               {},
                               ItemMask(items, false)});

  RankingReport report;
  report.k = options.k;
  report.cases = cases.size();
  report.baskets = cases.baskets();
  report.rank.resize(cases.size());

  const auto ask = [&](Worker& worker, std::size_t i) {
    const LeaveOneOut::Case one = cases[i];
    const ItemIndex hidden = one.basket[one.hidden];
    worker.query.clear();
    for (const ItemIndex item : one.basket)
      if (item != hidden) worker.query.push_back(item);
    Query query;
    query.basket = worker.query;
    query.customer = one.customer;
    std::uint32_t place = 0;
    for (const Pick& pick :
         select_slate(scorer, query, cases.catalogue(), options.k, worker.workspace)) {
      ++place;
      worker.shown.allow(pick.item);
      if (pick.item == hidden) report.rank[i] = place;
    }
  };
  ProgressPulse pulse(options.progress, "evaluating recommendations", cases.size());
  const std::size_t step = std::max<std::size_t>(cases.size() / 50, 1);
  for (std::size_t begin = 0; begin < cases.size(); begin += step) {
    const std::size_t count = std::min(step, cases.size() - begin);
    const auto ask_part = [&](std::size_t from, std::size_t to, std::size_t part) {
      for (std::size_t i = from; i < to; ++i, pulse()) ask(workers[part], begin + i);
    };
    parallel_for(count, threads, ask_part, &pulse);
    pulse(begin + count);
  }

  ItemMask shown(items, false);
  for (std::uint32_t i = 0; i < items; ++i)
    for (const Worker& worker : workers)
      if (worker.shown.allows(ItemIndex(i))) shown.allow(ItemIndex(i));
  const std::size_t catalogue = cases.catalogue().count();
  if (catalogue > 0)
    report.coverage = static_cast<double>(shown.count()) / static_cast<double>(catalogue);
  const auto mean_of = [&](double (*metric)(std::uint32_t) noexcept) {
    return detail::estimate_of(cases, [&](std::size_t i) { return metric(report.rank[i]); });
  };
  report.hit_rate = mean_of(detail::hit);
  report.reciprocal_rank = mean_of(detail::reciprocal);
  report.ndcg = mean_of(detail::gain);
  return report;
}

struct RankingDifference {
  Estimate hit_rate, reciprocal_rank, ndcg;
};

/// By how much `a` is better than `b`, case by case: what tells two recommenders apart, which two
/// separate intervals do not. Error (shape) where a report is not of these cases.
RankingDifference ranking_difference(const RankingReport& a, const RankingReport& b,
                                     const LeaveOneOut& cases);

#if BODEGA_BODIES

BODEGA_INLINE RankingDifference ranking_difference(const RankingReport& a, const RankingReport& b,
                                                   const LeaveOneOut& cases) {
  for (const RankingReport* report : {&a, &b})
    if (report->rank.size() != cases.size())
      throw Error(ErrorCode::shape, "ranking_difference",
                  "reports of " + std::to_string(cases.size()) + " cases",
                  std::to_string(report->rank.size()));
  const auto mean_of = [&](double (*metric)(std::uint32_t) noexcept) {
    return detail::estimate_of(
        cases, [&](std::size_t i) { return metric(a.rank[i]) - metric(b.rank[i]); });
  };
  return {mean_of(detail::hit), mean_of(detail::reciprocal), mean_of(detail::gain)};
}

#endif

}  // namespace bodega::inline BODEGA_ABI
