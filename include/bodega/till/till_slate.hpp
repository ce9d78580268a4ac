// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/hybrid/compiled_rules.hpp>
#include <bodega/hybrid/confidence.hpp>
#include <bodega/till/till_models.hpp>

namespace bodega::inline BODEGA_ABI {

/// One cause of a pick. Stands as long as its slate.
class TillReason {
 public:
  TillReason() noexcept = default;
  TillReason(const Reason& reason, const TillModels& models) noexcept
      : reason_(reason), models_(&models) {}

  Reason::Kind kind() const noexcept { return reason_.kind; }
  /// Its part of the pick's score.
  float contribution() const noexcept { return reason_.contribution; }
  /// The item that led to the pick; empty where none did.
  std::string_view code() const noexcept {
    return models_ && reason_.item.value() < models_->catalog().size()
               ? models_->catalog().id(reason_.item)
               : std::string_view();
  }
  /// The part of the till that says so, such as "items"; "search" for a match.
  std::string_view part() const noexcept {
    if (!models_) return {};
    return reason_.part < models_->parts().size() ? models_->parts()[reason_.part].name : "search";
  }
  /// "bought with WHITE METAL LANTERN", "alike: lantern", "matches: lantern", "popular these days".
  /// Allocates.
  std::string text() const { return models_ ? models_->describe(reason_) : std::string(); }

 private:
  Reason reason_;
  const TillModels* models_ = nullptr;
};

/// The causes of a pick, strongest first.
class TillReasons {
 public:
  TillReasons() noexcept = default;
  TillReasons(const Reasons& reasons, const TillModels& models) noexcept {
    for (const Reason& reason : reasons) reasons_[size_++] = TillReason(reason, models);
  }

  const TillReason* begin() const noexcept { return reasons_.data(); }
  const TillReason* end() const noexcept { return reasons_.data() + size_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  const TillReason& operator[](std::size_t i) const noexcept { return reasons_[i]; }

 private:
  std::array<TillReason, Reasons::capacity> reasons_{};
  std::uint8_t size_ = 0;
};

/// One place of a slate, by the shop's own code. Stands as long as its slate.
struct TillPick {
  std::string_view code = {};
  std::string_view description = {};
  float score = 0;
  TillReasons because = {};
  std::string_view instead_of = {};  ///< what it stands in for, sold out; mostly empty
  float probability = std::numeric_limits<float>::quiet_NaN();  ///< NaN: the bundle does not say
  float probability_lower = std::numeric_limits<float>::quiet_NaN();  ///< what it is at least
};

/// The rules of a bundle that did something to a slate, by name. Stands as long as its slate.
class RulesFired {
 public:
  RulesFired() noexcept = default;
  RulesFired(const FiredRules& fired, const CompiledRules& rules) noexcept
      : fired_(fired), rules_(&rules) {}

  std::size_t count() const noexcept { return fired_.count(); }
  /// Calls `visit(name)` for each.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t r = 0; rules_ && r < rules_->size(); ++r)
      if (fired_.test(r)) visit(rules_->name(r));
  }

 private:
  FiredRules fired_;
  const CompiledRules* rules_ = nullptr;
};

/// A lane's answer, best pick first. Stands in the lane until that is asked again, also over a swap
/// of models: what it says is of the models that gave it.
struct TillSlate {
  std::span<const TillPick> picks = {};
  /// The part that the slate rests on most; "search" where the text alone found it, "none" for an
  /// empty one.
  std::string_view answered_by = "none";
  Confidence::Any any = {};  ///< that at least one pick is taken; NaN: the bundle does not say
  RulesFired rules = {};

  const TillPick* begin() const noexcept { return picks.data(); }
  const TillPick* end() const noexcept { return picks.data() + picks.size(); }
  std::size_t size() const noexcept { return picks.size(); }
  bool empty() const noexcept { return picks.empty(); }
  const TillPick& operator[](std::size_t i) const noexcept { return picks[i]; }
};

}  // namespace bodega::inline BODEGA_ABI
