// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/content/new_item.hpp>
#include <bodega/content/search_index.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/code_rules.hpp>
#include <bodega/data/customer_table.hpp>
#include <bodega/hybrid/describe.hpp>
#include <bodega/hybrid/part_blend.hpp>
#include <bodega/hybrid/part_weights.hpp>
#include <bodega/hybrid/search.hpp>
#include <bodega/till/demand_models.hpp>
#include <bodega/till/live_model.hpp>
#include <bodega/till/model_loader.hpp>
#include <bodega/till/slate_models.hpp>
#include <bodega/till/till_models_options.hpp>
#include <bodega/till/till_part.hpp>
#include <bodega/till/till_weights.hpp>

namespace bodega::inline BODEGA_ABI {

/// The models of one bundle as a till uses them: immutable, apart from all that happens in the
/// shop, so shared by all who serve from it. Made by `load_models`.
///
/// Models of a bundle besides the parts and rungs of its list; all but the catalogue may be absent:
///
///   catalog          Catalog
///   cards            CustomerTable: who a loyalty card stands for
///   code_rules       CodeRules: how the shop's codes are read
///   weights          PartWeights, or TillWeights of before
///   search           SearchIndex, float or INT8
///   slate_rules, stand_ins, confidence   what a slate is made by: see `SlateModels`
///   demand_factors   FactorMean
///   demand_memory    IntermittentDemand: what items sold on all days before
///   demand_levels    PooledLevel, by the first rung's factors, else those of demand_factors
///   demand_baseline  WeekdayMean
///   covariates       Covariates of days past and to come
///   history          DailySales, of which the last 14 days with trade are used
///
/// Thread safety: immutable, any number of readers.
class TillModels {
 public:
  /// Throws what `load_models` does.
  TillModels(detail::ModelLoader loader, const TillModelsOptions& options);

  const Catalog& catalog() const noexcept { return catalog_; }
  /// The customers that the file knows, and the key that cards are hashed by.
  const CustomerTable& customers() const noexcept { return customers_; }
  /// How the shop's codes are read; null: as they are.
  const CodeRules* code_rules() const noexcept { return code_rules_ ? &*code_rules_ : nullptr; }
  /// The item of a code, as it was scanned or typed; none() outside the catalogue. Allocates
  /// nothing.
  ItemIndex find(std::string_view code) const noexcept {
    if (!code_rules_) return catalog_.find(code);
    CodeBuffer room;
    return catalog_.find(code_rules_->item(code, room).code);
  }
  /// Who has a loyalty card, as it was read, among `customers`. Allocates nothing.
  CustomerIndex find_card(std::string_view card, const CustomerTable& customers) const noexcept {
    if (!code_rules_) return customers.find(card);
    CodeBuffer room;
    return customers.find(code_rules_->customer(card, room));
  }

  /// Those that the bundle holds, in the order of the list.
  std::span<const TillPart> parts() const noexcept { return parts_; }
  /// Null where the bundle has no part of that name.
  const TillPart* part(std::string_view name) const noexcept;

  /// What a till without any event begins with: copies of the models that learn, in the order of
  /// the parts.
  std::vector<LiveModel> live_models() const;

  /// The blend that recommends. It refers to the scorers of these models, and to `live` in place of
  /// those that learn, as long as these live. Precondition: `live` is as `live_models()` gave it,
  /// or what events made of that.
  PartBlend blend(std::span<const LiveModel> live) const;
  /// How much a part counts in a situation.
  float weight(Situation situation, std::size_t part) const noexcept {
    return weights_(situation.index(), part);
  }

  /// Returns the name of the part that a slate rests on: of all parts the one whose reasons weigh
  /// most over its picks. "search" where only the text speaks for them, "none" for no pick.
  std::string_view answered_by(std::span<const Pick> picks) const noexcept;

  /// Puts a reason of a pick of `blend` or `search` into words: the part's own, as "bought with
  /// WHITE METAL LANTERN", "alike: lantern", "matches: lantern", "popular these days".
  std::string describe(const Reason& reason) const;

  /// Whether the bundle has a search index.
  bool searches() const noexcept { return !std::holds_alternative<std::monostate>(search_); }
  /// See `search` of hybrid/search.hpp; nothing without an index. Allocates nothing.
  template <Scorer S, Mask M>
  std::span<const Pick> search(std::string_view text, const S& scorer, const Query& query,
                               const M& mask, std::size_t k,
                               SearchWorkspace& workspace) const noexcept {
    return visit_search([&](const auto& index) {
      return bodega::search(index, text, scorer, query, mask, k, workspace);
    });
  }

  /// The rules that slates keep.
  const CompiledRules& rules() const noexcept { return slates_.rules(); }
  /// What follows the scores on the way to a slate; borrowed.
  SlateSteps steps() const noexcept {
    const TillPart* popularity = part("popularity");
    return slates_.steps(popularity ? popularity->scorer.get_if<Popularity>() : nullptr);
  }

