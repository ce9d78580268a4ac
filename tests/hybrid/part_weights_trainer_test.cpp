// SPDX-License-Identifier: MIT
#include <bodega/hybrid/part_weights_trainer.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/data/split.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/evaluate/ranking.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/part_blend.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "example_shop.hpp"
#include "hybrid/toy_scorers.hpp"
#include "shared_data.hpp"

using namespace bodega;
using bodega_test::Approx;
using bodega_test::FixedScores;

namespace {

constexpr Situation no_hint, basket(true, false, false), customer(false, true, false),
    both(true, true, false), session(false, false, true);

struct Parts {
  Popularity popularity;
  ItemItem<> items;
  RepeatPurchase<> repeat;
  explicit Parts(const Baskets& baskets)
      : popularity(baskets),
        items(fit_item_neighbours(Cooccurrence(baskets))),
        repeat(fit_repeat_purchase(baskets, {.prior = 0})) {}
  std::vector<NamedScorer> named() const {
    return {{"popularity", AnyScorer::refer_to(popularity)},
            {"items", AnyScorer::refer_to(items)},
            {"repeat", AnyScorer::refer_to(repeat)}};
  }
};

/// As a till weighs them.
PartBlend blend_of(const std::vector<NamedScorer>& parts, const PartWeights& weights) {
  std::vector<AnyScorer> scorers;
  Matrix<float> table(Situation::count, parts.size());
  for (std::size_t p = 0; p < parts.size(); ++p) {
    scorers.push_back(parts[p].scorer);
    for (std::size_t s = 0; s < Situation::count; ++s)
      table(s, p) = weights.weight(Situation::at(s), parts[p].name);
  }
  return {scorers[0].items(), scorers, table};
}

}  // namespace

TEST_CASE("Each situation gets the part that is right in it") {
  // Whoever has 1 buys 2, customer 0 buys 3, and everybody else 0.
  class Basket {
   public:
    std::size_t items() const noexcept { return 4; }
    void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
      if (!query.basket.empty()) scores[2] += weight;
    }
    void explain(const Query&, float, ItemIndex, Reasons&) const noexcept {}
  };
  class Card {
   public:
    std::size_t items() const noexcept { return 4; }
    void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
      if (!query.customer.is_none()) scores[2] += weight;
      scores[3] += weight / 2;
    }
    void explain(const Query&, float, ItemIndex, Reasons&) const noexcept {}
  };
  LeaveOneOut cases{ItemMask(4)};
  const std::array pair{ItemIndex(1), ItemIndex(2)};
  for (int i = 0; i < 10; ++i) cases.add(pair, 1, true, CustomerIndex(0));
  for (int i = 0; i < 5; ++i) cases.add(pair, 1, true);
  const std::vector<NamedScorer> parts{{"sold", AnyScorer(FixedScores({3, 2, 1, 0}))},
                                       {"basket", AnyScorer(Basket())},
                                       {"card", AnyScorer(Card())}};
  const auto fit = fit_blend_weights(cases, parts, {.k = 4, .candidates = 4});
  REQUIRE(fit.situations.size() == 4);
  CHECK(fit.weights.weight(no_hint, "sold") == 1);
  CHECK(fit.weights.weight(basket, "basket") == 1);
  CHECK(fit.weights.weight(basket, "sold") == 0);
  CHECK(fit.weights.weight(customer, "card") == 1);
  CHECK(fit.situations[1].cases == 15);
  CHECK(fit.situations[2].cases == 10);
  CHECK(fit.situations[1].ndcg == 1);
  CHECK(fit.situations[0].alone[1] == 0);

  LeaveOneOut strangers{ItemMask(4)};
  strangers.add(pair, 1, true);
  const auto known = fit_blend_weights(strangers, parts, {.k = 4, .candidates = 4});
  CHECK_FALSE(known.weights.knows(customer));  // no case, no weights
  CHECK(known.weights.weight(both, "basket") == 1);
  const auto viewed =
      fit_blend_weights(strangers, parts, {.k = 4, .candidates = 4}, std::array{session});
  CHECK(viewed.weights.knows(session));
  const std::vector<NamedScorer> twice{parts[0], parts[0]};
  CHECK_ERROR(fit_blend_weights(cases, twice), ErrorCode::duplicate, "PartWeights");
  CHECK_ERROR(fit_blend_weights(cases, parts, {.k = 0}), ErrorCode::invalid_argument, "k");
}

