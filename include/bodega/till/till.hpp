// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/content/content_model.hpp>
#include <bodega/content/search_index.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/covariates.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/factor_mean.hpp>
#include <bodega/forecast/forecast.hpp>
#include <bodega/forecast/intermittent.hpp>
#include <bodega/forecast/pooled_level.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/describe.hpp>
#include <bodega/hybrid/one_of.hpp>
#include <bodega/hybrid/search.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/inventory/stock.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>
#include <bodega/till/recent_sales.hpp>

namespace bodega {

/// How much each recommender of a till counts. The defaults were chosen on held-out baskets of a
/// gift wholesaler of 3,800 items with EASE for `items`: hit rate@10 0.295, 0.005 +- 0.004 above
/// EASE alone; content 0.1 or popularity 10 already cost. The back office may choose its own with
/// `evaluate_ranking` and store them in the bundle under "weights".
struct TillWeights {
  static constexpr std::string_view kind = "till_weights";

  float items = 1;          ///< bought together
  float content = 0.02f;    ///< alike by description and attributes: leads where sales say little
  float popularity = 0.3f;  ///< a share of all sales: decides where the others are silent

  /// Error (not_finite).
  void validate(const std::string& where) const {
    const float all[] = {items, content, popularity};
    validate_finite(all, where);
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("items", self.items);
    visit("content", self.content);
    visit("popularity", self.popularity);
  }
};

struct TillOptions {
  std::optional<TillWeights> weights = {};  ///< else those of the bundle, else the defaults
  std::size_t max_picks = Workspace::default_max_picks;  ///< of `recommend` without a workspace
};

/// What a slate rests on, best first.
enum class SlateRung : std::uint8_t {
  blend,       ///< at least one pick has a reason in the query
  popularity,  ///< nothing in the query led anywhere: what many buy
  none         ///< no item with evidence is allowed: the slate is empty
};

constexpr std::string_view name(SlateRung rung) noexcept {
  switch (rung) {
    case SlateRung::blend:
      return "blend";
    case SlateRung::popularity:
      return "popularity";
    case SlateRung::none:
      return "none";
  }
  return "none";
}

/// A till's answer, best pick first. Stands in its workspace until that is used again.
struct Slate {
  std::span<const Pick> picks;
  SlateRung answered_by = SlateRung::none;

  const Pick* begin() const noexcept { return picks.data(); }
  const Pick* end() const noexcept { return picks.data() + picks.size(); }
  std::size_t size() const noexcept { return picks.size(); }
  bool empty() const noexcept { return picks.empty(); }
  const Pick& operator[](std::size_t i) const noexcept { return picks[i]; }
};

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
///   demand           Lstm of hidden size 8, 16, 32 or 64, float or INT8
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
/// without a workspace want no other thread on the till.
class Till {
 public:
  using Items = OneOf<ItemItem<CsrMatrix<float>>, ItemItem<QuantizedCsrMatrix>>;
  using Content = OneOf<ContentModel<CsrMatrix<float>>, ContentModel<QuantizedCsrMatrix>>;
  using Scoring = Blend<Items, Content, OneOf<Popularity>>;
  using Demand = std::variant<std::monostate, Lstm<8>, Lstm<8, QuantizedMatrix>, Lstm<16>,
                              Lstm<16, QuantizedMatrix>, Lstm<32>, Lstm<32, QuantizedMatrix>,
                              Lstm<64>, Lstm<64, QuantizedMatrix>>;

