// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/inventory/stock.hpp>
#include <bodega/inventory/stock_book.hpp>
#include <bodega/till/lane_memory.hpp>
#include <bodega/till/till_event.hpp>
#include <bodega/till/till_models.hpp>

namespace bodega::inline BODEGA_ABI {

/// The models of one bundle, with what lanes need to answer from them: the stock that masks their
/// answers and each lane's memory. Swapped whole. A lane that answered from one keeps it until its
/// next answer, so its slate stands; the writer frees it.
struct TillGeneration {
  explicit TillGeneration(std::shared_ptr<const TillModels> of)
      : models(std::move(of)), stock(models->catalog().size()) {}

  std::shared_ptr<const TillModels> models;
  Stock stock;
  std::deque<LaneMemory> memories;  // changed by the writer only
};

/// An amount of stock, rounded to 3 places. Throws Error(not_finite), (out_of_range) for more than
/// a thousand million units.
inline Quantity stock_quantity(std::string_view code, double units) {
  if (!std::isfinite(units))
    throw Error(ErrorCode::not_finite, "stock of " + std::string(code), "a finite number of units",
                std::to_string(units));
  if (std::abs(units) > Stock::most_units)
    throw Error(ErrorCode::out_of_range, "stock of " + std::string(code),
                "at most a thousand million units", std::to_string(units));
  return Quantity::from_raw(std::llround(units * Quantity::scale));
}

/// What somebody said of an item's stock, with texts of its own.
struct StockWord {
  EventKind kind = EventKind::stock_set;  ///< one of stock
  std::string code;
  Quantity units = {};

  TillEvent event() const noexcept {
    TillEvent event{.kind = kind};
    event.code = code;
    event.units = units;
    return event;
  }
};

/// Brings what is said of stock to the answers at once, and keeps it until it has become an event:
/// an answer begun after `say` returned obeys, however long a receipt, a sync or a swap takes.
/// Thread safety: all members from any thread; those but `say` are for the one who writes.
class Shelf {
 public:
  /// Throws Error(unknown_id) for a code that the catalogue does not hold, and what
  /// `TillEvent::validate` does. Nothing has changed then.
  void say(StockWord word);

  /// What was said and is no event yet, in order, from that one on. It waits on until `publish` is
  /// told of it.
  std::vector<StockWord> waiting(std::size_t from = 0) const {
    const std::lock_guard lock(mutex_);
    return {waiting_.begin() + static_cast<std::ptrdiff_t>(from), waiting_.end()};
  }

  /// The first `done` of what waited are events now. Sets the stock of a generation's items to what
  /// the book says, but of those on which more was said meanwhile.
  void publish(TillGeneration& generation, const StockBook& book, std::span<const ItemIndex> items,
               std::size_t done = 0) {
    const std::lock_guard lock(mutex_);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(done));
    for (const ItemIndex item : items) put(generation, book, item);
  }
  /// The same for all items.
  void publish_all(TillGeneration& generation, const StockBook& book, std::size_t done = 0) {
    publish(generation, book, {}, done);
    const std::lock_guard lock(mutex_);
    for (std::uint32_t i = 0; i < book.items(); ++i) put(generation, book, ItemIndex(i));
  }

  /// From now on what is said reaches this generation too.
  void serve(std::shared_ptr<TillGeneration> generation) {
    const std::lock_guard lock(mutex_);
    served_.push_back(std::move(generation));
    for (const StockWord& word : waiting_) tell(*served_.back(), word);
  }
  /// No longer: no answer comes from it.
  void retire(const TillGeneration& generation) noexcept {
    const std::lock_guard lock(mutex_);
    std::erase_if(served_, [&](const auto& served) { return served.get() == &generation; });
  }

 private:
  void put(TillGeneration& generation, const StockBook& book, ItemIndex item);
  static void tell(TillGeneration& generation, const StockWord& word);

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<TillGeneration>> served_;  // one; two while models are swapped
  std::deque<StockWord> waiting_;
};

#if BODEGA_BODIES

BODEGA_INLINE void Shelf::say(StockWord word) {
  word.event().validate();
  const std::lock_guard lock(mutex_);
  const auto knows = [&](const auto& served) {
    return !served->models->catalog().find(word.code).is_none();
  };
  if (std::none_of(served_.begin(), served_.end(), knows) &&
      !(word.kind == EventKind::stock_least && word.code.empty()))
    throw Error(ErrorCode::unknown_id, "stock", "an item code of the catalogue",
                "'" + word.code + "'");
  waiting_.push_back(std::move(word));
  for (const auto& served : served_) tell(*served, waiting_.back());
}

BODEGA_INLINE void Shelf::put(TillGeneration& generation, const StockBook& book, ItemIndex item) {
  const std::string_view code = generation.models->catalog().id(item);
  for (const StockWord& word : waiting_)
    if (word.code == code || word.code.empty()) return;
  generation.stock.set_smallest(item, book.least(item).value());
  if (const auto units = book.units(item))
    generation.stock.set(item, units->value());
  else
    generation.stock.forget(item);
}

BODEGA_INLINE void Shelf::tell(TillGeneration& generation, const StockWord& word) {
  if (word.code.empty()) return generation.stock.set_smallest(word.units.value());
  const ItemIndex item = generation.models->catalog().find(word.code);
  if (item.is_none()) return;
  switch (word.kind) {
    case EventKind::stock_set:
      return generation.stock.set(item, word.units.value());
    case EventKind::stock_added:
      return generation.stock.take(item, -word.units);
    case EventKind::stock_least:
      return generation.stock.set_smallest(item, word.units.value());
    default:
      return generation.stock.forget(item);
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI
