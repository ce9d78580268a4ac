// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/customer_table.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/inventory/stock_book.hpp>
#include <bodega/till/demand_models.hpp>
#include <bodega/till/live_model.hpp>
#include <bodega/till/till_books.hpp>
#include <bodega/till/till_clock.hpp>
#include <bodega/till/till_models.hpp>

namespace bodega::inline BODEGA_ABI {

/// A receipt as a state hears it: by the numbers of its models' catalogue.
struct HeardReceipt {
  /// What is learnt: lines of which something was left after all returns. `when` is the time of the
  /// business day (`day_starts_at` has been taken off).
  Receipt sold;
  /// How much each item's stock goes down, or up where it is below 0.
  std::span<const ReceiptLine> moved;
  std::uint64_t card = CustomerTable::no_card;  ///< hash of the loyalty card
  bool traded = false;        ///< it sold something when it was paid, be it returned since
  bool from_before = false;   ///< it was paid before the models' file was opened, which may know it
  std::uint32_t unknown = 0;  ///< lines of codes outside the catalogue
  std::uint32_t unmatched = 0;  ///< lines that take back more than was bought
};

/// What happened in a shop, as its models see it: stock, sales of these days, longer memories of
/// demand, models that learn, and what was held back. Plain data that can be copied; equal events
/// over equal models give equal bytes. `EventLog` is who makes it of events.
///
/// A day counts as sold out for an item, and its sales as unknown, where the item could not be had
/// at some time of the day and no receipt was paid after it came back. A sale of what has no stock
/// proves the record wrong: the stock is unknown from then on, and the day is known.
///
/// Thread safety: const calls from many threads; a change excludes all others.
class TillState {
 public:
  /// What a shop without any event knows: what the models' file knows.
  explicit TillState(const TillModels& models)
      : stock_(models.catalog().size()),
        demand_(models.demand().memory()),
        customers_(models.customers()),
        live_(models.live_models()),
        books_(models.catalog().size()) {
    grow(models);
    for (const LiveModel& model : live_) taught_until_.push_back(model.last_day());
    demand_taught_until_ = demand_.sales.last_day();
  }

  std::size_t items() const noexcept { return stock_.items(); }
  const StockBook& stock() const noexcept { return stock_; }
  /// For `DemandModels::forecast`.
  const DemandMemory& demand() const noexcept { return demand_; }
  /// Those of the file, and those whose first receipt came since.
  const CustomerTable& customers() const noexcept { return customers_; }
  /// For `TillModels::blend`, in the order of `TillModels::live_models`.
  std::span<const LiveModel> live() const noexcept { return live_; }
  const TillBooks& books() const noexcept { return books_; }
  const StateCounts& counts() const noexcept { return books_.counts; }
  /// The last items whose stock proved wrong, the latest last.
  std::span<const std::uint32_t> stock_wrong() const noexcept { return books_.wrong; }

  /// What a receipt of that day would be to this state, which stays as it is.
  TillClock::Verdict verdict(Day day) const noexcept {
    TillClock clock = books_.clock;
    return clock.hear(day, demand_.sales.last_day());
  }
  /// Whether a receipt of that day would close the day being sold.
  bool would_close(Day day) const noexcept {
    const auto open = demand_.sales.open_day();
    const TillClock::Verdict heard = verdict(day);
    return open && day > *open &&
           (heard == TillClock::Verdict::believe || heard == TillClock::Verdict::go_ahead);
  }
  /// The last day to which nothing can be added any more without folding again; nothing: no day.
  std::optional<Day> sealed() const noexcept {
    const RecentSales& sales = demand_.sales;
    if (const auto open = sales.open_day()) return *open - 1;
    return sales.last_day();
  }

  // Events. They allocate only where live models do.

  void hear(const HeardReceipt& receipt, const TillModels& models);
  /// Nothing for `units`: nobody knows. Without a time it is as of now.
  void set_stock(ItemIndex item, std::optional<Quantity> units, std::optional<Moment> as_of);
  void add_stock(ItemIndex item, Quantity units) {
    stock_.add(item, units);
    books_.note(item, stock_.available(item));
  }
  /// For every item without one.
  void set_least(std::optional<ItemIndex> item, Quantity units);
  void close_day(const TillModels& models);

  /// The catalogue of the models has grown at its end.
  void grow(const TillModels& models);
  /// Begins with the stock and the counts of another state, which may be of other models: `from[i]`
  /// is the item there that i is here, or none.
  void carry(const StockBook& stock, const TillBooks& books, std::span<const ItemIndex> from);

  /// Adds the state to a bundle under names that begin with `till_`. Equal states give equal bytes.
  /// Errors: those of `Bundle::add`.
  void save(Bundle& bundle) const;
  /// The state that was saved, over the same models. Errors: those of `Bundle::get`, (shape) where
  /// it is of other models.
  static TillState read(const Bundle& bundle, const TillModels& models);

