// SPDX-License-Identifier: MIT
// Prints every struct of options, a line each with tabs between: "S", struct, what takes it; and
// its options, "O", name, type, default, meaning. docs/make_options.py makes docs/options.md of it.
#include <cstdio>
#include <string>
#include <string_view>

#include <bodega/bodega.hpp>
#include <bodega/core/options_record.hpp>

namespace {

using namespace bodega;

template <class T>
std::string type_of() {
  if constexpr (std::is_same_v<T, bool>) {
    return "yes or no";
  } else if constexpr (std::is_same_v<T, char>) {
    return "letter";
  } else if constexpr (std::integral<T>) {
    return "whole number";
  } else if constexpr (std::floating_point<T>) {
    return "number";
  } else if constexpr (NamedEnum<T>) {
    std::string words;
    for (const EnumName<T>& one : enum_names(T{}))
      words += (words.empty() ? "`" : ", `") + std::string(one.name) + "`";
    return words;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return "text";
  } else if constexpr (std::is_same_v<T, ProgressCallback>) {
    return "callback";
  } else if constexpr (std::is_same_v<T, NormaliseCode>) {
    return "list of `CodeRule` or function";
  } else if constexpr (requires(const T value) { value.has_value(); }) {
    return type_of<typename T::value_type>() + " or none";
  } else if constexpr (requires(const T value) { value.size(); }) {
    return "list";
  } else {
    return "see header";
  }
}

template <OptionsList Options>
void list(const char* name, const char* takers) {
  std::printf("S\t%s\t%s\n", name, takers);
  const Options defaults{};
  for_each_option(defaults,
                  []<class T>(std::string_view option, const T& value, std::string_view meaning) {
                    std::string shown;
                    if constexpr (OptionValue<T>) shown = option_text(value);
                    std::printf("O\t%.*s\t%s\t%s\t%.*s\n", static_cast<int>(option.size()),
                                option.data(), type_of<T>().c_str(), shown.c_str(),
                                static_cast<int>(meaning.size()), meaning.data());
                  });
}

}  // namespace

#define LIST(options, takers) list<options>(#options, takers)

int main() {
  LIST(CatalogOptions, "read_catalog");
  LIST(ReceiptOptions, "read_receipts");
  LIST(AbsenceOptions, "mark_absences, Receipts::daily_sales");
  LIST(CodeRuleOptions, "CodeRules");
  LIST(CooccurrenceOptions, "Cooccurrence");
  LIST(CountPairsOptions, "count_pairs");
  LIST(StoreSalesOptions, "StoreSales");
  LIST(EaseOptions, "fit_ease");
  LIST(EaseRefitOptions, "refit_ease");
  LIST(ItemNeighboursOptions, "fit_item_neighbours");
  LIST(Bm25NeighboursOptions, "fit_bm25_neighbours");
  LIST(TfidfNeighboursOptions, "fit_tfidf_neighbours");
  LIST(Rp3betaOptions, "fit_rp3beta");
  LIST(ComplementsOptions, "fit_complements");
  LIST(SubstitutesOptions, "fit_substitutes");
  LIST(FrequentItemsetsOptions, "find_frequent_itemsets");
  LIST(AssociationRulesOptions, "fit_association_rules");
  LIST(RepeatPurchaseOptions, "fit_repeat_purchase");
  LIST(CustomerBasketsOptions, "fit_customer_baskets");
  LIST(PurchaseCycleOptions, "fit_purchase_cycle");
  LIST(CustomerNeighboursOptions, "fit_customer_neighbours");
  LIST(TifuOptions, "tifu_vectors");
  LIST(AlsOptions, "fit_als");
  LIST(BprOptions, "fit_bpr");
  LIST(PopularityOptions, "Popularity");
  LIST(ShopPriorOptions, "fit_shop_prior");
  LIST(ContentModelOptions, "fit_content_model");
  LIST(SearchIndexOptions, "SearchIndex");
  LIST(MatchOptions, "SearchIndex::match");
  LIST(SearchOptions, "search");
  LIST(ItemVectorsOptions, "fit_item_vectors");
  LIST(AttributeMapOptions, "fit_attribute_map");
  LIST(SessionWindowOptions, "SessionWindow");
  LIST(SessionNeighboursOptions, "SessionNeighbours");
  LIST(SequentialRulesOptions, "fit_sequential_rules");
  LIST(ForecastTrainingOptions, "train_lstm, train_gru, fine_tune");
  LIST(DemandFactorsOptions, "fit_demand_factors");
  LIST(PooledLevelOptions, "with_pooled_levels");
  LIST(IntermittentOptions, "IntermittentDemand");
  LIST(PruneOptions, "prune");
  LIST(GradualPruneOptions, "prune_gradually");
  LIST(QuantizeOptions, "quantize");
  LIST(BlendWeightsOptions, "fit_blend_weights");
  LIST(ContextCountsOptions, "ContextCounts");
  LIST(ContextLiftOptions, "fit_context_lift");
  LIST(ConfidenceOptions, "fit_confidence");
  LIST(CalibrationOptions, "report_calibration");
  LIST(LeaveOneOutOptions, "LeaveOneOut");
  LIST(RankingOptions, "evaluate_ranking");
  LIST(BasketEvaluationOptions, "evaluate_baskets");
  LIST(TillOptions, "Till::open");
  LIST(TillModelsOptions, "load_models");
  LIST(JournalOptions, "Journal");
  LIST(EventLogOptions, "EventLog");
}
