// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/cases.hpp>
#include <bodega/hybrid/any_scorer.hpp>
#include <bodega/hybrid/blend_trainer.hpp>
#include <bodega/hybrid/part_weights.hpp>
#include <bodega/metrics/estimate.hpp>

namespace bodega::inline BODEGA_ABI {

/// A scorer, and the name of its part in a bundle.
struct NamedScorer {
  std::string name;
  AnyScorer scorer;
};

/// What the weights of one situation are worth, on the cases that they were chosen by.
struct FittedSituation {
  Situation situation;
  std::size_t cases = 0;
  std::vector<double> alone = {};  ///< NDCG@k of each part by itself
  double ndcg = 0;                 ///< NDCG@k of the blend
  Estimate gain = {};              ///< by how much it is above the best single part
};

struct FittedPartWeights {
  PartWeights weights;                      ///< for a bundle, under "weights"
  std::vector<FittedSituation> situations;  ///< those that have weights
};

/// Nothing known, an open basket, a known customer, and both.
inline constexpr Situation default_situations[] = {
    {}, {true, false, false}, {false, true, false}, {true, true, false}};

/// The weights of a till's parts with which held-out baskets are completed best, for each situation
/// by itself (`fit_blend_weights` of blend_trainer.hpp has the search and its rules). The same
/// cases are asked with and without the open basket, and with and without the card, as far as they
/// have one; a situation with a session is asked with the items before the hidden one as views. A
/// situation without cases, or in which no part finds anything, gets no weights: a till then takes
/// those of the nearest. Throws Error as `fit_blend_weights`, and (duplicate, invalid_argument) for
/// the names of parts.
FittedPartWeights fit_blend_weights(const LeaveOneOut& cases, std::span<const NamedScorer> parts,
                                    const BlendWeightsOptions& options = {},
                                    std::span<const Situation> situations = default_situations);

#if BODEGA_BODIES

namespace detail {

/// The cases that a situation has: all, or those with a card; and how they are asked in it.
BODEGA_INLINE std::vector<std::size_t> cases_in(const LeaveOneOut& cases, Situation situation) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const LeaveOneOut::Case one = cases[i];
    if ((!situation.customer() || !one.customer.is_none()) &&
        (!situation.session() || one.hidden > 0))
      numbers.push_back(i);
  }
  return numbers;
}

BODEGA_INLINE BlendQuestions blend_questions(const LeaveOneOut& cases, Situation situation,
                                             const std::vector<std::size_t>& numbers) {
  return {numbers.size(), cases.catalogue(), QueryItems::excluded,
          [&cases, &numbers, situation](std::size_t i, std::vector<ItemIndex>& basket,
                                        std::vector<View>& views) {
            const LeaveOneOut::Case one = cases[numbers[i]];
            const auto hidden = one.basket.subspan(one.hidden, 1);
            BlendQuestion question{{}, hidden, one.group};
            basket.clear();
            views.clear();
            for (std::size_t at = 0; at < one.basket.size(); ++at) {
              if (one.basket[at] == hidden[0]) continue;
              basket.push_back(one.basket[at]);
              if (at < one.hidden) views.push_back({one.basket[at]});
            }
            if (situation.basket()) question.query.basket = basket;
            if (situation.customer()) question.query.customer = one.customer;
            if (situation.session()) question.query.session = views;
            return question;
          }};
}

}  // namespace detail

BODEGA_INLINE FittedPartWeights fit_blend_weights(const LeaveOneOut& cases,
                                                  std::span<const NamedScorer> parts,
                                                  const BlendWeightsOptions& options,
                                                  std::span<const Situation> situations) {
  std::vector<std::string> names;
  std::vector<AnyScorer> scorers;
  for (const NamedScorer& part : parts) {
    names.push_back(part.name);
    scorers.push_back(part.scorer);
  }
  FittedPartWeights fitted{PartWeights(names), {}};
  for (const Situation situation : situations) {
    const std::vector<std::size_t> numbers = detail::cases_in(cases, situation);
    detail::FittedParts found =
        detail::fit_parts(detail::blend_questions(cases, situation, numbers), options, scorers);
    if (!(found.ndcg > 0)) continue;
    fitted.weights.set(situation, found.weights);
    fitted.situations.push_back(
        {situation, numbers.size(), std::move(found.alone), found.ndcg, found.gain});
  }
  return fitted;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
