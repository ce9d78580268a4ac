// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <bodega/bundle/bundle.hpp>
#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/content/content_model.hpp>
#include <bodega/content/search_index.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/covariates.hpp>
#include <bodega/data/net_receipt.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/forecast/forecast.hpp>
#include <bodega/hybrid/any_scorer.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/describe.hpp>
#include <bodega/hybrid/search.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/inventory/stock.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/till/demand.hpp>
#include <bodega/till/load_model.hpp>
#include <bodega/till/recent_sales.hpp>
#include <bodega/till/till_clock.hpp>
#include <bodega/till/till_options.hpp>
#include <bodega/till/till_slate.hpp>

namespace bodega::inline BODEGA_ABI {

/// The engine in the shop: opens a bundle, recommends what is on the shelf, forecasts demand and
/// learns from each receipt.
///
/// Models of a bundle that it knows, by name; all but the catalogue may be absent, and then the
/// next rung answers:
///
///   catalog          Catalog
///   items            ItemItem, float or INT8
///   content          ContentModel, float or INT8
///   popularity       Popularity
///   search           SearchIndex, float or INT8
///   weights          TillWeights
///   demand           Lstm of any hidden size, float or INT8
///   demand_factors   FactorMean
///   demand_memory    IntermittentDemand: what items sold on all days before
///   demand_levels    PooledLevel, by the network's factors, else those of demand_factors
///   demand_baseline  WeekdayMean
///   covariates       Covariates of days past and to come; more may be set at the till
///   history          DailySales, of which the last 14 days with trade are used
///
/// A day counts as sold out for an item, and its sales as unknown, where a sale took the last of
/// its stock or none is left as the day ends: more might have been sold, nobody knows how many.
/// What the stock feed says in between is not kept, and an item of unknown stock is never sold out.
///
/// Threads: const members may be called from many threads at once, `recommend` with one workspace
/// per thread; `stock()` may be changed at any time. `observe`, `close_day` and the `recommend`
/// without a workspace require exclusive access.
class Till {
 public:
  /// Items, content and popularity, each of which may be nothing.
  using Scoring = Blend<AnyScorer, AnyScorer, AnyScorer>;

  /// Errors: those of `Bundle::open` and of the constructor, naming the file.
  static Till open(const std::string& path, const TillOptions& options = {}) {
    return Till(Bundle::open(path, {options.max_file_bytes, options.max_decoded_bytes}), options,
                path);
  }

  /// Errors: missing (no catalogue), format (a model of a type that the till does not know under
  /// one of its names), shape (a model of another number of items than the catalogue), and what
  /// is wrong with a model's numbers. Other models of the bundle are left alone.
  explicit Till(const Bundle& bundle, const TillOptions& options = {})
      : Till(bundle, options, "bundle") {}

  const Catalog& catalog() const noexcept { return catalog_; }
  Stock& stock() noexcept { return stock_; }
  const Stock& stock() const noexcept { return stock_; }
  /// The blend that recommends, for a slate with further masks or rules of one's own.
  const Scoring& scoring() const noexcept { return scoring_; }
  const RecentSales& sales() const noexcept { return demand_.sales(); }
  /// What is known of days to come (a promotion, a price), for networks that were trained with it.
  Covariates& covariates() noexcept { return demand_.covariates(); }
  const Covariates& covariates() const noexcept { return demand_.covariates(); }

  /// The best k items for the query that are in stock and not in the query, with reasons
  /// (`select_slate` has the rules). Indices outside the catalogue are ignored. An empty query is
  /// answered by popularity; k beyond the catalogue, and stock that leaves fewer than k items,
  /// shorten the slate. Allocates nothing.
  Slate recommend(const Query& query, std::size_t k) noexcept {
    return recommend(query, k, workspace_);
  }

  /// The same from any thread that has a workspace of its own: `Workspace(till.catalog().size())`.
  Slate recommend(const Query& query, std::size_t k, Workspace& workspace) const noexcept;

  /// The best k items in stock that match a text as it is typed, by match and by what `recommend`
  /// would score for the query (`search` of hybrid/search.hpp has the rules); what the query holds
  /// may be among them. Empty without a search index. Allocates nothing.
  Slate search(std::string_view text, const Query& query, std::size_t k) noexcept {
    return search(text, query, k, search_workspace_);
  }

  /// The same from any thread that has a workspace of its own:
  /// `SearchWorkspace(till.catalog().size())`.
  Slate search(std::string_view text, const Query& query, std::size_t k,
               SearchWorkspace& workspace) const noexcept;

