// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/metrics/calibration.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Of what a probability is one. The two are never mixed: what would have been bought anyway is not
/// what is taken because it was shown.
enum class ConfidenceEvent : std::uint8_t {
  bought,   ///< the item is in the rest of the receipt; learnt from receipts
  accepted  ///< it was shown and taken; learnt from a log of what was shown
};
constexpr auto enum_names(ConfidenceEvent) noexcept {
  using enum ConfidenceEvent;
  return std::to_array<EnumName<ConfidenceEvent>>({{bought, "bought"}, {accepted, "accepted"}});
}

/// What a pick looked like when it was shown.
struct PickSigns {
  static constexpr std::size_t count = 5;

  float score = 0;
  float next_score = 0;    ///< of the pick behind it; 0 of the last
  std::uint32_t rank = 1;  ///< from 1
  std::size_t basket = 0;  ///< how many items the query holds
  float popularity = 0;    ///< the item's share of all sales; 0: not known

  /// The logarithms and the share that the logistic weighs.
  std::array<float, count> values() const noexcept {
    const auto log_of = [](float x) { return std::log(std::max(x, 1e-9f)); };
    return {log_of(score), score > 0 ? (score - next_score) / score : 0.0f,
            log_of(static_cast<float>(rank)), log_of(static_cast<float>(basket + 1)),
            log_of(popularity)};
  }
};

/// Says with what probability a pick will be bought (or accepted): a logistic of five signs puts
/// picks in order, and of a pick's neighbours in that order the share that was bought is the
/// answer. It is fitted on slates as they were shown, after stock and rules, because the best of
/// many look better than they are. `fit_confidence` (confidence_trainer.hpp) makes it.
///
/// It goes on learning at the till: `learn` adds to the counts of the pick's block, which fade when
/// a block has `memory` picks.
/// Thread safety: const calls from many threads; `learn` excludes them.
/// Source: Sato, "Calibrating the predictions for top-N recommendations", RecSys 2024 (why on what
/// was selected); Zadrozny, Elkan, KDD 2002 (isotonic blocks); Wilson 1927 (the lower bound).
class Confidence {
 public:
  static constexpr std::string_view kind = "confidence";
  static constexpr float memory = 1e5f;

  /// Picks in the order of a number, in blocks: the share of hits of each.
  struct Blocks {
    std::vector<float> tops;         ///< the highest number of each block but the last, rising
    std::vector<float> count, hits;  ///< of each block

    std::size_t block(float at) const noexcept {
      return static_cast<std::size_t>(std::lower_bound(tops.begin(), tops.end(), at) -
                                      tops.begin());
    }
    bool empty() const noexcept { return count.empty(); }
    float share(std::size_t block) const noexcept {
      return count[block] > 0 ? hits[block] / count[block] : 0.0f;
    }
    float lower(std::size_t block) const noexcept {
      return static_cast<float>(wilson_lower(double{hits[block]}, double{count[block]}));
    }
    void learn(std::size_t block, bool hit) noexcept {
      if (count[block] >= memory) {
        count[block] /= 2;
        hits[block] /= 2;
      }
      ++count[block];
      hits[block] += hit ? 1.0f : 0.0f;
    }

    void validate(const std::string& where) const {
      validate_size(tops.size() + 1, count.size(), where + ", tops");
      validate_size(hits.size(), count.size(), where + ", hits");
      for (std::size_t b = 0; b < count.size(); ++b) {
        const std::string place = where + ", block " + std::to_string(b);
        if (b + 1 < count.size() &&
            (!std::isfinite(tops[b]) || (b > 0 && !(tops[b] > tops[b - 1]))))
          throw Error(ErrorCode::format, place, "rising ends", std::to_string(tops[b]));
        if (!(count[b] >= 0 && count[b] <= 1e9f && hits[b] >= 0 && hits[b] <= count[b]))
          throw Error(ErrorCode::out_of_range, place, "hits from 0 to the number of picks",
                      std::to_string(hits[b]) + " of " + std::to_string(count[b]));
      }
    }
    template <class Self, class Visit>
    static void parameters(Self& self, Visit&& visit) {
      visit("tops", self.tops);
      visit("count", self.count);
      visit("hits", self.hits);
    }
    bool operator==(const Blocks&) const = default;
  };