  /// Errors: those of `Bundle::open` and of the constructor, naming the file.
  static Till open(const std::string& path, const TillOptions& options = {}) {
    return Till(Bundle::open(path), options, path);
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
  const RecentSales& sales() const noexcept { return sales_; }
  /// What is known of days to come (a promotion, a price), for networks that were trained with it.
  Covariates& covariates() noexcept { return covariates_; }
  const Covariates& covariates() const noexcept { return covariates_; }

  /// The best k items for the query that are in stock and not in the query, with reasons
  /// (`select_slate` has the rules). Indices outside the catalogue are ignored. An empty query is
  /// answered by popularity; k beyond the catalogue, and stock that leaves fewer than k items,
  /// shorten the slate. Allocates nothing.
  Slate recommend(const Query& query, std::size_t k) noexcept {
    return recommend(query, k, workspace_);
  }

  /// The same from any thread that has a workspace of its own: `Workspace(till.catalog().size())`.
  Slate recommend(const Query& query, std::size_t k, Workspace& workspace) const noexcept {
    const auto picks = select_slate(scoring_, query, stock_, k, workspace);
    if (picks.empty()) return {picks, SlateRung::none};
    for (const Pick& pick : picks)
      for (const Reason& reason : pick.because)
        if (reason.kind != Reason::Kind::popular) return {picks, SlateRung::blend};
    return {picks, SlateRung::popularity};
  }

  /// The best k items in stock that match a text as it is typed, by match and by what `recommend`
  /// would score for the query (`search` of hybrid/search.hpp has the rules); what the query holds
  /// may be among them. Empty without a search index. Allocates nothing.
  Slate search(std::string_view text, const Query& query, std::size_t k) noexcept {
    return search(text, query, k, search_workspace_);
  }

  /// The same from any thread that has a workspace of its own:
  /// `SearchWorkspace(till.catalog().size())`.
  Slate search(std::string_view text, const Query& query, std::size_t k,
               SearchWorkspace& workspace) const noexcept {
    Slate slate;
    visit_search([&](const auto& index) {
      slate.picks = bodega::search(index, text, scoring_, query, stock_, k, workspace);
    });
    if (!slate.empty()) slate.answered_by = SlateRung::blend;
    return slate;
  }

  /// Units expected on `forecast_day()`, and by whom (`forecast_with_fallback` has the ladder). An
  /// item outside the catalogue, and a shop without a known day, get 0 from nobody. Allocates
  /// nothing.
  Forecast forecast(ItemIndex item) const noexcept { return forecast(item, {}, {}); }
  /// Also the units that each of `levels` (rising, within 0 and 1) says: a forecast of 0.9 is not
  /// exceeded on nine days of ten. Wants as many `quantiles` as levels.
  Forecast forecast(ItemIndex item, std::span<const float> levels,
                    std::span<float> quantiles) const noexcept {
    const auto day = sales_.target();
    if (item.value() >= catalog_.size() || !day) {
      std::fill(quantiles.begin(), quantiles.end(), 0.0f);
      return {};
    }
    SalesWindow window = sales_.window(item, *day);
    if (levels_) window.level = levels_->level(item);
    std::array<float, (window_days + 1) * max_covariates> known_ahead;
    const std::size_t count = covariates_.count();
    if (count > 0) {
      for (std::size_t d = 0; d <= window_days; ++d) {
        const auto to = known_ahead.begin() + static_cast<std::ptrdiff_t>(d * count);
        const auto values = covariates_.at(item, d < window_days ? window.days[d] : *day);
        std::fill_n(to, count, 0.0f);
        std::copy(values.begin(), values.end(), to);
      }
      window.covariates = std::span<const float>(known_ahead).first((window_days + 1) * count);
    }
    return std::visit(
        [&]<class Network>(const Network& network) {
          if constexpr (std::is_same_v<Network, std::monostate>)
            return forecast_with_fallback(ladder<FactorMean<>>(nullptr), window, levels, quantiles);
          else
            return forecast_with_fallback(ladder(&network), window, levels, quantiles);
        },
        demand_);
  }

  /// The day being sold once a receipt of it was observed, else the next trading day; nothing where
  /// no day is known. After `close_day` it is tomorrow.
  std::optional<Day> forecast_day() const noexcept { return sales_.target(); }

  /// A receipt was paid: lowers the stock, adds to the day's sales, moves popularity. Lines of the
  /// same item are taken together; a negative quantity is a return, which puts back into stock and
  /// lowers the day's sales but not popularity. A receipt of a later day closes the day before it;
  /// days without trade are skipped, they are not zeros. A late receipt counts for its own day if
  /// that is among the last 14, and for stock and popularity in any case.
  /// Errors, before anything is changed: unknown_id (an item outside the catalogue), out_of_range
  /// (a quantity of more than a thousand million, or a day more than a year after the last known:
  /// a wrong clock would push out all that is known).
  /// Allocates nothing but for an Error.
  void observe(const Receipt& receipt) {
    const Day day = receipt.when.day();
    check(receipt, day);
    if (const auto last = sales_.last_day(); last && day > *last) close_day();
    for (const ReceiptLine& line : receipt.lines) net_[line.item.value()] += line.quantity;
    for (const ReceiptLine& line : receipt.lines) {
      const Quantity sold = std::exchange(net_[line.item.value()], Quantity());
      if (sold == Quantity()) continue;
      stock_.take(line.item, sold);
      sales_.add(line.item, day, static_cast<float>(sold.value()));
      if (sold > Quantity() && sales_.open_day() == day && !stock_.available(line.item))
        sales_.mark_unknown(line.item);
      if (Popularity* popularity = scoring_.part<2>().get_if<Popularity>();
          popularity && sold > Quantity())
        popularity->observe(line.item, day);
    }
  }

  /// The shop has closed for the day: forecasts are for the next one from now on.
  void close_day() noexcept {
    const auto day = sales_.open_day();
    if (!day) return;
    for (std::uint32_t i = 0; i < catalog_.size(); ++i)
      if (!stock_.available(ItemIndex(i))) sales_.mark_unknown(ItemIndex(i));
    sales_.close_day();
    learn_day(*day, [&](ItemIndex item) {
      return sales_.knows_last_day(item) ? sales_.sales(item).back() : -1.0f;
    });
  }

  /// "bought with WHITE METAL LANTERN", "alike: lantern", "matches: lantern", "popular these days".
  /// Allocates.
  std::string describe(const Reason& reason) const {
    std::string_view term;
    if (reason.kind == Reason::Kind::matches)
      visit_search([&](const auto& index) { term = index.term(reason.term); });
    else
      scoring_.part<1>().visit([&](const auto& content) { term = content.term(reason.term); });
    return bodega::describe(reason, catalog_, term);
  }

 private:
  Till(const Bundle& bundle, const TillOptions& options, const std::string& where)
      : catalog_(bundle.get<Catalog>("catalog")),
        scoring_(load_scoring(bundle, options, where)),
        stock_(catalog_.size()),
        sales_(catalog_.size()),
        workspace_(catalog_.size(), options.max_picks),
        net_(catalog_.size()) {
    load<Lstm<8>, Lstm<8, QuantizedMatrix>, Lstm<16>, Lstm<16, QuantizedMatrix>, Lstm<32>,
         Lstm<32, QuantizedMatrix>, Lstm<64>, Lstm<64, QuantizedMatrix>>(
        bundle, "demand", where, [&](auto network) { demand_ = std::move(network); });
    load<SearchIndex<CsrMatrix<float>>, SearchIndex<QuantizedCsrMatrix>>(
        bundle, "search", where, [&](auto index) {
          check_items(index.items(), where + ", model search");
          search_ = std::move(index);
          search_workspace_ = SearchWorkspace(catalog_.size(), options.max_picks);
        });
    load<WeekdayMean>(bundle, "demand_baseline", where,
                      [&](WeekdayMean baseline) { baseline_ = std::move(baseline); });
    load<FactorMean<>>(bundle, "demand_factors", where,
                       [&](FactorMean<> factors) { factor_mean_ = std::move(factors); });
    load<Covariates>(bundle, "covariates", where, [&](Covariates covariates) {
      if (covariates.items() > 0) check_items(covariates.items(), where + ", model covariates");
      covariates_ = std::move(covariates);
    });
    load<IntermittentDemand>(bundle, "demand_memory", where, [&](IntermittentDemand memory) {
      check_items(memory.items(), where + ", model demand_memory");
      memory_ = std::move(memory);
    });
    load<PooledLevel>(bundle, "demand_levels", where, [&](PooledLevel levels) {
      check_items(levels.series(), where + ", model demand_levels");
      levels_ = std::move(levels);
    });
    check_covariates(where);
    load<DailySales>(bundle, "history", where, [&](const DailySales& history) {
      check_items(history.items(), where + ", model history");
      sales_ = RecentSales(history);
      for (std::size_t c = 0; c < history.days(); ++c)
        if (history.traded(c))
          learn_day(history.day(c), [&](ItemIndex item) {
            return history.known(item, c) ? history.at(item, c) : -1.0f;
          });
    });
  }

  template <class Use>
  void visit_search(Use&& use) const {
    std::visit(
        [&]<class Index>(const Index& index) {
          if constexpr (!std::is_same_v<Index, std::monostate>) use(index);
        },
        search_);
  }

  template <class Network>
  ForecastLadder<Network> ladder(const Network* network) const noexcept {
    return {network, memory_ ? &*memory_ : nullptr, factor_mean_ ? &*factor_mean_ : nullptr,
            baseline_ ? &*baseline_ : nullptr};
  }

  /// Calls `use` with the factors that levels are of.
  template <class Use>
  void with_factors(Use&& use) const {
    std::visit(
        [&]<class Network>(const Network& network) {
          if constexpr (!std::is_same_v<Network, std::monostate>)
            use(network.factors());
          else if (factor_mean_)
            use(factor_mean_->factors());
          else
            use(DemandFactors<>());
        },
        demand_);
  }

  /// What remembers more than 14 days learns a day that is over, unless it knows it.
  template <class Sold>
  void learn_day(Day day, Sold&& sold) noexcept {
    if (memory_) memory_->close_day(day, sold);
    if (levels_)
      with_factors([&](const auto& factors) {
        levels_->close_day(factors, day, sold,
                           [&](ItemIndex item) { return covariates_.at(item, day); });
      });
  }

  /// A network that was trained with covariates is not to be asked without: zeros would pass for
  /// usual days.
  void check_covariates(const std::string& where) const {
    std::size_t wanted = factor_mean_ ? factor_mean_->factors().covariates() : 0;
    std::visit(
        [&]<class Network>(const Network& network) {
          if constexpr (!std::is_same_v<Network, std::monostate>)
            wanted = std::max(
                {wanted, network.factors().covariates(), std::size_t{network.inputs().covariates}});
        },
        demand_);
    if (wanted > covariates_.count())
      throw Error(ErrorCode::missing, where + ", model covariates",
                  std::to_string(wanted) + " columns, as its forecaster was trained with",
                  std::to_string(covariates_.count()));
  }

  Scoring load_scoring(const Bundle& bundle, const TillOptions& options,
                       const std::string& where) const {
    Items items(catalog_.size());
    Content content(catalog_.size());
    OneOf<Popularity> popularity(catalog_.size());
    const auto into = [&](auto& part, const char* name) {
      return [&, name]<class M>(M model) {
        check_items(model.items(), where + ", model " + name);
        part = std::remove_reference_t<decltype(part)>(std::move(model));
      };
    };
    load<ItemItem<CsrMatrix<float>>, ItemItem<QuantizedCsrMatrix>>(bundle, "items", where,
                                                                   into(items, "items"));
    load<ContentModel<CsrMatrix<float>>, ContentModel<QuantizedCsrMatrix>>(
        bundle, "content", where, into(content, "content"));
    load<Popularity>(bundle, "popularity", where, into(popularity, "popularity"));
    TillWeights weights;
    load<TillWeights>(bundle, "weights", where, [&](const TillWeights& found) { weights = found; });
    if (options.weights) weights = *options.weights;
    return Scoring({weights.items, weights.content, weights.popularity}, std::move(items),
                   std::move(content), std::move(popularity));
  }

  /// Calls `use` with the bundle's model of that name, which must be one of `Known`.
  template <class... Known, class Use>
  static void load(const Bundle& bundle, std::string_view name, const std::string& where,
                   Use&& use) {
    const auto names = bundle.names();
    if (std::find(names.begin(), names.end(), name) == names.end()) return;
    const auto attempt = [&]<class M>(std::type_identity<M>) {
      if (!bundle.holds<M>(name)) return false;
      use(bundle.get<M>(name));
      return true;
    };
    if (!(attempt(std::type_identity<Known>{}) || ...))
      throw Error(ErrorCode::format, where + ", model " + std::string(name),
                  "one of the " + std::to_string(sizeof...(Known)) + " types a till knows there",
                  std::string(bundle.signature(name)));
  }

  void check_items(std::size_t found, const std::string& where) const {
    if (found != catalog_.size())
      throw Error(ErrorCode::shape, where,
                  std::to_string(catalog_.size()) + " items as in the catalogue",
                  std::to_string(found));
  }

  void check(const Receipt& receipt, Day day) const {
    for (std::size_t i = 0; i < receipt.lines.size(); ++i) {
      const auto [item, quantity, price] = receipt.lines[i];
      if (item.value() >= catalog_.size())
        throw Error(ErrorCode::unknown_id, "receipt, line " + std::to_string(i + 1),
                    "an item of the " + std::to_string(catalog_.size()) + " in the catalogue",
                    item.is_none() ? "none" : "item " + std::to_string(item.value()));
      if (quantity > kMost || quantity < -kMost)
        throw Error(ErrorCode::out_of_range, "receipt, quantity of line " + std::to_string(i + 1),
                    "at most a thousand million units", std::to_string(quantity.value()));
    }
    if (const auto last = sales_.last_day(); last && day > *last + kLongestPause)
      throw Error(ErrorCode::out_of_range, "receipt, time",
                  "a day up to a year after the last known, " + last->to_string(), day.to_string());
  }

  static constexpr int kLongestPause = 366;  // days
  static constexpr Quantity kMost = Quantity::from_whole(1'000'000'000);

  Catalog catalog_;
  Scoring scoring_;
  Stock stock_;
  Demand demand_;
  std::optional<WeekdayMean> baseline_;
  std::optional<FactorMean<>> factor_mean_;
  std::optional<IntermittentDemand> memory_;
  std::optional<PooledLevel> levels_;
  Covariates covariates_;
  RecentSales sales_;
  Workspace workspace_;
  std::variant<std::monostate, SearchIndex<CsrMatrix<float>>, SearchIndex<QuantizedCsrMatrix>>
      search_;
  SearchWorkspace search_workspace_{0};
  std::vector<Quantity> net_;  // per item of the receipt being observed; zero between calls
};

}  // namespace bodega
