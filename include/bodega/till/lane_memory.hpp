// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/hybrid/rule_room.hpp>
#include <bodega/hybrid/search.hpp>
#include <bodega/hybrid/shopper.hpp>
#include <bodega/hybrid/slate_steps.hpp>
#include <bodega/till/till_models.hpp>
#include <bodega/till/till_query.hpp>
#include <bodega/till/till_slate.hpp>

namespace bodega::inline BODEGA_ABI {

/// The memory of one lane's answers, for the models of one bundle: made by who publishes the
/// models, so that a lane takes nothing from the heap. One thread at a time.
class LaneMemory {
 public:
  /// Of longer baskets and sessions the last so many count.
  static constexpr std::size_t most_lines = 1000;

  LaneMemory(const TillModels& models, std::size_t max_picks)
      : models_(&models),
        workspace_(models.catalog().size(), max_picks),
        steps_(models.catalog().size(), max_picks),
        rules_(models.catalog().size()) {
    basket_.reserve(most_lines);
    quantities_.reserve(most_lines);
    session_.reserve(most_lines);
    picks_.reserve(max_picks);
    purchases_.reserve(most_lines);
  }

  SearchWorkspace& workspace() noexcept { return workspace_; }
  StepsWorkspace& steps() noexcept { return steps_; }
  /// What the rules let through for a query, for answers that know no steps.
  const RuleRoom& allowed(const Query& asked, const Shopper& shopper) noexcept {
    models_->rules().begin(asked, shopper, rules_);
    return rules_;
  }

  /// What rules want to know. Refers to this memory.
  Shopper shopper(const TillQuery& query) noexcept {
    Shopper shopper{
        .now = query.now, .verified_age = query.verified_age, .card_holder = !query.card.empty()};
    for (std::size_t t = 0; t < query.tags.size(); ++t)
      shopper.tags |= models_->rules().tag(query.tags[t]);
    purchases_.clear();
    for (const TillPurchase& purchase : query.purchases.subspan(first(query.purchases.size())))
      if (const ItemIndex item = models_->find(purchase.code); !item.is_none())
        purchases_.push_back({item, purchase.day});
    shopper.purchases = purchases_;
    return shopper;
  }

  /// The query by the models' own numbers; codes that they do not know are left out. Refers to this
  /// memory.
  Query resolve(const TillQuery& query, CustomerIndex customer) noexcept {
    basket_.clear();
    quantities_.clear();
    const bool weighed = query.quantities.size() == query.basket.size();
    for (std::size_t i = first(query.basket.size()); i < query.basket.size(); ++i)
      if (const ItemIndex item = models_->find(query.basket[i]); !item.is_none()) {
        basket_.push_back(item);
        if (weighed) quantities_.push_back(query.quantities[i]);
      }
    session_.clear();
    for (const TillView& view : query.session.subspan(first(query.session.size())))
      if (const ItemIndex item = models_->find(view.code); !item.is_none())
        session_.push_back({item, view.dwell_seconds});
    return {.basket = basket_,
            .quantities = quantities_,
            .viewed = models_->find(query.viewed),
            .session = session_,
            .customer = customer,
            .context = query.context};
  }

  /// The picks by the shop's codes. Refers to this memory.
  TillSlate slate(const SteppedSlate& slate) noexcept {
    const Catalog& catalog = models_->catalog();
    picks_.clear();
    for (const Pick& pick : slate.picks)  // never more than were reserved
      picks_.push_back(
          {catalog.id(pick.item), catalog.description(pick.item), pick.score,
           TillReasons(pick.because, *models_),
           pick.instead_of.is_none() ? std::string_view() : catalog.id(pick.instead_of),
           pick.probability, pick.probability_lower});
    return {picks_, models_->answered_by(slate.picks), slate.any,
            RulesFired(slate.fired, models_->rules())};
  }

 private:
  static std::size_t first(std::size_t lines) noexcept {
    return lines - std::min(lines, most_lines);
  }

  const TillModels* models_;
  SearchWorkspace workspace_;
  StepsWorkspace steps_;
  RuleRoom rules_;
  std::vector<ItemIndex> basket_;
  std::vector<Quantity> quantities_;
  std::vector<View> session_;
  std::vector<TillPick> picks_;
  std::vector<Purchase> purchases_;
};

}  // namespace bodega::inline BODEGA_ABI