  /// Units expected on `forecast_day()`, and by whom (`forecast_with_fallback` has the ladder). An
  /// item outside the catalogue, and a shop without a known day, get 0 from nobody. Allocates
  /// nothing.
  Forecast forecast(ItemIndex item) const noexcept { return forecast(item, {}, {}); }
  /// Also the units that each of `levels` (rising, within 0 and 1) says: a forecast of 0.9 is not
  /// exceeded on nine days of ten. Precondition: as many `quantiles` as levels.
  Forecast forecast(ItemIndex item, std::span<const float> levels,
                    std::span<float> quantiles) const noexcept {
    return demand_.forecast(item, levels, quantiles);
  }

  /// The day being sold once a receipt of it was observed, else the next trading day; nothing where
  /// no day is known. After `close_day` it is tomorrow.
  std::optional<Day> forecast_day() const noexcept { return demand_.sales().target(); }

  /// A receipt was paid: lowers the stock, adds to the day's sales, moves popularity. What a
  /// receipt takes back of its own lines is netted first (`NetReceipt`); what is returned beyond
  /// that goes back into stock and lowers the day's sales but not popularity. A receipt of a later
  /// business day closes the day before it; days without trade are skipped, they are not zeros. A
  /// late receipt counts for its own day if that is among the last 14, and for stock and popularity
  /// in any case. A day that a wrong clock may have dated is held back (`TillClock`): stock moves,
  /// no memory learns it. A sale of what has no stock proves the stock wrong: it is unknown from
  /// then on. `report()` counts all of that.
  /// Throws, before anything is changed, Error (out_of_range) for a quantity of more than a
  /// thousand million, and (unknown_id) for an item outside the catalogue if those are refused.
  /// Allocates nothing but for an Error, and for a receipt of more lines than the catalogue has
  /// items.
  void observe(const Receipt& receipt);

  /// What was held back, left out or put right.
  const TillReport& report() const noexcept { return report_; }

  /// The shop has closed for the day: forecasts are for the next one from now on.
  void close_day() noexcept;

  /// "bought with WHITE METAL LANTERN", "alike: lantern", "matches: lantern", "popular these days".
  /// Allocates.
  std::string describe(const Reason& reason) const;

 private:
  Till(const Bundle& bundle, const TillOptions& options, const std::string& where);

  template <class Use>
  void visit_content(Use&& use) const {
    const AnyScorer& content = scoring_.part<1>();
    if (const auto* floats = content.get_if<ContentModel<CsrMatrix<float>>>())
      use(*floats);
    else if (const auto* bytes = content.get_if<ContentModel<QuantizedCsrMatrix>>())
      use(*bytes);
  }

  template <class Use>
  void visit_search(Use&& use) const {
    std::visit(
        [&]<class Index>(const Index& index) {
          if constexpr (!std::is_same_v<Index, std::monostate>) use(index);
        },
        search_);
  }

  Scoring load_scoring(const Bundle& bundle, const TillOptions& options, const std::string& where);

  /// All that hears of a receipt.
  template <class Visit>
  void for_each_listener(Visit&& visit) noexcept {
    visit(stock_);
    visit(demand_);
    if (popularity_) visit(*popularity_);
  }

  void check(const Receipt& receipt) {
    std::uint64_t unknown = 0;
    for (std::size_t i = 0; i < receipt.lines.size(); ++i) {
      const auto [item, quantity, price] = receipt.lines[i];
      if (quantity > most_units || quantity < -most_units)
        throw Error(ErrorCode::out_of_range, "receipt, quantity of line " + std::to_string(i + 1),
                    "at most a thousand million units", std::to_string(quantity.value()));
      if (item.value() < catalog_.size()) continue;
      if (unknown_items_ == UnknownItems::refuse)
        throw Error(ErrorCode::unknown_id, "receipt, line " + std::to_string(i + 1),
                    "an item of the " + std::to_string(catalog_.size()) + " in the catalogue",
                    item.is_none() ? "none" : "item " + std::to_string(item.value()));
      ++unknown;
    }
    report_.unknown_lines += unknown;
  }

