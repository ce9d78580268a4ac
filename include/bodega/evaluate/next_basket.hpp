// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/split.hpp>
#include <bodega/evaluate/list_metrics.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/metrics/estimate.hpp>

/// How well recommenders foresee whole baskets: many targets a case, of which the customer has
/// bought some before.
namespace bodega {

/// Cuts each customer's history, in the order of the baskets: the last `last` baskets are test, as
/// many before them valid, the rest train. Customers with fewer than 2 `last` + 1 baskets, and
/// baskets without a customer, are left out. Error (invalid_argument) for 0.
inline TimeSplit<Baskets> split_last_baskets(const Baskets& baskets, std::size_t last = 1) {
  if (last == 0)
    throw Error(ErrorCode::invalid_argument, "split_last_baskets, last", "1 or more", "0");
  std::vector<std::size_t> left(baskets.customers(), 0);
  for (std::size_t b = 0; b < baskets.size(); ++b)
    if (!baskets.customer(b).is_none()) ++left[baskets.customer(b).value()];
  std::vector<bool> kept(left.size());
  for (std::size_t c = 0; c < left.size(); ++c) kept[c] = left[c] > 2 * last;
  TimeSplit<Baskets> parts{Baskets(baskets.items()), Baskets(baskets.items()),
                           Baskets(baskets.items())};
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    const CustomerIndex customer = baskets.customer(b);
    if (customer.is_none() || !kept[customer.value()]) continue;
    const std::size_t from_end = left[customer.value()]--;
    Baskets& part = from_end <= last       ? parts.test
                    : from_end <= 2 * last ? parts.valid
                                           : parts.train;
    part.add(baskets.when(b), customer, baskets[b], baskets.store(b), baskets.till(b));
  }
  return parts;
}

/// Questions with a set of answers each. Immutable once filled, then safe from any thread.
class BasketCases {
 public:
  struct Case {
    CustomerIndex customer;
    std::span<const ItemIndex> query;  ///< the open basket, mostly empty
    std::span<const ItemIndex> target;
    std::span<const ItemIndex> seen;  ///< targets that the customer has bought before
    std::size_t group = 0;            ///< cases of one are not independent
  };

  /// Without cases. `catalogue`: what may be recommended.
  explicit BasketCases(ItemMask catalogue) : catalogue_(std::move(catalogue)) {}

  /// A case for each held-out basket: the query is empty, `seen` comes from `history`, the group is
  /// the customer. Error (shape) where the catalogues differ in size.
  BasketCases(const Baskets& held_out, const Baskets& history, ItemMask catalogue)
      : BasketCases(std::move(catalogue)) {
    for (const Baskets* baskets : {&held_out, &history})
      if (baskets->items() != catalogue_.items())
        throw Error(ErrorCode::shape, "BasketCases",
                    "baskets of a catalogue of " + std::to_string(catalogue_.items()),
                    std::to_string(baskets->items()));
    std::vector<std::size_t> order(held_out.size());
    for (std::size_t b = 0; b < order.size(); ++b) order[b] = b;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return held_out.customer(a) < held_out.customer(b);
    });
    std::vector<std::pair<CustomerIndex, ItemIndex>> bought;
    for (std::size_t b = 0; b < history.size(); ++b)
      if (!history.customer(b).is_none())
        for (const ItemIndex item : history[b]) bought.emplace_back(history.customer(b), item);
    std::sort(bought.begin(), bought.end());
    std::vector<ItemIndex> seen;
    for (const std::size_t b : order) {
      const CustomerIndex customer = held_out.customer(b);
      seen.clear();
      for (const ItemIndex item : held_out[b])
        if (std::binary_search(bought.begin(), bought.end(), std::pair(customer, item)))
          seen.push_back(item);
      add(customer, {}, held_out[b], seen, customer.is_none() ? size() : customer.value());
    }
  }

  /// One case more; cases of a group must follow each other. Error (invalid_argument) without a
  /// target, or where `seen` is no part of it; nothing is changed then.
  void add(CustomerIndex customer, std::span<const ItemIndex> query,
           std::span<const ItemIndex> target, std::span<const ItemIndex> seen, std::size_t group) {
    if (target.empty())
      throw Error(ErrorCode::invalid_argument, "BasketCases, case " + std::to_string(size()),
                  "a target", "none");
    for (const ItemIndex item : seen)
      if (!detail::holds(target, item))
        throw Error(ErrorCode::invalid_argument,
                    "BasketCases, seen of case " + std::to_string(size()), "targets",
                    std::to_string(item.value()));
    // Targets stand with those seen first, so that both parts are one span.
    const std::size_t begin = items_.size();
    items_.insert(items_.end(), query.begin(), query.end());
    items_.insert(items_.end(), seen.begin(), seen.end());
    for (const ItemIndex item : target)
      if (!detail::holds(seen, item)) items_.push_back(item);
    held_.push_back(
        {begin, query.size(), seen.size(), items_.size() - begin - query.size(), customer, group});
  }

  std::size_t size() const noexcept { return held_.size(); }
  const ItemMask& catalogue() const noexcept { return catalogue_; }

  Case operator[](std::size_t i) const noexcept {
    const Held& held = held_[i];
    const ItemIndex* const query = items_.data() + held.begin;
    return {held.customer,
            {query, held.query},
            {query + held.query, held.target},
            {query + held.query, held.seen},
            held.group};
  }

 private:
  struct Held {
    std::size_t begin, query, seen, target;
    CustomerIndex customer;
    std::size_t group;
  };
  ItemMask catalogue_;
  std::vector<ItemIndex> items_;
  std::vector<Held> held_;
};