  /// What forecasts, and what its memory begins with.
  const DemandModels& demand() const noexcept { return demand_; }

  /// The last day of which the file knows the sales; nothing where it knows none.
  std::optional<Day> known_until() const noexcept;

  /// What of a query no part that counts looks at.
  QueryParts unused() const noexcept;
  /// Names of models and weights of the bundle that no list knows.
  std::span<const std::string> unknown() const noexcept { return unknown_; }

  /// Returns these models and one item more, at the end of the catalogue, which the search index
  /// finds and the parts that can (`with_item`) like by its description at once. Throws Error as
  /// `Catalog::add`. Complexity: a copy of what grows.
  TillModels with_item(const Item& item) const;
  /// Returns these models with another code for an item. Throws Error (unknown_id, duplicate).
  TillModels with_code(std::string_view code, std::string_view to) const;
  /// Returns these models with what is known of a day to come, for all items or (not none()) one.
  /// Throws Error as `Covariates::set`.
  TillModels with_covariate(std::string_view name, ItemIndex item, Day day, float value) const;

 private:
  using Search =
      std::variant<std::monostate, SearchIndex<CsrMatrix<float>>, SearchIndex<QuantizedCsrMatrix>>;

  template <class Use>
  auto visit_search(Use&& use) const {
    using Result = decltype(use(SearchIndex<CsrMatrix<float>>()));
    return std::visit(
        [&]<class Index>(const Index& index) -> Result {
          if constexpr (std::is_same_v<Index, std::monostate>)
            return Result();
          else
            return use(index);
        },
        search_);
  }

  void load_weights(const Bundle& bundle, const TillModelsOptions& options,
                    const std::string& where);
  void find_unknown(const detail::ModelLoader& loader, UnknownParts unknown);

