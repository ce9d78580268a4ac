// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/hybrid/confidence.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/solve.hpp>

namespace bodega::inline BODEGA_ABI {

/// A pick that was shown, and whether it was a hit.
struct ShownPick {
  PickSigns signs;
  bool hit = false;
};

/// Slates that were shown, in order of time.
class ShownSlates {
 public:
  void add(std::span<const ShownPick> slate) {
    picks_.insert(picks_.end(), slate.begin(), slate.end());
    end_.push_back(picks_.size());
  }
  std::size_t size() const noexcept { return end_.size(); }
  std::size_t picks() const noexcept { return picks_.size(); }
  std::span<const ShownPick> operator[](std::size_t i) const noexcept {
    const std::size_t begin = i > 0 ? end_[i - 1] : 0;
    return std::span(picks_).subspan(begin, end_[i] - begin);
  }
  std::span<const ShownPick> all() const noexcept { return picks_; }

 private:
  std::vector<ShownPick> picks_;
  std::vector<std::size_t> end_;
};

struct ConfidenceOptions {
  ConfidenceEvent event = ConfidenceEvent::bought;
  std::size_t min_block = 50;
  std::size_t min_high_block = 200;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("event", self.event, "What a hit was.");
    visit("min_block", self.min_block, "Fewest picks of a block: of fewer nothing is said.");
    visit("min_high_block", self.min_high_block,
          "The same for blocks whose share is above 0.7, where a lucky few would lie.");
  }
};

namespace detail {

/// A number that should rise with the share of hits, and a hit or not.
struct Rated {
  float at = 0;
  bool hit = false;
};

/// Blocks of `edges` by pooling neighbours until shares rise, counted anew on `counted`, so that
/// no share is one that the edges were chosen for.
/// Source: Ayer, Brunk, Ewing, Reid, Silverman 1955 (pool adjacent violators).
inline Confidence::Blocks rising_blocks(std::vector<Rated> edges, std::span<const Rated> counted,
                                        const ConfidenceOptions& options) {
  std::sort(edges.begin(), edges.end(), [](const Rated& a, const Rated& b) { return a.at < b.at; });
  struct Block {
    float last;
    double count, hits;
    double share() const { return count > 0 ? hits / count : 0; }
  };
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const bool tie = !blocks.empty() && blocks.back().last == edges[i].at;
    if (!tie) blocks.push_back({edges[i].at, 0, 0});
    ++blocks.back().count;
    blocks.back().hits += edges[i].hit;
    if (i + 1 < edges.size() && edges[i + 1].at == edges[i].at) continue;
    while (blocks.size() > 1 && blocks[blocks.size() - 2].share() >= blocks.back().share()) {
      const Block last = blocks.back();
      blocks.pop_back();
      blocks.back() = {last.last, blocks.back().count + last.count, blocks.back().hits + last.hits};
    }
  }
  for (Block& block : blocks) block.count = block.hits = 0;
  if (blocks.empty()) blocks.push_back({0, 0, 0});
  for (const Rated& one : counted) {
    auto at = std::lower_bound(blocks.begin(), blocks.end(), one.at,
                               [](const Block& block, float value) { return block.last < value; });
    if (at == blocks.end()) --at;
    ++at->count;
    at->hits += one.hit;
  }
  // The smallest joins the neighbour whose share is nearer, until none is too small, and shares
  // that fall on the counted ones are pooled as well.
  const auto join = [&](std::size_t lower) {
    blocks[lower + 1].count += blocks[lower].count;
    blocks[lower + 1].hits += blocks[lower].hits;
    blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(lower));
  };
  const auto needs = [&](const Block& block) {
    return static_cast<double>(block.share() > 0.7 ? options.min_high_block : options.min_block);
  };
  for (bool changed = true; changed && blocks.size() > 1;) {
    changed = false;
    for (std::size_t b = 0; b < blocks.size() && blocks.size() > 1; ++b) {
      const bool falls = b + 1 < blocks.size() && blocks[b].count > 0 && blocks[b + 1].count > 0 &&
                         blocks[b].share() > blocks[b + 1].share();
      if (falls) {
        join(b);
        changed = true;
      } else if (blocks[b].count < needs(blocks[b])) {
        const bool first = b == 0, last = b + 1 == blocks.size();
        const bool down =
            !first && (last || std::abs(blocks[b - 1].share() - blocks[b].share()) <
                                   std::abs(blocks[b + 1].share() - blocks[b].share()));
        join(down ? b - 1 : b);
        changed = true;
      }
    }
  }
  Confidence::Blocks result;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    if (b + 1 < blocks.size()) result.tops.push_back(blocks[b].last);
    result.count.push_back(static_cast<float>(blocks[b].count));
    result.hits.push_back(static_cast<float>(blocks[b].hits));
  }
  return result;
}

