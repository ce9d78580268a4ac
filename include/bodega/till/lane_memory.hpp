// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/hybrid/search.hpp>
#include <bodega/hybrid/slate.hpp>
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
      : models_(&models), workspace_(models.catalog().size(), max_picks) {
    basket_.reserve(most_lines);
    quantities_.reserve(most_lines);
    session_.reserve(most_lines);
    picks_.reserve(max_picks);
  }

  SearchWorkspace& workspace() noexcept { return workspace_; }

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
  TillSlate slate(std::span<const Pick> picks) noexcept {
    const Catalog& catalog = models_->catalog();
    picks_.clear();
    for (const Pick& pick : picks)  // never more than were reserved
      picks_.push_back({catalog.id(pick.item), catalog.description(pick.item), pick.score,
                        TillReasons(pick.because, *models_)});
    return {picks_, models_->answered_by(picks)};
  }

 private:
  static std::size_t first(std::size_t lines) noexcept {
    return lines - std::min(lines, most_lines);
  }

  const TillModels* models_;
  SearchWorkspace workspace_;
  std::vector<ItemIndex> basket_;
  std::vector<Quantity> quantities_;
  std::vector<View> session_;
  std::vector<TillPick> picks_;
};

}  // namespace bodega::inline BODEGA_ABI