 private:
  StockBook stock_;
  DemandMemory demand_;
  CustomerTable customers_;
  std::vector<LiveModel> live_;
  TillBooks books_;
  // What the models' file knew; not changed by events.
  std::vector<std::optional<Day>> taught_until_;  // of each live model
  std::optional<Day> demand_taught_until_;
};

#if BODEGA_BODIES

BODEGA_INLINE void TillState::hear(const HeardReceipt& receipt, const TillModels& models) {
  const Day day = receipt.sold.when.day();
  const RecentSales& sales = demand_.sales;
  const auto last = sales.last_day();
  const TillClock::Verdict heard = books_.clock.hear(day, last);
  const bool believed = heard != TillClock::Verdict::hold;
  if (heard == TillClock::Verdict::go_back) demand_.go_back(day);
  books_.counts.clock_moves += believed && heard != TillClock::Verdict::believe;
  if (believed && last && day > *last) close_day(models);

  ++books_.counts.receipts;
  ++books_.receipts_today;
  books_.counts.held += !believed;
  books_.counts.unknown_lines += receipt.unknown;
  books_.counts.returns_unmatched += receipt.unmatched;
  if (believed) books_.latest = std::max(books_.latest, receipt.sold.when.seconds_since_1970());
  for (const ReceiptLine& line : receipt.moved) {
    if (line.quantity > Quantity() && !stock_.available(line.item)) {
      stock_.forget(line.item);
      books_.prove_wrong(line.item);
    }
    stock_.add(line.item, -line.quantity);
    books_.note(line.item, stock_.available(line.item), true);
  }
  if (!believed) return;

  const auto knows = [&](std::optional<Day> until) {
    return receipt.from_before && until && day <= *until;
  };
  if (receipt.traded && !knows(demand_taught_until_)) {
    demand_.sales.open(day);
    demand_.sales.observe(receipt.sold);
  }
  if (receipt.sold.lines.empty()) return;
  Receipt sold = receipt.sold;
  sold.customer = customers_.add(receipt.card);
  for (std::size_t m = 0; m < live_.size(); ++m)
    if (!knows(taught_until_[m])) live_[m].observe(sold);
}

BODEGA_INLINE void TillState::set_stock(ItemIndex item, std::optional<Quantity> units,
                                        std::optional<Moment> as_of) {
  Moment when(books_.latest);
  if (const auto counted = stock_.as_of(item)) when = std::max(when, *counted);
  // A clock far ahead would keep all later counts out.
  const auto last = demand_.sales.last_day();
  if (as_of && (!last || as_of->day() - *last <= TillClock::longest_pause))
    when = *as_of;
  else if (as_of)
    ++books_.counts.stock_ahead;
  if (!stock_.set(item, units, when))
    ++books_.counts.stock_older;
  else
    books_.note(item, stock_.available(item));
}

BODEGA_INLINE void TillState::set_least(std::optional<ItemIndex> item, Quantity units) {
  if (item)
    stock_.set_least(*item, units);
  else
    stock_.set_least(units);
  for (std::uint32_t i = 0; i < items(); ++i)
    if (!item || *item == ItemIndex(i)) books_.note(ItemIndex(i), stock_.available(ItemIndex(i)));
}

BODEGA_INLINE void TillState::close_day(const TillModels& models) {
  const auto day = demand_.sales.open_day();
  if (!day) return;
  for (std::uint32_t i = 0; i < items(); ++i)
    if (books_.sold_out(ItemIndex(i))) demand_.sales.mark_unknown(ItemIndex(i));
  models.demand().close_day(demand_);
  for (LiveModel& model : live_) model.close_day(*day);
  books_.begin_day([&](ItemIndex item) { return stock_.available(item); });
}

BODEGA_INLINE void TillState::grow(const TillModels& models) {
  const std::size_t items = models.catalog().size();
  stock_.grow(items);
  demand_.sales.grow(items);
  if (demand_.items) demand_.items->grow(items);
  if (demand_.levels) demand_.levels->grow(items);
  for (LiveModel& model : live_) model.grow(items);
  books_.grow(items);
}

BODEGA_INLINE void TillState::carry(const StockBook& stock, const TillBooks& books,
                                    std::span<const ItemIndex> from) {
  stock_.copy_defaults(stock);
  for (std::uint32_t i = 0; i < from.size(); ++i)
    if (!from[i].is_none()) stock_.copy(ItemIndex(i), stock, from[i]);
  books_.carry(books, from);
}

BODEGA_INLINE void TillState::save(Bundle& bundle) const {
  bundle.add("till_stock", stock_);
  bundle.add("till_books", books_);
  bundle.add("till_customers", customers_);
  bundle.add("till_sales", demand_.sales.record());
  if (demand_.items) bundle.add("till_demand_memory", *demand_.items);
  if (demand_.levels) bundle.add("till_demand_levels", *demand_.levels);
  for (std::size_t m = 0; m < live_.size(); ++m)
    live_[m].save(bundle, "till_live_" + std::to_string(m));
}

BODEGA_INLINE TillState TillState::read(const Bundle& bundle, const TillModels& models) {
  TillState state(models);
  const std::size_t items = state.items();
  const auto check = [&](std::size_t found, const std::string& name) {
    validate_size(found, items, "state, items of " + name);
  };
  state.stock_ = bundle.get<StockBook>("till_stock");
  check(state.stock_.items(), "till_stock");
  state.books_ = bundle.get<TillBooks>("till_books");
  check(state.books_.items(), "till_books");
  state.customers_ = bundle.get<CustomerTable>("till_customers");
  state.demand_.sales = RecentSales(bundle.get<RecentSalesRecord>("till_sales"));
  check(state.demand_.sales.items(), "till_sales");
  if (state.demand_.items) {
    state.demand_.items = bundle.get<IntermittentDemand>("till_demand_memory");
    check(state.demand_.items->items(), "till_demand_memory");
  }
  if (state.demand_.levels) {
    state.demand_.levels = bundle.get<PooledLevel>("till_demand_levels");
    check(state.demand_.levels->series(), "till_demand_levels");
  }
  for (std::size_t m = 0; m < state.live_.size(); ++m) {
    const std::string name = "till_live_" + std::to_string(m);
    LiveModel model = state.live_[m].read(bundle, name);
    validate_size(model.items(), state.live_[m].items(), "state, items of " + name);
    state.live_[m] = std::move(model);
  }
  return state;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
