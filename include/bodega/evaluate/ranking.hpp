// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/metrics/estimate.hpp>

/// How well recommenders complete open baskets: in baskets they have not learnt from, each item is
/// hidden in turn and must be found from the others.
namespace bodega {

/// The items that at least so many baskets hold: the catalogue that a comparison is made over, the
/// same for every model, taken from the baskets that models learn from.
inline ItemMask items_in_baskets(const Baskets& training, std::size_t at_least = 5) {
  std::vector<std::size_t> count(training.items(), 0);
  for (std::size_t b = 0; b < training.size(); ++b)
    for (const ItemIndex item : training[b]) ++count[item.value()];
  ItemMask often(training.items(), at_least == 0);
  for (std::uint32_t i = 0; i < count.size(); ++i)
    if (count[i] >= at_least) often.allow(ItemIndex(i));
  return often;
}

struct LeaveOneOutOptions {
  std::size_t longest_basket = 30;  ///< only the first so many items of a basket are kept
  std::size_t max_cases = 0;  ///< 0 = all; else every n-th case, so that at most this many stay
};

/// The cases: every item of every held-out basket, hidden once. Items outside the catalogue are
/// removed first, then the first `longest_basket` are kept, and baskets with fewer than two left
/// are dropped. A basket of 30 weighs 30 cases. Immutable, safe from any thread.
class LeaveOneOut {
 public:
  struct Case {
    std::span<const ItemIndex> basket;  ///< with the hidden item
    std::size_t hidden = 0;             ///< its place in the basket
    CustomerIndex customer = CustomerIndex::none();
    std::size_t group = 0;  ///< which basket: cases of one are not independent
  };

  /// Error (shape) where baskets and catalogue differ in size.
  LeaveOneOut(const Baskets& held_out, ItemMask catalogue, const LeaveOneOutOptions& options = {})
      : catalogue_(std::move(catalogue)) {
    if (held_out.items() != catalogue_.items())
      throw Error(ErrorCode::shape, "LeaveOneOut",
                  "baskets of a catalogue of " + std::to_string(catalogue_.items()),
                  std::to_string(held_out.items()));
    std::vector<Position> all;
    for (std::size_t b = 0; b < held_out.size(); ++b) {
      const std::size_t begin = items_.size();
      for (const ItemIndex item : held_out[b]) {
        if (!catalogue_.allows(item))
          ++removed_items_;
        else if (items_.size() - begin < options.longest_basket)
          items_.push_back(item);
      }
      const std::size_t size = items_.size() - begin;
      if (size < 2) {
        items_.resize(begin);
        continue;
      }
      for (std::size_t i = 0; i < size; ++i)
        all.push_back({static_cast<std::uint32_t>(held_.size()), static_cast<std::uint32_t>(i)});
      held_.push_back({begin, size, held_out.customer(b), baskets_++});
    }
    const std::size_t most = options.max_cases > 0 ? options.max_cases : all.size();
    const std::size_t step = all.size() > most ? (all.size() + most - 1) / most : 1;
    for (std::size_t i = 0; i < all.size(); i += step) cases_.push_back(all[i]);
  }

  /// Without cases, for those that somebody else has chosen and `add` takes.
  explicit LeaveOneOut(ItemMask catalogue) : catalogue_(std::move(catalogue)) {}

  /// One case more: an item of a basket is hidden. Cases of one basket must follow each other;
  /// `new_basket` says that this is the first of another. Error (out_of_range) where there is no
  /// such place or an item is not in the catalogue; nothing is changed then.
  void add(std::span<const ItemIndex> basket, std::size_t hidden, bool new_basket,
           CustomerIndex customer = CustomerIndex::none()) {
    if (hidden >= basket.size())
      throw Error(ErrorCode::out_of_range, "LeaveOneOut, place of the hidden item",
                  "below " + std::to_string(basket.size()), std::to_string(hidden));
    for (const ItemIndex item : basket)
      if (!catalogue_.allows(item))
        throw Error(ErrorCode::out_of_range, "LeaveOneOut, item of a case",
                    "an item of the catalogue", std::to_string(item.value()));
    if (new_basket || baskets_ == 0) ++baskets_;
    cases_.push_back(
        {static_cast<std::uint32_t>(held_.size()), static_cast<std::uint32_t>(hidden)});
    held_.push_back({items_.size(), basket.size(), customer, baskets_ - 1});
    items_.insert(items_.end(), basket.begin(), basket.end());
  }

  std::size_t size() const noexcept { return cases_.size(); }
  std::size_t baskets() const noexcept { return baskets_; }
  /// Items of held-out baskets that are not in the catalogue.
  std::size_t removed_items() const noexcept { return removed_items_; }
  const ItemMask& catalogue() const noexcept { return catalogue_; }

  Case operator[](std::size_t i) const noexcept {
    const Held& held = held_[cases_[i].held];
    return {{items_.data() + held.begin, held.size}, cases_[i].hidden, held.customer, held.group};
  }

 private:
  struct Held {
    std::size_t begin, size;  // in items_
    CustomerIndex customer;
    std::size_t group;
  };
  struct Position {
    std::uint32_t held, hidden;
  };
  ItemMask catalogue_;
  std::vector<ItemIndex> items_;
  std::vector<Held> held_;
  std::vector<Position> cases_;
  std::size_t baskets_ = 0;
  std::size_t removed_items_ = 0;
};

struct RankingOptions {
  std::size_t k = 10;
  std::size_t threads = 0;  ///< 0 = all cores; the result is the same at any number
  ProgressCallback progress = {};
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
  const std::size_t step = std::max<std::size_t>(cases.size() / 50, 1);
  for (std::size_t begin = 0; begin < cases.size(); begin += step) {
    const std::size_t count = std::min(step, cases.size() - begin);
    parallel_for(count, threads, [&](std::size_t from, std::size_t to, std::size_t part) {
      for (std::size_t i = from; i < to; ++i) ask(workers[part], begin + i);
    });
    report_progress(options.progress, {"evaluating recommendations", begin + count, cases.size()});
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
inline RankingDifference ranking_difference(const RankingReport& a, const RankingReport& b,
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

}  // namespace bodega
