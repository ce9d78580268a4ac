// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>

namespace bodega::inline BODEGA_ABI {

/// A scorer whose type was left behind, itself a `Scorer`: what selects, evaluates or tests scorers
/// is compiled once, and not for each type. Copies share the scorer, which is never changed through
/// it. As thread-safe as the scorer; costs an indirect call on top of it and allocates nothing once
/// it is made.
class AnyScorer {
 public:
  /// Nothing, for a catalogue of `items`: no item has a score.
  explicit AnyScorer(std::size_t items) noexcept : items_(items) {}
  /// Owns the scorer.
  template <Scorer S>
  requires(!std::same_as<S, AnyScorer>) explicit AnyScorer(S scorer)
      : AnyScorer(std::make_shared<const S>(std::move(scorer))) {}
  /// Shares it. Precondition: not null.
  template <Scorer S>
  explicit AnyScorer(std::shared_ptr<const S> scorer) noexcept
      : scorer_(std::move(scorer)), calls_(&calls_of<S>) {}
  /// Refers to a scorer that outlives it. Allocates nothing.
  template <Scorer S>
  static AnyScorer refer_to(const S& scorer) noexcept {
    return AnyScorer(std::shared_ptr<const S>(std::shared_ptr<const void>(), &scorer));
  }

  /// Whether there is a scorer.
  explicit operator bool() const noexcept { return calls_ != nullptr; }
  std::size_t items() const noexcept { return calls_ ? calls_->items(scorer_.get()) : items_; }
  QueryParts uses() const noexcept { return calls_ ? calls_->uses(scorer_.get()) : QueryParts(); }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    if (calls_) calls_->add_scores(scorer_.get(), query, weight, scores);
  }
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (calls_) calls_->explain(scorer_.get(), query, weight, item, reasons);
  }
  void explain_all(const Query& query, float weight, std::span<Pick> picks) const noexcept {
    if (calls_) calls_->explain_all(scorer_.get(), query, weight, picks);
  }

  /// The scorer if it is an `S`, else null.
  template <Scorer S>
  const S* get_if() const noexcept {
    return calls_ == &calls_of<S> ? static_cast<const S*>(scorer_.get()) : nullptr;
  }

 private:
  struct Calls {
    std::size_t (*items)(const void*) noexcept;
    QueryParts (*uses)(const void*) noexcept;
    void (*add_scores)(const void*, const Query&, float, std::span<float>) noexcept;
    void (*explain)(const void*, const Query&, float, ItemIndex, Reasons&) noexcept;
    void (*explain_all)(const void*, const Query&, float, std::span<Pick>) noexcept;
  };
  template <class S>
  static constexpr Calls calls_of = {
      [](const void* self) noexcept {
        return static_cast<std::size_t>(static_cast<const S*>(self)->items());
      },
      [](const void* self) noexcept { return bodega::uses(*static_cast<const S*>(self)); },
      [](const void* self, const Query& query, float weight, std::span<float> scores) noexcept {
        static_cast<const S*>(self)->add_scores(query, weight, scores);
      },
      [](const void* self, const Query& query, float weight, ItemIndex item,
         Reasons& reasons) noexcept {
        static_cast<const S*>(self)->explain(query, weight, item, reasons);
      },
      [](const void* self, const Query& query, float weight, std::span<Pick> picks) noexcept {
        bodega::explain_all(*static_cast<const S*>(self), query, weight, picks);
      }};

  std::shared_ptr<const void> scorer_;
  const Calls* calls_ = nullptr;
  std::size_t items_ = 0;  // where there is no scorer
};

}  // namespace bodega::inline BODEGA_ABI