TEST_CASE("Weights by situation of a real shop hold on its later baskets") {
  const Receipts receipts = bodega_test::example_receipts();
  const auto split = split_by_time(receipts.baskets(), 0.2, 0.2);
  const Parts models(split.train);
  const std::vector<NamedScorer> parts = models.named();
  const ItemMask often = items_in_baskets(split.train);
  const LeaveOneOut valid(split.valid, often, {.max_cases = 1500}),
      test(split.test, often, {.max_cases = 1500});
  const auto fit = fit_blend_weights(valid, parts);
  REQUIRE(fit.situations.size() == 4);
  for (const FittedSituation& one : fit.situations) {
    INFO(name(one.situation) << ": NDCG " << one.ndcg << " of " << one.cases << " cases, alone "
                             << one.alone[0] << " " << one.alone[1] << " " << one.alone[2]);
    for (const double alone : one.alone) CHECK(one.ndcg >= alone);
    CHECK(one.gain.mean >= 0);
  }
  CHECK(fit.weights.weight(no_hint, "popularity") == 1);
  CHECK(fit.weights.weight(no_hint, "items") == 0);
  CHECK(fit.weights.weight(basket, "items") == 1);
  CHECK(fit.weights.weight(customer, "repeat") > 0);
  // A till is asked as `fit` was, and what it answers on later baskets is no worse than one blend
  // for all.
  const PartBlend blended = blend_of(parts, fit.weights);
  const auto of_all = blend(models.popularity, 0.3f, models.items, 1.0f, models.repeat, 1.0f);
  CHECK(evaluate_ranking(blended, test, {.k = 10}).ndcg.mean >
        evaluate_ranking(of_all, test, {.k = 10}).ndcg.mean - 0.005);
}

TEST_CASE("Weights by situation of a grocery's till baskets hold on its later ones") {
  const auto file = bodega_test::shared_data("groceries/baskets.csv.gz");
  if (!file) return;
  const std::string command = "gzip -dc '" + file->string() + "'";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> lines(popen(command.c_str(), "r"), pclose);
  REQUIRE(lines);
  std::vector<std::vector<std::uint32_t>> receipts;
  StringSet items;
  char number[64], item[64];
  std::string before;
  int count = 0;
  REQUIRE(std::fscanf(lines.get(), "%*[^\n]") == 0);  // basket_id,item_id,count
  while (std::fscanf(lines.get(), " %63[^,],%63[^,],%d", number, item, &count) == 3) {
    if (number != before) receipts.emplace_back();
    receipts.back().push_back(items.add(item));
    before = number;
  }
  REQUIRE(receipts.size() == 9835);
  Baskets train(items.size()), valid(items.size()), test(items.size());
  for (std::size_t b = 0; b < receipts.size(); ++b) {
    std::vector<ItemIndex> basket_items;
    for (const std::uint32_t one : receipts[b]) basket_items.emplace_back(one);
    (b < 7868 ? train : b < 8851 ? valid : test).add(Moment(Day(0)), {}, basket_items);
  }
  const Parts models(train);
  const auto parts = models.named();
  const ItemMask often = items_in_baskets(train);
  const auto fit = fit_blend_weights(LeaveOneOut(valid, often), parts);
  CHECK_FALSE(fit.weights.knows(customer));  // there are no cards
  REQUIRE(fit.situations.size() == 2);
  CHECK(fit.weights.weight(no_hint, "popularity") == 1);
  CHECK(fit.situations[1].gain.mean >= 0);
  const LeaveOneOut later(test, often);
  const double blended = evaluate_ranking(blend_of(parts, fit.weights), later, {}).ndcg.mean;
  INFO("NDCG@10 of later baskets " << blended);
  CHECK(blended > evaluate_ranking(models.popularity, later, {}).ndcg.mean);
  CHECK(blended > evaluate_ranking(models.items, later, {}).ndcg.mean - 0.002);
}