  static constexpr Quantity most_units = Quantity::from_whole(1'000'000'000);

  Catalog catalog_;
  std::shared_ptr<Popularity> popularity_;  // the one of scoring_, which moves with each receipt
  Scoring scoring_;
  Stock stock_;
  TillDemand demand_;
  Workspace workspace_;
  std::variant<std::monostate, SearchIndex<CsrMatrix<float>>, SearchIndex<QuantizedCsrMatrix>>
      search_;
  SearchWorkspace search_workspace_{0};
  NetReceipt net_;
  UnknownItems unknown_items_;
  int day_starts_at_;
  TillClock clock_;
  TillReport report_;
};

#if BODEGA_BODIES

BODEGA_INLINE Till::Till(const Bundle& bundle, const TillOptions& options, const std::string& where)
    : catalog_(bundle.get<Catalog>("catalog")),
      scoring_(load_scoring(bundle, options, where)),
      stock_(catalog_.size()),
      demand_(bundle, catalog_.size(), where),
      workspace_(catalog_.size(), options.max_picks),
      net_(catalog_.size()),
      unknown_items_(options.unknown_items),
      day_starts_at_(options.day_starts_at) {
  if (day_starts_at_ < 0 || day_starts_at_ >= 86400)
    throw Error(ErrorCode::invalid_argument, "Till, option day_starts_at",
                "seconds after midnight, below 86400", std::to_string(day_starts_at_));
  detail::load_model<SearchIndex<CsrMatrix<float>>, SearchIndex<QuantizedCsrMatrix>>(
      bundle, "search", where, [&](auto index) {
        detail::check_items(index.items(), catalog_.size(), where, "search");
        search_ = std::move(index);
        search_workspace_ = SearchWorkspace(catalog_.size(), options.max_picks);
      });
}

BODEGA_INLINE Till::Scoring Till::load_scoring(const Bundle& bundle, const TillOptions& options,
                                               const std::string& where) {
  AnyScorer items(catalog_.size()), content(catalog_.size()), popularity(catalog_.size());
  const auto check = [&](const auto& model, const char* name) {
    detail::check_items(model.items(), catalog_.size(), where, name);
  };
  detail::load_model<ItemItem<CsrMatrix<float>>, ItemItem<QuantizedCsrMatrix>>(
      bundle, "items", where, [&](auto model) {
        check(model, "items");
        items = AnyScorer(std::move(model));
      });
  detail::load_model<ContentModel<CsrMatrix<float>>, ContentModel<QuantizedCsrMatrix>>(
      bundle, "content", where, [&](auto model) {
        check(model, "content");
        content = AnyScorer(std::move(model));
      });
  detail::load_model<Popularity>(bundle, "popularity", where, [&](Popularity model) {
    check(model, "popularity");
    popularity_ = std::make_shared<Popularity>(std::move(model));
    popularity = AnyScorer(std::shared_ptr<const Popularity>(popularity_));
  });
  TillWeights weights;
  detail::load_model<TillWeights>(bundle, "weights", where,
                                  [&](const TillWeights& found) { weights = found; });
  if (options.weights) weights = *options.weights;
  return Scoring({weights.items, weights.content, weights.popularity}, std::move(items),
                 std::move(content), std::move(popularity));
}

BODEGA_INLINE Slate Till::recommend(const Query& query, std::size_t k,
                                    Workspace& workspace) const noexcept {
  return slate_of(select_slate(scoring_, query, stock_, k, workspace));
}

BODEGA_INLINE Slate Till::search(std::string_view text, const Query& query, std::size_t k,
                                 SearchWorkspace& workspace) const noexcept {
  Slate slate;
  visit_search([&](const auto& index) {
    slate.picks = bodega::search(index, text, scoring_, query, stock_, k, workspace);
  });
  if (!slate.empty()) slate.answered_by = SlateRung::blend;
  return slate;
}

BODEGA_INLINE void Till::observe(const Receipt& receipt) {
  check(receipt);
  Receipt sold = net_(receipt);
  sold.when = Moment(sold.when.seconds_since_1970() - day_starts_at_);
  const Day day = sold.when.day();
  const RecentSales& sales = demand_.sales();
  ++report_.receipts;
  for (const ReceiptLine& line : sold.lines)
    if (line.quantity > Quantity() && !stock_.available(line.item)) {
      stock_.forget(line.item);
      ++report_.stock_wrong;
    }
  const auto last = sales.last_day();
  const TillClock::Verdict verdict = clock_.hear(day, last);
  if (verdict == TillClock::Verdict::hold) {
    stock_.observe(sold);
    ++report_.held;
    return;
  }
  if (verdict == TillClock::Verdict::go_back) demand_.go_back(day);
  report_.clock_moves += verdict != TillClock::Verdict::believe;
  if (last && day > *last) close_day();
  for_each_listener([&](auto& listener) { listener.observe(sold); });
  if (sales.open_day() == day)
    for (const ReceiptLine& line : sold.lines) {
      if (stock_.available(line.item))
        demand_.sales().mark_known(line.item);
      else if (line.quantity > Quantity())
        demand_.sales().mark_unknown(line.item);
    }
}

BODEGA_INLINE void Till::close_day() noexcept {
  if (!demand_.sales().open_day()) return;
  for (std::uint32_t i = 0; i < catalog_.size(); ++i)
    if (!stock_.available(ItemIndex(i))) demand_.sales().mark_unknown(ItemIndex(i));
  demand_.close_day();
}

BODEGA_INLINE std::string Till::describe(const Reason& reason) const {
  std::string_view term;
  if (reason.kind == Reason::Kind::matches)
    visit_search([&](const auto& index) { term = index.term(reason.term); });
  else
    visit_content([&](const auto& content) { term = content.term(reason.term); });
  return bodega::describe(reason, catalog_, term);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