struct BasketEvaluationOptions {
  std::size_t k = 10;
  QueryItems query_items = QueryItems::allowed;
  /// What sells how often, alone and together, for novelty and diversity; null = both are 0.
  const Cooccurrence* sold = nullptr;
  std::size_t threads = 0;  ///< 0 = all cores; the result is the same at any number
  ProgressCallback progress = {};
};

struct BasketReport {
  std::size_t k = 0, cases = 0;
  Estimate recall, ndcg, average_precision, reciprocal_rank;  ///< @k (`list_metrics.hpp`)
  /// Recall@k of the targets bought before, and of the others, over the cases that have such.
  Estimate repeat_recall, explore_recall;
  std::size_t repeat_cases = 0, explore_cases = 0;
  double coverage = 0;   ///< different items in all the first k / items of the catalogue
  double novelty = 0;    ///< mean `surprise` over all places of all lists
  double diversity = 0;  ///< mean `difference` over all lists
  std::vector<std::uint16_t> shown;  ///< items of each case's list
};

/// Asks the scorer for every case as a shop would (`select_slate`). Error (shape) where the scorer
/// or `sold` is of another catalogue, (invalid_argument) for k = 0 or beyond 65,535, (cancelled).
/// Cost: one slate per case, and k^2 / 2 look-ups of pairs for diversity.
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
  struct Values {
    double recall, ndcg, precision, reciprocal, repeat, explore, surprise, difference;
  };
  struct Worker {
    Workspace workspace;
    std::vector<ItemIndex> list;
    ItemMask shown;
  };
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  const std::size_t threads = thread_count(options.threads);
  std::vector<Worker> workers(threads,
                              {Workspace(items, std::max(options.k, Workspace::default_max_picks)),
                               {},
                               ItemMask(items, false)});
  BasketReport report;
  report.k = options.k;
  report.cases = cases.size();
  report.shown.resize(cases.size());
  std::vector<Values> values(cases.size());

  const auto ask = [&](Worker& worker, std::size_t i) {
    const BasketCases::Case one = cases[i];
    worker.list.clear();
    for (const Pick& pick :
         select_slate(scorer, {.basket = one.query, .customer = one.customer}, cases.catalogue(),
                      options.k, worker.workspace, options.query_items)) {
      worker.list.push_back(pick.item);
      worker.shown.allow(pick.item);
    }
    const std::span<const ItemIndex> list = worker.list;
    const std::size_t k = options.k, seen = one.seen.size();
    const auto unseen = one.target.subspan(seen);
    report.shown[i] = static_cast<std::uint16_t>(list.size());
    Values& value = values[i];
    value = {recall_at(k, list, one.target),
             ndcg_at(k, list, one.target),
             average_precision_at(k, list, one.target),
             reciprocal_rank_at(k, list, one.target),
             seen > 0 ? recall_at(k, list, one.seen) : nothing,
             !unseen.empty() ? recall_at(k, list, unseen) : nothing,
             0,
             nothing};
    if (options.sold == nullptr) return;
    value.surprise = surprise(list, *options.sold);
    value.difference = difference(list, *options.sold);
  };
  const std::size_t step = std::max<std::size_t>(cases.size() / 50, 1);
  for (std::size_t begin = 0; begin < cases.size(); begin += step) {
    const std::size_t count = std::min(step, cases.size() - begin);
    parallel_for(count, threads, [&](std::size_t from, std::size_t to, std::size_t part) {
      for (std::size_t i = from; i < to; ++i) ask(workers[part], begin + i);
    });
    report_progress(options.progress, {"evaluating baskets", begin + count, cases.size()});
  }

  ItemMask shown(items, false);
  for (std::uint32_t i = 0; i < items; ++i)
    for (const Worker& worker : workers)
      if (worker.shown.allows(ItemIndex(i))) shown.allow(ItemIndex(i));
  if (const std::size_t catalogue = cases.catalogue().count(); catalogue > 0)
    report.coverage = static_cast<double>(shown.count()) / static_cast<double>(catalogue);
  const auto mean_of = [&](double Values::*value) {
    return estimate(
        values.size(), [&](std::size_t i) { return values[i].*value; },
        [&](std::size_t i) { return cases[i].group; });
  };
  report.recall = mean_of(&Values::recall);
  report.ndcg = mean_of(&Values::ndcg);
  report.average_precision = mean_of(&Values::precision);
  report.reciprocal_rank = mean_of(&Values::reciprocal);
  report.repeat_recall = mean_of(&Values::repeat);
  report.explore_recall = mean_of(&Values::explore);
  report.diversity = mean_of(&Values::difference).mean;
  double surprise = 0, places = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    report.repeat_cases += std::isnan(values[i].repeat) ? 0 : 1;
    report.explore_cases += std::isnan(values[i].explore) ? 0 : 1;
    surprise += values[i].surprise;
    places += report.shown[i];
  }
  if (places > 0) report.novelty = surprise / places;
  return report;
}

}  // namespace bodega
