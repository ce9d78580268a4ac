// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/data/baskets.hpp>

#include "support/cases.hpp"

namespace bodega_benchmark {

/// bodega::Baskets to learn from, questions from baskets that come as long after them as those of
/// the test come after all training baskets, and what sold best until then.
struct BasketWindow {
  bodega::Baskets history;
  std::vector<Case> cases;
  bodega::Popularity popular;
};

/// Each item of each training basket from `begin` to `end` hidden in turn, as the protocol hides
/// those of the valid baskets.
inline std::vector<Case> hidden_in(const bodega::Baskets& baskets, std::size_t begin,
                                   std::size_t end) {
  constexpr std::size_t longest = 30;
  std::vector<Case> cases;
  for (std::size_t b = begin; b < end; ++b) {
    const auto items = baskets[b].first(std::min(baskets[b].size(), longest));
    for (std::size_t hidden = 0; items.size() > 1 && hidden < items.size(); ++hidden) {
      Case one;
      one.id = std::to_string(b) + "." + std::to_string(hidden);
      one.customer = baskets.customer(b);
      one.query.assign(items.begin(), items.end());
      one.query.erase(one.query.begin() + static_cast<std::ptrdiff_t>(hidden));
      one.target = {items[hidden]};
      cases.push_back(std::move(one));
    }
  }
  return cases;
}

/// The test cases are as old again as the valid ones beyond what is learnt from, and habits
/// change meanwhile. So settings are chosen with models that learn without the newest eighth of
/// the training baskets. Where the valid baskets are few, the eighth itself is asked for with
/// models that learn without it and the one before it, and so on back, up to `most` windows.
inline std::vector<BasketWindow> basket_windows(const bodega::Baskets& baskets,
                                                const std::vector<Case>& valid, std::size_t most) {
  constexpr std::size_t enough = 5'000;  // baskets: their cases are not independent
  std::vector<BasketWindow> result;
  std::size_t asked = 0;
  for (std::size_t back = 1; back <= most && asked < enough; ++back) {
    bodega::Baskets history(baskets.items());
    for (std::size_t b = 0; b < baskets.size() * (8 - back) / 8; ++b)
      history.add(baskets.when(b), baskets.customer(b), baskets[b]);
    std::vector<Case> cases = back == 1 ? valid
                                        : hidden_in(baskets, baskets.size() * (9 - back) / 8,
                                                    baskets.size() * (10 - back) / 8);
    for (std::size_t i = 0; i < cases.size(); ++i)
      asked += i == 0 || cases[i].group() != cases[i - 1].group() ? 1 : 0;
    bodega::Popularity popular(history, {.half_life_days = 0});
    result.push_back({std::move(history), std::move(cases), std::move(popular)});
  }
  return result;
}

}  // namespace bodega_benchmark