  Catalog catalog_;
  CustomerTable customers_;
  std::optional<CodeRules> code_rules_;
  std::vector<TillPart> parts_;
  Matrix<float> weights_;  // situations x parts
  Search search_;
  SlateModels slates_;
  DemandModels demand_;
  std::vector<std::string> unknown_;
};

/// Reads the models of a bundle: what `Parts` (a `Part`, a `Ladder`, a `PartList` of them) list,
/// and what `TillModels` does. `where` names the bundle in errors. Throws Error(missing) without a
/// catalogue, (format) for a model of a type that no list knows under its name, (shape) for one of
/// another number of items than the catalogue, (unknown_id) for what no list knows where that is
/// refused, and what is wrong with a model's numbers.
template <class... Parts>
TillModels load_models(const Bundle& bundle, const TillModelsOptions& options = {},
                       const std::string& where = "bundle") {
  detail::ModelLoader loader(bundle, where);
  (Parts::load(loader), ...);
  loader.finish();
  return TillModels(std::move(loader), options);
}

#if BODEGA_BODIES

BODEGA_INLINE TillModels::TillModels(detail::ModelLoader loader, const TillModelsOptions& options)
    : catalog_(std::move(loader.catalog)),
      parts_(std::move(loader.parts)),
      demand_(loader.bundle(), loader.rungs, catalog_.size(), loader.where()) {
  detail::load_model<SearchIndex<CsrMatrix<float>>, SearchIndex<QuantizedCsrMatrix>>(
      loader.bundle(), "search", loader.where(), [&](auto index) {
        detail::check_items(index.items(), catalog_.size(), loader.where(), "search");
        search_ = std::move(index);
      });
  detail::load_model<CustomerTable>(loader.bundle(), "cards", loader.where(),
                                    [&](CustomerTable found) { customers_ = std::move(found); });
  detail::load_model<CodeRules>(loader.bundle(), "code_rules", loader.where(),
                                [&](CodeRules found) { code_rules_ = std::move(found); });
  slates_ = SlateModels(loader.bundle(), catalog_, options.stores, loader.where());
  load_weights(loader.bundle(), options, loader.where());
  find_unknown(loader, options.unknown_parts);
}

BODEGA_INLINE void TillModels::load_weights(const Bundle& bundle, const TillModelsOptions& options,
                                            const std::string& where) {
  std::optional<PartWeights> weights = options.weights;
  if (!weights)
    detail::load_model<PartWeights, TillWeights>(bundle, "weights", where,
                                                 [&]<class Found>(Found found) {
                                                   if constexpr (std::is_same_v<Found, TillWeights>)
                                                     weights = part_weights(found);
                                                   else
                                                     weights = std::move(found);
                                                 });
  weights_ = Matrix<float>(Situation::count, parts_.size());
  for (std::size_t s = 0; s < Situation::count; ++s)
    for (std::size_t p = 0; p < parts_.size(); ++p)
      weights_(s, p) =
          weights ? weights->weight(Situation::at(s), parts_[p].name) : parts_[p].usual_weight;
  const bool of_before = !options.weights && bundle.contains("weights") &&
                         bundle.holds<TillWeights>("weights");  // it names all that there were
  for (std::size_t n = 0; weights && !of_before && n < weights->parts(); ++n)
    if (part(weights->part(n)) == nullptr) unknown_.emplace_back(weights->part(n));
}

BODEGA_INLINE void TillModels::find_unknown(const detail::ModelLoader& loader,
                                            UnknownParts unknown) {
  constexpr std::array<std::string_view, 14> own = {
      "slate_rules",   "stand_ins",       "confidence", "code_rules",     "catalog",
      "cards",         "weights",         "search",     "demand_factors", "demand_memory",
      "demand_levels", "demand_baseline", "covariates", "history"};
  for (std::string& name : loader.bundle().names())
    if (loader.wants(name) && part(name) == nullptr &&
        std::find(own.begin(), own.end(), name) == own.end())
      unknown_.push_back(std::move(name));
  if (unknown == UnknownParts::refuse && !unknown_.empty())
    throw Error(ErrorCode::unknown_id, loader.where() + ", " + unknown_.front(),
                "what the till's list of parts knows", "a model or a weight that it does not");
}

BODEGA_INLINE const TillPart* TillModels::part(std::string_view name) const noexcept {
  const auto at = std::find_if(parts_.begin(), parts_.end(),
                               [&](const TillPart& part) { return part.name == name; });
  return at == parts_.end() ? nullptr : &*at;
}

BODEGA_INLINE std::vector<LiveModel> TillModels::live_models() const {
  std::vector<LiveModel> live;
  for (const TillPart& part : parts_)
    if (part.live) live.push_back(part.live);
  return live;
}

BODEGA_INLINE PartBlend TillModels::blend(std::span<const LiveModel> live) const {
  std::vector<AnyScorer> scorers;
  std::size_t next = 0;
  for (const TillPart& part : parts_)
    scorers.push_back(part.live ? live[next++].scorer() : part.scorer);
  return {catalog_.size(), std::move(scorers), weights_};
}

BODEGA_INLINE std::string_view TillModels::answered_by(std::span<const Pick> picks) const noexcept {
  std::array<double, std::size_t{Reason::no_part} + 1> weight{};
  for (const Pick& pick : picks)
    for (const Reason& reason : pick.because) weight[reason.part] += double{reason.contribution};
  const std::size_t no_part = Reason::no_part;
  std::size_t best = no_part;
  for (std::size_t p = 0; p < parts_.size(); ++p)
    if (weight[p] > (best == no_part ? 0 : weight[best])) best = p;
  if (best < no_part) return parts_[best].name;
  return picks.empty() ? "none" : weight[no_part] > 0 ? "search" : "blend";
}

BODEGA_INLINE std::string TillModels::describe(const Reason& reason) const {
  if (reason.part < parts_.size()) return parts_[reason.part].describe(reason, catalog_);
  return bodega::describe(reason, catalog_,
                          visit_search([&](const auto& index) { return index.term(reason.term); }));
}

BODEGA_INLINE std::optional<Day> TillModels::known_until() const noexcept {
  std::optional<Day> known = demand_.known_until();
  for (const TillPart& part : parts_) {
    if (known || !part.live) continue;
    known = part.live.last_day();
  }
  return known;
}

BODEGA_INLINE QueryParts TillModels::unused() const noexcept {
  QueryParts used;
  for (std::size_t s = 0; s < Situation::count; ++s)
    for (std::size_t p = 0; p < parts_.size(); ++p)
      if (weights_(s, p) != 0) used |= parts_[p].scorer.uses();
  return QueryParts::all() - used;
}

BODEGA_INLINE TillModels TillModels::with_item(const Item& item) const {
  TillModels longer = *this;
  longer.catalog_.add(item);
  for (TillPart& part : longer.parts_) part = part.with_item(longer.catalog_);
  longer.slates_.follow(longer.catalog_);
  if (searches())
    longer.search_ = visit_search([&](const auto& index) {
                       return std::optional(bodega::with_item(index, longer.catalog_));
                     }).value();
  return longer;
}

BODEGA_INLINE TillModels TillModels::with_code(std::string_view code, std::string_view to) const {
  TillModels renamed = *this;
  renamed.catalog_ = catalog_.with_id(catalog_.at(code), to);
  return renamed;
}

BODEGA_INLINE TillModels TillModels::with_covariate(std::string_view name, ItemIndex item, Day day,
                                                    float value) const {
  TillModels told = *this;
  if (item.is_none())
    told.demand_.covariates().set(name, day, value);
  else
    told.demand_.covariates().set(name, item, day, value);
  return told;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
