// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
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
#include <bodega/hybrid/any_scorer.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/metrics/estimate.hpp>
#include <bodega/metrics/list_metrics.hpp>
#include <bodega/metrics/tune.hpp>

/// How much each part of a blend should count, learnt from held-out baskets.
namespace bodega::inline BODEGA_ABI {

struct BlendWeightsOptions {
  std::size_t k = 10;
  std::size_t candidates = 200;
  double least_gain = 1e-4;
  std::size_t threads = 0;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("k", self.k, "NDCG@k is raised.");
    visit("candidates", self.candidates,
          "The best so many items of each part are looked at in a case.");
    visit("least_gain", self.least_gain, "Of NDCG@k; a step that gains less is not taken.");
    visit("threads", self.threads,
          "How many threads; 0 = all cores. The result is the same at any number.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

template <std::size_t N>
struct FittedBlend {
  std::array<float, N> weights{};  ///< 0 or more; that of the best single part is 1
  std::array<double, N> alone{};   ///< NDCG@k of each part by itself
  double ndcg = 0;                 ///< NDCG@k of the blend
  /// By how much it is above the best single part, case by case. On the cases that the weights were
  /// chosen by, so measure the blend on later ones.
  Estimate gain;
};

namespace detail {

/// One question of an evaluation: what is asked, and what should be found.
struct BlendQuestion {
  Query query;
  std::span<const ItemIndex> targets;
  std::size_t group;
};

/// The questions that a blend is fitted to.
struct BlendQuestions {
  std::size_t size;
  const ItemMask& catalogue;
  QueryItems query_items;
  /// The i-th; what the query needs may stand in the vectors.
  std::function<BlendQuestion(std::size_t, std::vector<ItemIndex>&, std::vector<View>&)> ask;
};
BlendQuestions blend_questions(const LeaveOneOut& cases);
BlendQuestions blend_questions(const BasketCases& cases);

/// What `FittedBlend` says, of any number of parts.
struct FittedParts {
  std::vector<float> weights;
  std::vector<double> alone;
  double ndcg = 0;
  Estimate gain;
};
FittedParts fit_parts(const BlendQuestions& questions, const BlendWeightsOptions& options,
                      std::span<const AnyScorer> parts);

template <class Cases, Scorer... Parts>
FittedBlend<sizeof...(Parts)> fit_blend(const Cases& cases, const BlendWeightsOptions& options,
                                        const Parts&... parts) {
  const AnyScorer scorers[] = {AnyScorer::refer_to(parts)...};
  const FittedParts found = fit_parts(blend_questions(cases), options, scorers);
  FittedBlend<sizeof...(Parts)> fit;
  std::copy(found.weights.begin(), found.weights.end(), fit.weights.begin());
  std::copy(found.alone.begin(), found.alone.end(), fit.alone.begin());
  fit.ndcg = found.ndcg;
  fit.gain = found.gain;
  return fit;
}

}  // namespace detail

/// The weights of `blend(part, weight, ...)` with which held-out baskets are completed best:
/// coordinate ascent on the mean NDCG@k itself (Metzler, Croft, "Linear feature-based models for
/// information retrieval", 2007). In time order: the parts must have learnt from older baskets
/// than the cases hold. Then learn the parts again from all baskets and keep the weights.
///
/// Starts at the best single part and takes only what gains, so on these cases it is never worse
/// than that part; a part that adds nothing gets 0. Cases of items that sell say nothing of what a
/// part is worth for items never sold. Items that no part has among its best
/// `candidates` are taken to stay out of every list.
///
/// Error (shape) where a part is of another catalogue than the cases, (invalid_argument) for k = 0,
/// fewer candidates than k, or a negative least_gain, (cancelled). Cost: a query of each part a
/// case; then some hundred passes over cases x candidates x parts numbers, which are the memory.
template <Scorer... Parts>
requires(sizeof...(Parts) > 0) FittedBlend<sizeof...(Parts)> fit_blend_weights(
    const LeaveOneOut& cases, const BlendWeightsOptions& options, const Parts&... parts) {
  return detail::fit_blend(cases, options, parts...);
}

/// The same for whole baskets of known customers: what they buy again may be in the list.
template <Scorer... Parts>
requires(sizeof...(Parts) > 0) FittedBlend<sizeof...(Parts)> fit_blend_weights(
    const BasketCases& cases, const BlendWeightsOptions& options, const Parts&... parts) {
  return detail::fit_blend(cases, options, parts...);
}

#if BODEGA_BODIES

namespace detail {

/// The scores that parts give to what may come into a list, for many cases.
class BlendTable {
 public:
  using Weights = std::vector<float>;

  struct Row {
    std::uint32_t item;
    bool target;
  };
  struct Case {
    std::vector<Row> rows;      // in the order of the items
    std::vector<float> scores;  // of each row those of all parts
    std::size_t targets = 0;
    std::size_t group = 0;
  };

  BlendTable(std::vector<Case> cases, std::size_t parts, std::size_t k, std::size_t threads)
      : cases_(std::move(cases)), parts_(parts), k_(k), threads_(threads), values_(cases_.size()) {}

  std::size_t parts() const noexcept { return parts_; }
  const std::vector<Case>& cases() const noexcept { return cases_; }

  /// NDCG@k of each case; the answer stands until the next call.
  const std::vector<double>& ndcg(const Weights& weights) {
    parallel_for(cases_.size(), threads_, [&](std::size_t begin, std::size_t end, std::size_t) {
      std::vector<float> scores;
      for (std::size_t i = begin; i < end; ++i) values_[i] = ndcg_of(cases_[i], weights, scores);
    });
    return values_;
  }

  double mean_ndcg(const Weights& weights) {
    double sum = 0;
    for (const double value : ndcg(weights)) sum += value;
    return cases_.empty() ? 0 : sum / static_cast<double>(cases_.size());
  }

 private:
  double ndcg_of(const Case& one, const Weights& weights, std::vector<float>& scores) const {
    scores.clear();
    for (std::size_t r = 0; r < one.rows.size(); ++r) {
      float score = 0;  // in the order of a blend, so that equal scores stay equal
      for (std::size_t p = 0; p < parts_; ++p)
        if (weights[p] != 0) score += weights[p] * one.scores[r * parts_ + p];
      scores.push_back(score);
    }
    double gain = 0, best = 0;
    for (std::size_t t = 0; t < one.rows.size(); ++t) {
      if (!one.rows[t].target || !(scores[t] > 0)) continue;
      std::size_t place = 1;
      for (std::size_t r = 0; r < scores.size() && place <= k_; ++r)
        place += scores[r] > scores[t] || (scores[r] == scores[t] && r < t);
      if (place <= k_) gain += discount(place);
    }
    for (std::size_t place = 1; place <= std::min(k_, one.targets); ++place)
      best += discount(place);
    return best > 0 ? gain / best : 0;
  }

  std::vector<Case> cases_;
  std::size_t parts_, k_, threads_;
  std::vector<double> values_;
};

BODEGA_INLINE std::vector<BlendTable::Case> blend_cases(const BlendQuestions& questions,
                                                        const BlendWeightsOptions& options,
                                                        std::span<const AnyScorer> parts) {
  const std::size_t items = questions.catalogue.items();
  std::vector<BlendTable::Case> table(questions.size);
  ProgressPulse pulse(options.progress, "asking the parts of a blend", questions.size);
  const auto fill = [&](std::size_t begin, std::size_t end, std::size_t) {
    Workspace workspace(items, options.candidates);
    std::vector<std::vector<float>> scores(parts.size(), std::vector<float>(items));
    std::vector<std::uint32_t> candidates;
    std::vector<ItemIndex> basket;
    std::vector<View> views;
    for (std::size_t i = begin; i < end; ++i) {
      pulse();
      const BlendQuestion question = questions.ask(i, basket, views);
      const bool excluded = questions.query_items == QueryItems::excluded;
      const Query asked = excluded ? workspace.distinct(question.query) : question.query;
      candidates.clear();
      for (std::size_t p = 0; p < parts.size(); ++p) {
        for (const Pick& pick : select_picks(parts[p], asked, questions.catalogue,
                                             options.candidates, workspace, questions.query_items))
          candidates.push_back(pick.item.value());
        std::fill(scores[p].begin(), scores[p].end(), 0.0f);
        parts[p].add_scores(asked, 1.0f, scores[p]);
      }
      std::sort(candidates.begin(), candidates.end());
      candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
      BlendTable::Case& one = table[i];
      one.targets = question.targets.size();
      one.group = question.group;
      for (const std::uint32_t item : candidates) {
        one.rows.push_back({item, holds(question.targets, ItemIndex(item))});
        for (const std::vector<float>& of_part : scores) one.scores.push_back(of_part[item]);
      }
    }
  };
  const std::size_t step = std::max<std::size_t>(questions.size / 50, 1);
  for (std::size_t begin = 0; begin < questions.size; begin += step) {
    const std::size_t count = std::min(step, questions.size - begin);
    const auto ask = [&](std::size_t from, std::size_t to, std::size_t thread) {
      fill(begin + from, begin + to, thread);
    };
    parallel_for(count, options.threads, ask, &pulse);
    pulse(begin + count);
  }
  return table;
}

/// Climbs on a grid of weights, factors of 2 and then of the fourth root of 2 apart, from the best
/// single part: one weight at a time, as long as that raises the mean NDCG.
BODEGA_INLINE FittedParts climb_blend(BlendTable& table, double least_gain) {
  const std::size_t parts = table.parts();
  FittedParts fit{std::vector<float>(parts), std::vector<double>(parts), 0, {}};
  std::size_t first = 0;
  for (std::size_t p = 0; p < parts; ++p) {
    std::vector<float> single(parts);
    single[p] = 1;
    fit.alone[p] = table.mean_ndcg(single);
    if (fit.alone[p] > fit.alone[first]) first = p;
  }
  fit.weights[first] = 1;
  fit.ndcg = fit.alone[first];
  const std::vector<double> single = table.ndcg(fit.weights);

  // Scores of different parts differ in scale by orders: equal shares of the best score are where
  // a part's weight starts to be tried.
  std::vector<double> largest(parts);
  for (const BlendTable::Case& one : table.cases())
    for (std::size_t p = 0; p < parts; ++p) {
      float top = 0;
      for (std::size_t r = 0; r < one.rows.size(); ++r)
        top = std::max(top, one.scores[r * parts + p]);
      largest[p] += double{top};
    }
  const auto try_weight = [&](std::size_t p, float weight) {
    auto weights = fit.weights;
    weights[p] = weight;
    const double ndcg = table.mean_ndcg(weights);
    if (!(ndcg > fit.ndcg + least_gain)) return false;
    fit.ndcg = ndcg;
    fit.weights = weights;
    return true;
  };
  for (const float factor : {2.0f, 1.189207115f})
    climb_axes(parts, [&](std::size_t p) {
      if (p == first || !(largest[p] > 0)) return false;
      if (fit.weights[p] > 0) {
        const bool rose = climb_axis(
            [&](bool up) { return try_weight(p, fit.weights[p] * (up ? factor : 1 / factor)); });
        return try_weight(p, 0) || rose;
      }
      // Of a part that is out, all magnitudes are tried: a little of it may cost where more pays.
      const double equal = largest[first] / largest[p];
      const auto before = fit;
      auto best = fit;
      for (int power = -8; power <= 8; ++power) {
        fit = before;
        if (try_weight(p, static_cast<float>(equal * std::exp2(power))) && fit.ndcg > best.ndcg)
          best = fit;
      }
      fit = best;
      return fit.weights[p] > 0;
    });
  const std::vector<double>& blended = table.ndcg(fit.weights);
  fit.gain = estimate(
      single.size(), [&](std::size_t i) { return blended[i] - single[i]; },
      [&](std::size_t i) { return table.cases()[i].group; });
  return fit;
}

BODEGA_INLINE FittedParts fit_parts(const BlendQuestions& questions,
                                    const BlendWeightsOptions& options,
                                    std::span<const AnyScorer> parts) {
  const std::size_t items = questions.catalogue.items();
  for (const AnyScorer& part : parts)
    if (part.items() != items)
      throw Error(ErrorCode::shape, "fit_blend_weights",
                  "scorers of " + std::to_string(items) + " items", std::to_string(part.items()));
  if (options.k == 0 || options.candidates < options.k)
    throw Error(ErrorCode::invalid_argument, "fit_blend_weights, options k and candidates",
                "1 or more, and as many candidates",
                std::to_string(options.k) + " and " + std::to_string(options.candidates));
  if (!(options.least_gain >= 0))
    throw Error(ErrorCode::invalid_argument, "fit_blend_weights, option least_gain", "0 or more",
                std::to_string(options.least_gain));
  BlendTable table(blend_cases(questions, options, parts), parts.size(), options.k,
                   options.threads);
  return climb_blend(table, options.least_gain);
}

BODEGA_INLINE BlendQuestions blend_questions(const LeaveOneOut& cases) {
  return {cases.size(), cases.catalogue(), QueryItems::excluded,
          [&cases](std::size_t i, std::vector<ItemIndex>& basket, std::vector<View>&) {
            const LeaveOneOut::Case one = cases[i];
            const auto hidden = one.basket.subspan(one.hidden, 1);
            basket.clear();
            for (const ItemIndex item : one.basket)
              if (item != hidden[0]) basket.push_back(item);
            return BlendQuestion{{.basket = basket, .customer = one.customer}, hidden, one.group};
          }};
}

BODEGA_INLINE BlendQuestions blend_questions(const BasketCases& cases) {
  return {cases.size(), cases.catalogue(), QueryItems::allowed,
          [&cases](std::size_t i, std::vector<ItemIndex>&, std::vector<View>&) {
            const BasketCases::Case one = cases[i];
            return BlendQuestion{
                {.basket = one.query, .customer = one.customer}, one.target, one.group};
          }};
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
