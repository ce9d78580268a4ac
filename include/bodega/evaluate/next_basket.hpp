// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/cases.hpp>
#include <bodega/data/item_mask.hpp>
#include <bodega/evaluate/novelty.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/metrics/estimate.hpp>
#include <bodega/metrics/list_metrics.hpp>

/// How well recommenders foresee whole baskets: many targets a case, of which the customer has
/// bought some before.
namespace bodega::inline BODEGA_ABI {

struct BasketEvaluationOptions {
  std::size_t k = 10;
  QueryItems query_items = QueryItems::allowed;
  /// What sells how often, alone and together, for novelty and diversity; null = both are 0.
  const Cooccurrence* sold = nullptr;
  std::size_t threads = 0;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("k", self.k, "Length of the lists.");
    visit("query_items", self.query_items, "Whether items of the query may be answers.");
    visit("sold", self.sold,
          "What sells how often, for novelty and diversity; without it both are 0.");
    visit("threads", self.threads,
          "How many threads; 0 = all cores. The result is the same at any number.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

struct BasketReport {
  std::size_t k = 0, cases = 0;
  Estimate recall, ndcg, average_precision, reciprocal_rank;  ///< @k (metrics/list_metrics.hpp)
  /// Recall@k of the targets bought before, and of the others, over the cases that have such.
  Estimate repeat_recall, explore_recall;
  std::size_t repeat_cases = 0, explore_cases = 0;
  double coverage = 0;   ///< different items in all the first k / items of the catalogue
  double novelty = 0;    ///< mean `surprise` over all places of all lists
  double diversity = 0;  ///< mean `difference` over all lists
  std::vector<std::uint16_t> shown;  ///< items of each case's list
};

namespace detail {

/// What a case's list is worth; NaN if the case has no such targets.
struct BasketValues {
  double recall, ndcg, precision, reciprocal, repeat, explore;
  double surprise = 0, difference = std::numeric_limits<double>::quiet_NaN();
};

BasketValues values_of(std::span<const ItemIndex> list, const BasketCases::Case& one,
                       const BasketEvaluationOptions& options);

/// The means over all cases, into `report`, which knows how many items each case was shown.
void summarise(const std::vector<BasketValues>& values, const BasketCases& cases,
               BasketReport& report);

}  // namespace detail

/// Asks the scorer for every case as a shop would (`select_slate`). Throws Error(shape) if the
/// scorer or `sold` is of another catalogue, (invalid_argument) for k = 0 or beyond 65,535,
/// (cancelled). Complexity: one slate per case, and k^2 / 2 look-ups of pairs for diversity.
template <Recommender R>
BasketReport evaluate_baskets(const R& scorer, const BasketCases& cases,
                              const BasketEvaluationOptions& options = {}) {
  const std::size_t items = cases.catalogue().items();
  for (const std::size_t other :
       {scorer.items(), options.sold != nullptr ? options.sold->items() : items})
    if (other != items)
      throw Error(ErrorCode::shape, "evaluate_baskets",
                  "a scorer and sums of " + std::to_string(items) + " items",
                  std::to_string(other));
  if (options.k == 0 || options.k > std::numeric_limits<std::uint16_t>::max())
    throw Error(ErrorCode::invalid_argument, "evaluate_baskets, option k", "1 to 65,535",
                std::to_string(options.k));
  struct Worker {
    Workspace workspace;
    std::vector<ItemIndex> list;
    ItemMask shown;
  };
  const std::size_t threads = thread_count(options.threads);
  std::vector<Worker> workers(threads,
                              {Workspace(items, std::max(options.k, Workspace::default_max_picks)),
                               {},
                               ItemMask(items, false)});
  BasketReport report;
  report.k = options.k;
  report.cases = cases.size();
  report.shown.resize(cases.size());
  std::vector<detail::BasketValues> values(cases.size());

  const auto ask = [&](Worker& worker, std::size_t i) {
    const BasketCases::Case one = cases[i];
    worker.list.clear();
    for (const Pick& pick :
         select_slate(scorer, {.basket = one.query, .customer = one.customer}, cases.catalogue(),
                      options.k, worker.workspace, options.query_items)) {
      worker.list.push_back(pick.item);
      worker.shown.allow(pick.item);
    }
    report.shown[i] = static_cast<std::uint16_t>(worker.list.size());
    values[i] = detail::values_of(worker.list, one, options);
  };
  ProgressPulse pulse(options.progress, "evaluating baskets", cases.size());
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
  if (const std::size_t catalogue = cases.catalogue().count(); catalogue > 0)
    report.coverage = static_cast<double>(shown.count()) / static_cast<double>(catalogue);
  detail::summarise(values, cases, report);
  return report;
}

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE BasketValues values_of(std::span<const ItemIndex> list, const BasketCases::Case& one,
                                     const BasketEvaluationOptions& options) {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  const std::size_t k = options.k, seen = one.seen.size();
  const auto unseen = one.target.subspan(seen);
  BasketValues values{recall_at(k, list, one.target),
                      ndcg_at(k, list, one.target),
                      average_precision_at(k, list, one.target),
                      reciprocal_rank_at(k, list, one.target),
                      seen > 0 ? recall_at(k, list, one.seen) : nothing,
                      !unseen.empty() ? recall_at(k, list, unseen) : nothing};
  if (options.sold != nullptr) {
    values.surprise = surprise(list, *options.sold);
    values.difference = difference(list, *options.sold);
  }
  return values;
}

BODEGA_INLINE void summarise(const std::vector<BasketValues>& values, const BasketCases& cases,
                             BasketReport& report) {
  const auto mean_of = [&](double BasketValues::*value) {
    return estimate(
        values.size(), [&](std::size_t i) { return values[i].*value; },
        [&](std::size_t i) { return cases[i].group; });
  };
  report.recall = mean_of(&BasketValues::recall);
  report.ndcg = mean_of(&BasketValues::ndcg);
  report.average_precision = mean_of(&BasketValues::precision);
  report.reciprocal_rank = mean_of(&BasketValues::reciprocal);
  report.repeat_recall = mean_of(&BasketValues::repeat);
  report.explore_recall = mean_of(&BasketValues::explore);
  report.diversity = mean_of(&BasketValues::difference).mean;
  double surprise = 0, places = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    report.repeat_cases += std::isnan(values[i].repeat) ? 0 : 1;
    report.explore_cases += std::isnan(values[i].explore) ? 0 : 1;
    surprise += values[i].surprise;
    places += report.shown[i];
  }
  if (places > 0) report.novelty = surprise / places;
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
