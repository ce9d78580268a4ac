// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/slate_steps.hpp>
#include <bodega/till/lane_memory.hpp>
#include <bodega/till/till_core.hpp>
#include <bodega/till/till_query.hpp>
#include <bodega/till/till_slate.hpp>

namespace bodega::inline BODEGA_ABI {

/// A rule of the caller's own on what a slate may show, by the shop's code: any `bool(code)`,
/// borrowed for the length of a call. It is asked only of items that would earn a place, must not
/// throw, and should not allocate.
class AllowedCodes {
 public:
  AllowedCodes() noexcept = default;
  template <class Rule>
  requires(!std::same_as<std::remove_cvref_t<Rule>, AllowedCodes> &&
           std::predicate<const Rule&, std::string_view>) AllowedCodes(const Rule& rule)
  noexcept  // NOLINT: meant to convert
      : rule_(&rule), allows_([](const void* of, std::string_view code) -> bool {
          return (*static_cast<const Rule*>(of))(code);
        }) {}

  bool operator()(std::string_view code) const noexcept {
    return allows_ == nullptr || allows_(rule_, code);
  }

 private:
  const void* rule_ = nullptr;
  bool (*allows_)(const void*, std::string_view) = nullptr;
};

/// A checkout, or whatever asks: `till.lane()` opens one. It owns the memory of its answers, waits
/// for nobody (receipts, stock and swaps go on beside it), answers from the newest models by
/// itself, and allocates nothing. A slate stands until the lane is asked again.
///
/// Thread safety: each lane one thread at a time; different lanes at once, and beside everything
/// else that a till does. A lane may outlive its till, which then hears no more.
class Lane {
 public:
  /// See `lane()` of a till. Throws std::bad_alloc.
  explicit Lane(std::shared_ptr<TillCore> core)
      : core_(std::move(core)), number_(core_->open_lane()) {}
  Lane(Lane&& other) noexcept = default;
  Lane& operator=(Lane&& other) noexcept {
    std::swap(core_, other.core_);
    std::swap(held_, other.held_);
    std::swap(number_, other.number_);
    return *this;
  }
  ~Lane() {
    if (!core_) return;
    held_.reset();
    core_->close_lane(number_);
  }

  /// Returns the best k items for the query that are in stock and not in the query, with reasons,
  /// by the bundle's rules, with stand-ins for what is sold out and probabilities where the bundle
  /// has them (`select_slate` of hybrid/slate_steps.hpp has the promises). A code that the
  /// catalogue does not hold is ignored, an empty query is answered by what sells; k beyond
  /// `max_picks`, evidence, stock and rules that leave fewer than k items shorten the slate. An
  /// item whose stock was set to 0, before this was called, is not in it.
  TillSlate recommend(const TillQuery& query, std::size_t k, AllowedCodes allowed = {}) noexcept {
    return answer(
        query,
        [&](const TillSide& side, const Query& asked, LaneMemory& memory, const auto& mask) {
          return select_slate(side.blend, asked, memory.shopper(query), mask, k,
                              side.generation->models->steps(), memory.steps());
        },
        allowed);
  }

  /// Returns the best k items in stock that match a text as it is typed, by match and by what
  /// `recommend` would score for the query (`search` of hybrid/search.hpp has the rules); what the
  /// query holds may be among them, what a rule forbids is not. Empty without a search index.
  TillSlate search(std::string_view text, const TillQuery& query, std::size_t k,
                   AllowedCodes allowed = {}) noexcept {
    return answer(
        query,
        [&](const TillSide& side, const Query& asked, LaneMemory& memory, const auto& mask) {
          const RuleRoom& rules = memory.allowed(asked, memory.shopper(query));
          SteppedSlate slate;
          slate.picks = side.generation->models->search(text, side.blend, asked, AllOf(mask, rules),
                                                        k, memory.workspace());
          return slate;
        },
        allowed);
  }

 private:
  struct OnShelf {
    const Stock& stock;
    const Catalog& catalog;
    const AllowedCodes& allowed;
    bool allows(ItemIndex item) const noexcept {
      return stock.allows(item) && allowed(catalog.id(item));
    }
    /// Not what the caller keeps away: that is not to be replaced.
    bool sold_out(ItemIndex item) const noexcept {
      return !stock.allows(item) && allowed(catalog.id(item));
    }
  };

  template <class Select>
  TillSlate answer(const TillQuery& query, const Select& select,
                   const AllowedCodes& allowed) noexcept {
    const auto side = core_->sides().read(number_ + 1);
    if (held_ != side->generation) held_ = side->generation;  // never the last to let go of it
    LaneMemory& memory = *side->memories[number_];
    const Query asked = memory.resolve(
        query, side->generation->models->find_card(query.card, side->state.customers()));
    return memory.slate(
        select(*side, asked, memory, OnShelf{held_->stock, held_->models->catalog(), allowed}));
  }

  std::shared_ptr<TillCore> core_;
  std::shared_ptr<TillGeneration> held_;  // of the last answer
  std::size_t number_;
};

}  // namespace bodega::inline BODEGA_ABI