/// Weights of a logistic of the signs, by Newton's steps with a little ridge on standardised signs.
inline std::vector<float> fit_signs(std::span<const ShownPick> picks) {
  constexpr std::size_t n = PickSigns::count + 1;
  std::array<double, n> mean{}, scale{};
  for (const ShownPick& pick : picks) {
    const auto values = pick.signs.values();
    for (std::size_t j = 1; j < n; ++j) mean[j] += double{values[j - 1]};
  }
  for (double& one : mean) one /= static_cast<double>(picks.size());
  for (const ShownPick& pick : picks) {
    const auto values = pick.signs.values();
    for (std::size_t j = 1; j < n; ++j)
      scale[j] += (double{values[j - 1]} - mean[j]) * (double{values[j - 1]} - mean[j]);
  }
  for (double& one : scale)
    one = std::max(std::sqrt(one / static_cast<double>(picks.size())), 1e-6);
  std::array<double, n> weights{};
  for (int step = 0; step < 30; ++step) {
    Matrix<double> curvature(n, n);
    std::vector<double> slope(n, 0.0);
    for (std::size_t j = 0; j < n; ++j) {
      const double ridge = j == 0 ? 1e-9 : 1.0;
      curvature(j, j) = ridge;
      slope[j] = -ridge * weights[j];
    }
    for (const ShownPick& pick : picks) {
      const auto values = pick.signs.values();
      std::array<double, n> x{1.0};
      double sum = weights[0];
      for (std::size_t j = 1; j < n; ++j) {
        x[j] = (double{values[j - 1]} - mean[j]) / scale[j];
        sum += weights[j] * x[j];
      }
      const double p = 1 / (1 + std::exp(-sum)), bend = std::max(p * (1 - p), 1e-9);
      for (std::size_t i = 0; i < n; ++i) {
        slope[i] += x[i] * (pick.hit - p);
        for (std::size_t j = 0; j <= i; ++j) curvature(i, j) += bend * x[i] * x[j];
      }
    }
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = i + 1; j < n; ++j) curvature(i, j) = curvature(j, i);
    solve_positive_definite(curvature, std::span<double>(slope));
    double largest = 0;
    for (std::size_t j = 0; j < n; ++j) {
      const double move = std::clamp(slope[j], -4.0, 4.0);
      weights[j] += move;
      largest = std::max(largest, std::abs(move));
    }
    if (largest < 1e-6) break;
  }
  std::vector<float> plain(n);
  double constant = weights[0];
  for (std::size_t j = 1; j < n; ++j) {
    plain[j] = static_cast<float>(weights[j] / scale[j]);
    constant -= weights[j] / scale[j] * mean[j];
  }
  plain[0] = static_cast<float>(constant);
  return plain;
}

}  // namespace detail

/// Fits probabilities on slates that were shown, in order of time, by models that did not learn
/// from them: the first half chooses weights and blocks, the second counts what is said.
/// Throws Error(missing) for fewer than twice `min_block` picks, and where no pick or every pick of
/// a half was a hit.
/// Complexity: some passes over the picks, and a sort.
inline Confidence fit_confidence(const ShownSlates& slates, const ConfidenceOptions& options = {}) {
  if (options.min_block == 0 || options.min_high_block == 0)
    throw Error(ErrorCode::invalid_argument, "fit_confidence, smallest block", "1 or more", "0");
  const std::size_t half = slates.size() / 2;
  std::array<std::vector<ShownPick>, 2> halves;
  for (std::size_t s = 0; s < slates.size(); ++s)
    for (const ShownPick& pick : slates[s]) halves[s >= half].push_back(pick);
  for (const std::vector<ShownPick>& picks : halves) {
    const auto hits = static_cast<std::size_t>(
        std::count_if(picks.begin(), picks.end(), [](const ShownPick& pick) { return pick.hit; }));
    if (picks.size() < options.min_block || hits == 0 || hits == picks.size())
      throw Error(ErrorCode::missing, "fit_confidence",
                  "in each half of the slates at least " + std::to_string(options.min_block) +
                      " picks, hits and others",
                  std::to_string(picks.size()) + " picks, " + std::to_string(hits) + " hits");
  }
  const std::vector<float> weights = detail::fit_signs(halves[0]);
  const Confidence rater(options.event, weights, {{}, {1.0f}, {0.0f}}, {});
  const auto rated = [&](const std::vector<ShownPick>& picks) {
    std::vector<detail::Rated> all;
    for (const ShownPick& pick : picks) all.push_back({rater.rating(pick.signs), pick.hit});
    return all;
  };
  Confidence::Blocks picks = detail::rising_blocks(rated(halves[0]), rated(halves[1]), options);

  const Confidence alone(options.event, weights, picks, {});
  std::array<std::vector<detail::Rated>, 2> any;
  std::vector<float> probabilities;
  for (std::size_t s = 0; s < slates.size(); ++s) {
    probabilities.clear();
    bool hit = false;
    for (const ShownPick& pick : slates[s]) {
      probabilities.push_back(alone.probability(pick.signs));
      hit |= pick.hit;
    }
    if (!probabilities.empty())
      any[s >= half].push_back({Confidence::any_independent(probabilities), hit});
  }
  return Confidence(options.event, weights, std::move(picks),
                    detail::rising_blocks(std::move(any[0]), any[1], options));
}

}  // namespace bodega::inline BODEGA_ABI
