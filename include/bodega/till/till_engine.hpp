// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/bundle/bundle.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/forecast/forecast.hpp>
#include <bodega/till/lane.hpp>
#include <bodega/till/till_core.hpp>
#include <bodega/till/till_receipt.hpp>
#include <bodega/till/till_stock.hpp>

namespace bodega::inline BODEGA_ABI {

/// The engine in the shop: opens a bundle, recommends what is on the shelf, forecasts demand, and
/// learns from what happens. `Till` and `BasicTill` say which models they know; `TillModels` has
/// the names in a bundle.
///
/// What the file says never changes, and is swapped whole by `replace`. What happened since is
/// events: receipts, stock, closed days, new items. They are kept over swaps, and in the file of
/// the state over restarts and power cuts. Everything is named by the shop's own codes, so that
/// nothing that was kept over a swap can mean another article.
///
/// A day counts as sold out for an item, and its sales as unknown, where a sale took the last of
/// its stock or none is left as the day ends: more might have been sold, nobody knows how many. An
/// item of unknown stock is never sold out.
///
/// Thread safety: all members from any thread at any time; lanes wait for none of them. A copy is
/// the same till.
class TillEngine {
 public:
  /// Returns a new checkout (`Lane`): what asks for recommendations and searches.
  Lane lane() const { return Lane(core_); }

  /// What is on the shelf.
  TillStock stock() const noexcept { return TillStock(core_); }

  /// A receipt was paid: lowers the stock, adds to the day's sales, teaches all that learns. What a
  /// receipt takes back of its own lines is netted first; what is returned beyond that goes back
  /// into stock and lowers the day's sales but not popularity. A receipt of a later business day
  /// closes the day before it; a late one still reaches every memory, as if it had been in time.
  /// The same receipt twice counts once. A day that a wrong clock may have dated is held back
  /// (`TillClock`). A sale of what has no stock proves the stock wrong: it is unknown from then on.
  /// `report()` counts all of that.
  /// Throws, before anything is changed, Error (out_of_range) for a quantity of more than a
  /// thousand million, and (unknown_id) for an item outside the catalogue if those are refused.
  void observe(const TillReceipt& receipt) { core_->observe(receipt); }

  /// The receipt was voided: everything is as if it had never been. Returns false where no such
  /// receipt is known (yet: it may come late, and does not count then). Where ids begin anew, say
  /// more; of several that fit, the latest is meant.
  bool undo(std::string_view id, std::string_view store = {}, std::string_view till = {},
            std::optional<Day> day = {}) {
    return core_->happen(TillEvent::undone(id, store, till, day));
  }

  /// The shop has closed for the day: forecasts are for the next one from now on.
  void close_day() { core_->happen(TillEvent::closed()); }

  /// An item is new today: found by search, recommended by its description and learnt from receipts
  /// at once. Throws Error as `Catalog::add`.
  void add(const Item& item) { core_->add(item); }

  /// An item has a new code from now on, and keeps its history. Throws Error (unknown_id,
  /// duplicate, invalid_argument).
  void relist(std::string_view code, std::string_view to) { core_->relist(code, to); }

  /// What is known of a day to come (a promotion, a price, the weather), for all items or one: for
  /// forecasters that were trained with it. Throws Error (missing) for a name that the file does
  /// not have, (unknown_id), (out_of_range).
  void set_covariate(std::string_view name, Day day, float value, std::string_view code = {}) {
    core_->set_covariate(name, day, value, code);
  }

  /// Serves from another file from now on. It is read, checked and built beside; what happened is
  /// carried over by code and heard again by the models that do not know it yet; then it is
  /// published at once, and lanes go on from it. Items that left are dropped, those that came begin
  /// with unknown stock. Throws what opening it would; the till then goes on as before.
  void replace(const std::string& path) {
    const TillOptions& options = core_->options();
    core_->replace(Bundle::open(path, {options.max_file_bytes, options.max_decoded_bytes}), path);
  }
  void replace(const Bundle& bundle) { core_->replace(bundle, "bundle"); }

  /// Calls `use(models, state)` with what answers are made of at this moment; returns what it does.
  /// Both are borrowed for the call, in which the till must not be changed.
  template <class Use>
  auto read(Use&& use) const {
    const auto side = core_->sides().read();
    return use(std::as_const(*side->generation->models), side->state);
  }
  /// Units expected on `forecast_day()`, and by whom (`forecast_with_fallback` has the ladder). A
  /// code outside the catalogue, and a shop without a known day, get 0 from nobody. Allocates
  /// nothing.
  Forecast forecast(std::string_view code) const noexcept { return forecast(code, {}, {}); }
  /// Also the units that each of `levels` (rising, within 0 and 1) says: a forecast of 0.9 is not
  /// exceeded on nine days of ten. Precondition: as many `quantiles` as levels.
  Forecast forecast(std::string_view code, std::span<const float> levels,
                    std::span<float> quantiles) const noexcept {
    return read([&](const TillModels& models, const TillState& state) {
      return models.demand().forecast(state.demand(), models.find(code), levels, quantiles);
    });
  }
  /// The day being sold once a receipt of it was observed, else the next trading day; nothing where
  /// no day is known. After `close_day` it is tomorrow.
  std::optional<Day> forecast_day() const noexcept {
    return read(
        [](const TillModels&, const TillState& state) { return state.demand().sales.target(); });
  }

  /// The models of now: they stay as they are, whatever is swapped.
  std::shared_ptr<const TillModels> models() const noexcept {
    return core_->sides().read()->generation->models;
  }

  /// After it returned, a power cut loses nothing of what happened before, whatever the option
  /// `sync` says. Throws Error (io). Nothing to do without a file of the state.
  void sync() { core_->sync(); }

  /// What the till is made of, and what it held back, left out or put right.
  TillReport report() const { return core_->report(); }

 protected:
  TillEngine(TillCore::Load load, const Bundle& bundle, const TillOptions& options,
             const std::string& where)
      : core_(std::make_shared<TillCore>(load, bundle, options, where)) {}

 private:
  std::shared_ptr<TillCore> core_;
};

}  // namespace bodega::inline BODEGA_ABI