  /// Not calibrated: every probability is NaN.
  Confidence() = default;
  /// `weights`: of a constant 1, then of the signs. `any`: blocks of the chance that at least one
  /// of a slate is a hit, were picks independent. Throws as `validate`.
  Confidence(ConfidenceEvent event, std::vector<float> weights, Blocks picks, Blocks any)
      : event_(static_cast<std::uint8_t>(event)),
        weights_(std::move(weights)),
        picks_(std::move(picks)),
        any_(std::move(any)) {
    validate("Confidence");
  }

  bool calibrated() const noexcept { return !picks_.empty(); }
  ConfidenceEvent event() const noexcept { return static_cast<ConfidenceEvent>(event_); }

  /// NaN where it is not calibrated.
  float probability(const PickSigns& signs) const noexcept {
    return calibrated() ? picks_.share(picks_.block(rating(signs))) : nan;
  }
  /// What the probability is at least: the lower end of Wilson's 95 % interval.
  float lower(const PickSigns& signs) const noexcept {
    return calibrated() ? picks_.lower(picks_.block(rating(signs))) : nan;
  }
  /// That at least one of a slate is a hit, and what that is at least.
  struct Any {
    float probability = nan, lower = nan;
  };
  Any any(std::span<const float> probabilities) const noexcept {
    if (any_.empty()) return {};
    const std::size_t block = any_.block(any_independent(probabilities));
    return {any_.share(block), any_.lower(block)};
  }
  static float any_independent(std::span<const float> probabilities) noexcept {
    float none = 1;
    for (const float probability : probabilities) none *= 1 - probability;
    return 1 - none;
  }

  /// A pick that was shown was a hit, or was not.
  void learn(const PickSigns& signs, bool hit) noexcept {
    if (calibrated()) picks_.learn(picks_.block(rating(signs)), hit);
  }
  void learn_any(std::span<const float> probabilities, bool hit) noexcept {
    if (!any_.empty()) any_.learn(any_.block(any_independent(probabilities)), hit);
  }

  /// What orders the picks: higher is likelier.
  float rating(const PickSigns& signs) const noexcept {
    const auto values = signs.values();
    float sum = weights_[0];
    for (std::size_t i = 0; i < values.size(); ++i) sum += weights_[i + 1] * values[i];
    return sum;
  }
  std::span<const float> weights() const noexcept { return weights_; }
  const Blocks& picks() const noexcept { return picks_; }
  const Blocks& any_blocks() const noexcept { return any_; }

  void validate(const std::string& where) const {
    if (event_ > static_cast<std::uint8_t>(ConfidenceEvent::accepted))
      throw Error(ErrorCode::out_of_range, where + ", event", "0 or 1", std::to_string(event_));
    if (picks_.empty() && any_.empty() && weights_.empty()) return;
    validate_size(weights_.size(), PickSigns::count + 1, where + ", weights");
    validate_range(weights_, -plausible::weight, plausible::weight, where + ", weights");
    picks_.validate(where + ", picks");
    if (!any_.empty()) any_.validate(where + ", any");
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("event", self.event_);
    visit("weights", self.weights_);
    visit("picks", self.picks_);
    visit("any", self.any_);
  }

  bool operator==(const Confidence&) const = default;

 private:
  static constexpr float nan = std::numeric_limits<float>::quiet_NaN();

  std::uint8_t event_ = 0;
  std::vector<float> weights_;
  Blocks picks_, any_;
};

}  // namespace bodega::inline BODEGA_ABI
